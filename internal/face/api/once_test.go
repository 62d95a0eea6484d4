package api

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
)

// TestOnce asks with one key many times at once: one does it, all get its answer,
// and what the others began is gone. The second half makes what can be made only
// once, so that the others fail by themselves before they reach their key.
func TestOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for _, unique := range []bool{false, true} {
			var tries atomic.Int64
			make1 := func(tx *db.Tx) (string, error) {
				thing := fmt.Sprint("thing ", unique)
				if !unique {
					thing += fmt.Sprint(" ", tries.Add(1))
				}
				n, err := tx.Exec(ctx, `INSERT INTO api_once (actor, key, fingerprint, answer, at) VALUES ('things', $1, '', '', 0) ON CONFLICT DO NOTHING`, thing)
				if err == nil && n == 0 {
					err = errors.New("there is one")
				}
				return thing, err
			}
			once, answers := Once{IdempotencyKey: fmt.Sprint("key ", unique)}, make([]string, 30)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() {
					var err error
					if answers[i], err = Do(ctx, d, once, "body", make1); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			for _, a := range answers {
				if a != answers[0] || a == "" {
					t.Fatalf("answers differ: %q", answers)
				}
			}
			count := 0
			if err := d.View(ctx, func(tx *db.Tx) (err error) {
				count, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM api_once WHERE actor = 'things' AND key LIKE $1`, fmt.Sprint("thing ", unique, "%"))
				return err
			}); err != nil || count != 1 {
				t.Errorf("%d things (%v), want 1", count, err)
			}
			if _, err := Do(ctx, d, once, "another body", make1); err == nil || !errors.As(err, new(*fault.Error)) {
				t.Errorf("the key with another body: %v", err)
			}
			if _, err := Do(ctx, d, Once{}, "body", func(*db.Tx) (string, error) { return "kept", errors.New("no") }); err == nil {
				t.Error("a failure without a key is none")
			}
		}
	}, Schema)
}
