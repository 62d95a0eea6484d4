package ballot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

// Two voters who agree on one token cannot keep a poll from ever being counted.
func TestTokenOfReleasedBallot(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: roads(2)}, people(30)...)
		for i := range BatchLeast {
			_, err := h.cast(p, fmt.Sprintf("p%d", i), word(i), "a")
			h.must(err)
		}
		h.later(time.Minute) // released
		_, err := h.cast(p, "p25", word(0), "b")
		wants(t, err, "ballot.token_taken")
		_, err = h.cast(p, "p25", word(25), "b")
		h.must(err)
		_, err = h.cast(p, "p0", word(0), "b") // whose token it is may change
		h.must(err)
		h.later(49 * time.Hour)
		if p = h.get(p); p.State != Final || p.Result.Cast != BatchLeast+1 {
			t.Errorf("%s %+v", p.State, p.Result)
		}
	}, schemas...)
}

// No paper goes into a bag that somebody has read: it could not be entered.
func TestNoPaperIntoReadBag(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		p := h.poll(Terms{Method: Plurality, Secrecy: Secret, Options: roads(2)}, people(3)...)
		paper := func(voter, bag string) error {
			return h.do(func(ctx context.Context, tx *db.Tx) error {
				return h.IssuePaper(ctx, tx, h.as("run1"), p.ID, voter, bag)
			})
		}
		h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
			for _, name := range []string{"run1", "run2", "w1", "w2"} {
				if _, err := tx.Exec(ctx, `INSERT INTO person (id, name, email, lang, level, district, state, demo, created_at, version) VALUES ($1, $1, '', 'en', 3, '', 'active', FALSE, 1, 1)`, name); err != nil {
					return err
				}
			}
			return nil
		}))
		h.must(paper("p0", "7"))
		for _, by := range []string{"run1", "run2"} {
			h.must(h.do(func(ctx context.Context, tx *db.Tx) error {
				_, err := h.Enter(ctx, tx, h.as(by), p.ID, "7", Sheet{Counted: 1, Valid: 1, Sums: map[string]int{"a": 1}}, [2]string{"w1", "w2"})
				return err
			}))
		}
		wants(t, paper("p1", "7"), "ballot.bag_read")
		h.must(paper("p1", "8"))
	}, schemas...)
}

// small are ten voters of one bloc and one of another.
func small() []Voter {
	all := people(11)
	for i := range all {
		all[i].Bloc = "civil_society"
	}
	all[10].Bloc = "government"
	return all
}

// A bloc of one has no figures of its own: not in the result, and not in the log,
// which everybody can take along with its proof.
func TestNoFiguresOfABlocOfOne(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		h, ctx := newHall(t, d), t.Context()
		for _, secrecy := range []Secrecy{Secret, Named} {
			p := h.poll(Terms{Method: YesNo, Secrecy: secrecy}, small()...)
			for i := range 11 {
				choice := Yes
				if i == 10 {
					choice = No
				}
				_, err := h.cast(p, fmt.Sprintf("p%d", i), word(i), choice)
				h.must(err)
			}
			h.later(49 * time.Hour)
			h.must(activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx))
			p = h.get(p)
			told := false
			h.must(h.DB.View(ctx, func(tx *db.Tx) error {
				events, err := activity.List(ctx, tx, activity.Filter{Kind: RecordKind, Record: p.ID}, 100)
				for _, e := range events {
					_, payload := e.Payload()
					told = told || strings.Contains(string(payload), `"bloc":"government"`)
				}
				return err
			}))
			if shown := len(p.Result.PerBloc) > 0; shown != (secrecy == Named) || told != shown {
				t.Errorf("%s: figures by bloc are kept: %t, in the log: %t", secrecy, shown, told)
			}
		}
	}, schemas...)
}

func TestBlocs(t *testing.T) {
	of := func(cast ...int) (r Result) {
		for i, n := range cast {
			r.PerBloc = append(r.PerBloc, BlocResult{Bloc: string(rune('a' + i)), Cast: n})
			r.Cast += n
		}
		return r
	}
	double := Terms{Secrecy: Secret, Majority: Double, Blocs: []string{"a", "b"}}
	rest := of(9, 9)
	rest.Cast++ // one voter is of no bloc: what the two leave is theirs
	for _, x := range []struct {
		name  string
		r     Result
		terms Terms
		want  int
	}{
		{"named", of(1, 9), Terms{Secrecy: Named}, 2},
		{"secret", of(5, 0, 9), Terms{Secrecy: Secret}, 3},
		{"a bloc of four", of(4, 9), Terms{Secrecy: Secret}, 0},
		{"declared, of four", of(4, 9), double, 2},
		{"a third, of one", of(9, 9, 1), double, 2},
		{"one of no bloc", rest, Terms{Secrecy: Secret}, 0},
	} {
		if got := x.r.Blocs(x.terms); len(got) != x.want {
			t.Errorf("%s: %+v", x.name, got)
		}
	}
}

// A voter who changes a ballot again and again does not unmask the other one of
// a bloc of two.
func TestChangedBallotsHideNobody(t *testing.T) {
	bs := make([]Listed, 0, 20)
	for range 9 {
		bs = append(bs, Listed{Bloc: "civil_society", State: "counted"})
	}
	bs = append(bs, Listed{Bloc: "government", State: "counted"}, Listed{Bloc: "government", State: "counted"})
	for range 6 {
		bs = append(bs, Listed{Bloc: "government", State: "superseded"})
	}
	merge(bs, nil)
	for _, b := range bs {
		if b.Bloc == "government" {
			t.Fatalf("a bloc of two is told apart: %+v", bs)
		}
	}
}
