package template_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/needtest"
)

func realFile(t testing.TB) *ogpfile.File {
	t.Helper()
	r, err := os.Open(filepath.Join(needtest.Data(t), "ogp", "open_parliament_0703.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := ogpfile.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func parseReal(t *testing.T, id string) template.Parsed {
	t.Helper()
	r, ok := realFile(t).Find(id)
	if !ok {
		t.Fatalf("no commitment %s", id)
	}
	return template.Parse(r.Text(ogpfile.ColTitle), r.Text(ogpfile.ColText))
}

// begins and ends of a text, which is long.
type ends struct {
	field      template.Field
	from, upTo string
}

func checkEnds(t *testing.T, c template.Commitment, want []ends) {
	t.Helper()
	given := map[template.Field]bool{template.Title: true}
	for _, w := range want {
		given[w.field] = true
		if text := c.Get(w.field); !strings.HasPrefix(text, w.from) || !strings.HasSuffix(text, w.upTo) {
			t.Errorf("%s: %q", w.field, text)
		}
	}
	for _, f := range append(template.Current.Fields(), append(template.Former.Fields(), template.Text)...) {
		if !given[f] && c.Get(f) != "" {
			t.Errorf("%s holds %q", f, c.Get(f))
		}
	}
}

// The former template, flattened: Jamaica's commitment on access to information.
func TestParsesTheFormerTemplate(t *testing.T) {
	p := parseReal(t, "JM0003")
	if p.View != template.Former || p.Loose {
		t.Errorf("template %q, loose %v", p.View, p.Loose)
	}
	checkEnds(t, p.Commitment, []ends{
		{template.Problem, "The Access to Information (ATI) Act that was passed in 2002", "delays in responses to requests for information."},
		{template.Solution, "To amend the Access to Information (ATI) Act and strengthen", "the ATI system in Jamaica."},
		{template.Contribution, "The commitment to amend the ATI Act, based on", "reduce delays in response to ATI requests."},
		{template.Relevance, "The commitment to amend the ATI Act and strengthen", "government entities, projects and programmes."},
		{template.Additional, "The commitment to amend the Access to Information (ATI) Act and strengthen", "Democratic Governance Against Corruption."},
	})
	want := []template.Milestone{
		{Title: "Conduct stakeholder consultations for preparation of drafting instructions for amendment of Access to Information (ATI) Act and regulations", Start: "April 2022", End: "June 2022"},
		{Title: "Re-establishment of the ATI Advisory Stakeholder Committee, including confirmation of membership, approval of Terms of Reference (TOR), and endorsement of the ATI Advisory Stakeholder Committee by the relevant Minister", Start: "January 2022", End: "March 2022"},
		{Title: "Preparation of Draft Bill to amend the ATI Act and regulations", Start: "April 2022", End: "January 2023"},
		{Title: "Review of Draft Bill to amend the ATI Act and regulations by the ATI Advisory Stakeholder Committee", Start: "February 2023", End: "March 2023"},
		{Title: "Finalization of Bill to amend the ATI Act and regulations and tabling in Parliament", Start: "April 2023", End: "July 2023"},
		{Title: "Prepare improved guidelines for public bodies and ATI officers", Start: "January 2022", End: "June 2022"},
		{Title: "Undertake capacity development and training for ATI officers", Start: "July 2022", End: "September 2022"},
		{Title: "Conduct programme of public education on the ATI system and rights", Start: "April 2022", End: "March 2023"},
		{Title: "Strengthen reporting mechanisms for annual reports, and reporting for the SDGs and Lima Commitment", Start: "July 2022", End: "March 2023"},
		{Title: "Development of proposal for the application of technology for online platform for making and tracking ATI requests", Start: "April 2022", End: "March 2023"},
	}
	if !slices.Equal(p.Commitment.Milestones, want) {
		t.Errorf("milestones %+v", p.Commitment.Milestones)
	}
}

// The current template, with a table in bars: Albania's of 2023.
func TestParsesTheCurrentTemplate(t *testing.T) {
	p := parseReal(t, "AL0097")
	if p.View != template.Current || p.Loose {
		t.Errorf("template %q, loose %v", p.View, p.Loose)
	}
	checkEnds(t, p.Commitment, []ends{
		{template.Brief, "• Implementation of the E-legislation (part of PACEP project)", "use of Online Inter-Institutional Platform."},
		{template.Problem, "• Improvement of the Interoperability", "recommendations of the independent institutions."},
		{template.Causes, "• Some of the causes of the problems", "recommendations of independent institutions"},
		{template.DoneSoFar, "Many practical changes have been made", "The work of this group is in progress."},
		{template.Solution, "• Interoperability: The harmonization", "given for executive institutions."},
		{template.Results, "The project E-legislation results:", "use of Online Inter-Institutional Platform."},
	})
	m := p.Commitment.Milestones
	if len(m) != 2 || !strings.HasPrefix(m[0].Title, "Organize e-Legislation awareness") || !strings.HasPrefix(m[0].Output, "• The objective will be to gain knowledge") ||
		m[0].End != "S II 2023- S I 2024" || !strings.HasPrefix(m[1].Output, "Incorporating e- Legislation") || m[1].End != "S II 2023- S I 2024" {
		t.Errorf("milestones %+v", m)
	}
	if day, ok := template.Day(m[0].End, true); !ok || day.Format("2006-01-02") != "2024-06-30" {
		t.Errorf("the end is %v", day)
	}
}

// Over all real texts no word is lost, and most that follow a template are
// understood. The counts are what the parser does today: they may only rise.
func TestParsesWhatItCan(t *testing.T) {
	views := map[template.View]int{}
	withMilestones, milestones, dated := 0, 0, 0
	for _, r := range realFile(t).Rows() {
		p := template.Parse(r.Text(ogpfile.ColTitle), r.Text(ogpfile.ColText))
		views[p.View]++
		if !p.Structured() && (len(words(p.Commitment.Text)) != len(words(r.Text(ogpfile.ColText))) || len(p.Commitment.Milestones) > 0) {
			t.Errorf("%s: what was not structured is not whole", r.ID())
		}
		if len(p.Commitment.Milestones) > 0 {
			withMilestones++
		}
		for _, m := range p.Commitment.Milestones {
			milestones++
			if _, ok := template.Day(m.End, true); ok {
				dated++
			}
		}
	}
	t.Logf("current %d, former %d, whole %d; %d with %d milestones, %d of them dated", views[template.Current], views[template.Former], views[""], withMilestones, milestones, dated)
	if views[template.Current] < 51 || views[template.Former] < 231 || withMilestones < 181 || milestones < 820 || dated < 620 {
		t.Error("the parser understands less than it did")
	}
}

func words(s string) []string { return strings.Fields(strings.ReplaceAll(s, "\ufeff", "")) }

// What Render writes as text, Parse reads back, in each template and language.
func TestParsesOurOwnText(t *testing.T) {
	c := template.Commitment{
		Title: "Publish contracts", Country: "Belize", Lead: "Ministry of Finance", CivilSociety: "A network", Start: "2026-07-01", End: "2030-06-30",
		Brief: "All contracts are published.", Problem: "Nobody sees contracts.\nNot even auditors.", Causes: "No rule asks for it.",
		DoneSoFar: "A pilot.", Solution: "A register, open to all.", Results: "Fewer single bids.", Transparency: "Contracts are seen.", Accountability: "Questions are asked.",
		Participation: "Citizens watch.", Contribution: "It opens them.", Relevance: "Access to information.", Additional: "See the law.\n\nAnd the budget.", SDGs: "16.6", ContactName: "The registrar",
		Milestones: []template.Milestone{{Title: "Draft the rule", Output: "Draft rule", Start: "July 2026", End: "December 2026", Lead: "Ministry", Target: "1"}, {Title: "Open the register", Output: "Register", End: "June 2027"}},
	}
	for _, v := range []template.View{template.Current, template.Former} {
		for _, lang := range []string{"en", "es"} {
			var b strings.Builder
			if err := template.RenderCommitment(&b, template.PlainText, c, template.Options{View: v, Lang: lang}); err != nil {
				t.Fatal(err)
			}
			_, body, _ := strings.Cut(b.String(), "\n\n") // the title
			p := template.Parse(c.Title, body)
			if p.View != v || !reflect.DeepEqual(p.Commitment, c) {
				t.Errorf("%s %s: as %q\n%+v, want\n%+v", v, lang, p.View, p.Commitment, c)
			}
		}
	}
}

func TestParsesSpanish(t *testing.T) {
	p := template.Parse("Trámites", `Institución o actor responsable de la implementación
Ministerio de Ejemplo
¿Cuál es la problemática que el compromiso aborda?
Trámites costosos.
¿Cuál es el compromiso?
Un reglamento.
¿Cómo contribuirá a resolver la problemática?
Menos pasos.
¿Por qué es relevante a los valores de OGP?
Transparencia.
Información adicional
Agenda digital
Actividades Fecha de inicio: Fecha de término:
Diseño participativo. Julio de 2018 Diciembre de 2018
Borrador de reglamento Enero de 2019 Junio de 2019`)
	c := p.Commitment
	if p.View != template.Former || c.Lead != "Ministerio de Ejemplo" || c.Problem != "Trámites costosos." || c.Solution != "Un reglamento." || c.Contribution != "Menos pasos." ||
		c.Relevance != "Transparencia." || c.Additional != "Agenda digital" {
		t.Errorf("%q %+v", p.View, c)
	}
	want := []template.Milestone{{Title: "Diseño participativo.", Start: "Julio de 2018", End: "Diciembre de 2018"}, {Title: "Borrador de reglamento", Start: "Enero de 2019", End: "Junio de 2019"}}
	if !slices.Equal(c.Milestones, want) {
		t.Errorf("milestones %+v", c.Milestones)
	}
}

func TestDay(t *testing.T) {
	for _, x := range []struct {
		text string
		end  bool
		want string
	}{
		{"2026-07-01", false, "2026-07-01"},
		{"2026-07", true, "2026-07-31"},
		{"April 2022", false, "2022-04-01"},
		{"April 2022", true, "2022-04-30"},
		{"Julio de 2018", true, "2018-07-31"},
		{"enero 2019", false, "2019-01-01"},
		{"31.12.2020.", true, "2020-12-31"},
		{"12/31/2020", true, "2020-12-31"},
		{"31/12/2020", true, "2020-12-31"},
		{"S II 2023- S I 2024", false, "2023-07-01"},
		{"S II 2023- S I 2024", true, "2024-06-30"},
		{"Q1 2019", true, "2019-03-31"},
		{"First half of 2024", true, "2024-06-30"},
		{"15 March 2024", true, "2024-03-15"},
		{"June 30, 2024", true, "2024-06-30"},
		{"11/2022", true, "2022-11-30"},
		{"July 2022 – June 2023", true, "2023-06-30"},
		{"By the end of 2024", true, "2024-12-31"},
		{"By December 2023", true, "2023-12-31"},
		{"30 de junio de 2027", true, "2027-06-30"},
		{"Ongoing", true, ""},
		{"", true, ""},
		{"31/31/2020", true, ""},
		{"2026-13-01", false, ""},
	} {
		got := ""
		if day, ok := template.Day(x.text, x.end); ok {
			got = day.Format("2006-01-02")
		}
		if got != x.want {
			t.Errorf("%q (end %v): %q, want %q", x.text, x.end, got, x.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("What is the commitment? x\nWhat are the causes of the problem? y\nMilestones | Expected Outputs\na | b | 2024")
	f.Fuzz(func(t *testing.T, text string) {
		p := template.Parse("t", text)
		if got := template.FromCurrent(template.ToCurrent(p.Commitment)); len(got.Milestones) != len(p.Commitment.Milestones) {
			t.Errorf("%q: %+v", text, got)
		}
	})
}
