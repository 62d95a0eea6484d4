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

// Process is what the rules read of one compiled release.
type Process struct {
	Settings
	release, Tender *ocds.Object

	OCID, Publisher    string
	Buyer, BuyerName   string // key, or empty
	status, Method     string
	Opened, Closes     civil.Date
	published          civil.Date // of the release
	Value              *money.Amount
	Class              string // of its items; empty for none or several
	mixed              bool   // its items are of several classes
	Bidders            int    // -1 if it is not said
	Awards             []award
	contracts          []contract
	bids               []bid
	hasBids, hasAwards bool // there is such a list
	Who                []string
	organisations      []party
}

type award struct {
	*ocds.Object
	at        int
	id        string
	Active    bool
	Date      civil.Date
	Value     *money.Amount
	Suppliers []string
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

// Each ranges over the objects of a list, with their places in it.
func Each(o *ocds.Object, key string) iter.Seq2[int, *ocds.Object] {
	return func(yield func(int, *ocds.Object) bool) {
		for i, v := range field.List(o, key) {
			if one, ok := v.(*ocds.Object); ok && one != nil && !yield(i, one) {
				return
			}
		}
	}
}

// Date is a civil day, or none.
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
	for _, one := range Each(o, key) {
		if k := keyOf(one); k != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Take takes a release apart.
func Take(s Settings, r *ocds.Object) *Process {
	t := field.Object(r, "tender")
	period := field.Object(t, "tenderPeriod")
	p := &Process{
		Settings: s, release: r, Tender: t, OCID: r.Text("ocid"), status: t.Text("status"), Method: t.Text("procurementMethod"),
		Opened: date(period, "startDate"), Closes: date(period, "endDate"), published: date(r, "date"), Value: field.Amount(t, "value"),
	}
	p.Publisher = publisherOf(p.OCID)
	buyer := field.Object(r, "buyer")
	if p.Buyer = keyOf(buyer); p.Buyer == "" {
		buyer = field.Object(t, "procuringEntity")
		p.Buyer = keyOf(buyer)
	}
	p.BuyerName = buyer.Text("name")
	p.readAwards()
	p.readBids()
	p.readClass()
	p.Who = p.bidding()
	p.Bidders = p.countBidders()
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

func (p *Process) readAwards() {
	_, p.hasAwards = p.release.Get("awards")
	for i, a := range Each(p.release, "awards") {
		p.Awards = append(p.Awards, award{
			Object: a, at: i, id: field.Text(a, "id"), Active: a.Text("status") == "active",
			Date: date(a, "date"), Value: field.Amount(a, "value"), Suppliers: keys(a, "suppliers"),
		})
	}
	for i, c := range Each(p.release, "contracts") {
		status := c.Text("status")
		p.contracts = append(p.contracts, contract{
			Object: c, at: i, award: field.Text(c, "awardID"), live: status == "active" || status == "terminated", value: field.Amount(c, "value"),
		})
	}
}

func (p *Process) readBids() {
	bids := field.Object(p.release, "bids")
	_, p.hasBids = bids.Get("details")
	for i, b := range Each(bids, "details") {
		p.bids = append(p.bids, bid{
			Object: b, at: i, id: field.Text(b, "id"), status: b.Text("status"), price: field.Amount(b, "value"), tenderers: keys(b, "tenderers"),
		})
	}
}

// readClass finds the one class of the items of the tender, else of the awards.
func (p *Process) readClass() {
	digits := p.Number("class_digits").Int()
	see := func(o *ocds.Object) {
		for _, item := range Each(o, "items") {
			c := field.Object(item, "classification")
			name := field.Text(c, "id")
			if name == "" {
				continue
			}
			if runes := []rune(name); len(runes) > digits {
				name = string(runes[:digits])
			}
			name = c.Text("scheme") + ":" + name
			p.mixed = p.mixed || p.Class != "" && p.Class != name
			p.Class = name
		}
	}
	if see(p.Tender); p.Class == "" {
		for i := range p.Awards {
			see(p.Awards[i].Object)
		}
	}
	if p.mixed {
		p.Class = ""
	}
}

func (p *Process) countBidders() int {
	if n := field.Whole(p.Tender, "numberOfTenderers"); n != nil && *n < 1<<20 {
		return int(*n)
	}
	if len(p.Who) == 0 {
		return -1
	}
	return len(p.Who)
}

// bidding are the keys of those who bid, sorted.
func (p *Process) bidding() []string {
	who := keys(p.Tender, "tenderers")
	for i := range p.bids {
		if p.bids[i].submitted() {
			who = append(who, p.bids[i].tenderers...)
		}
	}
	slices.Sort(who)
	return slices.Compact(who)
}

// Direct tells a process without open competition.
func (p *Process) Direct() bool { return p.Method == "direct" || p.Method == "limited" }

// Competitive tells one that all, or all who qualify, may bid in.
func (p *Process) Competitive() bool { return p.Method == "open" || p.Method == "selective" }

// called off tells a tender that came to no award by decision.
func (p *Process) CalledOff() bool { return p.status == "cancelled" || p.status == "withdrawn" }

// Year is that of the tender, else of the first award, else of the release.
func (p *Process) Year() int {
	d := p.Opened
	for i := range p.Awards {
		d = cmp.Or(d, p.Awards[i].Date)
	}
	y, _, _ := cmp.Or(d, p.published).Split()
	return y
}

// awarded is the day of the first active award.
func (p *Process) awarded() (first *award) {
	for i := range p.Awards {
		if a := &p.Awards[i]; a.Active && a.Date != 0 && (first == nil || a.Date < first.Date) {
			first = a
		}
	}
	return first
}

// Winner is the only supplier of the only active award.
func (p *Process) Winner() (*award, string) {
	var only *award
	for i := range p.Awards {
		if !p.Awards[i].Active {
			continue
		}
		if only != nil {
			return nil, ""
		}
		only = &p.Awards[i]
	}
	if only == nil || len(only.Suppliers) != 1 {
		return nil, ""
	}
	return only, only.Suppliers[0]
}

// Ptr is a pointer into the release.
func Ptr(steps ...any) string {
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
