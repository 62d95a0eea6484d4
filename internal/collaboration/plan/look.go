package plan

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// lookAgain is after how long a visit is written down again although nothing
// changed: well within the thirty days of the requirement.
const lookAgain = 7 * 24 * time.Hour

// Look is one visit to a plan's public page, made without signing in.
type Look struct {
	Plan  string
	Day   string
	At    db.Time
	OK    bool
	Words string // what went wrong
}

// Jobs is the background work of the plans.
func (p *Plans) Jobs() []job.Kind {
	return []job.Kind{
		{Name: "plan.look", Run: func(ctx context.Context, _ *job.Run) error { return p.lookAll(ctx) }, MaxTries: 1},
		{Name: "plan.remind", Run: func(ctx context.Context, _ *job.Run) error { return p.remindAll(ctx) }},
	}
}

// Schedules are when it is done.
var Schedules = []job.Schedule{
	{Name: "plan.look", Kind: "plan.look", Every: "daily 04:10"},
	{Name: "plan.remind", Kind: "plan.remind", Every: "daily 07:00"},
}

// lookAll visits the page of every public plan, and writes down what is news.
func (p *Plans) lookAll(ctx context.Context) error {
	if p.Visit == nil {
		return nil
	}
	system := who.System(who.MustPolicy(Rules...), "look")
	var all []Plan
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { all, err = List(ctx, tx, system); return err }); err != nil {
		return err
	}
	for _, pl := range all {
		if !pl.Public() || pl.State == Archived {
			continue
		}
		words := ""
		if err := p.Visit(ctx, pl); err != nil {
			words = err.Error()
		}
		if err := p.DB.Update(ctx, func(tx *db.Tx) error { return saw(ctx, tx, system, pl, words) }); err != nil {
			return err
		}
	}
	return nil
}

// saw writes down a visit, if it differs from the last one or that is a week
// old.
func saw(ctx context.Context, tx *db.Tx, actor who.Actor, pl Plan, words string) error {
	last, err := db.List(ctx, tx, func(l *Look) []any { return []any{&l.Plan, &l.Day, &l.At, &l.OK, &l.Words} },
		`SELECT plan, day, at, ok, words FROM plan_look WHERE plan = $1 ORDER BY day DESC LIMIT 1`, pl.ID)
	if err != nil {
		return err
	}
	ok := words == ""
	if len(last) > 0 && last[0].OK == ok && tx.Now.Sub(last[0].At.Time) < lookAgain || len(last) > 0 && last[0].Day == Today(tx) {
		return nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO plan_look (plan, day, at, ok, words) VALUES ($1, $2, $3, $4, $5)`,
		pl.ID, Today(tx), tx.Now.UnixMicro(), ok, words); err != nil {
		return err
	}
	return pl.of(ctx, tx, actor, "plan.looked", pl.Title, "", map[string]any{"ok": ok, "day": tx.Now.In(i18n.Belize).Format(time.DateOnly)})
}
