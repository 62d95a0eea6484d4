package exchange

import (
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

func kindsOf(all []Advice) (out []string) {
	for _, a := range all {
		out = append(out, a.Kind)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestJudge(t *testing.T) {
	step := template.Milestone{Title: "Survey", Output: "The survey is online", End: "2027-01-31", Baseline: "0 villages", Target: "40 villages"}
	for name, x := range map[string]struct {
		form  template.Commitment
		steps bool
		want  string
	}{
		"weak words":   {template.Commitment{Solution: "We will promote openness. A regulation follows."}, false, "vague"},
		"in Spanish":   {template.Commitment{Solution: "Fortalecer la participación mediante una ley."}, false, "vague"},
		"a number":     {template.Commitment{Solution: "Support 40 villages by a new regulation."}, false, ""},
		"stands alone": {template.Commitment{Solution: "A website for citizens."}, false, "alone not_binding"},
		"training":     {template.Commitment{Solution: "Una capacitación para funcionarios."}, false, "alone not_binding"},
		"binds":        {template.Commitment{Solution: "A website that the regulation requires."}, false, ""},
		"no step":      {template.Commitment{Problem: "Floods", Solution: "A rule on drains."}, true, "no_milestone"},
		"whole":        {template.Commitment{Problem: "Floods", Solution: "A rule on drains.", Milestones: []template.Milestone{step}}, true, ""},
		"bare step":    {template.Commitment{Problem: "Floods", Solution: "A rule.", Milestones: []template.Milestone{{Title: "Meeting"}}}, true, "no_baseline no_end no_output"},
		"weak step":    {template.Commitment{Problem: "Floods", Solution: "A rule.", Milestones: []template.Milestone{{Title: "Promote it", End: "2027"}, step}}, true, "vague_step"},
		"no problem":   {template.Commitment{Solution: "A rule.", Milestones: []template.Milestone{step}}, true, "no_problem"},
	} {
		if got := strings.Join(kindsOf(Judge(x.form, x.steps)), " "); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

// TestCoach looks for commitments like a draft, without and with a table to
// look in.
func TestCoach(t *testing.T) {
	raw := string(realFile(t))
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		p := newPort(t, d)
		office, _, err := org.EnsureByName(t.Context(), d, who.System(policy, "test"), "Office", org.National)
		must(t, err)
		pl, err := p.Create(t.Context(), secretariat, plan.Plan{Org: office.ID, Title: "Plan", Lang: "en", Level: plan.National})
		must(t, err)
		c := plan.Commitment{Plan: pl.ID, Title: "Parliament publishes how its members vote", Lang: "en", State: plan.Drafting}
		c.Tags.V = []string{"Open Parliaments", "Nobody's tag"}
		c, err = p.Draft(t.Context(), secretariat, c)
		must(t, err)
		ask := func() (out Coached) {
			p.view(func(tx *db.Tx) (err error) { out, err = p.Coach(t.Context(), tx, c); return err })
			return out
		}
		if got := ask(); !got.Empty || len(got.Alike) != 0 || len(got.Marks) != 0 || len(got.Advice) == 0 {
			t.Errorf("with nothing imported: %+v", got)
		}
		p.file("ogp.csv", raw, Options{})
		got := ask()
		if got.Empty || len(got.Alike) != mostAlike || len(got.Marks) != 2 || got.Marks[0].N != 558 || got.Marks[1].N != 177 {
			t.Fatalf("%d alike, %+v", len(got.Alike), got.Marks)
		}
		for _, a := range got.Alike {
			if a.Country == "" || a.Year == 0 || len(a.Terms) == 0 {
				t.Errorf("%+v", a)
			}
		}
		p.view(func(tx *db.Tx) error {
			text, err := p.CoachText(t.Context(), tx, "Promover los votos del parlamento. Publish how members of parliament vote.")
			if !slices.Contains(kindsOf(text.Advice), "vague") || len(text.Alike) == 0 || text.Steps {
				t.Errorf("%+v", text)
			}
			return err
		})
	}, schemas...)
}
