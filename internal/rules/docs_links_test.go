package rules_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// markdownLink is [text](target) and ![text](target).
var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// linkRules asks that every link between the repository's own pages leads
// somewhere: to a file or folder that exists reports true for, and to a heading
// of that page.
func linkRules(tr tree, exists func(name string) bool) (complaints []string) {
	for _, name := range sortedKeys(tr) {
		if path.Ext(name) != ".md" {
			continue
		}
		for n, line := range prose(tr[name]) {
			for _, m := range markdownLink.FindAllStringSubmatch(line, -1) {
				if why := deadLink(tr, name, m[1], exists); why != "" {
					complaints = append(complaints, fmt.Sprintf("%s:%d: %s %s", name, n+1, m[1], why))
				}
			}
		}
	}
	return complaints
}

// deadLink says why a link in page from leads nowhere, or "".
func deadLink(tr tree, from, target string, exists func(string) bool) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return "" // another site: no test of ours depends on it
	}
	file, heading, _ := strings.Cut(target, "#")
	if strings.HasPrefix(file, "/") {
		return "begins with /, which means something else on every site that shows this page: write it relative"
	}
	to := from
	if file != "" {
		to = path.Join(path.Dir(from), file)
	}
	if !exists(to) {
		return "leads nowhere: there is no " + to
	}
	if heading != "" && !headings(tr[to])[heading] {
		return "leads to no heading of " + to
	}
	return ""
}

// prose returns the lines of a page by number, those inside code left empty.
func prose(text string) []string {
	lines, fenced := strings.Split(text, "\n"), false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		if fence {
			fenced = !fenced
		}
		if fence || fenced || strings.HasPrefix(line, "    ") {
			lines[i] = ""
		}
	}
	return lines
}

// headings lists the anchors that forges give a page's headings: lower case,
// spaces to hyphens, other marks left out.
func headings(text string) map[string]bool {
	out := map[string]bool{}
	for _, line := range prose(text) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(title))
		out[anchor] = true
	}
	return out
}

// pages reads the Markdown that is read in the repository. Texts that a site
// shows (internal/site/settings/text) link within the site instead.
func pages(t *testing.T, root string) tree {
	t.Helper()
	out := tree{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "e2e/journeys/*.md", "internal/*/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			name, _ := filepath.Rel(root, f)
			out[filepath.ToSlash(name)] = string(text)
		}
	}
	return out
}

func TestLinkRules(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tr := pages(t, root)
	if _, ok := tr["README.md"]; !ok {
		t.Fatalf("there is no README.md in %s", root)
	}
	for _, complaint := range linkRules(tr, func(name string) bool {
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
		return err == nil
	}) {
		t.Error(complaint)
	}
}

func TestLinkRulesBite(t *testing.T) {
	rule := func(tr tree) []string {
		return linkRules(tr, func(name string) bool { _, ok := tr[name]; return ok })
	}
	bites(t, rule, tree{
		"README.md":   "# A\n[b](docs/b.md#two-words-and-a-mark) [out](https://example.org) [a](#a)\n\n    [code](nowhere.md)\n\n```\n[code](nowhere.md)\n```\n",
		"docs/b.md":   "## Two words, and a `mark`?\n[up](../README.md) ![p](p.png)\n",
		"docs/p.png":  "",
		"docs/c.html": "[not](a-page.md)",
	})
	bites(t, rule, tree{
		"README.md": "\n[b](docs/b.md) [c](/docs/c.md) [x](docs/c.md#absent)\n",
		"docs/c.md": "# Here\n#no heading\n[r](README.md) [n](#no-heading)\n",
	}, "README.md:2: docs/b.md leads nowhere", "README.md:2: /docs/c.md begins with /", "leads to no heading of docs/c.md",
		"docs/c.md:3: README.md leads nowhere", "#no-heading leads to no heading")
}
