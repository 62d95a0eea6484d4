package source

import (
	"path/filepath"
	"slices"
	"testing"

	"ceiba/internal/ground/needtest"
)

// columnsOf turns rows into one sample per column.
func columnsOf(t *table) [][]string {
	out := make([][]string, len(t.info.Labels))
	for _, r := range t.rows {
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
	planted, err := readTable(filepath.Join(dir, "boston311-100-with-fake-pii.csv"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[PersonalKind][]string{}
	for _, f := range ColumnsWithPersonalData(planted.info.Labels, columnsOf(planted)) {
		kinds[f.Kind] = append(kinds[f.Kind], planted.info.Names[f.Column])
	}
	for _, want := range []PersonalKind{PersonalSSN, PersonalCard, PersonalEmail} {
		if !slices.Contains(kinds[want], "closure_reason") && !slices.Contains(kinds[want], "case_title") {
			t.Errorf("%s not found; found %v", want, kinds)
		}
	}
	clean, err := readTable(filepath.Join(dir, "boston311-100.csv"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f := ColumnsWithPersonalData(clean.info.Labels, columnsOf(clean)); len(f) > 0 {
		t.Errorf("the clean file has %+v", f)
	}
}

func TestPersonalColumns(t *testing.T) {
	for _, c := range []struct {
		label  string
		values []string
		want   PersonalKind
	}{
		{"Contact", []string{"maria@example.org"}, PersonalEmail},
		{"Remarks", []string{"", "card 4111 1111 1111 1111 was refused"}, PersonalCard},
		{"Remarks", []string{"id 123-45-6789"}, PersonalSSN},
		{"Tel.", []string{"622-1234", "+501 610-2345", "", "223-4567"}, PersonalPhone},
		{"SSB No.", []string{"000123456"}, PersonalSSN},
		{"Pasaporte", []string{"P0123456"}, PersonalPassport},
		{"Date of Birth", []string{"1980-02-03"}, PersonalBirth},
		{"Fecha de nacimiento", []string{"03/02/1980"}, PersonalBirth},
		{"Remarks", []string{"order 4111 1111 1111 1112"}, ""},
		{"Budget line", []string{"123-4567-89", "2345"}, ""},
		{"Amount", []string{"1234567", "7654321"}, ""},
		{"Office phone", []string{"ext 12", "ext 13"}, ""},
		{"Births", []string{"120", "130"}, PersonalBirth}, // a person decides
		{"Name", []string{"Hummingbird Highway"}, ""},
	} {
		got := ColumnsWithPersonalData([]string{c.label}, [][]string{c.values})
		var kind PersonalKind
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
	got := ColumnsWithPersonalData(labels, [][]string{{"Ann Example"}, {"2001-02-03"}})
	if len(got) != 2 || got[1].Kind != PersonalName {
		t.Errorf("got %+v", got)
	}
}
