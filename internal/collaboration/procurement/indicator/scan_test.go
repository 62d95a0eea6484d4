package indicator

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/ground/needtest"
)

// same compares both ways of reading a line.
func same(t testing.TB, line []byte) {
	t.Helper()
	want, wrong1 := parse(line)
	got, wrong2 := scan(line)
	if (wrong1 == nil) != (wrong2 == nil) {
		t.Fatalf("%q: encoding/json says %v, the scanner %v", line, wrong1, wrong2)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q:\nencoding/json %+v\nthe scanner   %+v", line, want, got)
	}
}

// odd are lines in which a quick reader goes wrong easily.
var odd = []string{
	``, ` `, `{}`, ` {} `, `{} {}`, `[]`, `null`, `0`, `-`, `01`, `-0`, `1.`, `1e`, `1e+5`, `.5`, `"`, `"a`, `"\`, `"\u12`, `"\ud800"`, `tru`, `truex`,
	`{"ocid":"a"}`, `{"OCID":"a"}`, `{"oc\u0069d":"a"}`, `{"ocid":"a\u00e9\n\"b"}`, `{"ocid":1}`, `{"ocid":"a","ocid":"b"}`, `{"ocid":"a","ocid":null}`,
	"{\"ocid\":\"a\tb\"}", "{\"ocid\":\"a\x7fb\"}", `{"ocid":"a",}`, `{"ocid" "a"}`, `{"ocid":"a"`, `{,}`, `{1:2}`, `[1,]`, `[,1]`, `[1 2]`, `{"a":[1,{"b":[[]]}]}`,
	`{"tender":{"status":"x","tenderPeriod":{"startDate":"s","endDate":"e"},"numberOfTenderers":1}}`,
	`{"tender":{"status":"x","procuringEntity":{"id":"p"}},"tender":{}}`, `{"tender":{"status":"x"},"tender":7}`, `{"tender":null}`,
	`{"tender":{"tenderPeriod":{"startDate":"s"},"tenderPeriod":[]}}`, `{"tender":{"numberOfTenderers":1.0}}`, `{"tender":{"numberOfTenderers":"1"}}`,
	`{"tender":{"numberOfTenderers" : 1 }}`, `{"tender":{"numberOfTenderers":1,"numberOfTenderers":[]}}`,
	`{"buyer":{"id":"b","id":2}}`, `{"buyer":{"id":"b"},"buyer":"b"}`,
	`{"bids":{"details":[]}}`, `{"bids":{"details":{}}}`, `{"bids":{"details":[1,null,{},[]]}}`, `{"bids":{"details":[{}]},"bids":{}}`, `{"bids":[{"details":[{}]}]}`,
	`{"bids":{"details":[{"status":"valid","date":"d","value":{"amount":1,"currency":"C"},"tenderers":[{"id":"t"},{},1]}]}}`,
	`{"bids":{"details":[{"value":{"amount":1,"currency":"C"},"value":{}}]}}`, `{"bids":{"details":[{"value":{"amount":"1.5"}},{"value":{"amount":"0x10"}},{"value":{"amount":"NaN"}}]}}`,
	`{"bids":{"details":[{"value":{"amount":{"$numberLong":"15890000000"}}},{"value":{"amount":{"$numberLong":5}}},{"value":{"amount":true}},{"value":{"amount":1e999}},{"value":{"amount":[1]}}]}}`,
	`{"bids":{"details":[{"tenderers":[{"id":"t"}],"tenderers":null}]}}`, `{"bids":{"details":[{"tenderers":[]}]}}`,
	`{"awards":[{"status":"active","suppliers":[{"id":"s"}],"items":[{"classification":{"id":"1"}},{"classification":{"id":"2"},"classification":3},{},null]}]}`,
	`{"awards":[{}],"awards":null}`, `{"awards":{"status":"active"}}`, `{"awards":[{"suppliers":{"id":"s"}}]}`,
}

func TestScannerReadsWhatEncodingJSONReads(t *testing.T) {
	for _, line := range odd {
		same(t, []byte(line))
		for i := range line { // cut off anywhere
			same(t, []byte(line[:i]))
		}
	}
	for _, depth := range []int{9_999, 10_000, 10_001} {
		same(t, []byte(strings.Repeat("[", depth)+strings.Repeat("]", depth)))
		same(t, []byte(strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth)))
		same(t, []byte(`{"bids":{"details":`+strings.Repeat("[", depth-2)+strings.Repeat("]", depth-2)+"}}"))
	}
}

// files are all JSON lines among the test data.
func files(t testing.TB) (out []string) {
	t.Helper()
	dir := filepath.Join(needtest.Data(t), "ocds")
	for _, pattern := range []string{"real-releases/*.jsonl", "cardinal-fixtures/tests/fixtures/*/*.jsonl", "cardinal-fixtures/docs/examples/*.jsonl", "cardinal-fixtures/docs/examples/R/*.jsonl"} {
		some, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, some...)
	}
	return out
}

func TestScannerReadsTheTestFiles(t *testing.T) {
	n := 0
	for _, file := range files(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			if utf8.Valid(line) {
				same(t, line)
				n++
			}
		}
		o := Options{Settings: settings.All(), Maps: true}
		slow, err1 := compute(bytes.NewReader(text), o, parse)
		quick, err2 := compute(bytes.NewReader(text), o, scan)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		a, err1 := json.Marshal(slow)
		b, err2 := json.Marshal(quick)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: the results differ\n%s\n%s", filepath.Base(file), a, b)
		}
	}
	if n < 400 {
		t.Errorf("compared %d lines", n)
	}
}

func FuzzScan(f *testing.F) {
	for _, line := range odd {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if utf8.Valid(line) { // lines refuses others before
			same(t, line)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var all []byte
	for _, file := range files(b) {
		if !strings.Contains(file, "real-releases") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		all = append(append(all, bytes.TrimSpace(text)...), '\n')
	}
	for name, read := range map[string]func([]byte) (process, error){"encoding-json": parse, "scanner": scan} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(all)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := compute(bytes.NewReader(all), Options{Settings: settings.All(), Workers: 1}, read); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
