package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/blob/s3test"
)

// node is a Ceiba in a process of its own.
type node struct {
	*house
	cmd   *exec.Cmd
	ended chan struct{}
}

// ceiba runs a command in a process of its own until it ends.
func ceiba(t testing.TB, args ...string) (string, error) {
	t.Helper()
	cmd := program(t.Context(), args...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// program is this binary under the name by which TestMain (command_test.go)
// makes it the program itself.
func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Args = append([]string{"ceiba"}, args...)
	return cmd
}

// startNode serves the demonstration from a process and waits until it is
// ready.
func startNode(t testing.TB, args ...string) *node {
	t.Helper()
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := probe.Addr().String()
	probe.Close()
	n := &node{house: &house{t: t, url: "http://" + address, said: &journal{}}, ended: make(chan struct{})}
	n.cmd = program(context.Background(), append([]string{"serve", "--demo", "--listen", address, "--trusted-proxies", "127.0.0.1", "--log-level", "error"}, args...)...)
	n.cmd.Stdout, n.cmd.Stderr = n.said, n.said
	must(t, n.cmd.Start())
	go func() { n.cmd.Wait(); close(n.ended) }()
	t.Cleanup(n.kill)
	n.until("the program to start", func() bool {
		select {
		case <-n.ended:
			t.Fatalf("the program ended at once:\n%s", n.said.tail())
		default:
		}
		r, err := n.try(&visitor{kind: "nobody", address: "10.0.0.1"}, ask{path: "/readyz"})
		return err == nil && r.status == 200
	})
	return n
}

// kill ends the process without warning.
func (n *node) kill() {
	n.cmd.Process.Kill()
	<-n.ended
}

// stop ends the process as an operator does.
func (n *node) stop() {
	n.t.Helper()
	must(n.t, n.cmd.Process.Signal(os.Interrupt))
	select {
	case <-n.ended:
	case <-time.After(30 * time.Second):
		n.t.Error("the program does not end within 30 s of being asked to")
		n.kill()
	}
}

// enter signs in on the demonstration's page.
func (n *node) enter(role string) *visitor {
	n.t.Helper()
	v := &visitor{kind: role, address: fmt.Sprintf("10.%d.%d.%d", rand.IntN(256), rand.IntN(256), rand.IntN(256))}
	page := n.once(v, ask{path: "/demo/sign-in", header: map[string]string{"Accept-Language": "en"}})
	root, err := html.Parse(strings.NewReader(page.body))
	must(n.t, err)
	for f := range root.Descendants() {
		if f.Data != "form" || attr(f, "action") != "/demo/sign-in" || !strings.Contains(strings.ToLower(textOf(f)), role) {
			continue
		}
		a := (&crawler{house: n.house}).filled(f, "/demo/sign-in", "")
		for _, c := range (&http.Response{Header: n.once(v, a).header}).Cookies() {
			if c.Name == "ceiba_dev" {
				v.token = c.Value
			}
		}
	}
	if v.token == "" {
		n.t.Fatalf("nobody can sign in as %s:\n%s", role, visible(page.body))
	}
	return v
}

// textOf is the text below a node.
func textOf(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

// TestGateTwoNodes runs two processes over one PostgreSQL and one store of
// files: what is published on one is read on the other, and when one is killed
// the other goes on with its work (issue 2, 7.3).
func TestGateTwoNodes(t *testing.T) {
	t.Run("folder", func(t *testing.T) { twoNodes(t, filepath.Join(t.TempDir(), "files")) })
	t.Run("s3", func(t *testing.T) { twoNodes(t, s3test.Start(t)) })
}

func twoNodes(t *testing.T, files string) {
	url, keys := dbtest.Postgres(t), t.TempDir()
	start := func(name string) *node {
		return startNode(t, "--data", filepath.Join(t.TempDir(), name), "--database", url, "--blob", files,
			"--secret-file", filepath.Join(keys, "secret.key"), "--ledger-key", filepath.Join(keys, "ledger.key"))
	}
	a := start("a")
	b := start("b")
	va := a.enter("editor")
	org := a.organisation(va)
	var p promises
	must(t, a.publishOne(va, org, "two-nodes", &p))
	d, table := p.datasets[0], p.tables[0]
	vb := &visitor{kind: "editor", address: va.address, token: va.token} // the same session at the other door
	b.until("the table to be published on one node and read on the other", func() bool { return b.wholeOrNothing(vb, table) })
	if r := a.once(va, ask{method: "POST", path: "/dataset/" + d + "/move", form: movedTo("published", a, va, d)}); r.status != 303 {
		t.Fatalf("publishing the dataset: %d", r.status)
	}
	nobody := &visitor{kind: "nobody", address: "10.9.9.9"}
	b.until("a citizen at the other node to see it", func() bool {
		return b.patient(nobody, "/dataset/"+d).status < 400 && strings.Contains(b.patient(nobody, "/datasets").body, "two-nodes")
	})
	must(t, a.publishOne(va, org, "left-behind", &p))
	a.kill()
	if err := a.cmd.ProcessState; err == nil {
		t.Error(errors.New("the node did not end"))
	}
	for _, id := range p.tables {
		b.untilLong("the other node to finish what the killed one began", func() bool { return b.wholeOrNothing(vb, id) })
	}
	if r := b.once(vb, ask{method: "POST", path: "/datasets", form: datasetForm(org, "alone")}); r.status != 303 {
		t.Errorf("the node that is left takes no writes: %d", r.status)
	}
	b.stop()
	t.Logf("figure: 2 nodes, 1 killed, %d tables whole", len(p.tables))
}

// untilLong waits for what follows a lease that ran out.
func (n *node) untilLong(what string, ok func() bool) {
	n.t.Helper()
	for range 4 {
		for range 500 {
			if ok() {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	n.until(what, ok)
}

// movedTo is the form that moves a dataset, at its present version.
func movedTo(state string, n *node, v *visitor, dataset string) map[string][]string {
	r := n.patient(v, "/api/v1/datasets/"+dataset)
	_, rest, _ := strings.Cut(r.body, `"version":`)
	version := strings.FieldsFunc(rest, func(c rune) bool { return c < '0' || c > '9' })
	return map[string][]string{"to": {state}, "version": {version[0]}, "reason": {""}}
}
