package merge_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/needtest"
)

// data reads a file below the folder of OCDS data.
func data(t testing.TB, name string) any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(needtest.Data(t), "ocds", name))
	if err != nil {
		t.Fatal(err)
	}
	return value(t, string(b))
}

func value(t testing.TB, text string) any {
	t.Helper()
	limits := read.Usual
	limits.Repeats = true // the schema of 1.0.3 needs it
	v, err := read.Value([]byte(text), limits)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func list(t testing.TB, text string) []any { t.Helper(); return value(t, text).([]any) }

const fixtures = "ocds-merge-fixtures/tests/fixtures/"

func derived(t testing.TB, name string) *merge.Rules {
	t.Helper()
	r, err := merge.Derive(data(t, name).(*ocds.Object))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func same(t *testing.T, want any, got *ocds.Object) {
	t.Helper()
	if !ocds.Equal(want, got) {
		t.Errorf("not as expected:\nwant %s\ngot  %s", ocds.Append(nil, want), ocds.Append(nil, got))
	}
}

// TestRules: the list of tests/test_rules.py of the reference.
func TestRules(t *testing.T) {
	whole := func(paths string) map[string]merge.Rule {
		out := map[string]merge.Rule{"id": merge.Omit, "date": merge.Omit, "tag": merge.Omit}
		for p := range strings.FieldsSeq(paths) {
			out[p] = merge.Whole
		}
		return out
	}
	v11 := whole(`awards/items/additionalClassifications contracts/items/additionalClassifications tender/items/additionalClassifications
		contracts/relatedProcesses/relationship relatedProcesses/relationship parties/additionalIdentifiers parties/roles
		tender/additionalProcurementCategories tender/submissionMethod
		awards/amendment/changes awards/amendments/changes contracts/amendment/changes contracts/amendments/changes tender/amendment/changes tender/amendments/changes
		awards/suppliers/additionalIdentifiers buyer/additionalIdentifiers tender/procuringEntity/additionalIdentifiers tender/tenderers/additionalIdentifiers
		contracts/implementation/transactions/payee/additionalIdentifiers contracts/implementation/transactions/payer/additionalIdentifiers`)
	v10 := whole(`awards/amendment/changes contracts/amendment/changes tender/amendment/changes
		awards/items/additionalClassifications contracts/items/additionalClassifications tender/items/additionalClassifications
		awards/suppliers tender/tenderers tender/submissionMethod buyer/additionalIdentifiers tender/procuringEntity/additionalIdentifiers`)
	v10["ocid"] = merge.Omit
	for _, c := range []struct {
		version schema.Version
		n       int
		want    map[string]merge.Rule
	}{{schema.V11, 24, v11}, {schema.V10, 15, v10}} {
		got := merge.Standard(c.version).Paths()
		if d := cmp.Diff(c.want, got); d != "" || len(got) != c.n {
			t.Errorf("%s: %d rules, %s", c.version, len(got), d)
		}
	}
	// The fixtures were made with 1.1.4: its rules are those of 1.1.5.
	if d := cmp.Diff(v11, derived(t, fixtures+"release-schema-1__1__4.json").Paths()); d != "" {
		t.Error(d)
	}
}

// TestFixtures runs the 50 expected outputs of the reference.
func TestFixtures(t *testing.T) {
	count := 0
	for folder, rules := range map[string]*merge.Rules{
		"1.0": derived(t, fixtures+"release-schema-1__0__3.json"), "1.1": merge.Standard(schema.V11), "schema": derived(t, fixtures+"schema.json"),
	} {
		for suffix, run := range map[string]func(*merge.Rules, []any) (merge.Result, error){"compiled": merge.Compiled, "versioned": merge.Versioned} {
			names, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", fixtures, folder, "*-"+suffix+".json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				count++
				name := filepath.Base(name)
				t.Run(folder+"/"+name, func(t *testing.T) {
					releases := data(t, fixtures+folder+"/"+strings.Replace(name, "-"+suffix, "", 1)).([]any)
					before := string(ocds.Append(nil, releases))
					got, err := run(rules, releases)
					if err != nil {
						t.Fatal(err)
					}
					same(t, data(t, fixtures+folder+"/"+name), got.Release)
					if before != string(ocds.Append(nil, releases)) {
						t.Error("the releases were changed")
					}
					if twice := name == "identifier-merge-duplicate-id-compiled.json"; twice != (len(got.Warnings) > 0) {
						t.Errorf("warnings: %v", got.Warnings)
					}
				})
			}
		}
	}
	if count != 50 {
		t.Errorf("%d fixtures, want 50", count)
	}
}

// TestOverrides: tests/test_collisions.py of the reference, where the rules are
// those of OCDS and the releases are given twice.
func TestOverrides(t *testing.T) {
	for _, c := range []struct {
		input, want string
		way         merge.Override
		warnings    int
	}{
		{"identifier-merge-duplicate-id", "identifier-merge-duplicate-id-by-position", merge.ByPosition, 4},
		{"identifier-merge-duplicate-id", "identifier-merge-duplicate-id-append", merge.Append, 4},
		{"identifier-merge-no-id", "identifier-merge-no-id-append", merge.Append, 0},
	} {
		releases := data(t, fixtures+"schema/"+c.input+".json").([]any)
		got, err := merge.Compiled(merge.Standard(schema.V11).With("nested/array", c.way), append(releases, releases...))
		if err != nil {
			t.Fatal(err)
		}
		same(t, data(t, fixtures+"schema/"+c.want+".json"), got.Release)
		if len(got.Warnings) != c.warnings {
			t.Errorf("%s: %v", c.want, got.Warnings)
		}
	}
}

// TestRealData: four outputs of Mexico City (OCDS 1.0), and the worked example
// of the standard in both forms.
func TestRealData(t *testing.T) {
	for _, n := range []string{"1", "2"} {
		pack := data(t, "examples/ocdskit-realdata/release-package-"+n+".json").(*ocds.Object)
		releases, _ := pack.Get("releases")
		both(t, merge.Standard(schema.V10), releases.([]any), "examples/ocdskit-realdata/compiled-release-"+n+".json", "examples/ocdskit-realdata/versioned-release-"+n+".json")
	}
}

func both(t *testing.T, rules *merge.Rules, releases []any, compiled, versioned string) {
	t.Helper()
	c, err := merge.Compiled(rules, releases)
	if err != nil {
		t.Fatal(err)
	}
	same(t, data(t, compiled), c.Release)
	v, err := merge.Versioned(rules, releases)
	if err != nil {
		t.Fatal(err)
	}
	same(t, data(t, versioned), v.Release)
}

func TestWorkedExample(t *testing.T) {
	const folder = "examples/fictional-example/1.1/"
	names, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", folder, "*-0?-*.json"))
	if err != nil || len(names) != 6 {
		t.Fatal(len(names), err)
	}
	var releases []any
	for _, name := range names {
		pack := data(t, folder+filepath.Base(name)).(*ocds.Object)
		in, _ := pack.Get("releases")
		releases = append(releases, in.([]any)...)
	}
	pack := data(t, folder+"record/ocds-213czf-000-00001-withversions.json").(*ocds.Object)
	records, _ := pack.Get("records")
	record := records.([]any)[0].(*ocds.Object)
	for name, run := range map[string]func(*merge.Rules, []any) (merge.Result, error){"compiledRelease": merge.Compiled, "versionedRelease": merge.Versioned} {
		got, err := run(merge.Standard(schema.V11), releases)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := record.Get(name)
		same(t, want, got.Release)
	}
}

// TestOrderFaults: tests/test_merge.py of the reference.
func TestOrderFaults(t *testing.T) {
	for text, kind := range map[string]string{
		`{}`: merge.NoDate, `{"date":null}`: merge.NullDate, `{"date":{}}`: merge.OtherDate, `{"date":5}`: merge.OtherDate,
		`"{}"`: merge.NoObject, `[]`: merge.NoObject, `null`: merge.NoObject,
	} {
		for _, run := range []func(*merge.Rules, []any) (merge.Result, error){merge.Compiled, merge.Versioned} {
			_, err := run(nil, list(t, `[{"date":"2010-01-01"},`+text+`]`))
			var f *merge.Fault
			if !errors.As(err, &f) || f.Kind != kind || f.Release != 1 {
				t.Errorf("%s: %v, want %s", text, err, kind)
			}
			if _, err := run(nil, list(t, `[`+text+`]`)); (err != nil) != (kind == merge.NoObject) {
				t.Errorf("%s alone: %v", text, err)
			}
		}
	}
}

func TestInconsistent(t *testing.T) {
	for _, c := range []struct{ first, second, was string }{
		{`1`, `{"object":1}`, "1"},
		{`[1]`, `{"object":1}`, "[1]"},
		{`[{"object":1}]`, `{"object":1}`, `[{"object":1}]`},
		{`{"object":1}`, `[{"object":1}]`, `{"object":1}`},
		{`"text"`, `[{"id":1}]`, `"text"`},
	} {
		releases := list(t, fmt.Sprintf(`[{"date":"2000-01-01T00:00:00Z","x":%s},{"date":"2000-01-02T00:00:00Z","x":%s}]`, c.first, c.second))
		_, err := merge.Compiled(nil, releases)
		var f *merge.Fault
		if !errors.As(err, &f) || f.Kind != merge.Inconsistent || f.Pointer != "/x" || f.Value != c.was {
			t.Errorf("%s, %s: %v", c.first, c.second, err)
		}
	}
}

// dated gives two releases with a property x each.
func dated(t *testing.T, first, second string) []any {
	return list(t, fmt.Sprintf(`[{"ocid":"a","date":"2000-01-01T00:00:00Z","x":%s},{"ocid":"a","date":"2000-01-02T00:00:00Z","x":%s}]`, first, second))
}

func TestEdges(t *testing.T) {
	for _, c := range []struct{ name, first, second, want, warning string }{
		{"same id", `[{"id":1,"a":"1"}]`, `[{"id":1,"b":"2"}]`, `[{"id":1,"a":"1","b":"2"}]`, ""},
		{"one id, two numerals", `[{"id":1,"a":"1"}]`, `[{"id":1.0,"b":"2"}]`, `[{"id":1,"a":"1","b":"2"}]`, ""},
		{"ids of two types", `[{"id":1,"a":"1"}]`, `[{"id":"1","a":"2"}]`, `[{"id":1,"a":"1"},{"id":"1","a":"2"}]`, ""},
		{"null ids", `[{"id":null,"a":"1"}]`, `[{"id":null,"b":"2"}]`, `[{"a":"1","b":"2"}]`, ""},
		{"no ids", `[{"a":"1"}]`, `[{"a":"1"}]`, `[{"a":"1"},{"a":"1"}]`, ""},
		{"mixed after items", `[{"id":1}]`, `[{"id":2},"bar"]`, `[{"id":1}]`, merge.Hidden},
		{"items after mixed", `[{"id":1},"foo"]`, `[{"id":2}]`, `[{"id":1},"foo",{"id":2}]`, merge.Mixed},
		{"null after an object", `{"a":1}`, `null`, `{"a":1}`, merge.Hidden},
		{"number after items with lists", `[{"id":1,"b":[{"id":2}]}]`, `5`, `[{"id":1,"b":[{"id":2}]}]`, merge.Hidden},
		{"numbers keep their text", `1.10`, `15890000000000000000000.000`, `15890000000000000000000.000`, ""},
	} {
		got, err := merge.Compiled(nil, dated(t, c.first, c.second))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		x, _ := got.Release.Get("x")
		if s := string(ocds.Append(nil, x)); s != string(ocds.Append(nil, value(t, c.want))) {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
		if (c.warning == "") != (len(got.Warnings) == 0) || c.warning != "" && got.Warnings[0].Kind != c.warning {
			t.Errorf("%s: %v", c.name, got.Warnings)
		}
	}
}

// TestTwiceInOneRelease: of items with one id in one release the last counts, and
// the history has one entry for that release. Found in Colombia's data.
func TestTwiceInOneRelease(t *testing.T) {
	got, err := merge.Versioned(nil, list(t, `[{"ocid":"a","id":"1","x":[{"id":1,"n":"old"},{"id":1,"n":"new"}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	x, _ := got.Release.Get("x")
	if s := string(ocds.Append(nil, x)); s != `[{"id":1,"n":[{"releaseID":"1","releaseDate":null,"releaseTag":null,"value":"new"}]}]` {
		t.Error(s)
	}
}

// TestItemsAfterNull: a history, and items behind it, as the reference has it.
func TestItemsAfterNull(t *testing.T) {
	got, err := merge.Versioned(nil, dated(t, `null`, `[{"id":1}]`))
	if err != nil {
		t.Fatal(err)
	}
	x, _ := got.Release.Get("x")
	if s := string(ocds.Append(nil, x)); s != `[{"releaseID":null,"releaseDate":"2000-01-01T00:00:00Z","releaseTag":null,"value":null},{"id":1}]` || len(got.Warnings) != 1 {
		t.Errorf("%s, %v", s, got.Warnings)
	}
	if got, err := merge.Compiled(nil, dated(t, `null`, `[{"id":1}]`)); err != nil || len(got.Warnings) != 0 {
		t.Errorf("%v, %v", got.Warnings, err)
	}
}

func TestDateOrder(t *testing.T) {
	got, err := merge.Compiled(nil, list(t, `[{"date":"2013-03-05T08:24:59-05:00"},{"date":"2013-03-05T09:00:00Z"}]`))
	if err != nil || len(got.Warnings) != 1 || got.Warnings[0].Kind != merge.DateOrder {
		t.Errorf("%v, %v", got.Warnings, err)
	}
}
