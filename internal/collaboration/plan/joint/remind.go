package joint

import (
	"context"
	"strconv"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// remindBefore are the days before a due date on which somebody is reminded.
var remindBefore = []int{0, 7, 30}

// Jobs is the background work of joint projects.
func (p *Projects) Jobs() []job.Kind {
	return []job.Kind{{Name: "joint.remind", Run: func(ctx context.Context, _ *job.Run) error { return p.remindAll(ctx) }}}
}

// Schedules are when it is done.
var Schedules = []job.Schedule{{Name: "joint.remind", Kind: "joint.remind", Every: "daily 07:20"}}

// due is a pledge or a milestone about which somebody is to be reminded.
type due struct {
	thing, joint, what, day string
	org                     string // that gives; empty for a milestone
}

// remindAll reminds of pledges and milestones that are due soon, and once a month
// of those whose day has passed without a word.
func (p *Projects) remindAll(ctx context.Context) error {
	system := who.System(who.MustPolicy(Rules...), "reminders")
	var all []due
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		all, err = db.List(ctx, tx, func(d *due) []any { return []any{&d.thing, &d.joint, &d.what, &d.day, &d.org} },
			`SELECT g.id, g.joint, g.what, g.due, g.org FROM joint_pledge g JOIN joint p ON p.id = g.joint
			WHERE g.state = 'confirmed' AND p.state IN ('proposed', 'agreed', 'under_way') AND g.due <= $1
			UNION ALL SELECT m.id, m.joint, m.title, m.due, '' FROM joint_milestone m JOIN joint p ON p.id = m.joint
			WHERE m.state IN ('planned', 'under_way') AND p.state IN ('agreed', 'under_way') AND m.due <= $1 ORDER BY 1`,
			string(require.Day(plan.Today(tx)).AddDays(remindBefore[len(remindBefore)-1])))
		return err
	}); err != nil {
		return err
	}
	for _, d := range all {
		if err := p.DB.Update(ctx, func(tx *db.Tx) error { return d.remind(ctx, tx, system) }); err != nil {
			return err
		}
	}
	return nil
}

// remind writes a reminder down if one is due today that was not given yet.
func (d *due) remind(ctx context.Context, tx *db.Tx, system who.Actor) error {
	why := d.why(require.Day(plan.Today(tx)))
	if why == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO joint_reminder (thing, why) VALUES ($1, $2) ON CONFLICT DO NOTHING`, d.thing, why)
	if err != nil || n == 0 {
		return err
	}
	pr, err := Get(ctx, tx, d.joint)
	if err != nil {
		return err
	}
	after := map[string]any{"due": d.day, "why": why, "milestone": d.thing}
	if d.org != "" {
		after = map[string]any{"due": d.day, "why": why, "pledge": d.thing, "giver": d.org}
	}
	return pr.tell(ctx, tx, system, "joint.reminded", d.what, nil, after)
}

// why names the reminder that a day asks for: "due 2026-12-31 7", of the nearest
// of the days that have come, or "overdue 2027-02" once a month.
func (d *due) why(today require.Day) string {
	if string(today) > d.day {
		return "overdue " + string(today)[:7]
	}
	left := today.Until(require.Day(d.day))
	for _, n := range remindBefore {
		if left <= n {
			return "due " + d.day + " " + strconv.Itoa(n)
		}
	}
	return ""
}
