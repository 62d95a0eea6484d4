package joint

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	plandemo "ceiba/internal/collaboration/plan/demo"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, who.Schema, record.Schema, org.Schema, plan.Schema, Schema}

var policy = who.MustPolicy(slices.Concat(Rules, plan.Rules, org.Rules, record.Rules)...)

var system = who.System(policy, "test")

// world is three organisations with an account each, at a time that the test
// turns.
type world struct {
	*Projects
	t                       *testing.T
	at                      *atomic.Int64
	ministry, villages, uni string
	min, vil, lab           who.Actor // who act for them
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{Projects: &Projects{DB: d}, t: t, at: &atomic.Int64{}}
	w.on("2026-02-02")
	d.SetClock(func() time.Time { return time.UnixMicro(w.at.Add(1)).UTC() })
	w.ministry, w.villages, w.uni = w.org("Ministry", org.National), w.org("Villages", org.CivilSociety), w.org("University", org.Academia)
	w.min, w.vil, w.lab = acts("mina", w.ministry), acts("vila", w.villages), acts("labo", w.uni)
	return w
}

func (w *world) org(name string, kind org.Kind) string {
	w.t.Helper()
	o, _, err := org.EnsureByName(w.t.Context(), w.DB, system, name, kind)
	w.must(err)
	return o.ID
}

// acts is a person who holds a role in each of some organisations.
func acts(id string, orgs ...string) who.Actor {
	a := who.Actor{ID: id, Name: id, Strong: true, Level: who.L1}
	for _, o := range orgs {
		a.Grants = append(a.Grants, who.Grant{Role: who.Official, Org: o})
	}
	return who.As(policy, a)
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

func (w *world) view(fn func(context.Context, *db.Tx) error) {
	w.t.Helper()
	w.must(w.DB.View(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) }))
}

// project is a project of all three, led by the ministry.
func (w *world) project() Project {
	w.t.Helper()
	ctx := w.t.Context()
	p, err := w.Propose(ctx, w.min, Project{Title: "Drains", Problem: "Water stands.", Objective: "It runs off.", Lang: "en", Lead: w.ministry})
	w.must(err)
	w.joins(p, w.villages, CoLead, w.vil)
	w.joins(p, w.uni, Monitor, w.lab)
	return p
}

func (w *world) joins(p Project, org string, role Role, as who.Actor) Partner {
	w.t.Helper()
	x, err := w.Invite(w.t.Context(), w.min, Partner{Joint: p.ID, Org: org, Role: role})
	w.must(err)
	x, err = w.Join(w.t.Context(), as, x.ID)
	w.must(err)
	return x
}

// gives is a confirmed pledge, due on the last day of June.
func (w *world) gives(p Project, org string, as who.Actor) Pledge {
	w.t.Helper()
	v, err := w.Offer(w.t.Context(), as, Pledge{Joint: p.ID, Org: org, What: "Pipes", Amount: money.Amount{Minor: 1000}, Due: "2026-06-30"})
	w.must(err)
	return w.says(as, v, true, SaysConfirmed)
}

// says gives a word that has to be taken.
func (w *world) says(as who.Actor, v Pledge, own bool, says Says) Pledge {
	w.t.Helper()
	v, err := w.try(as, v, own, says)
	w.must(err)
	return v
}

func (w *world) try(as who.Actor, v Pledge, own bool, says Says) (Pledge, error) {
	in := Saying{Pledge: v.ID, Version: v.Version, Own: own, Says: says, Text: "Because"}
	if own && says == SaysKept {
		in.Evidence = []plan.Evidence{{Title: "Photo", URL: "https://example.org/photo"}}
	}
	return w.Say(w.t.Context(), as, in)
}

func TestAgreedOnlyByTheRule(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.project()
		agree := func() error {
			_, err := w.Move(ctx, w.min, Moving{Joint: p.ID, Version: p.Version, To: Agreed})
			return err
		}
		w.wants(agree(), "joint.rule")
		w.gives(p, w.ministry, w.min)
		w.wants(agree(), "joint.rule")
		offer, err := w.Offer(ctx, w.min, Pledge{Joint: p.ID, Org: w.villages, What: "Volunteers", InKind: true, Due: "2026-06-30"})
		w.must(err)
		w.wants(agree(), "joint.rule") // offered by the lead, and not confirmed
		_, err = w.try(w.min, offer, true, SaysConfirmed)
		w.wants(err, "who.denied")
		_, err = w.try(who.System(policy, "boss"), offer, true, SaysConfirmed)
		w.wants(err, "joint.not_its_account")
		_, err = w.Change(ctx, w.min, Pledge{ID: offer.ID, Version: 1, What: "Many volunteers", InKind: true, Due: "2026-06-30"})
		w.must(err)
		if _, err := w.try(w.vil, offer, true, SaysConfirmed); err == nil {
			t.Error("confirmed what was changed since it was read")
		}
		offer.Version = 2
		offer = w.says(w.vil, offer, true, SaysConfirmed)
		_, err = w.Change(ctx, w.min, Pledge{ID: offer.ID, Version: offer.Version, What: "Few", InKind: true, Due: "2026-06-30"})
		w.wants(err, "joint.confirmed_stays")
		w.must(agree())
		_, err = w.Move(ctx, w.vil, Moving{Joint: p.ID, Version: 2, To: UnderWay})
		w.wants(err, "who.denied")
		w.says(w.vil, offer, true, SaysWithdrawn)
		_, err = w.Move(ctx, w.min, Moving{Joint: p.ID, Version: 2, To: UnderWay})
		w.wants(err, "joint.rule")
		w.gives(p, w.uni, w.lab)
		_, err = w.Move(ctx, w.min, Moving{Joint: p.ID, Version: 2, To: UnderWay})
		w.must(err)
		_, err = w.Move(ctx, w.min, Moving{Joint: p.ID, Version: 3, To: Completed})
		w.wants(err, "joint.open_pledges")
		_, err = w.Move(ctx, w.min, Moving{Joint: p.ID, Version: 3, To: Ended})
		w.wants(err, "reason")
		_, err = w.Move(ctx, w.min, Moving{Joint: p.ID, Version: 2, To: Ended, Reason: "No rain"})
		if err == nil {
			t.Error("moved by somebody who saw an older version")
		}
		_, err = w.Move(ctx, w.min, Moving{Joint: p.ID, Version: 3, To: Ended, Reason: "No rain"})
		w.must(err)
		_, err = w.Offer(ctx, w.min, Pledge{Joint: p.ID, Org: w.ministry, What: "x", InKind: true, Due: "2026-06-30"})
		w.wants(err, "joint.closed")
	}, schemas...)
}

func TestOnePersonIsNotBothSides(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.project()
		both := acts("both", w.ministry, w.villages)
		w.gives(p, w.ministry, both)
		w.gives(p, w.villages, both)
		_, err := w.Move(t.Context(), both, Moving{Joint: p.ID, Version: 1, To: Agreed})
		w.wants(err, "joint.one_person")
		w.gives(p, w.villages, w.vil)
		_, err = w.Move(t.Context(), both, Moving{Joint: p.ID, Version: 1, To: Agreed})
		w.must(err)
	}, schemas...)
}

func TestKeptOnlyByAnother(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.project()
		v := w.gives(p, w.ministry, w.min)
		_, err := w.try(w.vil, v, false, SaysKept)
		w.wants(err, "joint.not_now") // the one that gives has not said anything
		_, err = w.Say(ctx, w.min, Saying{Pledge: v.ID, Version: v.Version, Own: true, Says: SaysKept, Text: "Done"})
		w.wants(err, "evidence")
		v = w.says(w.min, v, true, SaysKept)
		if v.State != SaidKept || v.Tone("2026-03-01") == "done" {
			t.Errorf("%s looks %s on its own word alone", v.State, v.Tone("2026-03-01"))
		}
		for _, x := range []struct {
			as  who.Actor
			why string
		}{
			{w.min, "joint.own_pledge"},
			{acts("colleague", w.ministry), "joint.own_pledge"},
			{acts("two hats", w.ministry, w.villages), "joint.own_pledge"},
			{acts("mina", w.villages), "joint.same_person"}, // moved to another organisation
			{acts("stranger", w.org("Stranger", org.Private)), "joint.no_witness"},
			{who.System(policy, "boss"), "joint.no_witness"},
			{who.Nobody(policy), "who.sign_in"},
		} {
			if _, err := w.try(x.as, v, false, SaysKept); err == nil || !strings.Contains(err.Error(), x.why) {
				t.Errorf("%s: %v, want %s", x.as.ID, err, x.why)
			}
		}
		v = w.says(w.vil, v, false, SaysKept)
		if v.State != Kept {
			t.Errorf("%s", v.State)
		}
		v = w.says(w.lab, v, false, SaysNotKept) // a third disagrees
		if v.State != Disputed {
			t.Errorf("%s", v.State)
		}
		v = w.says(w.min, v, true, SaysKept) // new evidence opens it anew
		if v.State != SaidKept {
			t.Errorf("%s", v.State)
		}
		v = w.says(w.lab, v, false, SaysKept)
		w.view(func(ctx context.Context, tx *db.Tx) error {
			words, err := WordsOf(ctx, tx, v.ID)
			if len(words) != 7 || v.State != Kept {
				t.Errorf("%d words, %s", len(words), v.State)
			}
			return err
		})
	}, schemas...)
}

// TestSuccessorsKeepTheWord renames and merges organisations: whoever follows
// speaks for the pledge, and is no other than the one that gave.
func TestSuccessorsKeepTheWord(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.project()
		v := w.gives(p, w.ministry, w.min)
		infra := w.org("Ministry of Infrastructure", org.National)
		w.must(org.Succeed(ctx, d, system, org.Succession{From: []string{w.ministry}, To: []string{infra}, Reason: org.Renamed, On: "2026-02-02"}))
		next := acts("nexta", infra)
		_, err := w.try(w.min, v, true, SaysKept)
		w.wants(err, "joint.not_its_account") // it ended
		v = w.says(next, v, true, SaysKept)
		_, err = w.try(acts("other", infra), v, false, SaysKept)
		w.wants(err, "joint.own_pledge")
		_, err = w.Invite(ctx, next, Partner{Joint: p.ID, Org: infra, Role: Monitor})
		w.wants(err, "joint.partner_already")
		_, err = w.Edit(ctx, w.min, Project{ID: p.ID, Title: "x", Problem: "x", Objective: "x", Lang: "en", Version: 1})
		w.wants(err, "joint.succeeded")
		_, err = w.Edit(ctx, next, Project{ID: p.ID, Title: "Drains again", Problem: "x", Objective: "x", Lang: "en", Version: 1})
		w.must(err)
		w.must(org.Succeed(ctx, d, system, org.Succession{From: []string{w.villages}, To: []string{infra}, Reason: org.Merged, On: "2026-02-02"}))
		_, err = w.try(w.vil, v, false, SaysKept)
		w.wants(err, "joint.no_witness") // both are one now
		v = w.says(w.lab, v, false, SaysKept)
		if v.State != Kept {
			t.Errorf("%s", v.State)
		}
	}, schemas...)
}

func TestSilenceAndReminders(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.project()
		v := w.gives(p, w.ministry, w.min)
		_, err := w.SaveMilestone(ctx, w.min, Milestone{Joint: p.ID, Title: "First", Due: "2026-07-30", State: Planned})
		w.must(err)
		_, err = w.try(w.vil, v, false, SaysNotKept)
		w.wants(err, "joint.not_now") // there is time left
		count := func() (n int) {
			w.view(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM activity WHERE verb = 'joint.reminded'`)
				return err
			})
			return n
		}
		for _, x := range []struct {
			day  string
			want int
		}{{"2026-04-01", 0}, {"2026-05-31", 1}, {"2026-06-01", 1}, {"2026-06-25", 2}, {"2026-06-30", 3}, {"2026-07-02", 4}, {"2026-07-20", 4}, {"2026-08-01", 5}} {
			w.on(x.day)
			w.must(w.remindAll(ctx))
			w.must(w.remindAll(ctx))
			if n := count(); n != x.want {
				t.Errorf("%s: %d reminders, want %d", x.day, n, x.want)
			}
		}
		if v.Word("2026-06-30") != "confirmed" || v.Word("2026-07-01") != "silent" || v.Tone("2026-07-01") != "late" {
			t.Errorf("%s %s", v.Word("2026-07-01"), v.Tone("2026-07-01"))
		}
		v = w.says(w.vil, v, false, SaysNotKept)
		if v.State != NotKept {
			t.Errorf("%s", v.State)
		}
		_, err = w.try(w.lab, v, false, SaysKept)
		w.wants(err, "joint.not_now")
		v = w.says(w.min, v, true, SaysKept)
		v = w.says(w.vil, v, false, SaysNotKept)
		if v.State != Disputed {
			t.Errorf("%s", v.State)
		}
	}, schemas...)
}

// Whoever gave nothing in time does not get rid of it by taking the pledge back,
// nor by leaving.
func TestNoWayOutOfAnOverduePledge(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.project()
		owed, early := w.gives(p, w.villages, w.vil), w.gives(p, w.ministry, w.min)
		w.on("2026-06-30")
		w.says(w.min, early, true, SaysWithdrawn) // there is a day left
		w.on("2026-07-01")
		_, err := w.try(w.vil, owed, true, SaysWithdrawn)
		w.wants(err, "joint.not_now")
		partner := ""
		w.view(func(ctx context.Context, tx *db.Tx) error {
			all, err := Partners(ctx, tx, p.ID)
			for _, x := range all {
				if x.Org == w.villages {
					partner = x.ID
				}
			}
			return err
		})
		_, err = w.Leave(ctx, w.vil, partner, "We are too few")
		w.must(err)
		w.view(func(ctx context.Context, tx *db.Tx) error {
			v, err := GetPledge(ctx, tx, owed.ID)
			if v.Word("2026-07-01") != "silent" {
				t.Errorf("the pledge of one that left is %s", v.State)
			}
			return err
		})
		if v := w.says(w.min, owed, false, SaysNotKept); v.State != NotKept {
			t.Errorf("what another says of it: %s", v.State)
		}
	}, schemas...)
}

func TestPartnersJoinAndLeave(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		p := w.project()
		port := w.org("Port", org.Private)
		_, err := w.Invite(ctx, w.vil, Partner{Joint: p.ID, Org: port, Role: Contributor})
		w.wants(err, "who.denied")
		asked, err := w.Invite(ctx, w.min, Partner{Joint: p.ID, Org: port, Role: Contributor})
		w.must(err)
		_, err = w.Invite(ctx, w.min, Partner{Joint: p.ID, Org: port, Role: Monitor})
		w.wants(err, "joint.asked_already")
		offer, err := w.Offer(ctx, w.min, Pledge{Joint: p.ID, Org: port, What: "A crane", InKind: true, Due: "2026-06-30"})
		w.must(err)
		porter := acts("porter", port)
		_, err = w.try(porter, offer, true, SaysConfirmed)
		w.wants(err, "joint.join_first")
		for _, a := range []who.Actor{w.min, system, w.vil} {
			if _, err := w.Join(ctx, a, asked.ID); err == nil {
				t.Errorf("%s joined for another", a.ID)
			}
		}
		_, err = w.Join(ctx, porter, asked.ID)
		w.must(err)
		w.says(porter, offer, true, SaysConfirmed)
		_, err = w.Leave(ctx, porter, asked.ID, "")
		w.wants(err, "reason")
		_, err = w.Leave(ctx, porter, asked.ID, "No crane")
		w.must(err)
		w.view(func(ctx context.Context, tx *db.Tx) error {
			v, err := GetPledge(ctx, tx, offer.ID)
			if v.State != Withdrawn {
				t.Errorf("the pledge of one that left is %s", v.State)
			}
			return err
		})
		w.handsOver(p)
	}, schemas...)
}

// handsOver checks that a lead is followed only by one that agrees.
func (w *world) handsOver(p Project) {
	w.t.Helper()
	ctx := w.t.Context()
	own := ""
	w.view(func(ctx context.Context, tx *db.Tx) error {
		all, err := Partners(ctx, tx, p.ID)
		own = all[0].ID
		return err
	})
	_, err := w.Leave(ctx, w.min, own, "Enough")
	w.wants(err, "joint.lead_stays")
	next, err := w.Invite(ctx, w.min, Partner{Joint: p.ID, Org: w.villages, Role: Lead})
	w.must(err)
	_, err = w.Move(ctx, w.vil, Moving{Joint: p.ID, Version: 1, To: Ended, Reason: "Mine"})
	w.wants(err, "who.denied")
	_, err = w.Join(ctx, w.vil, next.ID)
	w.must(err)
	_, err = w.Edit(ctx, w.min, Project{ID: p.ID, Title: "x", Problem: "x", Objective: "x", Lang: "en", Version: 2})
	w.wants(err, "who.denied")
	_, err = w.Edit(ctx, w.vil, Project{ID: p.ID, Title: "x", Problem: "x", Objective: "x", Lang: "en", Version: 2})
	w.must(err)
	_, err = w.Leave(ctx, w.min, own, "Enough")
	w.must(err)
}

// TestLinksAndTexts checks the chain, search, export and erasure.
func TestLinksAndTexts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		plans := &plan.Plans{DB: d}
		pl, err := plans.Create(ctx, system, plan.Plan{Org: w.ministry, Title: "Plan", Summary: "A plan.", Lang: "en", Level: plan.National, Years: 2, Start: "2026-07-01", End: "2028-06-30", ContactEmail: "plan@example.org"})
		w.must(err)
		c, err := plans.Draft(ctx, system, plan.Commitment{Plan: pl.ID, Title: "Promise", Lang: "en", State: plan.Drafting})
		w.must(err)
		p := w.project()
		edit := p
		edit.Commitment = c.ID
		_, err = w.Edit(ctx, w.min, edit)
		w.wants(err, "joint.no_such_commitment") // the plan is not public yet
		_, err = plans.PublishTimeline(ctx, system, pl.ID, []plan.Phase{{Kind: "ideas", Title: "Ideas", Starts: "2026-03-01", Ends: "2026-05-31", How: "Write"}}, "")
		w.must(err)
		_, err = w.Edit(ctx, w.min, edit)
		w.must(err)
		w.gives(p, w.ministry, w.min)
		kinds, err := record.NewRegistry(append(plan.Kinds(), Kinds()...)...)
		w.must(err)
		w.view(func(ctx context.Context, tx *db.Tx) error {
			edges, err := kinds.Edges(ctx, tx, who.Nobody(policy), c.Ref())
			if len(edges) != 1 || edges[0].To != p.Ref() || edges[0].Card.State != "joint.state.proposed" {
				t.Errorf("edges %+v", edges)
			}
			w.must(err)
			texts, err := Kinds()[0].Text(ctx, tx, []string{p.ID})
			if len(texts) != 1 || !strings.Contains(texts[0].Body, "Water stands.") || !strings.Contains(texts[0].Body, "Pipes") {
				t.Errorf("texts %+v", texts)
			}
			return err
		})
		w.forgets(p)
	}, schemas...)
}

func (w *world) forgets(p Project) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.DB.Update(ctx, func(tx *db.Tx) error {
		got, err := w.Export(ctx, tx, "mina")
		if m, ok := got.(mine); !ok || len(m.Said) != 2 || len(m.Proposed) != 1 {
			w.t.Errorf("export %+v", got)
		}
		w.must(err)
		w.must(w.Erase(ctx, tx, "mina"))
		got, err = w.Export(ctx, tx, "mina")
		if got != nil {
			w.t.Errorf("after erasure: %+v", got)
		}
		return err
	}))
}

// TestWhoIsTold checks that a rule finds the people of the organisation that an
// event concerns.
func TestWhoIsTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.project()
		w.gives(p, w.ministry, w.min)
		seen := map[string]bool{}
		w.view(func(ctx context.Context, tx *db.Tx) error {
			ids, err := db.List(ctx, tx, db.One[string], `SELECT id FROM activity WHERE kind = 'joint' ORDER BY id`)
			w.must(err)
			for _, id := range ids {
				e, err := activity.Get(ctx, tx, id)
				w.must(err)
				if i := slices.IndexFunc(Notifies, func(r notify.Rule) bool { return r.Verb == e.Verb }); i >= 0 {
					_, err := Notifies[i].To(ctx, tx, e)
					w.must(err)
					seen[e.Verb] = true
				}
			}
			return nil
		})
		if len(seen) < 4 {
			t.Errorf("only %v", seen)
		}
	}, schemas...)
}

func TestDemo(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		w.must(plandemo.Fill(ctx, &plan.Plans{DB: d}, system))
		w.must(w.Demo(ctx, system))
		w.view(func(ctx context.Context, tx *db.Tx) error {
			all, _, err := List(ctx, tx, Filter{State: UnderWay}, "", 10)
			if len(all) != 1 || all[0].Commitment == "" {
				t.Fatalf("%+v", all)
			}
			w.must(err)
			pledges, err := Pledges(ctx, tx, all[0].ID)
			s := SumOf(pledges, plan.Today(tx))
			if s.Kept != 2 || s.Disputed != 1 || s.SaidKept != 1 || s.Offered != 1 || s.Pledges != 6 || len(s.Promised) != 1 || s.Promised[0].Minor != 14_000_00 {
				t.Errorf("%+v", s)
			}
			return err
		})
	}, schemas...)
}
