package forum

import (
	"errors"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// A member whom the chair noted as recused does not come back by their own word.
func TestRecusedStaysRecused(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		m := q.meet("g1", "g2", "c1", "c2", "a1")
		x := q.propose(m, "The road past her university")
		q.stand(x, "a1", "recused")
		wants(t, q.Stand(ctx, q.as("ada"), x.ID, Position{Term: q.terms["a1"], Stand: "agree"}), "forum.recused")
		if c := q.table(x).Count; c.Recused != 1 {
			t.Errorf("counted: %+v", c)
		}
		q.stand(x, "a1", "agree") // the chair may
		if c := q.table(x).Count; c.Recused != 0 {
			t.Errorf("counted: %+v", c)
		}
	}, schemas...)
}

// One organisation has one seat, also after it was renamed or merged, and so has
// a person; what became one while terms ran has no two votes.
func TestOneOrganisationOneSeat(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		s, err := AddSeat(ctx, d, q.as("sec"), q.f.ID, Seat{Name: "c3", Sector: "civil_society"})
		q.ok(err)
		term := Term{Seat: s.ID, Name: "M", Starts: q.day(1), Filled: "appointment", Instrument: "Letter 2"}
		give := func(of, person string) error {
			in := term
			in.Org, in.Person = q.orgs[of], person
			_, err := Appoint(ctx, d, q.as("sec"), q.f.ID, in)
			return err
		}
		wants(t, give("reef", ""), "org=forum.two_seats_org")
		wants(t, give("farm", "cal"), "account=forum.two_seats_person")
		system := who.System(q.policy, "test")
		q.ok(org.Succeed(ctx, d, system, org.Succession{From: []string{q.orgs["youth"]}, To: []string{q.orgs["farm"]}, Reason: org.Renamed, On: q.day(0)}))
		wants(t, give("farm", ""), "org=forum.two_seats_org") // farm is what youth is called now
		q.ok(End(ctx, d, q.as("sec"), q.f.ID, q.terms["c2"], "It has another name now"))
		q.ok(give("farm", "flo")) // from tomorrow
		q.at = q.at.AddDate(0, 0, 1)
		x := q.propose(q.meet("g1", "g2", "c1", "a1"), "A merged ministry")
		q.ok(org.Succeed(ctx, d, system, org.Succession{From: []string{q.orgs["health"]}, To: []string{q.orgs["works"]}, Reason: org.Merged, On: q.day(0)}))
		_, err = q.PutToVote(ctx, q.as("sec"), x.ID, 24)
		wants(t, err, "forum.two_votes")
		q.ok(End(ctx, d, q.as("sec"), q.f.ID, q.terms["g2"], "One ministry now"))
		q.at = q.at.AddDate(0, 0, 1)
		_, err = q.PutToVote(ctx, q.as("sec"), x.ID, 24)
		q.ok(err)
	}, schemas...)
}

// Who holds a seat already is no candidate for another.
func TestSeatedIsNoCandidate(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		q, ctx := newSquare(t, d), t.Context()
		q.seated()
		s, err := AddSeat(ctx, d, q.as("sec"), q.f.ID, Seat{Name: "c3", Sector: "civil_society"})
		q.ok(err)
		c, err := Open(ctx, d, q.as("sec"), q.f.ID, Call{Seat: s.ID, Criteria: "Works in Belize", Closes: db.Time{Time: q.at.AddDate(0, 0, 21)}})
		q.ok(err)
		n, err := Nominate(ctx, d, q.as("youth.x"), c.ID, Nomination{Org: q.orgs["youth"], Name: "Y", Statement: "Twice"}, true)
		q.ok(err)
		wants(t, Judge(ctx, d, q.as("sec"), n.ID, true, ""), "forum.candidate_seated")
		q.ok(End(ctx, d, q.as("sec"), q.f.ID, q.terms["c2"], "Stands for the other seat"))
		q.at = q.at.AddDate(0, 0, 1)
		q.ok(Judge(ctx, d, q.as("sec"), n.ID, true, ""))
	}, schemas...)
}

// Where it cannot be told whether somebody runs the forum, that is no refusal.
func TestFailureIsNoDenial(t *testing.T) {
	lost := errors.New("connection lost")
	if err := backIn(lost); !errors.Is(err, lost) || fault.KindOf(err) == fault.Denied {
		t.Errorf("a query that failed: %v", err)
	}
	wants(t, backIn(fault.New(fault.Denied, "who.denied")), "forum.recused_noted")
	if err := backIn(nil); err != nil {
		t.Error(err)
	}
}
