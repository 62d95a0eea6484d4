package gather_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/gather"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

func TestGather(t *testing.T) {
	g, err := gather.New()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	const text = `{"releases":[{"ocid":"b","id":"1"},{"ocid":"a","id":"2"},{"id":"none"},{"url":"x","date":"d"}],"version":"1.0"}
{"ocid":"a","id":"3"}
{"records":[{"ocid":"b","releases":[{"ocid":"b","id":"4"},{"url":"y"}]},{"ocid":"c","compiledRelease":{"ocid":"c"}}],"version":"1.0"}`
	left := 0
	for item, err := range read.Items(strings.NewReader(text), read.Usual) {
		if err != nil {
			t.Fatal(err)
		}
		n, err := g.Add(item)
		if err != nil {
			t.Fatal(err)
		}
		left += n
	}
	var got []string
	for p, err := range g.Processes() {
		if err != nil {
			t.Fatal(err)
		}
		s := p.OCID + " " + string(p.Version)
		for i, r := range p.Releases {
			s += " " + r.(*ocds.Object).Text("id") + p.Places[i].Pointer
		}
		got = append(got, s)
	}
	if d := cmp.Diff([]string{"b 1.0 1/releases/0 4/records/0", "a 1.1 2/releases/1 3"}, got); d != "" || left != 4 {
		t.Errorf("%d left, %s", left, d)
	}
}
