package plan

import (
	"context"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{{Name: "plan_due", Default: notify.Now}}

// Notifies say whom the reminders concern: those who speak for whoever leads,
// or for whoever follows it after a change of names. Who follows a plan or a
// commitment hears of what happens without a rule.
var Notifies = []notify.Rule{
	{Verb: "commitment.reminded", Subject: "plan_due", To: answering},
	{Verb: "commitment.party_named", Subject: "plan_due", To: namedParty},
}

// remindBefore are the days before the end of a milestone on which those who
// answer for it are reminded.
var remindBefore = []int{30, 7, 0}

// due is a milestone about which somebody is to be reminded.
type due struct {
	commitment, milestone, title, end, lead string
	planStart                               string
	status                                  Status
	at                                      db.Time
}

// remindAll reminds of milestones that end soon, and once a month of those
// about which the government said nothing for half a year.
func (p *Plans) remindAll(ctx context.Context) error {
	system := who.System(who.MustPolicy(Rules...), "reminders")
	var all []due
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		all, err = db.List(ctx, tx, func(d *due) []any {
			return []any{&d.commitment, &d.milestone, &d.title, &d.end, &d.lead, &d.planStart, &d.status, &d.at}
		}, `SELECT c.id, m.id, m.title, m.end_date, c.lead, p.start_date, coalesce(l.status, ''), l.at
			FROM commitment c JOIN plan p ON p.id = c.plan JOIN milestone m ON m.commitment = c.id
			LEFT JOIN progress_last l ON l.milestone = m.id AND l.voice = 'government'
			WHERE c.state = 'active' AND p.delivered IS NOT NULL AND NOT m.removed AND coalesce(l.status, '') NOT IN ('complete', 'withdrawn') ORDER BY m.id`)
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
	on := require.Day(Today(tx))
	why := d.why(on)
	if why == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO plan_reminder (milestone, why) VALUES ($1, $2) ON CONFLICT DO NOTHING`, d.milestone, why)
	if err != nil || n == 0 {
		return err
	}
	c, pl, err := SeeCommitment(ctx, tx, system, d.commitment)
	if err != nil {
		return err
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: system.ID, Verb: "commitment.reminded", Kind: "commitment", Record: c.ID, Org: c.Answers(pl), Title: c.Title, Note: d.title,
		Public: pl.Public(), After: map[string]any{"milestone": d.milestone, "why": why, "end": d.end},
	})
	return err
}

// why names the reminder that a day asks for: "due 2026-12-31 7", of the last of
// the days that has come, or "silent 2026-07" once a month.
func (d *due) why(on require.Day) string {
	if d.end != "" && string(on) <= d.end {
		left := on.Until(require.Day(d.end))
		for i := len(remindBefore) - 1; i >= 0; i-- {
			if left <= remindBefore[i] {
				return "due " + d.end + " " + pad(remindBefore[i])
			}
		}
	}
	heard := require.Day(d.planStart)
	if !d.at.IsZero() {
		heard = require.Day(DayOf(d.at.Time))
	}
	if heard != "" && heard.AddMonths(require.SilentAfter) < on {
		return "silent " + string(on)[:7]
	}
	return ""
}

func pad(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

// answering returns who speaks for the organisation that answers for a
// commitment today.
func answering(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	c, err := getCommitment(ctx, tx, e.Record)
	if err != nil || c.Lead == "" {
		return nil, err
	}
	heirs, err := org.Heirs(ctx, tx, c.Lead)
	var out []string
	for _, h := range heirs {
		people, err := who.PeopleWith(ctx, tx, h.ID, who.Official, who.Editor)
		if err != nil {
			return nil, err
		}
		out = append(out, people...)
	}
	return out, err
}

// namedParty returns who can confirm for an organisation that was named.
func namedParty(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var after struct {
		Party string `json:"party"`
	}
	if err := e.Change(nil, &after); err != nil || after.Party == "" {
		return nil, err
	}
	return who.PeopleWith(ctx, tx, after.Party, who.Official, who.Editor, who.Member)
}
