package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// tool runs a program that tools/go.mod pins.
func (c *checkout) tool(ctx context.Context, name string, args ...string) (string, error) {
	return c.output(ctx, "go", append([]string{"tool", "-modfile=tools/go.mod", name}, args...)...)
}

// checkFormat asks gofumpt which files it would write differently.
func checkFormat(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	all, err := c.sources(".go")
	if err != nil {
		return tally{}, err
	}
	var files []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_templ.go") {
			files = append(files, f)
		}
	}
	wrong, err := c.tool(ctx, "gofumpt", append([]string{"-l"}, files...)...)
	if err != nil {
		return tally{}, err
	}
	fmt.Fprint(w, wrong)
	t := tally{figure: fmt.Sprintf("%d files", len(files))}
	if wrong != "" {
		return t, errors.New("these files are not in gofumpt's format: go tool -modfile=tools/go.mod gofumpt -w FILE")
	}
	return t, nil
}

func checkVet(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	out, err := c.quiet(ctx, "go", "vet", "./...")
	fmt.Fprint(w, out)
	return tally{}, err
}

func checkStatic(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	out, err := c.quiet(ctx, "go", "tool", "-modfile=tools/go.mod", "staticcheck", "./...")
	fmt.Fprint(w, out)
	return tally{}, err
}

// rulesPackage holds the tests that guard the house rules. It reads source text
// only, so that nothing needs to be linked before it speaks.
const rulesPackage = "./internal/rules"

func checkRules(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	return c.goTest(ctx, w, nil, rulesPackage)
}

// checkBuild builds the program and compares what it says about its options
// with the committed documentation.
func checkBuild(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	if err := c.build(ctx); err != nil {
		return tally{}, err
	}
	stale, err := c.staleDocs(ctx)
	if err != nil {
		return tally{}, err
	}
	return tally{}, reportStale(w, stale)
}

// checkTypes runs the TypeScript compiler, which checks and writes nothing.
func checkTypes(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	if !exists(c.path("web", "package.json")) {
		return tally{figure: "no web/package.json"}, nil
	}
	if err := c.need(ctx, w, node); err != nil {
		return tally{}, err
	}
	if err := c.npmInstall(ctx, "web"); err != nil {
		return tally{}, err
	}
	cmd := c.command(ctx, "npx", "--no-install", "tsc", "--noEmit")
	cmd.Dir = c.path("web")
	out, err := cmd.CombinedOutput()
	fmt.Fprint(w, string(out))
	return tally{}, explain(err, "npx", []string{"tsc", "--noEmit"})
}

// lookAny finds the first of several programs.
func lookAny(names ...string) (string, bool) {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, true
		}
	}
	return "", false
}
