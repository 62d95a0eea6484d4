package ledger

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

// A log whose key stayed elsewhere goes on under a new one, verifies, and says
// from which checkpoint it went on. A log with its own key is left alone.
func TestTakeOver(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		old := open(t, d, keyPath(t))
		add(t, old, 12)
		last := publish(t, old)
		must(t, old.TakeOver(ctx, "system:restore"))
		grow(t, old)
		if c := publish(t, old); c.Size != last.Size {
			t.Fatalf("with its own key the tree grew to %d", c.Size)
		}
		path := keyPath(t)
		next := restored(t, d, path)
		must(t, next.TakeOver(ctx, "system:restore"))
		grow(t, next)
		publish(t, next)
		site, err := VerifySite(ctx, d, path)
		if err != nil || site.Size != last.Size+1 {
			t.Fatalf("size %d, %v", site.Size, err)
		}
		view(t, d, func(tx *db.Tx) error {
			es, err := activity.List(ctx, tx, activity.Filter{Kind: "ledger"}, 1)
			var before map[string]string
			if err == nil && len(es) == 1 {
				err = es[0].Change(&before, nil)
			}
			if !strings.Contains(before["checkpoint"], last.Root.String()) {
				t.Errorf("the entry says %v, %v", before, err)
			}
			return err
		})
		// What was changed in the meantime is not covered up.
		must(t, d.Update(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE ledger_hash SET hash = (SELECT hash FROM ledger_hash WHERE idx = 0) WHERE idx = $1`, tlog.StoredHashIndex(3, 0))
			return err
		}))
		if err := restored(t, d, keyPath(t)).TakeOver(ctx, "system:restore"); err == nil {
			t.Error("a changed tree is taken over")
		}
	}, schemas...)
}

// restored is a ledger that was opened on an empty database, which a restore
// has filled since.
func restored(t *testing.T, d *db.DB, path string) *Ledger {
	t.Helper()
	l := open(t, dbtest.Open(t, dbtest.SQLite(t), schemas...), path)
	l.db = d
	return l
}
