package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// goFlags is what every go command of this project needs. The tag brings
// SQLite's full-text search; -trimpath keeps machine paths out of the program;
// -buildvcs=false lets a checkout owned by somebody else build. All commands
// share them, so that tests and builds share one build cache.
var goFlags = []string{"-tags=sqlite_fts5", "-trimpath", "-buildvcs=false"}

// checkout is the source tree that dev works on and the environment for
// commands in it.
type checkout struct {
	root string
	env  []string
	ci   bool // nothing may be skipped
}

// open finds the checkout that the working directory is in.
func open() (*checkout, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module ceiba\n") {
			break
		}
		if dir == filepath.Dir(dir) {
			return nil, errors.New("not inside a checkout of Ceiba: no go.mod of module ceiba here or above")
		}
		dir = filepath.Dir(dir)
	}
	c := &checkout{root: dir, env: os.Environ(), ci: isSet(os.Getenv("CI"))}
	return c, c.prepare()
}

func isSet(v string) bool { return v != "" && v != "0" && v != "false" }

// prepare completes the environment: what a login shell sets and a clean
// environment does not, and what this project always needs.
func (c *checkout) prepare() error {
	if os.Getenv("HOME") == "" && os.Getenv("GOCACHE") == "" {
		home := filepath.Join(os.TempDir(), fmt.Sprintf("ceiba-home-%d", os.Getuid()))
		if err := os.MkdirAll(home, 0o700); err != nil {
			return err
		}
		c.set("HOME", home)
	}
	flags := strings.Fields(os.Getenv("GOFLAGS"))
	for _, want := range goFlags {
		name, _, _ := strings.Cut(want, "=")
		flags = append(without(flags, name), want)
	}
	c.set("GOFLAGS", strings.Join(flags, " "))
	c.set("CGO_ENABLED", "1")
	if os.Getenv("CEIBA_TESTDATA") == "" {
		if data := filepath.Join(c.root, "..", "shared", "data"); exists(data) {
			c.set("CEIBA_TESTDATA", data)
		}
	}
	return nil
}

// without returns flags less the one called name.
func without(flags []string, name string) []string {
	var out []string
	for _, f := range flags {
		if n, _, _ := strings.Cut(f, "="); n != name {
			out = append(out, f)
		}
	}
	return out
}

// set puts one variable into the environment of the commands.
func (c *checkout) set(name, value string) {
	for i, kv := range c.env {
		if strings.HasPrefix(kv, name+"=") {
			c.env[i] = name + "=" + value
			return
		}
	}
	c.env = append(c.env, name+"="+value)
}

// get reads the environment of the commands.
func (c *checkout) get(name string) string {
	for _, kv := range c.env {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}

// path returns a place in the checkout.
func (c *checkout) path(parts ...string) string {
	return filepath.Join(append([]string{c.root}, parts...)...)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// command prepares a program that runs at the root of the checkout and gets
// SIGTERM when ctx ends.
func (c *checkout) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = c.root, c.env
	cmd.SysProcAttr = orphanProof()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	return cmd
}

// quiet runs a program and returns what it printed, on both streams.
func (c *checkout) quiet(ctx context.Context, name string, args ...string) (string, error) {
	cmd := c.command(ctx, name, args...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	return b.String(), explain(err, name, args)
}

// output runs a program and returns its standard output; what it complained
// about is in the error.
func (c *checkout) output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := c.command(ctx, name, args...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w\n%s", explain(err, name, args), complaint.String())
	}
	return out.String(), nil
}

// explain names the command in the error it ended with.
func explain(err error, name string, args []string) error {
	if err == nil {
		return nil
	}
	words := strings.Join(append([]string{filepath.Base(name)}, args...), " ")
	if len(words) > 120 {
		words = words[:120] + "…"
	}
	return fmt.Errorf("%s: %w", words, err)
}

// build makes bin/ceiba, stripped.
func (c *checkout) build(ctx context.Context) error {
	for _, need := range []struct{ program, words string }{
		{"go", "Go 1.26 is missing: install it and put it in PATH"},
		{"gcc", "gcc is missing, and SQLite is C: apt-get install build-essential"},
		{"g++", "g++ is missing, and DuckDB is C++: apt-get install build-essential"},
	} {
		if _, err := exec.LookPath(need.program); err != nil {
			return errors.New(need.words)
		}
	}
	if !exists(c.path("cmd", "ceiba")) {
		return errors.New("there is no cmd/ceiba to build")
	}
	flags := "-s -w"
	if rev, err := c.output(ctx, "git", "describe", "--always", "--dirty", "--tags"); err == nil {
		flags += " -X ceiba/internal/app.Version=" + strings.TrimSpace(rev)
	}
	out, err := c.quiet(ctx, "go", "build", "-ldflags", flags, "-o", c.path("bin", "ceiba"), "./cmd/ceiba")
	if err != nil {
		return fmt.Errorf("%s%w", out, err)
	}
	return nil
}

// skipped are folders that hold no source of ours.
var skipped = map[string]bool{"node_modules": true, "bin": true, "data": true, "tmp": true, "testdata": true}

// walk calls f for every source file, with its slash path from the root.
func (c *checkout) walk(f func(path string) error) error {
	return fs.WalkDir(os.DirFS(c.root), ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && path != "." && (skipped[e.Name()] || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		case e.Type().IsRegular():
			return f(path)
		}
		return nil
	})
}

// sources lists the files whose name ends in suffix.
func (c *checkout) sources(suffix string) ([]string, error) {
	var out []string
	err := c.walk(func(path string) error {
		if strings.HasSuffix(path, suffix) {
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// indent sets text off from the lines around it.
func indent(w io.Writer, text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		fmt.Fprint(w, "    ", line)
	}
}
