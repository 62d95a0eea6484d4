// Package away is the gate postgres-away: it takes the database away from a
// running Ceiba, again and again, while people read and programs write over
// HTTP. It ends PostgreSQL at once, ends only its connections, and freezes it, so
// that connections hang.
//
// Every answer in the meantime must come soon, and be the page, or 503 with a
// sentence. Afterwards the same process must serve again, finish the job that
// was begun before, and hold every acknowledged write exactly once, in a log
// without gaps and a ledger that verifies.
//
// It needs Linux. It looks at one node, and neither at uploads nor at pages for
// people who are signed in.
package away

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"ceiba/dev/cluster"
	"ceiba/dev/server"
)

// Means are what the gate works with.
type Means struct {
	Command  cluster.Command
	Ceiba    string // the program
	Postgres string // the folder of PostgreSQL's programs
}

// Run goes through every kind of outage rounds times, and returns what it
// measured. In the second round PostgreSQL freezes for longer than the site
// waits for anything.
func Run(ctx context.Context, m Means, rounds int) (figure string, err error) {
	s, err := open(ctx, m)
	if err != nil {
		return "", err
	}
	defer s.close()
	crowd := s.gather(ctx)
	defer crowd.leave()
	for i := range rounds {
		for _, o := range outages {
			if i == 1 && o.name == frozen {
				o.gone = 50 * time.Second // longer than the site waits for anything
			}
			if err := s.suffer(ctx, crowd, o); err != nil {
				return "", fmt.Errorf("round %d, %s: %w", i+1, o.name, errors.Join(err, crowd.complaint()))
			}
		}
	}
	crowd.leave()
	if err := errors.Join(crowd.complaint(), s.nothingLost(ctx, crowd)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d times away and back: %s", rounds*len(outages), crowd), nil
}

// siege is a Ceiba over a cluster that comes and goes.
type siege struct {
	*server.Server
	m       Means
	cluster *cluster.Cluster
	url     string // of the database
	data    string
	key     string // of the API
	org     string
	tables  []string // resources that were imported
}

// open starts the cluster and, over it, the site with one table.
func open(ctx context.Context, m Means) (_ *siege, err error) {
	addr, err := server.FreePort()
	if err != nil {
		return nil, err
	}
	port := addr[strings.LastIndexByte(addr, ':')+1:]
	s := &siege{m: m, url: "postgres://ceiba@" + addr + "/postgres?sslmode=disable"}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.cluster, err = cluster.New(ctx, m.Command, m.Postgres, port); err != nil {
		return nil, err
	}
	if err = s.arise(ctx); err != nil {
		return nil, err
	}
	if s.data, err = os.MkdirTemp("", "ceiba-away-"); err != nil {
		return nil, err
	}
	first, err := s.importTable(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.ceiba(ctx, "user", "add", "away@example.org", "--role", "official", "--org", "Away", "--api-key")
	if err != nil {
		return nil, err
	}
	s.key = strings.TrimSpace(out)
	if s.org, err = s.cluster.Ask(ctx, "SELECT org FROM dataset WHERE id = '"+first.Dataset+"'"); err != nil {
		return nil, err
	}
	if addr, err = server.FreePort(); err != nil {
		return nil, err
	}
	s.Server, err = server.Start(ctx, addr, "/readyz", time.Minute, m.Command(ctx, m.Ceiba, s.at("serve", "--listen", addr, "--limits", "off")...))
	return s, err
}

// arise starts the cluster as an office would run it: what it acknowledges is
// on the disk.
func (s *siege) arise(ctx context.Context) error {
	return s.cluster.Start(ctx, "listen_addresses=127.0.0.1", "max_connections=100")
}

// at adds to the arguments of a command where the site is.
func (s *siege) at(args ...string) []string {
	return append(args, "--data", s.data, "--database", s.url, "--log-level", "error")
}

// ceiba runs a command beside the server.
func (s *siege) ceiba(ctx context.Context, args ...string) (string, error) {
	cmd := s.m.Command(ctx, s.m.Ceiba, s.at(args...)...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ceiba %s: %w: %s", args[0], err, complaint.String())
	}
	return string(out), nil
}

// imported is what the import command tells.
type imported struct{ Dataset, Resource string }

// importTable publishes a table, which leaves the server the job to make its
// indexes.
func (s *siege) importTable(ctx context.Context) (imported, error) {
	n := len(s.tables)
	var b strings.Builder
	b.WriteString("place,amount,note\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "Belmopan,%d,row %d of table %d\n", i*n, i, n)
	}
	file := filepath.Join(s.data, fmt.Sprintf("table-%d.csv", n))
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		return imported{}, err
	}
	var im imported
	out, err := s.ceiba(ctx, "import", "table", file, "--title", fmt.Sprintf("Table %d", n), "--org", "Away")
	if err == nil {
		err = json.Unmarshal([]byte(out), &im)
	}
	s.tables = append(s.tables, im.Resource)
	return im, err
}

func (s *siege) close() {
	if s.Server != nil {
		s.Stop()
	}
	if s.cluster != nil {
		s.cluster.Remove()
	}
	os.RemoveAll(s.data)
}

// An outage is one way to lose the database.
type outage struct {
	name string
	gone time.Duration // how long it stays away; 0 where it only stumbles
	take func(ctx context.Context, s *siege) error
	back func(ctx context.Context, s *siege) error
}

const frozen = "PostgreSQL frozen"

var outages = []outage{
	{"PostgreSQL ended", 3 * time.Second, func(_ context.Context, s *siege) error {
		s.cluster.End(syscall.SIGQUIT)
		return nil
	}, func(ctx context.Context, s *siege) error { return s.arise(ctx) }},
	{"its connections ended", 0, func(ctx context.Context, s *siege) error {
		_, err := s.cluster.Ask(ctx, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
		return err
	}, nil},
	{frozen, 5 * time.Second, func(_ context.Context, s *siege) error {
		return s.cluster.Signal(syscall.SIGSTOP)
	}, func(_ context.Context, s *siege) error { return s.cluster.Signal(syscall.SIGCONT) }},
}

// suffer goes through one outage.
func (s *siege) suffer(ctx context.Context, crowd *crowd, o outage) error {
	if _, err := s.importTable(ctx); err != nil {
		return err
	}
	if err := crowd.progress(ctx, "before it"); err != nil {
		return err
	}
	if err := o.take(ctx, s); err != nil {
		return err
	}
	if o.back != nil {
		seen := s.sit(ctx, crowd, o)
		if err := errors.Join(o.back(ctx, s), seen); err != nil {
			return err
		}
	}
	if err := within(ctx, 30*time.Second, "/readyz to say that the database is back", func() bool { return s.Answers("/readyz") }); err != nil {
		return err
	}
	if err := crowd.progress(ctx, "after it"); err != nil {
		return err
	}
	return s.jobsDone(ctx)
}

// sit waits while the database is away, and sees that the site says so.
func (s *siege) sit(ctx context.Context, crowd *crowd, o outage) error {
	begun, before := time.Now(), crowd.told()
	if err := within(ctx, 10*time.Second, "/readyz to say that the database is away", func() bool { return crowd.status("/readyz") == 503 }); err != nil {
		return err
	}
	if !s.Answers("/healthz") {
		return errors.New("/healthz does not answer, as if the process were ill")
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(max(0, o.gone-time.Since(begun))):
	}
	return within(ctx, 60*time.Second, "somebody to be told that the database is away", func() bool { return crowd.told() > before })
}

// jobsDone waits until the server has made the indexes of every table.
func (s *siege) jobsDone(ctx context.Context) error {
	last := ""
	err := within(ctx, 3*time.Minute, "the jobs to go on", func() bool {
		for _, id := range s.tables {
			text, err := s.Get("/api/v1/resources/" + id)
			if last = text; err != nil || !strings.Contains(text, `"derived":"ready"`) {
				return false
			}
		}
		return true
	})
	if err == nil {
		return nil
	}
	jobs, _ := s.cluster.Ask(ctx, "SELECT kind, state, tries, lost, error FROM job WHERE state <> 'done'")
	return fmt.Errorf("%w\n%s\njobs:\n%s", err, last, jobs)
}

// within waits for something that must come.
func within(ctx context.Context, limit time.Duration, what string, ok func() bool) error {
	for deadline := time.Now().Add(limit); !ok(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s in vain for %s", limit, what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// nothingLost looks for every acknowledged write: by its key, which must give
// the same id again, and in the database, where it must be once.
func (s *siege) nothingLost(ctx context.Context, crowd *crowd) error {
	for key, id := range crowd.acked {
		again, _, err := crowd.create(ctx, key)
		if err != nil || again != id {
			return fmt.Errorf("the write %s was acknowledged as %s; repeated, its key gives %q (%v)", key, id, again, err)
		}
	}
	if err := s.oncePerTitle(ctx, crowd); err != nil {
		return err
	}
	if err := within(ctx, time.Minute, "every entry to be numbered and heard of", func() bool {
		n, err := s.cluster.Ask(ctx, `SELECT (SELECT count(*) FROM activity WHERE seq IS NULL) +
			(SELECT count(*) FROM activity_cursor WHERE seq < (SELECT max(seq) FROM activity))`)
		return err == nil && n == "0"
	}); err != nil {
		return err
	}
	gaps, err := s.cluster.Ask(ctx, "SELECT max(seq) - count(DISTINCT seq) FROM activity")
	if err != nil || gaps != "0" {
		return fmt.Errorf("the log of activity has %s gaps (%v)", gaps, err)
	}
	dead, err := s.cluster.Ask(ctx, "SELECT kind, error FROM job WHERE state = 'dead'")
	if err != nil || dead != "" {
		return fmt.Errorf("jobs gave up: %s (%v)", dead, err)
	}
	if out, err := s.ceiba(ctx, "verify"); err != nil {
		return fmt.Errorf("ceiba verify: %w\n%s", err, out)
	}
	return nil
}

// oncePerTitle compares what was acknowledged with the table of datasets.
func (s *siege) oncePerTitle(ctx context.Context, crowd *crowd) error {
	rows, err := s.cluster.Ask(ctx, "SELECT title || '=' || min(id) || '=' || count(*) FROM dataset WHERE title LIKE 'away-%' GROUP BY title")
	if err != nil {
		return err
	}
	found := map[string]string{}
	for line := range strings.Lines(rows) {
		title, rest, _ := strings.Cut(strings.TrimSpace(line), "=")
		found[title] = rest
	}
	for key, id := range crowd.acked {
		if found[key] != id+"=1" {
			return fmt.Errorf("the write %s was acknowledged as %s; the database has %q", key, id, found[key])
		}
	}
	if extra := len(found) - len(crowd.acked); extra > crowd.open {
		return fmt.Errorf("%d datasets are there that nobody asked for", extra-crowd.open)
	}
	return nil
}
