package prepare_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator/prepare"
	"ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/ground/needtest"
)

func TestGivesCardinalsLines(t *testing.T) {
	dir := filepath.Join(needtest.Data(t), "ocds", "cardinal-fixtures", "tests", "fixtures", "prepare")
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) != 9 {
		t.Fatalf("%d files, want 9: %v", len(files), err)
	}
	for _, file := range files {
		stem := strings.TrimSuffix(file, ".jsonl")
		s, err := settings.Read(bytes.NewReader(content(t, stem+".ini")))
		if err != nil {
			t.Fatal(err)
		}
		want := string(content(t, stem+".output"))
		for workers := range 3 {
			var out, issues strings.Builder
			if _, err := prepare.Run(bytes.NewReader(content(t, file)), s.Prepare, &out, &issues, workers); err != nil || out.String() != want {
				t.Errorf("%s, %d workers: %v\ngot  %s\nwant %s", filepath.Base(stem), workers, err, out.String(), want)
			}
		}
	}
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReportsWhatASettingWouldMend(t *testing.T) {
	in := `{"ocid":"a","bids":{"details":[{"value":{"amount":0}},7,{"status":"odd","items":[{"classification":{}}]}]}}
not JSON
[]
{"ocid":5,"auctions":[],"bids":null,"awards":[{"suppliers":{"id":1.50}},null]}
`
	var out, issues strings.Builder
	rep, err := prepare.Run(strings.NewReader(in), settings.Prepare{MoveAuctions: true}, &out, &issues, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := `1,a,/bids/details[]/value/amount,0,,is zero
1,a,/bids/details[]/value/currency,0,,not set
1,a,/bids/details[]/status,0,,not set
1,a,/bids/details[]/items[]/classification/scheme,2.0,,not set
1,a,/bids/details[]/status,2,odd,invalid
4,5,/awards[]/status,0,,not set
`
	if issues.String() != want {
		t.Errorf("got\n%s\nwant\n%s", issues.String(), want)
	}
	if rep.Skips.N != 2 || rep.Skips.First[1].Line != 3 || rep.NotMoved != 1 || rep.Issues != 6 {
		t.Errorf("reported %+v", rep)
	}
	if !strings.HasSuffix(out.String(), `"awards":[{"suppliers":[{"id":"1.50"}]},null]}`+"\n") {
		t.Errorf("wrote %s", out.String())
	}
}
