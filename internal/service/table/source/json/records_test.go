package json_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
)

// TestRecords reads records of JSON wherever they stand.
func TestRecords(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		format string
		labels string
		rows   string
		codes  string
	}{
		"array":            {`[{"a": 1, "b": "x\n\u00f1\ud83d\ude00"}, {"b": null, "c": {"d": [1, 2]}}]`, source.JSON, "a|b|c", "1,x\nñ😀,;,,{\"d\": [1, 2]};", ""},
		"under a key":      {`{"ok": true, "result": {"total": 2, "records": [{"a": 1}, {"a": 2}]}}`, source.JSON, "a", "1;2;", ""},
		"longest list":     {`{"x": [{"n": 1}], "y": [{"m": 1}, {"m": 2}]}`, source.JSON, "m", "1;2;", ""},
		"lines":            {"{\"a\": 1}\n{\"a\": 2, \"b\": true}\n\n{\"a\": }\n{\"b\": \"z\"}\n", source.NDJSON, "a|b", "1,;2,true;,;,z;", "bad_json"},
		"number in lines":  {"{\"a\": 1}\n{\"a\": 2}\n7\n", source.NDJSON, "a", "1;2;;", "not_a_record"},
		"cut":              {`[{"a": 1}, {"a": 2}, {"a"`, source.JSON, "a", "1;2;;", "truncated"},
		"rows":             {`[["id", "name"], [1, "x"], [2, "y", "z"]]`, source.JSON, "id|name|", "1,x,;2,y,z;", ""},
		"rows under a key": {`{"meta": {"n": 2}, "box": [[]], "data": [["id", "name"], [1, "x"], [2, "y"]]}`, source.JSON, "id|name", "1,x;2,y;", ""},
		"objects first":    {`{"box": [[1, 2], [3, 4]], "rows": [{"a": 1}]}`, source.JSON, "a", "1;", ""},
		"mixed":            {`[7, {"a": 1}]`, source.JSON, "a", ";1;", "not_a_record"},
		"same key twice":   {`[{"A b": 1, "a_b": 2}]`, source.JSON, "A b|a_b", "1,2;", ""},
		"feature": {
			`{"type": "FeatureCollection", "features": [
			{"type": "Feature", "id": 7, "properties": {"name": "Belmopan"}, "geometry": {"type": "Point", "coordinates": [-88.77, 17.25]}},
			{"type": "Feature", "properties": {"name": "none", "n": 1}, "geometry": null}]}`,
			source.GeoJSON, "name|n|feature_id|lon|lat|geometry", "Belmopan,,7,-88.77,17.25,{\"type\": \"Point\", \"coordinates\": [-88.77, 17.25]};none,1,,,,;", "",
		},
	} {
		got, err := sourcetest.Read(sourcetest.File(t, c.text), source.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows := ""
		for _, r := range got.Rows {
			rows += strings.Join(r, ",") + ";"
		}
		var codes []string
		for _, p := range got.Problems {
			codes = append(codes, p.Code)
		}
		if l := strings.Join(got.Info.Labels, "|"); got.Info.Format != c.format || l != c.labels || rows != c.rows || strings.Join(codes, " ") != c.codes {
			t.Errorf("%s: %s %s %q %v", name, got.Info.Format, l, rows, codes)
		}
	}
}

// TestRecordNames keeps names unique when two keys fold to one.
func TestRecordNames(t *testing.T) {
	got, err := sourcetest.Read(sourcetest.File(t, `[{"A b": 1, "a_b": 2, "lon": 3}]`), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Info.Names, []string{"a_b", "a_b_2", "lon"}) {
		t.Errorf("%q", got.Info.Names)
	}
}

// TestGeometryNotes tells swapped coordinates and open rings.
func TestGeometryNotes(t *testing.T) {
	feature := `{"type": "Feature", "properties": {}, "geometry": {"type": "%s", "coordinates": %s}}`
	for _, c := range []struct{ kind, at, note string }{
		{"Point", "[17.25, -88.77]", "coordinates_swapped"},
		{"Point", "[-88.77, 17.25]", ""},
		{"Polygon", "[[[-88, 17], [-88, 18], [-89, 18], [-88, 17]]]", ""},
		{"Polygon", "[[[-88, 17], [-88, 18], [-89, 18]]]", "rings_open"},
		{"MultiPolygon", "[[[[-88, 17], [-88, 18], [-89, 18], [-88.0, 17.0]]]]", ""},
		{"LineString", "[[-88, 17], [-88, 18]]", ""},
	} {
		text := fmt.Sprintf(`{"type": "FeatureCollection", "features": [`+feature+`]}`, c.kind, c.at)
		got, err := sourcetest.Read(sourcetest.File(t, text), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		note := ""
		for _, n := range got.Info.Notes {
			note += n.Code
		}
		if note != c.note || got.Info.GeometryColumn != "geometry" {
			t.Errorf("%s %s: notes %q, %+v", c.kind, c.at, note, got.Info)
		}
	}
}

// TestManyKeys refuses records of too many different keys.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "{\"k%d\": 1}\n", i)
	}
	if _, err := sourcetest.Read(sourcetest.File(t, b.String()), source.Options{}); sourcetest.Code(err) != "too_wide" {
		t.Error(err)
	}
}

// TestNoRecords refuses, each in its own words, what no table can be made of.
func TestNoRecords(t *testing.T) {
	deep := func(open, middle, end string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
	}
	for _, c := range []struct{ text, code string }{
		{`[1, 2, 3]`, "json_no_records"},
		{`["a", "b"]`, "json_no_records"},
		{`[]`, "empty"},
		{" [ \n ] ", "empty"},
		{`[{}, {}]`, "json_no_records"},
		{`{}`, "json_no_records"},
		{`{"rows": []}`, "json_no_records"},
		{`{"rows": [1, 2]}`, "json_no_records"},
		{`{"type": "Polygon", "coordinates": [[[-88, 17], [-88, 18], [-89, 18], [-88, 17]]]}`, "json_no_records"},
		{deep("[", "", "]", 10_000), "json_too_deep"},
		{deep("[", "", "]", 200_000), "json_too_deep"},
		{deep("[", "1", "", 10_000), "json_too_deep"},
		{deep(`{"a":`, "1", "}", 10_000), "json_too_deep"},
		{deep(`[{"a":`, "1", "}]", 5000), "json_too_deep"},
		{`[{"a": 1}, {"a": ` + deep("[", "", "]", 10_001) + `}]`, "json_too_deep"},
		{"{\"a\": 1}\n{\"a\": " + deep("[", "", "]", 10_001) + "}\n", "json_too_deep"},
	} {
		if _, err := sourcetest.Read(sourcetest.File(t, c.text), source.Options{}); sourcetest.Code(err) != c.code {
			t.Errorf("%.40q: %.100s, not %s", c.text, sourcetest.Code(err), c.code)
		}
	}
}
