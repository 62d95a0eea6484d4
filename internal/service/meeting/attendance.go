package meeting

import (
	"context"
	"crypto/subtle"
	"regexp"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Attendance is what was said of one who came, or did not.
type Attendance struct {
	Subject  string // id of the invitation; for others an id of their own
	Person   string
	Org      string
	Name     string
	Sector   string
	District string
	Part     string // member, observer, staff
	Mode     string // person, online
	Present  bool
	Arrived  string // HH:MM in Belize, or empty
	Departed string
	Reason   string // why it was corrected
	Recorded db.Time
}

const attendanceColumns = `subject, person, org, name, sector, district, part, mode, present, arrived, departed, reason, recorded`

func attendanceFields(a *Attendance) []any {
	return []any{
		&a.Subject, &a.Person, &a.Org, &a.Name, &a.Sector, &a.District, &a.Part, &a.Mode, &a.Present, &a.Arrived, &a.Departed, &a.Reason, &a.Recorded,
	}
}

// Parts are in what part somebody attends, and Modes how.
var (
	Parts = []string{"member", "observer", "staff"}
	Modes = []string{"person", "online"}
)

// AttendanceAt returns the attendance of a meeting as it was known at a moment:
// of each subject what was recorded last.
func AttendanceAt(ctx context.Context, tx *db.Tx, meeting string, at db.Time) ([]Attendance, error) {
	return db.List(ctx, tx, attendanceFields, `SELECT `+attendanceColumns+` FROM meeting_attendance a WHERE meeting = $1 AND n =
		(SELECT max(n) FROM meeting_attendance b WHERE b.meeting = a.meeting AND b.subject = a.subject AND b.recorded <= $2)
		ORDER BY part, name, subject`, meeting, at)
}

// Corrections returns what was said of attendance after the meeting was noted as
// held and replaced something, the newest first.
func Corrections(ctx context.Context, tx *db.Tx, meeting string) ([]Attendance, error) {
	return db.List(ctx, tx, attendanceFields, `SELECT `+attendanceColumns+` FROM meeting_attendance WHERE meeting = $1 AND reason <> '' ORDER BY recorded DESC, id`, meeting)
}

var clock = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

func (a *Attendance) check(held bool) error {
	var p fault.Fields
	p.Require("name", a.Name)
	p.MaxLen("name", a.Name, 200)
	if !slices.Contains(Sectors, a.Sector) {
		p.Add("sector", "fault.choice")
	}
	if !slices.Contains(Parts, a.Part) {
		p.Add("part", "fault.choice")
	}
	if !slices.Contains(Modes, a.Mode) {
		p.Add("mode", "fault.choice")
	}
	for name, v := range map[string]string{"arrived": a.Arrived, "departed": a.Departed} {
		if v != "" && !clock.MatchString(v) {
			p.Add(name, "meeting.bad_hour")
		}
	}
	if held {
		p.Require("reason", a.Reason)
	}
	p.MaxLen("reason", a.Reason, 500)
	return p.Err()
}

// Record notes who came to a meeting: each of list by its Subject, which is the
// id of an invitation or of an earlier note, or empty for somebody new. What
// says nothing new is passed over. Once the meeting is noted as held a change is
// a correction and needs a reason.
func (b *Book) Record(ctx context.Context, actor who.Actor, key string, list []Attendance) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error { return b.RecordIn(ctx, tx, actor, key, list) })
}

// RecordIn is Record as a part of a transaction.
func (b *Book) RecordIn(ctx context.Context, tx *db.Tx, actor who.Actor, key string, list []Attendance) error {
	m, err := b.write(ctx, tx, actor, key)
	if err != nil {
		return err
	}
	switch {
	case m.State == Cancelled:
		return fault.New(fault.Conflict, "meeting.is_cancelled")
	case tx.Now.Before(m.Starts.Add(-doorsOpen)):
		return fault.New(fault.Conflict, "meeting.too_early")
	case len(list) > 2000:
		return fault.New(fault.TooLarge, "meeting.too_many")
	}
	changed, err := m.note(ctx, tx, actor.ID, list)
	if err != nil || changed == 0 {
		return err
	}
	verb := "meeting.attendance_recorded"
	if m.State.Done() {
		verb = "meeting.attendance_corrected"
	}
	return m.tell(ctx, tx, actor.ID, verb, "", true, nil, map[string]int{"entries": changed})
}

// note writes what is new of a list and returns how much that was.
func (m *Meeting) note(ctx context.Context, tx *db.Tx, by string, list []Attendance) (int, error) {
	now, err := AttendanceAt(ctx, tx, m.ID, db.Time{Time: tx.Now})
	if err != nil {
		return 0, err
	}
	invited, err := InvitedTo(ctx, tx, m.ID)
	if err != nil {
		return 0, err
	}
	was, by2 := map[string]Attendance{}, map[string]Invited{}
	for _, a := range now {
		was[a.Subject] = a
	}
	for _, i := range invited {
		by2[i.ID] = i
	}
	changed := 0
	for _, a := range list {
		old, known := was[a.Subject]
		if i, ok := by2[a.Subject]; ok { // whose place it is stands on the list
			a.Person, a.Org, a.Name, a.Sector, a.District, a.Part = i.Person, i.Org, i.Name, i.Sector, i.District, "member"
		} else if a.Subject != "" && !known {
			return changed, db.ErrNotFound
		} else if known && a.Name == "" { // a box on the list says nothing of the name
			a.Person, a.Org, a.Name, a.Sector, a.District, a.Part = old.Person, old.Org, old.Name, old.Sector, old.District, old.Part
		}
		a.Name = strings.TrimSpace(a.Name)
		if a.Mode == "" {
			a.Mode = Modes[0]
		}
		if known && a.same(old) || !known && !a.Present {
			continue
		}
		if err := a.check(m.State.Done()); err != nil {
			return changed, err
		}
		if a.Subject == "" {
			a.Subject = id.Nth(tx.Now, tx.Next())
		}
		if err := a.insert(ctx, tx, m.ID, by); err != nil {
			return changed, err
		}
		changed++
	}
	return changed, nil
}

// same reports whether two notes say the same.
func (a Attendance) same(b Attendance) bool {
	a.Reason, a.Recorded = b.Reason, b.Recorded
	return a == b
}

func (a Attendance) insert(ctx context.Context, tx *db.Tx, meeting, by string) error {
	_, err := tx.Exec(ctx, `INSERT INTO meeting_attendance (id, meeting, subject, person, org, name, sector, district, part, mode, present, arrived, departed, reason, by_person, recorded, n)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
		(SELECT coalesce(max(n), 0) + 1 FROM meeting_attendance WHERE meeting = $2 AND subject = $3))`,
		id.Nth(tx.Now, tx.Next()), meeting, a.Subject, a.Person, a.Org, a.Name, a.Sector, a.District, a.Part, a.Mode, a.Present, a.Arrived, a.Departed, a.Reason, by, db.Time{Time: tx.Now})
	return err
}

// doorsOpen is how long before and after a meeting people may check in.
const doorsOpen = 60 * 60 * 1e9

// CheckIn notes that actor is there, by the code that is shown in the room: as a
// member if they are invited, as an observer otherwise.
func (b *Book) CheckIn(ctx context.Context, actor who.Actor, key, typed string) error {
	if err := actor.Must("meeting.register", who.Site); err != nil {
		return err
	}
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := Get(ctx, tx, key)
		if err != nil {
			return err
		}
		if m.State != Announced || tx.Now.Before(m.Starts.Add(-doorsOpen)) || tx.Now.After(m.Ends.Add(doorsOpen)) {
			return fault.New(fault.Conflict, "meeting.doors_shut")
		}
		typed = strings.ToUpper(strings.Join(strings.Fields(typed), ""))
		if subtle.ConstantTimeCompare([]byte(typed), []byte(m.Code)) != 1 {
			var p fault.Fields
			p.Add("code", "meeting.wrong_code")
			return p.Err()
		}
		a, err := m.arrival(ctx, tx, actor)
		if err != nil {
			return err
		}
		n, err := m.note(ctx, tx, actor.ID, []Attendance{a})
		if err != nil || n == 0 {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.checked_in", "", false, nil, map[string]string{"person": actor.ID})
	})
}

// arrival is what is noted of somebody who checks in by themselves.
func (m *Meeting) arrival(ctx context.Context, tx *db.Tx, actor who.Actor) (Attendance, error) {
	a := Attendance{Present: true, Mode: Modes[0], Arrived: tx.Now.In(zone).Format("15:04")}
	invited, err := InvitedTo(ctx, tx, m.ID)
	if err != nil {
		return a, err
	}
	now, err := AttendanceAt(ctx, tx, m.ID, db.Time{Time: tx.Now})
	if err != nil {
		return a, err
	}
	for _, x := range now {
		if x.Person == actor.ID && x.Present {
			return x, nil // here already
		}
	}
	taken := func(i Invited) bool {
		return slices.ContainsFunc(now, func(x Attendance) bool { return x.Subject == i.ID && x.Present })
	}
	for _, i := range invited {
		if i.is(actor) && !taken(i) {
			a.Subject = i.ID
			return a, nil
		}
	}
	a.Part, a.Person, a.Name, a.Sector = "observer", actor.ID, actor.Name, "civil_society"
	if g, err := GuestOf(ctx, tx, m.ID, actor.ID); err == nil {
		a.Sector, a.District = g.Sector, g.District
	}
	return a, nil
}
