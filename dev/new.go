package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed capability/*.tmpl
var capability embed.FS

// families are the folders of internal that hold domains.
var families = []string{"capacity", "collaboration", "innovation", "site"}

// part is a file of a new capability: its template and where it goes.
type part struct{ template, to string }

func parts(name string) []part {
	return []part{
		{"doc.go", "doc.go"},
		{"domain.go", name + ".go"},
		{"module.go", "module.go"},
		{"web.go", "web.go"},
		{"api.go", "api.go"},
		{"pages.templ", "pages.templ"},
		{"schema.sql", "sql/0001_" + name + ".sql"},
		{"en.json", "locale/en.json"},
		{"es.json", "locale/es.json"},
		{"domain_test.go", name + "_test.go"},
		{"web_test.go", "web_test.go"},
	}
}

var capabilityName = regexp.MustCompile(`^[a-z][a-z]{2,30}$`)

// newCapability writes the folder of a capability that works as it stands:
// somebody can write, edit, list and read one thing, on pages and by API. What
// it is really for is then filled in.
func newCapability(ctx context.Context, c *checkout, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: go run ./dev new [FAMILY/]NAME, where NAME is one lower-case word for one thing, such as petition, and FAMILY one of %s",
			errUsage, strings.Join(families, ", "))
	}
	family, name := path.Split(args[0])
	family = strings.TrimSuffix(family, "/")
	if family == "" {
		family = "collaboration"
	}
	if !capabilityName.MatchString(name) || !slices.Contains(families, family) {
		return fmt.Errorf("%w: %q: NAME is 3 to 31 lower-case letters, FAMILY one of %s", errUsage, args[0], strings.Join(families, ", "))
	}
	dir := path.Join("internal", family, name)
	if exists(c.path(dir)) {
		return fmt.Errorf("%s is there already", dir)
	}
	if err := c.writeCapability(dir, name); err != nil {
		return err
	}
	if err := c.templGenerate(ctx, c.root); err != nil {
		return err
	}
	fmt.Printf("wrote %s\n\nNow add it to the list in internal/app/modules.go:\n\n\timport \"ceiba/%s\"\n\n\t%s.Module(a.DB),\n\n"+
		"Then: go test -tags sqlite_fts5 ./%s\n", dir, dir, name, dir)
	return nil
}

// writeCapability fills in the templates.
func (c *checkout) writeCapability(dir, name string) error {
	title := strings.ToUpper(name[:1]) + name[1:]
	words := map[string]string{"Name": name, "Plural": plural(name), "Type": title, "Title": title, "PluralTitle": strings.ToUpper(name[:1]) + plural(name)[1:]}
	all, err := template.New("").Delims("[[", "]]").Option("missingkey=error").ParseFS(capability, "capability/*.tmpl")
	if err != nil {
		return err
	}
	for _, p := range parts(name) {
		var b bytes.Buffer
		if err := all.ExecuteTemplate(&b, p.template+".tmpl", words); err != nil {
			return err
		}
		text := b.Bytes()
		if strings.HasSuffix(p.to, ".go") { // columns stand by the length of the name
			if text, err = format.Source(text); err != nil {
				return fmt.Errorf("%s: %w", p.to, err)
			}
		}
		to := c.path(dir, p.to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// plural is right for most English nouns; the rest is a search and replace.
func plural(name string) string {
	switch {
	case strings.HasSuffix(name, "y") && !strings.ContainsAny(name[len(name)-2:len(name)-1], "aeiou"):
		return name[:len(name)-1] + "ies"
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		return name + "es"
	}
	return name + "s"
}
