package template_test

import (
	"reflect"
	"slices"
	"testing"

	"ceiba/internal/collaboration/plan/template"
)

func TestReadsAPlanFromATable(t *testing.T) {
	list, problems := template.FromTable([][]string{
		{"Our plan 2026", "", ""},
		{"Expected completion date", "Notes", "Name of the commitment", "Number", "What problem does the commitment aim to address?", "Milestone", "Stakeholders: lead", "1. What are the causes of the problem?"},
		{"June 2027", "", "Publish contracts", "1", "Nobody sees them.", "Draft the rule", "Ministry", "No rule."},
		{"December 2027", "ask Ana", "", "", "", "Open the register", "Agency", ""},
		{"soon", "", "Publish contracts", "1", "Something else", "Train officers", "", ""},
		{"", "", "Open the budget", "2", "It is closed.", "", "", ""},
		{"", "", "", "", "", "", "", ""},
		{"2028-01-31", "", "", "", "", "Citizens' budget", "", "", "beyond"},
	})
	want := []template.Commitment{
		{Number: "1", Title: "Publish contracts", Problem: "Nobody sees them.", Causes: "No rule.", Milestones: []template.Milestone{
			{Title: "Draft the rule", End: "June 2027", Lead: "Ministry"}, {Title: "Open the register", End: "December 2027", Lead: "Agency"}, {Title: "Train officers", End: "soon"},
		}},
		{Number: "2", Title: "Open the budget", Problem: "It is closed.", Milestones: []template.Milestone{{Title: "Citizens' budget", End: "2028-01-31"}}},
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("%+v", list)
	}
	wrong := []template.CellProblem{
		{4, 2, "Notes", "ask Ana", template.NoHeading},
		{5, 1, "Expected completion date", "soon", template.NotADate},
		{5, 5, "What problem does the commitment aim to address?", "Something else", template.OtherValue},
		{8, 9, "", "beyond", template.NoHeading},
	}
	if !slices.Equal(problems, wrong) {
		t.Errorf("problems %+v", problems)
	}
}

func TestReadsASpanishTableOfTheFormerTemplate(t *testing.T) {
	list, problems := template.FromTable([][]string{
		{"Título del compromiso", "¿Cuál es el compromiso?", "Actividad con un producto verificable", "Inicio del hito", "Término del hito", "Institución o actor responsable de la implementación", "¿Cuál es el problema público que abordará el compromiso?"},
		{"Trámites", "Un reglamento", "Diseño", "Julio de 2026", "Diciembre de 2026", "Ministerio", "Costos"},
	})
	want := []template.Commitment{{Title: "Trámites", Solution: "Un reglamento", Problem: "Costos", Lead: "Ministerio", Milestones: []template.Milestone{{Title: "Diseño", Start: "Julio de 2026", End: "Diciembre de 2026"}}}}
	if !reflect.DeepEqual(list, want) || len(problems) > 0 {
		t.Errorf("%+v %+v", list, problems)
	}
}

func TestReportsWhatIsInNoTable(t *testing.T) {
	list, problems := template.FromTable([][]string{{"district", "km"}, {"Cayo", "12"}})
	if len(list) != 0 || len(problems) != 4 {
		t.Errorf("%+v %+v", list, problems)
	}
	list, problems = template.FromTable([][]string{{"Milestone", "Title"}, {"Lonely step", ""}})
	if len(list) != 0 || len(problems) != 1 || problems[0].Why != template.NoCommitment {
		t.Errorf("%+v %+v", list, problems)
	}
}

func TestEveryHeadingOfBothTemplatesIsRead(t *testing.T) {
	for _, v := range []template.View{template.Current, template.Former} {
		for _, lang := range []string{"en", "es"} {
			for _, f := range append(v.Fields(), v.Columns()...) {
				head := template.Heading(v, f, lang)
				_, problems := template.FromTable([][]string{{"Title", "Commitment number", head}, {"T", "1", "July 2026"}})
				for _, p := range problems {
					if p.Why == template.NoHeading {
						t.Errorf("%s, %s, %s: %q is not read", v, f, lang, head)
					}
				}
			}
		}
	}
}
