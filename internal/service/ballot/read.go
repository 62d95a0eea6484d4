package ballot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// Filter selects polls for a list.
type Filter struct {
	States []State  // any of these; all that are public when empty
	Orgs   []string // any of these; all when nil
	Cursor string   // from the last page; empty is the first
	Limit  int      // 20 when 0
}

var byClosing = db.Keyset{Columns: []string{"closes", "id"}, Desc: true}

// List returns polls, those that close last first, and the cursor of the next
// page. Drafts come only to who names them; the caller has checked that the
// reader may run them. Slugs are not filled in.
func List(ctx context.Context, tx *db.Tx, f Filter) (ps []Poll, next string, err error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 20
	}
	conds, args := []string{"TRUE"}, []any{}
	if len(f.States) == 0 {
		conds = append(conds, "state <> 'draft'")
	} else {
		in, values := db.In(len(args)+1, f.States)
		conds, args = append(conds, "state IN "+in), append(args, values...)
	}
	if f.Orgs != nil {
		in, values := db.In(len(args)+1, f.Orgs)
		conds, args = append(conds, "org IN "+in), append(args, values...)
	}
	after, values, err := byClosing.After(f.Cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(append(args, values...), f.Limit+1)
	ps, err = list(ctx, tx, fmt.Sprintf(`WHERE %s AND %s %s LIMIT $%d`, strings.Join(conds, " AND "), after, byClosing.OrderBy(), len(args)), args...)
	if len(ps) > f.Limit {
		ps = ps[:f.Limit]
		next = db.Cursor(ps[f.Limit-1].Closes, ps[f.Limit-1].ID)
	}
	return ps, next, err
}

// NamedVote is a vote of an open poll as it is shown after the closing.
type NamedVote struct {
	Voter   string // id; of somebody erased "nobody:…"
	Kind    VoterKind
	Bloc    string
	Choices []string
}

// NamedVotes returns the votes of an open poll once it is closed, by bloc and
// voter. Others give db.ErrNotFound.
func NamedVotes(ctx context.Context, tx *db.Tx, p Poll) ([]NamedVote, error) {
	if p.Terms.Secrecy != Named || !p.Listed() {
		return nil, db.ErrNotFound
	}
	type line struct {
		NamedVote
		choices string
	}
	rows, err := db.List(ctx, tx, func(l *line) []any { return []any{&l.Voter, &l.Kind, &l.Bloc, &l.choices} },
		`SELECT v.voter, v.kind, v.bloc, t.choices FROM poll_vote t JOIN poll_voter v ON v.poll = t.poll AND v.voter = t.voter
		WHERE t.poll = $1 AND v.state <> 'recused' ORDER BY v.bloc, v.voter`, p.ID)
	out := make([]NamedVote, len(rows))
	for i, l := range rows {
		if err := json.Unmarshal([]byte(l.choices), &l.Choices); err != nil {
			return nil, err
		}
		out[i] = l.NamedVote
	}
	return out, err
}

// VoteOf returns what a voter has chosen in an open poll, for themselves, and
// whether they have voted.
func VoteOf(ctx context.Context, tx *db.Tx, poll, voter string) (choices []string, voted bool, err error) {
	raw, err := db.Get(ctx, tx, db.One[string], `SELECT choices FROM poll_vote WHERE poll = $1 AND voter = $2`, poll, voter)
	if errors.Is(err, db.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return choices, true, json.Unmarshal([]byte(raw), &choices)
}

// ToVote returns the polls that take votes now and in which actor has a vote
// that is not cast, those that close first in front; at most 50.
func ToVote(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Poll, error) {
	if !actor.SignedIn() {
		return nil, nil
	}
	keys := []string{actor.ID}
	for _, g := range actor.Grants {
		if g.Org != "" && mayCast(actor, Voter{ID: g.Org, Kind: Org}) == nil {
			keys = append(keys, g.Org)
		}
	}
	in, args := db.In(3, keys)
	now := db.Time{Time: tx.Now}
	return list(ctx, tx, `WHERE state IN ('declared', 'open') AND opens <= $1 AND closes > $1 AND EXISTS (SELECT 1 FROM poll_voter v
		WHERE v.poll = poll.id AND v.state = 'issued' AND (v.named = '' OR v.named = $2) AND v.voter IN `+in+`) ORDER BY closes, id LIMIT 50`,
		append([]any{now, actor.ID}, args...)...)
}

// Standings counts the voters of a poll by what became of their right to vote.
func Standings(ctx context.Context, tx *db.Tx, poll string) (map[Standing]int, error) {
	type cell struct {
		s Standing
		n int
	}
	cells, err := db.List(ctx, tx, func(c *cell) []any { return []any{&c.s, &c.n} }, `SELECT state, count(*) FROM poll_voter WHERE poll = $1 GROUP BY state`, poll)
	out := map[Standing]int{}
	for _, c := range cells {
		out[c.s] = c.n
	}
	return out, err
}

// Blocs counts the voters of a poll by bloc, without those who are recused.
func Blocs(ctx context.Context, tx *db.Tx, poll string) (map[string]int, error) {
	return base(ctx, tx, poll)
}
