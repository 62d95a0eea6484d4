package scan_test

import (
	"fmt"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/flag/scan"
	"ceiba/internal/collaboration/procurement/outcome"
)

// many are n releases, each with its own ocid: p000, p001 and so on.
func many(n int, of func(i int) string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"ocid":"p%03d",%s}`+"\n", i, of(i))
	}
	return b.String()
}

func by(id string) string { return fmt.Sprintf(`"buyer":{"id":%q}`, id) }

func starts(day string) string { return `"tenderPeriod":{"startDate":"` + day + `T00:00:00Z"}` }

func class(id string) string {
	return `"items":[{"classification":{"scheme":"UNSPSC","id":"` + id + `"}}]`
}

func bidders(n int) string { return fmt.Sprintf(`"numberOfTenderers":%d`, n) }

// shared are n buyers with 20 processes each, of which so many are marked.
func shared(n int, marks func(i int) int, yes, no string) string {
	return many(20*n, func(at int) string {
		what := no
		if at%20 < marks(at/20) {
			what = yes
		}
		return by(fmt.Sprintf("B%02d", at/20)) + "," + what
	})
}

// spread is 20 of 20 for the first, or so many, and from 4 to 8 for the others.
func spread(first int) func(int) int {
	return func(i int) int {
		if i == 0 {
			return first
		}
		return 4 + i%5
	}
}

// TestSharesOfBuyers: what lies above the fence of thirty buyers is asked about;
// what lies at it is not; and 29 buyers are no ground for a judgement. With
// quartiles 5/20 and 7/20 the fence is 10/20.
func TestSharesOfBuyers(t *testing.T) {
	subs := func(has string) string { return award("S", "2026-01-01", "1", `"hasSubcontracting":`+has) }
	for code, c := range map[string][2]string{
		"R013": {tender(direct), tender(open_)},
		"R021": {tender(`"awardCriteria":"ratedCriteria"`), tender(`"awardCriteria":"priceOnly"`)},
		"R072": {subs("true"), subs("false")},
	} {
		for _, x := range []struct {
			n, first int
			want     outcome.Outcome
		}{{31, 11, outcome.Flag}, {31, 10, outcome.Clear}, {29, 20, outcome.Insufficient}} {
			all, _ := found(t, shared(x.n, spread(x.first), c[0], c[1]), scan.Options{})
			if f := about(all, code, "B00"); f == nil || f.Outcome != x.want {
				t.Errorf("%s, %d of 20 among %d: want %s, got %+v", code, x.first, x.n, x.want, f)
			}
		}
	}
}

// TestGroups: rules about a buyer, a class or a pair with limits of their own.
func TestGroups(t *testing.T) {
	size := func(amount string) func(int) string {
		return func(i int) string { return by("B") + "," + tender(open_, starts("2026-01-01"), value(amount)) }
	}
	part := func(amount, day string) func(int) string {
		return func(i int) string {
			return by("B") + "," + tender(direct, starts([]string{"2026-01-01", day}[i]), value([]string{"25000", amount}[i]), class("43211503"))
		}
	}
	sold := func(amounts, days []string) func(int) string {
		return func(i int) string { return by("B") + "," + tender(direct) + "," + award("S", days[i], amounts[i]) }
	}
	market := func(suppliers int) func(int) string {
		return func(i int) string {
			return tender(class("43211503")) + "," + award(fmt.Sprint("S", i%suppliers), "2026-01-01", "10")
		}
	}
	pair := func(losses int) func(int) string {
		return func(i int) string {
			return bids("A valid 1", "B valid 2") + "," + award([]string{"A", "B"}[min(1, max(0, losses-i))], "2026-01-01", "1")
		}
	}
	order := func(last string) func(int) string {
		return func(i int) string {
			day := "2026-01-03"
			if i == 3 {
				day = last
			}
			return bids("A valid 1 2026-01-01", "B valid 2 2026-01-02", "C valid 3 "+day)
		}
	}
	turns := func(last int) func(int) string {
		return func(i int) string {
			who := i % 2
			if i == 8 {
				who = last
			}
			return bids("A valid 1", "B valid 1") + "," + award([]string{"A", "B"}[who], fmt.Sprintf("2026-01-%02d", i+1), "1")
		}
	}
	prices := func(digit func(i int) int) func(int) string {
		return func(i int) string {
			return tender(class("43211503")) + "," + bids(fmt.Sprintf("A valid %d", digit(i)))
		}
	}
	likely := func(i int) int { // as Benford has it
		for d, upTo := range []int{301, 477, 602, 699, 778, 845, 903, 954, 1000} {
			if i*1000/400 < upTo {
				return d + 1
			}
		}
		return 9
	}
	days := []string{"2026-01-01", "2026-03-01", "2026-12-31"}
	for _, c := range []struct {
		code, id string
		n        int
		of       func(int) string
		want     outcome.Outcome
	}{
		{"R002", "B", 20, size("49999.99"), outcome.Flag},
		{"R002", "B", 20, size("50000"), outcome.Clear},
		{"R002", "B", 19, size("49999.99"), outcome.Insufficient},
		{"R011", "p000", 2, part("25000", "2026-01-30"), outcome.Flag},
		{"R011", "p000", 2, part("25000", "2026-01-31"), outcome.Clear},
		{"R011", "p000", 2, part("24999.99", "2026-01-30"), outcome.Clear},
		{"R011", "p000", 1, size("1"), outcome.NotApplicable},
		{"R029", "UNSPSC:4321", 400, prices(func(int) int { return 9 }), outcome.Flag},
		{"R029", "UNSPSC:4321", 400, prices(likely), outcome.Clear},
		{"R029", "UNSPSC:4321", 299, prices(likely), outcome.Insufficient},
		{"R034", "p000", 4, order("2026-01-03"), outcome.Flag},
		{"R034", "p000", 4, order("2025-12-31"), outcome.Clear},
		{"R034", "p000", 2, order(""), outcome.Insufficient},
		{"R049", "S", 3, sold([]string{"10000", "20000", "20000"}, days), outcome.Flag},
		{"R049", "S", 3, sold([]string{"10000", "20000", "19999.99"}, days), outcome.Clear},
		{"R049", "S", 3, sold([]string{"10000", "20000", "20000"}, []string{"2026-01-01", "2026-03-01", "2027-01-01"}), outcome.Clear},
		{"R051", "UNSPSC:4321", 32, market(4), outcome.Flag},
		{"R051", "UNSPSC:4321", 35, market(5), outcome.Clear},
		{"R051", "UNSPSC:4321", 29, market(1), outcome.Insufficient},
		{"R052", "S", 2, sold([]string{"10", "100"}, days), outcome.Flag},
		{"R052", "S", 2, sold([]string{"10", "99.99"}, days), outcome.Clear},
		{"R052", "S", 1, sold([]string{"10"}, days), outcome.NotApplicable},
		{"R053", "A", 8, pair(0), outcome.Flag},
		{"R053", "A", 12, pair(3), outcome.Clear},
		{"R053", "A", 7, pair(0), outcome.Insufficient},
		{"R055", "S", 2, sold([]string{"45000", "45000"}, days), outcome.Flag},
		{"R055", "S", 2, sold([]string{"45000", "44999.99"}, days), outcome.Clear},
		{"R055", "S", 2, sold([]string{"0", "0"}, days), outcome.Insufficient},
		{"R057", "p000", 9, turns(0), outcome.Flag},
		{"R057", "p000", 9, turns(1), outcome.Clear},
		{"R057", "p000", 7, turns(0), outcome.Insufficient},
	} {
		all, report := found(t, many(c.n, c.of), scan.Options{})
		if f := about(all, c.code, c.id); f == nil || f.Outcome != c.want || f.Fault() != "" || report.Skips.N > 0 {
			t.Errorf("%s of %d: want %s, got %+v", c.code, c.n, c.want, f)
		}
	}
}

// TestDistributions: p000 stands out, or stands at the fence, or has too few
// beside it. The others have 4 to 8 and quartiles of 5 and 7, so that the fences
// are 2 and 10.
func TestDistributions(t *testing.T) {
	n := func(first int) func(int) int {
		return func(i int) int { return spread(first)(i) }
	}
	for code, c := range map[string]struct {
		id        string
		of        func(v, i int) string
		flag, not int
		low, at   int // also below the lower fence, where there is one
	}{
		"R016": {"p000", func(v, i int) string { return tender(class("43211503"), value(fmt.Sprint(v))) }, 11, 10, 1, 2},
		"R017": {"p000", func(v, i int) string {
			return tender(`"items":[{"classification":{"scheme":"S","id":"1"},"unit":{"name":"box",` + value(fmt.Sprint(v)) + `}}]`)
		}, 11, 10, 1, 2},
		"R022": {"p000", func(v, i int) string { return bids("A valid 1", fmt.Sprintf("B valid %d", v)) }, 11, 10, 0, 0},
		"R058": {"p000", func(v, i int) string {
			return bids("A valid 1", fmt.Sprintf("B valid %d", v+1)) + "," + award("A", "2026-01-01", "1")
		}, 11, 10, 0, 0},
		"R024": {"p000", func(v, i int) string {
			return bids("A valid 1", fmt.Sprintf("B valid %d", v+1)) + "," + award("A", "2026-01-01", "1")
		}, 1, 2, 0, 0},
		"R040": {"S0", nil, 0, 0, 0, 0},
	} {
		if c.of == nil {
			continue
		}
		check := func(size, first int, want outcome.Outcome) {
			t.Helper()
			all, _ := found(t, many(size, func(i int) string { return c.of(n(first)(i), i) }), scan.Options{})
			if f := about(all, code, c.id); f == nil || f.Outcome != want {
				t.Errorf("%s, %d among %d: want %s, got %+v", code, first, size, want, f)
			}
		}
		check(41, c.flag, outcome.Flag)
		check(41, c.not, outcome.Clear)
		check(29, c.flag, outcome.Insufficient)
		if c.low > 0 {
			check(41, c.low, outcome.Flag)
			check(41, c.at, outcome.Clear)
		}
	}
}

// TestPartsOfPairs: a supplier's part of a buyer's awards, of a market, a class's
// consortia and its bidders.
func TestPartsOfPairs(t *testing.T) {
	supply := func(first int) func(int) string { // the first supplier of each buyer gets so many of 20
		return func(at int) string {
			b, i := at/20, at%20
			s := 0
			if part := spread(first)(b); i >= part {
				s = 1 + (i-part)/max(1, (20-part+2)/3)
			}
			return by(fmt.Sprintf("B%02d", b)) + "," + tender(open_, class(fmt.Sprintf("%02d001", b))) + "," + award(fmt.Sprintf("S%02d-%d", b, s), "2026-01-01", "10")
		}
	}
	bid := func(first int) func(int) string { // 4 processes of each buyer in one class
		return func(at int) string {
			return by(fmt.Sprintf("B%02d", at/4)) + "," + tender(open_, class("43211503"), bidders(spread(first)(at/4)))
		}
	}
	joint := func(first int) func(int) string {
		return func(at int) string {
			a := award("S", "2026-01-01", "10")
			if at%20 < spread(first)(at/20) {
				a = strings.Replace(a, `[{"id":"S"}]`, `[{"id":"S"},{"id":"T"}]`, 1)
			}
			return tender(class(fmt.Sprintf("%02d001", at/20))) + "," + a
		}
	}
	for _, c := range []struct {
		code, id string
		n        int
		of       func(int) string
		want     outcome.Outcome
	}{
		{"R019", "UNSPSC:4321", 41 * 4, bid(1), outcome.Flag},
		{"R019", "UNSPSC:4321", 41 * 4, bid(2), outcome.Clear},
		{"R019", "UNSPSC:4321", 29 * 4, bid(1), outcome.Insufficient},
		{"R026", "UNSPSC:0000", 41 * 20, joint(11), outcome.Flag},
		{"R026", "UNSPSC:0000", 41 * 20, joint(10), outcome.Clear},
		{"R026", "UNSPSC:0000", 29 * 20, joint(20), outcome.Insufficient},
		{"R040", "S00-0", 41 * 20, supply(18), outcome.Flag},
		{"R040", "S00-0", 41 * 20, supply(5), outcome.Clear},
		{"R040", "S00-0", 2 * 20, supply(18), outcome.Insufficient},
		{"R050", "S00-0", 20, supply(18), outcome.Insufficient},
	} {
		all, _ := found(t, many(c.n, c.of), scan.Options{})
		f := about(all, c.code, c.id)
		if c.code == "R019" {
			for i := range all {
				if all[i].Rule == "R019" && all[i].Subject.By == "B00" {
					f = &all[i]
				}
			}
		}
		if f == nil || f.Outcome != c.want || f.Fault() != "" {
			t.Errorf("%s of %d: want %s, got %+v", c.code, c.n, c.want, f)
		}
	}
}

// TestMarketShares: one of forty suppliers has half of a market.
func TestMarketShares(t *testing.T) {
	of := func(first string) func(int) string {
		return func(i int) string {
			amount := fmt.Sprint(4 + i%5)
			if i == 0 {
				amount = first
			}
			return tender(class("43211503")) + "," + award(fmt.Sprintf("S%02d", i), "2026-01-01", amount)
		}
	}
	for first, want := range map[string]outcome.Outcome{"240": outcome.Flag, "10": outcome.Clear} {
		all, _ := found(t, many(41, of(first)), scan.Options{})
		if f := about(all, "R050", "S00"); f == nil || f.Outcome != want {
			t.Errorf("%s: want %s, got %+v", first, want, f)
		}
	}
}

// TestCardinalsOrganisations: R025, R038 and R048 are those of package indicator.
func TestCardinalsOrganisations(t *testing.T) {
	of := func(first int) func(int) string { // 31 tenderers bid 20 times; so many bids are valid, and as many win
		return func(at int) string {
			who, status := fmt.Sprintf("T%02d", at/20), "valid"
			winner := "other"
			if at%20 < spread(first)(at/20) {
				status, winner = "disqualified", who
			}
			kind := fmt.Sprintf("%02d", min(at%20, spread(first)(at/20)))
			return by("B") + "," + bids(who+" "+status, who+" valid") + "," + award(winner, "2026-01-01", "1", class(kind))
		}
	}
	all, _ := found(t, many(31*20, of(20)), scan.Options{})
	for code, want := range map[string]outcome.Outcome{"R025": outcome.Clear, "R038": outcome.Flag, "R048": outcome.Insufficient} {
		if f := about(all, code, "T00"); f == nil || f.Outcome != want {
			t.Errorf("%s: want %s, got %+v", code, want, f)
		}
	}
	all, _ = found(t, many(41*20, of(1)), scan.Options{})
	if f := about(all, "R025", "T00"); f == nil || f.Outcome != outcome.Flag {
		t.Errorf("R025: %+v", f)
	}
	all, _ = found(t, many(3*20, of(1)), scan.Options{})
	if f := about(all, "R025", "T00"); f == nil || f.Outcome != outcome.Insufficient || f.Why != "observations" {
		t.Errorf("R025 of three: %+v", f)
	}
}
