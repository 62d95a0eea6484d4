package meeting

import (
	"context"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Minutes are one version of the minutes. None is ever changed.
type Minutes struct {
	N    int
	Text string // Markdown
	By   string
	At   db.Time
}

// MinutesOf returns the versions of a meeting's minutes, the newest first. Those
// of a meeting whose minutes are not published are for those invited.
func MinutesOf(ctx context.Context, tx *db.Tx, meeting string) ([]Minutes, error) {
	return db.List(ctx, tx, func(m *Minutes) []any { return []any{&m.N, &m.Text, &m.By, &m.At} },
		`SELECT n, text, by_person, at FROM meeting_minutes WHERE meeting = $1 ORDER BY n DESC`, meeting)
}

// NewestMinutes returns the last version of the minutes of meetings, by meeting.
func NewestMinutes(ctx context.Context, tx *db.Tx, meetings []string) (map[string]string, error) {
	type row struct{ meeting, text string }
	in, args := db.In(1, meetings)
	all, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.meeting, &r.text} }, `SELECT meeting, text FROM meeting_minutes m WHERE meeting IN `+in+`
		AND n = (SELECT max(n) FROM meeting_minutes x WHERE x.meeting = m.meeting)`, args...)
	out := map[string]string{}
	for _, r := range all {
		out[r.meeting] = r.text
	}
	return out, err
}

// LastMinuted returns when the last meeting with published minutes of each body of
// a kind began; bodies without one are not in it.
func LastMinuted(ctx context.Context, tx *db.Tx, kind string, bodies []string) (map[string]time.Time, error) {
	type row struct {
		body   string
		starts db.Time
	}
	in, args := db.In(2, bodies)
	all, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.body, &r.starts} }, `SELECT of_id, max(starts) FROM meeting
		WHERE of_kind = $1 AND of_id IN `+in+` AND held IS NOT NULL AND published IS NOT NULL GROUP BY of_id`, append([]any{kind}, args...)...)
	out := map[string]time.Time{}
	for _, r := range all {
		out[r.body] = r.starts.Time
	}
	return out, err
}

// Draft keeps a new version of the minutes, which those invited see. The
// first begins the days in which they may remark on it. After version seen
// somebody else's gives db.ErrConflict; 0 sees none.
func (b *Book) Draft(ctx context.Context, actor who.Actor, key, text string, seen int) error {
	var p fault.Fields
	p.Require("minutes", text)
	p.MaxLen("minutes", text, 100_000)
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		switch {
		case err != nil:
			return err
		case m.State == Published:
			return fault.New(fault.Conflict, "meeting.adopted")
		case m.State != Held && m.State != Drafted:
			return fault.New(fault.Conflict, "meeting.not_held")
		}
		if err := p.Err(); err != nil {
			return err
		}
		last, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(n), 0) FROM meeting_minutes WHERE meeting = $1`, m.ID)
		if err != nil {
			return err
		}
		if last != seen {
			return db.ErrConflict
		}
		if _, err := tx.Exec(ctx, `INSERT INTO meeting_minutes (meeting, n, text, by_person, at) VALUES ($1, $2, $3, $4, $5)`,
			m.ID, last+1, text, actor.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		if m.State == Held {
			m.State, m.DraftedAt = Drafted, db.Time{Time: tx.Now}
			if err := m.save(ctx, tx); err != nil {
				return err
			}
		}
		return m.tell(ctx, tx, actor.ID, "meeting.minutes_drafted", "", true, nil, map[string]int{"version": last + 1})
	})
}

// Publish adopts the newest version of the minutes, once the days for remarks
// are over.
func (b *Book) Publish(ctx context.Context, actor who.Actor, key string) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		switch {
		case err != nil:
			return err
		case m.State != Drafted:
			return fault.New(fault.Conflict, "meeting.no_draft")
		case tx.Now.Before(m.RemarksUntil()):
			return fault.New(fault.Conflict, "meeting.remarks_open", "date", m.RemarksUntil().In(zone).Format("2006-01-02 15:04"))
		}
		text, err := db.Get(ctx, tx, db.One[string], `SELECT text FROM meeting_minutes WHERE meeting = $1 ORDER BY n DESC LIMIT 1`, m.ID)
		if err != nil {
			return err
		}
		m.State, m.PublishedAt = Published, db.Time{Time: tx.Now}
		if err := m.save(ctx, tx); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.minutes_published", "", true, nil, map[string]string{"minutes": text})
	})
}

// Voice is what somebody said at a meeting or of its minutes.
type Voice struct {
	ID     string
	Type   string // comment, remark, correction
	Person string
	Name   string // who said it, as they want to be named; may be empty
	Sector string
	Text   string
	At     db.Time
}

func voiceFields(v *Voice) []any {
	return []any{&v.ID, &v.Type, &v.Person, &v.Name, &v.Sector, &v.Text, &v.At}
}

// VoicesOf returns what was said of one type, the oldest first.
func VoicesOf(ctx context.Context, tx *db.Tx, meeting, typ string) ([]Voice, error) {
	return db.List(ctx, tx, voiceFields, `SELECT id, type, person, name, sector, text, at FROM meeting_voice WHERE meeting = $1 AND type = $2 ORDER BY at, id`, meeting, typ)
}

func (v *Voice) add(ctx context.Context, tx *db.Tx, meeting string) error {
	var p fault.Fields
	p.Require("text", v.Text)
	p.MaxLen("text", v.Text, 5000)
	p.MaxLen("name", v.Name, 200)
	if v.Sector != "" && !slices.Contains(Sectors, v.Sector) {
		p.Add("sector", "fault.choice")
	}
	if err := p.Err(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO meeting_voice (id, meeting, type, person, name, sector, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id.Nth(tx.Now, tx.Next()), meeting, v.Type, v.Person, strings.TrimSpace(v.Name), v.Sector, v.Text, db.Time{Time: tx.Now})
	return err
}

// Collect keeps a comment that was made at a meeting, by whom or by which
// sector, as those who run it wrote it down.
func (b *Book) Collect(ctx context.Context, actor who.Actor, key string, v Voice) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if m.State == Cancelled || tx.Now.Before(m.Starts.Time) {
			return fault.New(fault.Conflict, "meeting.not_begun")
		}
		v.Type, v.Person = "comment", ""
		if v.Sector == "" {
			var p fault.Fields
			p.Add("sector", "fault.choice")
			return p.Err()
		}
		if err := v.add(ctx, tx, m.ID); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.comment_collected", "", true, nil, map[string]string{"sector": v.Sector, "text": v.Text})
	})
}

// Remark says what is wrong with the draft minutes. Those invited and those who
// came may, while the days for it last.
func (b *Book) Remark(ctx context.Context, actor who.Actor, key, text string) error {
	if !actor.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := Get(ctx, tx, key)
		if err != nil {
			return err
		}
		if may, err := b.MayReadDraft(ctx, tx, actor, m); err != nil || !may {
			if err == nil {
				err = fault.New(fault.Denied, "meeting.members_only")
			}
			return err
		}
		if m.State != Drafted || !tx.Now.Before(m.RemarksUntil()) {
			return fault.New(fault.Conflict, "meeting.remarks_over")
		}
		v := Voice{Type: "remark", Person: actor.ID, Name: actor.Name, Text: text}
		if err := v.add(ctx, tx, m.ID); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.remarked", "", false, nil, map[string]string{"text": text})
	})
}

// Correct appends a correction to adopted minutes, which stay as they are.
func (b *Book) Correct(ctx context.Context, actor who.Actor, key, text string) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if m.State != Published {
			return fault.New(fault.Conflict, "meeting.not_adopted")
		}
		v := Voice{Type: "correction", Text: text}
		if err := v.add(ctx, tx, m.ID); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.minutes_corrected", "", true, nil, map[string]string{"text": text})
	})
}

// MayReadDraft reports whether a reader sees draft minutes: those who write,
// those invited and those who came.
func (b *Book) MayReadDraft(ctx context.Context, tx *db.Tx, actor who.Actor, m Meeting) (bool, error) {
	if m.State == Published {
		return true, nil
	}
	if !actor.SignedIn() {
		return false, nil
	}
	if b.May(ctx, tx, actor, "meeting.write", m.Of, m.Org) == nil {
		return true, nil
	}
	if mine, err := b.IsInvited(ctx, tx, actor, m); err != nil || mine {
		return mine, err
	}
	came, err := AttendanceAt(ctx, tx, m.ID, db.Time{Time: tx.Now})
	return slices.ContainsFunc(came, func(a Attendance) bool { return a.Present && a.Person == actor.ID }), err
}

// Shown is something that was presented at a meeting, and how it stood that day.
type Shown struct {
	ID    string
	About record.Ref // may be empty
	Text  string
	At    db.Time
}

// ShownAt returns what was presented at a meeting, the oldest first.
func ShownAt(ctx context.Context, tx *db.Tx, meeting string) ([]Shown, error) {
	return db.List(ctx, tx, func(s *Shown) []any { return []any{&s.ID, &s.About.Kind, &s.About.ID, &s.Text, &s.At} },
		`SELECT id, kind, record, text, at FROM meeting_shown WHERE meeting = $1 ORDER BY at, id`, meeting)
}

// Present notes what was presented: a record, with where it stood. The text of a
// record may be left empty: then it is what its card says now.
func (b *Book) Present(ctx context.Context, actor who.Actor, key string, s Shown) error {
	return b.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := b.write(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if m.State == Cancelled || tx.Now.Before(m.Starts.Add(-time.Hour)) {
			return fault.New(fault.Conflict, "meeting.not_begun")
		}
		if s.About.Kind != "" {
			card, err := b.Kinds().One(ctx, tx, actor, s.About)
			if err != nil {
				return err
			}
			if s.Text == "" {
				s.Text = strings.Join([]string{card.Written, card.Summary}, ". ")
			}
			if err := record.Link(ctx, tx, actor, m.Ref(), "about", s.About); err != nil {
				return err
			}
		}
		var p fault.Fields
		p.Require("text", s.Text)
		p.MaxLen("text", s.Text, 5000)
		if err := p.Err(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO meeting_shown (id, meeting, kind, record, text, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id.Nth(tx.Now, tx.Next()), m.ID, s.About.Kind, s.About.ID, s.Text, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		return m.tell(ctx, tx, actor.ID, "meeting.presented", "", true, nil, map[string]any{"about": s.About, "text": s.Text})
	})
}
