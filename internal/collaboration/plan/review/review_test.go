package review

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, org.Schema, plan.Schema, Schema}

var policy = who.MustPolicy(slices.Concat(Rules, plan.Rules, org.Rules, record.Rules)...)

func person(id string, grants ...who.Grant) who.Actor {
	return who.As(policy, who.Actor{ID: id, Name: id, Strong: true, Level: who.L1, Grants: grants})
}

var (
	evaluator   = person("evaluator", who.Grant{Role: who.Evaluator})
	colleague   = person("colleague", who.Grant{Role: who.Evaluator})
	secretariat = person("secretariat", who.Grant{Role: who.Secretariat})
	boss        = person("boss", who.Grant{Role: who.Administrator})
	resident    = person("resident")
	system      = who.System(policy, "test")
)

// world is a plan that runs, with four commitments, at a time that the test
// turns.
type world struct {
	*Reviews
	t             *testing.T
	at            *atomic.Int64
	ministry, cso string
	pl            plan.Plan
	promises      []string // ids
	miles         []string // one of each
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	plans := &plan.Plans{DB: d, Reviewed: func(ctx context.Context, tx *db.Tx, id string, asOf time.Time) (plan.Reviewed, error) {
		o, err := Process(ctx, tx, id, asOf)
		return plan.Reviewed{Assessment: o.Assessment, Acted: o.Acted, At: o.At}, err
	}}
	w := &world{Reviews: &Reviews{DB: d, Plans: plans}, t: t, at: &atomic.Int64{}}
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
	w.deliver()
	return w
}

// on turns the clock to noon of a civil day in Belize.
func (w *world) on(day string) {
	t, err := time.ParseInLocation(time.DateOnly, day, i18n.Belize)
	w.must(err)
	w.at.Store(t.Add(12 * time.Hour).UnixMicro())
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// wants checks that err says something.
func (w *world) wants(err error, key string) {
	w.t.Helper()
	if err == nil || !strings.Contains(err.Error(), key) {
		w.t.Errorf("want %s, got %v", key, err)
	}
}

func (w *world) view(fn func(*db.Tx) error) { w.t.Helper(); w.must(w.DB.View(w.t.Context(), fn)) }

// deliver makes the plan and carries it to its implementation.
func (w *world) deliver() {
	w.t.Helper()
	ctx := w.t.Context()
	p, err := w.Plans.Create(ctx, system, plan.Plan{
		Org: w.ministry, Title: "Plan", Summary: "A plan.", Lang: "en", Level: plan.National, Number: 2, Years: 2, Start: "2026-07-01", End: "2028-06-30", ContactEmail: "plan@example.org",
	})
	w.must(err)
	_, err = w.Plans.PublishTimeline(ctx, system, p.ID, []plan.Phase{{Kind: "ideas", Title: "Ideas", Starts: "2026-02-01", Ends: "2026-05-31", How: "Write"}}, "")
	w.must(err)
	w.on("2026-06-20")
	for _, x := range []struct{ title, tag string }{{"Budget", "Tax"}, {"Audit", "Audits"}, {"Debt", "Debt"}, {"Health", "Health & Nutrition"}} {
		c := plan.Commitment{Plan: p.ID, Number: string(rune('1' + len(w.promises))), Title: x.title, Lang: "en", Lead: w.ministry, Start: p.Start, End: p.End, State: plan.Drafting}
		c.Texts.V = plan.Texts{Problem: "A problem.", Solution: "A solution."}
		c.Tags.V = []string{x.tag}
		c, err := w.Plans.Draft(ctx, system, c)
		w.must(err)
		m, err := w.Plans.SaveMilestone(ctx, system, plan.Mile{Seen: c.Version, Milestone: plan.Milestone{Commitment: c.ID, Planned: plan.Planned{Title: "Step of " + x.title, Output: "Seen", Start: p.Start, End: "2026-12-31"}}})
		w.must(err)
		_, err = w.Plans.Stage(ctx, system, plan.Staging{Commitment: c.ID, Version: c.Version + 1, To: plan.Agreed})
		w.must(err)
		w.promises, w.miles = append(w.promises, c.ID), append(w.miles, m.ID)
	}
	for i, s := range []plan.State{plan.CoCreating, plan.DraftPublished, plan.Responding, plan.Approved, plan.Delivered} {
		p, err = w.Plans.Move(ctx, system, plan.Moving{Plan: p.ID, Version: 2 + i, To: s})
		w.must(err)
	}
	w.on("2026-07-01")
	w.pl, err = w.Plans.Move(ctx, system, plan.Moving{Plan: p.ID, Version: p.Version, To: plan.Implementing})
	w.must(err)
}

func (w *world) assessment(p codebook.Product) Assessment {
	w.t.Helper()
	in := Assessment{Plan: w.pl.ID, Product: p, Title: "Report " + string(p), Lang: "en", Since: "2025"}
	in.Texts.V = Texts{Overview: "What it is.", Recommendations: "Do more.", Sources: "Interviews."}
	a, err := w.Create(w.t.Context(), evaluator, in)
	w.must(err)
	return a
}

// entry is a code with its grounds.
func entry(value string, seen int) Entry {
	return Entry{Value: value, Rationale: "Because of the text.", Evidence: []Evidence{{Title: "The plan", URL: "https://example.org/plan"}}, Seen: seen}
}

// codes are entries for variables that have none yet, in pairs.
func codes(pairs ...string) map[string]Entry {
	out := map[string]Entry{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = entry(pairs[i+1], 0)
	}
	return out
}

func (w *world) code(a Assessment, subject string, in map[string]Entry) error {
	return w.Code(w.t.Context(), evaluator, Coding{Assessment: a.ID, Subject: subject, Entries: in})
}

// again fills in the versions that are there.
func (w *world) again(a Assessment, subject string, in map[string]Entry) map[string]Entry {
	w.view(func(tx *db.Tx) error {
		all, err := CodesOf(w.t.Context(), tx, a.ID)
		for name, e := range in {
			e.Seen = all[subject][name].Version
			in[name] = e
		}
		return err
	})
	return in
}

func (w *world) sheet(a Assessment, subject string) (s codebook.Sheet) {
	w.t.Helper()
	w.view(func(tx *db.Tx) error {
		all, err := CodesOf(w.t.Context(), tx, a.ID)
		s = all.Sheet(subject)
		return err
	})
	return s
}

func (w *world) report(a Assessment) (r Report) {
	w.t.Helper()
	w.view(func(tx *db.Tx) (err error) {
		if a, err = get(w.t.Context(), tx, a.ID); err != nil {
			return err
		}
		r, err = w.ReportOf(w.t.Context(), tx, a)
		return err
	})
	return r
}

var whole = []string{"verifiable", "yes", "lens", "yes", "potential", "substantial", "promising", "yes"}

func TestPotentialComesAfter(t *testing.T) { // T3.1
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a, c := w.assessment(codebook.Review), w.promises[0]
		w.wants(w.code(a, c, codes("potential", "modest")), "potential=planreview.potential_first")
		w.must(w.code(a, c, codes("verifiable", "yes")))
		w.wants(w.code(a, c, codes("potential", "modest")), "potential=planreview.potential_first")
		w.wants(w.code(a, c, codes("lens", "no", "potential", "modest")), "potential=planreview.potential_first")
		w.must(w.code(a, c, codes("lens", "yes", "potential", "modest", "promising", "yes")))
		w.must(w.code(a, c, w.again(a, c, codes("lens", "no")))) // takes away what the others stood on
		if s := w.sheet(a, c); s["potential"] != "" || s["promising"] != "" || s["lens"] != "no" || len(s.Needed(a.Variables())) != 0 {
			t.Errorf("after lens = no: %v", s)
		}
		w.wants(w.code(a, w.promises[1], codes("verifiable", "yes", "lens", "yes", "potential", "unclear", "promising", "yes")), "promising=planreview.not_promising")
		w.wants(w.code(a, w.promises[1], codes("early", "moderate")), "early=planreview.not_coded_here")
		w.wants(w.code(a, w.promises[1], codes("specificity", "low")), "specificity=planreview.not_coded_here") // another era
	}, schemas...)
}

func TestClusterIsRatedOnce(t *testing.T) { // T3.2
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a := w.assessment(codebook.Review)
		w.must(w.code(a, w.promises[0], codes("verifiable", "no")))
		in := Cluster{Assessment: a.ID, Title: "Public money", Area: "Fiscal Openness", Reason: "One reform."}
		in.Members.V = []string{w.promises[0]}
		_, err := w.Cluster(ctx, evaluator, in)
		w.wants(err, "members=planreview.two_members")
		in.Members.V = []string{w.promises[0], w.promises[3]}
		_, err = w.Cluster(ctx, evaluator, in)
		w.wants(err, "area=planreview.other_area")
		in.Members.V = []string{w.promises[0], w.promises[2]}
		cl, err := w.Cluster(ctx, evaluator, in)
		w.must(err)
		if s := w.sheet(a, w.promises[0]); len(s) != 0 {
			t.Errorf("codes from before the cluster: %v", s)
		}
		w.wants(w.code(a, w.promises[2], codes(whole...)), "planreview.in_cluster")
		w.must(w.code(a, cl.ID, w.again(a, w.promises[0], codes(whole...))))
		one, two := w.sheet(a, w.promises[0]), w.sheet(a, w.promises[2])
		if one["potential"] != "substantial" || two["potential"] != "substantial" || len(one) != 4 || len(two) != 4 {
			t.Errorf("members: %v, %v", one, two)
		}
		r := w.report(a)
		if row := r.Rows[0]; row.Cluster != "CL1" || !slices.Equal(row.With, cl.Members.V) || len(r.Promising) != 1 || len(r.Promising[0].Members) != 2 {
			t.Errorf("report: %+v %+v", row, r.Promising)
		}
		w.wants(w.Split(ctx, evaluator, a.ID, cl.ID, ""), "reason=fault.required")
		w.must(w.Split(ctx, evaluator, a.ID, cl.ID, "Two reforms after all"))
		for _, m := range cl.Members.V {
			if s := w.sheet(a, m); len(s) != 0 || len(s.Needed(a.Variables())) != 4 {
				t.Errorf("after the split: %v", s)
			}
		}
	}, schemas...)
}

func TestEveryCodeIsGrounded(t *testing.T) { // T3.3
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a := w.assessment(codebook.Review)
		w.wants(w.code(a, w.promises[0], map[string]Entry{"verifiable": {Value: "yes"}}), "rationale.verifiable=fault.required evidence.verifiable=planreview.evidence_needed")
		w.wants(w.code(a, w.promises[0], map[string]Entry{"verifiable": {Value: "perhaps", Rationale: "x"}}), "verifiable=fault.choice")
		w.must(w.code(a, w.promises[0], map[string]Entry{"verifiable": {Value: codebook.NR, Rationale: "No text was published."}}))
		if s := w.sheet(a, w.promises[0]); s["verifiable"] != codebook.NR || s["lens"] != "" {
			t.Errorf("missing is kept apart: %v", s)
		}
		res := w.assessment(codebook.Results)
		done := Entry{Value: "complete", Rationale: "Seen.", Evidence: []Evidence{{Title: "A visit to the office"}}}
		w.wants(w.code(res, w.promises[0], map[string]Entry{"completion": done}), "evidence.completion=planreview.complete_public")
		paper, err := w.Plans.AddPaper(ctx, system, plan.Paper{Plan: w.pl.ID, Title: "Minutes", URL: "https://example.org/m", Phase: "implementation"})
		w.must(err)
		done.Evidence = []Evidence{{Paper: "another"}}
		w.wants(w.code(res, w.promises[0], map[string]Entry{"completion": done}), "paper.completion=fault.choice")
		done.Evidence = []Evidence{{Paper: paper.ID}}
		w.must(w.code(res, w.promises[0], map[string]Entry{"completion": done}))
		w.must(w.code(res, w.promises[1], codes("completion", "complete")))
		if err := w.code(res, w.promises[1], codes("completion", "limited")); !errors.Is(err, db.ErrConflict) {
			t.Errorf("over what was not seen: %v", err)
		}
	}, schemas...)
}

func TestInterestsStandInTheWay(t *testing.T) { // T3.4
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		_, err := w.Plans.AddParty(ctx, system, plan.Party{Commitment: w.promises[3], Org: w.cso, Role: "monitor"})
		w.must(err)
		a := w.assessment(codebook.Review)
		i, err := w.Declare(ctx, evaluator, Interest{Org: w.cso, Text: "My sister works there"})
		w.must(err)
		w.must(w.code(a, w.promises[0], codes(whole...)))
		w.wants(w.code(a, w.promises[3], codes(whole...)), "planreview.interest")
		w.on("2026-08-01")
		w.must(w.EndInterest(ctx, evaluator, i.ID))
		w.wants(w.code(a, w.promises[3], codes(whole...)), "planreview.interest") // it was in force when the assessment began
		insider := person("evaluator", who.Grant{Role: who.Evaluator}, who.Grant{Role: who.Member, Org: w.ministry})
		w.wants(w.Code(ctx, insider, Coding{Assessment: a.ID, Subject: w.promises[1], Entries: codes(whole...)}), "planreview.interest")
		w.wants(w.Judge(ctx, insider, a.ID, map[string]Entry{"1.1_co_creation": entry("yes", 0)}), "planreview.interest")
		for _, actor := range []who.Actor{secretariat, resident} {
			err := w.Code(ctx, actor, Coding{Assessment: a.ID, Subject: w.promises[1], Entries: codes(whole...)})
			if err == nil {
				t.Errorf("%s wrote codes", actor.ID)
			}
		}
		for _, actor := range []who.Actor{colleague, boss} {
			w.wants(w.Code(ctx, actor, Coding{Assessment: a.ID, Subject: w.promises[1], Entries: codes(whole...)}), "planreview.not_reviewer")
		}
		w.view(func(tx *db.Tx) error {
			all, err := Interests(ctx, tx)
			if len(all) != 1 || all[0].Ended.IsZero() {
				t.Errorf("declarations: %+v", all)
			}
			return err
		})
	}, schemas...)
}

func TestThreeSeries(t *testing.T) { // T3.5
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		says := func(i int, org string, s plan.Status) {
			in := plan.Progress{Milestone: w.miles[i], Org: org, Status: s, Text: "So it is.", Challenges: "Rain.", Reason: "Seen again."}
			in.Evidence.V = []plan.Evidence{{Title: "x", URL: "https://example.org/x"}}
			_, err := w.Plans.Report(ctx, system, in)
			w.must(err)
		}
		says(0, w.ministry, plan.Completed)
		says(0, w.cso, plan.Limited)
		says(1, w.ministry, plan.Limited)
		says(1, w.cso, plan.Limited)
		says(2, w.ministry, plan.Substantial)
		a := w.assessment(codebook.Results)
		w.must(w.code(a, w.promises[0], codes("completion", "limited")))
		w.must(w.code(a, w.promises[2], codes("completion", "limited")))
		r := w.report(a)
		if i := Disagreement(r.Milestones); i != (Index{1, 2}) || i.Percent() != 50 {
			t.Errorf("milestones: %+v %+v", i, r.Milestones)
		}
		if i := Disagreement(r.Commitments); i != (Index{2, 3}) || i.Percent() != 67 {
			t.Errorf("commitments: %+v %+v", i, r.Commitments)
		}
		if v := r.Commitments[0]; v.Government != "complete" || v.CivilSociety != "limited" || v.Reviewer != "limited" {
			t.Errorf("three series: %+v", v)
		}
	}, schemas...)
}

// finished brings a review to the day on which it may become final.
func (w *world) ready(acted string) Assessment {
	w.t.Helper()
	ctx := w.t.Context()
	a := w.assessment(codebook.Review)
	for i, c := range w.promises {
		if i == 3 {
			w.must(w.code(a, c, codes("verifiable", "yes", "lens", "no")))
			continue
		}
		potential := []string{"substantial", "modest", "unclear"}[i]
		promising := []string{"yes", "yes", "no"}[i]
		w.must(w.code(a, c, codes("verifiable", "yes", "lens", "yes", "potential", potential, "promising", promising)))
	}
	in := map[string]Entry{}
	for _, j := range w.report(a).Process {
		in[j.Field()] = entry("yes", 0)
	}
	if acted == "no" {
		in["4.1_co_creation"], in["process_acted"] = entry("no", 0), entry("yes", 0)
		w.wants(w.Judge(ctx, evaluator, a.ID, in), "process_acted=planreview.roll_up")
		in["process_acted"] = entry("no", 0)
	}
	w.must(w.Judge(ctx, evaluator, a.ID, in))
	_, err := w.Open(ctx, evaluator, a.ID, a.Version, CommentDays)
	w.wants(err, "planreview.not_told")
	for _, c := range w.promises[:2] {
		p := Passage{Subject: c}
		p.Texts.V = Telling{Context: "c", Potential: "p", Challenges: "d", Recommendations: "r"}
		w.must(w.Tell(ctx, evaluator, a.ID, p))
	}
	return a
}

// Nobody fills a draft with comments: as many a minute as on any other record.
func TestCommentsOfOnePerson(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.ready("no")
		a, err := w.Open(t.Context(), evaluator, a.ID, a.Version, CommentDays)
		w.must(err)
		say := func(actor who.Actor) error {
			_, err := w.Say(t.Context(), actor, Comment{Assessment: a.ID, Text: "Again"})
			return err
		}
		said := 0
		for err = say(resident); err == nil && said < 50; err = say(resident) {
			said++
		}
		if fault.KindOf(err) != fault.TooMany || said == 0 || said > 10 {
			t.Errorf("after %d comments: %v", said, err)
		}
		w.must(say(person("other")))
		w.at.Add(int64(2 * time.Minute / time.Microsecond))
		w.must(say(resident))
	}, schemas...)
}

func TestCommentsStayOpen(t *testing.T) { // T3.6
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a := w.ready("no")
		_, err := w.Say(ctx, resident, Comment{Assessment: a.ID, Text: "Too soon"})
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a draft is not public: %v", err)
		}
		_, err = w.Open(ctx, evaluator, a.ID, a.Version, 13)
		w.wants(err, "days=planreview.days")
		w.on("2026-08-01")
		a, err = w.Open(ctx, evaluator, a.ID, a.Version, CommentDays)
		w.must(err)
		_, err = w.Finish(ctx, evaluator, a.ID, a.Version)
		w.wants(err, "planreview.window_open")
		said, err := w.Say(ctx, resident, Comment{Assessment: a.ID, Text: "The road is dry"})
		w.must(err)
		_, err = w.Say(ctx, resident, Comment{Assessment: a.ID, Org: w.cso, Text: "For them"})
		w.wants(err, "org=fault.choice")
		w.sees(a, resident, 1)
		w.sees(a, person("other"), 0)
		w.at.Store(a.Until.UnixMicro() - 10)
		_, err = w.Finish(ctx, evaluator, a.ID, a.Version)
		w.wants(err, "planreview.window_open")
		w.at.Store(a.Until.UnixMicro())
		_, err = w.Say(ctx, resident, Comment{Assessment: a.ID, Text: "Late"})
		w.wants(err, "planreview.not_listening")
		_, err = w.Finish(ctx, evaluator, a.ID, a.Version)
		w.wants(err, "planreview.unanswered")
		w.must(w.Answer(ctx, evaluator, a.ID, said.ID, "Taken in"))
		a, err = w.Finish(ctx, evaluator, a.ID, a.Version)
		w.must(err)
		w.sees(a, person("other"), 1)
		w.stays(a)
		w.moderates(a, said)
	}, schemas...)
}

// moderates hides a published comment, which nobody but moderators reads then, and
// erases its author.
func (w *world) moderates(a Assessment, said Comment) {
	w.t.Helper()
	ctx := w.t.Context()
	kinds, err := record.NewRegistry(Kind())
	w.must(err)
	moderator := person("moderator", who.Grant{Role: who.Moderator})
	first := func(actor who.Actor) (c Comment) {
		w.view(func(tx *db.Tx) error {
			all, err := Comments(ctx, tx, actor, a)
			c = all[0]
			return err
		})
		return c
	}
	if c := first(resident); c.State != record.Visible || !c.Shown() {
		w.t.Errorf("published: %+v", c)
	}
	_, err = kinds.EditComment(ctx, w.DB, resident, said.ID, "Something else") // what was answered stays as it was
	w.wants(err, "record.no_comments")
	w.must(w.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := kinds.Moderate(ctx, tx, moderator, said.ID, record.Hidden, "Rule 2")
		return err
	}))
	for _, actor := range []who.Actor{resident, evaluator, person("other")} {
		if c := first(actor); c.Shown() || c.Text != "" || c.Person != "" || c.Reason != "Rule 2" || c.Answer != "Taken in" {
			w.t.Errorf("%s reads what is hidden: %+v", actor.ID, c)
		}
	}
	if c := first(moderator); c.Text != "The road is dry" {
		w.t.Errorf("a moderator reads %+v", c)
	}
	w.must(w.DB.Update(ctx, func(tx *db.Tx) error {
		return errors.Join(record.Personal.Erase(ctx, tx, resident.ID), w.Erase(ctx, tx, resident.ID))
	}))
	if c := first(moderator); c.Text != "" || c.Person != "" || c.Answer != "Taken in" {
		w.t.Errorf("after erasure: %+v", c)
	}
}

// Many links in a comment wait for a moderator when the report is published.
func TestCommentsOfManyLinksAreHeld(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a := w.ready("no")
		w.on("2026-08-01")
		a, err := w.Open(ctx, evaluator, a.ID, a.Version, CommentDays)
		w.must(err)
		said, err := w.Say(ctx, resident, Comment{Assessment: a.ID, Text: "See https://a.example https://b.example https://c.example"})
		w.must(err)
		w.must(w.Answer(ctx, evaluator, a.ID, said.ID, "No"))
		w.at.Store(a.Until.UnixMicro())
		a, err = w.Finish(ctx, evaluator, a.ID, a.Version)
		w.must(err)
		w.view(func(tx *db.Tx) error {
			mine, err := Comments(ctx, tx, resident, a)
			others, err2 := Comments(ctx, tx, person("other"), a)
			if len(mine) != 1 || mine[0].Text == "" || len(others) != 1 || others[0].Text != "" || others[0].State != record.Held {
				t.Errorf("held: %+v %+v", mine, others)
			}
			n, err3 := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM activity WHERE verb = 'record.commented' AND NOT public AND payload LIKE $1`, "%"+said.ID+"%")
			if n != 1 {
				t.Errorf("the moderators are told %d times", n)
			}
			return errors.Join(err, err2, err3)
		})
	}, schemas...)
}

func (w *world) sees(a Assessment, actor who.Actor, n int) {
	w.t.Helper()
	w.view(func(tx *db.Tx) error {
		all, err := Comments(w.t.Context(), tx, actor, a)
		if len(all) != n {
			w.t.Errorf("%s sees %d comments, want %d", actor.ID, len(all), n)
		}
		return err
	})
}

// stays checks that what became final is not touched by anything, feeds the
// requirements, and can be corrected.
func (w *world) stays(a Assessment) {
	w.t.Helper()
	ctx := w.t.Context()
	before, _ := json.Marshal(w.report(a))
	w.wants(w.code(a, w.promises[0], codes("verifiable", "no")), "planreview.closed")
	_, err := w.Withdraw(ctx, evaluator, a.ID, a.Version, "no")
	w.wants(err, "planreview.closed")
	w.view(func(tx *db.Tx) error {
		m, err := w.Plans.Monitor(ctx, tx, w.pl, plan.Today(tx))
		if m.Reviewed.Assessment != a.ID || m.Reviewed.Acted || !slices.Contains(m.Clock.Contrary, 2) {
			w.t.Errorf("requirements: %+v %+v", m.Reviewed, m.Clock)
		}
		past, err2 := w.Plans.Monitor(ctx, tx, w.pl, "2026-07-30")
		if past.Reviewed.Assessment != "" {
			w.t.Errorf("known before it was final: %+v", past.Reviewed)
		}
		return errors.Join(err, err2)
	})
	_, err = w.Correct(ctx, evaluator, a.ID, "")
	w.wants(err, "reason=fault.required")
	next, err := w.Correct(ctx, evaluator, a.ID, "A date was wrong")
	w.must(err)
	_, err = w.Correct(ctx, evaluator, a.ID, "Again")
	w.wants(err, "planreview.corrected_already")
	w.must(w.code(next, w.promises[0], w.again(next, w.promises[0], codes("promising", "no"))))
	if s := w.sheet(next, w.promises[1]); next.Edition != 2 || s["potential"] != "modest" {
		w.t.Errorf("edition %d: %v", next.Edition, s)
	}
	c, pl := w.promises[0], w.pl
	w.must(w.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE commitment SET title = 'Renamed' WHERE id = $1 AND plan = $2`, c, pl.ID)
		return err
	}))
	if after, _ := json.Marshal(w.report(a)); string(after) != string(before) {
		w.t.Errorf("the final report changed:\n%s\n%s", before, after)
	}
}

func TestAtAGlance(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.ready("yes")
		g := w.report(a).Glance
		if g.Commitments != 4 || g.Lens != 3 || g.Percent(g.Lens) != 75 || g.Substantial != 1 || g.Percent(g.Substantial) != 25 || g.Promising != 2 || g.Acted != "yes" || g.Since != "2025" {
			t.Errorf("%+v", g)
		}
		if want := []string{"Anti-Corruption and Integrity", "Fiscal Openness", "Public Service Delivery"}; !slices.Equal(g.Areas, want) {
			t.Errorf("areas %v, want %v", g.Areas, want)
		}
		// A requirement that is not met takes the roll-up back.
		w.must(w.Judge(t.Context(), evaluator, a.ID, map[string]Entry{"4.1_co_creation": entry("no", 1)}))
		if g := w.report(a).Glance; g.Acted != "" {
			t.Errorf("acted %q", g.Acted)
		}
	}, schemas...)
}

func TestDue(t *testing.T) {
	pl := plan.Plan{Start: "2026-07-01", End: "2030-06-30", Years: 4, Delivered: db.Time{Time: time.Date(2026, 6, 30, 18, 0, 0, 0, time.UTC)}}
	for p, want := range map[codebook.Product]string{codebook.Brief: "2025-11-01", codebook.Review: "2026-10-30", codebook.Midterm: "2028-07-01", codebook.Results: "2030-10-30"} {
		if got := DueOn(p, pl, "2026-02-01"); string(got) != want {
			t.Errorf("%s is due on %s, want %s", p, got, want)
		}
	}
	if got := DueOn(codebook.Review, plan.Plan{}, ""); got != "" {
		t.Errorf("not delivered: %s", got)
	}
}

func TestErasure(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a := w.ready("yes")
		_, err := w.Declare(ctx, evaluator, Interest{Org: w.cso, Text: "A secret"})
		w.must(err)
		w.view(func(tx *db.Tx) error {
			out, err := w.Export(ctx, tx, "evaluator")
			if k, ok := out.(kept); !ok || len(k.Reviews) != 1 || len(k.Interests) != 1 {
				t.Errorf("export: %+v", out)
			}
			return err
		})
		w.must(d.Update(ctx, func(tx *db.Tx) error { return w.Erase(ctx, tx, "evaluator") }))
		w.view(func(tx *db.Tx) error {
			out, err := w.Export(ctx, tx, "evaluator")
			if out != nil {
				t.Errorf("left: %+v", out)
			}
			return err
		})
		if s := w.sheet(a, w.promises[0]); s["potential"] != "substantial" {
			t.Errorf("codes are gone: %v", s)
		}
	}, schemas...)
}
