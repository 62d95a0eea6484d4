package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A target is a speed that we promise. Benchmarks state it themselves, so that
// a promise stands beside the code that keeps it, in a comment of the form
//
//	// target: ns/op <= 30e6
//	func BenchmarkGroupBy(b *testing.B) {
//
// where the unit is one that go test prints, or one given to b.ReportMetric.
// There may be several lines. A word after the limit picks the parts whose names
// hold it, and the limit [name] is the one that a part bears in its own name,
// as in b.Run("page/by key [5ms]", …).
type target struct {
	pkg, name, unit string
	part            string // only parts with this in their name
	atMost          bool
	limit           float64 // NaN: each part bears its own
}

var (
	benchmarkDoc = regexp.MustCompile(`(?m)^((?://.*\n)+)func (Benchmark\w+)\(`)
	targetLine   = regexp.MustCompile(`(?m)^// target: (\S+) (<=|>=) (\S+)(?: (\S+))?$`)
	ownLimit     = regexp.MustCompile(`\[(\d+)ms\]$`)
)

// bench runs the benchmarks that state a target, or those of the named
// packages, and prints a table; and, first, the comparison with another server,
// which is also called "side" by name.
func bench(ctx context.Context, c *checkout, args []string) error {
	var good, bad int
	if len(args) == 0 || slices.Contains(args, "side") {
		var err error
		if good, bad, err = sideBySidePart(ctx, c, os.Stdout); err != nil {
			return err
		}
	}
	if len(args) == 1 && args[0] == "side" {
		return verdictOf(good, bad)
	}
	targets, err := c.targets()
	if err != nil {
		return err
	}
	if len(args) > 0 {
		targets = slices.DeleteFunc(targets, func(t target) bool {
			return !slices.ContainsFunc(args, func(a string) bool { return strings.Contains(t.pkg+"."+t.name, a) })
		})
	}
	if len(targets) == 0 {
		return errors.New("no benchmark states a target here: write `// target: ns/op <= 30e6` above it")
	}
	stop := c.benchPostgres(ctx)
	defer stop()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "benchmark\ttarget\tfigure\t")
	short := 0
	for _, pkg := range packagesOf(targets) {
		figures, err := c.runBench(ctx, pkg)
		if err != nil {
			return err
		}
		for _, t := range targets {
			if t.pkg == pkg && !t.row(table, figures) {
				short++
			}
		}
		table.Flush()
	}
	return verdictOf(good+len(targets)-short, bad+short)
}

func verdictOf(good, bad int) error {
	fmt.Printf("%d passed, %d failed\n", good, bad)
	if bad > 0 {
		return fmt.Errorf("%d of %d fall short", bad, good+bad)
	}
	return nil
}

// targets reads the promises out of the sources.
func (c *checkout) targets() ([]target, error) {
	files, err := c.sources("_test.go")
	if err != nil {
		return nil, err
	}
	var out []target
	for _, f := range files {
		text, err := os.ReadFile(c.path(f))
		if err != nil {
			return nil, err
		}
		found, err := targetsIn(f, string(text))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func targetsIn(file, text string) ([]target, error) {
	var out []target
	for _, doc := range benchmarkDoc.FindAllStringSubmatch(text, -1) {
		for _, m := range targetLine.FindAllStringSubmatch(doc[1], -1) {
			limit, err := math.NaN(), error(nil)
			if m[3] != "[name]" {
				limit, err = strconv.ParseFloat(m[3], 64)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: target of %s: %w", file, doc[2], err)
			}
			out = append(out, target{pkg: "./" + file[:strings.LastIndex(file, "/")], name: doc[2], unit: m[1], part: m[4], atMost: m[2] == "<=", limit: limit})
		}
	}
	return out, nil
}

func packagesOf(targets []target) []string {
	var out []string
	for _, t := range targets {
		if !slices.Contains(out, t.pkg) {
			out = append(out, t.pkg)
		}
	}
	return out
}

// benchPostgres gives benchmarks a server where there is one.
func (c *checkout) benchPostgres(ctx context.Context) (stop func()) {
	if c.get("CEIBA_TEST_POSTGRES") != "" {
		return func() {}
	}
	url, stop, err := c.startPostgres(ctx, io.Discard)
	if err != nil {
		fmt.Fprintln(os.Stderr, "without PostgreSQL:", err)
		return func() {}
	}
	c.set("CEIBA_TEST_POSTGRES", url)
	return stop
}

// figures are what benchmarks printed: name, unit, value.
type figures map[string]map[string]float64

func (c *checkout) runBench(ctx context.Context, pkg string) (figures, error) {
	out, err := c.quiet(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-timeout", "1h", pkg)
	if err != nil {
		return nil, fmt.Errorf("%s%w", out, err)
	}
	return figuresIn(out), nil
}

// figuresIn reads lines such as "BenchmarkGet-2   100   11250 ns/op   3 allocs/op".
func figuresIn(out string) figures {
	got := figures{}
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := f[0]
		if i := strings.LastIndex(name, "-"); i > 0 {
			name = name[:i]
		}
		got[name] = map[string]float64{}
		for i := 2; i+1 < len(f); i += 2 {
			if v, err := strconv.ParseFloat(f[i], 64); err == nil {
				got[name][f[i+1]] = v
			}
		}
	}
	return got
}

// row prints one line of the table and reports whether the promise is kept: by
// the benchmark, and by each of its parts where it has some.
func (t target) row(w io.Writer, got figures) bool {
	op := map[bool]string{true: "≤", false: "≥"}[t.atMost]
	kept, seen := true, false
	for name, units := range sorted(got) {
		if name != t.name && !strings.HasPrefix(name, t.name+"/") || !strings.Contains(name, t.part) {
			continue
		}
		v, ok := units[t.unit]
		limit, has := t.limitOf(name)
		if !ok || !has {
			continue
		}
		seen = true
		good := t.atMost && v <= limit || !t.atMost && v >= limit
		kept = kept && good
		word := map[bool]string{true: "ok", false: "FALLS SHORT"}[good]
		fmt.Fprintf(w, "%s\t%s %g %s\t%g\t%s\n", strings.TrimPrefix(name, "Benchmark"), op, limit, t.unit, v, word)
	}
	if !seen {
		fmt.Fprintf(w, "%s %s\t%s %g %s\t\tNOT MEASURED\n", t.name, t.part, op, t.limit, t.unit)
	}
	return kept && seen
}

// limitOf is the limit for one part, in the target's unit.
func (t target) limitOf(name string) (float64, bool) {
	if !math.IsNaN(t.limit) {
		return t.limit, true
	}
	m := ownLimit.FindStringSubmatch(name)
	if m == nil {
		return 0, false
	}
	ms, _ := strconv.ParseFloat(m[1], 64) // digits only
	return ms * 1e6, true                 // go test prints nanoseconds
}
