package plan

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, org.Schema, Schema}

var policy = who.MustPolicy(append(slices.Clone(Rules), org.Rules...)...)

func person(id string, role who.Role, org string) who.Actor {
	return who.As(policy, who.Actor{ID: id, Name: id, Strong: true, Level: who.L1, Grants: []who.Grant{{Role: role, Org: org}}})
}

var (
	nobody      = who.Nobody(policy)
	secretariat = person("secretariat", who.Secretariat, "")
	evaluator   = person("evaluator", who.Evaluator, "")
	system      = who.System(policy, "test")
)

// world is a plan with two organisations, at a time that the test turns.
type world struct {
	*Plans
	t             *testing.T
	at            *atomic.Int64
	ministry, cso string
	official      who.Actor
	member        who.Actor
}

func newWorld(t *testing.T, d *db.DB) world {
	t.Helper()
	w := world{Plans: &Plans{DB: d}, t: t, at: &atomic.Int64{}}
	w.on("2026-01-05")
	d.SetClock(func() time.Time { return time.UnixMicro(w.at.Add(1)).UTC() })
	for _, x := range []struct {
		to   *string
		name string
		kind org.Kind
	}{{&w.ministry, "Ministry", org.National}, {&w.cso, "Network", org.CivilSociety}} {
		o, _, err := org.EnsureByName(t.Context(), d, system, x.name, x.kind)
		w.must(err)
		*x.to = o.ID
	}
	w.official, w.member = person("official", who.Official, w.ministry), person("member", who.Member, w.cso)
	return w
}

// on turns the clock to noon of a civil day in Belize.
func (w world) on(day string) {
	t, err := time.ParseInLocation(time.DateOnly, day, i18n.Belize)
	w.must(err)
	w.at.Store(t.Add(12 * time.Hour).UnixMicro())
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// wrong checks that err is about a field, or is a fault with a key.
func (w world) wrong(err error, field, key string) {
	w.t.Helper()
	var fs fault.Fields
	var f *fault.Error
	switch {
	case errors.As(err, &fs):
		if got, ok := fs.Of(field); !ok || got.Key != key {
			w.t.Errorf("%v, want %s of %s", err, key, field)
		}
	case errors.As(err, &f):
		if f.Key != key {
			w.t.Errorf("%v, want %s", err, key)
		}
	default:
		w.t.Errorf("%v, want %s", err, key)
	}
}

func (w world) view(fn func(*db.Tx) error) { w.t.Helper(); w.must(w.DB.View(w.t.Context(), fn)) }

// plan is a plan that is being prepared.
func (w world) plan() Plan {
	w.t.Helper()
	p, err := w.Create(w.t.Context(), secretariat, Plan{
		Org: w.ministry, Title: "Plan", Summary: "A plan.", Lang: "en", Level: National, Years: 2, Start: "2026-07-01", End: "2028-06-30",
		ContactEmail: "plan@example.org", PreviousEnd: "2025-12-31",
	})
	w.must(err)
	return p
}

var phasesOf2026 = []Phase{
	{Kind: "ideas", Title: "Ideas", Starts: "2026-02-01", Ends: "2026-03-15", How: "Write to us"},
	{Kind: "drafting", Title: "Drafting", Starts: "2026-03-16", Ends: "2026-05-31"},
}

// agreed is a commitment with one milestone that is agreed.
func (w world) agreed(p Plan, title string) (Commitment, Milestone) {
	w.t.Helper()
	ctx := w.t.Context()
	c := Commitment{Plan: p.ID, Title: title, Lang: "en", Lead: w.ministry, Start: "2026-07-01", End: "2028-06-30", State: Drafting}
	c.Texts.V = Texts{Problem: "Roads flood.", Solution: "Drains."}
	c, err := w.Draft(ctx, secretariat, c)
	w.must(err)
	m, err := w.SaveMilestone(ctx, secretariat, Mile{Seen: c.Version, Milestone: Milestone{Commitment: c.ID, Planned: Planned{
		Title: "Survey", Output: "The survey is online", Start: "2026-07-01", End: "2026-12-31",
	}}})
	w.must(err)
	c, err = w.Stage(ctx, secretariat, Staging{Commitment: c.ID, Version: c.Version + 1, To: Agreed})
	w.must(err)
	return c, m
}

// delivered is a plan with a commitment that is active.
func (w world) delivered() (Plan, Commitment, Milestone) {
	w.t.Helper()
	ctx := w.t.Context()
	p := w.plan()
	_, err := w.PublishTimeline(ctx, secretariat, p.ID, slices.Clone(phasesOf2026), "")
	w.must(err)
	w.on("2026-06-20")
	c, m := w.agreed(p, "Dry roads")
	for i, s := range []State{CoCreating, DraftPublished, Responding, Approved, Delivered} {
		p, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: 2 + i, To: s})
		w.must(err)
	}
	w.on("2026-07-01")
	p, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: p.Version, To: Implementing})
	w.must(err)
	w.view(func(tx *db.Tx) (err error) { c, err = getCommitment(ctx, tx, c.ID); return err })
	return p, c, m
}

func TestAPlanFromTimelineToDelivery(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.plan()
		if err := d.View(ctx, func(tx *db.Tx) error { _, err := See(ctx, tx, nobody, p.ID); return err }); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a plan in preparation is seen: %v", err)
		}
		_, err := w.PublishTimeline(ctx, w.member, p.ID, phasesOf2026, "")
		if fault.KindOf(err) != fault.NotFound && !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a stranger publishes: %v", err)
		}
		first, err := w.PublishTimeline(ctx, secretariat, p.ID, slices.Clone(phasesOf2026), "")
		w.must(err)
		if got := DayOf(first.Published.Time); got != "2026-01-05" {
			t.Errorf("published on %s", got) // T1.4: by the server's clock
		}
		w.view(func(tx *db.Tx) error { _, err := See(ctx, tx, nobody, p.ID); return err })

		w.on("2026-02-10") // ideas are being collected
		short := slices.Clone(phasesOf2026)
		short[0].Ends = "2026-03-01"
		_, err = w.PublishTimeline(ctx, secretariat, p.ID, short, "sooner")
		w.wrong(err, "phases", "plan.shortened")
		far := slices.Clone(phasesOf2026)
		far[1].Ends = "9999-05-31"
		_, err = w.PublishTimeline(ctx, secretariat, p.ID, far, "a slip of the pen")
		w.wrong(err, "ends.2", "fault.too_far")
		_, err = w.Draft(ctx, secretariat, Commitment{Plan: p.ID, Title: "For ever", Lang: "en", State: Drafting, End: "9999-12-31"})
		w.wrong(err, "end_date", "fault.too_far")
		long := slices.Clone(phasesOf2026)
		long[0].Ends, long[1].Starts = "2026-03-31", "2026-04-01"
		_, err = w.PublishTimeline(ctx, secretariat, p.ID, long, "")
		w.wrong(err, "note", "fault.required")
		_, err = w.PublishTimeline(ctx, secretariat, p.ID, long, "Floods in Toledo")
		w.must(err)
		w.view(func(tx *db.Tx) error {
			ts, err := Timelines(ctx, tx, p.ID)
			if len(ts) != 2 || ts[0].Phases.V[0].Ends != "2026-03-15" {
				t.Errorf("timelines: %+v", ts)
			}
			return err
		})

		_, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: 2, To: Delivered})
		w.wrong(err, "", "plan.bad_move")
		p, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: 2, To: CoCreating})
		w.must(err)
		_, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: p.Version, To: DraftPublished})
		w.wrong(err, "", "plan.no_draft")
		if _, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: 1, To: DraftPublished}); err == nil {
			t.Error("an old version moves")
		}
	}, schemas...)
}

func TestDeliveryNeedsAnswers(t *testing.T) { // T1.5
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.plan()
		_, err := w.PublishTimeline(ctx, secretariat, p.ID, slices.Clone(phasesOf2026), "")
		w.must(err)
		c, _ := w.agreed(p, "Dry roads")
		for i, s := range []State{CoCreating, DraftPublished, Responding, Approved} {
			p, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: 2 + i, To: s})
			w.must(err)
		}
		open := 3
		w.Unanswered = func(context.Context, *db.Tx, string) (int, int, error) { return open, 10, nil }
		_, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: p.Version, To: Delivered})
		w.wrong(err, "", "plan.unanswered")
		_, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: p.Version, To: Delivered, Override: true})
		w.wrong(err, "reason", "fault.required")
		if _, err = w.Move(ctx, w.official, Moving{Plan: p.ID, Version: p.Version, To: Delivered, Override: true, Reason: "late"}); fault.KindOf(err) != fault.Denied {
			t.Errorf("an official delivers: %v", err)
		}
		p, err = w.Move(ctx, secretariat, Moving{Plan: p.ID, Version: p.Version, To: Delivered, Override: true, Reason: "Cabinet's date"})
		w.must(err)
		w.view(func(tx *db.Tx) error {
			got, err := getCommitment(ctx, tx, c.ID)
			steps, _ := Steps(ctx, tx, p.ID)
			if got.State != Active || steps[len(steps)-1].Reason != "Cabinet's date" || steps[len(steps)-1].By != "secretariat" {
				t.Errorf("%s, %+v", got.State, steps)
			}
			return err
		})
	}, schemas...)
}

func TestAgreeingNeedsVerifiableMilestones(t *testing.T) { // T2.6
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.plan()
		c, err := w.Draft(ctx, secretariat, Commitment{Plan: p.ID, Title: "Open budgets", Lang: "en", State: Drafting, Lead: w.ministry, Start: "2026-07-01", End: "2027-06-30"})
		w.must(err)
		_, err = w.Stage(ctx, secretariat, Staging{Commitment: c.ID, Version: 1, To: Agreed})
		w.wrong(err, "milestones", "plan.no_milestone")
		m, err := w.SaveMilestone(ctx, secretariat, Mile{Seen: 1, Milestone: Milestone{Commitment: c.ID, Planned: Planned{Title: "Be better", End: "2026-12-31"}}})
		w.must(err)
		_, err = w.Stage(ctx, secretariat, Staging{Commitment: c.ID, Version: 2, To: Agreed})
		w.wrong(err, "milestones", "plan.milestone_lacks")
		m.Output = "The budget as a table, online"
		_, err = w.SaveMilestone(ctx, secretariat, Mile{Seen: 2, Milestone: m})
		w.must(err)
		c.Texts.V = Texts{Problem: "Nobody sees the budget.", Solution: "Publish it."}
		c.Version = 3
		_, err = w.Save(ctx, w.official, Save{Commitment: c}) // who leads may write
		w.must(err)
		if _, err := w.Save(ctx, w.member, Save{Commitment: c}); err == nil {
			t.Error("a stranger writes")
		}
		_, err = w.Stage(ctx, secretariat, Staging{Commitment: c.ID, Version: 4, To: Agreed})
		w.must(err)
		m.Output = ""
		_, err = w.SaveMilestone(ctx, secretariat, Mile{Seen: 5, Milestone: m})
		w.wrong(err, "milestones", "plan.milestone_lacks") // nor lose it again
	}, schemas...)
}

func TestAmendmentsOfADeliveredPlan(t *testing.T) { // T2.7's half: reason, decision, versions
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p, c, _ := w.delivered()
		c.Texts.V.Solution = "Drains and culverts."
		if _, err := w.Save(ctx, w.official, Save{Commitment: c, Reason: "more"}); err == nil {
			// The official acts for the office of the plan too: the ministry leads both.
			t.Log("the office amends")
		} else {
			t.Error(err)
		}
		c.Version++
		_, err := w.Save(ctx, secretariat, Save{Commitment: c})
		w.wrong(err, "reason", "fault.required")
		p.Forum = "forum"
		p, err = w.Edit(ctx, secretariat, p)
		w.must(err)
		_, err = w.Save(ctx, secretariat, Save{Commitment: c, Reason: "The river moved"})
		w.wrong(err, "decision", "fault.required")
		w.Decided = func(_ context.Context, _ *db.Tx, decision, forum string, about Commitment) (bool, error) {
			return decision == "d1" && forum == p.Forum && about.ID == c.ID, nil
		}
		_, err = w.Save(ctx, secretariat, Save{Commitment: c, Reason: "The river moved", Decision: "d2"})
		w.wrong(err, "decision", "plan.no_decision")
		_, err = w.Save(ctx, secretariat, Save{Commitment: c, Reason: "The river moved", Decision: "d1"})
		w.must(err)
		w.view(func(tx *db.Tx) error {
			vs, err := Versions(ctx, tx, c.ID)
			last, before := vs[len(vs)-1], vs[len(vs)-3]
			if last.Decision != "d1" || last.Reason != "The river moved" || before.Body.V.Texts.Solution != "Drains." || len(last.Body.V.Milestones) != 1 {
				t.Errorf("%+v, before %+v", last, before)
			}
			return err
		})
		_, err = w.Draft(ctx, secretariat, Commitment{Plan: p.ID, Title: "One more", Lang: "en", State: Drafting})
		w.wrong(err, "", "plan.frozen")
	}, schemas...)
}

// toldAlike checks that toldBy says of the government what LastWords does at the
// ends of days.
func (w *world) toldAlike(tx *db.Tx, plan string, m Milestone, days ...string) error {
	for _, on := range days {
		brief, err := toldBy(w.t.Context(), tx, plan, EndOf(on))
		if err != nil {
			return err
		}
		words, err := LastWords(w.t.Context(), tx, record.Ref{Kind: "plan", ID: plan}, EndOf(on))
		if err != nil {
			return err
		}
		last := words[m.ID][Government]
		if got := brief[m.ID]; got.status != last.Status || got.shows != (len(last.Evidence.V) > 0) || !got.at.Equal(last.At.Time) {
			w.t.Errorf("%s: %+v, not %+v", on, got, last)
		}
	}
	return nil
}

func TestReports(t *testing.T) { // T8.1, T8.2, T8.3
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		_, c, m := w.delivered()
		say := func(a who.Actor, org string, s Status, in Progress) error {
			in.Milestone, in.Org, in.Status = m.ID, org, s
			if in.Text == "" {
				in.Text = "Something happened."
			}
			_, err := w.Report(ctx, a, in)
			return err
		}
		shows := Progress{Evidence: db.JSON[[]Evidence]{V: []Evidence{{Title: "Survey", URL: "https://example.org/survey"}}}}
		w.on("2026-09-01")
		w.wrong(say(w.official, w.ministry, Completed, Progress{}), "evidence", "plan.evidence_needed")
		w.wrong(say(w.official, w.ministry, Limited, Progress{}), "challenges", "plan.challenges_needed")
		w.must(say(w.official, w.ministry, Substantial, shows))
		w.wrong(say(w.official, w.ministry, Limited, Progress{Challenges: "Rain"}), "reason", "plan.less_reason")
		w.must(say(w.official, w.ministry, Limited, Progress{Challenges: "Rain", Reason: "The survey was wrong"}))
		w.must(say(w.member, w.cso, NotStarted, Progress{Challenges: "We saw nobody"}))
		w.must(say(evaluator, "", Limited, Progress{Challenges: "Rain"}))
		if err := say(w.member, w.ministry, Limited, Progress{Challenges: "x"}); fault.KindOf(err) != fault.Denied {
			t.Errorf("speaks for the ministry: %v", err)
		}
		if err := say(w.member, "", Limited, Progress{Challenges: "x"}); fault.KindOf(err) != fault.Denied {
			t.Errorf("speaks as a reviewer: %v", err)
		}
		w.on("2027-01-02") // the milestone's end has passed
		shows.Text = "Nearly."
		w.wrong(say(w.official, w.ministry, Substantial, shows), "challenges", "plan.challenges_late")
		w.view(func(tx *db.Tx) error { return w.toldAlike(tx, c.Plan, m, "2026-08-31", "2026-09-01", "2027-01-02") })
		w.view(func(tx *db.Tx) error {
			words, err := LastWords(ctx, tx, c.Ref(), tx.Now)
			s := Stand([]Milestone{m}, words, "2026-07-01", Today(tx))[m.ID]
			if g := s[Government]; g.Status != Limited || !g.Late || g.Silent || s[CivilSociety].Status != NotStarted || s[Independent].Status != Limited {
				t.Errorf("%+v", s)
			}
			if sum := (Standing{m.ID: s}).Sum([]Milestone{m}); sum.Word() != "late" || sum.Disagree != 1 || sum.Begun != 1 {
				t.Errorf("%+v", sum)
			}
			return err
		})
		w.on("2027-03-02")
		w.view(func(tx *db.Tx) error {
			words, err := LastWords(ctx, tx, c.Ref(), tx.Now)
			if s := Stand([]Milestone{m}, words, "2026-07-01", Today(tx))[m.ID][Government]; !s.Silent {
				t.Errorf("half a year without a word: %+v", s)
			}
			return err
		})
	}, schemas...)
}

func TestAPromiseKeepsItsOwner(t *testing.T) { // T8.4
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		_, _, m := w.delivered()
		heir, _, err := org.EnsureByName(ctx, d, system, "Ministry of Works and Enterprise", org.National)
		w.must(err)
		stranger, _, err := org.EnsureByName(ctx, d, system, "Ministry of Something Else", org.National)
		w.must(err)
		in := Progress{Milestone: m.ID, Status: Limited, Text: "We go on.", Challenges: "The move"}
		in.Org = heir.ID
		_, err = w.Report(ctx, person("new", who.Official, heir.ID), in)
		w.wrong(err, "", "plan.not_a_party")
		w.must(org.Succeed(ctx, d, system, org.Succession{From: []string{w.ministry}, To: []string{heir.ID}, On: "2026-07-15", Reason: org.Renamed}))
		w.on("2026-08-01")
		_, err = w.Report(ctx, person("new", who.Official, heir.ID), in)
		w.must(err)
		in.Org = stranger.ID
		_, err = w.Report(ctx, person("other", who.Official, stranger.ID), in)
		w.wrong(err, "", "plan.not_a_party")
	}, schemas...)
}

func TestPartiesConfirmThemselves(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		_, c, _ := w.delivered()
		p, err := w.AddParty(ctx, secretariat, Party{Commitment: c.ID, Org: w.cso, Role: "monitor"})
		w.must(err)
		admin := person("admin", who.Administrator, "")
		for _, a := range []who.Actor{secretariat, w.official, admin, nobody} {
			if _, err := w.Confirm(ctx, a, p.ID); err == nil {
				t.Errorf("%s confirms for the network", a.ID)
			}
		}
		_, err = w.Confirm(ctx, w.member, p.ID)
		w.must(err)
		_, err = w.Confirm(ctx, w.member, p.ID)
		w.wrong(err, "", "plan.confirmed_already")
		_, err = w.Leave(ctx, w.member, p.ID, "")
		w.wrong(err, "reason", "fault.required")
		_, err = w.Leave(ctx, w.member, p.ID, "No money for it")
		w.must(err)
	}, schemas...)
}

// TestJudgedAsOfAnyDay compares what is judged today about a past day with what
// was judged on that day: nothing that was written down later may count (T1.7).
func TestJudgedAsOfAnyDay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.plan()
		judged := map[string]string{}
		look := func(on string) string {
			var words []string
			w.view(func(tx *db.Tx) error {
				m, err := w.Monitor(ctx, tx, p, on)
				for _, v := range m.Verdicts {
					words = append(words, v.Rule.ID+" "+string(v.Phase)+" "+string(v.Status)+" "+v.Words.Key+" "+strings.Join(v.Evidence, ","))
				}
				return err
			})
			return strings.Join(words, "\n")
		}
		remember := func(day string) {
			w.on(day)
			judged[day] = look(day)
			w.on(string(require.Day(day).AddDays(1))) // what comes next is not of that day
		}
		remember("2026-01-10")
		_, err := w.PublishTimeline(ctx, secretariat, p.ID, slices.Clone(phasesOf2026), "")
		w.must(err)
		remember("2026-01-20")
		_, err = w.AddOutreach(ctx, secretariat, Outreach{Plan: p.ID, Day: "2026-01-15", District: "BZ-TOL", Lang: "kek", Channel: "radio", Text: "A talk"})
		w.must(err)
		remember("2026-02-20")
		paper, err := w.AddPaper(ctx, secretariat, Paper{Plan: p.ID, Phase: require.CoCreation, Title: "Notes", URL: "https://example.org/notes"})
		w.must(err)
		remember("2026-03-20")
		_, err = w.RemovePaper(ctx, secretariat, paper.ID, "It names people")
		w.must(err)
		remember("2026-04-20")
		w.on("2026-12-01")
		for _, day := range []string{"2026-01-10", "2026-01-20", "2026-02-20", "2026-03-20", "2026-04-20"} {
			if got := look(day); got != judged[day] {
				t.Errorf("on %s it was\n%s\nand is told as\n%s", day, judged[day], got)
			}
		}
		days := []string{judged["2026-01-20"], judged["2026-02-20"], judged["2026-03-20"], judged["2026-04-20"]}
		if slices.Contains(days[1:], days[0]) || days[1] == days[2] || days[2] == days[3] {
			t.Error("the days do not differ: the test shows nothing")
		}
	}, schemas...)
}

// TestStatesKeepToTheirEdges walks at random and checks each step against the
// table of moves.
func TestStatesKeepToTheirEdges(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.plan()
		rapid.Check(t, func(r *rapid.T) {
			c, err := w.Draft(ctx, secretariat, Commitment{Plan: p.ID, Title: "x", Lang: "en", State: rapid.SampledFrom([]Stage{Idea, Proposed, Drafting, Active, Complete}).Draw(r, "first")})
			if err != nil {
				return
			}
			for range rapid.IntRange(1, 6).Draw(r, "steps") {
				to := rapid.SampledFrom(Stages).Draw(r, "to")
				now, err := w.Stage(ctx, secretariat, Staging{Commitment: c.ID, Version: c.Version, To: to, Reason: "because"})
				allowed := slices.Contains(stages[c.State], to)
				if err == nil && !allowed {
					r.Fatalf("%s became %s", c.State, to)
				}
				if err == nil && (to.Led() || to == Agreed) {
					r.Fatalf("%s without what it needs", to)
				}
				if err == nil {
					c = now
				}
			}
		})
	}, schemas...)
}

func TestByNumber(t *testing.T) {
	got := []string{"10", "", "2", "3.10", "3.2", "1"}
	slices.SortFunc(got, byNumber)
	if want := "1 2 3.2 3.10 10 "; strings.Join(got, " ") != want {
		t.Errorf("%q", got)
	}
}

func TestThePageIsVisited(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.plan()
		away := error(nil)
		w.Visit = func(context.Context, Plan) error { return away }
		w.must(w.lookAll(ctx)) // nobody may see it yet
		_, err := w.PublishTimeline(ctx, secretariat, p.ID, slices.Clone(phasesOf2026), "")
		w.must(err)
		days := []string{"2026-01-06", "2026-01-07", "2026-01-14", "2026-01-15"}
		for _, day := range days {
			w.on(day)
			if day == "2026-01-15" {
				away = errors.New("status 502")
			}
			w.must(w.lookAll(ctx))
		}
		w.view(func(tx *db.Tx) error {
			f, err := w.Facts(ctx, tx, p, "2026-01-20")
			if len(f.Website) != 3 || f.Website[0].On != "2026-01-06" || f.Website[1].On != "2026-01-14" || f.Website[2].OK {
				t.Errorf("%+v", f.Website)
			}
			return err
		})
	}, schemas...)
}

func TestReminders(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		_, c, m := w.delivered() // the milestone ends on 2026-12-31
		given := func() (why []string) {
			w.view(func(tx *db.Tx) (err error) {
				why, err = db.List(ctx, tx, db.One[string], `SELECT why FROM plan_reminder ORDER BY why`)
				return err
			})
			return why
		}
		for _, x := range []struct{ day, want string }{
			{"2026-11-30", ""},
			{"2026-12-01", "due 2026-12-31 30"},
			{"2026-12-02", "due 2026-12-31 30"},
			{"2026-12-26", "due 2026-12-31 07,due 2026-12-31 30"},
		} {
			w.on(x.day)
			w.must(w.remindAll(ctx))
			if got := strings.Join(given(), ","); got != x.want {
				t.Errorf("on %s: %q, want %q", x.day, got, x.want)
			}
		}
		w.on("2027-01-05") // past its end, and half a year without a word
		w.must(w.remindAll(ctx))
		w.on("2027-01-25")
		w.must(w.remindAll(ctx))
		if got := given(); !slices.Contains(got, "silent 2027-01") || len(got) != 3 {
			t.Errorf("%v", got)
		}
		_, err := w.Report(ctx, w.official, Progress{Milestone: m.ID, Org: w.ministry, Status: Completed, Text: "Done.", Evidence: db.JSON[[]Evidence]{V: []Evidence{{URL: "https://example.org"}}}})
		w.must(err)
		w.on("2028-01-05")
		w.must(w.remindAll(ctx))
		if got := given(); len(got) != 3 {
			t.Errorf("reminded of what is done: %v", got)
		}
		w.view(func(tx *db.Tx) error {
			n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM activity WHERE verb = 'commitment.reminded' AND record = $1`, c.ID)
			if n != 3 {
				t.Errorf("%d entries", n)
			}
			return err
		})
	}, schemas...)
}
