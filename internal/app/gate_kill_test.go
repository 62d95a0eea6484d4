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
	"sync"
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

// promises are the writes that the program acknowledged.
type promises struct {
	mu       sync.Mutex
	datasets []string
	tables   []string // uploaded
	releases []string // whose publication was accepted
	asked    int
}

func (p *promises) keep(list *[]string, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*list = append(*list, id)
}

// the rows of every table of the crash loop
const crashRows = 400

func crashTable() []byte {
	var b strings.Builder
	b.WriteString("place,amount,note\n")
	for i := range crashRows {
		fmt.Fprintf(&b, "Belmopan,%d,row %d of a table that is killed\n", i, i)
	}
	return []byte(b.String())
}

// TestGateKilledServer kills the program without warning, again and again,
// while people make datasets, upload and publish, and starts it anew: every
// write that was acknowledged is there, every publication that was accepted is
// finished by itself, nobody ever sees half a version, and in the end the
// ledger verifies. 3 kills in small, 50 in full (issue 2, 6).
func TestGateKilledServer(t *testing.T) {
	kills := 3
	if full() {
		kills = 50
	}
	data := filepath.Join(t.TempDir(), "data")
	n := startNode(t, "--data", data)
	org := n.organisation(n.enter("editor"))
	var p promises
	for i := range kills {
		n.torment(org, &p, time.Duration(150+rand.IntN(900))*time.Millisecond)
		n = startNode(t, "--data", data)
		n.kept(&p, i == kills-1)
	}
	n.stop()
	if out, err := ceiba(t, "verify", "--data", data); err != nil {
		t.Errorf("after %d kills the ledger does not verify: %v\n%s", kills, err, out)
	}
	t.Logf("figure: %d kills among %d writes: %d datasets, %d uploads and %d publications acknowledged, 0 lost", kills, p.asked, len(p.datasets), len(p.tables), len(p.releases))
	if len(p.datasets) < kills || len(p.tables) < kills || len(p.releases) == 0 {
		t.Errorf("too little was acknowledged to prove anything: %d datasets, %d uploads, %d publications", len(p.datasets), len(p.tables), len(p.releases))
	}
}

// organisation is the one in which the demonstration's editor works: the form
// of a new dataset names it.
func (n *node) organisation(v *visitor) string {
	n.t.Helper()
	root, err := html.Parse(strings.NewReader(n.once(v, ask{path: "/datasets/new"}).body))
	must(n.t, err)
	for d := range root.Descendants() {
		if attr(d, "name") == "org" {
			if d.Data == "select" {
				return chosenOption(d)
			}
			return attr(d, "value")
		}
	}
	n.t.Fatal("the form of a new dataset names no organisation")
	return ""
}

// torment writes from several sides, and kills the program after a while.
func (n *node) torment(org string, p *promises, after time.Duration) {
	n.t.Helper()
	v := n.enter("editor")
	var writers sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	for w := range 3 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if err := n.publishOne(v, org, fmt.Sprintf("crash-%d-%d", w, i), p); err != nil {
					return
				}
			}
		})
	}
	time.Sleep(after)
	n.kill()
	stop()
	writers.Wait()
}

// publishOne makes a dataset with a table and asks to publish it, noting what
// was acknowledged. It ends with an error when the program is gone.
func (n *node) publishOne(v *visitor, org, title string, p *promises) error {
	send := func(a ask, before, behind string) (string, error) {
		p.mu.Lock()
		p.asked++
		p.mu.Unlock()
		r, err := n.try(v, a)
		if err != nil {
			return "", err
		}
		id, ok := strings.CutPrefix(r.header.Get("Location"), before)
		if r.status != 303 || !ok {
			return "", fmt.Errorf("status %d", r.status)
		}
		return strings.TrimSuffix(id, behind), nil
	}
	d, err := send(ask{method: "POST", path: "/datasets", form: datasetForm(org, title)}, "/dataset/", "/add")
	if err != nil {
		return err
	}
	p.keep(&p.datasets, d)
	body, typ := multi(n.t, "t.csv", crashTable(), map[string]string{"title": title})
	table, err := send(ask{method: "POST", path: "/dataset/" + d + "/add", body: body, typ: typ}, "/resource/", "/work")
	if err != nil {
		return err
	}
	p.keep(&p.tables, table)
	for range 40 {
		r, err := n.try(v, ask{path: "/resource/" + table + "/progress"})
		if err != nil {
			return err
		}
		if strings.Contains(r.body, `"done"`) && strings.Contains(r.body, "href") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err = send(ask{method: "POST", path: "/resource/" + table + "/publish", form: datasetForm(org, title)}, "/resource/", "/work"); err == nil {
		p.keep(&p.releases, table)
	}
	return err
}

// kept looks for everything that was acknowledged. last asks for everything
// since the beginning, otherwise for the newest.
func (n *node) kept(p *promises, last bool) {
	n.t.Helper()
	v := n.enter("editor")
	newest := func(ids []string) []string {
		if last {
			return ids
		}
		return ids[max(0, len(ids)-30):]
	}
	for _, d := range newest(p.datasets) {
		if r := n.patient(v, "/api/v1/datasets/"+d); r.status != 200 {
			n.t.Errorf("LOST: the dataset %s was acknowledged and answers %d", d, r.status)
		}
	}
	for _, id := range newest(p.tables) {
		if r := n.patient(v, "/api/v1/resources/"+id); r.status != 200 {
			n.t.Errorf("LOST: the upload %s was acknowledged and answers %d", id, r.status)
		}
		n.wholeOrNothing(v, id)
	}
	for _, id := range newest(p.releases) {
		n.until("the publication of "+id+" to be finished after the kill", func() bool { return n.wholeOrNothing(v, id) })
	}
}

// wholeOrNothing reports whether a table is published; a part of one is a
// fault.
func (n *node) wholeOrNothing(v *visitor, id string) bool {
	n.t.Helper()
	r := n.patient(v, "/api/v1/resources/"+id+"/rows?limit=1&total=true")
	if r.status == 404 {
		return false
	}
	if r.status != 200 || !strings.Contains(r.body, fmt.Sprintf(`"total":%d`, crashRows)) {
		n.t.Errorf("HALF: the table %s answers %d %.200s", id, r.status, r.body)
	}
	return true
}

// patient asks again where it asked too much.
func (n *node) patient(v *visitor, path string) gateReply {
	n.t.Helper()
	for {
		if r := n.once(v, ask{path: path}); r.status != http.StatusTooManyRequests {
			return r
		}
		time.Sleep(200 * time.Millisecond)
	}
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
