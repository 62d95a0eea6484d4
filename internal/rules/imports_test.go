package rules_test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// place is where a package stands in the house.
type place struct {
	layer int
	name  string // of the layer
	unit  string // capability or page group; one never imports another of its layer
}

const (
	ground = iota
	service
	face
	domain
	story
	app
	cmd
	outside // dev, e2e, tools: not in the program
)

var layerNames = []string{"ground", "service", "face", "domain", "story", "app", "cmd", "outside"}

// standing tells where a folder of this module stands.
func standing(pkg string) place {
	parts := strings.Split(pkg, "/")
	layer := outside
	if parts[0] == "cmd" {
		layer = cmd
	}
	if pkg == "web" { // the embedded files
		layer = ground
	}
	unit := pkg
	if parts[0] == "internal" && len(parts) > 1 {
		unit = strings.Join(parts[1:min(3, len(parts))], "/")
		switch parts[1] {
		case "ground":
			layer = ground
		case "service":
			layer = service
		case "face":
			layer = face
		case "site", "capacity", "collaboration", "innovation", "programme":
			layer = domain
		case "story":
			layer = story
		case "app":
			layer = app
		}
	}
	return place{layer, layerNames[layer], unit}
}

// importRules checks every import of every file.
func importRules(tr tree) (complaints []string) {
	for _, f := range tr.goFiles() {
		if standing(f.pkg).layer == outside {
			continue
		}
		for _, imp := range f.importsOf() {
			why := ""
			if inner, ours := strings.CutPrefix(imp, "ceiba/"); ours {
				why = innerImport(f, inner)
			} else {
				why = outerImport(f, imp)
			}
			if why != "" {
				complaints = append(complaints, fmt.Sprintf("%s imports %s: %s", f.path, imp, why))
			}
		}
	}
	return complaints
}

// innerImport says what is wrong when f imports another package of ours.
func innerImport(f goFile, imp string) string {
	from, to := standing(f.pkg), standing(imp)
	switch {
	case to.layer == outside:
		return "what only developers run must not be part of the program"
	case strings.HasSuffix(path.Base(imp), "test") && !f.test && !strings.HasSuffix(f.pkg, "test"):
		return "helpers of tests must not be part of the program"
	case f.test && to.layer <= face:
		return "" // a test may use any part of the house below the domains
	case to.layer > from.layer:
		return fmt.Sprintf("%s knows nothing of %s; imports go downward only, so that each part can be read without those above it", from.name, to.name)
	case from.layer == domain && to.layer == domain && from.unit != to.unit:
		return "a domain never imports another: let it listen to activity, link records, or declare a small interface that app satisfies"
	}
	return ""
}

// drivers talk to databases behind db's back.
var drivers = []string{"github.com/mattn/go-sqlite3", "github.com/jackc/pgx/", "github.com/duckdb/", "github.com/pressly/goose/"}

// outerImport says what is wrong when f imports something of others.
func outerImport(f goFile, imp string) string {
	driver := slices.ContainsFunc(drivers, func(d string) bool { return strings.HasPrefix(imp, d) })
	switch {
	case (imp == "database/sql" || driver) && !mayQuery(f):
		return "only internal/ground/db knows the database: group commit, retries and both engines' differences live there (internal/service/table opens files of its own)"
	case imp == "net/http" && !mayServe(f):
		return "rules and records know nothing of HTTP, so that the command line, jobs and tests can use them: keep it to web.go and api.go"
	case imp == "net/http/httptest" && !f.test && !strings.HasSuffix(f.pkg, "test"):
		return "helpers of tests must not be part of the program"
	case strings.HasPrefix(imp, "github.com/evanw/esbuild"):
		return "bundling happens in dev/bundle, before the program is built"
	}
	return ""
}

func mayQuery(f goFile) bool {
	return f.pkg == "internal/ground/db" || f.pkg == "internal/ground/dbtest" ||
		f.pkg == "internal/service/table" || strings.HasPrefix(f.pkg, "internal/service/table/")
}

// mayServe reports whether a file may speak HTTP: the faces, the services that
// store and send over it, clients of outside services, and a domain's faces.
func mayServe(f goFile) bool {
	if f.test || strings.HasSuffix(f.pkg, "test") {
		return true
	}
	where := standing(f.pkg)
	base := strings.TrimSuffix(path.Base(f.path), ".go")
	kind, _, _ := strings.Cut(base, "_")
	switch where.layer {
	case face, app, cmd:
		return true
	case service:
		return where.unit == "service/blob" || where.unit == "service/notify" || base == "client" ||
			strings.HasSuffix(base, "_client") || where.unit == "service/who" && (kind == "passkey" || kind == "oidc")
	case domain, story:
		return kind == "web" || kind == "api" || kind == "oidc" || base == "client" || strings.HasSuffix(base, "_client")
	}
	return false
}

func TestImportRules(t *testing.T) { guard(t, importRules) }

func TestImportRulesBite(t *testing.T) {
	file := func(imports ...string) string {
		return "package x\n\nimport (\n\t\"" + strings.Join(imports, "\"\n\t\"") + "\"\n)\n"
	}
	bites(t, importRules, tree{
		"internal/collaboration/budget/a.go":      file("ceiba/internal/collaboration/budget/part", "ceiba/internal/service/who"),
		"internal/collaboration/budget/web.go":    file("net/http"),
		"internal/collaboration/budget/x_test.go": file("ceiba/internal/ground/dbtest", "net/http"),
		"internal/service/who/passkey.go":         file("net/http"),
		"internal/service/table/a.go":             file("database/sql"),
		"dev/a.go":                                file("database/sql", "ceiba/internal/app"),
	})
	bites(t, importRules, tree{
		"internal/collaboration/budget/a.go": file("ceiba/internal/collaboration/plan"),
		"internal/collaboration/budget/b.go": file("net/http"),
		"internal/collaboration/budget/c.go": file("ceiba/internal/ground/dbtest"),
		"internal/collaboration/budget/d.go": file("ceiba/dev/gatewriter"),
		"internal/face/web/a.go":             file("ceiba/internal/site/account"),
		"internal/ground/id/a.go":            file("ceiba/internal/service/who"),
		"internal/service/who/a.go":          file("database/sql"),
		"internal/service/who/b.go":          file("github.com/jackc/pgx/v5"),
		"internal/site/account/a.go":         file("ceiba/internal/site/admin"),
	},
		"never imports another", "know nothing of HTTP", "helpers of tests", "only developers run",
		"face knows nothing of domain", "ground knows nothing of service", "only internal/ground/db", "only internal/ground/db",
		"never imports another")
}
