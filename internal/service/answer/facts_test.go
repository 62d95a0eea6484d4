package answer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// TestFactsTravelInTime asks at every step what was to be seen at every step
// before.
func TestFactsTravelInTime(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		start := w.now
		b := w.call()
		w.pass(dayLong)
		one := w.give(b, "ana", "Mend the pump", Named).Input
		w.pass(dayLong)
		two := w.give(b, "", "The pump does not work", Anonymous).Input
		longer, err := w.change(b, "olga", func(x *Box) { x.Closes.Time = x.Closes.Add(5 * dayLong) })
		must(t, err)
		w.pass(dayLong)
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Merge(ctx, tx, w.as("olga"), b.ID, []string{one.ID}, two.ID)
			return err
		}))
		w.pass(dayLong)
		_, err = w.reply(b, Partly, two.ID)
		must(t, err)
		w.pass(dayLong)
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error { return w.Separate(ctx, tx, w.as("olga"), one.ID) }))
		w.pass(dayLong)
		at := func(days int) Facts {
			var f Facts
			w.view(func(ctx context.Context, tx *db.Tx) (err error) {
				f, err = FactsOf(ctx, tx, promise, db.Time{Time: start.Add(time.Duration(days)*dayLong + time.Minute)})
				return err
			})
			return f
		}
		var early Facts
		w.view(func(ctx context.Context, tx *db.Tx) (err error) {
			early, err = FactsOf(ctx, tx, promise, db.Time{Time: start.Add(-time.Minute)})
			return err
		})
		if len(early.Boxes) != 0 {
			t.Error("a call was seen before it was published")
		}
		for days, want := range []string{"1:", "1: -", "2: - -", "2: merged -", "2: merged+ partly+", "2: - partly+"} {
			f := at(days)
			got := fmt.Sprintf("%d:", len(f.Boxes[0].Announced))
			for _, id := range []string{one.ID, two.ID} {
				for _, x := range f.Boxes[0].Inputs {
					if x.ID == id {
						got += " " + tell(x)
					}
				}
			}
			if days == 4 {
				want = "2: partly+ partly+"
			}
			if got != want {
				t.Errorf("after %d days: %q, want %q", days, got, want)
			}
		}
		f := at(4).Boxes[0]
		for _, x := range f.Inputs {
			if x.ByDay != (x.ID == two.ID) || !x.Answered.Equal(start.Add(4*dayLong)) || x.District != "BZ-TOL" || x.Sector != "resident" || x.Channel != "web" {
				t.Errorf("%+v", x)
			}
		}
		if f.Announced[1].Closes != longer.Closes || f.Announced[0].Announced.Time != start {
			t.Errorf("announced: %+v", f.Announced)
		}
	}, schemas...)
}

// tell is a fact in short: its outcome, with + once it was answered with a reason.
func tell(x InputFact) string {
	out := string(x.Outcome)
	if out == "" {
		out = "-"
	}
	if !x.Answered.IsZero() {
		out += "+"
	}
	return out
}

// fill gives a call many inputs in few statements.
func (w *town) fill(b Box, n int) {
	w.t.Helper()
	words := strings.Fields("water road school bridge clinic light well pump teacher nurse bus market flood maize cacao boundary forest river waste phone")
	for i := 0; i < n; {
		must(w.t, w.update(func(ctx context.Context, tx *db.Tx) error {
			for ; i < n && i%500 != 499; i++ {
				g := idea(fmt.Sprintf("House %d asks for %s and %s near %s", i, words[i%20], words[i/20%20], words[i/400%20]), Named)
				g.District, g.Sector = []string{"BZ-TOL", "BZ-CY", "BZ-BZ"}[i%3], Sectors[i%8]
				if _, err := w.Give(ctx, tx, w.as("ana"), b.ID, g); err != nil {
					return err
				}
			}
			i++
			return nil
		}))
	}
}

// TestListsUseIndexes reads the plans of what the desk asks of a large call: no
// filter may read the whole table, and none may sort it.
func TestListsUseIndexes(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		explain, n := "EXPLAIN QUERY PLAN ", 10_000
		if d.Engine() == "postgres" {
			explain, n = "EXPLAIN ", 3_000 // each input is some round trips
		}
		w.fill(b, n)
		if d.Engine() == "postgres" {
			must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
				return tx.Script(ctx, "ANALYZE answer_input; ANALYZE answer_word")
			}))
		}
		filters := []Filter{
			{},
			{State: Considered},
			{Kind: "problem"},
			{District: "BZ-CRL"},
			{Sector: "media"},
			{Lang: "es"},
			{Channel: "sms"},
			{Theme: "none"},
			{Sort: "supports"},
			{Sort: "points"},
			{Words: "1234"},
			{Contested: true},
		}
		w.view(func(ctx context.Context, tx *db.Tx) error {
			for _, f := range filters {
				q := f.query(b.ID)
				text := explain + `SELECT ` + inputColumns + ` FROM answer_input WHERE ` + strings.Join(q.conds, " AND ") + " " + f.keys().OrderBy() + " LIMIT 50"
				plan, err := planOf(ctx, tx, text, q.args)
				if err != nil {
					return err
				}
				if strings.Contains(plan, "SCAN answer_input") || strings.Contains(plan, "Seq Scan on answer_input") {
					t.Errorf("%+v reads the whole table:\n%s", f, plan)
				}
				if d.Engine() == "sqlite" && strings.Contains(plan, "TEMP B-TREE") && f.Theme+f.Words == "" && !f.Contested {
					t.Errorf("%+v sorts:\n%s", f, plan)
				}
			}
			return nil
		})
		w.deep(b)
	}, schemas...)
}

func planOf(ctx context.Context, tx *db.Tx, text string, args []any) (string, error) {
	if tx.Pick("s", "p") == "p" {
		lines, err := db.List(ctx, tx, db.One[string], text, args...)
		return strings.Join(lines, "\n"), err
	}
	type line struct {
		id, parent, notused int
		detail              string
	}
	lines, err := db.List(ctx, tx, func(l *line) []any { return []any{&l.id, &l.parent, &l.notused, &l.detail} }, text, args...)
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.detail + "\n")
	}
	return b.String(), err
}

// deep pages through everything, and finds words and what is alike.
func (w *town) deep(b Box) {
	w.view(func(ctx context.Context, tx *db.Tx) error {
		for _, f := range []Filter{{}, {District: "BZ-TOL"}, {Sort: "supports"}, {Words: "flood"}} {
			want, err := Matching(ctx, tx, b.ID, f, MostAtOnce)
			if err != nil {
				return err
			}
			seen, cursor := map[string]bool{}, ""
			for {
				list, next, err := Inputs(ctx, tx, b.ID, f, cursor, 200)
				if err != nil {
					return err
				}
				for _, x := range list {
					seen[x.ID] = true
				}
				if cursor = next; next == "" {
					break
				}
			}
			if len(seen) != want || want == 0 {
				w.t.Errorf("%+v: %d on all pages, %d counted", f, len(seen), want)
			}
		}
		alike, err := Similar(ctx, tx, b.ID, "House 41 asks for a road, and schools, near the water", "", 3)
		if len(alike) != 3 || alike[0].Score < alike[2].Score {
			w.t.Errorf("alike: %+v", alike)
		}
		return err
	})
}

func TestSimilarAcrossAccentsAndPlurals(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		in := w.give(b, "ana", "Los pozos de las aldeas están secos en marzo", Named).Input
		w.give(b, "ana", "El camino a la escuela se inunda", Named)
		w.view(func(ctx context.Context, tx *db.Tx) error {
			alike, err := Similar(ctx, tx, b.ID, "el POZO de la aldea esta seco cada marzo", "", 5)
			if len(alike) != 1 || alike[0].Input.ID != in.ID {
				t.Errorf("alike: %+v", alike)
			}
			list, _, err2 := Inputs(ctx, tx, b.ID, Filter{Words: "POZO"}, "", 5)
			if len(list) != 1 {
				t.Errorf("found: %+v", list)
			}
			must(t, err2)
			return err
		})
	}, schemas...)
}

// BenchmarkGive hands in inputs from many people at once, each durable when its
// author hears of it.
func BenchmarkGive(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) { benchGive(b, dbtest.Open(b, dsn(b), schemas...)) })
	}
}

func benchGive(b *testing.B, d *db.DB) {
	w := newTown(b, d)
	box := Box{}
	if err := d.Update(b.Context(), func(tx *db.Tx) (err error) {
		if box, err = w.CreateBox(b.Context(), tx, w.as("olga"), Box{Org: "ministry", Title: "B", Question: "B?", Closes: db.Time{Time: w.now.Add(dayLong)}}); err == nil {
			box, err = w.PublishBox(b.Context(), tx, w.as("olga"), box.ID, 1)
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := d.Update(b.Context(), func(tx *db.Tx) error {
				_, err := w.Give(b.Context(), tx, w.as(""), box.ID, idea("The well of our village dries up in March and people walk two miles for water", Anonymous))
				return err
			}); err != nil {
				b.Error(err)
			}
		}
	})
}
