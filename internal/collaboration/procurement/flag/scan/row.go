package scan

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/flag"
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
	currency, winner                 int32
	set, order                       uint64 // digests of who bid, and in which order; 0 is none
	bidding                          uint8  // how many are in set
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
	near                             flag.Nearness
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

// criteria are the award criteria of a tender.
type criteria uint8

const (
	noCriteria criteria = iota
	priceAlone
	otherCriteria
)

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
		ocid: strings.Clone(p.OCID), digest: seen.digest, publisher: n.number(p.Publisher), buyer: n.number(p.Buyer), class: n.number(p.Class),
		currency: -1, winner: -1, bidders: int32(p.Bidders), opened: p.Opened, disparity: seen.disparity,
		later: seen.later, absent: seen.absent, shows: seen.shows, absentAt: seen.absentAt, digits: p.Digits(),
		near: seen.near, competitive: p.Competitive(), direct: p.Direct(), off: p.CalledOff(), stated: p.Method != "",
	}
	if p.Value != nil {
		r.cents, r.currency = p.Value.Minor, n.number(p.Value.Currency)
	}
	switch c := p.Tender.Text("awardCriteria"); c {
	case "":
	case "priceOnly", "costOnly", "lowestCost":
		r.criteria = priceAlone
	default:
		r.criteria = otherCriteria
	}
	s.keepBids(p, seen, &r)
	s.keepAwards(p, &r)
	for i, item := range flag.Each(p.Tender, "items") {
		if len(r.units) == keptUnits {
			break
		}
		if group, cents, ok := flag.UnitPrice(item); ok {
			r.units = append(r.units, unitRow{n.number(group), uint16(i), cents})
		}
	}
	return r
}

func (s *Pass) keepBids(p *flag.Process, seen *Seen, r *row) {
	n := &s.names
	if seen.order != "" {
		r.order = short(seen.order)
	}
	who := p.Who
	if len(who) > 1 {
		r.set, r.bidding = short(strings.Join(who, "\x00")), uint8(min(len(who), 255))
	}
	if a, winner := p.Winner(); a != nil {
		r.winner, r.decided = n.number(winner), cmp.Or(a.Date, p.Closes, p.Opened)
	}
	if len(who) > 1 && len(who) <= pairBids {
		for _, one := range who {
			r.tenderers = append(r.tenderers, n.number(one))
		}
	}
}

func (s *Pass) keepAwards(p *flag.Process, r *row) {
	for i := range p.Awards {
		a := &p.Awards[i]
		if !a.Active || len(a.Suppliers) == 0 || len(r.awards) == keptAwards {
			continue
		}
		one := awardRow{supplier: -1, currency: -1, date: cmp.Or(a.Date, p.Opened), at: uint16(min(i, 1<<16-1)), together: len(a.Suppliers) > 1}
		if !one.together {
			one.supplier = s.names.number(a.Suppliers[0])
		}
		if a.Value != nil && a.Value.Minor > 0 {
			one.cents, one.currency = a.Value.Minor, s.names.number(a.Value.Currency)
		}
		if has, ok := a.Get("hasSubcontracting"); ok {
			one.sub, one.has = true, has == true
		}
		r.awards = append(r.awards, one)
	}
}

// digestOf is a digest of the processes that a finding is about; rows are in the
// Order of their ocids.
func (s *Pass) digestOf(rows []int32) string {
	d := outcome.NewDigest("processes").AddInt(int64(len(rows)))
	for _, i := range rows {
		d.Add(s.rows[i].digest)
	}
	return d.Sum()
}

// At points into the release of a process.
func (r *row) at(path string) string { return r.ocid + "#" + path }

func (r *row) award(i int) string {
	return r.at("/awards/" + strconv.Itoa(int(r.awards[i].at)))
}

// short is a digest that tells texts apart; never 0.
func short(s string) uint64 {
	sum := sha256.Sum256([]byte(s))
	return binary.BigEndian.Uint64(sum[:8]) | 1
}
