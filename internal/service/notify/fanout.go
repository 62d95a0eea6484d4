package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
)

// The kinds of jobs.
const (
	jobFanOut = "notify.fan_out" // tells everybody whom events concern
	jobClose  = "notify.close"   // closes one person's window of what goes at once
	jobDigest = "notify.digest"  // closes everybody's daily or weekly windows
	jobMail   = "notify.mail"    // sends the letter of a window
	jobLetter = "notify.letter"  // sends a letter that is no news
	jobPush   = "notify.push"    // sends a window to one browser
	jobHook   = "notify.hook"    // delivers to one webhook, in order
	jobPurge  = "notify.purge"   // deletes what is old
)

// Listener hears of every event. It only writes down what is to be told, since
// it holds the database's writer.
func (s *Store) Listener() activity.Listener {
	return activity.Listener{Name: "notify", FromNow: true, Handle: s.hear}
}

func (s *Store) hear(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
	hooks, err := activeHooks(ctx, tx)
	if err != nil {
		return err
	}
	woken, told := map[string]bool{}, false
	for _, e := range batch {
		if !e.Public && len(s.rules[e.Verb]) == 0 {
			continue
		}
		told = true
		if _, err := tx.Exec(ctx, `INSERT INTO notify_todo (seq, event, after) VALUES ($1, $2, '') ON CONFLICT DO NOTHING`, e.Seq, e.ID); err != nil {
			return err
		}
		for _, h := range hooks {
			if !h.wants(e) {
				continue
			}
			if err := s.await(ctx, tx, h.ID, e); err != nil {
				return err
			}
			woken[h.ID] = true
		}
	}
	for h := range woken {
		if err := s.wakeHook(ctx, tx, h); err != nil {
			return err
		}
	}
	if !told {
		return nil
	}
	_, err = job.Enqueue(ctx, tx, jobFanOut, job.Options{Unique: "all", Actor: "system:notify"})
	return err
}

// page is how many followers are told in one transaction.
const page = 200

// fanOut works off the list. The last look and the end of the job are one
// transaction, so that what the listener adds meanwhile is never left lying.
func (s *Store) fanOut(ctx context.Context, r *job.Run) error {
	for {
		more := false
		err := s.DB.Update(ctx, func(tx *db.Tx) (err error) {
			if err := r.Hold(ctx, tx); err != nil {
				return err
			}
			if more, err = s.tellNext(ctx, tx); err != nil || more {
				return err
			}
			return r.Finish(ctx, tx)
		})
		switch {
		case err != nil && r.Tries() >= patience && ctx.Err() == nil && !errors.Is(err, db.ErrConflict):
			if err := s.passOver(ctx, r, err); err != nil {
				return err
			}
		case err != nil || !more:
			return err
		}
		select {
		case <-r.Stopping():
			return job.Again(0)
		default:
		}
	}
}

// patience is how often the job is tried before an event that cannot be told
// is passed over, so that one bad rule does not silence everything behind it.
const patience = 5

func (s *Store) passOver(ctx context.Context, r *job.Run, cause error) error {
	s.Log.ErrorContext(ctx, "notify: an event is passed over", "err", cause)
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM notify_todo WHERE seq = (SELECT min(seq) FROM notify_todo)`); err != nil {
			return err
		}
		return r.Hold(ctx, tx)
	})
}

type todo struct {
	seq          int64
	event, after string
}

// tellNext tells the next page of people of the oldest event. more is false
// when there is none.
func (s *Store) tellNext(ctx context.Context, tx *db.Tx) (more bool, err error) {
	t, err := db.Get(ctx, tx, func(t *todo) []any { return []any{&t.seq, &t.event, &t.after} },
		`SELECT seq, event, after FROM notify_todo ORDER BY seq LIMIT 1`)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	e, err := activity.Get(ctx, tx, t.event)
	if err != nil {
		return true, err
	}
	if t.after == "" {
		if err := s.tellNamed(ctx, tx, e); err != nil {
			return true, err
		}
	}
	after, err := s.tellFollowers(ctx, tx, e, t.after)
	if err != nil {
		return true, err
	}
	if after != "" {
		_, err = tx.Exec(ctx, `UPDATE notify_todo SET after = $2 WHERE seq = $1`, t.seq, after)
		return true, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM notify_todo WHERE seq = $1`, t.seq)
	return true, err
}

// tellNamed tells those whom a rule names, before the followers, so that who is
// both hears it as their own.
func (s *Store) tellNamed(ctx context.Context, tx *db.Tx, e activity.Event) error {
	for _, r := range s.rules[e.Verb] {
		people, err := r.To(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, e, s.subjects[r.Subject], people); err != nil {
			return err
		}
	}
	return nil
}

// tellFollowers tells one page and returns the last of it, "" at the end.
func (s *Store) tellFollowers(ctx context.Context, tx *db.Tx, e activity.Event, after string) (string, error) {
	if !e.Public || slices.ContainsFunc(s.rules[e.Verb], func(r Rule) bool { return r.Silent }) {
		return "", nil
	}
	people, err := s.Follow(ctx, tx, record.Ref{Kind: e.Kind, ID: e.Record}, after, page)
	if err != nil {
		return "", err
	}
	if err := s.tell(ctx, tx, e, Followed, people); err != nil || len(people) < page {
		return "", err
	}
	return people[len(people)-1], nil
}

// tell writes an item for each person who has none of this event yet.
func (s *Store) tell(ctx context.Context, tx *db.Tx, e activity.Event, about Subject, people []string) error {
	people = slices.DeleteFunc(slices.Clone(people), func(p string) bool {
		return p == e.Actor || p == "" || strings.HasPrefix(p, "system:")
	})
	classes, err := classesOf(ctx, tx, about, people)
	if err != nil {
		return err
	}
	for _, p := range people {
		if classes[p] == Off {
			continue
		}
		n, err := tx.Exec(ctx, `INSERT INTO notify_item (id, person, event, topic, direct, class, verb, record_kind, record, actor, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (person, event) DO NOTHING`,
			id.New(tx.Now), p, e.ID, about.Name, about.Direct, string(classes[p]), e.Verb, e.Kind, e.Record, e.Actor, db.Time{Time: tx.Now})
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		tx.Wake(Topic(p))
		if classes[p] == Now {
			if err := s.ring(ctx, tx, p, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// classesOf returns how often each of people wants to hear of a subject, in one
// query.
func classesOf(ctx context.Context, tx *db.Tx, about Subject, people []string) (map[string]Frequency, error) {
	out := map[string]Frequency{}
	for _, p := range people {
		out[p] = about.Default
	}
	in, args := db.In(2, people)
	type row struct{ person, frequency string }
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.person, &r.frequency} },
		`SELECT person, frequency FROM notify_choice WHERE topic = $1 AND person IN `+in, append([]any{about.Name}, args...)...)
	for _, r := range rows {
		out[r.person] = Frequency(r.frequency)
	}
	return out, err
}

// ring has somebody's items that go at once sent, at once or in the morning.
func (s *Store) ring(ctx context.Context, tx *db.Tx, person string, awake bool) error {
	at := tx.Now
	if !awake {
		c, err := s.ChoicesOf(ctx, tx, person)
		if err != nil {
			return err
		}
		if c.Quiet {
			at = loud(at)
		}
	}
	_, err := job.Enqueue(ctx, tx, jobClose, job.Options{Unique: person, Args: closing{Person: person}, At: at, Actor: "system:notify"})
	return err
}

// keepItems is how long the inbox reaches back.
const keepItems = 365 * 24 * time.Hour
