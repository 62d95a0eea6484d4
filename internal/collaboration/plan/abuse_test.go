package plan

import (
	"context"
	"errors"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// A delivered plan stays its forum's, whose decision every amendment needs.
func TestForumOfDeliveredPlanStays(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.plan()
		p.Forum = "forum"
		p, err := w.Edit(t.Context(), secretariat, p)
		w.must(err)
		w.must(d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE plan SET state = 'delivered', delivered = $2 WHERE id = $1`, p.ID, tx.Now.UnixMicro())
			return err
		}))
		p.Forum = ""
		p, err = w.Edit(t.Context(), secretariat, p)
		w.must(err)
		if p.Forum != "forum" {
			t.Errorf("the plan left its forum for %q", p.Forum)
		}
	}, schemas...)
}

// What was not agreed when a plan was delivered is not promised by it later.
func TestNothingIsAgreedAfterDelivery(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p, first, _ := w.delivered()
		w.must(d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE commitment SET state = 'drafting' WHERE id = $1`, first.ID)
			return err
		}))
		_, err := w.Stage(t.Context(), secretariat, Staging{Commitment: first.ID, Version: first.Version, To: Agreed})
		w.wrong(err, "", "plan.frozen")
		if p.Open() {
			t.Error("the plan is open")
		}
	}, schemas...)
}

// Nobody answers for a promise who is no organisation.
func TestOrganisationsExist(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.plan()
		_, err := w.Create(t.Context(), secretariat, Plan{Org: "nonsense", Title: "Plan", Lang: "en", Level: National})
		w.wrong(err, "org", "fault.choice")
		_, err = w.Draft(t.Context(), secretariat, Commitment{Plan: p.ID, Title: "Roads", Lang: "en", Lead: "nonsense", State: Drafting})
		w.wrong(err, "lead", "fault.choice")
		c, err := w.Draft(t.Context(), secretariat, Commitment{Plan: p.ID, Title: "Roads", Lang: "en", State: Drafting})
		w.must(err)
		c.Lead = "nonsense"
		_, err = w.Save(t.Context(), secretariat, Save{Commitment: c})
		w.wrong(err, "lead", "fault.choice")
		_, err = w.AddParty(t.Context(), secretariat, Party{Commitment: c.ID, Org: "nonsense", Role: "lead"})
		w.wrong(err, "org", "fault.choice")
		_, err = w.SaveMilestone(t.Context(), secretariat, Mile{Seen: c.Version, Milestone: Milestone{Commitment: c.ID, Planned: Planned{Title: "A bridge", Lead: "nonsense"}}})
		w.wrong(err, "lead", "fault.choice")
		_, err = w.SaveMilestone(t.Context(), secretariat, Mile{Seen: c.Version, Milestone: Milestone{Commitment: c.ID, Planned: Planned{Title: "A bridge", Lead: w.ministry}}})
		w.must(err)
	}, schemas...)
}

// TestGivingUpAPromise: to withdraw a commitment of a delivered plan, or to give it
// up before the plan is over, needs what an amendment needs.
func TestGivingUpAPromise(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p, c, _ := w.delivered()
		p.Forum = "forum"
		p, err := w.Edit(ctx, secretariat, p)
		w.must(err)
		w.Decided = func(_ context.Context, _ *db.Tx, decision, forum string, about Commitment) (bool, error) {
			return decision == "d1" && forum == p.Forum && about.ID == c.ID, nil
		}
		ask := func(to Stage, reason, decision string) error {
			_, err := w.Stage(ctx, secretariat, Staging{Commitment: c.ID, Version: c.Version, To: to, Reason: reason, Decision: decision, Successor: c.ID})
			return err
		}
		for _, to := range []Stage{Withdrawn, EndedIncomplete} {
			w.wrong(ask(to, "", "d1"), "reason", "fault.required")
			w.wrong(ask(to, "No money", ""), "decision", "fault.required")
			w.wrong(ask(to, "No money", "d2"), "decision", "plan.no_decision")
		}
		if !GivesUp(p, Active, CarriedForward, p.End) || GivesUp(p, Active, EndedIncomplete, p.End+"x") || GivesUp(p, Drafting, Withdrawn, p.Start) || GivesUp(p, Active, Complete, p.Start) {
			t.Error("what gives a promise up")
		}
		w.must(ask(Withdrawn, "No money", "d1"))
		w.view(func(tx *db.Tx) error {
			vs, err := Versions(ctx, tx, c.ID)
			if last := vs[len(vs)-1]; last.State != Withdrawn || last.Decision != "d1" || last.Reason != "No money" {
				t.Errorf("%+v", last)
			}
			return err
		})
	}, schemas...)
}

// TestDaysOfThePlanAreBelizes: half-years, days and reminders turn at midnight in
// Belize, not at six in the evening, when UTC does.
func TestDaysOfThePlanAreBelizes(t *testing.T) {
	local := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, i18n.Belize)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC()
	}
	for at, want := range map[string]string{
		"2026-06-30 18:01": "2026-06-30 2026-H1", "2026-06-30 23:59": "2026-06-30 2026-H1", "2026-07-01 00:01": "2026-07-01 2026-H2",
		"2026-12-31 23:59": "2026-12-31 2026-H2", "2027-01-01 00:01": "2027-01-01 2027-H1",
	} {
		if got := DayOf(local(at)) + " " + PeriodOf(local(at)); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p, _, m := w.delivered()
		shows := db.JSON[[]Evidence]{V: []Evidence{{Title: "Survey", URL: "https://example.org/survey"}}}
		for _, x := range []struct{ at, period, today string }{
			{"2026-12-31 18:30", "2026-H2", "2026-12-31"}, {"2026-12-31 23:59", "2026-H2", "2026-12-31"}, {"2027-01-01 00:01", "2027-H1", "2027-01-01"},
		} {
			w.at.Store(local(x.at).UnixMicro())
			said, err := w.Report(ctx, w.official, Progress{Milestone: m.ID, Org: w.ministry, Status: Substantial, Text: "Going on", Challenges: "Rain", Evidence: shows})
			w.must(err)
			if said.Period != x.period {
				t.Errorf("a report at %s is of %s, want %s", x.at, said.Period, x.period)
			}
			w.view(func(tx *db.Tx) error {
				if Today(tx) != x.today {
					t.Errorf("at %s today is %s", x.at, Today(tx))
				}
				// A milestone that ends on the 31st is late from the 1st.
				ms, err := Milestones(ctx, tx, m.Commitment)
				words, err2 := WordsNow(ctx, tx, record.Ref{Kind: "plan", ID: p.ID})
				late := Stand(ms, words, p.Start, Today(tx))[m.ID][Government].Late
				if late != (x.today > m.End) {
					t.Errorf("at %s late is %v", x.at, late)
				}
				return errors.Join(err, err2)
			})
		}
	}, schemas...)
}
