package notify

import (
	"context"
	"errors"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
)

// closing are the arguments of the jobs that close windows.
type closing struct {
	Person string    `json:"person,omitempty"`
	Class  Frequency `json:"class,omitempty"`
}

// Schedules make the letters of the day and of the week, and clear up.
func Schedules() []job.Schedule {
	return []job.Schedule{
		{Name: "notify.daily", Kind: jobDigest, Every: "daily 07:00", Args: closing{Class: Daily}},
		{Name: "notify.weekly", Kind: jobDigest, Every: "weekly mon 07:00", Args: closing{Class: Weekly}},
		{Name: "notify.purge", Kind: jobPurge, Every: "daily 04:10"},
	}
}

// closeNow closes a person's window of what goes at once.
func (s *Store) closeNow(ctx context.Context, r *job.Run) error {
	var a closing
	if err := r.Args(&a); err != nil {
		return err
	}
	left := false
	err := s.DB.Update(ctx, func(tx *db.Tx) error {
		var err error
		if left, err = s.closeWindow(ctx, tx, a.Person, Now); err != nil {
			return err
		}
		if left {
			return r.Hold(ctx, tx)
		}
		return r.Finish(ctx, tx)
	})
	if err == nil && left { // they came in the microsecond in which the window ends
		return job.Again(time.Second)
	}
	return err
}

// digest closes the windows of a class for everybody who has something in it,
// each person in a transaction of their own.
func (s *Store) digest(ctx context.Context, r *job.Run) error {
	var a closing
	if err := r.Args(&a); err != nil {
		return err
	}
	after, n := "", int64(0)
	for {
		var people []string
		if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
			people, err = db.List(ctx, tx, db.One[string], `SELECT DISTINCT person FROM notify_item
				WHERE class = $1 AND window_id IS NULL AND person > $2 ORDER BY person LIMIT 500`, string(a.Class), after)
			return err
		}); err != nil || len(people) == 0 {
			return err
		}
		for _, p := range people {
			if err := s.DB.Update(ctx, func(tx *db.Tx) error {
				_, err := s.closeWindow(ctx, tx, p, a.Class)
				return err
			}); err != nil {
				return err
			}
			n++
		}
		after = people[len(people)-1]
		r.Progress(ctx, n, 0, "notify.digest_progress", "n", n)
	}
}

// closeWindow puts what has come for a person since the last window of a class,
// and before now, into a new one, and has it sent. left says that items of this
// very moment remain for the next.
func (s *Store) closeWindow(ctx context.Context, tx *db.Tx, person string, class Frequency) (left bool, err error) {
	from, err := db.Get(ctx, tx, db.One[int64], `SELECT coalesce(max(to_at), 0) FROM notify_window WHERE person = $1 AND class = $2`, person, string(class))
	if err != nil {
		return false, err
	}
	to := tx.Now.UnixMicro()
	window := id.New(tx.Now)
	n := int64(0)
	if to > from {
		n, err = tx.Exec(ctx, `UPDATE notify_item SET window_id = $1 WHERE class = $2 AND person = $3 AND window_id IS NULL AND at < $4`,
			window, string(class), person, to)
		if err != nil {
			return false, err
		}
	}
	if n > 0 {
		if _, err := tx.Exec(ctx, `INSERT INTO notify_window (id, person, class, from_at, to_at, items) VALUES ($1, $2, $3, $4, $5, $6)`,
			window, person, string(class), from, to, n); err != nil {
			return false, err
		}
		if err := s.send(ctx, tx, window, person, class); err != nil {
			return false, err
		}
	}
	return db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM notify_item WHERE class = $1 AND person = $2 AND window_id IS NULL)`,
		string(class), person)
}

// sending are the arguments of the jobs that send a window.
type sending struct {
	Window string `json:"window"`
	Push   string `json:"push,omitempty"` // id of a browser
}

// send makes the jobs that send a window: the letter, and what goes at once
// also to the person's browsers.
func (s *Store) send(ctx context.Context, tx *db.Tx, window, person string, class Frequency) error {
	if s.Mail != nil {
		if _, err := job.Enqueue(ctx, tx, jobMail, job.Options{Unique: window, Args: sending{Window: window}, Actor: "system:notify"}); err != nil {
			return err
		}
	}
	if s.Vapid == nil || class != Now {
		return nil
	}
	browsers, err := db.List(ctx, tx, db.One[string], `SELECT id FROM notify_push WHERE person = $1`, person)
	if err != nil {
		return err
	}
	for _, b := range browsers {
		if _, err := job.Enqueue(ctx, tx, jobPush, job.Options{Unique: window + " " + b, Args: sending{window, b}, Actor: "system:notify"}); err != nil {
			return err
		}
	}
	return nil
}

// window is a closed window as the jobs that send it read it.
type window struct {
	ID, Person string
	Class      Frequency
	Sent       db.Time
}

// open reads a window with its items, as its person sees them, the newest
// first. db.ErrNotFound says that the window or its person is gone.
func (s *Store) open(ctx context.Context, tx *db.Tx, windowID string) (window, []Item, error) {
	w, err := db.Get(ctx, tx, func(w *window) []any { return []any{&w.ID, &w.Person, &w.Class, &w.Sent} },
		`SELECT id, person, class, sent_at FROM notify_window WHERE id = $1`, windowID)
	if err != nil {
		return w, nil, err
	}
	to, err := s.actor(ctx, tx, w.Person)
	if err != nil {
		return w, nil, err
	}
	ctx = i18n.With(ctx, s.Words.For(to.Lang)) // what was translated is in the reader's language
	items, err := s.items(ctx, tx, w.Person, `window_id = $1 ORDER BY id DESC LIMIT 200`, windowID)
	return w, items, err
}

// purge deletes items, windows and deliveries that nobody will look for.
func (s *Store) purge(ctx context.Context, r *job.Run) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		now := tx.Now
		for _, x := range []struct {
			q  string
			at int64
		}{
			{`DELETE FROM notify_item WHERE at < $1`, now.Add(-keepItems).UnixMicro()},
			{`DELETE FROM notify_delivery WHERE at < $1`, now.Add(-keepDeliveries).UnixMicro()},
			// The last window of each class stays: the next begins where it ends.
			{`DELETE FROM notify_window WHERE to_at < $1 AND EXISTS (SELECT 1 FROM notify_window n
				WHERE n.person = notify_window.person AND n.class = notify_window.class AND n.from_at > notify_window.from_at)`, now.Add(-keepItems).UnixMicro()},
		} {
			if _, err := tx.Exec(ctx, x.q, x.at); err != nil {
				return err
			}
		}
		return r.Finish(ctx, tx)
	})
}

func gone(err error) bool { return errors.Is(err, db.ErrNotFound) }
