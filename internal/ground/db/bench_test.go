package db_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// BenchmarkGet reads one row by its key: a fraction of the 80 µs that a record
// may cost as JSON.
//
// target: ns/op <= 40e3
func BenchmarkGet(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), things)
	d.Update(b.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(b.Context(), `INSERT INTO thing (id, n, ok, x) VALUES ('a', 1, TRUE, 1)`)
		return err
	})
	b.ReportAllocs()
	for b.Loop() {
		d.View(b.Context(), func(tx *db.Tx) error {
			_, err := db.Get(b.Context(), tx, (*thing).fields, `SELECT id, n, at, doc, ok, x FROM thing WHERE id = $1`, "a")
			return err
		})
	}
}

// BenchmarkUpdate shows what group commit is for: many callers share a flush.
// A hundred microseconds of the writer for a row leaves 10,000 writes a second.
//
// target: ns/op <= 100e3 /50
// target: ns/op <= 100e3 /200
func BenchmarkUpdate(b *testing.B) {
	for _, callers := range []int{1, 50, 200} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			d := dbtest.Open(b, dbtest.SQLite(b), things)
			var n atomic.Int64
			b.SetParallelism(max(1, callers/2))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := fmt.Sprint(n.Add(1))
					if err := d.Update(b.Context(), func(tx *db.Tx) error {
						_, err := tx.Exec(b.Context(), `INSERT INTO thing (id, n) VALUES ($1, 1)`, id)
						return err
					}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
