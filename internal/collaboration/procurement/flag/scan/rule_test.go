package scan_test

import (
	"fmt"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/flag/scan"
	"ceiba/internal/collaboration/procurement/outcome"
)

// one is a release with an ocid and what else is said.
func one(rest ...string) string {
	return `{"ocid":"ocds-aaaaaa-1","date":"2026-06-01T00:00:00Z",` + strings.Join(rest, ",") + "}\n"
}

// other is another release of the same publisher.
func other(rest ...string) string {
	return strings.Replace(one(rest...), "-1", "-2", 1)
}

func tender(rest ...string) string { return `"tender":{` + strings.Join(rest, ",") + `}` }

const (
	open_  = `"procurementMethod":"open"`
	direct = `"procurementMethod":"direct"`
	period = `"tenderPeriod":{"startDate":"2026-01-01T00:00:00Z","endDate":"2026-01-31T00:00:00Z"}`
)

func value(amount string) string {
	return `"value":{"amount":` + amount + `,"currency":"BZD"}`
}

func documents(kinds ...string) string {
	var all []string
	for _, k := range kinds {
		kind, day, _ := strings.Cut(k, " ")
		all = append(all, fmt.Sprintf(`{"documentType":%q,"datePublished":%q}`, kind, day))
	}
	return `"documents":[` + strings.Join(all, ",") + `]`
}

// bids are written "tenderer status price day", the rest optional.
func bids(all ...string) string {
	var out []string
	for i, one := range all {
		f := append(strings.Fields(one), "", "", "")
		b := fmt.Sprintf(`"id":"b%d","tenderers":[{"id":%q}],"status":%q`, i, f[0], f[1])
		if f[2] != "" {
			b += "," + value(f[2])
		}
		if f[3] != "" {
			b += fmt.Sprintf(`,"date":%q`, f[3])
		}
		out = append(out, "{"+b+"}")
	}
	return `"bids":{"details":[` + strings.Join(out, ",") + `]}`
}

// award is an active award of a day to a supplier.
func award(supplier, date, amount string, rest ...string) string {
	return fmt.Sprintf(`"awards":[{"id":"a","status":"active","date":"%sT00:00:00Z","suppliers":[{"id":%q}],`, date, supplier) +
		strings.Join(append(rest, value(amount)), ",") + "}]"
}

func contract(rest ...string) string {
	return `"contracts":[{"id":"c","awardID":"a","status":"active",` + strings.Join(rest, ",") + "}]"
}

func parties(all ...string) string { return `"parties":[` + strings.Join(all, ",") + `]` }

const amended = `"amendments":[{"id":"1"}]`

// TestRulesAboutAProcess: of each a case that is asked about, one that just is
// not, and one that cannot be judged or is not spoken of.
func TestRulesAboutAProcess(t *testing.T) {
	plan := `"planning":{` + documents("procurementPlan 2025-01-01") + `}`
	item := func(n string) string { return `"items":[{"id":"i","quantity":` + n + `}]` }
	milestone := func(m string) string { return `"implementation":{"milestones":[` + m + `]}` }
	owner := func(id, owner string) string {
		return `{"id":"` + id + `","roles":["tenderer"],"beneficialOwners":[{` + owner + `}]}`
	}
	holder := func(id, part string) string {
		return `{"id":"` + id + `","roles":["tenderer"],"shareholders":[{"shareholder":{"id":"S"},"shareholding":` + part + `}]}`
	}
	phone := func(id, role, phone string) string {
		return `{"id":"` + id + `","roles":["` + role + `"],"contactPoint":{"telephone":"` + phone + `"}}`
	}
	opening := func(day string) string { return `"bidOpening":{"date":"` + day + `T09:00:00Z"}` }
	for code, c := range map[string]struct{ flag, clear, not string }{
		"R001": {one(tender(open_)) + other(plan), one(tender(open_), plan), one(tender(open_))},
		"R003": {one(tender(open_, `"tenderPeriod":{"startDate":"2026-01-01T00:00:00Z","endDate":"2026-01-15T23:59:59Z"}`)), one(tender(open_, `"tenderPeriod":{"startDate":"2026-01-01T00:00:00Z","endDate":"2026-01-16T00:00:00Z"}`)), one(tender(open_, `"tenderPeriod":{"startDate":"2026-01-01","endDate":"2026-01-03"}`))},
		"R004": {one(tender(open_, period, documents("tenderNotice 2026-01-02"))), one(tender(open_, period, documents("tenderNotice 2026-01-01"))), one(tender(direct, period))},
		"R005": {one(tender(open_, period, documents("biddingDocuments 2026-02-01"))), one(tender(open_, period, documents("biddingDocuments 2026-01-31"))), one(tender(open_, period))},
		"R008": {one(tender(value("10000"), `"participationFees":[{`+value("50.01")+`}]`)), one(tender(value("10000"), `"participationFees":[{`+value("50")+`}]`)), one(tender(value("10000")))},
		"R010": {one(tender(direct)) + other(tender(direct, `"procurementMethodRationale":"flood"`)), one(tender(direct, `"procurementMethodRationale":"flood"`)), one(tender(open_))},
		"R014": {one(tender(open_, period, opening("2026-01-15"))), one(tender(open_, period, opening("2026-01-16"))), one(tender(open_, period))},
		"R015": {one(tender(opening("2026-01-01"), `"awardPeriod":{"startDate":"2026-03-03T00:00:00Z"}`)), one(tender(opening("2026-01-01"), `"awardPeriod":{"startDate":"2026-03-02T00:00:00Z"}`)), one(tender(open_))},
		"R018": {one(tender(open_, `"numberOfTenderers":1`)), one(tender(open_, `"numberOfTenderers":2`)), one(tender(direct, `"numberOfTenderers":1`))},
		"R020": {one(`"complaints":[{"id":"q"}]`), one(`"complaints":[]`), one(tender(open_))},
		"R023": {one(bids("A valid 100", "B valid 110", "C valid 121")), one(bids("A valid 1000", "B valid 1100", "C valid 1211")), one(bids("A valid 100", "B valid 110"))},
		"R028": {one(bids("A valid 100", "B valid 100")), one(bids("A valid 100", "B valid 100.01")), one(bids("A valid"))},
		"R030": {one(tender(period), bids("A valid 1 2026-01-31T00:00:01Z"), award("A", "2026-02-20", "1")), one(tender(period), bids("A valid 1 2026-01-31T00:00:00Z"), award("A", "2026-02-20", "1")), one(tender(period), bids("A qualified 1 2026-01-31T00:00:01Z"), award("A", "2026-02-20", "1"))},
		"R031": {one(tender(open_, value("100")), bids("A valid 98"), award("A", "2026-02-01", "98")), one(tender(open_, value("100")), bids("A valid 97.99"), award("A", "2026-02-01", "98")), one(tender(open_), award("A", "2026-02-01", "98"))},
		"R032": {one(parties(owner("A", `"id":"o"`), owner("B", `"id":"o","name":"N"`))), one(parties(owner("A", `"id":"o","name":"N"`), owner("B", `"id":"p","name":"N"`))), one(parties(owner("A", `"id":"o"`), `{"id":"B","roles":["tenderer"]}`))},
		"R033": {one(parties(holder("A", "0.1"), holder("B", "0.5"))), one(parties(holder("A", "0.0999"), holder("B", "0.5"))), one(parties(holder("A", "0.1")))},
		"R035": {one(bids("A valid 2", "B disqualified 1"), award("A", "2026-02-01", "2")), one(bids("A valid 2", "B pending 1"), award("A", "2026-02-01", "2")), one(bids("A valid 2", "B disqualified 1"))},
		"R036": {one(bids("A valid 2", "B disqualified 1.99"), award("A", "2026-02-01", "2")), one(bids("A valid 2", "B disqualified 2"), award("A", "2026-02-01", "2")), one(bids("A valid", "B disqualified"), award("A", "2026-02-01", "2"))},
		"R037": {one(bids("A valid 2", "B disqualified 1")) + other(`"bids":{"details":[{"documents":[{"id":"1"}]}]}`), one(bids("A valid 2", "B disqualified 2")), one(bids("A valid 2", "B disqualified 1"))},
		"R039": {one(tender(`"status":"complete","enquiries":[{"id":"1"}]`)), one(tender(`"status":"complete","enquiries":[{"id":"1","answer":"yes"}]`)), one(tender(`"status":"active","enquiries":[{"id":"1"}]`))},
		"R042": {one(parties(phone("A", "tenderer", "600-123"))), one(parties(phone("A", "tenderer", "600-1234"))), one(parties(phone("B", "buyer", "1")))},
		"R043": {one(parties(phone("A", "tenderer", "+501 600-1234"), phone("B", "buyer", "6001234"))), one(parties(phone("A", "tenderer", "6001235"), phone("B", "buyer", "6001234"))), one(parties(phone("A", "tenderer", "6001234")))},
		"R044": {one(parties(phone("A", "tenderer", "+501 600-1234"), phone("B", "supplier", "6001234"))), one(parties(phone("A", "tenderer", "6001235"), phone("B", "tenderer", "6001234"))), one(parties(phone("A", "tenderer", "6001234")))},
		"R054": {one(tender(direct), award("A", "2026-02-01", "49999.99"), contract(value("50000"), amended)), one(tender(direct), award("A", "2026-02-01", "49999.99"), contract(value("49999.99"), amended)), one(tender(open_))},
		"R059": {one(award("A", "2026-02-01", "100"), contract(value("110.01"))), one(award("A", "2026-02-01", "100"), contract(value("110"))), one(award("A", "2026-02-01", "100"))},
		"R060": {one(award("A", "2026-01-01", "1"), contract(`"dateSigned":"2026-03-03"`)), one(award("A", "2026-01-01", "1"), contract(`"dateSigned":"2026-03-02"`)), one(award("A", "2026-01-01", "1"), contract(value("1")))},
		"R061": {one(tender(open_, period), award("A", "2026-02-02", "1")), one(tender(open_, period), award("A", "2026-02-03", "1")), one(tender(open_), award("A", "2026-02-03", "1"))},
		"R062": {one(tender(open_, period), award("A", "2026-05-02", "1")), one(tender(open_, period), award("A", "2026-05-01", "1")), one(tender(open_, period))},
		"R063": {one(contract(value("1"))) + other(contract(documents("contractSigned 2026-01-01"))), one(contract(documents("contractSigned 2026-01-01"))), one(contract(value("1")))},
		"R064": {one(contract(amended)), one(contract(value("1"))) + other(contract(amended)), one(contract(value("1")))},
		"R065": {one(award("A", "2026-01-01", "1", item("10")), contract(amended, item("9.5"))), one(award("A", "2026-01-01", "1", item("10")), contract(amended, item("10"))), one(award("A", "2026-01-01", "1"), contract(amended, item("10")))},
		"R066": {one(award("A", "2026-01-01", "1", item("10")), contract(amended, item("10.5"))), one(award("A", "2026-01-01", "1", item("10")), contract(amended, item("10"))), one(award("A", "2026-01-01", "1"))},
		"R067": {one(contract(milestone(`{"dueDate":"2026-01-01","dateMet":"2026-01-02"}`))), one(contract(milestone(`{"dueDate":"2026-01-01","dateMet":"2026-01-01"}`))), one(contract(milestone(``)))},
		"R068": {one(contract(value("100"), `"implementation":{"transactions":[{`+value("60")+`},{`+value("40.01")+`}]}`)), one(contract(value("100"), `"implementation":{"transactions":[{`+value("60")+`},{`+value("40")+`}]}`)), one(contract(value("100")))},
		"R069": {one(award("A", "2026-01-01", "100"), contract(amended, value("100.01"))), one(award("A", "2026-01-01", "100"), contract(amended, value("100"))), one(award("A", "2026-01-01", "100"), contract(value("101")))},
		"R071": {one(award("A", "2026-01-01", "1", `"hasSubcontracting":true,"subcontracting":{"minimumPercentage":0.5}`)), one(award("A", "2026-01-01", "1", `"hasSubcontracting":true,"subcontracting":{"minimumPercentage":0.49}`)), one(award("A", "2026-01-01", "1"))},
	} {
		for want, text := range map[string]string{"flag": c.flag, "clear": c.clear, "neither": c.not} {
			all, report := found(t, text, scan.Options{})
			if report.Skips.N > 0 {
				t.Fatalf("%s: %v in %s", code, report.Skips, text)
			}
			got := about(all, code, "ocds-aaaaaa-1")
			if got == nil {
				t.Errorf("%s: nothing is said of %s", code, text)
				continue
			}
			is := string(got.Outcome)
			if got.Outcome == outcome.Insufficient || got.Outcome == outcome.NotApplicable {
				is = "neither"
			}
			if is != want || got.Fault() != "" || got.Outcome == outcome.Flag && len(got.Evidence) == 0 {
				t.Errorf("%s: want %s, got %+v for %s", code, want, got, text)
			}
		}
	}
}

// about finds what a rule says of a subject.
func about(all []outcome.Finding, code, id string) *outcome.Finding {
	for i := range all {
		if all[i].Rule == code && all[i].Subject.ID == id {
			return &all[i]
		}
	}
	return nil
}

func TestDatesThatContradictAreErrors(t *testing.T) {
	all, _ := found(t, one(tender(open_, period), award("A", "2026-01-30", "1")), scan.Options{})
	if f := about(all, "R061", "ocds-aaaaaa-1"); f.Outcome != outcome.Error || f.Why != "order" {
		t.Errorf("%+v", f)
	}
}

func TestPeopleAreNotForThePublic(t *testing.T) {
	all, _ := found(t, one(parties(`{"id":"A","roles":["tenderer"],"contactPoint":{"telephone":"1"}}`)), scan.Options{})
	f := about(all, "R042", "ocds-aaaaaa-1")
	if public := f.Public(); len(f.Evidence) != 1 || len(public.Evidence) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestWhatIsNoReleaseIsSkipped(t *testing.T) {
	_, report := found(t, one(tender(open_))+one(tender(open_))+"[]\n{}\nx\n", scan.Options{})
	if report.Processes != 1 || report.Repeated != 1 || report.Skips.N != 3 {
		t.Errorf("%+v", report)
	}
}
