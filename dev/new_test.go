package main

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ceiba/dev/server"
)

func TestPlural(t *testing.T) {
	for one, many := range map[string]string{"petition": "petitions", "inquiry": "inquiries", "survey": "surveys", "address": "addresses", "match": "matches"} {
		if got := plural(one); got != many {
			t.Errorf("%s: got %s, want %s", one, got, many)
		}
	}
}

// copied is a copy of the sources into which a capability can be written; left
// says what it goes without.
func copied(t *testing.T, left func(path string) bool) *checkout {
	t.Helper()
	here, err := open()
	if err != nil {
		t.Fatal(err)
	}
	c := &checkout{root: t.TempDir(), env: here.env}
	err = here.walk(func(path string) error {
		if left(path) || strings.HasPrefix(path, "e2e/") {
			return nil
		}
		return copyFile(here.path(path), c.path(path))
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNewCapability writes a capability into a copy of the sources, where it
// must compile, be formatted, obey the house rules and pass its own tests.
func TestNewCapability(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c := copied(t, func(path string) bool {
		return strings.HasPrefix(path, "internal/app/")
	})
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
	out, _ := c.quiet(ctx, "go", "test", rulesPackage)
	for line := range strings.Lines(out) {
		if strings.Contains(line, "petition") {
			t.Errorf("house rules: %s", line)
		}
	}
}

// TestNewCapabilityInTheDemonstration does what docs/adding-a-capability.md says:
// it adds the line, starts the demonstration, signs in as its editor and writes
// the first one.
func TestNewCapabilityInTheDemonstration(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c := copied(t, func(string) bool { return false })
	if err := newCapability(ctx, c, []string{"petition"}); err != nil {
		t.Fatal(err)
	}
	list := c.path("internal/app/modules.go")
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	added := strings.NewReplacer("import (\n", "import (\n\t\"ceiba/internal/collaboration/petition\"\n", "\t\ta.catalog().Module(),\n", "\t\ta.catalog().Module(),\n\t\tpetition.Module(a.DB),\n").Replace(string(text))
	if err := os.WriteFile(list, []byte(added), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := c.quiet(ctx, "go", "build", "-o", "ceiba", "./cmd/ceiba"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	addr, err := server.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.Start(ctx, addr, "/readyz", time.Minute, c.command(ctx, c.path("ceiba"), "serve", "--demo", "--listen", addr, "--data", t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	b := newBrowser(t, "http://"+addr)
	b.press("/demo/sign-in", "editor", nil)
	b.press("/petitions/new", "/petitions", url.Values{"title": {"A bridge for San Antonio"}, "text": {"It floods."}})
	if _, page := b.read(http.Get("http://" + addr + "/petitions")); !strings.Contains(page, "A bridge for San Antonio") {
		t.Errorf("the list lacks what the editor wrote:\n%s", page)
	}
}

// browser fills in forms as somebody does who keeps the choices that a form
// proposes.
type browser struct {
	*http.Client
	t    *testing.T
	base string
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar}, t, base}
}

func (b *browser) read(r *http.Response, err error) (int, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// press opens a page and sends its form that mentions a word, with the values
// it holds and those given.
func (b *browser) press(path, word string, values url.Values) {
	b.t.Helper()
	status, page := b.read(b.Get(b.base + path))
	root, err := html.Parse(strings.NewReader(page))
	if err != nil || status != http.StatusOK {
		b.t.Fatalf("%s: %d %v\n%s", path, status, err, page)
	}
	for n := range root.Descendants() {
		if n.Data != "form" || attribute(n, "method") != "post" {
			continue
		}
		var whole strings.Builder
		html.Render(&whole, n)
		if !strings.Contains(strings.ToLower(whole.String()), word) {
			continue
		}
		filled := proposed(n)
		maps.Copy(filled, values)
		r, err := b.PostForm(b.base+attribute(n, "action"), filled)
		if status, page := b.read(r, err); status != http.StatusOK {
			b.t.Fatalf("%s with %v: %d\n%s", attribute(n, "action"), filled, status, page)
		}
		return
	}
	b.t.Fatalf("%s has no form with %q:\n%s", path, word, page)
}

// proposed is what a form sends if nobody touches it.
func proposed(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		switch {
		case n.Data == "input" || n.Data == "button":
			if name := attribute(n, "name"); name != "" {
				out.Set(name, attribute(n, "value"))
			}
		case n.Data == "option" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "selected" }):
			out.Set(attribute(n.Parent, "name"), attribute(n, "value"))
		}
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
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
