package flag

import (
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
)

// splittable is what R011 needs.
func splittable(p *Process) Verdict {
	switch {
	case p.CalledOff():
		return Not(whyCancelled)
	case p.Method == "":
		return Missing("tender/procurementMethod")
	case p.Method == "open":
		return Not(WhyMethod)
	case p.Value == nil || p.Value.Currency == "":
		return Missing("tender/value/amount")
	case p.Opened == 0:
		return Missing("tender/tenderPeriod/startDate")
	case p.Buyer == "":
		return Missing("buyer/id")
	case p.Class == "":
		return p.classless()
	}
	limit, v := p.threshold(p.Value, p.Opened)
	if v.Outcome == "" && p.Value.Minor >= limit {
		return Asked(false).On(p.Opened).With("/tender/value/amount", p.Value.Decimal())
	}
	return v
}

func (p *Process) classless() Verdict {
	if p.mixed {
		return Insufficient(whyMixed, "tender/items/classification/id")
	}
	return Missing("tender/items/classification/id")
}

// sized is what R016 needs.
func sized(p *Process) Verdict {
	switch {
	case p.Value == nil:
		return Missing("tender/value/amount")
	case p.Value.Minor < 0:
		return wrong(whyNegative, "tender/value/amount")
	case p.Value.Minor == 0:
		return Insufficient(whyZero, "tender/value/amount")
	case p.Value.Currency == "":
		return Missing("tender/value/currency")
	case p.Class == "":
		return p.classless()
	}
	return Verdict{}
}

// priced is what R017 needs.
func priced(p *Process) Verdict {
	for _, item := range Each(p.Tender, "items") {
		if _, _, ok := UnitPrice(item); ok {
			return Verdict{}
		}
	}
	return Missing("tender/items/unit/value/amount")
}

// comparable is what R024 and R058 need.
func comparable(p *Process) Verdict {
	if v, ok := p.hasBidList(); !ok {
		return v
	}
	if len(p.Awards) == 0 {
		return Not(whyStage)
	}
	for i := range p.Awards {
		if status := p.Awards[i].Text("status"); status != "" && status != "active" && status != "cancelled" && status != "unsuccessful" {
			return Not(whyStage)
		}
	}
	if a, _ := p.Winner(); a == nil {
		return Not(WhyNone)
	}
	return Verdict{}
}

// ordered is what R034 needs.
func ordered(p *Process) Verdict {
	if v, ok := p.hasBidList(); !ok {
		return v
	}
	least := p.Number("order_bidders").Int()
	if len(p.Who) < least {
		return Insufficient(WhyFew, "order_bidders")
	}
	if p.Order(least) == "" {
		return Missing("bids/details/date")
	}
	return Verdict{}
}

// rotating is what R057 needs.
func rotating(p *Process) Verdict {
	if v, ok := p.hasBidList(); !ok {
		return v
	}
	a, winner := p.Winner()
	who := p.Who
	switch {
	case a == nil:
		return Not(whyStage)
	case len(who) < 2:
		return Not(WhyNone)
	case !slices.Contains(who, winner):
		return Missing("bids/details/tenderers/id")
	case a.Date == 0 && p.Closes == 0 && p.Opened == 0:
		return Missing("awards/date")
	}
	return Verdict{}
}

// Nearness says how the tender's value lies to the threshold.
func (p *Process) Nearness() Nearness {
	if p.Value == nil || p.Opened == 0 || p.CalledOff() {
		return Unknown
	}
	limit, v := p.threshold(p.Value, p.Opened)
	switch v.Why {
	case WhyCurrency:
		return OtherCurrency
	case WhyParameter:
		return NoThreshold
	}
	low, ok := p.At("bunch_low", p.Opened)
	high, ok2 := p.At("bunch_high", p.Opened)
	switch {
	case !ok || !ok2:
		return NoThreshold
	case p.Value.Minor < 0 || low.Value.Compare(p.Value.Minor, limit) < 0 || high.Value.Compare(p.Value.Minor, limit) >= 0:
		return Far
	case p.Value.Minor < limit:
		return JustBelow
	}
	return JustAbove
}

// Alone are the rules that a release is judged by alone.
var Alone = map[string]func(*Process) Verdict{
	"R001": planned, "R004": announced, "R005": documented, "R008": fees, "R010": reasoned, "R014": openedSoon, "R015": evaluatedLate,
	"R020": complained, "R023": multiples, "R031": estimated, "R032": owned, "R033": held, "R037": unsupported, "R039": unanswered,
	"R042": odd, "R043": shares(true), "R044": shares(false), "R054": grown, "R059": differs, "R060": signedLate,
	"R061": decided("decision_short", true), "R062": decided("decision_long", false), "R063": published, "R064": modified,
	"R065": quantities(false), "R066": quantities(true), "R067": delivered, "R068": overpaid, "R069": dearer, "R071": passedOn,
}

// ByCardinals are those of them that package indicator computes.
var ByCardinals = map[string]func(*Process, indicator.Measures) Verdict{
	"R003": short, "R018": single, "R028": byCardinal("R028"), "R030": byCardinal("R030"), "R035": byCardinal("R035"), "R036": byCardinal("R036"),
}

// Awaiting are the rules about a process that need others, with what keeps a
// Process from being judged.
var Awaiting = map[string]func(*Process) Verdict{
	"R011": splittable, "R016": sized, "R017": priced, "R022": func(p *Process) Verdict { _, v := Disparity(p); return v },
	"R024": comparable, "R034": ordered, "R057": rotating, "R058": comparable,
}

// Shows are the kinds of things a process shows that its publisher publishes.
func (p *Process) Shows() (bits uint64) {
	typed := func(o Obj) bool {
		for _, d := range Each(o, "documents") {
			if d.Text("documentType") != "" {
				return true
			}
		}
		return false
	}
	if typed(field.Object(p.release, "planning")) {
		bits |= BitOf("R001")
	}
	for _, d := range Each(p.Tender, "documents") {
		switch kind := d.Text("documentType"); {
		case kind == "tenderNotice":
			bits |= BitOf("R004")
		case slices.Contains(bidding, kind):
			bits |= BitOf("R005")
		}
	}
	if field.First(p.Tender.Text("procurementMethodRationale")) != "" {
		bits |= BitOf("R010")
	}
	if p.hasBidDocuments() {
		bits |= BitOf("R037")
	}
	for i := range p.contracts {
		if amended(&p.contracts[i]) {
			for _, code := range []string{"R054", "R064", "R065", "R066", "R069"} {
				bits |= BitOf(code)
			}
		}
		for _, d := range Each(p.contracts[i].Object, "documents") {
			if kind := d.Text("documentType"); kind == "contractSigned" || kind == "contractText" || kind == "contractNotice" {
				bits |= BitOf("R063")
			}
		}
	}
	return bits
}

// BitOf is the bit of a rule that may judge by absence.
func BitOf(code string) uint64 { return 1 << Absences[code] }

// Obj is short for an object of a release.
type Obj = *ocds.Object

// UnitPrice is what R017 judges of an item.
func UnitPrice(item Obj) (group string, cents int64, ok bool) {
	c, unit := field.Object(item, "classification"), field.Object(item, "unit")
	price := field.Amount(unit, "value")
	name := field.Text(c, "id")
	if name == "" || price == nil || price.Minor <= 0 {
		return "", 0, false
	}
	return strings.Join([]string{c.Text("scheme"), name, field.First(field.Text(unit, "id"), unit.Text("name")), price.Currency}, "\x00"), price.Minor, true
}

// Absences are the rules that may judge by what is not there, with their bits in
// a row. The first six flag it, and have a place in row.absentAt; the others find
// a process clear by it.
var Absences = map[string]int{
	"R001": 0, "R004": 1, "R005": 2, "R010": 3, "R037": 4, "R063": 5,
	"R054": Flagging, "R064": 7, "R065": 8, "R066": 9, "R069": 10,
}

// Flagging is how many of the rules of absence flag it.
const Flagging = 6

// Nearness is how a tender's value lies to the threshold.
type Nearness uint8

const (
	Unknown       Nearness = iota // no value or day
	Far                           // neither of the next two
	JustBelow                     // from bunch_low times the threshold on
	JustAbove                     // up to bunch_high times the threshold
	NoThreshold                   // it is not known for the day
	OtherCurrency                 // than the threshold's
)
