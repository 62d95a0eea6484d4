package meeting

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/who"
)

// RemindBefore is how long before a meeting people are reminded: so that who
// hears of news once a day hears of it the day before.
const RemindBefore = 48 * time.Hour

// Jobs are the kinds of work of this module.
func (b *Book) Jobs() []job.Kind { return []job.Kind{{Name: "meeting.remind", Run: b.remind}} }

// Schedules say when it is done.
func Schedules() []job.Schedule {
	return []job.Schedule{{Name: "meeting.remind", Kind: "meeting.remind", Every: "15m"}}
}

// remind appends to the log which meetings are near and which actions are due.
func (b *Book) remind(ctx context.Context, r *job.Run) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		if err := remindMeetings(ctx, tx); err != nil {
			return err
		}
		if err := remindActions(ctx, tx); err != nil {
			return err
		}
		return r.Finish(ctx, tx)
	})
}

func remindMeetings(ctx context.Context, tx *db.Tx) error {
	ms, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM meeting WHERE state = 'announced' AND reminded IS NULL AND starts > $1 AND starts <= $2 ORDER BY starts, id LIMIT 200`,
		db.Time{Time: tx.Now}, db.Time{Time: tx.Now.Add(RemindBefore)})
	for _, m := range ms {
		if err := tx.MustChange(ctx, `UPDATE meeting SET reminded = $2 WHERE id = $1`, m.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		if err := m.tell(ctx, tx, "system:meeting", "meeting.near", "", false, nil, nil); err != nil {
			return err
		}
	}
	return err
}

// remindActions tells owners a week before the day, and on the day or, if
// nothing ran then, as soon as something does.
func remindActions(ctx context.Context, tx *db.Tx) error {
	today, week := tx.Now.In(zone).Format(time.DateOnly), tx.Now.In(zone).AddDate(0, 0, 7).Format(time.DateOnly)
	as, err := db.List(ctx, tx, actionFields, `SELECT `+actionColumns+` FROM meeting_action WHERE state = 'open' AND (due <= $1 AND told < 2 OR due <= $2 AND told < 1) ORDER BY due, id LIMIT 500`, today, week)
	for _, a := range as {
		told := 1
		if a.Due <= today {
			told = 2
		}
		if err := tx.MustChange(ctx, `UPDATE meeting_action SET told = $2 WHERE id = $1`, a.ID, told); err != nil {
			return err
		}
		m, err := Get(ctx, tx, a.Meeting)
		if err != nil {
			return err
		}
		if err := m.tell(ctx, tx, "system:meeting", "meeting.action_due", "", false, nil, about{Action: a.ID, Person: a.Person, Org: a.Org}); err != nil {
			return err
		}
	}
	return err
}

// about names the one whom a private entry of the log concerns.
type about struct {
	Action string `json:"action,omitempty"`
	Person string `json:"person,omitempty"`
	Org    string `json:"org,omitempty"`
}

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{
	{Name: "meetings", Default: notify.Now}, // to which I am invited or registered
	{Name: "actions", Default: notify.Now},  // that I am to do
}

// Notifies say whom the events of meetings concern.
var Notifies = []notify.Rule{
	{Verb: "meeting.announced", Subject: "meetings", To: everybody},
	{Verb: "meeting.moved", Subject: "meetings", To: everybody},
	{Verb: "meeting.cancelled", Subject: "meetings", To: everybody},
	{Verb: "meeting.near", Subject: "meetings", To: everybody},
	{Verb: "meeting.minutes_drafted", Subject: "meetings", To: everybody, Silent: true},
	{Verb: "meeting.invited", Subject: "meetings", To: named},
	{Verb: "meeting.promoted", Subject: "meetings", To: named},
	{Verb: "meeting.action_due", Subject: "actions", To: named},
	{Verb: "meeting.action_agreed", Subject: "actions", To: owner},
}

// speakers are those who hear what concerns an organisation.
func speakers(ctx context.Context, tx *db.Tx, org string) ([]string, error) {
	return who.PeopleWith(ctx, tx, org, who.Official, who.Editor, who.Member, who.Facilitator)
}

// everybody returns those invited, those who speak for invited organisations
// that named nobody, and those who registered.
func everybody(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	people, err := db.List(ctx, tx, db.One[string], `SELECT person FROM meeting_invited WHERE meeting = $1 AND person <> '' AND NOT removed
		UNION SELECT person FROM meeting_guest WHERE meeting = $1 AND person <> '' AND state <> 'cancelled'`, e.Record)
	if err != nil {
		return nil, err
	}
	orgs, err := db.List(ctx, tx, db.One[string], `SELECT DISTINCT org FROM meeting_invited WHERE meeting = $1 AND person = '' AND org <> '' AND NOT removed`, e.Record)
	for _, o := range orgs {
		some, err := speakers(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		people = append(people, some...)
	}
	return people, err
}

// named returns the one whom the entry names.
func named(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var a about
	if err := e.Change(nil, &a); err != nil {
		return nil, err
	}
	if a.Person != "" {
		return []string{a.Person}, nil
	}
	if a.Org != "" {
		return speakers(ctx, tx, a.Org)
	}
	return nil, nil
}

// owner returns who is to do the action that the entry names.
func owner(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
	var a about
	if err := e.Change(nil, &a); err != nil || a.Action == "" {
		return nil, err
	}
	x, err := db.Get(ctx, tx, actionFields, `SELECT `+actionColumns+` FROM meeting_action WHERE id = $1`, a.Action)
	if err != nil || x.Person != "" {
		return []string{x.Person}, err
	}
	if x.Org == "" {
		return nil, nil
	}
	return speakers(ctx, tx, x.Org)
}
