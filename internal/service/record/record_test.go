package record_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// roads is a kind whose ids starting with "secret" only signed-in people see.
func roads(queries *int) record.Kind {
	return record.Kind{Name: "road", Chain: "place", Describe: func(_ context.Context, _ *db.Tx, a who.Actor, ids []string) (out []record.Card, err error) {
		*queries++
		for _, id := range ids {
			if !strings.HasPrefix(id, "secret") || a.SignedIn() {
				out = append(out, record.Card{Ref: record.Ref{Kind: "road", ID: id}, Title: "Road " + id})
			}
		}
		return out, nil
	}}
}

func update(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestSlugs(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := record.Ref{Kind: "road", ID: id.Random()}, record.Ref{Kind: "road", ID: id.Random()}
		set := func(r record.Ref, title, want string) {
			t.Helper()
			update(t, d, func(tx *db.Tx) error {
				got, err := record.SetSlug(ctx, tx, r, title)
				if got != want {
					t.Errorf("slug %q, want %q", got, want)
				}
				return err
			})
		}
		set(a, "Hummingbird Highway", "hummingbird-highway")
		set(b, "Hummingbird highway!", "hummingbird-highway-2")
		set(a, "The Hummingbird", "the-hummingbird")
		set(b, "Hummingbird Highway", "hummingbird-highway-2") // the first is a's for ever
		set(a, "Hummingbird Highway", "hummingbird-highway")   // and a may have it back
		for _, x := range []struct{ key, id, canonical string }{
			{"the-hummingbird", a.ID, "hummingbird-highway"},
			{a.ID, a.ID, "hummingbird-highway"},
			{"hummingbird-highway-2", b.ID, "hummingbird-highway-2"},
		} {
			d.View(ctx, func(tx *db.Tx) error {
				ref, canonical, err := record.Resolve(ctx, tx, "road", x.key)
				if err != nil || ref.ID != x.id || canonical != x.canonical {
					t.Errorf("%s: %v %q %v", x.key, ref, canonical, err)
				}
				return nil
			})
		}
		err := d.View(ctx, func(tx *db.Tx) error {
			_, _, err := record.Resolve(ctx, tx, "road", "../etc")
			return err
		})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("unknown: %v", err)
		}
	}, record.Schema)
}

func TestLinksFromBothEnds(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		queries := 0
		reg, err := record.NewRegistry(roads(&queries))
		if err != nil {
			t.Fatal(err)
		}
		ref := func(s string) record.Ref { return record.Ref{Kind: "road", ID: s} }
		me := who.Actor{ID: "p1"}
		update(t, d, func(tx *db.Tx) error {
			for _, to := range []record.Ref{ref("b"), ref("b"), ref("secret"), {Kind: "gone", ID: "x"}} {
				if err := record.Link(ctx, tx, me, ref("a"), "part_of", to); err != nil {
					return err
				}
			}
			return nil
		})
		edges := func(a who.Actor, of string) (out []record.Edge) {
			queries = 0
			if err := d.View(ctx, func(tx *db.Tx) (err error) { out, err = reg.Edges(ctx, tx, a, ref(of)); return err }); err != nil {
				t.Fatal(err)
			}
			return out
		}
		if es := edges(who.Actor{}, "a"); len(es) != 1 || !es[0].Out || es[0].Card.Title != "Road b" || queries != 1 {
			t.Errorf("nobody sees %+v with %d queries", es, queries)
		}
		if es := edges(me, "a"); len(es) != 2 {
			t.Errorf("somebody sees %+v", es)
		}
		if es := edges(me, "b"); len(es) != 1 || es[0].Out || es[0].To != ref("a") {
			t.Errorf("from the other end %+v", es)
		}
		update(t, d, func(tx *db.Tx) error { return record.Unlink(ctx, tx, me, ref("a"), "part_of", ref("b")) })
		if es := edges(me, "b"); len(es) != 0 {
			t.Errorf("after unlinking %+v", es)
		}
		err = d.Update(ctx, func(tx *db.Tx) error { return record.Unlink(ctx, tx, me, ref("a"), "part_of", ref("b")) })
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("unlinking twice: %v", err)
		}
	}, activity.Schema, record.Schema)
}

func TestRegistryRefuses(t *testing.T) {
	n := 0
	good := roads(&n)
	bad := good
	bad.Chain = "nowhere"
	for _, kinds := range [][]record.Kind{{good, good}, {{Name: "Road"}}, {{Name: "road"}}, {bad}} {
		if _, err := record.NewRegistry(kinds...); err == nil {
			t.Errorf("%v passes", kinds)
		}
	}
}
