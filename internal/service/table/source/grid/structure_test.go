package grid_test

import (
	"strings"
	"testing"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
)

// TestStructure finds the table among what publishers put around it.
func TestStructure(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		labels string
		rows   int
		notes  string
	}{
		"two header rows with units": {"Station,Rain,Flow\n,(mm),(m3/s)\nCayo,12.5,3\nToledo,14,4\nBelize,9,2\n", "Station|Rain (mm)|Flow (m3/s)", 3, "multirow_header"},
		"groups over columns":        {"District,Population,,Area\n,Men,Women,km2\nCayo,10,20,30\nToledo,11,21,31\nBelize,12,22,32\n", "District|Population Men|Women|Area km2", 3, "multirow_header"},
		"preamble and footer":        {"Budget 2024,,\n,,\nCode,Name,Amount\n1,Roads,5\n2,Water,6\n,,\nSource: Ministry of Finance,,\n", "Code|Name|Amount", 2, "preamble_skipped blank_rows footer"},
		"totals stay":                {"Code,Name,Amount\n1,Roads,5\n2,Water,6\nTotal,,11\n", "Code|Name|Amount", 3, "total_row"},
		"second table":               {"Code,Amount,Year\n1,5,2020\n2,6,2021\n\nDistrict,People,Note\nCayo,7,x\n", "Code|Amount|Year", 2, "blank_rows second_table"},
		"header on each page":        {"Code,Amount\n1,5\nCode,Amount\n2,6\n", "Code|Amount", 2, "repeated_header"},
		"section headings stay":      {"Code,Name,Amount\n1,a,5\nCapital,,\n2,b,6\n", "Code|Name|Amount", 3, ""},
		"no header":                  {"1,2.5,2024-01-01\n2,3.5,2024-01-02\n", "||", 2, "header_synthesised"},
		"years as header":            {"Item,2021,2022\nRoads,10,20\nWater,30,40\n", "Item|2021|2022", 2, ""},
		"header only":                {"id,name,day\n", "id|name|day", 0, ""},
		"duplicates":                 {"a,a,A,,\n1,2,3,4,5\n", "a|a|A||", 1, "duplicate_names empty_names"},
	} {
		got, err := sourcetest.Read(sourcetest.File(t, c.text), source.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var notes []string
		for _, n := range got.Info.Notes {
			notes = append(notes, n.Code)
		}
		if l := strings.Join(got.Info.Labels, "|"); l != c.labels || len(got.Rows) != c.rows || strings.Join(notes, " ") != c.notes {
			t.Errorf("%s: %s, %d rows %q, %v", name, l, len(got.Rows), got.Rows, notes)
		}
	}
}
