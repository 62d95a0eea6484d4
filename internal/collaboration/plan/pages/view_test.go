package pages

import (
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/service/i18n"
)

// TestT2_1FewAndManyCommitmentsAreAWarning: OGP advises 5 to 15. A plan with 4 or 16
// is told so, one between is not, and what was withdrawn or is only an idea does not
// count. It never stops anybody: the plans of other tests are delivered with three.
func TestT2_1FewAndManyCommitmentsAreAWarning(t *testing.T) {
	words := i18n.NewCatalog()
	if err := words.Add("plan", plan.Words); err != nil {
		t.Fatal(err)
	}
	ctx := i18n.With(t.Context(), words.For("en"))
	for n, warns := range map[int]bool{0: false, 1: true, 4: true, 5: false, 15: false, 16: true} {
		var v planView
		for range n {
			v.Promises = append(v.Promises, plan.Promise{Commitment: plan.Commitment{State: plan.Agreed}})
		}
		for _, s := range []plan.Stage{plan.Withdrawn, plan.Idea, plan.Merged} {
			v.Promises = append(v.Promises, plan.Promise{Commitment: plan.Commitment{State: s}})
		}
		if said := countNote(ctx, v); (said != "") != warns || warns && !strings.Contains(said, "5 to 15") {
			t.Errorf("%d commitments: %q", n, said)
		}
	}
}
