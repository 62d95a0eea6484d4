package flag

import (
	"cmp"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// The most that is kept of a process, so that a row stays under a kilobyte.
const (
	keptAwards = 8
	keptUnits  = 8
	pairBids   = 6 // with more bidders a process tells nothing of pairs
)

// row is what is kept of a process for the rules that need all of them. Names
// are numbers of names; -1 is none.
type row struct {
	ocid                             string
	digest                           string
	publisher, buyer, class          int32
	currency, set, order, winner     int32
	bidders                          int32
	opened, decided                  civil.Date
	cents                            int64
	disparity                        float64
	tenderers                        []int32
	awards                           []awardRow
	units                            []unitRow
	later                            uint64 // rules still to be judged, by bit
	absent                           uint64 // of which something was absent
	shows                            uint64 // of which it is there
	absentAt                         [6]string
	digits                           [9]uint8
	near                             nearness
	competitive, direct, off, stated bool
	criteria                         criteria
}

type awardRow struct {
	supplier, currency int32
	date               civil.Date
	cents              int64
	at                 uint16
	together, sub, has bool // several suppliers; says whether it is subcontracted, and is
}

type unitRow struct {
	group int32
	at    uint16
	cents int64
}

// nearness is how a tender's value lies to the threshold.
type nearness uint8

const (
	unknown nearness = iota
	far
	justBelow
	justAbove
	noThreshold
	otherCurrency
)

// criteria are the award criteria of a tender.
type criteria uint8

const (
	noCriteria criteria = iota
	priceAlone
	otherCriteria
)

// absences are the rules that may judge by what is not there, with their bits in
// a row. The first six flag it, and have a place in row.absentAt; the others find
// a process clear by it.
var absences = map[string]int{
	"R001": 0, "R004": 1, "R005": 2, "R010": 3, "R037": 4, "R063": 5,
	"R054": flagging, "R064": 7, "R065": 8, "R066": 9, "R069": 10,
}

const flagging = 6

// names gives names numbers.
type names struct {
	of  map[string]int32
	all []string
}

func (n *names) number(s string) int32 {
	if s == "" {
		return -1
	}
	i, ok := n.of[s]
	if !ok {
		i = int32(len(n.all))
		s = strings.Clone(s)
		n.of[s], n.all = i, append(n.all, s)
	}
	return i
}

func (n *names) name(i int32) string {
	if i < 0 {
		return ""
	}
	return n.all[i]
}

// rowOf keeps of a process what later rules need.
func (s *Pass) rowOf(seen *Seen) row {
	p, n := seen.process, &s.names
	r := row{
		ocid: strings.Clone(p.ocid), digest: seen.digest, publisher: n.number(p.publisher), buyer: n.number(p.buyer), class: n.number(p.class),
		currency: -1, set: -1, order: -1, winner: -1, bidders: int32(p.bidders), opened: p.opened, disparity: seen.disparity,
		later: seen.later, absent: seen.absent, shows: seen.shows, absentAt: seen.absentAt, digits: p.digits(),
		near: seen.near, competitive: p.competitive(), direct: p.direct(), off: p.calledOff(), stated: p.method != "",
	}
	if p.value != nil {
		r.cents, r.currency = p.value.Minor, n.number(p.value.Currency)
	}
	switch c := p.tender.Text("awardCriteria"); c {
	case "":
	case "priceOnly", "costOnly", "lowestCost":
		r.criteria = priceAlone
	default:
		r.criteria = otherCriteria
	}
	s.keepBids(p, seen, &r)
	s.keepAwards(p, &r)
	for i, item := range each(p.tender, "items") {
		if len(r.units) == keptUnits {
			break
		}
		if group, cents, ok := unitPrice(item); ok {
			r.units = append(r.units, unitRow{n.number(group), uint16(i), cents})
		}
	}
	return r
}

func (s *Pass) keepBids(p *process, seen *Seen, r *row) {
	n := &s.names
	if seen.order != "" {
		r.order = n.number(seen.order)
	}
	who := p.who
	if len(who) > 1 {
		r.set = n.number(strings.Join(who, "\x00"))
	}
	if a, winner := p.winner(); a != nil {
		r.winner, r.decided = n.number(winner), cmp.Or(a.date, p.closes, p.opened)
	}
	if len(who) > 1 && len(who) <= pairBids {
		for _, one := range who {
			r.tenderers = append(r.tenderers, n.number(one))
		}
	}
}

func (s *Pass) keepAwards(p *process, r *row) {
	for i := range p.awards {
		a := &p.awards[i]
		if !a.active || len(a.suppliers) == 0 || len(r.awards) == keptAwards {
			continue
		}
		one := awardRow{supplier: -1, currency: -1, date: cmp.Or(a.date, p.opened), at: uint16(min(i, 1<<16-1)), together: len(a.suppliers) > 1}
		if !one.together {
			one.supplier = s.names.number(a.suppliers[0])
		}
		if a.value != nil && a.value.Minor > 0 {
			one.cents, one.currency = a.value.Minor, s.names.number(a.value.Currency)
		}
		if has, ok := a.Get("hasSubcontracting"); ok {
			one.sub, one.has = true, has == true
		}
		r.awards = append(r.awards, one)
	}
}

// unitPrice is what R017 judges of an item.
func unitPrice(item obj) (group string, cents int64, ok bool) {
	c, unit := field.Object(item, "classification"), field.Object(item, "unit")
	price := field.Amount(unit, "value")
	name := field.Text(c, "id")
	if name == "" || price == nil || price.Minor <= 0 {
		return "", 0, false
	}
	return strings.Join([]string{c.Text("scheme"), name, field.First(field.Text(unit, "id"), unit.Text("name")), price.Currency}, "\x00"), price.Minor, true
}

// digestOf is a digest of the processes that a finding is about; rows are in the
// order of their ocids.
func (s *Pass) digestOf(rows []int32) string {
	d := outcome.NewDigest("processes").AddInt(int64(len(rows)))
	for _, i := range rows {
		d.Add(s.rows[i].digest)
	}
	return d.Sum()
}

// at points into the release of a process.
func (r *row) at(path string) string { return r.ocid + "#" + path }

func (r *row) award(i int) string {
	return r.at("/awards/" + strconv.Itoa(int(r.awards[i].at)))
}
