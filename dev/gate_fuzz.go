package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fuzzPrefix begins the names of the gates that fuzz.
const fuzzPrefix = "fuzz-"

// fuzzSeconds names the variable that says how long one target is fuzzed.
const fuzzSeconds = "CEIBA_FUZZ_SECONDS"

// fuzzes reports whether the gate is a fuzz target.
func (p proof) fuzzes() bool { return strings.HasPrefix(p.name, fuzzPrefix) }

// fuzzTime is how long one target is fuzzed.
func fuzzTime(c *checkout, small bool) (time.Duration, error) {
	asked := c.get(fuzzSeconds)
	switch n, err := strconv.Atoi(asked); {
	case asked == "" && small:
		return 8 * time.Second, nil
	case asked == "":
		return 10 * time.Minute, nil
	case err != nil || n < 1:
		return 0, fmt.Errorf("%s=%s: say a whole number of seconds", fuzzSeconds, asked)
	default:
		return time.Duration(n) * time.Second, nil
	}
}

var fuzzExecs = regexp.MustCompile(`execs: (\d+)`)

// inputs is how many inputs a run of go test -fuzz says it tried.
func inputs(out string) int {
	n := 0
	for _, m := range fuzzExecs.FindAllStringSubmatch(out, -1) {
		n, _ = strconv.Atoi(m[1]) // the last is the sum
	}
	return n
}

func fuzzProof(pkg, name string) func(context.Context, *checkout, io.Writer, bool) (string, error) {
	return func(ctx context.Context, c *checkout, w io.Writer, small bool) (string, error) {
		long, err := fuzzTime(c, small)
		if err != nil {
			return "", err
		}
		// An input that breaks it is written into testdata by go test itself.
		out, err := c.quiet(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+name+"$", "-fuzztime", long.String(), "-timeout", "0", pkg)
		if err != nil && outOfTime(out) {
			err = nil
		}
		if err != nil {
			fmt.Fprint(w, out)
		}
		return fmt.Sprintf("%d inputs in %s", inputs(out), long), explain(err, "go", []string{"test", "-fuzz", name, pkg})
	}
}

// outOfTime reports whether fuzzing ended because its time was over while a worker
// was slow to stop, which go test takes for a failure. A failure
// of the target names the input that it wrote.
func outOfTime(out string) bool {
	alone := slices.ContainsFunc(strings.Split(out, "\n"), func(l string) bool { return strings.TrimSpace(l) == "context deadline exceeded" })
	return alone && !strings.Contains(out, "Failing input written") && !strings.Contains(out, "panic")
}

// checkFuzz fuzzes every target for a moment.
func checkFuzz(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	return c.smallProofs(ctx, w, proof.fuzzes)
}
