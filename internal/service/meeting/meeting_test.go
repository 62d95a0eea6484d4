package meeting

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, who.Schema, record.Schema, Schema}

// room is a book with one body, "board:…", whose members are three seats.
type room struct {
	*Book
	t      *testing.T
	policy *who.Policy
	at     time.Time
}

var board = record.Ref{Kind: "board", ID: "01990000-0000-7000-8000-000000000001"}

func newRoom(t *testing.T, d *db.DB) *room {
	t.Helper()
	thing := record.Kind{Name: "board", Describe: func(_ context.Context, _ *db.Tx, _ who.Actor, ids []string) (cards []record.Card, err error) {
		for _, id := range ids {
			cards = append(cards, record.Card{Ref: record.Ref{Kind: "board", ID: id}, Title: "A board", Org: "ministry", Public: true})
		}
		return cards, nil
	}}
	kinds, err := record.NewRegistry(thing, Record)
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, policy: who.MustPolicy(append(Rules, record.Rules...)...), at: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)}
	r.Book = &Book{DB: d, Kinds: func() *record.Registry { return kinds }, Base: func() string { return "https://open.example" }, Hosts: map[string]Host{"board": {
		May: func(_ context.Context, _ *db.Tx, actor who.Actor, action, _ string) error {
			if actor.ID == "chair" {
				return nil
			}
			return actor.Must(action, who.In("ministry"))
		},
		Members: func(context.Context, *db.Tx, string, db.Time) ([]Invited, error) {
			return []Invited{
				{Name: "Ministry", Person: "chair", Sector: "government", Seat: "s1"},
				{Name: "Youth group", Org: "youth", Sector: "civil_society", District: "BZ-CY", Seat: "s2"},
				{Name: "Farmers", Person: "fay", Sector: "civil_society", Seat: "s3"},
			}, nil
		},
	}}}
	d.SetClock(func() time.Time { return r.at })
	return r
}

func (r *room) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	switch name {
	case "clerk":
		a.Grants = []who.Grant{{Role: who.Official, Org: "ministry"}}
	case "yan":
		a.Grants = []who.Grant{{Role: who.Member, Org: "youth"}}
	case "":
		return who.Nobody(r.policy)
	}
	return who.As(r.policy, a)
}

func (r *room) ok(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// announce makes a meeting that begins after some days.
func (r *room) announce(days int, change func(*Meeting)) Meeting {
	r.t.Helper()
	m := Meeting{Of: board, Title: "Spring meeting", Venue: "Town hall", District: "BZ-CY", Link: "https://meet.example/x"}
	m.Starts = db.Time{Time: r.at.AddDate(0, 0, days)}
	m.Ends = db.Time{Time: m.Starts.Add(2 * time.Hour)}
	m.Agenda.V = []Item{{Title: "Roads"}, {Title: "Schools", Kind: "decision", Minutes: 30}}
	if change != nil {
		change(&m)
	}
	m, err := r.Announce(r.t.Context(), r.as("chair"), m)
	r.ok(err)
	return m
}

func (r *room) get(key string) (m Meeting) {
	r.t.Helper()
	r.ok(r.DB.View(r.t.Context(), func(tx *db.Tx) (err error) { m, err = Get(r.t.Context(), tx, key); return err }))
	return m
}

func (r *room) invited(key string) (list []Invited) {
	r.t.Helper()
	r.ok(r.DB.View(r.t.Context(), func(tx *db.Tx) (err error) { list, err = InvitedTo(r.t.Context(), tx, key); return err }))
	return list
}

func (r *room) facts(asOf time.Time) (f []Fact) {
	r.t.Helper()
	r.ok(r.DB.View(r.t.Context(), func(tx *db.Tx) (err error) { f, err = Facts(r.t.Context(), tx, board, db.Time{Time: asOf}); return err }))
	return f
}

func (r *room) verbs(key string) (out []string) {
	r.t.Helper()
	r.ok(activity.NewLog(r.DB, slog.New(slog.DiscardHandler)).Drain(r.t.Context()))
	r.ok(r.DB.View(r.t.Context(), func(tx *db.Tx) error {
		es, err := activity.List(r.t.Context(), tx, activity.Filter{Kind: "meeting", Record: key, Private: true}, 100)
		for _, e := range es {
			out = append(out, strings.TrimPrefix(e.Verb, "meeting."))
		}
		return err
	}))
	slices.Reverse(out)
	return out
}

func wants(t *testing.T, err error, key string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("want %s, got %v", key, err)
	}
}

// TestLife follows a meeting from its notice to its corrected minutes, and what
// the monitor knew at each moment.
func TestLife(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		_, err := r.Announce(ctx, r.as("yan"), Meeting{Of: board, Title: "x", Venue: "y"})
		wants(t, err, "who.denied")
		_, err = r.Announce(ctx, r.as("chair"), Meeting{Of: board})
		wants(t, err, "title=fault.required")
		far := db.Time{Time: r.at.AddDate(7000, 0, 0)}
		_, err = r.Announce(ctx, r.as("chair"), Meeting{Of: board, Title: "Far", Purpose: Purposes[0], Venue: "y", Lang: "en", Starts: far, Ends: db.Time{Time: far.Add(time.Hour)}})
		wants(t, err, "starts=fault.too_far")
		m := r.announce(3, nil)
		if !m.ShortNotice(r.at) {
			t.Error("three days are notice enough")
		}
		wants(t, r.Cancel(ctx, r.as("chair"), m.ID, ""), "fault.required")
		_, err = r.Hold(ctx, r.as("chair"), m.ID)
		wants(t, err, "meeting.not_begun")
		r.at = m.Starts.Add(time.Hour)
		_, err = r.Hold(ctx, r.as("chair"), m.ID)
		wants(t, err, "meeting.nobody_there")
		who3 := r.invited(m.ID)
		here := []Attendance{{Subject: who3[0].ID, Present: true}, {Subject: who3[2].ID, Present: true, Mode: "online"}, {Name: "A guest", Sector: "media", Part: "observer", Present: true}}
		wants(t, r.Record(ctx, r.as("yan"), m.ID, here), "who.denied")
		r.ok(r.Record(ctx, r.as("clerk"), m.ID, here))
		r.ok(r.Record(ctx, r.as("clerk"), m.ID, here[:2])) // says nothing new
		r.at = r.at.Add(time.Minute)
		r.ok(r.Present(ctx, r.as("clerk"), m.ID, Shown{About: board}))
		r.at = r.at.Add(time.Minute)
		r.ok(r.Collect(ctx, r.as("clerk"), m.ID, Voice{Text: "Too slow", Sector: "civil_society"}))
		before := r.at
		r.at = r.at.Add(time.Hour)
		held, err := r.Hold(ctx, r.as("chair"), m.ID)
		r.ok(err)
		if c := held.Count.V; held.Quorate != "quorate" || c.Base != 3 || c.Present != 2 || c.Came != 3 {
			t.Errorf("held: %s %+v", held.Quorate, c)
		}
		_, err = r.Edit(ctx, r.as("chair"), held)
		wants(t, err, "meeting.not_announced")
		if f := r.facts(before); len(f) != 0 {
			t.Errorf("known before it was noted: %+v", f)
		}
		f := r.facts(r.at)
		if len(f) != 1 || f[0].Members["civil_society"] != 1 || f[0].Others["media"] != 1 || !f[0].Presented || f[0].Comments != 1 || !f[0].Minutes.IsZero() {
			t.Errorf("facts: %+v", f)
		}
		r.corrected(m, here[1])
		r.minuted(m)
		want := "announced attendance_recorded record.linked presented comment_collected held attendance_corrected minutes_drafted minutes_drafted remarked minutes_published minutes_corrected"
		if got := strings.Join(r.verbs(m.ID), " "); got != want {
			t.Errorf("log:\n%s, want\n%s", got, want)
		}
	}, schemas...)
}

// corrected takes a member out of the attendance afterwards.
func (r *room) corrected(m Meeting, a Attendance) {
	t, ctx := r.t, r.t.Context()
	then := r.at
	r.at = r.at.Add(24 * time.Hour)
	a.Present = false
	wants(t, r.Record(ctx, r.as("clerk"), m.ID, []Attendance{a}), "reason=fault.required")
	a.Reason = "She had left before it began"
	r.ok(r.Record(ctx, r.as("clerk"), m.ID, []Attendance{a}))
	if f := r.facts(then); f[0].Members["civil_society"] != 1 {
		t.Errorf("a correction reaches back: %+v", f)
	}
	if f := r.facts(r.at); f[0].Members["civil_society"] != 0 {
		t.Errorf("the correction is not known: %+v", f)
	}
}

// minuted drafts, remarks on, publishes and corrects the minutes.
func (r *room) minuted(m Meeting) {
	t, ctx := r.t, r.t.Context()
	wants(t, r.Publish(ctx, r.as("chair"), m.ID), "meeting.no_draft")
	r.at = m.Ends.Add(8 * 24 * time.Hour)
	if m := r.get(m.ID); m.Late(r.at) != "draft" {
		t.Error("the draft is not late after 8 days")
	}
	r.ok(r.Draft(ctx, r.as("chair"), m.ID, "We met.", 0))
	if err := r.Draft(ctx, r.as("clerk"), m.ID, "We met, I say.", 0); !errors.Is(err, db.ErrConflict) {
		t.Errorf("two drafts at once: %v", err)
	}
	r.at = r.at.Add(time.Minute)
	r.ok(r.Draft(ctx, r.as("clerk"), m.ID, "We met and agreed.", 1))
	r.at = r.at.Add(time.Minute)
	wants(t, r.Remark(ctx, r.as("stranger"), m.ID, "No"), "meeting.members_only")
	r.ok(r.Remark(ctx, r.as("yan"), m.ID, "We did not agree"))
	wants(t, r.Publish(ctx, r.as("chair"), m.ID), "meeting.remarks_open")
	wants(t, r.Correct(ctx, r.as("chair"), m.ID, "x"), "meeting.not_adopted")
	r.at = r.at.Add(RemarkDays * 24 * time.Hour)
	wants(t, r.Remark(ctx, r.as("yan"), m.ID, "Late"), "meeting.remarks_over")
	if m := r.get(m.ID); m.Late(r.at) != "publish" {
		t.Error("publishing is not late after 15 days")
	}
	r.ok(r.Publish(ctx, r.as("chair"), m.ID))
	published := r.at
	r.at = r.at.Add(time.Minute)
	wants(t, r.Draft(ctx, r.as("chair"), m.ID, "Other", 2), "meeting.adopted")
	r.ok(r.Correct(ctx, r.as("chair"), m.ID, "It was a Tuesday"))
	if f := r.facts(r.at); !f[0].Minutes.Equal(published) {
		t.Errorf("minutes: %+v", f)
	}
}

// TestGuests fills the places, lets others wait, and has them move up in order.
func TestGuests(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		shut := r.announce(9, nil)
		_, err := r.Register(ctx, r.as("ann"), shut.ID, "media", "")
		wants(t, err, "meeting.no_guests")
		m := r.announce(9, func(m *Meeting) { m.Guests, m.Capacity = true, 1 })
		for i, name := range []string{"ann", "ben", "cas", "ann"} {
			r.at = r.at.Add(time.Minute)
			g, err := r.Register(ctx, r.as(name), m.ID, "media", "")
			if r.ok(err); (g.State == "confirmed") != (name == "ann") {
				t.Errorf("%d %s: %s", i, name, g.State)
			}
		}
		_, err = r.Register(ctx, r.as(""), m.ID, "media", "")
		if fault.KindOf(err) != fault.SignIn {
			t.Errorf("nobody registers: %v", err)
		}
		r.ok(r.Unregister(ctx, r.as("ann"), m.ID))
		if who, _ := r.guests(m.ID); who != "ben cas*1" {
			t.Errorf("after a cancellation: %s", who)
		}
		g, err := r.Register(ctx, r.as("ann"), m.ID, "media", "") // at the end now
		if r.ok(err); g.State != "waiting" {
			t.Errorf("again: %+v", g)
		}
		m = r.get(m.ID)
		m.Capacity = 2
		_, err = r.Edit(ctx, r.as("clerk"), m)
		r.ok(err)
		if who, _ := r.guests(m.ID); who != "ben cas ann*1" {
			t.Errorf("after more places: %s", who)
		}
		if n := slices.Index(r.verbs(m.ID), "promoted"); n < 0 {
			t.Error("nobody is told")
		}
		r.link(m)
	}, schemas...)
}

func (r *room) guests(key string) (string, error) {
	var out []string
	err := r.DB.View(r.t.Context(), func(tx *db.Tx) error {
		gs, err := GuestsOf(r.t.Context(), tx, key)
		for _, g := range gs {
			name := g.Person
			if g.Place > 0 {
				name += "*" + string(rune('0'+g.Place))
			}
			out = append(out, name)
		}
		return err
	})
	return strings.Join(out, " "), err
}

// link shows who sees the link: members, guests with a place, those who run it.
func (r *room) link(m Meeting) {
	for name, want := range map[string]bool{"": false, "zoe": false, "ann": false, "ben": true, "yan": true, "fay": true, "clerk": true} {
		var may bool
		r.ok(r.DB.View(r.t.Context(), func(tx *db.Tx) (err error) { may, err = r.MayJoin(r.t.Context(), tx, r.as(name), m); return err }))
		if may != want {
			r.t.Errorf("%q sees the link: %v", name, may)
		}
	}
}

func TestCheckIn(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		m := r.announce(9, nil)
		wants(t, r.CheckIn(ctx, r.as("fay"), m.ID, m.Code), "meeting.doors_shut")
		r.at = m.Starts.Add(-30 * time.Minute)
		wants(t, r.CheckIn(ctx, r.as("fay"), m.ID, "NOPE"), "meeting.wrong_code")
		for range 2 {
			r.ok(r.CheckIn(ctx, r.as("fay"), m.ID, " "+strings.ToLower(m.Code[:3])+" "+m.Code[3:]))
		}
		r.ok(r.CheckIn(ctx, r.as("yan"), m.ID, m.Code))
		r.ok(r.CheckIn(ctx, r.as("zoe"), m.ID, m.Code))
		r.ok(d.View(ctx, func(tx *db.Tx) error {
			c, err := r.CountOf(ctx, tx, m)
			if c.Present != 2 || c.Came != 3 || c.Quorate {
				t.Errorf("count: %+v", c)
			}
			return err
		}))
		var kept any
		r.ok(d.Update(ctx, func(tx *db.Tx) (err error) {
			if kept, err = Personal.Export(ctx, tx, "zoe"); err != nil {
				return err
			}
			return Personal.Erase(ctx, tx, "zoe")
		}))
		if kept == nil {
			t.Error("zoe takes nothing along")
		}
		r.ok(d.View(ctx, func(tx *db.Tx) error {
			kept, err := Personal.Export(ctx, tx, "zoe")
			as, _ := AttendanceAt(ctx, tx, m.ID, db.Time{Time: r.at})
			if kept != nil || len(as) != 3 || strings.Contains(as[0].Name+as[1].Name+as[2].Name, "zoe") {
				t.Errorf("left of zoe: %v %+v", kept, as)
			}
			return err
		}))
	}, schemas...)
}

// TestDueDaysBeginAtMidnightInBelize: a week before and on the day, by the people's
// clock: at 18:00 it is tomorrow in UTC, and nobody is told yet.
func TestDueDaysBeginAtMidnightInBelize(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		m := r.announce(9, nil)
		r.at = m.Starts.Time
		due := m.Starts.In(zone).AddDate(0, 0, 20)
		_, err := r.Agree(ctx, r.as("clerk"), m.ID, Action{Text: "Mend it", Person: "fay", Name: "Fay", Due: due.Format(time.DateOnly)})
		r.ok(err)
		jobs, err := job.NewRunner(d, slog.New(slog.DiscardHandler), "test", r.Jobs(), Schedules())
		r.ok(err)
		for _, x := range []struct {
			days, hour, minute int // after midnight of the day it is due
			told               int
		}{{-8, 18, 1, 0}, {-8, 23, 59, 0}, {-7, 0, 1, 1}, {-1, 18, 1, 1}, {-1, 23, 59, 1}, {0, 0, 1, 2}, {0, 23, 59, 2}} {
			r.at = time.Date(due.Year(), due.Month(), due.Day()+x.days, x.hour, x.minute, 0, 0, zone)
			r.ok(jobs.Drain(ctx))
			if got := strings.Count(strings.Join(r.verbs(m.ID), " "), "action_due"); got != x.told {
				t.Errorf("%d days after, at %02d:%02d: told %d times, want %d", x.days, x.hour, x.minute, got, x.told)
			}
		}
	}, schemas...)
}

func TestActionsAndReminders(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		m := r.announce(9, nil)
		_, err := r.Agree(ctx, r.as("clerk"), m.ID, Action{Text: "Mend it", Name: "Works", Due: "2026-04-20"})
		wants(t, err, "meeting.not_begun")
		jobs, err := job.NewRunner(d, slog.New(slog.DiscardHandler), "test", r.Jobs(), Schedules())
		r.ok(err)
		run := func(at time.Time) {
			t.Helper()
			r.at = at
			r.ok(jobs.Drain(ctx))
		}
		run(r.at)
		run(m.Starts.Add(-47 * time.Hour))
		run(m.Starts.Add(-40 * time.Hour))
		r.at = m.Starts.Time
		_, err = r.Agree(ctx, r.as("clerk"), m.ID, Action{Text: "Mend it", Due: "soon"})
		wants(t, err, "owner=meeting.need_owner due=fault.date")
		a, err := r.Agree(ctx, r.as("clerk"), m.ID, Action{Text: "Mend it", Person: "fay", Name: "Fay", Due: "2026-04-20"})
		r.ok(err)
		for _, day := range []string{"2026-04-12", "2026-04-13", "2026-04-14", "2026-04-20", "2026-04-21"} {
			at, _ := time.ParseInLocation(time.DateOnly, day, zone)
			run(at.Add(9 * time.Hour))
		}
		if got := strings.Join(r.verbs(m.ID), " "); got != "announced near action_agreed action_due action_due" {
			t.Errorf("log: %s", got)
		}
		wants(t, r.Settle(ctx, r.as("zoe"), a.ID, "done", "", 1), "who.denied")
		wants(t, r.Settle(ctx, r.as("fay"), a.ID, "dropped", "no", 1), "who.denied")
		wants(t, r.Settle(ctx, r.as("clerk"), a.ID, "dropped", "", 1), "reason=fault.required")
		r.ok(r.Settle(ctx, r.as("fay"), a.ID, "done", "", 1))
		if err := r.Settle(ctx, r.as("clerk"), a.ID, "open", "", 1); !errors.Is(err, db.ErrConflict) {
			t.Errorf("over another's: %v", err)
		}
		r.ok(d.View(ctx, func(tx *db.Tx) error {
			es, err := activity.List(ctx, tx, activity.Filter{Kind: "meeting", Verb: "meeting.near", Private: true}, 1)
			people, err2 := everybody(ctx, tx, es[0])
			due, _ := activity.List(ctx, tx, activity.Filter{Kind: "meeting", Verb: "meeting.action_due", Private: true}, 1)
			one, err3 := named(ctx, tx, due[0])
			slices.Sort(people)
			if strings.Join(people, " ") != "chair fay" || strings.Join(one, " ") != "fay" {
				t.Errorf("told: %v %v", people, one)
			}
			return errors.Join(err, err2, err3)
		}))
	}, schemas...)
}

// TestCalendar reads back what was written: one UID, a rising sequence, lines
// that fold between letters, a cancelled meeting that stays.
func TestCalendar(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		words := i18n.NewCatalog()
		r.ok(errors.Join(words.Add("meeting", Words), words.Add("geo", geo.Words)))
		m := r.announce(9, func(m *Meeting) { m.Title = strings.Repeat("Ñandú Garífuna; reunión, ", 5) })
		read := func() *ics.VEvent {
			t.Helper()
			text := Calendar(words.For("es"), "Reuniones", "https://open.example", []Meeting{r.get(m.ID)})
			for line := range strings.SplitSeq(text, "\r\n") {
				if len(line) > 75 || !utf8.ValidString(line) || strings.Contains(line, "\n") {
					t.Errorf("folded wrong: %d octets %q", len(line), line)
				}
			}
			if strings.Contains(text, "meet.example") {
				t.Error("the link is in the public calendar")
			}
			cal, err := ics.ParseCalendar(bytes.NewReader([]byte(text)))
			if err != nil || len(cal.Events()) != 1 {
				t.Fatalf("%v\n%s", err, text)
			}
			return cal.Events()[0]
		}
		value := func(e *ics.VEvent, p ics.ComponentProperty) string { return e.GetProperty(p).Value }
		e := read()
		if start, err := e.GetStartAt(); err != nil || !start.Equal(m.Starts.Time) || ics.FromText(value(e, ics.ComponentPropertySummary)) != strings.Join(strings.Fields(m.Title), " ") {
			t.Errorf("%v %v\n%q", start, err, value(e, ics.ComponentPropertySummary))
		}
		uid, n := e.Id(), value(e, ics.ComponentPropertySequence)
		m = r.get(m.ID)
		m.Starts, m.Ends = db.Time{Time: m.Starts.Add(time.Hour)}, db.Time{Time: m.Ends.Add(time.Hour)}
		_, err := r.Edit(ctx, r.as("chair"), m)
		r.ok(err)
		e = read()
		if e.Id() != uid || n != "0" || value(e, ics.ComponentPropertySequence) != "1" || value(e, ics.ComponentPropertyStatus) != "CONFIRMED" {
			t.Errorf("moved: %s %s", e.Id(), value(e, ics.ComponentPropertySequence))
		}
		r.ok(r.Cancel(ctx, r.as("chair"), m.ID, "A storm"))
		if e = read(); e.Id() != uid || value(e, ics.ComponentPropertySequence) != "2" || value(e, ics.ComponentPropertyStatus) != "CANCELLED" {
			t.Errorf("cancelled: %s", value(e, ics.ComponentPropertyStatus))
		}
		r.ok(d.View(ctx, func(tx *db.Tx) error {
			coming, _, err := List(ctx, tx, Filter{Of: board, District: "BZ-CY", Purpose: "regular", Now: db.Time{Time: r.at}}, "", 10)
			past, _, err2 := List(ctx, tx, Filter{Past: true, Now: db.Time{Time: r.at}}, "", 10)
			if len(coming) != 1 || len(past) != 0 {
				t.Errorf("lists: %d %d", len(coming), len(past))
			}
			return errors.Join(err, err2)
		}))
	}, schemas...)
}

// TestQuorum compares the count with its definition: more than half of the seats
// that are not recused, and of each sector at least a third.
func TestQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seats := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Seat {
			return Seat{Sector: rapid.SampledFrom(Sectors[:4]).Draw(t, "sector"), Present: rapid.Bool().Draw(t, "present"), Recused: rapid.Bool().Draw(t, "recused")}
		}), 0, 20).Draw(t, "seats")
		c := DefaultQuorum.Of(seats)
		base, present := map[string]int{}, map[string]int{}
		for _, s := range seats {
			if s.Recused {
				continue
			}
			base[s.Sector]++
			base[""]++
			if s.Present {
				present[s.Sector]++
				present[""]++
			}
		}
		want := 2*present[""] > base[""]
		for _, s := range Sectors {
			want = want && 3*present[s] >= base[s]
		}
		if c.Quorate != want || c.Base != base[""] || c.Base+c.Recused != len(seats) {
			t.Fatalf("%+v, want %v of %+v", c, want, seats)
		}
		// A recused member changes nothing by being there.
		for i := range seats {
			seats[i].Present = seats[i].Present != seats[i].Recused
		}
		if DefaultQuorum.Of(seats).Quorate != c.Quorate {
			t.Fatal("a recused member counts")
		}
	})
}
