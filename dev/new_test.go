package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPlural(t *testing.T) {
	for one, many := range map[string]string{"petition": "petitions", "inquiry": "inquiries", "survey": "surveys", "address": "addresses", "match": "matches"} {
		if got := plural(one); got != many {
			t.Errorf("%s: got %s, want %s", one, got, many)
		}
	}
}

// TestNewCapability writes a capability into a copy of the sources, where it
// must compile, be formatted, obey the house rules and pass its own tests.
func TestNewCapability(t *testing.T) {
	here, err := open()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c := &checkout{root: t.TempDir(), env: here.env}
	err = here.walk(func(path string) error {
		if strings.HasPrefix(path, "internal/app/") && !strings.HasSuffix(path, "rules_test.go") || strings.HasPrefix(path, "e2e/") {
			return nil
		}
		return copyFile(here.path(path), c.path(path))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := newCapability(ctx, c, []string{"innovation/petition"}); err != nil {
		t.Fatal(err)
	}
	if err := newCapability(ctx, c, []string{"innovation/petition"}); err == nil {
		t.Error("a capability that exists was written again")
	}
	const pkg = "./internal/innovation/petition"
	if out, err := c.quiet(ctx, "go", "vet", pkg); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := c.quiet(ctx, "go", "test", "-count=1", pkg); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := c.tool(ctx, "gofumpt", "-l", c.path("internal/innovation/petition")); err != nil || strings.ReplaceAll(out, c.path("internal/innovation/petition/pages_templ.go")+"\n", "") != "" {
		t.Errorf("not in gofumpt's format: %s %v", out, err)
	}
	rules, err := c.ruleFiles()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := c.quiet(ctx, "go", append([]string{"test"}, rules...)...)
	for line := range strings.Lines(out) {
		if strings.Contains(line, "petition") {
			t.Errorf("house rules: %s", line)
		}
	}
}

func TestNewCapabilityRefuses(t *testing.T) {
	c := &checkout{root: t.TempDir()}
	for _, name := range []string{"", "Petition", "a", "two words", "elsewhere/petition", "../petition"} {
		if err := newCapability(context.Background(), c, []string{name}); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(c.root, "internal")); len(left) > 0 {
		t.Errorf("something was written: %v", left)
	}
}
