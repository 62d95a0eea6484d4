package spending_test

import (
	"slices"
	"testing"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/collaboration/procurement/spending/law"
)

// whole is a contract of which everything is there.
func whole(value string, more ...func(*spending.Contract)) spending.Contract {
	c := spending.Contract{
		ID: "C1", Payer: spending.Payer{Body: "works"}, Payee: "P", Value: bzd(value), Method: spending.Direct, Signed: day("2026-05-04"),
		Written: spending.Yes, Rationale: spending.Yes, Quotations: spending.Yes, Notice: spending.Yes,
		Clearances: []spending.Clearance{{By: spending.ProcurementUnit, Done: spending.Yes, Date: day("2026-05-01")}, {By: spending.ContractorGeneral, Done: spending.Yes, Date: day("2026-05-04")}},
	}
	for _, m := range more {
		m(&c)
	}
	return c
}

type trait = func(*spending.Contract)

func unwritten(f spending.Fact) trait { return func(c *spending.Contract) { c.Written = f } }
func reasons(f spending.Fact) trait   { return func(c *spending.Contract) { c.Rationale = f } }
func method(m spending.Method) trait  { return func(c *spending.Contract) { c.Method = m } }
func asked(quotations, notice spending.Fact) trait {
	return func(c *spending.Contract) { c.Quotations, c.Notice = quotations, notice }
}
func signed(s string) trait { return func(c *spending.Contract) { c.Signed = day(s) } }
func cleared(by spending.Reviewer, done spending.Fact, date string) trait {
	return func(c *spending.Contract) {
		c.Clearances = slices.DeleteFunc(slices.Clone(c.Clearances), func(one spending.Clearance) bool { return one.By == by })
		one := spending.Clearance{By: by, Done: done}
		if date != "" {
			one.Date = day(date)
		}
		c.Clearances = append(c.Clearances, one)
	}
}

// about gives what a rule says of one case of a contract, without value and n.
func about(t *testing.T, j *spending.Judge, c spending.Contract, rule string, cases ...string) (out []string) {
	t.Helper()
	for _, f := range j.Contract(&c) {
		if s := f.Fault(); s != "" {
			t.Errorf("%s: %s", f.Rule, s)
		}
		if f.Rule == rule && (len(cases) == 0 || slices.Contains(cases, f.Case)) {
			f.Value, f.Unit, f.N = "", "", 0
			s := say(f)
			out = append(out, s[:len(s)-len(" n=0")])
		}
	}
	return out
}

const (
	yes, no, unknown = spending.Yes, spending.No, spending.Unknown
	unit, general    = spending.ProcurementUnit, spending.ContractorGeneral
)

func TestContracts(t *testing.T) {
	j := spending.New(spending.Options{})
	for _, s := range []struct {
		rule, which string
		contract    spending.Contract
		want        string
	}{
		{"BZ-07", "written", whole("10,000.00", unwritten(no)), "flag written"},
		{"BZ-07", "written", whole("9,999.99", unwritten(no)), "not_applicable written below"},
		{"BZ-07", "written", whole("10,000.00"), "clear written"},
		{"BZ-07", "written", whole("10,000.00", unwritten(unknown)), "insufficient_data written fact written"},
		{"BZ-07", "written", whole("10,000.00", unwritten(no), signed("2018-03-31")), "insufficient_data written parameter verbal_limit"},
		{"BZ-07", "written", whole("US$10,000.00", unwritten(no)), "insufficient_data written currency USD"},
		{"BZ-07", "written", whole("0", unwritten(no)), "insufficient_data written fact value"},
		{"BZ-07", "rationale", whole("50,000.01", reasons(no)), "flag rationale"},
		{"BZ-07", "rationale", whole("50,000.00", reasons(no)), "not_applicable rationale below"},
		{"BZ-07", "rationale", whole("50,000.01"), "clear rationale"},
		{"BZ-07", "rationale", whole("50,000.01", reasons(no), method(spending.Open)), "not_applicable rationale method"},
		{"BZ-07", "rationale", whole("50,000.01", reasons(no), method("")), "insufficient_data rationale fact method"},

		{"BZ-08", "", whole("20,000.00", asked(no, no)), "not_applicable below"},
		{"BZ-08", "amber", whole("20,000.01", asked(no, no)), "flag amber"},
		{"BZ-08", "amber", whole("50,000.00", asked(no, no)), "flag amber"},
		{"BZ-08", "amber", whole("50,000.00", asked(yes, no)), "clear amber"},
		{"BZ-08", "amber", whole("50,000.00", asked(unknown, no)), "insufficient_data amber fact quotation_or_tender"},
		{"BZ-08", "red", whole("50,000.01", asked(yes, no)), "flag red"},
		{"BZ-08", "red", whole("50,000.01", asked(no, yes)), "clear red"},
		{"BZ-08", "red", whole("50,000.01", asked(no, unknown)), "insufficient_data red fact tender_notice"},
		{"BZ-08", "fara", whole("50,000.01"), "insufficient_data fara parameter fara_limited"},
		{"BZ-08", "fara", whole("50,000.01", method(spending.Selective)), "insufficient_data fara parameter fara_selective"},
		{"BZ-08", "fara", whole("50,000.01", method(spending.Open)), "clear fara"},

		{"BZ-09", "", whole("50,000.01"), "clear"}, // signed on the day of the second document
		{"BZ-09", "", whole("50,000.01", cleared(general, yes, "2026-05-05")), "flag"},
		{"BZ-09", "", whole("50,000.00", cleared(general, yes, "2026-05-05")), "not_applicable below"},
		{"BZ-09", "", whole("50,000.01", cleared(unit, no, "")), "flag"},
		{"BZ-09", "", whole("50,000.01", cleared(unit, unknown, "")), "insufficient_data fact procurement_unit"},
		{"BZ-09", "", whole("50,000.01", cleared(unit, yes, "")), "insufficient_data fact procurement_unit"},
	} {
		if got := about(t, j, s.contract, s.rule, s.which); !slices.Equal(got, []string{s.want}) {
			t.Errorf("%s %s of %s: %q, want %q", s.rule, s.which, s.contract.Value.Decimal(), got, s.want)
		}
	}
}

// TestAct: once somebody fills in the values of the Act, the rule judges.
func TestAct(t *testing.T) {
	j := spending.New(spending.Options{Law: table(t, map[string]string{"fara_open": "100000", "fara_selective": "75000", "fara_limited": "30000"})})
	for value, want := range map[string]string{"30,000": "clear fara", "30,000.01": "flag fara"} {
		if got := about(t, j, whole(value), "BZ-08", "fara"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", value, got)
		}
	}
	if got := about(t, j, whole("100,000", method(spending.Selective)), "BZ-08", "fara"); !slices.Equal(got, []string{"flag fara"}) {
		t.Error(got)
	}
}

// TestNewLaw: a change of law is a new line of the table; what was signed before
// is judged as before, with the same hash of parameters.
func TestNewLaw(t *testing.T) {
	old, err := law.Read([]byte(lines("verbal_limit,10000,BZD,2018-04-01,,law,x,s,,no,n\n")))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := law.Read([]byte(lines("verbal_limit,10000,BZD,2018-04-01,2026-12-31,law,x,s,,no,n\nverbal_limit,25000,BZD,2027-01-01,,law,y,s,,no,n\n")))
	if err != nil {
		t.Fatal(err)
	}
	written := func(b *law.Book, date string) outcome.Finding {
		c := whole("20,000", unwritten(no), signed(date))
		return spending.New(spending.Options{Law: b}).Contract(&c)[0]
	}
	if f := written(changed, "2027-01-01"); f.Outcome != outcome.NotApplicable {
		t.Error(say(f))
	}
	before, after := written(old, "2026-12-30"), written(changed, "2026-12-30")
	if before.Outcome != outcome.Flag || after.Outcome != outcome.Flag {
		t.Error(say(before), say(after))
	}
}

func lines(s string) string {
	return "name,value,unit,valid_from,valid_to,basis,legal_ref,source,url,verified,note\n" + s
}

func TestContractThatCannotBe(t *testing.T) {
	c := whole("-1")
	for _, f := range spending.New(spending.Options{}).Contract(&c) {
		if f.Outcome != outcome.Error || f.About != "value" {
			t.Error(say(f))
		}
	}
}
