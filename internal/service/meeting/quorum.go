package meeting

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
)

// Quorum is a body's rule for being able to decide. The zero Quorum asks for
// nothing.
type Quorum struct {
	Majority bool // more than half of the filled seats
	// Num of Den of the seats of each sector that has any: 1 of 3 is the default.
	Num, Den int
}

// DefaultQuorum is a majority of the filled seats and a third of each sector
// (specification of OGP rules, 7).
var DefaultQuorum = Quorum{Majority: true, Num: 1, Den: 3}

// Seat is a filled seat, as a quorum counts it.
type Seat struct {
	Sector  string
	Present bool
	Recused bool // kept out by a conflict of interest: no part of the base
}

// Bloc is how the seats of one sector stand.
type Bloc struct {
	Sector  string `json:"sector"`
	Base    int    `json:"base"`
	Present int    `json:"present"`
	Need    int    `json:"need"`
}

// Count is the outcome of a count.
type Count struct {
	Base    int    `json:"base"`    // filled seats without the recused
	Present int    `json:"present"` // of them
	Need    int    `json:"need"`
	Recused int    `json:"recused"`
	Came    int    `json:"came"` // everybody, guests too
	Blocs   []Bloc `json:"blocs"`
	Quorate bool   `json:"quorate"`
}

// Of counts seats by the rule. A body without a filled seat is never quorate
// under a rule that asks for a majority.
func (q Quorum) Of(seats []Seat) Count {
	var c Count
	blocs := map[string]*Bloc{}
	for _, s := range seats {
		if s.Recused {
			c.Recused++
			continue
		}
		b := blocs[s.Sector]
		if b == nil {
			b = &Bloc{Sector: s.Sector}
			blocs[s.Sector] = b
		}
		c.Base++
		b.Base++
		if s.Present {
			c.Present++
			b.Present++
		}
	}
	if q.Majority {
		c.Need = c.Base/2 + 1
	}
	c.Quorate = c.Present >= c.Need
	for _, b := range blocs {
		if q.Den > 0 {
			b.Need = (b.Base*q.Num + q.Den - 1) / q.Den
		}
		c.Quorate = c.Quorate && b.Present >= b.Need
		c.Blocs = append(c.Blocs, *b)
	}
	slices.SortFunc(c.Blocs, func(x, y Bloc) int { return slices.Index(Sectors, x.Sector) - slices.Index(Sectors, y.Sector) })
	return c
}

// CountOf counts the members whom the attendance of a meeting shows now, by the
// rule of its body.
func (b *Book) CountOf(ctx context.Context, tx *db.Tx, m Meeting) (Count, error) {
	rule, recused := DefaultQuorum, []string(nil)
	if h := b.Hosts[m.Of.Kind]; h.Quorum != nil {
		var err error
		if rule, recused, err = h.Quorum(ctx, tx, m); err != nil {
			return Count{}, err
		}
	}
	invited, err := InvitedTo(ctx, tx, m.ID)
	if err != nil {
		return Count{}, err
	}
	came, err := AttendanceAt(ctx, tx, m.ID, db.Time{Time: tx.Now})
	if err != nil {
		return Count{}, err
	}
	there := map[string]bool{}
	n := 0
	for _, a := range came {
		if a.Present {
			there[a.Subject] = a.Part == "member"
			n++
		}
	}
	seated := slices.ContainsFunc(invited, func(i Invited) bool { return i.Seat != "" })
	var seats []Seat
	for _, i := range invited {
		if seated && i.Seat == "" { // invited to speak, not to decide
			continue
		}
		seats = append(seats, Seat{Sector: i.Sector, Present: there[i.ID], Recused: i.Seat != "" && slices.Contains(recused, i.Seat)})
	}
	c := rule.Of(seats)
	c.Came = n
	return c, nil
}
