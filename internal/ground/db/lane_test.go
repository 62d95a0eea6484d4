package db

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// A number kept in the lane is that of the rows, whatever is undone between.
func TestLane(t *testing.T) {
	d := openGroup(t, `CREATE TABLE n (n INTEGER PRIMARY KEY)`)
	ctx := t.Context()
	count := func(tx *Tx) error {
		n, ok := tx.Lane()["test.n"].(int)
		if !ok {
			var err error
			if n, err = Get(ctx, tx, One[int], `SELECT coalesce(max(n), 0) FROM n`); err != nil {
				return err
			}
		}
		tx.Lane()["test.n"] = n + 1
		_, err := tx.Exec(ctx, `INSERT INTO n VALUES ($1)`, n+1)
		return err
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			for range 50 {
				switch r.IntN(20) {
				case 0:
					d.Update(ctx, func(tx *Tx) error { count(tx); return errOops })
				case 1:
					func() {
						defer func() { recover() }()
						d.Update(ctx, func(tx *Tx) error { count(tx); panic("oops") })
					}()
				case 2:
					d.group.lend(ctx, func(p *sql.DB) error {
						_, err := p.ExecContext(ctx, `INSERT INTO n SELECT coalesce(max(n), 0) + 1 FROM n`)
						return err
					})
				default:
					if err := d.Update(ctx, count); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	must(t, d.View(ctx, func(tx *Tx) error {
		if tx.Lane() != nil {
			t.Error("a reader has a lane")
		}
		got, err := Get(ctx, tx, One[string], `SELECT count(*) || ' ' || max(n) FROM n`)
		var rows, most int
		fmt.Sscan(got, &rows, &most)
		if rows != most || rows < 500 {
			t.Errorf("%d rows up to %d", rows, most)
		}
		return err
	}))
	var kept *Tx
	must(t, d.Update(ctx, func(tx *Tx) error { kept = tx; return nil }))
	if kept.Lane() != nil {
		t.Error("a Tx kept by mistake still has the lane")
	}
}

// What a transaction tells is heard once it has committed, and only then.
func TestTell(t *testing.T) {
	d := openGroup(t, items)
	var heard []any
	d.Hear("topic", func(v any) { heard = append(heard, v) })
	for i := range 3 {
		d.Update(t.Context(), func(tx *Tx) error {
			tx.Tell("topic", i)
			tx.Tell("nobody hears this", i)
			if len(heard) != min(i, 1) {
				t.Error("heard before the commit")
			}
			if i == 1 {
				return errOops
			}
			return add(context.Background(), fmt.Sprint(i))(tx)
		})
	}
	if fmt.Sprint(heard) != "[0 2]" {
		t.Errorf("heard %v", heard)
	}
}
