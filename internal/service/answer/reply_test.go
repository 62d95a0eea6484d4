package answer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
)

func TestReasons(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		in := w.give(b, "ana", "Mend the pump", Named).Input
		try := func(name string, r Reply) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Answer(ctx, tx, w.as(name), b.ID, []string{in.ID}, r)
				return err
			})
		}
		wants(t, try("olga", Reply{Outcome: NotAdopted, Reason: "No money."}), "reason=answer.short")
		wants(t, try("olga", Reply{Outcome: Adopted}), "reason=fault.required")
		wants(t, try("olga", Reply{Outcome: Merged, Reason: because}), "outcome=fault.choice")
		wants(t, try("xena", Reply{Outcome: Adopted, Reason: "As it stands."}), "who.denied")
		wants(t, try("", Reply{Outcome: Adopted, Reason: "As it stands."}), "who.sign_in")
		bad := Reply{Outcome: Adopted, Reason: "As it stands.", Evidence: db.JSON[[]string]{V: []string{"javascript:alert(1)"}}}
		wants(t, try("olga", bad), "evidence=fault.url")
		bad = Reply{Outcome: Adopted, Reason: "As it stands."}
		bad.Changed.V = []record.Ref{{Kind: "promise", ID: "01990000-0000-7000-8000-00000000000f"}}
		wants(t, try("olga", bad), "changed=answer.no_record")
		if x := w.get(in.ID); x.State != Received {
			t.Fatalf("a refused answer left %s", x.State)
		}
		must(t, try("olga", Reply{Outcome: Adopted, Reason: "As it stands."}))
		if x := w.get(in.ID); x.State != Adopted || x.Answered.Time != w.now || x.Acknowledged.IsZero() {
			t.Errorf("answered: %+v", x)
		}
	}, schemas...)
}

func TestWordCount(t *testing.T) {
	for text, want := range map[string]int{"": 0, "one two": 2, "**one** [two](https://x.bz/a) - three": 3, "https://x.bz/very/long": 0, "sí, ¿qué?": 2} {
		if n := WordCount(text); n != want {
			t.Errorf("%q has %d words, want %d", text, n, want)
		}
	}
}

func TestCorrectionKeepsWhatWasSaid(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		one, two := w.give(b, "ana", "Mend the pump", Named).Input, w.give(b, "ben", "Deepen the well", Pseudonym).Input
		r, err := w.reply(b, Partly, one.ID, two.ID)
		must(t, err)
		w.pass(dayLong)
		fix := func(n int) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Correct(ctx, tx, w.as("otto"), Reply{ID: r.ID, N: n, Outcome: Deferred, Reason: because + " Later."})
				return err
			})
		}
		must(t, fix(1))
		wants(t, fix(1), "edit conflict")
		w.view(func(ctx context.Context, tx *db.Tx) error {
			s, err := w.Story(ctx, tx, w.as(""), w.get(two.ID))
			if err != nil {
				return err
			}
			if len(s.Replies) != 2 || s.Reply().N != 2 || s.Replies[1].Outcome != Partly || s.Input.State != Deferred || !s.Input.Answered.Equal(w.now.Add(-dayLong)) {
				t.Errorf("story: %+v", s)
			}
			edges, err := w.Kinds().Edges(ctx, tx, w.as(""), two.Ref())
			if len(edges) != 0 {
				t.Errorf("still linked with what it no longer changed: %+v", edges)
			}
			return err
		})
	}, schemas...)
}

// TestStatesNeverLeaveTheirEdges does whatever the desk can do, in any order, and
// reads afterwards every state that every input was in.
func TestStatesNeverLeaveTheirEdges(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		n, runs := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 25 && d.Engine() == "postgres" {
				return // each act is some round trips there, and the rules are the same
			}
			var ids []string
			for range 3 {
				n++
				ids = append(ids, w.give(b, "ana", fmt.Sprintf("Input number %d", n), Named).Input.ID)
			}
			for range rapid.IntRange(1, 8).Draw(rt, "acts") {
				which, act := rapid.SampledFrom(ids).Draw(rt, "input"), rapid.IntRange(0, 4).Draw(rt, "act")
				other := rapid.SampledFrom(ids).Draw(rt, "other")
				o := rapid.SampledFrom(Outcomes).Draw(rt, "outcome")
				_ = w.update(func(ctx context.Context, tx *db.Tx) (err error) { // refusals are part of the game
					switch act {
					case 0:
						_, err = w.Move(ctx, tx, w.as("olga"), b.ID, []string{which}, Acknowledged)
					case 1:
						_, err = w.Move(ctx, tx, w.as("olga"), b.ID, []string{which}, Considered)
					case 2:
						_, err = w.Answer(ctx, tx, w.as("olga"), b.ID, []string{which}, Reply{Outcome: o, Reason: because})
					case 3:
						_, err = w.Merge(ctx, tx, w.as("olga"), b.ID, []string{which}, other)
					case 4:
						err = w.Separate(ctx, tx, w.as("olga"), which)
					}
					return err
				})
			}
			w.view(func(ctx context.Context, tx *db.Tx) error {
				for _, id := range ids {
					w.followsEdges(ctx, tx, rt, id)
				}
				return nil
			})
		})
	}, schemas...)
}

func (w *town) followsEdges(ctx context.Context, tx *db.Tx, t rapid.TB, input string) {
	in, err := inputByID(ctx, tx, input)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := StepsOf(ctx, tx, input)
	if err != nil || len(steps) == 0 || steps[0].State != Received {
		t.Fatalf("steps %+v %v", steps, err)
	}
	for i := range steps[1:] {
		if !slices.Contains(moves[steps[i].State], steps[i+1].State) {
			t.Fatalf("%s after %s", steps[i+1].State, steps[i].State)
		}
	}
	last := steps[len(steps)-1]
	if in.State != last.State || in.State.Done() != !in.Answered.IsZero() || (in.State == Merged) != (in.Root != "") {
		t.Fatalf("%+v stands at %+v", in, last)
	}
	if in.State.Done() && in.State != Merged && in.Reply == "" {
		t.Fatalf("%s without a reply", in.State)
	}
	if in.Root != "" {
		if root, err := inputByID(ctx, tx, in.Root); err != nil || root.Root != "" || root.ID == in.ID {
			t.Fatalf("merged into %+v %v", root, err)
		}
	}
}

func TestMergeLosesNobody(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		a := w.give(b, "", "The bridge at mile 8 is broken", Anonymous)
		x, y := w.give(b, "ben", "Mile 8 bridge broke again", Named).Input, w.give(b, "cas", "Please mend the bridge", Named).Input
		w.supports(true, a.Input.ID, "p1", "p2")
		w.supports(true, x.ID, "p2", "p3")
		merge := func(into string, ids ...string) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Merge(ctx, tx, w.as("olga"), b.ID, ids, into)
				return err
			})
		}
		must(t, merge(x.ID, a.Input.ID))
		if n := w.get(x.ID).Supports; n != 3 {
			t.Errorf("%d supporters after a merge, want 3", n)
		}
		must(t, merge(y.ID, x.ID))
		if w.get(a.Input.ID).Root != y.ID || w.get(y.ID).Supports != 3 {
			t.Errorf("what came along: %+v, %+v", w.get(a.Input.ID), w.get(y.ID))
		}
		_, err := w.reply(b, AlreadyDone, y.ID)
		must(t, err)
		_, err = w.reply(b, Adopted, a.Input.ID)
		wants(t, err, "answer.merged_already")
		w.view(func(ctx context.Context, tx *db.Tx) error {
			in, err := w.ByReceipt(ctx, tx, a.Code)
			if err != nil {
				return err
			}
			s, err := w.Story(ctx, tx, w.as(""), in)
			if s.Reply() == nil || s.Reply().Outcome != AlreadyDone || s.Root.ID != y.ID || s.Input.Text != "The bridge at mile 8 is broken" {
				t.Errorf("the first author reads %+v", s)
			}
			left, _ := Unanswered(ctx, tx, promise)
			if len(left) != 0 {
				t.Errorf("unanswered: %+v", left)
			}
			return err
		})
		apart := func(id string) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error { return w.Separate(ctx, tx, w.as("olga"), id) })
		}
		must(t, apart(x.ID))
		if w.get(a.Input.ID).Root != x.ID || w.get(x.ID).Root != "" || w.get(y.ID).Supports != 0 || w.get(x.ID).State != Considered {
			t.Errorf("apart: %+v %+v", w.get(a.Input.ID), w.get(y.ID))
		}
		w.pass(15 * dayLong)
		wants(t, apart(a.Input.ID), "answer.merged_long")
	}, schemas...)
}

// supports has people support an input, or stop.
func (w *town) supports(on bool, input string, people ...string) {
	w.t.Helper()
	for _, p := range people {
		must(w.t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Support(ctx, tx, w.as(p), input, on)
			return err
		}))
	}
}

func TestSupportIsOncePerPerson(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		in := w.give(b, "ana", "Mend the pump", Named).Input
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if err := w.update(func(ctx context.Context, tx *db.Tx) error {
					_, err := w.Support(ctx, tx, w.as("ben"), in.ID, true)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := w.get(in.ID).Supports; n != 1 {
			t.Fatalf("%d supporters, want 1", n)
		}
		w.supports(true, in.ID, "cas")
		w.supports(false, in.ID, "ben", "ben")
		var back Backing
		w.view(func(ctx context.Context, tx *db.Tx) (err error) { back, err = BackingOf(ctx, tx, in.ID); return err })
		if w.get(in.ID).Supports != 1 || len(back.Levels) != 1 || back.Levels[0] != (Count{"2", 1}) {
			t.Errorf("after one left: %+v", back)
		}
		wants(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Support(ctx, tx, w.as(""), in.ID, true)
			return err
		}), "who.sign_in")
	}, schemas...)
}

func TestPointsNeverPassFive(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		var ids []string
		for i := range 3 {
			ids = append(ids, w.give(b, "ana", fmt.Sprint("Input ", i), Named).Input.ID)
		}
		rank := func(id string, n int) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Rank(ctx, tx, w.as("ben"), id, n)
				return err
			})
		}
		must(t, rank(ids[0], 3))
		wants(t, rank(ids[1], 3), "points=answer.points")
		wants(t, rank(ids[1], -1), "points=answer.points")
		var all sync.WaitGroup
		for _, id := range ids[1:] { // two windows at once: together they would pass
			all.Go(func() { _ = rank(id, 2) })
		}
		all.Wait()
		sum := 0
		for _, id := range ids {
			sum += w.get(id).Points
		}
		if sum != 5 {
			t.Errorf("%d points from one person", sum)
		}
		must(t, rank(ids[0], 0))
		if w.get(ids[0]).Points != 0 {
			t.Error("points did not come back")
		}
	}, schemas...)
}

func TestThemeIsAnsweredAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		var ids []string
		for i := range 5 {
			ids = append(ids, w.give(b, "ana", fmt.Sprint("More water, says house ", i), Named).Input.ID)
		}
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			th, err := w.MakeTheme(ctx, tx, w.as("olga"), b.ID, "Water")
			must(t, err)
			if n, err := w.Gather(ctx, tx, w.as("olga"), b.ID, ids, th.ID); n != 5 || err != nil {
				t.Errorf("gathered %d %v", n, err)
			}
			if _, n, err := w.AnswerTheme(ctx, tx, w.as("olga"), th.ID, Reply{Outcome: Partly, Reason: because}); n != 5 || err != nil {
				t.Errorf("answered %d %v", n, err)
			}
			_, _, err = w.AnswerTheme(ctx, tx, w.as("olga"), th.ID, Reply{Outcome: Partly, Reason: because})
			wants(t, err, "answer.theme_empty")
			th, err = ThemeByID(ctx, tx, th.ID)
			if th.Waiting != 0 || th.Inputs != 5 || th.State != "answered" {
				t.Errorf("theme: %+v", th)
			}
			return err
		}))
		for _, id := range ids {
			if x := w.get(id); x.State != Partly || !strings.Contains(x.Text, "water") {
				t.Errorf("%+v", x)
			}
		}
	}, schemas...)
}

// TestAuthorsHear asks the rules whom each event concerns: authors with an account,
// also of what was merged, and of anonymous inputs nobody.
func TestAuthorsHear(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		a, c := w.give(b, "ana", "Mend the pump", Named).Input, w.give(b, "", "Mend the well", Anonymous).Input
		p := w.give(b, "pam", "Mend the tank", Pseudonym).Input
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Move(ctx, tx, w.as("olga"), b.ID, []string{a.ID, c.ID}, Acknowledged)
			must(t, err)
			_, err = w.Merge(ctx, tx, w.as("olga"), b.ID, []string{a.ID}, p.ID)
			return err
		}))
		_, err := w.reply(b, Adopted, p.ID, c.ID)
		must(t, err)
		must(t, w.log.Drain(t.Context()))
		heard := map[string]string{}
		w.view(func(ctx context.Context, tx *db.Tx) error {
			list, err := activity.List(ctx, tx, activity.Filter{Kind: InputKind}, 100)
			for _, e := range list {
				for _, r := range Notifies {
					if r.Verb == e.Verb {
						people, err := r.To(ctx, tx, e)
						must(t, err)
						slices.Sort(people)
						heard[e.Verb] += strings.Join(people, "+") + " "
					}
				}
			}
			return err
		})
		for verb, want := range map[string]string{"input.acknowledged": "ana", "input.merged": "ana", "input.answered": "ana+pam"} {
			if strings.TrimSpace(heard[verb]) != want {
				t.Errorf("of %s hear %q, want %q", verb, heard[verb], want)
			}
		}
	}, schemas...)
}
