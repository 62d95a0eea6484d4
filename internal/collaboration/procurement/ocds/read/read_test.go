package read_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/needtest"
)

// small are limits that a test can pass.
var small = read.Limits{Bytes: 1000, Values: 50, Depth: 10, Digits: 20}

// told gives what Items says of a text, a line each.
func told(text string, limits read.Limits) (out []string) {
	for item, err := range read.Items(strings.NewReader(text), limits) {
		var f *read.Fault
		switch {
		case item != nil:
			s := fmt.Sprintf("%s %d:%d %q %s", item.Kind, item.Document, item.Line, item.Pointer, item.Object.Text("ocid"))
			if item.Rest {
				s += " rest"
			}
			out = append(out, s)
		case errors.As(err, &f):
			s := fmt.Sprintf("%s %d:%d:%d %q %s", f.Kind, f.Document, f.Line, f.Column, f.Pointer, f.Value)
			if f.Fatal {
				s += " FATAL"
			}
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

func TestForms(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " \n", nil},
		{"release", `{"ocid":"a","id":"1"}`, []string{`release 1:1 "" a`}},
		{"byte-order mark", "\ufeff" + `{"ocid":"a"}`, []string{`release 1:1 "" a`}},
		{"lines", "{\"ocid\":\"a\"}\r\n\n{\"ocid\":\"b\"}\n", []string{`release 1:1 "" a`, `release 2:3 "" b`}},
		{"array", "[\n{\"ocid\":\"a\"},\n{\"ocid\":\"b\"}]", []string{`release 1:2 "/0" a`, `release 1:3 "/1" b`}},
		{"release package", `{"uri":"x","releases":[{"ocid":"a"},{"url":"u","date":"d","tag":["award"]}],"version":"1.1"}`, []string{`release 1:1 "/releases/0" a`, `link 1:1 "/releases/1" `}},
		{"record package", `{"records":[{"ocid":"a","releases":[{"ocid":"a"}]}]}`, []string{`record 1:1 "/records/0" a`}},
		{"record", `{"ocid":"a","releases":[{"ocid":"a"}]}`, []string{`record 1:1 "" a`}},
		{"record, releases first", `{"releases":[{"ocid":"a"}],"ocid":"a"}`, []string{`release 1:1 "/releases/0" a`, `record 1:1 "" a rest`}},
		{"array of packages", `[{"releases":[{"ocid":"a"}]},{"records":[{"ocid":"b"}]}]`, []string{`release 1:1 "/0/releases/0" a`, `record 1:1 "/1/records/0" b`}},
		{"strangers", `{"name":"x"} 5 [[{"ocid":"a"}]] {"releases":[7,{"ocid":"b"}]}`, []string{
			`stranger 1:1:1 ""`, `stranger 2:1:14 ""`, `stranger 3:1:17 "/0"`, `stranger 4:1:46 "/releases/0"`, `release 4:1 "/releases/1" b`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, told(c.text, read.Usual)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFaultsCostOneItem(t *testing.T) {
	const after = `{"ocid":"z"}`
	for _, c := range []struct{ name, text, want string }{
		{"twice", `{"ocid":"a","x":{"n":1,"n":2},"y":[1]}`, `twice 1:1:29 "/0/x/n" n`},
		{"encoding", "{\"x\":\"\xff\"}", `encoding 1:1:9 "/0/x" ` + "\xff"},
		{"half a pair", `{"x":"\ud83d!"}`, `encoding 1:1:14 "/0/x" !`},
		{"control", "{\"x\":\"a\tb\"}", `control 1:1:9 "/0/x" a`},
		{"escape", `{"x":"it\'s"}`, `escape 1:1:11 "/0/x" it`},
		{"NaN", `{"x":NaN}`, `word 1:1:10 "/0/x" NaN`},
		{"minus infinity", `{"x":-Infinity}`, `word 1:1:16 "/0/x" -Infinity`},
		{"leading zero", `{"x":007}`, `number 1:1:10 "/0/x" 007`},
		{"digits", `{"x":123456789012345678901}`, `digits 1:1:28 "/0/x" 123456789012345678901`},
		{"deep", `{"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, `deep 1:1:16 "/0/x/0/0/0/0/0/0/0/0"`},
		{"large", `{"x":"` + strings.Repeat("a", 70_000) + `","y":"` + strings.Repeat(`\n`, 70_000) + `"}`, `large 1:1:65537 "/0/x"`},
		{"many", `{"x":[` + strings.Repeat("1,", 90) + `1]}`, `many 1:1:106 "/0/x/49"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := told("["+c.text+","+after+"]", small)
			if len(got) != 2 || got[0] != c.want || !strings.HasSuffix(got[1], " z") {
				t.Errorf("got %q, want %q and z", got, c.want)
			}
			if got := told(`{"releases":[`+c.text+`],"publisher":`+c.text+`,"records":[`+after+`]}`, small); len(got) != 3 || !strings.HasSuffix(got[1], " z") {
				t.Errorf("in a package: %q", got)
			}
		})
	}
}

func TestBrokenLines(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"{\"ocid\":\"a\"\n{\"ocid\":\"b\"}\n", []string{`syntax 1:2:1 "" {`, `release 2:2 "" b`}},
		{"{\"ocid\":\"a\n{\"ocid\":\"b\"}\n", []string{"syntax 1:1:11 \"/ocid\"", `release 2:2 "" b`}},
		{"{\"ocid\":\"a\"}\n{\"ocid\" \"x\"}\n{\"ocid\":\"b\"}", []string{`release 1:1 "" a`, `syntax 2:2:9 "/ocid" "`, `release 3:3 "" b`}},
		{"{\"ocid\":\"a\"}\n{\"x\":\n{\"ocid\":\"b\"}\n{\"ocid\":\"c\"}\n", []string{`release 1:1 "" a`, `syntax 2:4:1 "" {`, `release 3:4 "" c`}},
		{"{\n  \"a\": 1\n  \"b\": 2\n}\n{\"ocid\":\"b\"}", []string{`syntax 1:3:3 "" " FATAL`}},
		{"[{\"ocid\":\"a\"},\n{\"ocid\":\"b\"", []string{`release 1:1 "/0" a`, `broken 1:2:12 "/1"  FATAL`}},
		{"<html>", []string{`syntax 1:1:1 "" < FATAL`}},
	} {
		got := told(c.text, read.Usual)
		for i := range got {
			got[i] = strings.TrimSpace(got[i])
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: %s", c.text, d)
		}
	}
}

func TestRepeats(t *testing.T) {
	limits := read.Usual
	limits.Repeats = true
	for item, err := range read.Items(strings.NewReader(`{"ocid":"a","x":{"n":1,"n":2},"ocid":"b"}`), limits) {
		if err != nil {
			t.Fatal(err)
		}
		if got := string(ocds.Append(nil, item.Object)); got != `{"ocid":"b","x":{"n":2}}` {
			t.Error(got)
		}
	}
}

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGzip(t *testing.T) {
	lines := &strings.Builder{}
	for i := range 5000 {
		fmt.Fprintf(lines, "{\"ocid\":\"ocds-%x\",\"id\":\"%d\"}\n", i*i*7919, i)
	}
	whole := packed(t, lines.String())
	if got := told(whole, read.Usual); len(got) != 5000 {
		t.Fatalf("%d items", len(got))
	}
	if got := told(whole+packed(t, `{"ocid":"z"}`), read.Usual); len(got) != 5001 {
		t.Errorf("two gzip files one after the other: %d items", len(got))
	}
	last := func(text string) (int, string) {
		got := told(text, read.Usual)
		return len(got), strings.Fields(got[len(got)-1])[0]
	}
	if n, kind := last(whole[:len(whole)/2]); kind != read.GzipShort || n < 1000 {
		t.Errorf("truncated: %d, %s", n, kind)
	}
	if n, kind := last(whole[:len(whole)-4]); kind != read.GzipShort || n != 5001 {
		t.Errorf("without its end: %d, %s", n, kind)
	}
	if n, kind := last(whole + "rubbish!!!"); kind != read.Gzip || n != 5001 {
		t.Errorf("rubbish behind it: %d, %s", n, kind)
	}
	if _, kind := last(whole[:5]); kind != read.GzipShort {
		t.Errorf("a piece of the header: %s", kind)
	}
	if n, kind := last(packed(t, `{"ocid":"a"}`+strings.Repeat(" ", 64<<20))); kind != read.Bomb || n != 2 {
		t.Errorf("bomb: %d, %s", n, kind)
	}
}

// TestRealFiles reads all that publishers gave us: every item, no fault.
func TestRealFiles(t *testing.T) {
	dir := filepath.Join(needtest.Data(t), "ocds")
	want := map[string]int{
		"real-releases/armenia-armeps.jsonl": 100, "real-releases/colombia-2017.jsonl": 21, "real-releases/colombia-secop-2021.jsonl": 100,
		"real-releases/mexico-cdmx.jsonl": 20, "real-releases/moldova-mtender-legacy.jsonl": 51, "real-releases/nigeria.jsonl": 12,
		"real-releases/portugal-impic-2019.jsonl": 100, "real-releases/uk-contracts-finder.jsonl": 11, "real-releases/ukraine-prozorro.jsonl": 11,
	}
	for name, n := range want {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for item, err := range read.Items(bytes.NewReader(b), read.Usual) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			got++
			same(t, bytes.Split(b, []byte("\n"))[item.Line-1], item.Object)
		}
		if got != n {
			t.Errorf("%s: %d items, want %d", name, got, n)
		}
	}
}

// same compares a value with what Go's own reader makes of the same bytes.
func same(t testing.TB, text []byte, v any) {
	t.Helper()
	if d := cmp.Diff(decoded(t, text), decoded(t, ocds.Append(nil, v))); d != "" {
		t.Error(d)
	}
}

func decoded(t testing.TB, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// FuzzRead: whatever comes, reading ends, places go forward, and what is valid
// JSON is read as Go's own reader reads it.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`{"ocid":"a","tender":{"value":{"amount":1.10}}}`, "{\"ocid\":\"a\"}\n{\"ocid\":\"b\"\n{\"ocid\":\"c\"}",
		`[{"releases":[{"ocid":"\u00e9\ud83d\ude00"}],"version":"1.1"},5]`, `{"records":[{"ocid":"a","releases":[]}],"x":NaN}`, "\x1f\x8b\x08",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		offset, faults := int64(-1), 0
		var only *read.Item
		for item, err := range read.Items(strings.NewReader(text), small) {
			if err != nil {
				faults++
				continue
			}
			if item.Offset <= offset && !item.Rest {
				t.Fatalf("an item at %d after one at %d", item.Offset, offset)
			}
			offset, only = max(offset, item.Offset), item
			if !json.Valid(ocds.Append(nil, item.Object)) {
				t.Fatalf("not JSON: %s", ocds.Append(nil, item.Object))
			}
		}
		if faults == 0 && only != nil && only.Document == 1 && only.Pointer == "" && !only.Rest && json.Valid([]byte(text)) {
			same(t, []byte(text), only.Object)
		}
	})
}
