package spending_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
	"ceiba/internal/ground/money"
)

func day(s string) civil.Date {
	d, ok := civil.Parse(s)
	if !ok {
		panic(s)
	}
	return d
}

func bzd(s string) money.Amount {
	a, err := money.Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// row is a payment of the works unit to payee P, out of head 29.
func row(id, date, amount string, more ...func(*spending.Payment)) spending.Payment {
	p := spending.Payment{
		ID: id, Payer: spending.Payer{Body: "works", Unit: "roads"}, Payee: "P", Invoice: "INV-" + id, Amount: bzd(amount), Date: day(date),
		Prepared: spending.Officer{Role: "clerk", Person: "a" + id}, Approved: spending.Officer{Role: "accountant", Person: "b" + id}, Head: "29",
	}
	for _, m := range more {
		m(&p)
	}
	return p
}

func invoiced(s string) func(*spending.Payment) {
	return func(p *spending.Payment) { p.Invoice = s }
}

func contracted(s string) func(*spending.Payment) {
	return func(p *spending.Payment) { p.Contract = s }
}
func to(s string) func(*spending.Payment) { return func(p *spending.Payment) { p.Payee = s } }
func by(prepared, approved string) func(*spending.Payment) {
	return func(p *spending.Payment) { p.Prepared.Person, p.Approved.Person = prepared, approved }
}

// many are n payments of an amount, one every so many days from a day on.
func many(prefix string, n int, from string, step int, amount string, more ...func(*spending.Payment)) (out []spending.Payment) {
	for i := range n {
		p := row(fmt.Sprintf("%s%03d", prefix, i), from, amount, more...)
		p.Date += civil.Date(i * step)
		out = append(out, p)
	}
	return out
}

// table is Belize's table of law with some values set in place of its own.
func table(t testing.TB, set map[string]string) *law.Book {
	t.Helper()
	text, err := os.ReadFile("law/belize.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		cells := strings.SplitN(line, ",", 3)
		if v, ok := set[cells[0]]; ok {
			lines[i] = cells[0] + "," + v + "," + cells[2]
		}
	}
	b, err := law.Read([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// told gives what one rule says of a ledger, a line each.
func told(j *spending.Judge, rule string, payments []spending.Payment, contracts ...spending.Contract) (out []string) {
	for _, f := range j.Ledger(payments, contracts, 2) {
		if f.Rule == rule {
			out = append(out, say(f))
		}
	}
	return out
}

func say(f outcome.Finding) string {
	parts := []string{string(f.Outcome)}
	for _, s := range []string{f.Case, f.Why, f.About, f.Value, f.Unit} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(append(parts, fmt.Sprint("n=", f.N)), " ")
}

// scene is a ledger and what one rule says of it.
type scene struct {
	name string
	rows []spending.Payment
	want []string
}

func play(t *testing.T, j *spending.Judge, rule string, scenes ...scene) {
	t.Helper()
	for _, s := range scenes {
		if got := told(j, rule, s.rows); !slices.Equal(got, s.want) {
			t.Errorf("%s %s:\ngot  %q\nwant %q", rule, s.name, got, s.want)
		}
	}
}

func TestSameDay(t *testing.T) {
	play(t, spending.New(spending.Options{}), "BZ-01",
		scene{"three that come to the limit", []spending.Payment{
			row("1", "2026-03-02", "3,333.33"), row("2", "2026-03-02", "3,333.33"), row("3", "2026-03-02", "3,333.34"),
		}, []string{"flag 10000.00 BZD n=3"}},
		scene{"a cent less", []spending.Payment{
			row("1", "2026-03-02", "3,333.33"), row("2", "2026-03-02", "3,333.33"), row("3", "2026-03-02", "3,333.33"),
		}, []string{"clear 9999.99 BZD n=3"}},
		scene{"each a cent below", many("a", 3, "2026-03-02", 0, "9,999.99"), []string{"flag 29999.97 BZD n=3"}},
		scene{"each at the limit, so the Treasury looked", many("a", 3, "2026-03-02", 0, "10,000.00"), []string{"clear 0.00 BZD n=3"}},
		scene{"one at the limit and two below", []spending.Payment{
			row("1", "2026-03-02", "10,000.00"), row("2", "2026-03-02", "9,999.99"), row("3", "2026-03-02", "9,999.99"),
		}, []string{"clear 0.00 BZD n=3"}},
		scene{"two on one day and one on the next", []spending.Payment{
			row("1", "2026-03-02", "9,000"), row("2", "2026-03-02", "9,000"), row("3", "2026-03-03", "9,000"),
		}, []string{"clear 0.00 BZD n=3"}},
		scene{"two units", []spending.Payment{
			row("1", "2026-03-02", "9,000"), row("2", "2026-03-02", "9,000"),
			row("3", "2026-03-02", "9,000", func(p *spending.Payment) { p.Payer.Unit = "bridges" }),
		}, []string{"clear 0.00 BZD n=1", "clear 0.00 BZD n=2"}},
		scene{"in another currency", many("a", 3, "2026-03-02", 0, "US$9,000"), []string{"insufficient_data currency USD n=0"}},
		scene{"only what was taken back", many("a", 3, "2026-03-02", 0, "-9,000"), []string{"not_applicable payments n=0"}},
	)
}

func TestSplit(t *testing.T) {
	j := spending.New(spending.Options{})
	six := many("a", 5, "2026-01-01", 7, "8,000")
	last := func(date, amount string) []spending.Payment { return append(slices.Clone(six), row("z", date, amount)) }
	play(t, j, "BZ-02",
		scene{"on the thirtieth day", last("2026-01-30", "9,999.99"), []string{"clear 49999.99 BZD n=6"}},
		scene{"the cent that was missing", append(last("2026-01-30", "9,999.99"), row("y", "2026-01-30", "0.01")), []string{"flag 50000.00 BZD n=7"}},
		scene{"on the thirty-first day", append(last("2026-01-31", "9,999.99"), row("y", "2026-01-31", "0.01")), []string{"clear 42000.00 BZD n=7"}},
		scene{"payments at the limit do not count", last("2026-01-30", "10,000.00"), []string{"clear 40000.00 BZD n=5"}},
		scene{"a contract was made", many("a", 6, "2026-01-01", 5, "9,000", contracted("C1")), []string{"clear linked 0.00 BZD n=0"}},
		scene{"two stretches far apart", append(many("a", 6, "2026-01-01", 1, "9,000"), many("b", 6, "2026-06-01", 1, "9,500")...), []string{"flag 54000.00 BZD n=6", "flag 57000.00 BZD n=6"}},
	)
	j = spending.New(spending.Options{Known: func(id string) bool { return id == "C1" }})
	play(t, j, "BZ-02",
		scene{"a contract that nobody knows", many("a", 6, "2026-01-01", 5, "9,000", contracted("C2")), []string{"flag 54000.00 BZD n=6"}},
		scene{"a contract that is known", many("a", 6, "2026-01-01", 5, "9,000", contracted("C1")), []string{"clear linked 0.00 BZD n=0"}},
	)
}

// TestBunching has probabilities computed by hand: of 20 coins 16 or more show
// heads in (4845+1140+190+20+1)/2^20 = 6196/1048576 of all throws, 15 or more in
// (6196+15504)/1048576.
func TestBunching(t *testing.T) {
	j := spending.New(spending.Options{})
	near := func(under, above int) []spending.Payment {
		return append(many("a", under, "2026-01-01", 9, "9,000.00"), many("b", above, "2026-01-01", 9, "10,999.99")...)
	}
	play(t, j, "BZ-03",
		scene{"16 of 20", near(16, 4), []string{"flag 0.800000 share n=20"}},
		scene{"15 of 20", near(15, 5), []string{"clear 0.750000 share n=20"}},
		scene{"19 of 19", near(19, 0), []string{"insufficient_data few bunch_min n=19"}},
		scene{"beside the window", append(near(15, 5), append(many("c", 9, "2026-01-01", 9, "8,999.99"), many("d", 9, "2026-01-01", 9, "11,000.00")...)...), []string{"clear 0.750000 share n=20"}},
		scene{"a cent below the limit, and at it", append(many("a", 10, "2026-01-01", 9, "9,999.99"), many("b", 10, "2026-01-01", 9, "10,000.00")...), []string{"clear 0.500000 share n=20"}},
		scene{"as many rents above as below", near(30, 30), []string{"clear 0.500000 share n=60"}},
	)
	for _, f := range j.Ledger(near(16, 4), nil, 1) {
		if f.Rule == "BZ-03" && *f.P != 6196.0/1048576 {
			t.Errorf("p = %v", *f.P)
		}
	}
}

func TestBelow(t *testing.T) {
	rows := func(under, above int, amount string) []spending.Payment {
		return append(many("a", under, "2026-01-01", 9, amount), many("b", above, "2026-01-01", 9, "10,000.00")...)
	}
	play(t, spending.New(spending.Options{}), "BZ-04",
		scene{"the case of 2026: 97 of 100", rows(97, 3, "4,000"), []string{"flag 0.970000 share n=100"}},
		scene{"19 of 20", rows(19, 1, "9,999.99"), []string{"flag 0.950000 share n=20"}},
		scene{"18 of 20", rows(18, 2, "9,999.99"), []string{"clear 0.900000 share n=20"}},
		scene{"19 in all", rows(19, 0, "9,999.99"), []string{"insufficient_data few below_min 1.000000 share n=19"}},
		scene{"a cent short of the sum", append(rows(20, 0, "2,500")[1:], row("x", "2026-02-01", "2,499.99")), []string{"clear small 1.000000 share n=20"}},
		scene{"just the sum", rows(20, 0, "2,500"), []string{"flag 1.000000 share n=20"}},
		scene{"one large invoice paid in parts", many("a", 20, "2026-01-01", 9, "5,000", invoiced("INV 7")), []string{"insufficient_data few below_min 0.000000 share n=1"}},
	)
}

func TestTwice(t *testing.T) {
	pair := func(gap int, first, second string, more ...func(*spending.Payment)) []spending.Payment {
		b := row("2", "2026-01-05", second, more...)
		b.Date += civil.Date(gap)
		return []spending.Payment{row("1", "2026-01-05", first), b}
	}
	play(t, spending.New(spending.Options{}), "BZ-05",
		scene{"one number, written otherwise", pair(90, "700", "700", invoiced("inv. 0001")), []string{"flag invoice 700.00 BZD n=2"}},
		scene{"another number, the same amount within a week", pair(7, "700", "700"), []string{"flag amount 700.00 BZD n=2"}},
		scene{"on the eighth day", pair(8, "700", "700"), []string{"clear n=2"}},
		scene{"a cent apart", pair(7, "700", "700.01"), []string{"clear n=2"}},
		scene{"no number twice is no number twice", pair(30, "700", "800", invoiced("n/a")), []string{"clear n=2"}},
		scene{"taken back", append(pair(3, "700", "700", invoiced("INV-1")), row("3", "2026-01-20", "-700", invoiced("INV-1"))), []string{"clear reversed n=1"}},
		scene{"another was taken back", append(pair(3, "700", "700", invoiced("INV-1")), row("3", "2026-01-20", "-700", invoiced("INV-9"))), []string{"flag invoice 700.00 BZD n=2"}},
		scene{"paid by two ministries", pair(90, "700", "700", invoiced("INV-1"), func(p *spending.Payment) { p.Payer.Body = "health" }), []string{"flag invoice 700.00 BZD n=2"}},
	)
}

func TestChecker(t *testing.T) {
	chain := func(one, other int) []spending.Payment {
		return append(many("a", one, "2026-01-01", 9, "100", by("ann", "bob")), many("b", other, "2026-01-01", 9, "100", by("ann", "cy"))...)
	}
	play(t, spending.New(spending.Options{}), "BZ-06",
		scene{"the same person", []spending.Payment{row("1", "2026-01-05", "9,999.99", by("ann", "ann"))}, []string{"insufficient_data chain few chain_min 1.000000 share n=1", "flag self 1 count n=1"}},
		scene{"18 of 20 by the same two", chain(18, 2), []string{"flag chain 0.900000 share n=20", "clear self 0 count n=20"}},
		scene{"17 of 20", chain(17, 3), []string{"clear chain 0.850000 share n=20", "clear self 0 count n=20"}},
		scene{"a small office with few payments", chain(19, 0), []string{"insufficient_data chain few chain_min 1.000000 share n=19", "clear self 0 count n=19"}},
		scene{"nobody noted", many("a", 2, "2026-01-01", 9, "100", by("", "bob")), []string{"insufficient_data chain fact officers n=0", "insufficient_data self fact officers 0 count n=2"}},
	)
}

// TestNoPerson: nothing of the public form of findings tells of a person, and
// other names give the same digests.
func TestNoPerson(t *testing.T) {
	j := spending.New(spending.Options{})
	var digests [2][]string
	for i, names := range [][2]string{{"ann-secret", "bob-secret"}, {"eve-secret", "dan-secret"}} {
		rows := append(many("a", 30, "2026-01-01", 1, "100", by(names[0], names[1])), row("z", "2026-01-01", "5", by(names[0], names[0])))
		shown := false
		for _, f := range j.Ledger(rows, nil, 1) {
			shown = shown || strings.Contains(fmt.Sprint(f), names[0])
			if public := fmt.Sprint(f.Public()); strings.Contains(public, "secret") {
				t.Errorf("%s tells of a person: %s", f.Rule, public)
			}
			digests[i] = append(digests[i], f.InputDigest)
		}
		if !shown {
			t.Error("who may see the people does not")
		}
	}
	if !slices.Equal(digests[0], digests[1]) {
		t.Error("a digest tells of people")
	}
}

func TestRush(t *testing.T) {
	year := func(march string) []spending.Payment {
		rows := []spending.Payment{row("m", "2026-03-31", march)}
		for i := range 11 {
			rows = append(rows, many(fmt.Sprintf("%02d-", i), 3, fmt.Sprintf("%d-%02d-01", 2025+(i+3)/12, (i+3)%12+1), 1, "1,000")...)
		}
		return rows
	}
	j := spending.New(spending.Options{})
	play(t, j, "BZ-10", // 33,000 in eleven months: a sixth of all is 6,600
		scene{"a sixth and a cent", year("6,600.01"), []string{"flag 0.166666 share n=34"}},
		scene{"a sixth", year("6,600.00"), []string{"clear 0.166666 share n=34"}},
		scene{"too few payments", year("90,000")[:29], []string{"insufficient_data few rush_min 0.762711 share n=29"}},
		scene{"two months are not in the ledger", slices.DeleteFunc(year("90,000"), func(p spending.Payment) bool { return p.Date < day("2025-06-01") }), []string{"insufficient_data year 0.769230 share n=28"}},
		scene{"the 1st of April is another year", append(year("6,600.00"), row("n", "2026-04-01", "90,000")), []string{"clear 0.166666 share n=34", "insufficient_data year 0.000000 share n=1"}},
		scene{"no head", []spending.Payment{row("1", "2026-03-31", "5", func(p *spending.Payment) { p.Head = "" })}, nil},
	)
	j = spending.New(spending.Options{From: day("2025-04-02")})
	play(t, j, "BZ-10", scene{"a ledger that says it begins later", year("90,000"), []string{"insufficient_data year 0.731707 share n=34"}})
}

// graph knows paths of a few payees.
type graph map[string]spending.Path

func (g graph) Path(payee, body string, _ int) spending.Path {
	if p, ok := g[payee]; ok && body == "works" {
		return p
	}
	return spending.Path{Missing: "payee"}
}

func TestLinked(t *testing.T) {
	steps := func(n int) spending.Path {
		p := spending.Path{Found: true}
		for range n {
			p.Steps = append(p.Steps, spending.Step{Kind: "spouse", At: "declaration-secret", Personal: true})
		}
		return p
	}
	j := spending.New(spending.Options{Links: graph{"P": steps(3), "Q": steps(4), "R": {}, "S": {Missing: "owners"}, "T": steps(0)}})
	play(t, j, "BZ-11",
		scene{"three steps", []spending.Payment{row("1", "2026-03-02", "1")}, []string{"flag 3 edges n=1"}},
		scene{"four steps", []spending.Payment{row("1", "2026-03-02", "1", to("Q"))}, []string{"clear n=1"}},
		scene{"no path", []spending.Payment{row("1", "2026-03-02", "1", to("R"))}, []string{"clear n=1"}},
		scene{"an owner nobody knows", []spending.Payment{row("1", "2026-03-02", "1", to("S"))}, []string{"insufficient_data graph owners n=1"}},
		scene{"the person", []spending.Payment{row("1", "2026-03-02", "1", to("T"))}, []string{"flag 0 edges n=1"}},
		scene{"another ministry", []spending.Payment{row("1", "2026-03-02", "1", func(p *spending.Payment) { p.Payer.Body = "health" })}, []string{"insufficient_data graph payee n=1"}},
	)
	play(t, spending.New(spending.Options{}), "BZ-11", scene{"no graph", []spending.Payment{row("1", "2026-03-02", "1")}, []string{"insufficient_data graph graph n=1"}})
	for _, f := range j.Ledger([]spending.Payment{row("1", "2026-03-02", "1")}, nil, 1) {
		if strings.Contains(fmt.Sprint(f.Public()), "secret") {
			t.Error("the public form tells of a relative")
		}
	}
}

func TestInvoiceCap(t *testing.T) {
	play(t, spending.New(spending.Options{}), "BZ-12", scene{"no cap is known", many("a", 9, "2026-03-02", 0, "5"), []string{"insufficient_data parameter invoice_cap 9 count n=9"}})
	j := spending.New(spending.Options{Law: table(t, map[string]string{"invoice_cap": "3"}), Closed: func(d civil.Date) bool { return d == day("2026-03-09") }})
	play(t, j, "BZ-12",
		scene{"four on a day", many("a", 4, "2026-03-02", 0, "5"), []string{"flag 4 count n=4"}},
		scene{"three on a day", many("a", 3, "2026-03-02", 0, "5"), []string{"clear 3 count n=3"}},
		scene{"four payments on one invoice", many("a", 4, "2026-03-02", 0, "5", invoiced("7")), []string{"clear 1 count n=1"}},
		scene{"Saturday to Tuesday after a holiday", many("a", 4, "2026-03-07", 1, "5"), []string{"flag 4 count n=4"}},
		scene{"Friday and Saturday", many("a", 4, "2026-03-05", 1, "5"), []string{"clear 2 count n=2"}},
	)
}
