package ballot

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/who"
)

// T7.3: whose term ends during a meeting cannot vote from that moment on.
func TestTermEndsMidMeeting(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		end := h.now.Add(10 * time.Minute)
		h.Hosts["seat"] = Host{
			May: func(_ context.Context, _ *db.Tx, actor who.Actor, _ Poll) error {
				return actor.Must("poll.write", who.In("ministry"))
			},
			Eligible: func(_ context.Context, _ *db.Tx, _ Poll, v Voter, at db.Time) (string, error) {
				if v.ID == "p1" && !at.Before(end) {
					return "ballot.no_voter", nil
				}
				return "", nil
			},
		}
		p := h.poll(Terms{Method: YesNo}, people(3)...)
		h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE poll SET of_kind = 'seat', of_id = 'x' WHERE id = $1`, p.ID)
			return err
		}))
		if _, err := h.cast(p, "p1", "", Yes); err != nil {
			t.Fatal(err)
		}
		h.now = end
		_, err := h.cast(p, "p1", "", No)
		wants(t, err, "ballot.no_voter")
		if _, err := h.cast(p, "p2", "", No); err != nil {
			t.Error(err)
		}
		h.later(48 * time.Hour)
		if r := h.get(p).Result; r.Cast != 2 || votesOf(r, Yes) != 1 {
			t.Errorf("%+v", r)
		}
	}, schemas...)
}

func votesOf(r *Result, option string) int {
	i := slices.IndexFunc(r.PerOption, func(o OptionVotes) bool { return o.Option == option })
	return r.PerOption[i].Votes
}

// T7.2: a recused voter is out of the count and of the base of the quorum.
func TestRecuse(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		recuse := func(p Poll, by, voter, why string) error {
			return h.do(func(ctx context.Context, tx *db.Tx) error { return h.Recuse(ctx, tx, h.as(by), p.ID, voter, why) })
		}
		p := h.poll(Terms{Method: YesNo, Quorum: Quorum{Num: 1, Den: 2, Over: true}}, people(6)...)
		for _, name := range []string{"p0", "p1", "p2", "p3"} {
			_, err := h.cast(p, name, "", Yes)
			h.must(err)
		}
		wants(t, recuse(p, "p4", "p0", "x"), "who.denied")
		wants(t, recuse(p, "run", "p0", ""), "fault.required")
		h.must(recuse(p, "run", "p0", "It is their own road"))
		h.must(recuse(p, "run", "p5", "A cousin"))
		_, err := h.cast(p, "p0", "", No)
		wants(t, err, "ballot.recused")
		s := h.poll(Terms{Method: YesNo, Secrecy: Secret}, people(2)...)
		_, err = h.cast(s, "p0", word(1), Yes)
		h.must(err)
		wants(t, recuse(s, "run", "p0", "Too late"), "ballot.recuse_late")
		h.must(recuse(s, "run", "p1", "In time"))
		h.later(49 * time.Hour)
		if r := h.get(p).Result; r.Base != 4 || r.Cast != 3 || !r.Quorate || !r.Adopted {
			t.Errorf("%+v", r)
		}
		if r := h.get(s).Result; r.Base != 1 || r.Cast != 1 {
			t.Errorf("secret: %+v", r)
		}
		wants(t, recuse(p, "run", "p1", "Afterwards"), "ballot.over")
	}, schemas...)
}

// T7.4: closing earlier is refused, by a minute as by an hour; what counts is
// the time of the vote, and not when the clock's job came.
func TestClosing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: YesNo, WindowHours: 1}, people(4)...)
		extend := func(to time.Time, why string) error {
			return h.do(func(ctx context.Context, tx *db.Tx) error {
				return h.Extend(ctx, tx, h.as("run"), p.ID, db.Time{Time: to}, why)
			})
		}
		wants(t, extend(p.Closes.Add(-time.Minute), "The line in Toledo is down"), "ballot.no_earlier")
		wants(t, extend(p.Closes.Time, "Nothing"), "ballot.no_earlier")
		wants(t, extend(p.Closes.Add(time.Hour), ""), "fault.required")
		wants(t, extend(p.Opens.AddDate(1, 0, 1), "A slip of the pen"), "ballot.too_long")
		wants(t, h.do(func(ctx context.Context, tx *db.Tx) error {
			_, err := h.Create(ctx, tx, h.as("run"), Draftee{Org: p.Org, Title: "For ever", Opens: db.Time{Time: h.now}, Closes: db.Time{Time: h.now.AddDate(7000, 0, 0)}, Terms: Terms{Method: YesNo}})
			return err
		}), "closes=ballot.too_long")
		h.must(extend(p.Closes.Add(time.Hour), "The line in Toledo is down"))
		h.now = p.Closes.Add(time.Hour - time.Microsecond)
		_, err := h.cast(p, "p0", "", Yes)
		h.must(err)
		h.now = p.Closes.Add(time.Hour) // and no tick has come
		_, err = h.cast(p, "p1", "", Yes)
		wants(t, err, "ballot.over")
		wants(t, extend(p.Closes.Add(2*time.Hour), "Too late"), "ballot.over")
		h.now = h.now.Add(30 * time.Minute)
		h.later(0)
		finalise := func() error {
			return h.do(func(ctx context.Context, tx *db.Tx) error { return h.Finalise(ctx, tx, h.as("run"), p.ID, "") })
		}
		wants(t, finalise(), "ballot.window_open")
		if h.later(time.Hour); h.get(p).State != Final {
			t.Errorf("after the window: %s", h.get(p).State)
		}
		wants(t, finalise(), "ballot.no_step")
		wants(t, h.do(func(ctx context.Context, tx *db.Tx) error { return h.Abort(ctx, tx, h.as("run"), p.ID, "why") }), "ballot.no_step")
	}, schemas...)
}

// An organisation has one vote, which the first of its people uses.
func TestOrganisations(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: YesNo}, Voter{ID: "ngo", Kind: Org}, Voter{ID: "club", Kind: Org, Named: "of-club-1"})
		vote := func(name, org string, choice string) error {
			_, err := h.Cast(t.Context(), h.as(name), Vote{Poll: p.ID, Voter: org, Choices: []string{choice}})
			return err
		}
		wants(t, vote("p0", "ngo", Yes), "who.denied")
		h.must(vote("of-ngo-1", "ngo", Yes))
		wants(t, vote("of-ngo-2", "ngo", No), "ballot.cast_by_other")
		h.must(vote("of-ngo-1", "ngo", No))
		wants(t, vote("of-club-2", "club", No), "ballot.not_named")
		h.must(vote("of-club-1", "club", Yes))
		root := who.As(h.policy, who.Actor{ID: "root", Strong: true, Level: who.L3, Grants: []who.Grant{{Role: who.Administrator}}})
		_, err := h.Cast(t.Context(), root, Vote{Poll: p.ID, Voter: "ngo", Choices: []string{Yes}})
		wants(t, err, "ballot.not_of_org")
		weak := h.as("p0")
		weak.Level = who.L0
		q := h.poll(Terms{Method: YesNo}, people(1)...)
		_, err = h.Cast(t.Context(), weak, Vote{Poll: q.ID, Choices: []string{Yes}})
		wants(t, err, "who.level")
	}, schemas...)
}

func TestPaperBallots(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: STV, Secrecy: Secret, Options: roads(3)}, people(6)...)
		h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
			for _, name := range []string{"run1", "run2", "run3", "w1", "w2"} {
				if _, err := tx.Exec(ctx, `INSERT INTO person (id, name, email, lang, level, district, state, demo, created_at, version) VALUES ($1, $1, '', 'en', 3, '', 'active', FALSE, 1, 1)`, name); err != nil {
					return err
				}
			}
			for i := range 4 {
				if err := h.IssuePaper(ctx, tx, h.as("run1"), p.ID, fmt.Sprintf("p%d", i), "7"); err != nil {
					return err
				}
			}
			return nil
		}))
		_, err := h.cast(p, "p0", word(1), "a")
		wants(t, err, "ballot.on_paper")
		_, err = h.cast(p, "p5", word(1), "c")
		h.must(err)
		enter := func(by string, s Sheet, w ...string) error {
			return h.do(func(ctx context.Context, tx *db.Tx) error {
				_, err := h.Enter(ctx, tx, h.as(by), p.ID, "7", s, [2]string(append(w, "", "")[:2]))
				return err
			})
		}
		right := Sheet{Counted: 4, Valid: 3, Null: 1, Rankings: []Pile{{Choices: []string{"c", "a"}, N: 2}, {Choices: []string{"a"}, N: 1}}}
		wrong := Sheet{Counted: 4, Valid: 4, Rankings: []Pile{{Choices: []string{"c", "a"}, N: 4}}}
		wants(t, enter("run1", Sheet{Counted: 5, Valid: 5, Rankings: []Pile{{Choices: []string{"a"}, N: 5}}}, "w1", "w2"), "ballot.sheet_issued")
		wants(t, enter("run1", Sheet{Counted: 4, Valid: 3, Rankings: right.Rankings}, "w1", "w2"), "ballot.sheet_sum")
		wants(t, enter("run1", Sheet{Counted: 4, Valid: 4, Rankings: right.Rankings}, "w1", "w2"), "ballot.sheet_valid")
		wants(t, enter("run1", right, "w1"), "ballot.two_witnesses")
		wants(t, enter("run1", right, "w1", "w1"), "ballot.two_witnesses")
		wants(t, enter("run1", right, "w1", "run1"), "ballot.witness_enters")
		wants(t, enter("run1", right, "w1", "stranger"), "ballot.two_witnesses")
		h.must(enter("run1", right, "w1", "w2"))
		wants(t, enter("run1", right, "w1", "w2"), "ballot.entered_already")
		h.must(enter("run2", wrong, "w1", "w2"))
		h.later(49 * time.Hour)
		if p = h.get(p); p.State != Closed {
			t.Fatalf("counted while two differ: %s", p.State)
		}
		right.Rankings = []Pile{{Choices: []string{"a"}, N: 1}, {Choices: []string{"c", "a"}, N: 1}, {Choices: []string{"c", "a"}, N: 1}} // in another order, as read
		h.must(enter("run3", right, "w1", "w2"))
		h.later(0)
		if p = h.get(p); p.Result == nil || p.Result.Cast != 5 || p.Result.Null != 1 || p.Result.Paper != 4 || fmt.Sprint(p.Result.PerOption) != "[{a 1} {b 0} {c 3}]" {
			t.Errorf("%s %+v", p.State, p.Result)
		}
	}, schemas...)
}

// A lot waits for the checkpoint that covers the closing, and everybody can
// draw it again from what the log says.
func TestLotByCheckpoint(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHall(t, d), t.Context()
		l, err := ledger.Open(ctx, d, slog.New(slog.DiscardHandler), ledger.Options{Key: filepath.Join(t.TempDir(), "key"), Origin: "vote.example/ledger"})
		h.must(err)
		log := activity.NewLog(d, slog.New(slog.DiscardHandler), l.Listener())
		grow := func() {
			h.must(log.Drain(ctx))
			_, err := l.Publish(ctx)
			h.must(err)
		}
		p := h.poll(Terms{Method: Plurality, Options: roads(2)}, people(2)...)
		_, err = h.cast(p, "p0", "", "a")
		h.must(err)
		_, err = h.cast(p, "p1", "", "b")
		h.must(err)
		grow()
		if h.later(49 * time.Hour); h.get(p).State != Closed {
			t.Fatalf("no checkpoint covers the closing: %s", h.get(p).State)
		}
		grow()
		h.later(time.Minute)
		if p = h.get(p); p.State != Final || len(p.Result.Elected) != 1 || p.Result.Elected[0] != lot(p.Seed, []string{"a", "b"})[0] {
			t.Fatalf("%s %+v", p.State, p.Result)
		}
		h.must(log.Drain(ctx))
		h.must(d.View(ctx, func(tx *db.Tx) error {
			es, err := activity.List(ctx, tx, activity.Filter{Kind: RecordKind, Record: p.ID, Verb: "poll.lot_drawn"}, 9)
			var said struct{ Text string }
			if err != nil || len(es) != 1 || es[0].Change(nil, &said) != nil || SeedOf(said.Text) != p.Seed {
				t.Errorf("the log says %q: %v", said.Text, err)
			}
			return nil
		}))
	}, schemas...)
}

func TestErasure(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: YesNo, WindowHours: 1}, people(2)...)
		_, err := h.cast(p, "p0", "", Yes)
		h.must(err)
		h.later(48 * time.Hour)
		h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
			mine, err := Personal.Export(ctx, tx, "p0")
			if err != nil || fmt.Sprint(mine) != fmt.Sprintf("[{%s Which road first?  cast   } {%s Which road first?    [\"yes\"] }]", p.ID, p.ID) {
				t.Errorf("export: %v %v", mine, err)
			}
			if err := Personal.Erase(ctx, tx, "p0"); err != nil {
				return err
			}
			vs, err := Electorate(ctx, tx, p.ID, "", 9)
			if err != nil {
				return err
			}
			var marks []string
			for _, v := range vs {
				marks = append(marks, v.Mark)
				if v.ID == "p0" {
					t.Error("p0 is still in the electorate")
				}
			}
			if digestOf(marks) != p.Digest {
				t.Error("the digest of the electorate no longer fits")
			}
			votes, err := NamedVotes(ctx, tx, h.get(p))
			if len(votes) != 1 || votes[0].Voter == "p0" {
				t.Errorf("votes: %+v", votes)
			}
			return err
		}))
	}, schemas...)
}

// Whom events concern: those who may vote, and before the closing those who have
// not.
func TestTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHall(t, d), t.Context()
		p := h.poll(Terms{Method: YesNo, Secrecy: Secret}, append(people(2), Voter{ID: "ngo", Kind: Org})...)
		h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
			return tx.Script(ctx, `INSERT INTO person (id, name, email, lang, level, district, state, demo, created_at, version) VALUES ('m', '', '', 'en', 3, '', 'active', FALSE, 1, 1);
				INSERT INTO person_grant (person, role, org, given_by, given_at) VALUES ('m', 'member', 'ngo', '', 1);`)
		}))
		_, err := h.cast(p, "p0", word(0), Yes)
		h.must(err)
		h.later(25 * time.Hour)
		h.must(d.View(ctx, func(tx *db.Tx) error {
			reminded, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM activity WHERE verb = 'poll.reminded'`)
			if err != nil || reminded != 1 {
				t.Errorf("reminded %d times: %v", reminded, err)
			}
			for _, rule := range Notifies() {
				to, err := rule.To(ctx, tx, activity.Event{Record: p.ID})
				slices.Sort(to)
				want := map[string]string{"poll.opened": "[m p0 p1]", "poll.reminded": "[m p1]", "poll.counted": "[m p0 p1]", "poll.ballots_released": "[]"}[rule.Verb]
				if want != "" && fmt.Sprint(to) != want || err != nil {
					t.Errorf("%s: %v %v", rule.Verb, to, err)
				}
			}
			return nil
		}))
	}, schemas...)
}

// TestUnlinked: neither a column nor the order of rows tells whose ballot is
// whose (participation I2).
func TestUnlinked(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	h := newHall(t, d)
	const n = 4000
	p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: []Option{{Label: "x"}}}, people(n)...)
	for i := range n {
		_, err := h.cast(p, fmt.Sprintf("p%d", i), word(i), "1")
		h.must(err)
		if i%97 == 0 {
			h.must(h.Tick(t.Context()))
		}
	}
	order := map[string]int{}
	for i := range n {
		order[tokenHash(p.ID, word(i))] = i
	}
	h.must(h.Tick(t.Context()))
	h.must(d.View(t.Context(), func(tx *db.Tx) error {
		tokens, err := db.List(t.Context(), tx, db.One[string], `SELECT token FROM poll_ballot ORDER BY rowid`)
		var within float64
		var pairs int
		for i := range tokens[1:] { // neighbours in the table are no neighbours in time, within a batch
			if a, b := order[tokens[i]], order[tokens[i+1]]; a/97 == b/97 {
				pairs++
				if b > a {
					within++
				}
			}
		}
		if share := within / float64(pairs); math.Abs(share-0.5) > 5*0.5/math.Sqrt(float64(pairs)) {
			t.Errorf("%.3f of %d neighbours lie in the order in which they came", share, pairs)
		}
		return err
	}))
}

// machine is a poll under random verbs, with what must hold of it.
type machine struct {
	h      *hall
	p      Poll
	fixed  string
	closes time.Time
	voted  map[string]bool
}

// TestStates tries verbs at random: only the steps there are are taken, nothing
// of a declaration changes, the closing never comes nearer, votes are taken while
// the poll takes them and by nobody twice.
func TestStates(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		rapid.Check(t, func(rt *rapid.T) {
			m := &machine{h: h, voted: map[string]bool{}}
			secrecy := rapid.SampledFrom([]Secrecy{Secret, Named}).Draw(rt, "secrecy")
			m.p = h.poll(Terms{Method: YesNo, Secrecy: secrecy, WindowHours: 2}, people(4)...)
			m.fixed, m.closes = fmt.Sprint(m.p.Terms, m.p.Digest, m.p.Opens), m.p.Closes.Time
			for range rapid.IntRange(1, 15).Draw(rt, "steps") {
				m.step(rt)
				m.holds(rt)
			}
		})
	}, schemas...)
}

func (m *machine) step(t *rapid.T) {
	h, who := m.h, fmt.Sprintf("p%d", rapid.IntRange(0, 3).Draw(t, "who"))
	verb := func(f func(ctx context.Context, tx *db.Tx) error) error { return h.do(f) }
	switch rapid.IntRange(0, 8).Draw(t, "verb") {
	case 0, 1:
		took := m.p.TakesVotes(h.now)
		_, err := h.cast(m.p, who, word(len(m.voted)), rapid.SampledFrom([]string{Yes, No}).Draw(t, "choice"))
		if err == nil {
			if !took || m.p.Terms.Secrecy == Secret && m.voted[who] {
				t.Fatalf("%s votes in %s, again %t", who, m.p.State, m.voted[who])
			}
			m.voted[who] = true
		}
	case 2:
		if verb(func(ctx context.Context, tx *db.Tx) error { return h.Withdraw(ctx, tx, h.as(who), m.p.ID, "") }) == nil {
			delete(m.voted, who)
		}
	case 3:
		if verb(func(ctx context.Context, tx *db.Tx) error { return h.Recuse(ctx, tx, h.as("run"), m.p.ID, who, "why") }) == nil {
			delete(m.voted, who)
		}
	case 4:
		by := time.Duration(rapid.IntRange(-60, 60).Draw(t, "minutes")) * time.Minute
		verb(func(ctx context.Context, tx *db.Tx) error {
			return h.Extend(ctx, tx, h.as("run"), m.p.ID, db.Time{Time: m.closes.Add(by)}, "why")
		})
	case 5:
		h.now = h.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour)
		if rapid.Bool().Draw(t, "tick") {
			h.must(h.Advance(h.t.Context(), m.p.ID))
		}
	case 6:
		verb(func(ctx context.Context, tx *db.Tx) error { return h.Finalise(ctx, tx, h.as("run"), m.p.ID, "why") })
	case 7:
		end := rapid.SampledFrom([]func(context.Context, *db.Tx, string) error{
			func(ctx context.Context, tx *db.Tx, why string) error {
				return h.Annul(ctx, tx, h.as("run"), m.p.ID, why)
			},
			func(ctx context.Context, tx *db.Tx, why string) error {
				return h.Abort(ctx, tx, h.as("run"), m.p.ID, why)
			},
		}).Draw(t, "end")
		if rapid.IntRange(0, 4).Draw(t, "really") == 0 {
			verb(func(ctx context.Context, tx *db.Tx) error { return end(ctx, tx, "why") })
		}
	case 8:
		verb(func(ctx context.Context, tx *db.Tx) error { return h.Object(ctx, tx, h.as(who), m.p.ID, "It is wrong") })
	}
}

// reaches reports whether there is a way of steps from one state to another.
func reaches(from, to State) bool {
	return from == to || slices.ContainsFunc(moves[from], func(s State) bool { return reaches(s, to) })
}

func (m *machine) holds(t *rapid.T) {
	before := m.p
	m.p = m.h.get(m.p)
	switch {
	case !reaches(before.State, m.p.State):
		t.Fatalf("from %s to %s", before.State, m.p.State)
	case fmt.Sprint(m.p.Terms, m.p.Digest, m.p.Opens) != m.fixed:
		t.Fatal("what was declared has changed")
	case m.p.Closes.Before(m.closes):
		t.Fatalf("the closing came nearer: %s, %s", m.closes, m.p.Closes)
	case m.p.State == Closed, m.p.State == Provisional && m.p.Result == nil:
		t.Fatalf("%s without a result", m.p.State)
	case m.p.State == Final && m.h.now.Before(m.p.ObjectUntil()):
		t.Fatal("final within the window")
	case m.p.Result != nil && m.p.Result.Cast != len(m.voted):
		t.Fatalf("%d votes are counted of %d", m.p.Result.Cast, len(m.voted))
	}
	m.closes = m.p.Closes.Time
}
