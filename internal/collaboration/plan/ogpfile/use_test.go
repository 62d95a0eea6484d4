package ogpfile_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"ceiba/internal/collaboration/plan/ogpfile"
)

func TestBenchmarksOfTheRealFile(t *testing.T) {
	f := realFile(t)
	all := f.Benchmark(ogpfile.Query{})
	if all.N != 558 || all.Plans != 214 || all.Members != 75 {
		t.Errorf("all: %+v", all)
	}
	if want := (ogpfile.Share{Yes: 457, Of: 490}); all.Verifiable != want {
		t.Errorf("verifiable %+v, want %+v", all.Verifiable, want)
	}
	if want := []ogpfile.Count{{Code: "Unclear", N: 18}, {Code: "Modest", N: 82}, {Code: "Substantial", N: 43}}; !slices.Equal(all.Potential.Codes, want) || all.Potential.Of != 143 {
		t.Errorf("potential for results %+v", all.Potential)
	}
	if want := (ogpfile.Share{Yes: 229, Of: 403}); all.Completed != want {
		t.Errorf("completed %+v, want %+v", all.Completed, want)
	}
	if all.Early.Of != 10 || all.Impact.Of != 345 || all.Completion.Of != 406 {
		t.Errorf("early results of %d, impact of %d, completion of %d", all.Early.Of, all.Impact.Of, all.Completion.Of)
	}
	old, recent := f.Benchmark(ogpfile.EraImpact), f.Benchmark(ogpfile.EraResults)
	if old.N+recent.N != 558 || old.Potential.Of != 0 || recent.Impact.Of != 0 {
		t.Errorf("the eras hold %d and %d, and the scales are not apart", old.N, recent.N)
	}
	if n := f.Benchmark(ogpfile.Query{Tags: []ogpfile.Column{"Open Parliaments", "Legislation"}}).N; n == 0 || n > 177 {
		t.Errorf("%d have both tags", n)
	}
	tags := f.ByTag(ogpfile.Query{})
	if len(tags) != 81 || tags["Whistleblower Protections"].N != 33 {
		t.Errorf("%d tags occur", len(tags))
	}
}

func TestFindsSimilarCommitments(t *testing.T) {
	ix := ogpfile.NewIndex(realFile(t).Docs())
	got := ix.Similar("Reform the access to information act: train information officers and publish guidelines for answering requests in time", []ogpfile.Column{"Right To Information"}, 10)
	if len(got) != 10 || !slices.ContainsFunc(got, func(m ogpfile.Match) bool { return m.ID == "JM0003" }) {
		t.Errorf("Jamaica's access to information is not among %+v", got)
	}
	got = ix.Similar("Protección de denunciantes de corrupción", nil, 3)
	if len(got) != 3 || !slices.Contains(got[0].Terms, "denunciantes") {
		t.Errorf("Spanish: %+v", got)
	}
	if got := ix.Similar("the of and", []ogpfile.Column{"Youth"}, 5); len(got) != 0 {
		t.Errorf("words that say nothing find %+v", got)
	}
	if got := ogpfile.NewIndex(nil).Similar("budget", nil, 5); len(got) != 0 {
		t.Errorf("an empty index finds %+v", got)
	}
}

func TestSimilarSaysWhy(t *testing.T) {
	ix := ogpfile.NewIndex([]ogpfile.Doc{
		{ID: "A", Title: "Budget transparency", Text: "The budget is published for citizens", Tags: []ogpfile.Column{"Fiscal Openness"}},
		{ID: "B", Title: "Water", Text: "Budgets of water boards", Tags: []ogpfile.Column{"Water & Sanitation"}},
		{ID: "C", Title: "Roads", Text: "Nothing alike"},
	})
	got := ix.Similar("Publishing the citizens' budget", []ogpfile.Column{"Fiscal Openness"}, 5)
	if len(got) != 2 || got[0].ID != "A" || got[1].ID != "B" || !slices.Equal(slices.Sorted(slices.Values(got[0].Terms)), []string{"budget", "citizens"}) || !slices.Equal(got[0].Tags, []ogpfile.Column{"Fiscal Openness"}) {
		t.Errorf("%+v", got)
	}
}

// T8.6
func TestExportsOurOwnPlan(t *testing.T) {
	var out bytes.Buffer
	err := ogpfile.WriteCommitments(&out, []ogpfile.Commitment{{
		Member: "Belize", Code: "BLZ", Region: "Americas", Level: "National", Plan: 2, Number: "3.1", Submitted: 2026, EndYear: 2030, Duration: 4,
		Title: "Publish \"who owns what\"", Text: "Line one\nLine two, and more", Start: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2030, 6, 30, 0, 0, 0, 0, time.UTC),
		Lead: []string{"Ministry of Finance"}, Supporting: []string{"Belize Network", "Chamber, of Commerce"}, Tags: []ogpfile.Column{"Beneficial Ownership", "Youth"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := ogpfile.Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	r := f.Row(0)
	if f.Width() != 105 || r.Text(ogpfile.ColTitle) != "Publish \"who owns what\"" || r.Text(ogpfile.ColEnd) != "6/30/2030" || r.Text(ogpfile.ColID) != "NA" ||
		r.Text(ogpfile.ColSupporting) != "Belize Network; Chamber, of Commerce" || r.Text(ogpfile.ColTheme) != "NA" {
		t.Errorf("%d columns: %q", f.Width(), r.Text(ogpfile.ColTitle))
	}
	want := []ogpfile.Column{"Anti-Corruption and Integrity", "Beneficial Ownership", "Inclusion", "Youth"}
	if !slices.Equal(r.Tags(), want) {
		t.Errorf("tags %q, want %q", r.Tags(), want)
	}
}

// TestFormulasGoOutGuardedAndComeBack: what people wrote does not run in a
// spreadsheet, comes back as it was, and a file of OGP's own is not touched.
func TestFormulasGoOutGuardedAndComeBack(t *testing.T) {
	for _, text := range []string{"=HYPERLINK(\"https://evil.example\")", "-1+1", "@SUM(A1)", "+cmd", "\t=1", "'=quoted", "plain"} {
		var out bytes.Buffer
		if err := ogpfile.WriteCommitments(&out, []ogpfile.Commitment{{Member: "Belize", Code: "BLZ", Title: text, Text: text, Lead: []string{text}}}); err != nil {
			t.Fatal(err)
		}
		cells, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cells[1] {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				t.Errorf("%q runs in a spreadsheet", c)
			}
		}
		f, err := ogpfile.Read(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Row(0).Text(ogpfile.ColTitle); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		var again bytes.Buffer
		if err := f.Write(&again); err != nil || again.String() != out.String() {
			t.Errorf("%q: written again it differs: %v", text, err)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	docs := realFile(b).Docs()
	for b.Loop() {
		ogpfile.NewIndex(docs)
	}
}

func FuzzReadWritesBack(f *testing.F) {
	f.Add(sheet(map[ogpfile.Column]string{ogpfile.ColID: "XX0001"}))
	f.Add("a,b\n1,\"2\"\"\n3\"\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ogpfile.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		var out strings.Builder
		if err := got.Write(&out); err != nil || out.String() != text {
			t.Errorf("%q came back as %q (%v)", text, out.String(), err)
		}
		ogpfile.Check(got)
	})
}
