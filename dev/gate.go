package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// proof is a gate: a promise and the way to show that it is kept. Small is the
// form that `make test` runs, full the one that `make gate` does.
type proof struct {
	name, promise string
	// run tries to break the promise. figure is what it measured.
	run func(ctx context.Context, c *checkout, w io.Writer, small bool) (figure string, err error)
	// unit says that the small form runs with the unit tests already.
	unit bool
}

// proofs lists every gate: those written here, and those that packages bring as
// a test called TestGateSomething or a fuzz target.
func proofs(c *checkout) ([]proof, error) {
	all := []proof{
		{"crash-loop", "kill -9 loses no acknowledged write and doubles none", crashLoop, false},
		{"power-cut", "a power cut loses no acknowledged write; with synchronous=NORMAL it does", powerCut, false},
		{"disk-full", "a full disk refuses writes in words, goes on reading, and recovers", diskFull, false},
		{"postgres-away", "while PostgreSQL is away the site says so; when it is back the same process goes on, and nothing is lost or doubled", postgresAway, false},
	}
	found, err := c.testGates()
	return append(all, found...), err
}

var gateFunc = regexp.MustCompile(`(?m)^func (TestGate|Fuzz)([A-Z]\w*)\(\w+ \*testing\.[TF]\)`)

// testGates finds the gates among the tests. TestGateRoleMatrix in
// internal/app is the gate role-matrix; FuzzParseFilter in
// internal/service/table/query is fuzz-query-parse-filter.
func (c *checkout) testGates() ([]proof, error) {
	files, err := c.sources("_test.go")
	if err != nil {
		return nil, err
	}
	var out []proof
	for _, f := range files {
		text, err := os.ReadFile(c.path(f))
		if err != nil {
			return nil, err
		}
		dir := path.Dir(f)
		for _, m := range gateFunc.FindAllStringSubmatch(string(text), -1) {
			if m[1] == "Fuzz" {
				name := fuzzPrefix + path.Base(dir) + "-" + kebab(m[2])
				out = append(out, proof{name, "no input breaks it", fuzzProof("./"+dir, "Fuzz"+m[2]), false})
				continue
			}
			out = append(out, proof{kebab(m[2]), "as " + dir + " says", testProof("./"+dir, "TestGate"+m[2]), true})
		}
	}
	return out, nil
}

// kebab turns CamelCase into camel-case and RFCReader into rfc-reader.
func kebab(name string) string {
	upper := func(i int) bool { return i < len(name) && name[i] >= 'A' && name[i] <= 'Z' }
	var b strings.Builder
	for i := range len(name) {
		lowerNext := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
		if i > 0 && upper(i) && (!upper(i-1) || lowerNext) {
			b.WriteByte('-')
		}
		b.WriteByte(name[i])
	}
	return strings.ToLower(b.String())
}

// testProof runs one test with CEIBA_GATE set to full or small. What the test
// logs after "figure:" is its figure.
func testProof(pkg, name string) func(context.Context, *checkout, io.Writer, bool) (string, error) {
	return func(ctx context.Context, c *checkout, w io.Writer, small bool) (string, error) {
		size := map[bool]string{true: "small", false: "full"}[small]
		env := []string{"CEIBA_GATE=" + size}
		if c.get("CEIBA_TEST_POSTGRES") == "" {
			url, stop, err := c.startPostgres(ctx, w)
			if err != nil {
				return "", err
			}
			defer stop()
			env = append(env, "CEIBA_TEST_POSTGRES="+url)
		}
		cmd := c.command(ctx, "go", "test", "-count=1", "-v", "-timeout", "2h", "-run", "^"+name+"$", pkg)
		cmd.Env = append(cmd.Env, env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			fmt.Fprint(w, string(out))
		}
		return figureIn(string(out)), explain(err, "go", []string{"test", pkg, name})
	}
}

var figureLine = regexp.MustCompile(`(?m)figure: (.*)$`)

// figureIn picks the figures out of a test's output.
func figureIn(out string) string {
	var figures []string
	for _, m := range figureLine.FindAllStringSubmatch(out, -1) {
		figures = append(figures, strings.TrimSpace(m[1]))
	}
	return strings.Join(figures, "; ")
}

// gate runs the gates that are named, or all, and prints a line for each.
func gate(ctx context.Context, c *checkout, args []string) error {
	flags := flag.NewFlagSet("gate", flag.ContinueOnError)
	small := flags.Bool("small", false, "the short form, as make test runs it")
	names, err := interspersed(flags, args)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	all, err := proofs(c)
	if err != nil {
		return err
	}
	chosen, err := chooseProofs(all, names)
	if err != nil {
		return err
	}
	var sum summary
	begun := time.Now()
	for _, p := range chosen {
		if ctx.Err() != nil {
			sum.unreached = append(sum.unreached, p.name)
			continue
		}
		sum.add(c, os.Stdout, stage{name: p.name}, func(w io.Writer) (tally, error) {
			figure, err := p.run(ctx, c, w, *small)
			return tally{figure: figure}, err
		})
	}
	sum.took = time.Since(begun)
	sum.print(os.Stdout)
	if sum.failed > 0 || ctx.Err() != nil {
		return errors.New("not every gate holds")
	}
	return nil
}

// interspersed parses flags that may stand after the names.
func interspersed(flags *flag.FlagSet, args []string) ([]string, error) {
	flags.SetOutput(io.Discard)
	var names []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return names, nil
		}
		names = append(names, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// chooseProofs picks gates by name; "all" is all, "fuzz" every fuzz target, and
// a name that ends in a dash is all that begin so.
func chooseProofs(all []proof, names []string) ([]proof, error) {
	var out []proof
	for _, name := range names {
		if name+"-" == fuzzPrefix {
			name = fuzzPrefix
		}
		n := len(out)
		for _, p := range all {
			if name == "all" || p.name == name || strings.HasSuffix(name, "-") && strings.HasPrefix(p.name, name) {
				out = append(out, p)
			}
		}
		if len(out) == n {
			return nil, unknownGate(all, name)
		}
	}
	if len(out) == 0 {
		return nil, unknownGate(all, "")
	}
	return out, nil
}

func unknownGate(all []proof, name string) error {
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "\n  %-28s %s", p.name, p.promise)
	}
	fmt.Fprintf(&b, "\n  %-28s all of the fuzz targets", "fuzz")
	if name == "" {
		return fmt.Errorf("%w: go run ./dev gate NAME…|all [--small]%s", errUsage, b.String())
	}
	return fmt.Errorf("%w: there is no gate %q; there are%s", errUsage, name, b.String())
}

// checkGates runs in small the gates that are no tests.
func checkGates(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	return c.smallProofs(ctx, w, func(p proof) bool { return !p.unit && !p.fuzzes() })
}

func (c *checkout) smallProofs(ctx context.Context, w io.Writer, want func(proof) bool) (tally, error) {
	all, err := proofs(c)
	if err != nil {
		return tally{}, err
	}
	var t tally
	var figures, broken []string
	for _, p := range slices.DeleteFunc(all, func(p proof) bool { return !want(p) }) {
		figure, err := p.run(ctx, c, w, true)
		var missing cannot
		switch {
		case errors.As(err, &missing):
			t.skips = append(t.skips, skip{p.name, missing.why})
		case err != nil:
			fmt.Fprintf(w, "%s: %v\n", p.name, err)
			broken = append(broken, p.name)
		default:
			t.passed++
			figures = append(figures, p.name+" "+figure)
		}
	}
	t.figure = strings.Join(figures, "; ")
	if t.failed = len(broken); t.failed > 0 {
		return t, fmt.Errorf("these gates do not hold: %s", strings.Join(broken, ", "))
	}
	return t, nil
}
