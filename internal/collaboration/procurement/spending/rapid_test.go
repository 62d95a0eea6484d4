package spending_test

import (
	stdcmp "cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/money"
)

// drawn is a ledger of few payees and days, with amounts around the limit.
func drawn(t *rapid.T) []spending.Payment {
	start := day("2026-02-01")
	some := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	var out []spending.Payment
	for i := range rapid.IntRange(0, 60).Draw(t, "rows") {
		out = append(out, spending.Payment{
			ID: fmt.Sprint(i), Payer: spending.Payer{Body: some("body", "works", "health"), Unit: some("unit", "", "a")},
			Payee: some("payee", "P", "Q"), Invoice: some("invoice", "", "1", "01", "2", "n/a", "3-1"),
			Amount:   money.Amount{Minor: rapid.SampledFrom([]int64{-500000, 0, 1, 500000, 899999, 900000, 999999, 1000000, 1099999, 1100000}).Draw(t, "cents"), Currency: some("currency", "BZD", "BZD", "BZD", "USD")},
			Date:     start + civil.Date(rapid.IntRange(0, 90).Draw(t, "day")),
			Prepared: spending.Officer{Person: some("prepared", "", "ann", "bob")}, Approved: spending.Officer{Person: some("approved", "", "ann", "cy")},
			Head: some("head", "", "29"), Contract: some("contract", "", "", "C"),
		})
	}
	return out
}

// TestBatchesByBruteForce counts what a day has for each payee and unit.
func TestBatchesByBruteForce(t *testing.T) {
	type key struct{ payee, payer, day string }
	j := spending.New(spending.Options{})
	rapid.Check(t, func(t *rapid.T) {
		rows := drawn(t)
		n, sum := map[key]int{}, map[key]int64{}
		for _, p := range rows {
			if p.Amount.Currency == "BZD" && p.Amount.Minor > 0 && p.Amount.Minor < 1000000 {
				k := key{p.Payee, p.Payer.String(), p.Date.String()}
				n[k]++
				sum[k] += p.Amount.Minor
			}
		}
		want, got := map[key]string{}, map[key]string{}
		for k := range n {
			if n[k] >= 3 && sum[k] >= 1000000 {
				want[k] = money.Amount{Minor: sum[k]}.Decimal()
			}
		}
		for _, f := range j.Ledger(rows, nil, 1) {
			if f.Rule == "BZ-01" && f.Outcome == outcome.Flag {
				got[key{f.Subject.ID, f.Subject.By, f.From}] = f.Value
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// TestWindowsByBruteForce adds up every thirty days anew: a day is in an episode
// if a payment of it stands in a window that is full.
func TestWindowsByBruteForce(t *testing.T) {
	j := spending.New(spending.Options{})
	rapid.Check(t, func(t *rapid.T) {
		var rows []spending.Payment
		for i := range rapid.IntRange(1, 40).Draw(t, "rows") {
			p := row(fmt.Sprint(i), "2026-01-01", "1")
			p.Date += civil.Date(rapid.IntRange(0, 120).Draw(t, "day"))
			p.Amount.Minor = rapid.Int64Range(300000, 999999).Draw(t, "cents")
			rows = append(rows, p)
		}
		full, peak := map[string]bool{}, int64(0)
		for end := day("2026-01-01"); end < day("2026-06-01"); end++ {
			var inside []spending.Payment
			total := int64(0)
			for _, p := range rows {
				if p.Date <= end && p.Date > end-30 {
					inside, total = append(inside, p), total+p.Amount.Minor
				}
			}
			peak = max(peak, total)
			for _, p := range inside {
				full[p.ID] = full[p.ID] || total >= 5000000
			}
		}
		var most string
		in := map[string]bool{}
		for _, f := range j.Ledger(rows, nil, 1) {
			if f.Rule != "BZ-02" {
				continue
			}
			if a, b := bzd(stdcmp.Or(most, "0")), bzd(f.Value); b.Minor > a.Minor || most == "" {
				most = f.Value
			}
			for _, p := range rows {
				if s := p.Date.String(); f.Outcome == outcome.Flag && s >= f.From && s <= f.To {
					in[p.ID] = true
				}
			}
		}
		if want := (money.Amount{Minor: peak}).Decimal(); most != want {
			t.Errorf("the fullest window has %s, want %s", most, want)
		}
		for _, p := range rows {
			if in[p.ID] != full[p.ID] {
				t.Errorf("payment %s of %v: %v, want %v", p.ID, p.Date, in[p.ID], full[p.ID])
			}
		}
	})
}

// TestAnyOrder: the order of the input and the number of workers change nothing,
// nor does it matter whether rows come as a ledger or as a stream; and every
// finding is sound.
func TestAnyOrder(t *testing.T) {
	j := spending.New(spending.Options{})
	rapid.Check(t, func(t *rapid.T) {
		rows := drawn(t)
		if len(rows) > 2 && rapid.Bool().Draw(t, "broken") {
			rows[0].Date, rows[1].ID = 0, rows[2].ID
		}
		want := text(j.Ledger(rows, nil, 1))
		mixed := slices.Clone(rows)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(mixed), func(a, b int) { mixed[a], mixed[b] = mixed[b], mixed[a] })
		if got := text(j.Ledger(mixed, nil, 3)); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
		slices.SortFunc(mixed, func(a, b spending.Payment) int { return int(a.Payee[0]) - int(b.Payee[0]) })
		var streamed []outcome.Finding
		err := j.Stream(pairs(mixed), func(f outcome.Finding) error { streamed = append(streamed, f); return nil })
		outcome.Sort(streamed)
		if got := text(streamed); err != nil || got != want {
			t.Fatal(err, cmp.Diff(want, got))
		}
		for _, f := range streamed {
			if s := f.Fault(); s != "" {
				t.Errorf("%s: %s", s, say(f))
			}
		}
	})
}

func pairs(rows []spending.Payment) iter.Seq2[spending.Payment, error] {
	return func(yield func(spending.Payment, error) bool) {
		for _, p := range rows {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func text(all []outcome.Finding) string {
	b, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestBrokenRowsHideNothing: a row that cannot be right is named, and the batch
// beside it is flagged all the same.
func TestBrokenRowsHideNothing(t *testing.T) {
	rows := append(many("a", 3, "2026-03-02", 0, "9,000"), row("x", "2026-03-02", "5"), row("a000", "2026-03-05", "5"))
	rows[3].Amount.Currency = ""
	got := told(spending.New(spending.Options{}), "BZ-01", rows)
	if want := []string{"error rows row twice n=2", "flag 27000.00 BZD n=3"}; !slices.Equal(got, want) && !slices.Equal(got, []string{"error rows row currency n=2", want[1]}) {
		t.Error(got)
	}
}

// TestTail compares the test of BZ-03 with fractions of any size, and its
// approximation with them where both are possible.
func TestTail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		sum := new(big.Int)
		for i := k; i <= n; i++ {
			sum.Add(sum, new(big.Int).Binomial(int64(n), int64(i)))
		}
		want, _ := new(big.Rat).SetFrac(sum, new(big.Int).Lsh(big.NewInt(1), uint(n))).Float64()
		p, less := spending.Tail(k, n, 100)
		if p != want || less != (want < 0.01) {
			t.Errorf("%d of %d: %v, %v; want %v", k, n, p, less, want)
		}
		if a := spending.Approximate(k, n); a < want*(1-1e-9) || a > want*(1+1e-9) {
			t.Errorf("%d of %d: about %v, want %v", k, n, a, want)
		}
	})
}

// FuzzLedger gives rows of any kind: nothing panics, findings are sound, and the
// order does not matter.
func FuzzLedger(f *testing.F) {
	f.Add("P", "works", "INV-1", int64(999999), int32(739000), "BZD", "P", "works", "inv 01", int64(-999999), int32(739001), "BZD")
	f.Add("", "", "", int64(1<<62), int32(-1), "", "é", "\x00", "000", int64(-1<<63), int32(1<<30), "USD")
	j := spending.New(spending.Options{})
	f.Fuzz(func(t *testing.T, payee1, body1, invoice1 string, cents1 int64, date1 int32, currency1, payee2, body2, invoice2 string, cents2 int64, date2 int32, currency2 string) {
		one := spending.Payment{ID: "1", Payee: payee1, Payer: spending.Payer{Body: body1}, Invoice: invoice1, Amount: money.Amount{Minor: cents1, Currency: currency1}, Date: civil.Date(date1), Head: body2}
		two := spending.Payment{ID: invoice2, Payee: payee2, Payer: spending.Payer{Body: body2, Unit: body1}, Invoice: invoice2, Amount: money.Amount{Minor: cents2, Currency: currency2}, Date: civil.Date(date2), Prepared: spending.Officer{Person: payee1}, Approved: spending.Officer{Person: payee2}}
		c := spending.Contract{ID: payee1, Value: one.Amount, Signed: two.Date, Method: spending.Method(payee2)}
		rows := []spending.Payment{one, two, one, two, two}
		all := j.Ledger(rows, []spending.Contract{c}, 1)
		for _, found := range all {
			if s := found.Fault(); s != "" {
				t.Errorf("%s: %s", s, say(found))
			}
		}
		slices.Reverse(rows)
		if got, want := text(j.Ledger(rows, []spending.Contract{c}, 2)), text(all); got != want {
			t.Error(cmp.Diff(want, got))
		}
	})
}
