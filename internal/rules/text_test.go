package rules_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rawAllowed are the files that may print HTML they did not write as a literal,
// each with the reason why that is safe.
var rawAllowed = map[string]string{
	"internal/face/ui/markdown.go": "prints what bluemonday has cleaned",
}

// templRules keeps templates from printing what was not escaped.
func templRules(tr tree) (complaints []string) {
	for _, name := range sortedKeys(tr) {
		if path.Ext(name) != ".templ" {
			continue
		}
		for n, line := range strings.Split(tr[name], "\n") {
			if strings.Contains(line, "xlink:href") {
				complaints = append(complaints, fmt.Sprintf("%s:%d: xlink:href is not checked by templ, so a javascript: address would run: write href", name, n+1))
			}
			if strings.Contains(line, "formaction={") && !strings.Contains(line, "formaction={ templ.URL(") {
				complaints = append(complaints, fmt.Sprintf("%s:%d: formaction is not checked by templ, so a javascript: address would run: write formaction={ templ.URL(…) }", name, n+1))
			}
		}
	}
	for _, f := range tr.goFiles() {
		if f.test || rawAllowed[f.path] != "" {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			name := selector(call.Fun)
			if slices.Contains(unescaped, name) && !fixed(name, call.Args[0]) {
				complaints = append(complaints, fmt.Sprintf("%s: %s of what is no literal: it would print anybody's text unescaped (templ checks an address that is a plain string)", f.at(call), name))
			}
			return true
		})
	}
	return complaints
}

// unescaped are templ's ways around its escaping.
var unescaped = []string{"templ.Raw", "templ.SafeURL", "templ.SafeCSS", "templ.JSUnsafeFuncCall"}

// fixed reports whether a text is a literal, or an address that begins on this
// site whatever comes after.
func fixed(name string, e ast.Expr) bool {
	if _, ok := literal(e); ok {
		return true
	}
	sum, ok := e.(*ast.BinaryExpr)
	if !ok || name != "templ.SafeURL" {
		return false
	}
	start, ok := literal(sum.X)
	if !ok {
		return fixed(name, sum.X) && sum.Op == token.ADD
	}
	return onSite.MatchString(start)
}

var onSite = regexp.MustCompile(`^([#?]|/[a-z])`)

func TestTemplRules(t *testing.T) { guard(t, templRules) }

func TestTemplRulesBite(t *testing.T) {
	bites(t, templRules, tree{
		"a.templ": "<use href=\"#x\"/>",
		"a.go":    "package a\n\nvar (\n\t_ = templ.Raw(\"<b>\")\n\t_ = templ.SafeURL(\"/plan/\" + id + \"#top\")\n)\n",
	})
	bites(t, templRules, tree{
		"a.templ": "\n<use xlink:href=\"#x\"/>\n<button formaction={ templ.SafeURL(x) }>",
		"a.go":    "package a\n\nvar (\n\t_ = templ.Raw(x)\n\t_ = templ.SafeURL(\"javascript:\" + x)\n)\n",
	}, "a.templ:2: xlink:href", "a.templ:3: formaction", "a.go:4: templ.Raw", "a.go:5: templ.SafeURL")
}

// transaction is a statement that begins or ends one.
var transaction = regexp.MustCompile(`(?i)^\s*(BEGIN( (IMMEDIATE|DEFERRED|EXCLUSIVE|TRANSACTION|WORK))*|START TRANSACTION|COMMIT|ROLLBACK( TO \w+)?|SAVEPOINT \w+|RELEASE( SAVEPOINT)? \w+)\s*;?\s*$`)

// transactionRules keeps transactions in one place.
func transactionRules(tr tree) (complaints []string) {
	for _, f := range tr.goFiles() {
		if mayQuery(f) || f.test || standing(f.pkg).layer == outside {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if text, ok := literal(e); ok && transaction.MatchString(text) && strings.ToUpper(text) == text {
					complaints = append(complaints, fmt.Sprintf("%s: %q: only db begins and ends transactions; SQLite's writers share one, and this would end everybody's", f.at(e), text))
				}
			}
			return true
		})
	}
	return complaints
}

func TestTransactionRules(t *testing.T) { guard(t, transactionRules) }

func TestTransactionRulesBite(t *testing.T) {
	bites(t, transactionRules, tree{"internal/service/a/a.go": "package a\n\nvar _ = \"BEGIN:VCALENDAR\"\n"})
	bites(t, transactionRules, tree{
		"internal/service/a/a.go": "package a\n\nvar (\n\t_ = \"COMMIT\"\n\t_ = `SAVEPOINT X`\n)\n",
	}, "COMMIT", "SAVEPOINT")
}

// leftover marks work that somebody meant to do.
var leftover = regexp.MustCompile(`\b(` + "TO" + `DO|FIX` + `ME|X` + `XX)\b`)

// leftoverRules finds marks of unfinished work.
func leftoverRules(tr tree) (complaints []string) {
	for _, name := range sortedKeys(tr) {
		if path.Ext(name) == ".json" {
			continue // Spanish says "todo"
		}
		for n, line := range strings.Split(tr[name], "\n") {
			if m := leftover.FindString(line); m != "" {
				complaints = append(complaints, fmt.Sprintf("%s:%d: %s: finish it, or open an issue", name, n+1, m))
			}
		}
	}
	return complaints
}

func TestLeftoverRules(t *testing.T) { guard(t, leftoverRules) }

func TestLeftoverRulesBite(t *testing.T) {
	bites(t, leftoverRules, tree{"a.ts": "\n// TO" + "DO: more", "b.json": `{"a": "TO` + `DO"}`}, "a.ts:2")
}

var (
	migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+(\.sqlite|\.postgres)?\.sql$`)
	goUp          = "-- +goose Up\n"
)

// migrationRules checks the names and first lines of migrations.
func migrationRules(tr tree) (complaints []string) {
	taken := map[string]string{}
	for _, name := range sortedKeys(tr) {
		if path.Base(path.Dir(name)) != "sql" || path.Ext(name) != ".sql" {
			continue
		}
		m := migrationName.FindStringSubmatch(path.Base(name))
		if m == nil {
			complaints = append(complaints, fmt.Sprintf("%s: a migration is called 0001_what.sql, with .sqlite or .postgres before .sql where one text cannot serve both", name))
			continue
		}
		if !strings.HasPrefix(tr[name], goUp) {
			complaints = append(complaints, fmt.Sprintf("%s does not begin with %q, so goose would not run it", name, strings.TrimSpace(goUp)))
		}
		for _, engine := range []string{".sqlite", ".postgres"} {
			if m[2] != "" && m[2] != engine {
				continue
			}
			key := path.Dir(name) + m[1] + engine
			if other := taken[key]; other != "" {
				complaints = append(complaints, fmt.Sprintf("%s has the number of %s", name, other))
				break
			}
			taken[key] = name
		}
	}
	return complaints
}

func TestMigrationRules(t *testing.T) { guard(t, migrationRules) }

func TestMigrationRulesBite(t *testing.T) {
	bites(t, migrationRules, tree{
		"a/sql/0001_a.sql": goUp, "a/sql/0002_b.sqlite.sql": goUp, "a/sql/0002_b.postgres.sql": goUp,
	})
	bites(t, migrationRules, tree{
		"a/sql/0001_a.sql": "CREATE TABLE a (b TEXT)", "a/sql/0001_b.sqlite.sql": goUp, "a/sql/1_c.sql": goUp,
	}, "does not begin", "has the number of", "is called 0001_what.sql")
}
