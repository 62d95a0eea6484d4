package joint

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/who"
)

// TestNothingIsKeptOnOnesOwnWord gives random words by random accounts, and
// checks after each what must hold whatever came before.
func TestNothingIsKeptOnOnesOwnWord(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.project()
		actors := []who.Actor{w.min, w.vil, w.lab, acts("hats", w.ministry, w.villages), system, acts("nobody's")}
		rapid.Check(t, func(rt *rapid.T) {
			w.on("2026-02-02")
			v := w.gives(p, w.ministry, w.min)
			if rapid.Bool().Draw(rt, "late") {
				w.on("2026-07-15")
			}
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				as := rapid.SampledFrom(actors).Draw(rt, "who")
				own := rapid.Bool().Draw(rt, "own")
				says := rapid.SampledFrom([]Says{SaysConfirmed, SaysKept, SaysNotKept, SaysWithdrawn}).Draw(rt, "says")
				before := v
				next, err := w.try(as, v, own, says)
				acting := as.ID == "mina" || as.ID == "hats"
				other := as.ID == "vila" || as.ID == "labo"
				allowed := before.State.Allows(says, own, before.Overdue(w.today())) && (own && acting || !own && other)
				if allowed != (err == nil) {
					rt.Fatalf("%s says %s (own %v) of %s: allowed %v, got %v", as.ID, says, own, before.State, allowed, err)
				}
				if err == nil {
					v = next
				}
				w.holds(rt, v)
			}
		})
		w.sumsAreTheirRows(p)
	}, schemas...)
}

// sumsAreTheirRows checks that the numbers of a project are as many as the rows of
// the lists that they lead to.
func (w *world) sumsAreTheirRows(p Project) {
	w.t.Helper()
	w.on("2026-07-15")
	w.view(func(ctx context.Context, tx *db.Tx) error {
		all, err := Pledges(ctx, tx, p.ID)
		w.must(err)
		s, promised, kept := SumOf(all, plan.Today(tx)), 0, 0
		for is, n := range map[string]int{
			"given": s.Pledges, "offered": s.Offered, "kept": s.Kept, "said_kept": s.SaidKept, "disputed": s.Disputed, "not_kept": s.NotKept, "silent": s.Silent,
		} {
			if got := len(w.rows(tx, PledgeFilter{Joint: p.ID, Is: is})); got != n {
				w.t.Errorf("%s: %d, and %d rows", is, n, got)
			}
		}
		for _, r := range w.rows(tx, PledgeFilter{Joint: p.ID, Is: "given", Currency: "BZD"}) {
			promised += int(r.Amount.Minor)
		}
		for _, r := range w.rows(tx, PledgeFilter{Joint: p.ID, Is: "kept", Currency: "BZD"}) {
			kept += int(r.Amount.Minor)
		}
		if promised == 0 || promised != int(s.Promised[0].Minor) || len(s.KeptMoney) > 0 && kept != int(s.KeptMoney[0].Minor) {
			w.t.Errorf("%d promised and %d kept by the rows, %v and %v by the sum", promised, kept, s.Promised, s.KeptMoney)
		}
		ready, err := ReadyOf(ctx, tx, p.ID)
		for sector, n := range map[string]int{Government: ready.Government, Others: ready.Others} {
			if got := len(w.rows(tx, PledgeFilter{Joint: p.ID, Is: "partner", Sector: sector})); got != n {
				w.t.Errorf("of %s: %d, and %d rows", sector, n, got)
			}
		}
		return err
	})
}

// rows are all pledges of a filter, over all pages.
func (w *world) rows(tx *db.Tx, f PledgeFilter) (out []Row) {
	w.t.Helper()
	for cursor, more := "", true; more; more = cursor != "" {
		page, next, err := Rows(w.t.Context(), tx, f, "en", cursor, 7)
		w.must(err)
		out, cursor = append(out, page...), next
	}
	return out
}

func (w *world) today() (day string) {
	w.view(func(_ context.Context, tx *db.Tx) error {
		day = plan.Today(tx)
		return nil
	})
	return day
}

// holds checks a pledge against its words.
func (w *world) holds(rt *rapid.T, v Pledge) {
	w.view(func(ctx context.Context, tx *db.Tx) error {
		words, err := WordsOf(ctx, tx, v.ID)
		stored, err2 := GetPledge(ctx, tx, v.ID)
		w.must(err2)
		if stored.State != v.State || Settle(v.Org, words) != v.State {
			rt.Fatalf("stored %s, answered %s, by its words %s", stored.State, v.State, Settle(v.Org, words))
		}
		last := map[string]Says{} // since the one that gives spoke last
		claimed := false
		for _, x := range words {
			if x.Org == v.Org && (x.Says == SaysKept || x.Says == SaysNotKept) {
				last, claimed = map[string]Says{}, x.Says == SaysKept
			} else if x.Org != v.Org {
				last[x.Org] = x.Says
			}
		}
		yes, no := 0, 0
		for _, s := range last {
			if s == SaysKept {
				yes++
			} else {
				no++
			}
		}
		if want := claimed && yes > 0 && no == 0; want != (v.State == Kept) {
			rt.Fatalf("%s: claimed %v, %d others say kept, %d not", v.State, claimed, yes, no)
		}
		if want := claimed && no > 0; want != (v.State == Disputed) {
			rt.Fatalf("%s: claimed %v, %d others say not", v.State, claimed, no)
		}
		return err
	})
}

// TestSums checks that nothing is counted twice or lost.
func TestSums(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []Pledge
		var promised, kept int64
		for range rapid.IntRange(0, 20).Draw(rt, "n") {
			var p Pledge
			p.State = rapid.SampledFrom(Standings).Draw(rt, "state")
			p.Due = rapid.SampledFrom([]string{"2026-01-01", "2026-12-31"}).Draw(rt, "due")
			p.Amount.Minor, p.Amount.Currency = int64(rapid.IntRange(0, 1000).Draw(rt, "amount")), rapid.SampledFrom([]string{"BZD", "USD"}).Draw(rt, "currency")
			all = append(all, p)
			if p.State.Given() {
				promised += p.Amount.Minor
			}
			if p.State == Kept {
				kept += p.Amount.Minor
			}
		}
		s := SumOf(all, "2026-06-30")
		for _, a := range s.Promised {
			promised -= a.Minor
		}
		for _, a := range s.KeptMoney {
			kept -= a.Minor
		}
		if promised != 0 || kept != 0 {
			rt.Fatalf("off by %d and %d: %+v", promised, kept, s)
		}
		if s.Kept+s.SaidKept+s.Disputed+s.NotKept+s.Silent > s.Pledges || s.Pledges+s.Offered > len(all) {
			rt.Fatalf("%+v", s)
		}
	})
}
