package plan

import (
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// The promises of several plans come plan by plan, each with how it stands in
// its own plan and what is shown of it.
func TestPromisesOfSeveralPlans(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		old := w.plan()
		idea, _ := w.agreed(old, "Cleaner rivers")
		now, c, m := w.delivered()
		for _, says := range []Progress{
			{Milestone: m.ID, Org: w.ministry, Status: Substantial, Text: "Half of it", Evidence: db.JSON[[]Evidence]{V: []Evidence{{Title: "Table", URL: "https://example.org"}}}},
		} {
			_, err := w.Report(ctx, w.official, says)
			w.must(err)
		}
		w.view(func(tx *db.Tx) error {
			both, err := Promises(ctx, tx, now, old)
			w.must(err)
			if len(both) != 2 || both[0].ID != c.ID || both[1].ID != idea.ID {
				t.Fatalf("%+v", both)
			}
			if both[0].Told.Proved != 1 || both[0].Told.At.IsZero() || both[0].Sum.Begun != 1 || !both[1].Told.At.IsZero() {
				t.Errorf("%+v %+v", both[0], both[1])
			}
			one, err := Promises(ctx, tx, old)
			if err != nil || len(one) != 1 || one[0].Sum != both[1].Sum {
				t.Errorf("alone: %+v %v", one, err)
			}
			none, err := Promises(ctx, tx)
			if err != nil || len(none) != 0 {
				t.Errorf("of no plan: %+v %v", none, err)
			}
			return nil
		})
	}, schemas...)
}
