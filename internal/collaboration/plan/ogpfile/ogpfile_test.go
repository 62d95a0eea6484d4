package ogpfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/needtest"
)

func realText(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(needtest.Data(t), "ogp", "open_parliament_0703.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func read(t testing.TB, text string) *ogpfile.File {
	t.Helper()
	f, err := ogpfile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func realFile(t testing.TB) *ogpfile.File { return read(t, string(realText(t))) }

// T4.1
func TestReadsTheRealFile(t *testing.T) {
	f := realFile(t)
	got := []int{f.Len(), f.Width(), f.Distinct(ogpfile.ColID), f.Distinct(ogpfile.ColMember), f.Distinct(ogpfile.ColPlan), len(f.Missing()), len(f.Extra())}
	if want := []int{558, 171, 558, 75, 214, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("rows, columns, ids, members, plans, missing, extra: %v, want %v", got, want)
	}
	if len(ogpfile.Tags()) != 86 || len(ogpfile.Identity()) != 19 || len(ogpfile.Columns()) != 171 {
		t.Error("the taxonomy has 86 tags, the file 19 columns of identity and 171 in all")
	}
}

// T4.2
func TestWritesTheRealFileByteForByte(t *testing.T) {
	raw := realText(t)
	f := read(t, string(raw))
	var out bytes.Buffer
	if err := f.Write(&out); err != nil || !bytes.Equal(out.Bytes(), raw) {
		t.Fatalf("the file came back changed (%d bytes of %d, %v)", out.Len(), len(raw), err)
	}
	r, _ := f.Find("BG0039")
	before := r.Text(ogpfile.ColLead)
	f.Set(r.N()-1, ogpfile.ColLead, `Ministry of "e", and more`)
	out.Reset()
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	again := read(t, out.String())
	for i, r := range again.Rows() {
		for _, c := range ogpfile.Columns() {
			if r.Text(c) != f.Row(i).Text(c) {
				t.Fatalf("%s %s changed", r.ID(), c)
			}
		}
	}
	again.Set(r.N()-1, ogpfile.ColLead, before)
	out.Reset()
	if err := again.Write(&out); err != nil || !bytes.Equal(out.Bytes(), raw) {
		t.Error("with the cell set back the file is not what it was")
	}
}

// T4.4: nine quadrants and four binding constraints, and nothing else.
func TestDerivesTheRealFile(t *testing.T) {
	known := map[ogpfile.Column][]string{
		ogpfile.ColQuadBoth: {"NZ0015", "MK0139", "MK0140", "PY0038", "PY0056", "PY0068", "PY0069", "PT0006", "NG0021"},
		ogpfile.ColBinding:  {"LT0004", "PY0038", "PY0054", "LK0038"},
	}
	d, err := ogpfile.Derive(realFile(t), ogpfile.Rules())
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Mismatches) != len(ogpfile.Rules()) {
		t.Errorf("%d columns compared", len(d.Mismatches))
	}
	for _, m := range d.Mismatches {
		want := slices.Sorted(slices.Values(known[m.Column]))
		if got := slices.Sorted(slices.Values(m.IDs)); !slices.Equal(got, want) {
			t.Errorf("%s: the file disagrees in %v, want %v", m.Column, got, want)
		}
	}
	var out bytes.Buffer
	if err := d.Write(&out); err != nil || !strings.HasPrefix(out.String(), string(ogpfile.ColID)+",") || strings.Count(out.String(), "\n") != 559 {
		t.Errorf("the derived columns were not written: %v", err)
	}
	counts := map[string]int{}
	for i := range d.IDs {
		counts[d.Values[i][slices.Index(d.Columns, ogpfile.ColBinding)]]++
	}
	// The file has 226 PotImp, 30 Spec, 26 Rel, 57 NR, 1 ND; four rows differ.
	for code, n := range map[string]int{"PotImp": 224, "FALSE": 130, "NR": 58, "Cmpl": 52, "STAR": 36, "Spec": 33, "Rel": 25} {
		if counts[code] != n {
			t.Errorf("%d rows are bound by %s, want %d", counts[code], code, n)
		}
	}
}

func TestCandidatesAreNotEstablished(t *testing.T) {
	d, err := ogpfile.Derive(realFile(t), append(ogpfile.Candidates(), rule(ogpfile.ColQuadBoth)))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, m := range d.Mismatches {
		for _, id := range m.IDs {
			rows[id] = true
		}
	}
	if len(rows) != 24 {
		t.Errorf("the quadrants disagree in %d rows, want 24", len(rows))
	}
}

func rule(c ogpfile.Column) ogpfile.Rule {
	all := ogpfile.Rules()
	return all[slices.IndexFunc(all, func(u ogpfile.Rule) bool { return u.Column == c })]
}

// sheet is a small table with all columns of a file and one or more rows.
func sheet(rows ...map[ogpfile.Column]string) string {
	var b strings.Builder
	for i, c := range ogpfile.Columns() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + string(c) + `"`)
	}
	for _, row := range rows {
		b.WriteByte('\n')
		for i, c := range ogpfile.Columns() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(row[c], `"`, `""`) + `"`)
		}
	}
	return b.String() + "\n"
}

func TestOrderExtraColumnsAndTolerance(t *testing.T) {
	head := slices.Clone(ogpfile.Columns())
	slices.Reverse(head)
	var names, cells []string
	for _, c := range head {
		name := string(c)
		if c == ogpfile.ColTitle {
			name = " COMMITMENT\u00a0 title"
		}
		names, cells = append(names, `"`+name+`"`), append(cells, string(c[:1]))
	}
	text := "\ufeffmine," + strings.Join(names, ",") + "\r\n own ," + strings.Join(cells, ",") + "\n\r\n\n"
	f := read(t, text)
	r := f.Row(0)
	if !slices.Equal(f.Extra(), []string{"mine"}) || r.Extra("mine") != " own " || r.Text(ogpfile.ColTitle) != "C" || r.Text(ogpfile.ColSerial) != "i" {
		t.Errorf("extra %v, row %q %q", f.Extra(), r.Extra("mine"), r.Text(ogpfile.ColTitle))
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil || out.String() != text {
		t.Errorf("came back changed: %v", err)
	}
}

func TestWhatIsMissingStaysApart(t *testing.T) {
	f := read(t, sheet(map[ogpfile.Column]string{
		ogpfile.ColID: "XX0001", ogpfile.ColRelevant: "0", ogpfile.ColImpact: "NA", ogpfile.ColImpactNo: "ND", ogpfile.ColOpened: "NR", ogpfile.ColMaxStar: "FALSE",
	}))
	r := f.Row(0)
	for c, want := range map[ogpfile.Column]ogpfile.State{
		ogpfile.ColRelevant: ogpfile.Coded, ogpfile.ColImpact: ogpfile.NotApplicable, ogpfile.ColImpactNo: ogpfile.NotCoded,
		ogpfile.ColOpened: ogpfile.NotReviewed, ogpfile.ColTitle: ogpfile.Empty, ogpfile.ColMaxStar: ogpfile.Coded,
	} {
		if got := r.Value(c).State; got != want {
			t.Errorf("%s: state %d, want %d", c, got, want)
		}
	}
	if n, ok := r.Value(ogpfile.ColRelevant).Number(); n != 0 || !ok {
		t.Error("0 is a number")
	}
	if _, ok := r.Value(ogpfile.ColImpact).Number(); ok {
		t.Error("NA is no number")
	}
}

func TestRefusesWhatIsNotTheFile(t *testing.T) {
	whole := sheet(map[ogpfile.Column]string{})
	for name, text := range map[string]string{
		"ogpfile.read.empty":    " \n",
		"ogpfile.read.workbook": "PK\x03\x04rest",
		"ogpfile.read.encoding": "Commitment\xff",
		"ogpfile.read.missing":  "district,km\nCayo,1\n",
		"ogpfile.read.rows":     strings.SplitAfter(whole, "\n")[0],
		"ogpfile.read.width":    whole + "a,b\n",
		"ogpfile.read.quote":    whole + `"open`,
		"ogpfile.read.twice":    "id,id,ID\n1,2,3\n",
	} {
		_, err := ogpfile.Read(strings.NewReader(text))
		if f, ok := err.(*fault.Error); !ok || f.Key != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func TestTaxonomy(t *testing.T) {
	got := ogpfile.WithParents([]ogpfile.Column{"Youth", "Right To Information", "Open Contracting", "nonsense"})
	want := []ogpfile.Column{"Anti-Corruption and Integrity", "Open Contracting", "Right To Information", "Inclusion", "Youth"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if n := len(ogpfile.Children("Fiscal Openness")); n != 6 {
		t.Errorf("%d children of Fiscal Openness, want 6", n)
	}
}
