package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// checkUnit runs every package's tests, on SQLite and on a PostgreSQL of their
// own.
func checkUnit(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	var t tally
	env := []string{}
	if c.get("CEIBA_TEST_POSTGRES") == "" {
		url, stop, err := c.startPostgres(ctx, w)
		var missing cannot
		switch {
		case errors.As(err, &missing):
			t.skips = append(t.skips, skip{"PostgreSQL tests", missing.why})
		case err != nil:
			return t, err
		default:
			defer stop()
			env = append(env, "CEIBA_TEST_POSTGRES="+url)
		}
	}
	if err := c.need(ctx, w, smtp); err != nil {
		t.skips = append(t.skips, skip{"mail tests", err.Error()})
	}
	if err := c.buildServers(ctx); err != nil {
		t.skips = append(t.skips, skip{"S3 tests", err.Error()})
	}
	got, err := c.goTest(ctx, w, env, "-p", "2", "-timeout", "15m", "./...")
	got.skips = append(t.skips, got.skips...)
	return got, err
}

// testEvent is one line of `go test -json`.
type testEvent struct {
	Action, Package, ImportPath, Test, Output string
}

// goTest runs go test, counts, and writes the output of what failed.
func (c *checkout) goTest(ctx context.Context, w io.Writer, env []string, args ...string) (tally, error) {
	cmd := c.command(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return tally{}, err
	}
	if err := cmd.Start(); err != nil {
		return tally{}, err
	}
	r := newTestReport()
	broken := r.read(pipe)
	err = cmd.Wait()
	r.write(w)
	if err != nil || broken != nil {
		fmt.Fprint(w, complaint.String())
	}
	t := r.tally(c.get("CEIBA_TESTDATA") == "none")
	switch {
	case len(r.failed) > 0:
		t.failed = len(r.failed)
		return t, fmt.Errorf("%d failed: %s", len(r.failed), strings.Join(r.failed, ", "))
	case err != nil:
		return t, explain(err, "go", []string{"test"})
	}
	return t, broken
}

// testReport gathers the events of a run.
type testReport struct {
	output   map[string][]string // by test, until it has passed
	parents  map[string]bool     // tests that have subtests: not counted themselves
	results  map[string]string   // by test: pass, fail, skip
	failed   []string            // tests, and packages that failed without one
	packages int
}

func newTestReport() *testReport {
	return &testReport{output: map[string][]string{}, parents: map[string]bool{}, results: map[string]string{}}
}

func (r *testReport) read(from io.Reader) error {
	dec := json.NewDecoder(from)
	for {
		var e testEvent
		if err := dec.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the output of go test: %w", err)
		}
		r.event(e)
	}
}

func (r *testReport) event(e testEvent) {
	name := strings.TrimPrefix(e.Package, "ceiba/")
	if e.Package == "" {
		name = strings.TrimPrefix(e.ImportPath, "ceiba/")
	}
	if e.Test != "" {
		name += "." + e.Test
		if i := strings.LastIndex(name, "/"); strings.Contains(e.Test, "/") {
			r.parents[name[:i]] = true
		}
	}
	switch e.Action {
	case "output", "build-output":
		r.output[name] = append(r.output[name], e.Output)
	case "pass", "skip", "fail", "build-fail":
		r.end(name, e)
	}
}

func (r *testReport) end(name string, e testEvent) {
	if e.Test == "" && e.Action != "build-fail" {
		r.packages++
	}
	if e.Test != "" {
		r.results[name] = e.Action
	}
	switch {
	case e.Action == "pass":
		delete(r.output, name)
	case e.Action == "build-fail", e.Action == "fail" && !r.failedWithin(name):
		r.failed = append(r.failed, name)
	}
}

// failedWithin reports whether a subtest, or a test of the package, failed
// already: the cause is named once.
func (r *testReport) failedWithin(name string) bool {
	for _, f := range r.failed {
		if strings.HasPrefix(f, name+"/") || strings.HasPrefix(f, name+".") || f == name || strings.HasPrefix(f, name+" [") {
			return true
		}
	}
	return false
}

// write shows the output of what failed.
func (r *testReport) write(w io.Writer) {
	for _, name := range r.failed {
		fmt.Fprintf(w, "--- %s\n", name)
		lines := r.output[name]
		if cut := len(lines) - 80; cut > 0 {
			fmt.Fprintf(w, "… %d lines left out\n", cut)
			lines = lines[cut:]
		}
		for _, line := range lines {
			if !strings.HasPrefix(line, "=== ") {
				fmt.Fprint(w, line)
			}
		}
	}
}

// tally counts. Skips that were asked for are none: a gate's full form, and
// test data where CEIBA_TESTDATA says none.
func (r *testReport) tally(noData bool) tally {
	t := tally{}
	for name, result := range sorted(r.results) {
		if r.parents[name] && result != "skip" {
			continue
		}
		switch result {
		case "pass":
			t.passed++
		case "skip":
			why := r.reason(name)
			if strings.Contains(why, "CEIBA_GATE") || noData && (strings.Contains(why, "CEIBA_TESTDATA") || strings.Contains(why, "test data")) {
				continue
			}
			t.skips = append(t.skips, skip{name, why})
		}
	}
	t.figure = fmt.Sprintf("%d tests in %d packages", t.passed, r.packages)
	return t
}

// reason is what a skipped test said: "file.go:12: why" less its place.
func (r *testReport) reason(name string) string {
	why := "no reason given"
	for _, line := range r.output[name] {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, said, ok := strings.Cut(line, ".go:"); ok {
			if _, said, ok = strings.Cut(said, ": "); ok {
				why = said
			}
		}
	}
	return why
}
