package source

import (
	"fmt"
	"slices"
	"strings"
	"testing"
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
		"array":           {`[{"a": 1, "b": "x\n\u00f1\ud83d\ude00"}, {"b": null, "c": {"d": [1, 2]}}]`, JSON, "a|b|c", "1,x\nñ😀,;,,{\"d\": [1, 2]};", ""},
		"under a key":     {`{"ok": true, "result": {"total": 2, "records": [{"a": 1}, {"a": 2}]}}`, JSON, "a", "1;2;", ""},
		"longest list":    {`{"x": [{"n": 1}], "y": [{"m": 1}, {"m": 2}]}`, JSON, "m", "1;2;", ""},
		"lines":           {"{\"a\": 1}\n{\"a\": 2, \"b\": true}\n\n{\"a\": }\n{\"b\": \"z\"}\n", NDJSON, "a|b", "1,;2,true;,;,z;", "bad_json"},
		"number in lines": {"{\"a\": 1}\n{\"a\": 2}\n7\n", NDJSON, "a", "1;2;;", "not_a_record"},
		"cut":             {`[{"a": 1}, {"a": 2}, {"a"`, JSON, "a", "1;2;;", "truncated"},
		"rows":            {`[["id", "name"], [1, "x"], [2, "y", "z"]]`, JSON, "id|name|", "1,x,;2,y,z;", ""},
		"same key twice":  {`[{"A b": 1, "a_b": 2}]`, JSON, "A b|a_b", "1,2;", ""},
		"feature": {
			`{"type": "FeatureCollection", "features": [
			{"type": "Feature", "id": 7, "properties": {"name": "Belmopan"}, "geometry": {"type": "Point", "coordinates": [-88.77, 17.25]}},
			{"type": "Feature", "properties": {"name": "none", "n": 1}, "geometry": null}]}`,
			GeoJSON, "name|n|feature_id|lon|lat|geometry", "Belmopan,,7,-88.77,17.25,{\"type\": \"Point\", \"coordinates\": [-88.77, 17.25]};none,1,,,,;", "",
		},
	} {
		got, err := readTable(write(t, c.text), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows := ""
		for _, r := range got.rows {
			rows += strings.Join(r, ",") + ";"
		}
		var codes []string
		for _, p := range got.problems {
			codes = append(codes, p.Code)
		}
		if l := strings.Join(got.info.Labels, "|"); got.info.Format != c.format || l != c.labels || rows != c.rows || strings.Join(codes, " ") != c.codes {
			t.Errorf("%s: %s %s %q %v", name, got.info.Format, l, rows, codes)
		}
	}
}

// TestRecordNames keeps names unique when two keys fold to one.
func TestRecordNames(t *testing.T) {
	got, err := readTable(write(t, `[{"A b": 1, "a_b": 2, "lon": 3}]`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.info.Names, []string{"a_b", "a_b_2", "lon"}) {
		t.Errorf("%q", got.info.Names)
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
		got, err := readTable(write(t, text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		note := ""
		for _, n := range got.info.Notes {
			note += n.Code
		}
		if note != c.note || got.info.GeometryColumn != "geometry" {
			t.Errorf("%s %s: notes %q, %+v", c.kind, c.at, note, got.info)
		}
	}
}

// TestManyKeys refuses records of too many different keys.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "{\"k%d\": 1}\n", i)
	}
	if _, err := readTable(write(t, b.String()), Options{}); code(err) != "too_wide" {
		t.Error(err)
	}
}
