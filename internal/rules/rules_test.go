// The tests here guard the rules of this house over the
// whole source tree: what may import what, documentation, sizes, templates,
// migrations and words. Each complaint says why the rule is there. Each guard
// is shown to bite by a small broken tree beside it.
//
// They read source text only, so `make test` runs them in a second, before
// anything is linked.
package rules_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tree is source text by slash path from the root of the checkout.
type tree map[string]string

// a rule returns its complaints about a tree.
type rule func(tree) []string

// guard applies a rule to this checkout.
func guard(t *testing.T, r rule) {
	t.Helper()
	for _, complaint := range r(checkout(t)) {
		t.Error(complaint)
	}
}

// bites shows that a rule complains about a broken tree, once for each of
// wants, in order, and about nothing else.
func bites(t *testing.T, r rule, broken tree, wants ...string) {
	t.Helper()
	got := r(broken)
	for i, want := range wants {
		if i >= len(got) || !strings.Contains(got[i], want) {
			t.Errorf("complaint %d: want %q in\n%s", i+1, want, strings.Join(got, "\n"))
			return
		}
	}
	if len(got) > len(wants) {
		t.Errorf("too many complaints:\n%s", strings.Join(got, "\n"))
	}
}

// checkout reads the sources of the repository that this file stands in.
func checkout(t *testing.T) tree {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{".go": true, ".templ": true, ".sql": true, ".json": true, ".ts": true, ".css": true, ".mjs": true}
	out := tree{}
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			switch base := e.Name(); {
			case name == ".":
			case base == "node_modules", base == "testdata", base == "dist", base == "bin", base == "data", base[0] == '.':
				return fs.SkipDir
			}
			return nil
		}
		if kinds[path.Ext(name)] {
			text, err := os.ReadFile(filepath.Join(root, name))
			out[name] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := out["internal/rules/rules_test.go"]; !ok {
		t.Fatalf("%s is not the root of the checkout", root)
	}
	return out
}

// goFile is a parsed source file.
type goFile struct {
	path      string
	pkg       string // folder, with slashes
	test      bool
	generated bool
	fset      *token.FileSet
	*ast.File
}

func (f goFile) line(p token.Pos) int { return f.fset.Position(p).Line }

// at says where in the file a node stands.
func (f goFile) at(n ast.Node) string { return fmt.Sprintf("%s:%d", f.path, f.line(n.Pos())) }

// goFiles parses every Go file, in the order of their paths.
func (tr tree) goFiles() []goFile {
	var out []goFile
	for _, name := range sortedKeys(tr) {
		if path.Ext(name) != ".go" {
			continue
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, name, tr[name], parser.ParseComments)
		if err != nil {
			continue // the compiler says it better
		}
		out = append(out, goFile{
			path: name, pkg: path.Dir(name), fset: fset, File: parsed,
			test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(parsed),
		})
	}
	return out
}

// importsOf lists what a file imports.
func (f goFile) importsOf() []string {
	var out []string
	for _, i := range f.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		out = append(out, p)
	}
	return out
}

// literal returns the value of a string literal.
func literal(e ast.Expr) (string, bool) {
	if p, ok := e.(*ast.ParenExpr); ok {
		return literal(p.X)
	}
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// selector returns "pkg.Name" for a call of an imported or local thing's
// method, and "" for any other expression.
func selector(e ast.Expr) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok {
		return "?." + s.Sel.Name
	}
	return x.Name + "." + s.Sel.Name
}
