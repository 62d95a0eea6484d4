package rules_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// docRules asks for a comment on every package and every exported name.
func docRules(tr tree) (complaints []string) {
	documented, seen := map[string]bool{}, map[string]string{}
	for _, f := range tr.goFiles() {
		if f.test || f.generated || strings.HasPrefix(f.pkg, "deps") {
			continue
		}
		seen[f.pkg] = f.path
		if f.Doc != nil && len(strings.Fields(f.Doc.Text())) >= 5 {
			documented[f.pkg] = true
		}
		for _, n := range undocumented(f) {
			complaints = append(complaints, fmt.Sprintf("%s: exported %s has no comment: say what it means, its units and its errors", f.at(n), n.Name))
		}
	}
	for _, pkg := range sortedKeys(seen) {
		if !documented[pkg] {
			complaints = append(complaints, fmt.Sprintf("%s: package without a comment: say what it is for, what it promises and where it stops", pkg))
		}
	}
	return complaints
}

// undocumented lists the exported names of a file that no comment explains.
func undocumented(f goFile) (out []*ast.Ident) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				out = append(out, d.Name)
			}
		case *ast.GenDecl:
			out = append(out, undocumentedSpecs(d)...)
		}
	}
	return out
}

// undocumentedSpecs looks at types, constants and variables. The comment of a
// group serves its constants and variables.
func undocumentedSpecs(d *ast.GenDecl) (out []*ast.Ident) {
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && (d.Doc == nil || len(d.Specs) > 1 && d.Lparen != token.NoPos) {
				out = append(out, s.Name)
			}
		case *ast.ValueSpec:
			if s.Doc != nil || s.Comment != nil || d.Doc != nil {
				continue
			}
			for _, n := range s.Names {
				if n.IsExported() {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// exportedReceiver is true for functions, and for methods of exported types.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

func TestDocRules(t *testing.T) { guard(t, docRules) }

func TestDocRulesBite(t *testing.T) {
	bites(t, docRules, tree{
		"internal/a/doc.go": "// Package a shows how a package is documented.\npackage a\n",
		"internal/a/a.go":   "package a\n\n// Days of grace.\nconst (\n\tOne = 1\n\tTwo = 2\n)\n\n// F is a function.\nfunc F() {}\n\ntype t int\n\nfunc (t) M() {}\n",
	})
	bites(t, docRules, tree{
		"internal/a/a.go": "package a\n\nconst One = 1\n\nfunc F() {}\n\ntype T int\n\nfunc (T) M() {}\n",
	}, "One", "F", "T", "M", "package without a comment")
}

// sizes that keep a thing readable in one sitting.
const (
	maxFunc, maxFile, maxTest, maxPackage = 80, 600, 900, 3000
)

// largePackages are those that are larger for now, each with what it may not
// exceed and how it will come apart (docs/decisions/0012-large-packages.md).
var largePackages = map[string]int{
	"internal/innovation/catalog": 4500, // datasets; exploring a table
}

// sizeRules measures functions, files and packages. Tables do not count: they
// are read line by line. Nor do comments and empty lines in a package's sum.
func sizeRules(tr tree) (complaints []string) {
	packages := map[string]int{}
	for _, f := range tr.goFiles() {
		if f.generated {
			continue
		}
		lines := f.line(f.FileEnd) - tableLines(f)
		limit := maxFile
		if f.test {
			limit = maxTest
		} else {
			packages[f.pkg] += lines - quietLines(tr[f.path])
		}
		if lines > limit {
			complaints = append(complaints, fmt.Sprintf("%s has %d lines, more than %d: split it by subject", f.path, lines, limit))
		}
		complaints = append(complaints, longFuncs(f)...)
	}
	for _, pkg := range sortedKeys(packages) {
		if most := max(maxPackage, largePackages[pkg]); packages[pkg] > most {
			complaints = append(complaints, fmt.Sprintf("%s has %d lines of code, more than %d: make two packages of it", pkg, packages[pkg], most))
		}
	}
	return complaints
}

// quietLines counts the empty lines of a file and those that only comment.
func quietLines(text string) (n int) {
	for line := range strings.Lines(text) {
		if l := strings.TrimSpace(line); l == "" || strings.HasPrefix(l, "//") {
			n++
		}
	}
	return n
}

func longFuncs(f goFile) (complaints []string) {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || isTable(fn) {
			continue
		}
		n, most := f.line(fn.End())-f.line(fn.Pos())+1, maxFunc
		if f.test { // a scenario reads better in one piece
			n, most = n-literalLines(f, fn.Body), maxFunc+20
		}
		if n > most {
			complaints = append(complaints, fmt.Sprintf("%s: %s has %d lines, more than %d: name its steps", f.at(fn), fn.Name.Name, n, most))
		}
	}
	return complaints
}

// isTable reports whether a function does nothing but return a literal.
func isTable(fn *ast.FuncDecl) bool {
	if len(fn.Body.List) != 1 {
		return false
	}
	r, ok := fn.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(r.Results) == 0 {
		return false
	}
	e := r.Results[0]
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	_, ok = e.(*ast.CompositeLit)
	return ok
}

// tableLines counts the lines of the tables of a file.
func tableLines(f goFile) (n int) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil && isTable(d) {
				n += literalLines(f, d.Body)
			}
		case *ast.GenDecl:
			n += literalLines(f, d)
		}
	}
	return n
}

// literalLines counts the lines inside composite literals, without those that
// hold functions: code in a table is still code.
func literalLines(f goFile, in ast.Node) (n int) {
	ast.Inspect(in, func(x ast.Node) bool {
		lit, ok := x.(*ast.CompositeLit)
		if !ok || holdsFunc(lit) {
			return true
		}
		n += f.line(lit.End()) - f.line(lit.Pos())
		return false
	})
	return n
}

func holdsFunc(in ast.Node) (found bool) {
	ast.Inspect(in, func(x ast.Node) bool {
		_, ok := x.(*ast.FuncLit)
		found = found || ok
		return !found
	})
	return found
}

func TestSizeRules(t *testing.T) { guard(t, sizeRules) }

func TestSizeRulesBite(t *testing.T) {
	body := strings.Repeat("\t_ = 1\n", 90)
	rows := strings.Repeat("\t\t1,\n", 700)
	file := func(functions int) string {
		return "package a\n" + strings.Repeat("\nfunc f() {\n"+strings.Repeat("\t_ = 1\n", 48)+"}\n", functions)
	}
	bites(t, sizeRules, tree{
		"internal/a/table.go": "package a\n\nvar t = []int{\n" + rows + "}\n\nfunc f() []int {\n\treturn []int{\n" + rows + "\t}\n}\n",
		"internal/a/a.go":     file(11), "internal/a/b_test.go": file(17),
	})
	bites(t, sizeRules, tree{
		"internal/a/long.go": "package a\n\nfunc f() {\n" + body + "}\n",
	}, "f has 92 lines")
	bites(t, sizeRules, tree{"internal/a/a.go": file(12)}, "more than 600")
	big := tree{}
	for i := range 6 {
		big[fmt.Sprintf("internal/a/f%d.go", i)] = file(11)
	}
	bites(t, sizeRules, big, "more than 3000")
}
