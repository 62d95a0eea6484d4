package answer

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

// TestAnonymousIsNobody looks for the author and the time of an anonymous input in
// every row of every table.
func TestAnonymousIsNobody(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		w.pass(3*time.Hour + 7*time.Minute)
		var g Given
		at := w.now
		must(t, w.update(func(ctx context.Context, tx *db.Tx) (err error) {
			g, err = w.Give(ctx, tx, w.as("zqxauthor"), b.ID, idea("The manager takes bribes", Anonymous))
			return err
		}))
		if g.Input.ID[14] != '4' {
			t.Errorf("the id %s is not random", g.Input.ID)
		}
		w.pass(time.Minute)
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error { return w.Release(ctx, tx, false) }))
		if x := w.get(g.Input.ID); x.View != Unshown {
			t.Errorf("one alone was released: %s", x.View)
		}
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error { return w.Release(ctx, tx, true) }))
		w.view(func(ctx context.Context, tx *db.Tx) error {
			tables, err := tx.Tables(ctx)
			if err != nil {
				return err
			}
			for _, table := range tables {
				if err := tx.Each(ctx, table, func(row []any) error {
					text := fmt.Sprint(row...)
					for _, word := range []string{"zqxauthor", fmt.Sprint(at.UnixMicro()), g.Code} {
						if strings.Contains(text, word) {
							t.Errorf("%s holds %s: %s", table.Name, word, text)
						}
					}
					return nil
				}); err != nil {
					return err
				}
			}
			return nil
		})
	}, schemas...)
}

func TestBatchesAreShuffled(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		var given []string
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			for i := range batch {
				g, err := w.Give(ctx, tx, w.as(""), b.ID, idea(fmt.Sprint("Word of person ", i), Anonymous))
				must(t, err)
				given = append(given, g.Input.ID)
			}
			return w.Release(ctx, tx, false)
		}))
		must(t, w.log.Drain(t.Context()))
		var heard []string
		w.view(func(ctx context.Context, tx *db.Tx) error {
			list, err := activity.List(ctx, tx, activity.Filter{Kind: InputKind, Verb: "input.received"}, 100)
			for _, e := range list {
				heard = append(heard, e.Record)
				if e.Actor != nobody {
					t.Errorf("the log names %s", e.Actor)
				}
			}
			return err
		})
		if len(heard) != batch {
			t.Fatalf("%d of %d heard", len(heard), batch)
		}
		same := 0
		for i, id := range heard {
			if id == given[batch-1-i] {
				same++
			}
		}
		if same == batch { // by chance once in 20!
			t.Error("they come in the order in which they were given")
		}
	}, schemas...)
}

func TestReadCode(t *testing.T) {
	o := &Office{Secret: []byte("secret")}
	rapid.Check(t, func(t *rapid.T) {
		code := o.code(rapid.String().Draw(t, "seed"))
		typed := strings.NewReplacer("0", "o", "1", rapid.SampledFrom([]string{"i", "L", "l", "I"}).Draw(t, "one")).Replace(Grouped(code))
		if rapid.Bool().Draw(t, "lower") {
			typed = strings.ToLower(typed)
		}
		if got := ReadCode(" " + typed + " "); got != code {
			t.Fatalf("%q read as %q, want %q", typed, got, code)
		}
	})
	for _, bad := range []string{"", "1234", "12345-678901", "*****-*****", strings.Repeat("A", 5000)} {
		if ReadCode(bad) != "?" {
			t.Errorf("%.20q is read as a receipt", bad)
		}
	}
}

// TestOnceOnly sends the same input many times at the same moment.
func TestOnceOnly(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		var all sync.WaitGroup
		codes := make([]string, 20)
		for i := range codes {
			all.Go(func() {
				g := idea("Mend the pump", Anonymous)
				g.Seed = "one form"
				if err := w.update(func(ctx context.Context, tx *db.Tx) error {
					got, err := w.Give(ctx, tx, w.as(""), b.ID, g)
					codes[i] = got.Code
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := 0
		w.view(func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM answer_input`)
			return err
		})
		if n != 1 {
			t.Errorf("%d inputs", n)
		}
		for _, c := range codes {
			if c != codes[0] {
				t.Errorf("receipts %s and %s", c, codes[0])
			}
		}
	}, schemas...)
}

func TestRating(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		g := w.give(b, "", "Mend the pump", Anonymous)
		rate := func(code, value, contest string) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error {
				_, err := w.Rate(ctx, tx, w.as(""), "", code, value, contest)
				return err
			})
		}
		wants(t, rate(g.Code, "no", ""), "answer.no_answer_yet")
		_, err := w.reply(b, NotAdopted, g.Input.ID)
		must(t, err)
		wants(t, rate("00000-00000", "no", ""), "not found")
		wants(t, rate(g.Code, "maybe", ""), "value=fault.choice")
		wants(t, rate(g.Code, "yes", "But"), "contest=answer.contest_no")
		must(t, rate(g.Code, "no", "The pump is the ministry's own"))
		wants(t, rate(g.Code, "no", "And another thing"), "contest=answer.contest_once")
		must(t, rate(g.Code, "partly", ""))
		must(t, rate(g.Code, "no", ""))
		list := func() (n int) {
			w.view(func(ctx context.Context, tx *db.Tx) error {
				l, _, err := Inputs(ctx, tx, b.ID, Filter{Contested: true}, "", 10)
				n = len(l)
				return err
			})
			return n
		}
		if list() != 1 {
			t.Error("the desk does not see what is contested")
		}
		_, err = w.reply(b, Adopted, g.Input.ID) // the second answer
		must(t, err)
		if list() != 0 {
			t.Error("a second answer settles nothing")
		}
	}, schemas...)
}

func TestHeldAndHidden(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		g := w.give(b, "ana", "Buy http://a.bz http://b.bz http://c.bz", Named)
		look := func(name string) error {
			return w.DB.View(t.Context(), func(tx *db.Tx) error {
				_, _, err := w.Look(t.Context(), tx, w.as(name), g.Input.ID)
				return err
			})
		}
		hide := func(name string, on bool, why string) error {
			return w.update(func(ctx context.Context, tx *db.Tx) error { return w.Hide(ctx, tx, w.as(name), g.Input.ID, on, why) })
		}
		wants(t, look("ben"), "not found")
		must(t, look("ana"))
		wants(t, hide("olga", true, "Criticism"), "who.denied") // the office does not take down what it must answer
		must(t, hide("mia", false, ""))
		must(t, look("ben"))
		wants(t, hide("mia", true, " "), "why=fault.required")
		w.pass(time.Hour)
		must(t, hide("mia", true, "Rule 4: advertising"))
		w.unsaid("a.bz")
		wants(t, look("ben"), "answer.hidden")
		w.view(func(ctx context.Context, tx *db.Tx) error {
			in, err := w.ByReceipt(ctx, tx, g.Code)
			if in.Why != "Rule 4: advertising" {
				t.Errorf("its author reads %+v", in)
			}
			before, _ := FactsOf(ctx, tx, promise, db.Time{Time: w.now.Add(-time.Minute)})
			after, err2 := FactsOf(ctx, tx, promise, db.Time{Time: w.now})
			if before.Boxes[0].Inputs[0].Hidden || !after.Boxes[0].Inputs[0].Hidden {
				t.Errorf("facts: %+v %+v", before, after)
			}
			must(t, err2)
			return err
		})
	}, schemas...)
}

func TestErasedPersonLeavesTheirWords(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		in, other := w.give(b, "ana", "Mend the pump", Named).Input, w.give(b, "ben", "Deepen the well", Pseudonym).Input
		w.supports(true, other.ID, "ana")
		_, err := w.reply(b, Adopted, in.ID)
		must(t, err)
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			mine, err := w.Export(ctx, tx, "ana")
			must(t, err)
			text, _ := json.Marshal(mine)
			if !strings.Contains(string(text), "Mend the pump") || !strings.Contains(string(text), other.ID) || strings.Contains(string(text), "Deepen") {
				t.Errorf("ana takes along %s", text)
			}
			return w.Erase(ctx, tx, "ana")
		}))
		if x := w.get(in.ID); x.Author != "" || x.Naming != Anonymous || x.Text != "Mend the pump" || x.State != Adopted {
			t.Errorf("left: %+v", x)
		}
		if n := w.get(other.ID).Supports; n != 1 {
			t.Errorf("%d supporters", n)
		}
		must(t, w.log.Drain(t.Context()))
		w.view(func(ctx context.Context, tx *db.Tx) error {
			list, err := activity.List(ctx, tx, activity.Filter{Kind: InputKind, Record: in.ID, Private: true}, 20)
			for _, e := range list {
				if e.Erased != (e.Verb == "input.received") {
					t.Errorf("%s erased: %v", e.Verb, e.Erased)
				}
			}
			return err
		})
	}, schemas...)
}

// unsaid checks that the log has not kept the words of an input.
func (w *town) unsaid(word string) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *db.Tx) error {
		list, err := db.List(ctx, tx, db.One[string], `SELECT payload FROM activity`)
		for _, p := range list {
			if strings.Contains(p, word) {
				w.t.Errorf("the log keeps %s", p)
			}
		}
		return err
	})
}

func TestSmallVillagesAreNotNamed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		b := w.call()
		must(t, w.update(func(ctx context.Context, tx *db.Tx) error {
			for i := range 2*FewPeople - 1 {
				g := idea(fmt.Sprint("Word of house ", i), Named)
				g.Community = []string{"San Antonio", "Aguacate"}[i%2] // ten, and nine
				_, err := w.Give(ctx, tx, w.as("ana"), b.ID, g)
				must(t, err)
			}
			known, err := Communities(ctx, tx, b.ID)
			if len(known) != 1 || !known["BZ-TOL\x00San Antonio"] {
				t.Errorf("named: %v", known)
			}
			return err
		}))
	}, schemas...)
}
