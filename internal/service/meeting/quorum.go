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

// Seating is somebody whom a meeting invited or who came, as they count.
type Seating struct {
	ID       string // of the invitation; of others the id of their attendance
	Name     string // empty for those without a seat, who are not named
	Sector   string
	District string
	Part     string
	Mode     string
	Invited  bool
	Counted  bool // for the quorum: holds a seat, or is invited where nobody does, and is not recused
	Recused  bool
	Present  bool
}

// Seated lists who was invited to a meeting and who came, as the attendance was
// known at a moment: those whom CountOf counts, and all others.
func (b *Book) Seated(ctx context.Context, tx *db.Tx, m Meeting, at db.Time) ([]Seating, error) {
	_, recused, err := b.rule(ctx, tx, m)
	if err != nil {
		return nil, err
	}
	invited, err := InvitedTo(ctx, tx, m.ID)
	if err != nil {
		return nil, err
	}
	came, err := AttendanceAt(ctx, tx, m.ID, at)
	if err != nil {
		return nil, err
	}
	here, out := map[string]Attendance{}, []Seating{}
	for _, a := range came {
		here[a.Subject] = a
	}
	seated := slices.ContainsFunc(invited, func(i Invited) bool { return i.Seat != "" })
	for _, i := range invited {
		a := here[i.ID]
		delete(here, i.ID)
		s := Seating{ID: i.ID, Name: i.Name, Sector: i.Sector, District: i.District, Part: "member", Mode: a.Mode, Invited: true, Present: a.Present}
		s.Recused = i.Seat != "" && slices.Contains(recused, i.Seat)
		s.Counted = (i.Seat != "" || !seated) && !s.Recused // others are invited to speak, not to decide
		out = append(out, s)
	}
	for _, a := range came {
		if _, left := here[a.Subject]; left && a.Present {
			out = append(out, Seating{ID: a.Subject, Sector: a.Sector, District: a.District, Part: a.Part, Mode: a.Mode, Present: true})
		}
	}
	return out, nil
}

// rule is how the body of a meeting counts, and which seats it keeps out.
func (b *Book) rule(ctx context.Context, tx *db.Tx, m Meeting) (Quorum, []string, error) {
	if h := b.Hosts[m.Of.Kind]; h.Quorum != nil {
		return h.Quorum(ctx, tx, m)
	}
	return DefaultQuorum, nil, nil
}

// CountOf counts the members whom the attendance of a meeting shows now, by the
// rule of its body.
func (b *Book) CountOf(ctx context.Context, tx *db.Tx, m Meeting) (Count, error) {
	rule, _, err := b.rule(ctx, tx, m)
	if err != nil {
		return Count{}, err
	}
	all, err := b.Seated(ctx, tx, m, db.Time{Time: tx.Now})
	var seats []Seat
	n := 0
	for _, s := range all {
		if s.Counted || s.Recused {
			seats = append(seats, Seat{Sector: s.Sector, Present: s.Present && s.Part == "member", Recused: s.Recused})
		}
		if s.Present {
			n++
		}
	}
	c := rule.Of(seats)
	c.Came = n
	return c, err
}
