package rules_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

// words are the keys of the sentences of one language of one module.
type words map[string]bool

// locales reads every locale/*.json, by folder and language.
func locales(tr tree) (found map[string]map[string]words, complaints []string) {
	found = map[string]map[string]words{}
	for _, name := range sortedKeys(tr) {
		if path.Base(path.Dir(name)) != "locale" || path.Ext(name) != ".json" {
			continue
		}
		var sentences map[string]json.RawMessage
		if err := json.Unmarshal([]byte(tr[name]), &sentences); err != nil {
			complaints = append(complaints, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		folder := path.Dir(path.Dir(name))
		if found[folder] == nil {
			found[folder] = map[string]words{}
		}
		keys := words{}
		for k := range sentences {
			keys[k] = true
		}
		found[folder][strings.TrimSuffix(path.Base(name), ".json")] = keys
	}
	return found, complaints
}

// wordRules compares the sentences that code asks for with those there are.
func wordRules(tr tree) []string {
	found, complaints := locales(tr)
	every := words{}
	for _, folder := range sortedKeys(found) {
		en, es := found[folder]["en"], found[folder]["es"]
		complaints = append(complaints, unlike(folder, en, es, "es.json lacks %s, which en.json has: English and Spanish are complete")...)
		complaints = append(complaints, unlike(folder, es, en, "en.json lacks %s, which es.json has: English is what others fall back to")...)
		for k := range en {
			every[k] = true
		}
	}
	use := usesOf(tr)
	for _, k := range sortedKeys(use.asked) {
		if !every[k] {
			complaints = append(complaints, fmt.Sprintf("%s: no locale/en.json has the sentence %q", use.asked[k], k))
		}
	}
	for _, folder := range sortedKeys(found) {
		for _, k := range sortedKeys(found[folder]["en"]) {
			if !use.mentions(k) {
				complaints = append(complaints, fmt.Sprintf("%s/locale/en.json: nothing uses %q: take it out", folder, k))
			}
		}
	}
	return complaints
}

func unlike(folder string, have, lack words, format string) (complaints []string) {
	for _, k := range sortedKeys(have) {
		if !lack[k] {
			complaints = append(complaints, folder+"/locale/"+fmt.Sprintf(format, k))
		}
	}
	return complaints
}

// uses is what code says about sentences.
type uses struct {
	asked    map[string]string // keys that are certainly asked for, and where
	literals map[string]bool   // every string in the code: a key may be among them
	starts   []string          // strings that something is appended to
}

var keyShape = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_-]+)+$`)

// askers are the calls whose argument is a key, and which one it is.
var askers = map[string]int{"i18n.T": 1, "i18n.N": 1, "i18n.Has": 1, "ui.Say": 1, "ui.SayN": 1, "fault.New": 1}

// usesOf reads all code, generated files included: there the templates' calls
// are found in Go.
func usesOf(tr tree) uses {
	u := uses{asked: map[string]string{}, literals: map[string]bool{}}
	for _, f := range tr.goFiles() {
		if f.test || standing(f.pkg).layer == outside {
			continue
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if key, ok := askedBy(n); ok {
					u.asked[key] = f.at(n)
				}
			case *ast.BinaryExpr:
				if start, ok := literal(n.X); ok && n.Op == token.ADD {
					u.starts = append(u.starts, start)
				}
			case *ast.KeyValueExpr: // a listing.List names the beginning of its keys
				if name, ok := n.Key.(*ast.Ident); ok && name.Name == "Words" {
					if start, ok := literal(n.Value); ok {
						u.starts = append(u.starts, start)
					}
				}
			case *ast.BasicLit:
				if text, ok := literal(n); ok {
					u.literals[text] = true
					if start, _, ok := strings.Cut(text, "%"); ok {
						u.starts = append(u.starts, start)
					}
				}
			}
			return true
		})
	}
	return u
}

// askedBy returns the key that a call asks for.
func askedBy(call *ast.CallExpr) (string, bool) {
	name := selector(call.Fun)
	at, ok := askers[name]
	if !ok && strings.HasSuffix(name, ".Add") && len(call.Args) >= 2 { // fault.Fields
		_, isField := literal(call.Args[0])
		at, ok = 1, isField
	}
	if !ok || len(call.Args) <= at {
		return "", false
	}
	key, ok := literal(call.Args[at])
	return key, ok && keyShape.MatchString(key)
}

// mentions reports whether a key is in the code: whole, without its module
// ("title" of "ui.title", for helpers that add the module), or put together
// from a beginning such as "plan.status." or the Words of a list. The module alone
// is no beginning.
func (u uses) mentions(key string) bool {
	_, short, _ := strings.Cut(key, ".")
	if u.literals[key] || u.literals[short] {
		return true
	}
	for _, start := range u.starts {
		stem := strings.TrimRight(start, "._-")
		if stem == start || stem == "" {
			continue
		}
		if strings.HasPrefix(key, start) && strings.Contains(stem, ".") || strings.HasPrefix(short, start) {
			return true
		}
	}
	return false
}

func TestWordRules(t *testing.T) { guard(t, wordRules) }

func TestWordRulesBite(t *testing.T) {
	code := "package a\n\nfunc f() {\n\ti18n.T(ctx, \"a.used\")\n\tp.Add(\"name\", \"a.wrong\")\n\t_ = \"a.status.\" + s\n\t_ = t(ctx, \"short\")\n}\n"
	all := `{"a.used": "x", "a.wrong": "x", "a.status.open": "x", "a.short": {"one": "x", "other": "y"}}`
	bites(t, wordRules, tree{
		"internal/service/a/a.go": code, "internal/service/a/locale/en.json": all, "internal/service/a/locale/es.json": all,
	})
	bites(t, wordRules, tree{
		"internal/service/a/a.go":           code,
		"internal/service/a/locale/en.json": `{"a.used": "x", "a.idle": "x"}`,
		"internal/service/a/locale/es.json": `{"a.used": "x", "a.more": "x"}`,
	}, "es.json lacks a.idle", "en.json lacks a.more", `"a.wrong"`, `nothing uses "a.idle"`)
}
