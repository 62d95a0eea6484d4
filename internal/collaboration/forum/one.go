package forum

import (
	"context"
	"slices"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/org"
)

// One organisation has one vote (specification of OGP rules, 7), so it holds one
// seat of a forum on each day at most, and so does a person. An organisation is
// the same as the one that it follows: ministries are renamed and merged while
// their terms run.

// lines finds out which organisations are the same.
type lines struct {
	ids map[string][]string // organisation -> those that answer for it today
}

// of returns the organisations that answer today for one, or itself.
func (l *lines) of(ctx context.Context, tx *db.Tx, key string) ([]string, error) {
	if ids := l.ids[key]; ids != nil {
		return ids, nil
	}
	heirs, err := org.Heirs(ctx, tx, key)
	if err != nil {
		return nil, err
	}
	ids := []string{key}
	for _, o := range heirs {
		ids = append(ids, o.ID)
	}
	if l.ids == nil {
		l.ids = map[string][]string{}
	}
	l.ids[key] = ids
	return ids, nil
}

// same reports whether two organisations are one, or became one.
func (l *lines) same(ctx context.Context, tx *db.Tx, a, b string) (bool, error) {
	if a == b || a == "" || b == "" {
		return a == b && a != "", nil
	}
	mine, err := l.of(ctx, tx, a)
	if err != nil {
		return false, err
	}
	theirs, err := l.of(ctx, tx, b)
	return slices.ContainsFunc(mine, func(x string) bool { return slices.Contains(theirs, x) }), err
}

// elsewhere returns the term by which the organisation or the person of t holds
// another seat on a day of t, and which of the two it is: "org", "person" or "".
func elsewhere(ctx context.Context, tx *db.Tx, t Term, all []Term) (Term, string, error) {
	var l lines
	for _, x := range all {
		if x.Seat == t.Seat || x.Starts > t.Ends || t.Starts > x.Last() {
			continue
		}
		if t.Person != "" && x.Person == t.Person {
			return x, "person", nil
		}
		same, err := l.same(ctx, tx, x.Org, t.Org)
		if err != nil || same {
			return x, "org", err
		}
	}
	return Term{}, "", nil
}

// alone refuses a term whose organisation or person holds another seat meanwhile.
func (t Term) alone(ctx context.Context, tx *db.Tx, all []Term) error {
	x, what, err := elsewhere(ctx, tx, t, all)
	if err != nil || what == "" {
		return err
	}
	field := map[string]string{"org": "org", "person": "account"}[what]
	return fault.Fields{{Name: field, Key: "forum.two_seats_" + what, Args: []any{"from", x.Starts, "to", x.Last()}}}
}

// standsFree refuses a candidate who holds another seat of the forum today: who
// wins could not take theirs.
func standsFree(ctx context.Context, tx *db.Tx, c Call, n Nomination) error {
	all, err := TermsOf(ctx, tx, c.Forum)
	if err != nil {
		return err
	}
	x, what, err := elsewhere(ctx, tx, Term{Seat: c.Seat, Org: n.Org, Person: n.Person, Starts: today(tx), Ends: today(tx)}, all)
	if err != nil || what == "" {
		return err
	}
	return fault.New(fault.Conflict, "forum.candidate_seated", "name", n.Name, "to", x.Last())
}

// votersOf are the members of a table who vote: all but those recused. Two seats
// of what has become one organisation, or of one person, would be two votes: then
// there is none until one of the terms is ended.
func votersOf(ctx context.Context, tx *db.Tx, t Table) (out []ballot.Voter, err error) {
	var l lines
	var voting []Member
	for _, x := range t.Members {
		if t.Positions[x.Term.ID].Stand == "recused" {
			continue
		}
		for _, y := range voting {
			same, err := l.same(ctx, tx, x.Term.Org, y.Term.Org)
			if err != nil {
				return nil, err
			}
			if same || x.Term.Person != "" && x.Term.Person == y.Term.Person {
				return nil, fault.New(fault.Conflict, "forum.two_votes", "one", y.Seat.Name, "other", x.Seat.Name)
			}
		}
		voting, out = append(voting, x), append(out, voterOf(x))
	}
	return out, nil
}
