package catalog

import (
	"fmt"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/who"
)

// TestLately: what is kept for readers without an account ends with the site's
// version, and those with one are never served from it.
func TestLately(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	ctx, w := t.Context(), newWorld(t, d)
	file, err := w.Blob.Put(ctx, strings.NewReader("id,amount\n1,10\n"), blob.PutOptions{Name: "t.csv"})
	must(t, err)
	made, err := w.ImportTable(ctx, editor, Import{Dataset: draft(), File: file, Name: "t.csv"}, w.jobs.Drain)
	must(t, err)
	site := 1
	w.SiteVersion = func() string { return fmt.Sprint(site) }
	look := func(a who.Actor) error {
		_, err := w.tableOf(who.With(ctx, a), made.Resource.ID, "")
		return err
	}
	must(t, look(nobody))
	_, err = Move(ctx, d, editor, made.Dataset.ID, made.Dataset.Version, Withdrawn, "It is wrong")
	must(t, err)
	// The site's version moves with the commit; until it has, the cache of
	// pages gives what was, and so does this.
	if err := look(nobody); err != nil {
		t.Errorf("asked again at the same version: %v", err)
	}
	must(t, d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE resource SET removed = TRUE WHERE id = $1`, made.Resource.ID)
		return err
	}))
	if look(editor) == nil {
		t.Error("somebody signed in was answered from what is kept")
	}
	site++
	if err := look(nobody); err == nil {
		t.Error("what is gone was answered from what is kept at another version")
	}
}
