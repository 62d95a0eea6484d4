package personal_test

import (
	"path/filepath"
	"slices"
	"testing"

	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/table/personal"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/sourcetest"
)

// columnsOf turns rows into one sample per column.
func columnsOf(t *sourcetest.Table) [][]string {
	out := make([][]string, len(t.Info.Labels))
	for _, r := range t.Rows {
		for c, v := range r {
			out[c] = append(out[c], v)
		}
	}
	return out
}

// TestPersonalFixture finds what was planted (T28), and nothing in the file
// without it.
func TestPersonalFixture(t *testing.T) {
	dir := filepath.Join(needtest.Data(t), "csv/qsv")
	planted, err := sourcetest.Read(filepath.Join(dir, "boston311-100-with-fake-pii.csv"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[personal.Kind][]string{}
	for _, f := range personal.Columns(planted.Info.Labels, columnsOf(planted)) {
		kinds[f.Kind] = append(kinds[f.Kind], planted.Info.Names[f.Column])
	}
	for _, want := range []personal.Kind{personal.SSN, personal.Card, personal.Email} {
		if !slices.Contains(kinds[want], "closure_reason") && !slices.Contains(kinds[want], "case_title") {
			t.Errorf("%s not found; found %v", want, kinds)
		}
	}
	clean, err := sourcetest.Read(filepath.Join(dir, "boston311-100.csv"), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f := personal.Columns(clean.Info.Labels, columnsOf(clean)); len(f) > 0 {
		t.Errorf("the clean file has %+v", f)
	}
}

func TestPersonalColumns(t *testing.T) {
	for _, c := range []struct {
		label  string
		values []string
		want   personal.Kind
	}{
		{"Contact", []string{"maria@example.org"}, personal.Email},
		{"Remarks", []string{"", "card 4111 1111 1111 1111 was refused"}, personal.Card},
		{"Remarks", []string{"id 123-45-6789"}, personal.SSN},
		{"Tel.", []string{"622-1234", "+501 610-2345", "", "223-4567"}, personal.Phone},
		{"SSB No.", []string{"000123456"}, personal.SSN},
		{"Pasaporte", []string{"P0123456"}, personal.Passport},
		{"Date of Birth", []string{"1980-02-03"}, personal.Birth},
		{"Fecha de nacimiento", []string{"03/02/1980"}, personal.Birth},
		{"Remarks", []string{"order 4111 1111 1111 1112"}, ""},
		{"Budget line", []string{"123-4567-89", "2345"}, ""},
		{"Amount", []string{"1234567", "7654321"}, ""},
		{"Office phone", []string{"ext 12", "ext 13"}, ""},
		{"Births", []string{"120", "130"}, personal.Birth}, // a person decides
		{"Name", []string{"Hummingbird Highway"}, ""},
	} {
		got := personal.Columns([]string{c.label}, [][]string{c.values})
		var kind personal.Kind
		if len(got) > 0 {
			kind = got[0].Kind
			if got[0].Masked == "" || slices.Contains(c.values, got[0].Masked) {
				t.Errorf("%s: %q is not masked", c.label, got[0].Masked)
			}
		}
		if kind != c.want {
			t.Errorf("%s %q: found %q, want %q", c.label, c.values, kind, c.want)
		}
	}
}

// TestPersonalNames takes a name as personal only beside something private.
func TestPersonalNames(t *testing.T) {
	labels := []string{"Name", "Date of birth"}
	got := personal.Columns(labels, [][]string{{"Ann Example"}, {"2001-02-03"}})
	if len(got) != 2 || got[1].Kind != personal.Name {
		t.Errorf("got %+v", got)
	}
}
