package answer

import (
	"context"
	"slices"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/who"
)

// change edits a call as somebody.
func (w *town) change(b Box, name string, fn func(*Box)) (out Box, err error) {
	err = w.update(func(ctx context.Context, tx *db.Tx) error {
		in := b
		fn(&in)
		out, err = w.EditBox(ctx, tx, w.as(name), in)
		return err
	})
	return out, err
}

// TestYear9999: a slip in the year is refused, where it is typed and where it is
// changed; one that got in can be shortened with notice, and the log says so.
func TestYear9999(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		far := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
		wants(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.CreateBox(ctx, tx, w.as("olga"), Box{Of: promise, Org: "ministry", Title: "For ever", Question: "What?", Closes: db.Time{Time: far}})
			return err
		}), "closes=fault.too_far")
		b := w.call()
		_, err := w.change(b, "olga", func(x *Box) { x.Closes.Time = w.now.AddDate(10, 0, 1) })
		wants(t, err, "closes=fault.too_far")
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error { // as it was taken before
			return tx.MustChange(ctx, `UPDATE answer_box SET closes = $2 WHERE id = $1`, b.ID, db.Time{Time: far})
		}))
		_, err = w.change(b, "olga", func(x *Box) { x.Closes.Time = w.now.Add(14 * dayLong) }) // 14 days, but not whole ones
		wants(t, err, "closes=answer.shorter")
		soon, err := w.change(b, "olga", func(x *Box) { x.Closes.Time = dayOf(w.now.Add(15 * dayLong)) })
		must(t, err)
		w.view(func(ctx context.Context, tx *db.Tx) error {
			all, err := Announcements(ctx, tx, b.ID)
			if len(all) != 2 || all[1].Closes != soon.Closes {
				t.Errorf("announced: %+v", all)
			}
			verbs, err2 := db.List(ctx, tx, db.One[string], `SELECT verb FROM activity WHERE record = $1 ORDER BY id`, b.ID)
			if err2 != nil || !slices.Contains(verbs, "call.shortened") {
				t.Errorf("the log says %v %v", verbs, err2)
			}
			return err
		})
	}, schemas...)
}

func TestCallIsShortenedWithNoticeOnly(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		if b.Opens.Time != w.now || b.Published.Time != w.now {
			t.Errorf("opens %s, published %s", b.Opens, b.Published)
		}
		w.pass(dayLong)
		_, err := w.change(b, "olga", func(x *Box) { x.Closes.Time = w.now.Add(10 * dayLong) })
		wants(t, err, "answer.shorter")
		_, err = w.change(b, "xena", func(x *Box) { x.Closes.Time = x.Closes.Add(dayLong) })
		wants(t, err, "who.denied")
		longer, err := w.change(b, "olga", func(x *Box) {
			x.Closes.Time, x.Title, x.Opens = x.Closes.Add(dayLong), "What about our water?", db.Time{}
		})
		must(t, err)
		if longer.Opens != b.Opens {
			t.Error("the beginning moved")
		}
		_, err = w.change(b, "olga", func(x *Box) { x.Title = "Late" })
		wants(t, err, "edit conflict")
		w.view(func(ctx context.Context, tx *db.Tx) error {
			all, err := Announcements(ctx, tx, b.ID)
			if len(all) != 2 || all[0].Title != b.Title || all[1].Closes != longer.Closes || !all[1].Announced.After(all[0].Announced.Time) {
				t.Errorf("announced: %+v", all)
			}
			again, slug, _ := w.BoxByKey(ctx, tx, w.as(""), "what-about-water")
			if again.ID != b.ID || slug != "what-about-our-water" {
				t.Errorf("%s at %s", again.ID, slug)
			}
			return err
		})
		w.pass(40 * dayLong)
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error { return CloseEnded(ctx, tx) }))
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Give(ctx, tx, w.as("ana"), b.ID, idea("Too late?", Named))
			wants(t, err, "answer.closed")
			return nil
		}))
	}, schemas...)
}

func TestDraftsAreTheirMakers(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		w.Hosts = map[string]Host{"promise": {May: func(_ context.Context, _ *db.Tx, a who.Actor, action, id string) error {
			if a.ID == "hana" && id == promise.ID {
				return nil
			}
			return a.Must("record.moderate", who.Site)
		}}}
		in := Box{Of: promise, Org: "ministry", Title: "A draft", Question: "Well?", Closes: db.Time{Time: w.now.Add(dayLong)}}
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.CreateBox(ctx, tx, w.as("olga"), in)
			wants(t, err, "who.denied") // the host says who may, not the organisation
			made, err := w.CreateBox(ctx, tx, w.as("hana"), in)
			must(t, err)
			if _, _, err := w.BoxByKey(ctx, tx, w.as("hana"), made.ID); err != nil {
				t.Errorf("its maker: %v", err)
			}
			other := in
			other.Org = "elsewhere"
			_, err = w.CreateBox(ctx, tx, w.as("hana"), other) // who acts for the promise does not for others
			wants(t, err, "org=fault.choice")
			_, _, err = w.BoxByKey(ctx, tx, w.as("olga"), made.ID)
			wants(t, err, "not found")
			_, err = w.Give(ctx, tx, w.as(""), made.ID, idea("A word", Anonymous))
			wants(t, err, "not found")
			in.Of.ID = "01990000-0000-7000-8000-00000000000f"
			w.Hosts = nil
			_, err = w.CreateBox(ctx, tx, w.as("olga"), in)
			wants(t, err, "of=fault.choice")
			return nil
		}))
	}, schemas...)
}
