package forum

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/job"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, who.Schema, org.Schema, record.Schema, meeting.Schema, ballot.Schema, Schema}

// square is a country with a few organisations and one forum.
type square struct {
	*Forums
	t      *testing.T
	policy *who.Policy
	log    *activity.Log
	at     time.Time
	orgs   map[string]string
	f      Forum
	seats  map[string]string
	terms  map[string]string
}

func newSquare(t *testing.T, d *db.DB) *square {
	t.Helper()
	rules := append(append(append(append(append([]who.Rule{}, Rules...), ballot.Rules...), meeting.Rules...), record.Rules...), org.Rules...)
	q := &square{t: t, policy: who.MustPolicy(rules...), at: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC), orgs: map[string]string{}, seats: map[string]string{}, terms: map[string]string{}}
	office := &ballot.Office{DB: d, Hosts: BallotHosts()}
	kinds, err := record.NewRegistry(append(Kinds(), org.Record, meeting.Record, office.Kind())...)
	q.ok(err)
	reg := func() *record.Registry { return kinds }
	base := func() string { return "https://open.example" }
	book := &meeting.Book{DB: d, Kinds: reg, Hosts: map[string]meeting.Host{"forum": MeetingHost()}, Base: base}
	q.Forums = &Forums{DB: d, Kinds: reg, Book: book, Ballots: office, Base: base}
	q.log = activity.NewLog(d, slog.New(slog.DiscardHandler), q.Listener())
	d.SetClock(func() time.Time { return q.at })
	q.drain()
	for name, kind := range map[string]org.Kind{"works": org.National, "health": org.National, "reef": org.CivilSociety, "youth": org.CivilSociety, "farm": org.CivilSociety, "guild": org.CivilSociety, "uni": org.Academia} {
		o, err := org.Create(t.Context(), d, who.System(q.policy, "test"), org.Change{Kind: kind, Name: name})
		q.ok(err)
		q.orgs[name] = o.ID
	}
	q.f, err = Create(t.Context(), d, q.as("sec"), Forum{Org: q.orgs["works"], Name: "National forum", National: true})
	q.ok(err)
	return q
}

func (q *square) ok(err error) {
	q.t.Helper()
	if err != nil {
		q.t.Fatal(err)
	}
}

func (q *square) drain() {
	q.t.Helper()
	q.ok(q.log.Drain(q.t.Context()))
}

// as returns an actor: "sec" serves the site, "reef.x" belongs to reef; others
// hold no role.
func (q *square) as(name string) who.Actor {
	a := who.Actor{ID: name, Name: name, Level: who.L3, Strong: true}
	if name == "sec" {
		a.Grants = []who.Grant{{Role: who.Secretariat}}
	}
	if of, _, ok := strings.Cut(name, "."); ok {
		a.Grants = []who.Grant{{Role: who.Member, Org: q.orgs[of]}}
	}
	return who.As(q.policy, a)
}

func wants(t *testing.T, err error, key string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("want %s, got %v", key, err)
	}
}

// sit adds a seat and gives it to an organisation and person, for days days.
func (q *square) sit(name, sector, of, person string, chair bool, days int) {
	q.t.Helper()
	s, err := AddSeat(q.t.Context(), q.DB, q.as("sec"), q.f.ID, Seat{Name: name, Sector: sector, Chair: chair})
	q.ok(err)
	t := Term{Seat: s.ID, Org: q.orgs[of], Person: person, Name: "Member of " + of, Starts: q.day(0), Filled: "appointment", Instrument: "Letter 1"}
	if days > 0 {
		t.Ends = q.day(days)
	}
	t, err = Appoint(q.t.Context(), q.DB, q.as("sec"), q.f.ID, t)
	q.ok(err)
	q.seats[name], q.terms[name] = s.ID, t.ID
}

func (q *square) day(n int) string {
	return q.at.In(zone).AddDate(0, 0, n).Format(time.DateOnly)
}

// seated gives the forum two seats of government, two of civil society and one of
// academia, and establishes it.
func (q *square) seated() {
	q.t.Helper()
	ctx := q.t.Context()
	q.sit("g1", "government", "works", "gina", false, 0)
	q.sit("g2", "government", "health", "gus", false, 30)
	q.sit("c1", "civil_society", "reef", "cora", true, 0)
	q.sit("c2", "civil_society", "youth", "cal", false, 0)
	q.sit("a1", "academia", "uni", "ada", false, 0)
	in := q.f
	in.Instrument, in.Document, in.Date = "Cabinet decision 7", "https://example.org/7", "2026-02-01"
	f, err := Edit(ctx, q.DB, q.as("sec"), in)
	q.ok(err)
	q.ok(Establish(ctx, q.DB, q.as("sec"), f.ID))
}

// TestEstablish checks SEED-44, SEED-69 and SEED-60.
func TestEstablish(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		_, err := Create(ctx, d, q.as("cora"), Forum{Name: "x", Org: "y"})
		wants(t, err, "who.denied")
		wants(t, Establish(ctx, d, q.as("sec"), q.f.ID), "instrument=fault.required document=fault.required date=fault.required")
		q.seated()
		second, err := Create(ctx, d, q.as("sec"), Forum{Org: q.orgs["health"], Name: "Another", National: true, Instrument: "Y", Document: "https://example.org/y", Date: "2026-02-02"})
		q.ok(err)
		if err := Establish(ctx, d, q.as("sec"), second.ID); fault.KindOf(err) != fault.Conflict {
			t.Errorf("two national mechanisms: %v", err)
		}
		q.ok(d.View(ctx, func(tx *db.Tx) error {
			members, err := MembersOn(ctx, tx, q.f.ID, q.day(0))
			seats, err2 := SeatsOf(ctx, tx, q.f.ID)
			c := Composition(seats, members)
			if len(c) != 5 || c[0] != (Share{"government", 2, 2}) || c[2] != (Share{"private", 0, 0}) {
				t.Errorf("composition: %+v", c)
			}
			q.ok(err2)
			return err
		}))
		q.ok(PublishRules(ctx, d, q.as("cora"), q.f.ID, "# Rules", "")) // a co-chair of civil society
		wants(t, PublishRules(ctx, d, q.as("gina"), q.f.ID, "# Rules", ""), "who.denied")
		wants(t, Dissolve(ctx, d, q.as("cora"), q.f.ID, "Tired"), "who.denied")
		q.facts()
	}, schemas...)
}

// facts ends a term and asks what was known before.
func (q *square) facts() {
	t, ctx := q.t, q.t.Context()
	before := q.at
	q.at = q.at.AddDate(0, 0, 10)
	q.ok(End(ctx, q.DB, q.as("sec"), q.f.ID, q.terms["a1"], "She resigned"))
	q.ok(q.DB.View(ctx, func(tx *db.Tx) error {
		then, err := Facts(ctx, tx, q.f.ID, db.Time{Time: before})
		now, err2 := Facts(ctx, tx, q.f.ID, db.Time{Time: q.at})
		early, err3 := Facts(ctx, tx, q.f.ID, db.Time{Time: before.Add(-time.Second)})
		if len(then.Terms) != 5 || len(now.Terms) != 5 || len(now.Rules) != 1 || then.Established.IsZero() || len(early.Terms) != 0 || !early.Established.IsZero() {
			t.Fatalf("known: %+v\n%+v\n%+v", early, then, now)
		}
		for i, x := range now.Terms {
			if ended := x.Sector == "academia"; ended != (x.To != then.Terms[i].To) || ended && x.To != q.day(0) {
				t.Errorf("%s: %s, then %s", x.Sector, x.To, then.Terms[i].To)
			}
		}
		q.ok(err2)
		q.ok(err3)
		return err
	}))
	q.at = q.at.AddDate(0, 0, 20)
	q.ok(q.DB.View(ctx, func(tx *db.Tx) error {
		seats, _ := SeatsOf(ctx, tx, q.f.ID)
		terms, err := TermsOf(ctx, tx, q.f.ID)
		if v := Vacancies(seats, terms, q.day(0)); len(v) != 1 || v[0].Seat.Name != "a1" || v[0].Left != FillDays-19 {
			t.Errorf("vacancies: %+v", v)
		}
		return err
	}))
}

// TestParity is T7.5: the breach of parity is found.
func TestParity(t *testing.T) {
	for _, x := range []struct {
		gov, cs, other int
		want           string
	}{{0, 0, 0, ""}, {2, 2, 0, ""}, {2, 1, 0, ""}, {3, 1, 0, "parity"}, {1, 3, 0, "parity"}, {3, 1, 3, "civil_society"}, {4, 2, 2, ""}} {
		if got := (Balance{x.gov, x.cs + x.other, x.cs}).Breach(); got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
	}
}

// meet holds a meeting of the forum at which some seats are present.
func (q *square) meet(present ...string) meeting.Meeting {
	q.t.Helper()
	ctx := q.t.Context()
	m := meeting.Meeting{Of: q.f.Ref(), Title: "Sitting", Venue: "Hall", Starts: db.Time{Time: q.at.AddDate(0, 0, 9)}, Ends: db.Time{Time: q.at.AddDate(0, 0, 9).Add(time.Hour)}}
	m.Agenda.V = []meeting.Item{{Title: "All"}}
	m, err := q.Book.Announce(ctx, q.as("cora"), m)
	q.ok(err)
	q.at = m.Starts.Time
	q.ok(q.DB.Update(ctx, func(tx *db.Tx) error {
		list, err := meeting.InvitedTo(ctx, tx, m.ID)
		var as []meeting.Attendance
		for _, i := range list {
			for _, name := range present {
				if i.Seat == q.seats[name] {
					as = append(as, meeting.Attendance{Subject: i.ID, Present: true})
				}
			}
		}
		q.ok(err)
		return q.Book.RecordIn(ctx, tx, q.as("cora"), m.ID, as)
	}))
	return m
}

func (q *square) propose(m meeting.Meeting, title string) Motion {
	q.t.Helper()
	x, err := q.Propose(q.t.Context(), q.as("cora"), q.f.ID, Motion{Title: title, Text: "We decide", Meeting: m.ID})
	q.ok(err)
	return x
}

func (q *square) stand(x Motion, seat, stand string) {
	q.t.Helper()
	q.ok(q.Stand(q.t.Context(), q.as("cora"), x.ID, Position{Term: q.terms[seat], Stand: stand, Reason: "Because"}))
}

func (q *square) table(x Motion) (t Table) {
	q.t.Helper()
	q.ok(q.DB.View(q.t.Context(), func(tx *db.Tx) (err error) { t, err = TableOf(q.t.Context(), tx, x); return err }))
	return t
}

func (q *square) motion(x Motion) (m Motion) {
	q.t.Helper()
	q.ok(q.DB.View(q.t.Context(), func(tx *db.Tx) (err error) { m, err = Decision(q.t.Context(), tx, x.ID); return err }))
	return m
}

// TestConsensus: silence is not consent, an objection is none, a recused member
// is out of count and base (T7.2), an ended term is too (T7.3).
func TestConsensus(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		m := q.meet("g1", "c1", "c2", "a1")
		x := q.propose(m, "Publish the budget")
		wants(t, q.Agree(ctx, q.as("gina"), x.ID), "who.denied")
		wants(t, q.Agree(ctx, q.as("cora"), x.ID), "forum.silent")
		for _, s := range []string{"g1", "c1", "c2"} {
			q.stand(x, s, "agree")
		}
		q.stand(x, "a1", "object")
		wants(t, q.Agree(ctx, q.as("cora"), x.ID), "forum.objection")
		wants(t, q.Stand(ctx, q.as("ada"), x.ID, Position{Term: q.terms["g1"], Stand: "agree"}), "who.denied")
		q.ok(q.Stand(ctx, q.as("ada"), x.ID, Position{Term: q.terms["a1"], Stand: "aside"}))
		before := q.table(x).Count
		q.ok(q.Stand(ctx, q.as("ada"), x.ID, Position{Term: q.terms["a1"], Stand: "recused", Reason: "My own project"}))
		after := q.table(x).Count
		if before.Base != 5 || before.Present != 4 || after.Base != 4 || after.Present != 3 || after.Recused != 1 {
			t.Errorf("T7.2: %+v, then %+v", before, after)
		}
		q.ok(q.Agree(ctx, q.as("cora"), x.ID))
		if x = q.motion(x); x.State != "adopted" || x.Way != "consensus" || x.Count.V.Base != 4 || x.Number != 1 {
			t.Errorf("decision: %+v", x)
		}
		wants(t, q.Agree(ctx, q.as("cora"), x.ID), "forum.decided")
		q.ok(q.Stand(ctx, q.as("cal"), x.ID, Position{Term: q.terms["c2"], Stand: "object", Reason: "On reflection"})) // dissent stays possible
		q.ok(q.Declare(ctx, q.as("ada"), q.f.ID, Interest{Term: q.terms["a1"], Text: "My university builds roads"}))
		wants(t, q.Declare(ctx, q.as("ada"), q.f.ID, Interest{Term: q.terms["g1"], Text: "x"}), "who.denied")
		z := q.propose(m, "For one side alone")
		for _, s := range []string{"c1", "c2"} {
			q.stand(z, s, "recused")
		}
		for _, s := range []string{"g1", "a1"} {
			q.stand(z, s, "agree")
		}
		wants(t, q.Agree(ctx, q.as("cora"), z.ID), "forum.one_sided")
		y := q.propose(m, "A second matter")
		if q.table(y).Count.Base != 5 {
			t.Error("a recusal reaches another matter")
		}
		own := q.propose(m, "A matter of her own")
		q.ok(q.Declare(ctx, q.as("ada"), q.f.ID, Interest{Term: q.terms["a1"], Decision: own.ID, Text: "My brother sells the gravel"}))
		if c := q.table(own); c.Count.Base != 4 || c.Count.Recused != 1 || c.Positions[q.terms["a1"]].Reason != "My brother sells the gravel" {
			t.Errorf("an interest in a matter recuses: %+v", c.Count)
		}
		q.at = q.at.AddDate(0, 0, 30) // g2's term is over
		if c := q.table(y).Count; c.Base != 4 {
			t.Errorf("T7.3: %+v", c)
		}
	}, schemas...)
}

// cast hands in a vote of a person, or for an organisation.
func (q *square) cast(poll, actor, voter, choice string) error {
	token := ""
	if voter != actor {
		token = ballot.NewToken()
	}
	_, err := q.Ballots.Cast(q.t.Context(), q.as(actor), ballot.Vote{Poll: poll, Voter: voter, Choices: []string{choice}, Token: token})
	return err
}

// finish takes a poll to its final result and lets the forum hear of it.
func (q *square) finish(poll ballot.Poll) {
	q.t.Helper()
	for _, at := range []time.Time{poll.Closes.Time, poll.Closes.Add(73 * time.Hour)} {
		q.at = at
		q.ok(q.Ballots.Advance(q.t.Context(), poll.ID))
		q.drain()
	}
}

// TestVote is T7.1 and T7.3: a vote that passes overall and fails in one bloc is
// not adopted; an ended term does not vote.
func TestVote(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		m := q.meet("g1", "g2", "c1", "c2", "a1")
		for _, want := range []string{"rejected", "adopted"} {
			x := q.propose(m, "Vote that is "+want)
			p, err := q.PutToVote(ctx, q.as("cora"), x.ID, 72)
			q.ok(err)
			_, err = q.PutToVote(ctx, q.as("cora"), x.ID, 72)
			wants(t, err, "forum.is_voting")
			for _, name := range []string{"gina", "ada", "cora"} {
				q.ok(q.cast(p.ID, name, name, "yes"))
			}
			if want == "rejected" {
				q.ok(q.cast(p.ID, "gus", "gus", "yes"))
				q.ok(q.cast(p.ID, "cora", "cora", "no"))
			}
			q.ok(q.cast(p.ID, "cal", "cal", map[string]string{"rejected": "no", "adopted": "yes"}[want]))
			if err := q.cast(p.ID, "sec", "sec", "yes"); fault.KindOf(err) != fault.Denied {
				t.Errorf("somebody else votes: %v", err)
			}
			q.finish(p)
			if x = q.motion(x); x.State != want || x.Way != "vote" || !x.Count.V.Quorate {
				t.Errorf("%s: %+v", want, x)
			}
		}
		q.expired(m)
	}, schemas...)
}

// expired opens a vote that goes on past the end of a member's term.
func (q *square) expired(m meeting.Meeting) {
	t, ctx := q.t, q.t.Context()
	last, _ := time.ParseInLocation(time.DateOnly, q.lastDay("g2"), zone)
	q.at = last.Add(23 * time.Hour)
	x := q.propose(m, "Late in the evening")
	p, err := q.PutToVote(ctx, q.as("cora"), x.ID, 48)
	q.ok(err)
	q.at = last.Add(25 * time.Hour)
	wants(t, q.cast(p.ID, "gus", "gus", "yes"), "forum.term_ended")
	q.ok(q.cast(p.ID, "gina", "gina", "yes"))
}

func (q *square) lastDay(seat string) (day string) {
	q.ok(q.DB.View(q.t.Context(), func(tx *db.Tx) error {
		ts, err := TermsOf(q.t.Context(), tx, q.f.ID)
		for _, x := range ts {
			if x.ID == q.terms[seat] {
				day = x.Last()
			}
		}
		return err
	}))
	return day
}

// TestElection goes from the call to the winner's term.
func TestElection(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		s, err := AddSeat(ctx, d, q.as("cora"), q.f.ID, Seat{Name: "c3", Sector: "civil_society"})
		q.ok(err)
		_, err = Open(ctx, d, q.as("cora"), q.f.ID, Call{Seat: s.ID, Criteria: "Works in Belize", Closes: db.Time{Time: q.at.AddDate(0, 0, 20)}})
		wants(t, err, "closes=forum.call_short")
		_, err = Open(ctx, d, q.as("cora"), q.f.ID, Call{Seat: s.ID, Criteria: "Works in Belize", Closes: db.Time{Time: q.at.AddDate(7000, 0, 0)}})
		wants(t, err, "closes=forum.call_long")
		_, err = Open(ctx, d, q.as("cora"), q.f.ID, Call{Seat: q.seats["g1"], Criteria: "x", Closes: db.Time{Time: q.at.AddDate(0, 0, 30)}})
		wants(t, err, "seat=forum.not_elected")
		c, err := Open(ctx, d, q.as("cora"), q.f.ID, Call{Seat: s.ID, Criteria: "Works in Belize", Closes: db.Time{Time: q.at.AddDate(0, 0, 21)}})
		q.ok(err)
		_, err = Nominate(ctx, d, q.as("works.x"), c.ID, Nomination{Org: q.orgs["works"], Name: "X", Statement: "We watch ourselves"}, true)
		wants(t, err, "org=forum.wrong_sector")
		_, err = Nominate(ctx, d, q.as("reef.x"), c.ID, Nomination{Org: q.orgs["farm"], Name: "X", Statement: "y"}, true)
		wants(t, err, "who.denied")
		ids := map[string]string{}
		for _, name := range []string{"farm", "guild", "reef"} {
			n, err := Nominate(ctx, d, q.as(name+".x"), c.ID, Nomination{Org: q.orgs[name], Name: "Candidate of " + name, Statement: "We know the coast"}, true)
			q.ok(err)
			ids[name] = n.ID
		}
		_, err = Nominate(ctx, d, q.as("farm.x"), c.ID, Nomination{Org: q.orgs["farm"], Name: "Z", Statement: "z"}, false)
		wants(t, err, "forum.nominated_already")
		_, err = q.Elect(ctx, q.as("cora"), c.ID, 7)
		wants(t, err, "forum.call_runs")
		q.at = c.Closes.Time
		_, err = q.Elect(ctx, q.as("cora"), c.ID, 7)
		wants(t, err, "forum.judge_first")
		q.ok(Judge(ctx, d, q.as("cora"), ids["farm"], true, ""))
		q.ok(Judge(ctx, d, q.as("cora"), ids["guild"], true, ""))
		wants(t, Judge(ctx, d, q.as("cora"), ids["reef"], false, ""), "reason=fault.required")
		wants(t, Judge(ctx, d, q.as("farm.x"), ids["guild"], false, "No"), "who.denied")
		q.ok(Withdraw(ctx, d, q.as("reef.x"), ids["reef"]))
		q.vote(c, ids)
	}, schemas...)
}

// vote declares the election and has the organisations vote.
func (q *square) vote(c Call, ids map[string]string) {
	t, ctx := q.t, q.t.Context()
	p, err := q.Elect(ctx, q.as("cora"), c.ID, 7)
	q.ok(err)
	if p.Terms.Secrecy != ballot.Secret || p.Electors != 4 || len(p.Terms.Options) != 2 {
		t.Fatalf("poll: %+v", p)
	}
	wants(t, Withdraw(ctx, q.DB, q.as("farm.x"), ids["farm"]), "forum.election_declared")
	q.ok(q.DB.Update(ctx, func(tx *db.Tx) error { // T7.4
		wants(t, q.Ballots.Extend(ctx, tx, q.as("cora"), p.ID, db.Time{Time: p.Closes.Add(-time.Minute)}, "A district without a line"), "ballot.no_earlier")
		return nil
	}))
	for org, choice := range map[string]string{"reef": "farm", "youth": "guild", "farm": "farm"} {
		q.ok(q.cast(p.ID, org+".x", q.orgs[org], ids[choice]))
	}
	if err := q.cast(p.ID, "reef.y", q.orgs["reef"], ids["guild"]); err == nil {
		t.Error("an organisation votes twice")
	}
	if err := q.cast(p.ID, "works.x", q.orgs["works"], ids["guild"]); err == nil {
		t.Error("government votes for a seat of civil society")
	}
	q.finish(p)
	q.ok(q.DB.View(ctx, func(tx *db.Tx) error {
		ts, err := TermsOf(ctx, tx, q.f.ID)
		if err != nil || ts[0].Filled != "election" || ts[0].Poll != p.ID || ts[0].Org != q.orgs["farm"] || ts[0].Person != "farm.x" || !ts[0].On(q.day(0)) {
			t.Errorf("the winner: %+v %v", ts[0], err)
		}
		return err
	}))
}

// TestAbsence: three absences in a row are shown, and fewer are not; the state
// follows the minutes.
func TestAbsence(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		absent := func() (out []string) {
			q.ok(d.View(ctx, func(tx *db.Tx) error {
				members, _ := MembersOn(ctx, tx, q.f.ID, q.day(0))
				list, err := Absent(ctx, tx, q.f.ID, members)
				for _, x := range list {
					out = append(out, x.Seat.Name)
				}
				return err
			}))
			return out
		}
		for i := range 6 {
			here := []string{"g1", "c1", "a1", "c2"}
			if i >= 3 {
				here = here[:3]
			}
			m := q.meet(here...)
			_, err := q.Book.Hold(ctx, q.as("cora"), m.ID)
			q.ok(err)
			if got := absent(); i == 4 && len(got) != 0 || i == 5 && strings.Join(got, " ") != "c2" {
				t.Errorf("after %d: %v", i, got)
			}
			if i < 5 {
				continue
			}
			q.ok(q.Book.Draft(ctx, q.as("cora"), m.ID, "We met", 0))
			q.at = q.at.AddDate(0, 0, 8)
			q.ok(q.Book.Publish(ctx, q.as("cora"), m.ID))
		}
		for days, want := range map[int]State{0: Active, 111: Active, 113: Dormant} {
			q.ok(d.View(ctx, func(tx *db.Tx) error {
				f, _ := Get(ctx, tx, q.f.ID)
				last, err := LastMinuted(ctx, tx, f.ID)
				if got := f.Seen(last[f.ID], q.at.AddDate(0, 0, days)); got != want {
					t.Errorf("after %d days: %s", days, got)
				}
				return err
			}))
		}
		q.ok(d.View(ctx, func(tx *db.Tx) error {
			f, err := Falling(ctx, tx, q.f.ID)
			if len(f) != 1 || f[0].Sector != "civil_society" || f[0].Now != 1 || f[0].Before != 2 {
				t.Errorf("falling: %+v", f)
			}
			return err
		}))
	}, schemas...)
}

// TestTerms tries random terms: whatever is accepted, a seat has one holder on
// each day at most, no term is longer than two years, none is renewed twice.
func TestTerms(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		names, n := []string{"reef", "youth", "farm"}, 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			s, err := AddSeat(ctx, d, q.as("sec"), q.f.ID, Seat{Name: fmt.Sprintf("r%d", n), Sector: "civil_society"})
			q.ok(err)
			for range rapid.IntRange(1, 6).Draw(r, "steps") {
				from := rapid.IntRange(-900, 900).Draw(r, "from")
				term := Term{
					Seat: s.ID, Org: q.orgs[rapid.SampledFrom(names).Draw(r, "org")], Name: "M", Starts: q.day(from), Ends: q.day(from + rapid.IntRange(-10, 800).Draw(r, "for")),
					Filled: "self_selection", Instrument: "They chose",
				}
				made, err := Appoint(ctx, d, q.as("sec"), q.f.ID, term)
				if err != nil && fault.KindOf(err) == fault.Internal {
					r.Fatal(err)
				}
				if err == nil && rapid.Bool().Draw(r, "end") {
					if err := End(ctx, d, q.as("sec"), q.f.ID, made.ID, "So it is"); err != nil && fault.KindOf(err) == fault.Internal {
						r.Fatal(err)
					}
				}
			}
			q.ok(d.View(ctx, func(tx *db.Tx) error {
				all, err := TermsOf(ctx, tx, q.f.ID)
				for i, a := range all {
					from, _ := time.Parse(time.DateOnly, a.Starts)
					if a.Ends > from.AddDate(TermYears, 0, -1).Format(time.DateOnly) || a.Renewal > MaxRenewals || a.Last() < a.Starts {
						r.Fatalf("%+v", a)
					}
					for _, b := range all[:i] {
						if a.Seat == b.Seat && a.Starts <= b.Last() && b.Starts <= a.Last() {
							r.Fatalf("two holders: %+v %+v", a, b)
						}
					}
				}
				return err
			}))
		})
	}, schemas...)
}
