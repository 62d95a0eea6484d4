package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"ceiba/dev/bench/load"
	"ceiba/dev/server"
)

// The side-by-side part of bench: Ceiba and PocketBase, which is what many
// would pick instead, on the same machine, filled with the same million rows,
// asked the same by the same generator, in turns. Ours checks permissions and
// writes its log of activity; theirs has public rules.
//
// Requests per second depend on what else the machine does; the processor time
// a server spends on a request hardly does. Both are printed, each the best of
// the rounds, and a ratio is kept if either of them keeps it.
//
// CEIBA_BENCH_ROWS sets another number of rows, CEIBA_BENCH_SECONDS another
// length of a round (3), CEIBA_BENCH_ROUNDS another number of them (3).
type sideBySide struct {
	c            *checkout
	rows         int
	round        time.Duration
	rounds       int
	ours, theirs *server.Server
	item         imported
	key          string // of an API
	table        *tabwriter.Writer
	good, bad    int
}

func fromEnv(c *checkout, name string, otherwise int) int {
	if n, err := strconv.Atoi(c.get(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// sideBySideTable measures everything and prints one table.
func sideBySideTable(ctx context.Context, c *checkout) (good, bad int, err error) {
	if runtime.GOOS != "linux" {
		return 0, 0, cannot{"the comparison reads the processor time of servers from /proc, which only Linux has"}
	}
	s := &sideBySide{
		c: c, rows: fromEnv(c, "CEIBA_BENCH_ROWS", 1_000_000), rounds: fromEnv(c, "CEIBA_BENCH_ROUNDS", 3),
		round: time.Duration(fromEnv(c, "CEIBA_BENCH_SECONDS", 3)) * time.Second, table: newTable(os.Stdout),
	}
	dir, err := os.MkdirTemp("", "ceiba-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("Side by side with PocketBase %s, %d rows, 50 connections, %d rounds of %s, both durable (FULL).\nThe machine may have other work: trust processor time per request (cpu) and ratios.\n",
		pocketbaseVersion, s.rows, s.rounds, s.round)
	fmt.Fprintln(s.table, "what\tours\ttheirs\tratio\ttarget\t")
	if err := s.prepare(ctx, dir); err != nil {
		return 0, 0, err
	}
	defer func() { s.stop() }()
	if err := s.measure(ctx, dir); err != nil {
		return 0, 0, err
	}
	s.table.Flush()
	return s.good, s.bad, nil
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

func (s *sideBySide) stop() {
	for _, x := range []*server.Server{s.ours, s.theirs} {
		if x != nil {
			x.Stop()
		}
	}
}

// prepare builds both, fills both, and starts both.
func (s *sideBySide) prepare(ctx context.Context, dir string) error {
	if err := s.c.build(ctx); err != nil {
		return err
	}
	bin, err := s.c.pocketbase(ctx)
	if err != nil {
		return err
	}
	public, data, file := filepath.Join(dir, "public"), filepath.Join(dir, "data"), filepath.Join(dir, "items.csv")
	if err := os.MkdirAll(public, 0o755); err != nil {
		return err
	}
	if err := os.CopyFS(public, os.DirFS(s.c.path("web", "dist"))); err != nil {
		return err
	}
	if err := itemsFile(file, s.rows); err != nil {
		return err
	}
	if s.item, err = s.c.importItems(ctx, data, file); err != nil {
		return err
	}
	if s.key, err = s.c.apiKey(ctx, data); err != nil {
		return err
	}
	if s.theirs, err = s.c.servePocketBase(ctx, bin, filepath.Join(dir, "pb"), public, s.rows); err != nil {
		return err
	}
	s.ours, err = s.c.serveCeiba(ctx, data)
	return err
}

func (s *sideBySide) measure(ctx context.Context, dir string) error {
	s.importSpeed(60_000)
	s.atMost("import table: peak MB", s.item.peakMB, 600)
	ready, err := s.derived(ctx)
	if err != nil {
		return err
	}
	s.atMost("indexes, full text, boxes, Parquet: s more", ready, 60)
	s.ours.Stop()
	if s.ours, err = s.c.serveCeiba(ctx, filepath.Join(dir, "data")); err != nil {
		return err
	}
	s.atMost("start with a filled database: s", s.ours.Started.Seconds(), 1)
	time.Sleep(3 * time.Second)
	s.atMost("idle memory: MB", s.ours.Memory(), 150)
	s.table.Flush()
	if err := s.contests(ctx); err != nil {
		return err
	}
	if err := s.questions(ctx); err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	s.atMost("memory after all of it: MB", s.ours.Memory(), 150) // bar P6
	return nil
}

// importSpeed is in rows a second. On a machine that gives us less than one
// processor, rows in a second of processor tell what a free one would do.
func (s *sideBySide) importSpeed(target float64) {
	rate, perCPU := float64(s.item.Rows)/s.item.seconds, float64(s.item.Rows)/s.item.cpu
	s.verdict("import table: rows/s", fmt.Sprintf("%.0f/s, %.0f in a second of processor", rate, perCPU), "", "", "≥ "+figure(target), max(rate, perCPU) >= target)
}

// derived waits until the table has everything, and tells how long that took
// from the start of the server.
func (s *sideBySide) derived(ctx context.Context) (float64, error) {
	begun := time.Now()
	for ctx.Err() == nil && time.Since(begun) < 10*time.Minute {
		text, err := s.ours.Get("/api/v1/resources/" + s.item.Resource + "?" + strconv.FormatInt(time.Now().UnixNano(), 36))
		if err != nil {
			return 0, err
		}
		if strings.Contains(text, `"derived":"ready"`) {
			return time.Since(begun).Seconds(), nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return 0, errors.New("the table's indexes are not ready after 10 minutes")
}

// verdict prints one line and counts it.
func (s *sideBySide) verdict(what, ours, theirs, ratio, target string, kept bool) {
	word := map[bool]string{true: "ok", false: "FALLS SHORT"}[kept]
	switch {
	case target == "" && kept:
		word = "" // for information
	case kept:
		s.good++
	default:
		s.bad++
	}
	fmt.Fprintf(s.table, "%s\t%s\t%s\t%s\t%s\t%s\n", what, ours, theirs, ratio, target, word)
}

func (s *sideBySide) atMost(what string, v, limit float64) {
	s.verdict(what, figure(v), "", "", "≤ "+figure(limit), v <= limit)
}

// figure writes a number with the digits that mean something.
func figure(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 1:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// A measured is the best that one server showed in one contest.
type measured struct {
	perSecond float64
	cpu       time.Duration // of the server, for a request
	p99       time.Duration
}

func (m measured) String() string {
	return fmt.Sprintf("%.0f/s cpu %d µs p99 %.1f ms", m.perSecond, m.cpu.Microseconds(), float64(m.p99.Microseconds())/1000)
}

// better keeps the best figure of each sort.
func (m measured) better(o measured) measured {
	if m.perSecond == 0 {
		return o
	}
	return measured{max(m.perSecond, o.perSecond), min(m.cpu, o.cpu), min(m.p99, o.p99)}
}

// once drives one server for one round.
func (s *sideBySide) once(ctx context.Context, x *server.Server, conns, status int, request func(conn, n int) []byte) (measured, error) {
	before := x.CPU()
	r := load.Run(ctx, load.Plan{Addr: x.Addr, Conns: conns, For: s.round, Status: status, Request: request})
	if err := ctx.Err(); err != nil {
		return measured{}, err
	}
	if r.Wrong > 0 || r.Requests == 0 {
		return measured{}, fmt.Errorf("%d wrong answers of %d from %s: %s", r.Wrong, r.Wrong+r.Requests, x.Name(), r.First)
	}
	return measured{r.PerSecond(), (x.CPU() - before) / time.Duration(r.Requests), r.P99}, nil
}

// sideBySidePart runs it as a part of bench: where it cannot run it says why.
func sideBySidePart(ctx context.Context, c *checkout, w io.Writer) (good, bad int, err error) {
	good, bad, err = sideBySideTable(ctx, c)
	var why cannot
	if errors.As(err, &why) && !c.ci {
		fmt.Fprintln(w, "skipped:", why)
		return 0, 0, nil
	}
	return good, bad, err
}
