package field_test

import (
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

func TestReadsWhatPublishersWrite(t *testing.T) {
	v, err := read.Value([]byte(`{"id":7,"n":"3","when":"2026-02-03T10:00:00Z","bad":"2026-13-01","one":{"a":1},"many":[{"a":1},2],
		"moldova":{"amount":"12.5","currency":"mdl"},"colombia":{"amount":{"$numberLong":"15890000000"},"currency":"COP"},"much":{"amount":"much"}}`), read.Usual)
	if err != nil {
		t.Fatal(err)
	}
	o := v.(*ocds.Object)
	if field.Text(o, "id") != "7" || *field.Whole(o, "n") != 3 || field.Whole(o, "when") != nil {
		t.Error("ids and counts")
	}
	if field.Day(o, "when") != "2026-02-03" || field.Day(o, "bad") != "" {
		t.Error("days")
	}
	if len(field.Objects(field.List(o, "one"))) != 1 || len(field.Objects(field.List(o, "many"))) != 1 || field.Has(o, "none") || field.ObjectIn(nil, 0) == nil {
		t.Error("lists")
	}
	if a := field.Amount(o, "moldova"); a == nil || a.Minor != 1250 || a.Currency != "MDL" {
		t.Error(a)
	}
	if a := field.Amount(o, "colombia"); a == nil || a.Minor != 1589000000000 {
		t.Error(a)
	}
	if field.Amount(o, "much") != nil || field.First(" ", "x") != "x" {
		t.Error("what is none")
	}
}
