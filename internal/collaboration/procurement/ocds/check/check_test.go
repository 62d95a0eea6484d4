package check_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/check"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/needtest"
)

var update = flag.Bool("update", false, "write what the tests get into testdata")

// told gives the findings in a text, a line each: line, kind if it is no
// validation error, rule, pointer, value and what it was compared with.
func told(t testing.TB, o check.Options, text string) (out []string) {
	t.Helper()
	rep := &check.Report{}
	err := check.New(o).File("", strings.NewReader(text), again([]byte(text)), rep, func(f *check.Found) error {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s %s %s %s", f.Line, f.Rule, f.Pointer, f.Name, f.Value, f.Other)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func glob(t testing.TB, n int, patterns ...string) (out []string) {
	t.Helper()
	for _, p := range patterns {
		names, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", p))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, names...)
	}
	if len(out) != n {
		t.Fatalf("%d files, want %d", len(out), n)
	}
	return out
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFictionalExample: the worked example of the standard is clean, and nothing
// in it is odd.
func TestFictionalExample(t *testing.T) {
	for _, name := range glob(t, 9, "examples/fictional-example/1.1/*.json", "examples/fictional-example/1.1/record/*.json") {
		rep := checked(t, check.Options{}, file(t, name))
		if !rep.Valid() || len(rep.Groups(check.Odd)) > 0 {
			t.Errorf("%s: %v", filepath.Base(name), rep.Groups(check.Kinds...))
		}
	}
}

// TestVersionedFixtures: the versioned releases of ocds-merge are valid.
func TestVersionedFixtures(t *testing.T) {
	versions := map[schema.Version][]string{
		schema.V11: glob(t, 17, "ocds-merge-fixtures/tests/fixtures/1.1/*-versioned.json"),
		schema.V10: glob(t, 1, "ocds-merge-fixtures/tests/fixtures/1.0/*-versioned.json"),
	}
	for version, names := range versions {
		for _, name := range names {
			record := `{"ocid":"ocds-213czf-1","releases":[{"url":"https://example.org/1","date":"2016-01-01T00:00:00Z"}],"versionedRelease":` + string(file(t, name)) + `}`
			rep := checked(t, check.Options{Standard: version}, []byte(record))
			for _, g := range rep.Groups(check.Invalid, check.ClosedCode, check.Unread) {
				t.Errorf("%s: %s %s %s", filepath.Base(name), g.Rule, g.Pointer, g.Value)
			}
		}
	}
}

// TestRealFiles: every real file goes through, with all its places, and what was
// found is what testdata/real says. -update writes it.
func TestRealFiles(t *testing.T) {
	for _, name := range glob(t, 9, "real-releases/*.jsonl") {
		text := file(t, name)
		lines := bytes.Split(text, []byte("\n"))
		rep := &check.Report{}
		err := check.New(check.Options{}).File("", bytes.NewReader(text), nil, rep, func(f *check.Found) error {
			if _, ok := at(t, lines[f.Line-1], f.Pointer); !ok {
				t.Errorf("%s, line %d: there is no %s (%s)", filepath.Base(name), f.Line, f.Pointer, f.Rule)
			}
			if rule := strings.TrimPrefix(f.Key(), "ocds.check."); !slices.Contains(check.Sentences, rule) {
				t.Errorf("no sentence %s", rule)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/real/"+strings.TrimSuffix(filepath.Base(name), ".jsonl")+".txt", outline(rep))
	}
}

// outline gives the groups of a report, a line each, without values: there are
// names of people among them.
func outline(rep *check.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d releases of %d processes, %d with faults, %d with something odd\n", rep.Releases, rep.OCIDs, rep.Faulty, rep.Noted)
	for _, k := range check.Kinds {
		for _, g := range rep.Groups(k) {
			if g.Rule != "below" {
				fmt.Fprintln(&b, k, g.Count, g.Items, g.Rule, g.Field, g.Examples[0].Line, g.Pointer)
			}
		}
	}
	return b.String()
}

func golden(t testing.TB, name, got string) {
	t.Helper()
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(string(file(t, name)), got); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}

// at follows a pointer.
func at(t testing.TB, text []byte, pointer string) (any, bool) {
	t.Helper()
	v, err := read.Value(text, read.Usual)
	if err != nil {
		t.Fatal(err)
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch in := v.(type) {
		case *ocds.Object:
			var ok bool
			step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
			if v, ok = in.Get(step); !ok && step != "" {
				return nil, false
			} else if !ok {
				v = in
			}
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(in) {
				return nil, false
			}
			v = in[i]
		default:
			return nil, step == ""
		}
	}
	return v, true
}

const (
	head    = `{"uri":"https://example.org/1","publisher":{"name":"x"},"publishedDate":"2020-01-01T00:00:00Z",`
	release = `{"ocid":"ocds-213czf-1","id":"1","date":"2020-01-01T00:00:00Z","tag":["tender"],"initiationType":"tender"`
)

// TestWhatIsSaid: kinds of fault in every form of file, with their places.
func TestWhatIsSaid(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"clean release", release + `}`, nil},
		{"clean package", head + `"version":"1.1","releases":[` + release + `}]}`, nil},
		{
			"types", release + `,"tender":{"id":1,"value":{"amount":"1500"},"numberOfTenderers":1.0,"hasEnquiries":"yes","items":{"id":"1"},"title":5,"tenderPeriod":[]}}`,
			[]string{
				`1 empty.list /tender/tenderPeriod`,
				`1 number.text /tender/value/amount  "1500"`,
				`1 integer.other /tender/numberOfTenderers  1.0`,
				`1 boolean.other /tender/hasEnquiries  "yes"`,
				`1 array.object /tender/items  {"id":"1"}`,
				`1 string.other /tender/title  5`,
				`1 object.list /tender/tenderPeriod  []`,
				`1 odd.number.text /tender/value/amount  "1500" 1500`,
				`1 odd.currency /tender/value/amount  "1500"`,
				`1 odd.list.object /tender/items  {"id":"1"}`,
				`1 odd.object.list /tender/tenderPeriod`,
			},
		},
		{
			"missing, empty, codes", "\n{\"ocid\":\"x\",\"tag\":[],\"initiationType\":\"award\",\"tender\":{\"status\":\"\",\"awardCriteria\":\"beauty\",\"title\":\" \"}}",
			[]string{
				`2 empty.list /tag`,
				`2 closed /initiationType initiationType.csv "award"`,
				`2 closed /tender/status tenderStatus.csv ""`,
				`2 empty.text /tender/status`,
				`2 open /tender/awardCriteria awardCriteria.csv "beauty"`,
				`2 empty.text /tender/title`,
				`2 required  id`, `2 required  date`,
				`2 minItems /tag  []`,
				`2 required /tender id`,
				`2 prefix /ocid  "x"`,
			},
		},
		{
			"languages", release + `,"tender":{"id":"1","title_es":"Puente","description_es":5,"status_es":"x","title_":"x"},"parties":[{"id":"1","name_es":null}]}`,
			[]string{
				`1 string.other /tender/description_es  5`,
				`1 additional /tender/status_es  "x"`,
				`1 additional /tender/title_  "x"`,
			},
		},
		{
			"unique", head + `"version":"1.1","releases":[` + "\n" + release + `,"parties":[{"id":"1"},{"id":1},{"id":"1"}]},` + "\n" + release + `},` + "\n" + release + `}]}`,
			[]string{
				`2 unique.id /releases/0/parties id 1`,
				`2 string.other /releases/0/parties/1/id  1`,
				`2 odd.ids.twins /releases/0/parties/1/id  1`,
				`2 odd.ids.twice /releases/0/parties/2/id  "1"`,
				`2 odd.ids.mixed /releases/0/parties`,
				`3 unique.release /releases  ocds-213czf-1, 1`,
			},
		},
		{
			"a package without a version", head + `"releases":[` + release + `,"parties":[]}]}`,
			[]string{`1 additional /releases/0/parties`, `1 empty.list /releases/0/parties`, `1 odd.version /version   1.0`},
		},
		{
			"an empty package of an unknown version", `{"version":"1.2","releases":[],"uri":"x y"}`,
			[]string{
				`1 required  publisher`, `1 required  publishedDate`, `1 uri.other /uri  "x y"`, `1 minItems /releases  []`, `1 version /version  "1.2" 1.1`,
			},
		},
		{
			"a record", `{"ocid":"ocds-213czf-1","releases":[` + release + `},{"url":"x"}],"compiledRelease":{"ocid":"y"}}`,
			[]string{
				`1 required /compiledRelease id`, `1 required /compiledRelease date`, `1 required /compiledRelease tag`, `1 required /compiledRelease initiationType`,
				`1 releases.mixed /releases`, `1 prefix /compiledRelease/ocid  "y"`,
			},
		},
		{
			"a record whose releases came first", `{"releases":[{"url":"https://example.org/1","date":"2020"}],"ocid":"ocds-213czf-1"}`,
			[]string{`1 date.other /releases/0/date  "2020"`},
		},
		{
			"releases of a record out of order", `{"ocid":"ocds-213czf-1","releases":[` + strings.Replace(release, "2020", "2021", 1) + `},` + release + `}]}`,
			[]string{`1 odd.releases.order /releases/1/date  "2020-01-01T00:00:00Z" "2021-01-01T00:00:00Z"`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, told(t, check.Options{}, c.text)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestExtensions: fields of extensions are known where the package declares
// them, even behind its releases, and in releases without a package.
func TestExtensions(t *testing.T) {
	const (
		bids = `,"bids":{"details":[{"id":"1","status":"qualified","value":{"amount":"5","currency":"BZD"}}]},"x":1}`
		url  = `"https://extensions.open-contracting.org/en/extensions/bids/v1.1.5/"`
	)
	known := func(line int, in string) []string {
		return []string{
			fmt.Sprintf(`%d closed %s/bids/details/0/status bidStatus.csv "qualified"`, line, in), fmt.Sprintf(`%d additional %s/x  1`, line, in),
			fmt.Sprintf(`%d number.text %s/bids/details/0/value/amount  "5"`, line, in), fmt.Sprintf(`%d odd.number.text %s/bids/details/0/value/amount  "5" 5`, line, in),
		}
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"alone", release + bids, known(1, "")},
		{"declared", head + `"version":"1.1","extensions":[` + url + `],"releases":[` + release + bids + `]}`, known(1, "/releases/0")},
		{"declared behind, in the second package of a list", `[` + head + `"version":"1.1","releases":[` + release + `}]},` + "\n" + head + `"releases":[` + release + bids + `],"extensions":[5,` + url + `],"version":"1.1"}]`, append(known(2, "/1/releases/0"), `2 string.other /1/extensions/0  5`)},
		{"not declared", head + `"version":"1.1","releases":[` + release + bids + `]}`, []string{
			`1 additional /releases/0/bids`, `1 additional /releases/0/x  1`, `1 odd.number.text /releases/0/bids/details/0/value/amount  "5" 5`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, told(t, check.Options{}, c.text)); d != "" {
				t.Error(d)
			}
		})
	}
	rep := checked(t, check.Options{}, []byte(head+`"version":"1.1","extensions":["https://example.org/extension.json",`+url+`],"releases":[]}`))
	if d := cmp.Diff([]string{"https://example.org/extension.json"}, rep.Unknown()); d != "" {
		t.Error(d)
	}
	history := `{"ocid":"ocds-213czf-1","releases":[` + release + `}],"versionedRelease":{"ocid":"ocds-213czf-1","bids":{"details":[{"id":"1","status":[{"releaseID":"1","value":"valid"}],"z":5}]},"tag":[]}}`
	if d := cmp.Diff([]string{
		`1 additional /versionedRelease/bids/details/0/z  5`, `1 additional /versionedRelease/tag`, `1 empty.list /versionedRelease/tag`,
		`1 required /versionedRelease initiationType`,
	}, told(t, check.Options{}, history)); d != "" {
		t.Error(d)
	}
}

// TestHostile: what is wrong with the file is said with its line, and what came
// before it is not lost.
func TestHostile(t *testing.T) {
	good := release + "}\n"
	deep := `{"ocid":"a","x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + "}\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 2000 {
		fmt.Fprintf(z, "%s\n", strings.Replace(release+"}", `"id":"1"`, fmt.Sprintf(`"id":"%x"`, i*i*7919), 1))
	}
	z.Close()
	for _, c := range []struct {
		name, text string
		releases   int
		want       string // of the first finding; what is behind the line that is refused is checked too
	}{
		{"truncated gzip", packed.String()[:packed.Len()/2], 0, "gzipshort"},
		{"deep", good + deep + good, 2, "2 deep"},
		{"twice", good + `{"ocid":"a","ocid":"b"}` + "\n" + good, 2, "2 twice /ocid  ocid"},
		{"not UTF-8", good + "{\"ocid\":\"\xff\"}\n" + good, 2, "2 encoding /ocid"},
		{"a long number", good + `{"ocid":` + strings.Repeat("1", 1000) + "}\n" + good, 2, "2 digits /ocid"},
		{"a huge number", good + release + `,"tender":{"id":"1","value":{"amount":1e999999999,"currency":"BZD"},"numberOfTenderers":-1e999999999}}`, 2, "2 integer.other /tender/numberOfTenderers  -1e999999999"},
		{"broken", good + "{\"ocid\":}\n" + good, 2, "2 syntax /ocid  }"},
		{"the end is missing", good + `{"ocid":"a"`, 1, "2 broken"},
		{"no JSON", "ocid,id\na,1\n", 0, "1 word"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep := checked(t, check.Options{}, []byte(c.text))
			got := told(t, check.Options{}, c.text)
			if c.name == "truncated gzip" {
				if last := got[len(got)-1]; rep.Releases < 100 || !strings.Contains(last, c.want) {
					t.Errorf("%d releases, %s", rep.Releases, last)
				}
				return
			}
			if rep.Releases != c.releases || len(got) == 0 || !strings.HasPrefix(got[0], c.want) || rep.Valid() {
				t.Errorf("%d releases, %q", rep.Releases, got)
			}
		})
	}
}

// TestManyFindings: a release may be wrong in a million places.
func TestManyFindings(t *testing.T) {
	text := release + `,"awards":[` + strings.Repeat(`{"date":5},`, 60_000) + `{}]}`
	rep := checked(t, check.Options{}, []byte(text))
	if rep.Faulty != 1 || rep.Left < 40_000 || rep.Faults() != 20_000 {
		t.Errorf("%d faulty, %d left, %d faults", rep.Faulty, rep.Left, rep.Faults())
	}
	var fields strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&fields, `,"x%d":1`, i)
	}
	if rep := checked(t, check.Options{}, []byte(release+fields.String()+`}`)); rep.Left != 20_000 || !rep.Valid() {
		t.Errorf("%d left", rep.Left)
	}
	if rep := checked(t, check.Options{}, []byte(release+fields.String()+`,"tag":5}`)); rep.Unread != 1 || rep.Valid() {
		t.Errorf("%d unread", rep.Unread)
	}
	if rep := checked(t, check.Options{}, []byte(release+fields.String()+`,"tender":{}}`)); rep.Faults() != 1 || rep.Valid() {
		t.Errorf("%d faults", rep.Faults()) // what is no fault may not crowd out what is one
	}
}

// TestAnyNumberOfWorkers: the same comes in the same order.
func TestAnyNumberOfWorkers(t *testing.T) {
	var all []byte
	for _, name := range glob(t, 9, "real-releases/*.jsonl") {
		all = append(append(all, bytes.TrimSpace(file(t, name))...), '\n')
	}
	one, four := told(t, check.Options{Workers: 1}, string(all)), told(t, check.Options{Workers: 4}, string(all))
	if len(one) < 1000 || !slices.Equal(one, four) {
		t.Errorf("%d findings with one worker, %d with four", len(one), len(four))
	}
	say := func(key string, _ ...any) string { return key }
	a, b := checked(t, check.Options{Workers: 1}, all).JSON(say), checked(t, check.Options{Workers: 4}, all).JSON(say)
	if d := cmp.Diff(encoded(t, a), encoded(t, b)); d != "" {
		t.Error(d)
	}
}

func encoded(t testing.TB, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestStops: whoever is called for each finding may end it.
func TestStops(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	err := check.New(check.Options{}).File("", strings.NewReader(strings.Repeat(`{"ocid":"a"}`+"\n", 50_000)), nil, &check.Report{}, func(*check.Found) error {
		n++
		return enough
	})
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}
