package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// gen writes every generated file of the tree.
func gen(ctx context.Context, c *checkout, _ []string) error {
	if err := c.templGenerate(ctx, c.root); err != nil {
		return err
	}
	if err := c.assets(ctx); err != nil {
		return err
	}
	if !exists(c.path("cmd", "ceiba", "main.go")) {
		return nil
	}
	if err := c.build(ctx); err != nil {
		return err
	}
	docs, err := c.docs(ctx)
	if err != nil {
		return err
	}
	for path, text := range sorted(docs) {
		if err := os.MkdirAll(filepath.Dir(c.path(path)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(c.path(path), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// templGenerate writes the _templ.go beside every .templ below dir. It is
// run at the root of a tree, so that errors name the whole path of a file.
func (c *checkout) templGenerate(ctx context.Context, dir string) error {
	_, err := c.tool(ctx, "templ", "generate", "-path", dir, "-log-level", "error")
	return err
}

// generatedDocs are the pages that the program writes about itself, and the
// arguments that print them.
var generatedDocs = map[string][]string{"docs/configuration.md": {"docs"}}

// docs asks bin/ceiba for its documentation, by path.
func (c *checkout) docs(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	for path, args := range generatedDocs {
		text, err := c.output(ctx, c.path("bin", "ceiba"), args...)
		if err != nil {
			return nil, err
		}
		out[path] = text
	}
	return out, nil
}

// staleDocs lists the committed pages that differ from what the program says.
func (c *checkout) staleDocs(ctx context.Context) ([]string, error) {
	docs, err := c.docs(ctx)
	if err != nil {
		return nil, err
	}
	var stale []string
	for path, text := range sorted(docs) {
		if have, err := os.ReadFile(c.path(path)); err != nil || string(have) != text {
			stale = append(stale, path)
		}
	}
	return stale, nil
}

// hasScripts reports whether there is anything to bundle.
func (c *checkout) hasScripts() bool { return exists(c.path("web", "src")) }

// assets bundles web/src into web/dist.
func (c *checkout) assets(ctx context.Context) error {
	if !c.hasScripts() {
		return nil
	}
	if err := os.RemoveAll(c.path("web", "dist")); err != nil {
		return err
	}
	return c.bundle(ctx, os.Stderr, c.path("web", "dist"))
}

// bundle runs esbuild over web/src. Packages of npm are installed only when
// web/package.json names some that end up in the pages.
func (c *checkout) bundle(ctx context.Context, w io.Writer, into string) error {
	if exists(c.path("web", "package-lock.json")) {
		if err := c.need(ctx, w, node); err != nil {
			return err
		}
		if err := c.npmInstall(ctx, "web"); err != nil {
			return err
		}
	}
	_, err := c.output(ctx, "go", "run", "./dev/bundle", "-src", c.path("web", "src"), "-out", into)
	return err
}

// checkGenerated makes templ's files and web/dist anew, elsewhere, and names
// what differs.
func checkGenerated(ctx context.Context, c *checkout, w io.Writer) (tally, error) {
	templs, err := c.sources(".templ")
	if err != nil {
		return tally{}, err
	}
	tmp, err := os.MkdirTemp("", "ceiba-gen-")
	if err != nil {
		return tally{}, err
	}
	defer os.RemoveAll(tmp)
	stale, err := c.staleTempl(ctx, tmp, templs)
	if err != nil {
		return tally{}, err
	}
	t := tally{figure: fmt.Sprintf("%d templ files", len(templs))}
	if c.hasScripts() {
		dist := filepath.Join(tmp, "dist")
		if err := c.bundle(ctx, w, dist); err != nil {
			return t, err
		}
		old, err := differing(dist, c.path("web", "dist"), "web/dist/")
		if err != nil {
			return t, err
		}
		stale = append(stale, old...)
		t.figure += ", web/dist"
	}
	return t, reportStale(w, stale)
}

// staleTempl generates from copies of the templ files, and lists the committed
// files that differ and those whose templ file is gone.
func (c *checkout) staleTempl(ctx context.Context, tmp string, templs []string) ([]string, error) {
	tree := filepath.Join(tmp, "tree")
	for _, f := range templs {
		if err := copyFile(c.path(f), filepath.Join(tree, f)); err != nil {
			return nil, err
		}
	}
	if len(templs) > 0 {
		if err := copyFile(c.path("go.mod"), filepath.Join(tree, "go.mod")); err != nil {
			return nil, err
		}
		if err := c.templGenerate(ctx, tree); err != nil {
			return nil, err
		}
	}
	committed, err := c.sources("_templ.go")
	if err != nil {
		return nil, err
	}
	var stale []string
	for _, f := range templs {
		made := strings.TrimSuffix(f, ".templ") + "_templ.go"
		want, err := os.ReadFile(filepath.Join(tree, made))
		if err != nil {
			return nil, err
		}
		if have, err := os.ReadFile(c.path(made)); err != nil || !bytes.Equal(placeless(have), placeless(want)) {
			stale = append(stale, made)
		}
	}
	for _, f := range committed {
		if !slices.Contains(templs, strings.TrimSuffix(f, "_templ.go")+".templ") {
			stale = append(stale, f+" (its templ file is gone)")
		}
	}
	return stale, nil
}

var templPlace = regexp.MustCompile("FileName: `[^`]*/")

// placeless takes out of generated code the folder that errors name, which
// depends on where templ was run.
func placeless(text []byte) []byte { return templPlace.ReplaceAll(text, []byte("FileName: `")) }

// reportStale turns a list of stale files into an error that says what to do.
func reportStale(w io.Writer, stale []string) error {
	if len(stale) == 0 {
		return nil
	}
	for _, f := range stale {
		fmt.Fprintln(w, "stale:", f)
	}
	return errors.New("generated files are not what their sources give: go run ./dev gen, and commit them")
}

// differing lists the files that are not the same in two folders.
func differing(want, have, prefix string) ([]string, error) {
	a, err := contents(want)
	if err != nil {
		return nil, err
	}
	b, err := contents(have)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var out []string
	for name, text := range sorted(a) {
		if got, ok := b[name]; !ok || got != text {
			out = append(out, prefix+name)
		}
	}
	for name := range sorted(b) {
		if _, ok := a[name]; !ok {
			out = append(out, prefix+name+" (nothing makes it)")
		}
	}
	return out, nil
}

// contents reads a folder of small files, by slash path.
func contents(dir string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	return out, err
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}
