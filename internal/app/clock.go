package app

import (
	"context"
	"fmt"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
)

// started is when this process began: --demo-date is the day on which it did.
var started = time.Now()

// setClock moves the clock of a demonstration to the day of --demo-date, in
// the time of Belize. Everything that the site keeps follows it: due dates,
// polls, sessions, codes, the log. What others count does not: deadlines of
// connections, authenticator apps, sign-in providers, files' own times.
//
// Time never runs backwards in the log, so a demonstration that has gone on to
// a later day is refused an earlier one, and the present too.
func (a *App) setClock(ctx context.Context) error {
	if !a.Serve.Demo {
		return nil
	}
	shift, err := shiftTo(a.Serve.DemoDate)
	if err != nil {
		return err
	}
	var newest db.Time
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) {
		newest, err = db.Get(ctx, tx, db.One[db.Time], `SELECT max(at) FROM activity`)
		return err
	}); err != nil {
		return err
	}
	now := a.DB.Now().Add(shift)
	if day := dayOf(newest.Time); !newest.IsZero() && day > dayOf(now) {
		return fmt.Errorf("this demonstration has gone on to %s, and time does not run backwards in its log: start it with --demo-date %s or a later day, or choose another folder with --data", day, day)
	}
	if a.Serve.DemoDate == "" {
		return nil
	}
	if ahead := newest.Sub(now); !newest.IsZero() && ahead >= 0 { // the same day, but a later hour
		shift += ahead + time.Microsecond
	}
	a.DB.SetClock(func() time.Time { return time.Now().Add(shift) })
	return nil
}

// shiftTo returns how far the clock of a process that began on a day differs
// from the real one: whole days, as Belize has no summer time.
func shiftTo(day string) (time.Duration, error) {
	if day == "" {
		return 0, nil
	}
	to, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, err
	}
	began, err := time.Parse(time.DateOnly, dayOf(started))
	return to.Sub(began), err
}

func dayOf(t time.Time) string { return t.In(i18n.Belize).Format(time.DateOnly) }

// today is the clock that pages tell of: only where it was moved.
func (a *App) today() func() time.Time {
	if a.Serve.DemoDate == "" {
		return nil
	}
	return a.DB.Now
}
