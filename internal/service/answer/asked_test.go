package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// TestAskedAgreesWithACount gives inputs to two calls at random, gathers, merges,
// hides, supports and ranks some, and compares the rank with one that is counted
// row by row, for random wishes, page by page.
func TestAskedAgreesWithACount(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			if round++; round > 25 {
				return // each is some hundred transactions
			}
			must(t, w.update(func(ctx context.Context, tx *db.Tx) error { // what was said before is no longer of a call
				return tx.Script(ctx, `UPDATE answer_box SET published = NULL`)
			}))
			boxes := []Box{w.call(), w.call()}
			ids := w.shuffleInputs(r, boxes)
			for range 3 {
				wish := Wish{
					District: rapid.SampledFrom([]string{"", "", "BZ-TOL", "BZ-CY"}).Draw(r, "of district"), Sector: rapid.SampledFrom([]string{"", "", "youth"}).Draw(r, "of sector"),
					Box: rapid.SampledFrom([]string{"", "", boxes[0].ID}).Draw(r, "of call"), Sort: rapid.SampledFrom(Sorts).Draw(r, "order"),
				}
				want, got := w.countAsked(ids, wish), w.pagesOfAsked(wish)
				if a, b := fmt.Sprint(want), fmt.Sprint(got); a != b {
					r.Fatalf("%+v: counted\n%s\nand ranked\n%s", wish, a, b)
				}
			}
		})
	}, schemas...)
}

// shuffleInputs makes inputs and does things to them.
func (w *town) shuffleInputs(r *rapid.T, boxes []Box) (ids []string) {
	type one struct{ id, box string }
	var all []one
	themes := map[string]string{}
	for _, b := range boxes {
		must(w.t, w.update(func(ctx context.Context, tx *db.Tx) error {
			th, err := w.MakeTheme(ctx, tx, w.as("olga"), b.ID, "Theme of "+b.ID)
			themes[b.ID] = th.ID
			return err
		}))
	}
	for i := range rapid.IntRange(1, 8).Draw(r, "inputs") {
		b := rapid.SampledFrom(boxes).Draw(r, "call")
		g := idea(fmt.Sprint("Say ", i), Named)
		g.District, g.Sector = rapid.SampledFrom([]string{"BZ-TOL", "BZ-CY"}).Draw(r, "district"), rapid.SampledFrom([]string{"youth", "resident"}).Draw(r, "sector")
		must(w.t, w.update(func(ctx context.Context, tx *db.Tx) error {
			given, err := w.Give(ctx, tx, w.as("ana"), b.ID, g)
			all, ids = append(all, one{given.Input.ID, b.ID}), append(ids, given.Input.ID)
			return err
		}))
	}
	for range rapid.IntRange(0, 14).Draw(r, "things") {
		x, person := rapid.SampledFrom(all).Draw(r, "input"), rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(r, "person")
		into := rapid.SampledFrom(all).Draw(r, "into")
		what := rapid.IntRange(0, 4).Draw(r, "thing")
		_ = w.update(func(ctx context.Context, tx *db.Tx) (err error) { // what is refused changes nothing
			switch what {
			case 0:
				_, err = w.Support(ctx, tx, w.as(person), x.id, true)
			case 1:
				_, err = w.Rank(ctx, tx, w.as(person), x.id, 2)
			case 2:
				_, err = w.Gather(ctx, tx, w.as("olga"), x.box, []string{x.id}, themes[x.box])
			case 3:
				_, err = w.Merge(ctx, tx, w.as("olga"), x.box, []string{x.id}, into.id)
			case 4:
				err = w.Hide(ctx, tx, w.as("mo"), x.id, true, "It names a child")
			}
			return err
		})
	}
	return ids
}

// rankLine is a line of the rank, as a text that can be compared.
func rankLine(key string, inputs, answered, supports, points int) string {
	return fmt.Sprintf("%s: %d inputs, %d answered, %d support, %d points", key, inputs, answered, supports, points)
}

// countAsked ranks by reading input by input.
func (w *town) countAsked(ids []string, wish Wish) (out []string) {
	type sum struct {
		key                      string
		inputs, answered, points int
		people                   map[string]bool
	}
	sums := map[string]*sum{}
	for _, id := range ids {
		in := w.get(id)
		if in.View != Visible || wish.District != "" && in.District != wish.District || wish.Sector != "" && in.Sector != wish.Sector || wish.Box != "" && in.Box != wish.Box {
			continue
		}
		key := in.ID
		if in.Root != "" {
			if root := w.get(in.Root); root.View == Visible {
				key = cmp.Or(root.Theme, root.ID)
			}
		}
		key = cmp.Or(in.Theme, key)
		if sums[key] == nil {
			sums[key] = &sum{key: key, people: map[string]bool{}}
		}
		s := sums[key]
		s.inputs++
		s.points += in.Points
		if in.State.Done() {
			s.answered++
		}
		w.view(func(ctx context.Context, tx *db.Tx) error {
			who, err := db.List(ctx, tx, db.One[string], `SELECT person FROM answer_support WHERE input = $1`, id)
			for _, p := range who {
				s.people[p] = true
			}
			return err
		})
	}
	var list []*sum
	for _, s := range sums {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *sum) int {
		first := len(b.people) - len(a.people)
		second := b.points - a.points
		if wish.Sort == "points" {
			first, second = second, first
		}
		return cmp.Or(first, second, strings.Compare(b.key, a.key))
	})
	for _, s := range list {
		out = append(out, rankLine(s.key, s.inputs, s.answered, len(s.people), s.points))
	}
	return out
}

// pagesOfAsked reads the rank two at a time, and checks its sum and the inputs
// behind each of its numbers.
func (w *town) pagesOfAsked(wish Wish) (out []string) {
	w.view(func(ctx context.Context, tx *db.Tx) error {
		inputs, answered := 0, 0
		for cursor, more := "", true; more; more = cursor != "" {
			list, next, err := AskedOf(ctx, tx, promise, wish, cursor, 2)
			if err != nil {
				return err
			}
			for _, x := range list {
				out = append(out, rankLine(x.Key, x.Inputs, x.Answered, x.Supports, x.Points))
				inputs, answered = inputs+x.Inputs, answered+x.Answered
				behind, _, err := InputsAsking(ctx, tx, promise, wish, x.Key, "", 100)
				if err != nil || len(behind) != x.Inputs {
					w.t.Errorf("%s: %d inputs behind it, not %d (%v)", x.Key, len(behind), x.Inputs, err)
				}
				if x.Call == "" || x.Title+x.Text == "" || x.Theme != strings.HasPrefix(x.Title, "Theme of ") {
					w.t.Errorf("%+v", x)
				}
			}
			cursor = next
		}
		sum, err := AskedIn(ctx, tx, promise, wish)
		if err != nil || sum.Things != len(out) || sum.Inputs != inputs || sum.Answered != answered {
			w.t.Errorf("%+v: %+v is not the sum of %d inputs, %d answered, in %v (%v)", wish, sum, inputs, answered, out, err)
		}
		return nil
	})
	return out
}
