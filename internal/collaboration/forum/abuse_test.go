package forum

import (
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// A member whom the chair noted as recused does not come back by their own word.
func TestRecusedStaysRecused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		m := q.meet("g1", "g2", "c1", "c2", "a1")
		x := q.propose(m, "The road past her university")
		q.stand(x, "a1", "recused")
		wants(t, q.Stand(ctx, q.as("ada"), x.ID, Position{Term: q.terms["a1"], Stand: "agree"}), "forum.recused")
		if c := q.table(x).Count; c.Recused != 1 {
			t.Errorf("counted: %+v", c)
		}
		q.stand(x, "a1", "agree") // the chair may
		if c := q.table(x).Count; c.Recused != 0 {
			t.Errorf("counted: %+v", c)
		}
	}, schemas...)
}
