package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
)

// Schedule makes a job again and again.
type Schedule struct {
	Name  string // unique and never changed
	Kind  string
	Every string // "15m", "daily 03:00" or "weekly mon 06:00", in the time of Belize
	Args  any
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// next returns the first moment after now at which the schedule fires.
func (s Schedule) next(now time.Time) (time.Time, error) {
	words := strings.Fields(s.Every)
	bad := fmt.Errorf(`schedule %s: %q is not like "15m", "daily 03:00" or "weekly mon 06:00"`, s.Name, s.Every)
	day := -1
	switch {
	case len(words) == 1:
		d, err := time.ParseDuration(words[0])
		if err != nil || d < time.Second {
			return time.Time{}, bad
		}
		return now.Truncate(d).Add(d), nil
	case len(words) == 2 && words[0] == "daily":
	case len(words) == 3 && words[0] == "weekly":
		if day = slices.Index(weekdays, words[1]); day < 0 {
			return time.Time{}, bad
		}
	default:
		return time.Time{}, bad
	}
	clock, err := time.Parse("15:04", words[len(words)-1])
	if err != nil {
		return time.Time{}, bad
	}
	here := now.In(i18n.Belize)
	for i := 0; ; i++ {
		at := time.Date(here.Year(), here.Month(), here.Day()+i, clock.Hour(), clock.Minute(), 0, 0, i18n.Belize)
		if at.After(now) && (day < 0 || int(at.Weekday()) == day) {
			return at.UTC(), nil
		}
	}
}

// plan writes down when each schedule fires next, unless that is known.
func (r *Runner) plan(ctx context.Context) error {
	return r.db.Update(ctx, func(tx *db.Tx) error {
		for _, s := range r.schedules {
			at, err := s.next(tx.Now)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO job_schedule (name, every, next_at) VALUES ($1, $2, $3)
				ON CONFLICT (name) DO UPDATE SET every = excluded.every, next_at = excluded.next_at
				WHERE job_schedule.every <> excluded.every`, s.Name, s.Every, at.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
}

// fire makes the jobs of schedules whose time has come. The row is locked while
// one node does it, and the next time is written with the job.
func (r *Runner) fire(ctx context.Context) error {
	var due []string
	if err := r.db.View(ctx, func(tx *db.Tx) (err error) {
		due, err = db.List(ctx, tx, db.One[string], `SELECT name FROM job_schedule WHERE next_at <= $1 ORDER BY next_at`, tx.Now.UnixMicro())
		return err
	}); err != nil {
		return err
	}
	for _, s := range r.schedules {
		if !slices.Contains(due, s.Name) {
			continue
		}
		if err := r.db.Claim(ctx, func(tx *db.Tx) error { return s.fire(ctx, tx) }); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

func (s Schedule) fire(ctx context.Context, tx *db.Tx) error {
	mine, err := db.List(ctx, tx, db.One[string], `SELECT name FROM job_schedule WHERE name = $1 AND next_at <= $2 `+tx.SkipLocked(),
		s.Name, tx.Now.UnixMicro())
	if err != nil || len(mine) == 0 {
		return err
	}
	at, err := s.next(tx.Now)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE job_schedule SET next_at = $2, last_at = $3 WHERE name = $1`,
		s.Name, at.UnixMicro(), tx.Now.UnixMicro()); err != nil {
		return err
	}
	_, err = Enqueue(ctx, tx, s.Kind, Options{Args: s.Args, Unique: "schedule " + s.Name, Actor: "system:schedule"})
	return err
}

// Planned is how a schedule stands.
type Planned struct {
	Name  string
	Every string
	Next  db.Time
	Last  db.Time // zero before the first time
}

// Schedules returns every schedule that a runner ever wrote down.
func Schedules(ctx context.Context, tx *db.Tx) ([]Planned, error) {
	return db.List(ctx, tx, func(p *Planned) []any { return []any{&p.Name, &p.Every, &p.Next, &p.Last} },
		`SELECT name, every, next_at, last_at FROM job_schedule ORDER BY name`)
}

// How long jobs are kept once they are over.
const (
	keepDone = 7 * 24 * time.Hour
	keepDead = 90 * 24 * time.Hour
)

// purging is the kind of job that clears out old ones.
func (r *Runner) purging() Kind {
	return Kind{Name: "job.purge", Run: func(ctx context.Context, _ *Run) error {
		_, err := Purge(ctx, r.db, r.db.Now().Add(-keepDone), r.db.Now().Add(-keepDead))
		return err
	}}
}

// Purge deletes jobs that were done or cancelled before a moment, and those
// that died before another, in small transactions, with schedules that nobody
// has fired since the later. It returns how many jobs went.
func Purge(ctx context.Context, d *db.DB, done, dead time.Time) (int64, error) {
	const batch = 500
	var all int64
	for {
		var n int64
		err := d.Claim(ctx, func(tx *db.Tx) (err error) {
			if _, err := tx.Exec(ctx, `DELETE FROM job_schedule WHERE next_at < $1`, dead.UnixMicro()); err != nil {
				return err
			}
			n, err = tx.Exec(ctx, `DELETE FROM job WHERE id IN (SELECT id FROM job
				WHERE ended_at < $1 AND (state <> 'dead' OR ended_at < $2) ORDER BY ended_at LIMIT $3)`,
				done.UnixMicro(), dead.UnixMicro(), batch)
			return err
		})
		all += n
		if err != nil || n < batch {
			return all, err
		}
	}
}
