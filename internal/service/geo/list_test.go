package geo

import (
	"context"
	"errors"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
)

// TestList walks lists page by page: every place once, in order, and as many as
// the list says.
func TestList(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		gazetteer(t, d)
		view(t, d, func(ctx context.Context, tx *db.Tx) error {
			for _, c := range []struct {
				q     Question
				first string
				least int
			}{
				{Question{}, "", 400},
				{Question{District: "BZ-TOL"}, "", 80},
				{Question{Kind: Town, District: "BZ-CY"}, "Belmopan", 3},
				{Question{Words: "san"}, "San", 20},
				{Question{Words: "san antonio", District: "BZ-TOL"}, "San Antonio", 1},
				{Question{Words: "San Antonio, Toledo"}, "San Antonio", 1},
				{Question{Words: "san antonio", Kind: Water}, "", 0},
				{Question{Words: "San Antonio, Toledo", District: "BZ-CY"}, "", 0},
				{Question{District: "x' OR 1=1 --"}, "", 0},
			} {
				walk(t, ctx, tx, c.q, c.first, c.least)
			}
			for _, q := range []Question{{Cursor: "x"}, {Words: "san", Cursor: "x"}} {
				if _, err := List(ctx, tx, q); fault.KindOf(err) != fault.Malformed {
					t.Errorf("%+v: %v", q, err)
				}
			}
			typo, err := List(ctx, tx, Question{Words: "dangrga", Limit: 5})
			if err == nil && (typo.Total == 0 || typo.Places[0].Name != "Dangriga") {
				err = errors.New("a typing error is not forgiven")
			}
			return err
		})
	}, Schema)
}

func walk(t *testing.T, ctx context.Context, tx *db.Tx, q Question, first string, least int) {
	t.Helper()
	q.Limit = 7
	seen := map[string]bool{}
	for n := 0; ; n++ {
		page, err := List(ctx, tx, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		for i, m := range page.Places {
			if seen[m.ID] || q.District != "" && m.District != q.District || q.Kind != "" && m.Kind != q.Kind {
				t.Errorf("%+v: %+v does not belong on page %d", q, m.Place, n)
			}
			if n == 0 && i == 0 && first != "" && m.Name[:min(len(m.Name), len(first))] != first {
				t.Errorf("%+v: first is %q", q, m.Name)
			}
			seen[m.ID] = true
		}
		if q.Cursor = page.Next; q.Cursor != "" {
			continue
		}
		if page.Total != len(seen) || len(seen) < least {
			t.Errorf("%+v: %d places in all pages, %d by its own count, at least %d expected", q, len(seen), page.Total, least)
		}
		return
	}
}
