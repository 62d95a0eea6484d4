package answer

import (
	"context"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// BenchmarkDesk is an office at work on a call with 10,000 inputs, on SQLite, each
// write durable: a page of 50 (0.4 ms), a search for two words (3.5 ms), merging an
// input into another and taking it out again (1.2 ms), answering ten at once (1.4 ms).
func BenchmarkDesk(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), schemas...)
	w := newTown(b, d)
	box := w.call()
	w.fill(box, 10_000)
	var ids []string
	list := func(b *testing.B, f Filter) (out []Input) {
		if err := d.View(b.Context(), func(tx *db.Tx) (err error) {
			out, _, err = Inputs(b.Context(), tx, box.ID, f, "", 50)
			return err
		}); err != nil || len(out) == 0 {
			b.Fatal(len(out), err)
		}
		return out
	}
	for _, x := range list(b, Filter{}) {
		ids = append(ids, x.ID)
	}
	write := func(b *testing.B, fn func(ctx context.Context, tx *db.Tx) error) {
		if err := d.Update(b.Context(), func(tx *db.Tx) error { return fn(b.Context(), tx) }); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			list(b, Filter{District: "BZ-TOL"})
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			list(b, Filter{Words: "house 1234"})
		}
	})
	b.Run("merge", func(b *testing.B) {
		for b.Loop() {
			w.now = w.now.Add(time.Second)
			write(b, func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Merge(ctx, tx, w.as("olga"), box.ID, ids[1:2], ids[0])
				return err
			})
			write(b, func(ctx context.Context, tx *db.Tx) error { return w.Separate(ctx, tx, w.as("olga"), ids[1]) })
		}
	})
	b.Run("answer", func(b *testing.B) {
		for b.Loop() {
			write(b, func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Answer(ctx, tx, w.as("olga"), box.ID, ids[10:20], Reply{Outcome: Deferred, Reason: because})
				return err
			})
		}
	})
}
