package ballot

import (
	"cmp"
	"slices"
)

// Unit is one vote in the whole numbers of a count by STV: five decimals.
const Unit = 100_000

// Round is one stage of a count by STV.
type Round struct {
	What     string        `json:"what"`         // first, surplus, excluded, last
	Of       string        `json:"of,omitempty"` // the option whose votes were transferred
	Votes    []OptionUnits `json:"votes"`        // afterwards
	Lost     int64         `json:"lost"`         // votes that no option has any more: not transferable, or the remainders of divisions
	Elected  []string      `json:"elected,omitempty"`
	Excluded string        `json:"excluded,omitempty"`
}

// OptionUnits is how much an option has in a round, in Units.
type OptionUnits struct {
	Option string `json:"option"`
	Units  int64  `json:"units"`
}

// parcel is papers of one pile that an option holds, each worth value.
type parcel struct {
	pile  int
	value int64
}

type standing int

const (
	continuing standing = iota
	elected
	excluded
)

// stv is a count under way.
type stv struct {
	Tally
	papers  []Pile
	quota   int64
	total   map[string]int64
	held    map[string][]parcel
	is      map[string]standing
	pending []string // elected, with a surplus to transfer
	past    []map[string]int64
	out     *Result
}

// countSTV fills the seats by the rules of the Scottish Local Government
// Elections Order 2007 (SSI 2007/42, schedule 1, rules 46 to 52): the weighted
// inclusive Gregory method. The quota is valid/(seats+1), rounded down, plus 1.
// Whoever reaches it is elected. The largest surplus is transferred first: every
// paper that the option holds goes to the next continuing option on it, worth
// surplus × value when received / votes of the option, to five decimals, the
// remainder ignored. Where no surplus waits, whoever has the fewest is excluded
// and their papers go on at the value at which they came. When as many are left
// as seats, these are elected. Equals are told apart by the earliest round in
// which they were not equal, and else by lot.
func countSTV(t Tally, r *Result) {
	c := &stv{Tally: t, out: r, total: map[string]int64{}, held: map[string][]parcel{}, is: map[string]standing{}}
	c.papers = slices.Clone(t.Piles)
	for _, s := range t.Sheets {
		c.papers = append(c.papers, s.Rankings...)
	}
	valid := 0
	for i, p := range c.papers {
		if len(p.Choices) > 0 {
			valid += p.N
			c.give(p.Choices[0], parcel{i, Unit})
		}
	}
	if valid == 0 {
		return
	}
	c.quota = int64(valid/(t.Terms.Seats+1)+1) * Unit
	r.Quota = c.quota
	c.end(Round{What: "first"}, valid)
	for len(r.Elected) < t.Terms.Seats && !r.Undrawn {
		rest := c.those(continuing)
		switch {
		case len(rest) <= t.Terms.Seats-len(r.Elected):
			c.last(rest, valid)
			return
		case len(c.pending) > 0:
			c.surplus(valid)
		default:
			c.exclude(rest, valid)
		}
	}
}

func (c *stv) give(option string, p parcel) {
	c.held[option] = append(c.held[option], p)
	c.total[option] += int64(c.papers[p.pile].N) * p.value
}

// those returns the options that stand so, in their order.
func (c *stv) those(s standing) (out []string) {
	for _, o := range c.Terms.ids() {
		if c.is[o] == s {
			out = append(out, o)
		}
	}
	return out
}

// next returns the continuing option that comes after one on a paper, or "".
func (c *stv) next(p parcel, after string) string {
	choices := c.papers[p.pile].Choices
	for _, o := range choices[slices.Index(choices, after)+1:] {
		if c.is[o] == continuing {
			return o
		}
	}
	return ""
}

// end closes a round: who has the quota is elected, the most votes first.
func (c *stv) end(r Round, valid int) {
	var reached []string
	for _, o := range c.those(continuing) {
		if c.total[o] >= c.quota {
			reached = append(reached, o)
		}
	}
	slices.SortStableFunc(reached, func(a, b string) int { return cmp.Compare(c.total[b], c.total[a]) })
	for _, o := range reached {
		c.is[o] = elected
		if c.total[o] > c.quota {
			c.pending = append(c.pending, o)
		}
	}
	c.out.Elected = append(c.out.Elected, reached...)
	r.Elected = reached
	c.write(r, valid)
}

func (c *stv) write(r Round, valid int) {
	r.Lost = int64(valid) * Unit
	totals := map[string]int64{}
	for _, o := range c.Terms.ids() {
		r.Votes = append(r.Votes, OptionUnits{o, c.total[o]})
		r.Lost -= c.total[o]
		totals[o] = c.total[o]
	}
	c.past = append(c.past, totals)
	c.out.Rounds = append(c.out.Rounds, r)
}

// surplus transfers the largest one that waits.
func (c *stv) surplus(valid int) {
	from, ok := c.pick("surplus", c.pending, func(a, b int64) bool { return a > b })
	if !ok {
		return
	}
	c.pending = slices.DeleteFunc(c.pending, func(o string) bool { return o == from })
	over, total := c.total[from]-c.quota, c.total[from]
	for _, p := range c.held[from] {
		if to := c.next(p, from); to != "" {
			c.give(to, parcel{p.pile, over * p.value / total})
		}
	}
	c.held[from], c.total[from] = nil, c.quota
	c.end(Round{What: "surplus", Of: from}, valid)
}

// exclude takes out whoever has the fewest.
func (c *stv) exclude(rest []string, valid int) {
	from, ok := c.pick("excluded", rest, func(a, b int64) bool { return a < b })
	if !ok {
		return
	}
	c.is[from] = excluded
	for _, p := range c.held[from] {
		if to := c.next(p, from); to != "" {
			c.give(to, p)
		}
	}
	c.held[from], c.total[from] = nil, 0
	c.end(Round{What: "excluded", Of: from, Excluded: from}, valid)
}

// last elects those who are left when there are as many seats.
func (c *stv) last(rest []string, valid int) {
	slices.SortStableFunc(rest, func(a, b string) int { return cmp.Compare(c.total[b], c.total[a]) })
	for _, o := range rest {
		c.is[o] = elected
	}
	c.out.Elected = append(c.out.Elected, rest...)
	if len(rest) > 0 {
		c.write(Round{What: "last", Elected: rest}, valid)
	}
}

// pick returns whoever comes first by their votes now, else by those in the
// earliest round that tells them apart, else by lot; ok is false while the lot
// cannot be drawn.
func (c *stv) pick(about string, among []string, before func(a, b int64) bool) (one string, ok bool) {
	equal := first(among, c.total, before)
	if len(equal) == 1 {
		return equal[0], true
	}
	tie := TieBreak{About: about, Round: len(c.out.Rounds) + 1, Among: equal}
	for _, totals := range c.past {
		if equal = first(equal, totals, before); len(equal) == 1 {
			tie.Chosen = equal
			c.out.Ties = append(c.out.Ties, tie)
			return equal[0], true
		}
	}
	tie.ByLot = true
	if drawn := lot(c.Seed, equal); drawn != nil {
		tie.Chosen = drawn[:1]
	} else {
		c.out.Undrawn = true
	}
	c.out.Ties = append(c.out.Ties, tie)
	if c.out.Undrawn {
		return "", false
	}
	return tie.Chosen[0], true
}

// first returns those before whom nobody comes.
func first(among []string, votes map[string]int64, before func(a, b int64) bool) (out []string) {
	for _, o := range among {
		switch {
		case len(out) == 0 || before(votes[o], votes[out[0]]):
			out = []string{o}
		case votes[o] == votes[out[0]]:
			out = append(out, o)
		}
	}
	return out
}
