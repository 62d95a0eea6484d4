package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// stage is one group of checks. Its run writes details to w, which are shown
// when it fails, and returns a figure for the line that is always shown.
type stage struct {
	name string
	run  func(ctx context.Context, c *checkout, w io.Writer) (tally, error)
}

// tally is what a stage did.
type tally struct {
	figure         string // for its line, such as "212 files"
	passed, failed int    // tests inside the stage; a stage without any counts as one
	skips          []skip
}

// skip is a check that did not run, and why.
type skip struct {
	name, why string
}

// cannot is the error of a check that lacks something of the machine.
type cannot struct{ why string }

func (e cannot) Error() string { return e.why }

// stages in the order in which they run: what fails cheapest comes first.
func stages() []stage {
	return []stage{
		{"format", checkFormat},
		{"generated", checkGenerated},
		{"vet", checkVet},
		{"staticcheck", checkStatic},
		{"rules", checkRules},
		{"build", checkBuild},
		{"unit", checkUnit},
		{"types", checkTypes},
		{"journeys", checkJourneys},
		{"gates", checkGates},
		{"fuzz", checkFuzz},
	}
}

func test(ctx context.Context, c *checkout, args []string) error {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	only := flags.String("only", "", "stages to run, with commas between")
	keepOn := flags.Bool("keep-on", c.ci, "go on after a stage has failed")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return fmt.Errorf("%w: go run ./dev test [--only STAGE,…] [--keep-on]", errUsage)
	}
	chosen, err := choose(stages(), *only)
	if err != nil {
		return err
	}
	sum := runStages(ctx, c, os.Stdout, chosen, *keepOn)
	sum.print(os.Stdout)
	if sum.failed > 0 {
		return errors.New("not everything passed")
	}
	return nil
}

// choose picks the stages named in only; all of them when it is empty.
func choose(all []stage, only string) ([]stage, error) {
	if only == "" {
		return all, nil
	}
	var out []stage
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(s stage) bool { return s.name == name })
		if i < 0 {
			var names []string
			for _, s := range all {
				names = append(names, s.name)
			}
			return nil, fmt.Errorf("%w: no stage %q; there are %s", errUsage, name, strings.Join(names, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// summary adds up the stages.
type summary struct {
	passed, failed int
	skips          []skip
	unreached      []string
	took           time.Duration
}

func runStages(ctx context.Context, c *checkout, w io.Writer, chosen []stage, keepOn bool) summary {
	var sum summary
	begun := time.Now()
	for i, s := range chosen {
		if ctx.Err() != nil || sum.failed > 0 && !keepOn {
			for _, rest := range chosen[i:] {
				sum.unreached = append(sum.unreached, rest.name)
			}
			break
		}
		sum.add(c, w, s, func(details io.Writer) (tally, error) { return s.run(ctx, c, details) })
	}
	if ctx.Err() != nil {
		sum.failed++
	}
	sum.took = time.Since(begun)
	return sum
}

// add runs one stage and prints its line, and its output when it failed.
func (sum *summary) add(c *checkout, w io.Writer, s stage, run func(io.Writer) (tally, error)) {
	var details bytes.Buffer
	start := time.Now()
	t, err := run(&details)
	took := time.Since(start).Seconds()
	var missing cannot
	if errors.As(err, &missing) {
		t.skips, err = append(t.skips, skip{s.name, missing.why}), nil
		t.figure = "skipped: " + missing.why
	} else if t.passed+t.failed == 0 {
		t.passed = 1
	}
	if c.ci && len(t.skips) > 0 && err == nil {
		err = errors.New("in CI nothing may be skipped")
		for _, k := range t.skips {
			fmt.Fprintf(&details, "skipped %s: %s\n", k.name, k.why)
		}
	}
	sum.skips = append(sum.skips, t.skips...)
	if err == nil {
		sum.passed += t.passed
		fmt.Fprintf(w, "ok    %-12s %6.1f s  %s\n", s.name, took, t.figure)
		return
	}
	sum.failed += max(1, t.failed)
	if t.failed > 0 {
		sum.passed += t.passed
	}
	fmt.Fprintf(w, "FAIL  %-12s %6.1f s  %s\n", s.name, took, t.figure)
	fmt.Fprintln(&details, err)
	indent(w, details.String())
}

// print writes what was skipped and the closing line, whose form CI services
// know how to read.
func (sum *summary) print(w io.Writer) {
	why := map[string][]string{}
	for _, k := range sum.skips {
		why[k.why] = append(why[k.why], k.name)
	}
	for reason, names := range sorted(why) {
		shown := names[:min(3, len(names))]
		more := ""
		if len(names) > 3 {
			more = fmt.Sprintf(" and %d more", len(names)-3)
		}
		fmt.Fprintf(w, "SKIPPED %s%s: %s\n", strings.Join(shown, ", "), more, reason)
	}
	if len(sum.unreached) > 0 {
		fmt.Fprintf(w, "NOT REACHED %s\n", strings.Join(sum.unreached, ", "))
	}
	fmt.Fprintf(w, "took %s\n", sum.took.Round(time.Second))
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", sum.passed, sum.failed, len(sum.skips))
}

// sorted ranges over a map in the order of its keys.
func sorted[V any](m map[string]V) func(func(string, V) bool) {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return func(yield func(string, V) bool) {
		for _, k := range keys {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
