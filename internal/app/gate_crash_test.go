package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ceiba/internal/ground/db"
)

// promises are the writes that the program acknowledged.
type promises struct {
	mu       sync.Mutex
	datasets []string
	tables   []string          // uploaded
	releases []string          // whose publication was accepted
	imports  []string          // resources that the command said are published
	keys     map[string]string // ids of datasets by Idempotency-Key
	asked    int
}

func (p *promises) keepKey(key, id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys[key] = id
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

// TestGateCrashServer kills the program without warning, again and again, while
// people make datasets, upload and publish, programs write with an
// Idempotency-Key and the import command runs, and starts it anew. Every write
// that was acknowledged is there, and its key gives the same answer again; every
// publication that was accepted is finished by itself, with every row as it was
// handed in; nobody ever sees half a version; no temporary file stays; in the
// end no job hangs, the log of activity has no gap and the ledger verifies. 5
// kills in small, 50 in full (issue 2, 6).
func TestGateCrashServer(t *testing.T) {
	kills := 5
	if full() {
		kills = 50
	}
	data := filepath.Join(t.TempDir(), "data")
	start := func() *node { return startNode(t, "--data", data, "--limits", "off") }
	n := start()
	c := n.crashSite(data)
	for i := range kills {
		n.torment(c, time.Duration(300+rand.IntN(1200))*time.Millisecond)
		n = start()
		n.swept(c)
		n.kept(c, i == kills-1)
	}
	n.indexed(c)
	n.stop()
	c.settled(t)
	if out, err := ceiba(t, "verify", "--data", data); err != nil {
		t.Errorf("after %d kills the ledger does not verify: %v\n%s", kills, err, out)
	}
	t.Logf("figure: %d kills among %d writes: %d datasets, %d by API, %d uploads, %d imports and %d publications acknowledged, 0 lost",
		kills, c.asked, len(c.datasets), len(c.keys), len(c.tables), len(c.imports), len(c.releases))
	if len(c.datasets) < kills || len(c.tables) < kills || len(c.keys) < kills || len(c.releases) == 0 || full() && len(c.imports) == 0 {
		t.Errorf("too little was acknowledged to prove anything: %d datasets, %d by API, %d uploads, %d imports, %d publications",
			len(c.datasets), len(c.keys), len(c.tables), len(c.imports), len(c.releases))
	}
}

// crashSite is what the crash loop works with.
type crashSite struct {
	promises
	data, file string
	org        string // of the editor
	program    *visitor
	programOrg string
	csv        string // the table as it must be read again
}

// crashSite imports the table once in peace, to know how it must read, and makes
// the programs' API key.
func (n *node) crashSite(data string) *crashSite {
	n.t.Helper()
	c := &crashSite{data: data, file: filepath.Join(n.t.TempDir(), "t.csv"), org: n.organisation(n.enter("editor"))}
	c.keys = map[string]string{}
	must(n.t, os.WriteFile(c.file, crashTable(), 0o600))
	made, err := c.importTable(n.t, "in peace")
	must(n.t, err)
	nobody := &visitor{kind: "nobody", address: "10.9.9.9"}
	c.csv = n.patient(nobody, "/resource/"+made.Resource+"/download?format=csv").body
	if lines := strings.Count(c.csv, "\n"); lines != crashRows+1 {
		n.t.Fatalf("the table has %d lines, not %d", lines, crashRows+1)
	}
	var d struct{ Org string }
	must(n.t, json.Unmarshal([]byte(n.patient(nobody, "/api/v1/datasets/"+made.Dataset).body), &d))
	key, err := program(n.t.Context(), "user", "add", "crash@example.org", "--role", "official", "--org", "Crash Council", "--api-key", "--data", data).Output()
	must(n.t, err)
	c.program, c.programOrg = &visitor{kind: "program", key: strings.TrimSpace(string(key)), address: "10.8.8.8"}, d.Org
	return c
}

// importTable runs the import command, which the server carries out while there
// is one.
func (c *crashSite) importTable(t testing.TB, title string) (made tableResult, err error) {
	out, err := program(t.Context(), "import", "table", c.file, "--title", title, "--org", "Crash Council", "--data", c.data, "--log-level", "error").Output()
	if err != nil {
		return made, err
	}
	return made, json.Unmarshal(out, &made)
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
func (n *node) torment(c *crashSite, after time.Duration) {
	n.t.Helper()
	v := n.enter("editor")
	var writers sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	many := func(side string, write func(name string) error) {
		round := fmt.Sprint(rand.Uint32())
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				if write(fmt.Sprintf("crash-%s-%s-%d", side, round, i)) != nil {
					return
				}
			}
		})
	}
	for range 2 {
		many("page", func(name string) error { return n.publishOne(v, c.org, name, &c.promises) })
	}
	many("api", func(name string) error {
		id, err := n.create(c, name)
		if err == nil {
			c.keepKey(name, id)
		}
		return err
	})
	many("import", func(name string) error {
		made, err := c.importTable(n.t, name)
		if err == nil {
			c.keep(&c.imports, made.Resource)
			c.keep(&c.releases, made.Resource)
		}
		return err
	})
	time.Sleep(after)
	stop() // no import begins after the kill: it would be a server of its own
	n.kill()
	writers.Wait()
}

// create makes a dataset by the API, under an Idempotency-Key.
func (n *node) create(c *crashSite, key string) (id string, err error) {
	r, err := n.try(c.program, ask{
		method: "POST", path: "/api/v1/datasets", json: map[string]string{"org": c.programOrg, "title": key},
		header: map[string]string{"Idempotency-Key": key},
	})
	if err != nil {
		return "", err
	}
	if r.status != http.StatusCreated {
		return "", fmt.Errorf("status %d: %.200s", r.status, r.body)
	}
	var made struct{ ID string }
	err = json.Unmarshal([]byte(r.body), &made)
	return made.ID, err
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
func (n *node) kept(c *crashSite, last bool) {
	n.t.Helper()
	v := n.enter("editor")
	newest := func(ids []string) []string {
		if last {
			return ids
		}
		return ids[max(0, len(ids)-30):]
	}
	for _, d := range newest(c.datasets) {
		if r := n.patient(v, "/api/v1/datasets/"+d); r.status != 200 {
			n.t.Errorf("LOST: the dataset %s was acknowledged and answers %d", d, r.status)
		}
	}
	for _, key := range newest(slices.Sorted(maps.Keys(c.keys))) {
		if again, err := n.create(c, key); err != nil || again != c.keys[key] {
			n.t.Errorf("LOST: the write %s was acknowledged as %s and gives %q now (%v)", key, c.keys[key], again, err)
		}
	}
	for _, id := range newest(c.tables) {
		if r := n.patient(v, "/api/v1/resources/"+id); r.status != 200 {
			n.t.Errorf("LOST: the upload %s was acknowledged and answers %d", id, r.status)
		}
		n.wholeOrNothing(v, id)
	}
	for _, id := range newest(c.imports) {
		if !n.wholeOrNothing(c.program, id) {
			n.t.Errorf("LOST: the import %s was acknowledged and is not published", id)
		}
	}
	for _, id := range newest(c.releases) {
		as := v
		if slices.Contains(c.imports, id) {
			as = c.program
		}
		n.untilLong("the publication of "+id+" to be finished after the kill", func() bool { return n.wholeOrNothing(as, id) })
		if got := n.patient(as, "/resource/"+id+"/download?format=csv"); last && got.body != c.csv {
			n.t.Errorf("HALF: the table %s reads otherwise than it was handed in: %d %.200s", id, got.status, got.body)
		}
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

// indexed waits until the server has made the indexes of what was published.
func (n *node) indexed(c *crashSite) {
	n.t.Helper()
	v := n.enter("editor")
	for _, id := range c.releases {
		as := v
		if slices.Contains(c.imports, id) {
			as = c.program
		}
		n.untilLong("the indexes of "+id, func() bool {
			return strings.Contains(n.patient(as, "/api/v1/resources/"+id).body, `"derived":"ready"`)
		})
	}
}

// swept waits until nothing is left of what was in the making when the program
// was killed: what the new one makes by itself ends too.
func (n *node) swept(c *crashSite) {
	n.t.Helper()
	n.untilLong("temporary files to go: "+strings.Join(c.leftovers(n.t), ", "), func() bool { return len(c.leftovers(n.t)) == 0 })
}

// leftovers lists the files that stand for something unfinished, save the folder
// to which open tables spill.
func (c *crashSite) leftovers(t testing.TB) (left []string) {
	t.Helper()
	for _, pattern := range []string{"files/tmp/*", "files/cache/fill-*", "cache/fill-*", "cache/tmp/*", "work/*", ".*", "*.new", "files/objects/*/*.tmp*"} {
		found, err := filepath.Glob(filepath.Join(c.data, pattern))
		must(t, err)
		for _, f := range found {
			if !strings.HasPrefix(filepath.Base(f), "table-") {
				left = append(left, f)
			}
		}
	}
	return left
}

// settled looks into the database of the stopped program.
func (c *crashSite) settled(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, filepath.Join(c.data, "ceiba.db"))
	must(t, err)
	defer d.Close()
	for what, q := range map[string]string{
		"versions are half published":               `SELECT count(*) FROM shelf_version WHERE (state = 'published') <> (n IS NOT NULL AND coalesce(files, '') <> '')`,
		"published versions lack rows":              fmt.Sprintf(`SELECT count(*) FROM shelf_version WHERE state = 'published' AND name = 't.csv' AND row_count <> %d`, crashRows),
		"entries are missing in the log":            `SELECT max(seq) - count(DISTINCT seq) FROM activity`,
		"entries have no number":                    `SELECT count(*) FROM activity WHERE seq IS NULL`,
		"jobs hang with no process":                 `SELECT count(*) FROM job WHERE state = 'running'`,
		"jobs gave up without a word":               `SELECT count(*) FROM job WHERE state = 'dead' AND error = ''`,
		"datasets are there twice":                  `SELECT count(*) - count(DISTINCT title) FROM dataset WHERE title LIKE 'crash-api-%'`,
		"versions wait for a job that is not there": `SELECT count(*) FROM shelf_version v WHERE state IN ('received', 'building') AND NOT EXISTS (SELECT 1 FROM job WHERE id = v.job AND state IN ('queued', 'dead'))`,
	} {
		must(t, d.View(ctx, func(tx *db.Tx) error {
			n, err := db.Get(ctx, tx, db.One[int], q)
			if n != 0 {
				t.Errorf("%d %s", n, what)
			}
			return err
		}))
	}
	if left := c.leftovers(t); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
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
