package activity_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

// Many write at once, a third of them in vain: the numbers have no gap, and what
// listeners hear, from memory or not, is what is stored.
func TestNumbersWithoutAGap(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var got []activity.Event
		log := activity.NewLog(d, slog.New(slog.DiscardHandler), activity.Listener{Name: "ear", Handle: func(_ context.Context, _ *db.Tx, batch []activity.Event) error {
			got = append(got, batch...)
			return nil
		}})
		var running sync.WaitGroup
		running.Go(func() { log.Run(ctx) })
		vain := errors.New("in vain")
		const writers, each = 20, 30
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					err := d.Update(ctx, func(tx *db.Tx) error {
						for range 1 + i%3 {
							if _, err := activity.Append(ctx, tx, entry(w*each+i)); err != nil {
								return err
							}
						}
						if i%3 == 2 {
							return vain
						}
						return nil
					})
					if i%3 == 2 != errors.Is(err, vain) {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		stop()
		running.Wait()
		if err := log.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		const kept = writers * each / 3 * (1 + 2)
		view(t, d, func(tx *db.Tx) error {
			stored, err := activity.Since(t.Context(), tx, 0, kept*2)
			if err != nil || len(stored) != kept || len(got) != kept {
				t.Fatalf("%d stored, %d heard, want %d (%v)", len(stored), len(got), kept, err)
			}
			for i, e := range stored {
				if e.Seq != int64(i+1) {
					t.Fatalf("number %d at place %d", e.Seq, i+1)
				}
				if fmt.Sprintf("%+v", e) != fmt.Sprintf("%+v", got[i]) {
					t.Fatalf("stored %+v\nheard  %+v", e, got[i])
				}
			}
			return nil
		})
	}, activity.Schema)
}
