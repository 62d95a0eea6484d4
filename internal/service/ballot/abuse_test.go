package ballot

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// Two voters who agree on one token cannot keep a poll from ever being counted.
func TestTokenOfReleasedBallot(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: roads(2)}, people(30)...)
		for i := range BatchLeast {
			_, err := h.cast(p, fmt.Sprintf("p%d", i), word(i), "a")
			h.must(err)
		}
		h.later(time.Minute) // released
		_, err := h.cast(p, "p25", word(0), "b")
		wants(t, err, "ballot.token_taken")
		_, err = h.cast(p, "p25", word(25), "b")
		h.must(err)
		_, err = h.cast(p, "p0", word(0), "b") // whose token it is may change
		h.must(err)
		h.later(49 * time.Hour)
		if p = h.get(p); p.State != Final || p.Result.Cast != BatchLeast+1 {
			t.Errorf("%s %+v", p.State, p.Result)
		}
	}, schemas...)
}

// No paper goes into a bag that somebody has read: it could not be entered.
func TestNoPaperIntoReadBag(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: roads(2)}, people(3)...)
		paper := func(voter, bag string) error {
			return h.do(func(ctx context.Context, tx *db.Tx) error {
				return h.IssuePaper(ctx, tx, h.as("run1"), p.ID, voter, bag)
			})
		}
		h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
			for _, name := range []string{"run1", "run2", "w1", "w2"} {
				if _, err := tx.Exec(ctx, `INSERT INTO person (id, name, email, lang, level, district, state, demo, created_at, version) VALUES ($1, $1, '', 'en', 3, '', 'active', FALSE, 1, 1)`, name); err != nil {
					return err
				}
			}
			return nil
		}))
		h.must(paper("p0", "7"))
		for _, by := range []string{"run1", "run2"} {
			h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
				_, err := h.Enter(ctx, tx, h.as(by), p.ID, "7", Sheet{Counted: 1, Valid: 1, Sums: map[string]int{"a": 1}}, [2]string{"w1", "w2"})
				return err
			}))
		}
		wants(t, paper("p1", "7"), "ballot.bag_read")
		h.must(paper("p1", "8"))
	}, schemas...)
}
