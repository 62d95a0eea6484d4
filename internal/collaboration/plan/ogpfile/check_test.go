package ogpfile_test

import (
	"encoding/json"
	"slices"
	"testing"

	"ceiba/internal/collaboration/plan/ogpfile"
)

// T4.3
func TestChecksTheRealFile(t *testing.T) {
	f := realFile(t)
	rep := ogpfile.Check(f)
	for kind, want := range map[ogpfile.Kind]int{
		ogpfile.KindHeading: 0, ogpfile.KindColumn: 0, ogpfile.KindIDForm: 0, ogpfile.KindIDTwice: 0, ogpfile.KindNumberTwice: 1,
		ogpfile.KindNumberFloat: 19, ogpfile.KindNumberPath: 9, ogpfile.KindDateShifted: 12, ogpfile.KindDateSerial: 6,
		ogpfile.KindDateShort: 39, ogpfile.KindDatePart: 158, ogpfile.KindDateDayFirst: 38, ogpfile.KindDateWords: 6, ogpfile.KindCode: 3, ogpfile.KindLabel: 21,
		ogpfile.KindEra: 1, ogpfile.KindParent: 0, ogpfile.KindRelevant: 3, ogpfile.KindVerifiable: 0, ogpfile.KindMissingWord: 3,
		ogpfile.KindURL: 5, ogpfile.KindCapitals: 18, ogpfile.KindQuadrant: 9, ogpfile.KindOtherQuad: 32, ogpfile.KindBinding: 4, ogpfile.KindDerived: 0,
		ogpfile.KindTwoQuadrants: 1,
	} {
		if got := rep.Count(kind); got != want {
			t.Errorf("%s: %d issues, want %d", kind, got, want)
		}
	}
	if want := (ogpfile.Lengths{Shortest: 53, Median: 2658, Longest: 27816, WithLines: 385}); rep.Text != want {
		t.Errorf("full texts %+v, want %+v", rep.Text, want)
	}
	var quads, bound []string
	for _, i := range rep.Issues {
		switch i.Kind {
		case ogpfile.KindQuadrant:
			quads = append(quads, i.ID)
		case ogpfile.KindBinding:
			bound = append(bound, i.ID+" "+i.Value+"/"+i.Repair)
		}
		if i.Value != f.Row(i.Row-1).Text(i.Column) || i.ID != f.Row(i.Row-1).ID() {
			t.Fatalf("%+v does not say what stands in the file", i)
		}
	}
	slices.Sort(quads)
	slices.Sort(bound)
	if want := []string{"MK0139", "MK0140", "NG0021", "NZ0015", "PT0006", "PY0038", "PY0056", "PY0068", "PY0069"}; !slices.Equal(quads, want) {
		t.Errorf("%v contradict their quadrant, want %v", quads, want)
	}
	if want := []string{"LK0038 Rel/Spec", "LT0004 ND/NR", "PY0038 PotImp/Spec", "PY0054 PotImp/Spec"}; !slices.Equal(bound, want) {
		t.Errorf("%v contradict their binding constraint, want %v", bound, want)
	}
}

func TestNamesTrapsWithTheirRepair(t *testing.T) {
	type col = ogpfile.Column
	clean := map[col]string{
		ogpfile.ColID: "XX0001", ogpfile.ColCode: "XYZ", ogpfile.ColPlanNumber: "1", ogpfile.ColNumber: "1", ogpfile.ColSubmitted: "2018",
		ogpfile.ColStart: "1/1/2018", ogpfile.ColEnd: "12/31/2019", ogpfile.ColLead: "Ministry", ogpfile.ColSupporting: "NA", ogpfile.ColTheme: "NA",
	}
	for _, tag := range ogpfile.Tags() {
		clean[tag.Column] = "0"
	}
	for _, x := range []struct {
		column     col
		value      string
		kind       ogpfile.Kind
		repair     string
		alsoColumn col
		alsoValue  string
	}{
		{ogpfile.ColEnd, "7/19/1905", ogpfile.KindDateShifted, "2027", "", ""},
		{ogpfile.ColEnd, "7/20/1905", ogpfile.KindDateShifted, "2028", "", ""},
		{ogpfile.ColEnd, "44439", ogpfile.KindDateSerial, "8/31/2021", "", ""},
		{ogpfile.ColEnd, "6/30/20", ogpfile.KindDateShort, "6/30/2020", "", ""},
		{ogpfile.ColEnd, "31/12/2019", ogpfile.KindDateDayFirst, "12/31/2019", "", ""},
		{ogpfile.ColEnd, "February 2020", ogpfile.KindDatePart, "2/29/2020", "", ""},
		{ogpfile.ColEnd, "IV quarter of 2021", ogpfile.KindDatePart, "12/31/2021", "", ""},
		{ogpfile.ColEnd, "Spring 2019", ogpfile.KindDatePart, "5/31/2019", "", ""},
		{ogpfile.ColStart, "Quarter 1 2014", ogpfile.KindDatePart, "1/1/2014", "", ""},
		{ogpfile.ColStart, "2014", ogpfile.KindDatePart, "1/1/2014", "", ""},
		{ogpfile.ColStart, "Underway", ogpfile.KindDateWords, "ND", "", ""},
		{ogpfile.ColEnd, "1/1/2017", ogpfile.KindDateOrder, "", "", ""},
		{ogpfile.ColNumber, "4.0999999999999996", ogpfile.KindNumberFloat, "4.1", "", ""},
		{ogpfile.ColNumber, "8.1999999999999993", ogpfile.KindNumberFloat, "8.2", "", ""},
		{ogpfile.ColNumber, "3.3.3.6", ogpfile.KindNumberPath, "3.3.3.6", "", ""},
		{ogpfile.ColVerifiable, "1", ogpfile.KindCode, "Yes", "", ""},
		{"Youth", "NA", ogpfile.KindCode, "ND", "", ""},
		{ogpfile.ColChecksum, "2", ogpfile.KindTwoQuadrants, "", "", ""},
		{ogpfile.ColChangeNo, "NR", ogpfile.KindLabel, "0", ogpfile.ColChange, "No Change"},
		{"Inclusion", "0", ogpfile.KindParent, "1", "Youth", "1"},
		{ogpfile.ColSupporting, "N/A", ogpfile.KindMissingWord, "NA", "", ""},
		{ogpfile.ColLead, "Ministry A\n• Ministry B; Ministry C", ogpfile.KindList, "Ministry A; Ministry B; Ministry C", "", ""},
		{ogpfile.ColURL, "https://x/cote-d'ivoire", ogpfile.KindURL, "https://x/cote-d%27ivoire", "", ""},
		{ogpfile.ColTitle, "PROTECTION OF PERSONS", ogpfile.KindCapitals, "Protection of persons", "", ""},
		{ogpfile.ColTitle, "Ley de Ética y de Integridad", ogpfile.KindLanguage, "es", "", ""},
		{ogpfile.ColText, " text", ogpfile.KindSpace, "text", "", ""},
		{ogpfile.ColEarly, "Moderate", ogpfile.KindEra, "", ogpfile.ColEarlyNo, "1"},
		{ogpfile.ColID, "1234", ogpfile.KindIDForm, "", "", ""},
	} {
		row := map[col]string{}
		for c, v := range clean {
			row[c] = v
		}
		row[x.column], row[x.alsoColumn] = x.value, x.alsoValue
		issues := ogpfile.Check(read(t, sheet(row))).Issues
		if !slices.ContainsFunc(issues, func(i ogpfile.Issue) bool {
			return i.Kind == x.kind && i.Column == x.column && i.Value == x.value && i.Repair == x.repair && i.Row == 1 && i.Line == 2
		}) {
			t.Errorf("%s %q: no issue %s with repair %q among %+v", x.column, x.value, x.kind, x.repair, issues)
		}
	}
	again := map[col]string{}
	for c, v := range clean {
		again[c] = v
	}
	rep := ogpfile.Check(read(t, sheet(clean, again)))
	if rep.Count(ogpfile.KindIDTwice) != 1 || rep.Count(ogpfile.KindNumberTwice) != 1 {
		t.Error("the second row repeats the first, and nobody says so")
	}
}

func TestEveryIssueHasASentence(t *testing.T) {
	for _, lang := range []string{"en", "es"} {
		raw, err := ogpfile.Words.ReadFile("locale/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatal(err)
		}
		for _, i := range ogpfile.Check(realFile(t)).Issues {
			if words[i.Key()] == "" || words["ogpfile.level."+string(i.Level)] == "" {
				t.Errorf("%s: nothing says what %s (%s) means", lang, i.Kind, i.Level)
			}
		}
	}
}
