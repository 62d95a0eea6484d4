package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// closing is the last line of e2e/run.mjs.
var closing = regexp.MustCompile(`(?m)^(\d+) passed, (\d+) failed$`)

// checkJourneys walks through the program in a real browser (see e2e).
func checkJourneys(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	for _, n := range []need{node, chromium} {
		if err := c.need(ctx, w, n); err != nil {
			return tally{}, err
		}
	}
	if err := c.npmInstall(ctx, "e2e"); err != nil {
		return tally{}, err
	}
	if err := c.build(ctx); err != nil {
		return tally{}, err
	}
	browser, _ := chromiumPath()
	cmd := c.command(ctx, "node", "run.mjs")
	cmd.Dir = c.path("e2e")
	cmd.Env = append(cmd.Env, "CEIBA_CHROMIUM="+browser)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	w.Write(out.Bytes())
	t := tally{}
	if m := closing.FindStringSubmatch(out.String()); m != nil {
		t.passed, _ = strconv.Atoi(m[1])
		t.failed, _ = strconv.Atoi(m[2])
	}
	t.figure = fmt.Sprintf("%d journeys", t.passed)
	return t, explain(err, "node", []string{"run.mjs"})
}
