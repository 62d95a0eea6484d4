package flag

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/id"
	"ceiba/internal/ground/money"
)

// process is what the rules read of one compiled release.
type process struct {
	settings
	release, tender *ocds.Object

	ocid, publisher    string
	buyer, buyerName   string // key, or empty
	status, method     string
	opened, closes     civil.Date
	published          civil.Date // of the release
	value              *money.Amount
	class              string // of its items; empty for none or several
	mixed              bool   // its items are of several classes
	bidders            int    // -1 if it is not said
	awards             []award
	contracts          []contract
	bids               []bid
	hasBids, hasAwards bool // there is such a list
	who                []string
	organisations      []party
}

type award struct {
	*ocds.Object
	at        int
	id        string
	active    bool
	date      civil.Date
	value     *money.Amount
	suppliers []string
}

type contract struct {
	*ocds.Object
	at    int
	award string // awardID
	live  bool   // active or terminated
	value *money.Amount
}

type bid struct {
	*ocds.Object
	at        int
	id        string
	status    string
	price     *money.Amount
	tenderers []string // keys, sorted
}

// submitted tells a bid that was handed in, as Cardinal has it.
func (b *bid) submitted() bool {
	return b.status != "" && b.status != "invited" && b.status != "withdrawn"
}

// each ranges over the objects of a list, with their places in it.
func each(o *ocds.Object, key string) iter.Seq2[int, *ocds.Object] {
	return func(yield func(int, *ocds.Object) bool) {
		for i, v := range field.List(o, key) {
			if one, ok := v.(*ocds.Object); ok && one != nil && !yield(i, one) {
				return
			}
		}
	}
}

// date is a civil day, or none.
func date(o *ocds.Object, key string) civil.Date {
	d, _ := civil.Parse(field.Day(o, key))
	return d
}

// keyOf tells an organisation apart from others: by its id, else its name.
func keyOf(o *ocds.Object) string {
	return cmp.Or(field.Text(o, "id"), id.Fold(o.Text("name")))
}

// keys are those of the organisations of a list, sorted, each once.
func keys(o *ocds.Object, key string) (out []string) {
	for _, one := range each(o, key) {
		if k := keyOf(one); k != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// take takes a release apart.
func take(s settings, r *ocds.Object) *process {
	t := field.Object(r, "tender")
	period := field.Object(t, "tenderPeriod")
	p := &process{
		settings: s, release: r, tender: t, ocid: r.Text("ocid"), status: t.Text("status"), method: t.Text("procurementMethod"),
		opened: date(period, "startDate"), closes: date(period, "endDate"), published: date(r, "date"), value: field.Amount(t, "value"),
	}
	p.publisher = publisherOf(p.ocid)
	buyer := field.Object(r, "buyer")
	if p.buyer = keyOf(buyer); p.buyer == "" {
		buyer = field.Object(t, "procuringEntity")
		p.buyer = keyOf(buyer)
	}
	p.buyerName = buyer.Text("name")
	p.readAwards()
	p.readBids()
	p.readClass()
	p.who = p.bidding()
	p.bidders = p.countBidders()
	p.organisations = p.parties()
	return p
}

// publisherOf is the prefix of an ocid, which is that of its publisher:
// ocds-xxxxxx.
func publisherOf(ocid string) string {
	first, rest, _ := strings.Cut(ocid, "-")
	second, _, _ := strings.Cut(rest, "-")
	return first + "-" + second
}

func (p *process) readAwards() {
	_, p.hasAwards = p.release.Get("awards")
	for i, a := range each(p.release, "awards") {
		p.awards = append(p.awards, award{
			Object: a, at: i, id: field.Text(a, "id"), active: a.Text("status") == "active",
			date: date(a, "date"), value: field.Amount(a, "value"), suppliers: keys(a, "suppliers"),
		})
	}
	for i, c := range each(p.release, "contracts") {
		status := c.Text("status")
		p.contracts = append(p.contracts, contract{
			Object: c, at: i, award: field.Text(c, "awardID"), live: status == "active" || status == "terminated", value: field.Amount(c, "value"),
		})
	}
}

func (p *process) readBids() {
	bids := field.Object(p.release, "bids")
	_, p.hasBids = bids.Get("details")
	for i, b := range each(bids, "details") {
		p.bids = append(p.bids, bid{
			Object: b, at: i, id: field.Text(b, "id"), status: b.Text("status"), price: field.Amount(b, "value"), tenderers: keys(b, "tenderers"),
		})
	}
}

// readClass finds the one class of the items of the tender, else of the awards.
func (p *process) readClass() {
	digits := p.number("class_digits").Int()
	see := func(o *ocds.Object) {
		for _, item := range each(o, "items") {
			c := field.Object(item, "classification")
			name := field.Text(c, "id")
			if name == "" {
				continue
			}
			if runes := []rune(name); len(runes) > digits {
				name = string(runes[:digits])
			}
			name = c.Text("scheme") + ":" + name
			p.mixed = p.mixed || p.class != "" && p.class != name
			p.class = name
		}
	}
	if see(p.tender); p.class == "" {
		for i := range p.awards {
			see(p.awards[i].Object)
		}
	}
	if p.mixed {
		p.class = ""
	}
}

func (p *process) countBidders() int {
	if n := field.Whole(p.tender, "numberOfTenderers"); n != nil && *n < 1<<20 {
		return int(*n)
	}
	if len(p.who) == 0 {
		return -1
	}
	return len(p.who)
}

// bidding are the keys of those who bid, sorted.
func (p *process) bidding() []string {
	who := keys(p.tender, "tenderers")
	for i := range p.bids {
		if p.bids[i].submitted() {
			who = append(who, p.bids[i].tenderers...)
		}
	}
	slices.Sort(who)
	return slices.Compact(who)
}

// direct tells a process without open competition.
func (p *process) direct() bool { return p.method == "direct" || p.method == "limited" }

// competitive tells one that all, or all who qualify, may bid in.
func (p *process) competitive() bool { return p.method == "open" || p.method == "selective" }

// called off tells a tender that came to no award by decision.
func (p *process) calledOff() bool { return p.status == "cancelled" || p.status == "withdrawn" }

// year is that of the tender, else of the first award, else of the release.
func (p *process) year() int {
	d := p.opened
	for i := range p.awards {
		d = cmp.Or(d, p.awards[i].date)
	}
	y, _, _ := cmp.Or(d, p.published).Split()
	return y
}

// awarded is the day of the first active award.
func (p *process) awarded() (first *award) {
	for i := range p.awards {
		if a := &p.awards[i]; a.active && a.date != 0 && (first == nil || a.date < first.date) {
			first = a
		}
	}
	return first
}

// winner is the only supplier of the only active award.
func (p *process) winner() (*award, string) {
	var only *award
	for i := range p.awards {
		if !p.awards[i].active {
			continue
		}
		if only != nil {
			return nil, ""
		}
		only = &p.awards[i]
	}
	if only == nil || len(only.suppliers) != 1 {
		return nil, ""
	}
	return only, only.suppliers[0]
}

// ptr is a pointer into the release.
func ptr(steps ...any) string {
	var b strings.Builder
	for _, s := range steps {
		switch s := s.(type) {
		case string:
			b.WriteByte('/')
			b.WriteString(s)
		case int:
			b.WriteByte('/')
			b.WriteString(strconv.Itoa(s))
		}
	}
	return b.String()
}
