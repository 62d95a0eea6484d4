package ballot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// VoterKind is what sort of voter it is.
type VoterKind string

// The kinds of voters. An organisation has one vote, as a person has.
const (
	Person VoterKind = "person"
	Org    VoterKind = "org"
)

// Standing is what became of a voter's right to vote.
type Standing string

// The standings.
const (
	Issued  Standing = "issued"
	Voted   Standing = "cast"
	OnPaper Standing = "paper"   // they vote on paper, and not here
	Recused Standing = "recused" // out of the count and of the base of the quorum
)

// Voter is one line of an electorate. Every voter weighs one vote.
type Voter struct {
	ID       string // of a person or an organisation
	Kind     VoterKind
	Bloc     string // such as government or civil_society; may be empty
	District string // ISO 3166-2; may be empty
	Level    who.Level
	Named    string // the one person who may cast for an organisation; empty: any of its officials, editors and members
	State    Standing
	CastBy   string // the person who cast for an organisation
	Bag      string // that holds the paper ballot
	Reason   string // why they are recused
	Mark     string // see mark
}

const voterColumns = `voter, kind, bloc, district, level, named, state, cast_by, bag, reason, mark`

func voterFields(v *Voter) []any {
	return []any{&v.ID, &v.Kind, &v.Bloc, &v.District, &v.Level, &v.Named, &v.State, &v.CastBy, &v.Bag, &v.Reason, &v.Mark}
}

// mark is the digest of a voter's line. The digest of an electorate is made of
// these, so that it can still be recomputed when somebody has been erased.
func mark(poll string, v Voter) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{poll, v.ID, string(v.Kind), v.Bloc, v.District, fmt.Sprint(int(v.Level)), v.Named}, "\n")))
	return hex.EncodeToString(sum[:])
}

// digestOf is the digest of an electorate: SHA-256 of the marks of its voters,
// sorted, each on a line.
func digestOf(marks []string) string {
	slices.Sort(marks)
	sum := sha256.Sum256([]byte(strings.Join(marks, "\n") + "\n"))
	return hex.EncodeToString(sum[:])
}

// SetElectorate says who may vote, in place of what was said before. It is for
// drafts: a declared poll keeps its electorate.
func (o *Office) SetElectorate(ctx context.Context, tx *db.Tx, actor who.Actor, poll string, voters []Voter) error {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return err
	}
	if p.State != Draft {
		return fault.New(fault.Conflict, "ballot.fixed")
	}
	if err := checkVoters(voters); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM poll_voter WHERE poll = $1`, poll); err != nil {
		return err
	}
	for some := range slices.Chunk(voters, 50) {
		if err := putVoters(ctx, tx, poll, some); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE poll SET electors = $2 WHERE id = $1`, poll, len(voters)); err != nil {
		return err
	}
	_, err = tell(ctx, tx, actor.ID, "poll.electorate_set", p, "", map[string]int{"electors": len(voters)})
	return err
}

func checkVoters(voters []Voter) error {
	var f fault.Fields
	seen := make(map[string]bool, len(voters))
	for _, v := range voters {
		switch {
		case v.ID == "" || v.Kind != Person && v.Kind != Org:
			f.Add("voters", "fault.choice")
		case seen[v.ID]:
			f.Add("voters", "ballot.voter_twice", "voter", v.ID)
		}
		seen[v.ID] = true
		if len(f) > 0 {
			break
		}
	}
	return f.Err()
}

func putVoters(ctx context.Context, tx *db.Tx, poll string, voters []Voter) error {
	var q strings.Builder
	args := []any{poll}
	for i, v := range voters {
		if i > 0 {
			q.WriteString(", ")
		}
		n := len(args)
		fmt.Fprintf(&q, "($1, $%d, $%d, $%d, $%d, $%d, $%d, 'issued', '', '', '', $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7)
		args = append(args, v.ID, v.Kind, v.Bloc, v.District, v.Level, v.Named, mark(poll, v))
	}
	_, err := tx.Exec(ctx, `INSERT INTO poll_voter (poll, `+voterColumns+`) VALUES `+q.String(), args...)
	return err
}

// Declaration is what the log says of a poll that is declared. Nothing of it
// changes after; Office.Extend alone moves the closing, to a later time.
type Declaration struct {
	Terms      Terms          `json:"terms"`
	Text       string         `json:"text,omitempty"`
	Opens      int64          `json:"opens"` // microseconds since 1970 UTC
	Closes     int64          `json:"closes"`
	Electors   int            `json:"electors"`
	Blocs      map[string]int `json:"electors_by_bloc,omitempty"`
	Electorate string         `json:"electorate_sha256"`
}

// Declare fixes rules, options and electorate and writes them into the log. The
// opening may have passed: then the poll is open at once. A closing that has
// passed is refused.
func (o *Office) Declare(ctx context.Context, tx *db.Tx, actor who.Actor, poll string) (Poll, error) {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return p, err
	}
	var f fault.Fields
	p.Terms.check(&f)
	if !p.Closes.After(tx.Now) {
		f.Add("closes", "ballot.closes_passed")
	}
	voters, err := db.List(ctx, tx, voterFields, `SELECT `+voterColumns+` FROM poll_voter WHERE poll = $1`, poll)
	if err != nil {
		return p, err
	}
	d := Declaration{Terms: p.Terms, Text: p.Text, Opens: p.Opens.UnixMicro(), Closes: p.Closes.UnixMicro(), Electors: len(voters), Blocs: map[string]int{}}
	marks := make([]string, len(voters))
	for i, v := range voters {
		marks[i] = v.Mark
		d.Blocs[v.Bloc]++
	}
	for _, b := range p.Terms.Blocs {
		if d.Blocs[b] == 0 && len(voters) > 0 {
			f.Add("voters", "ballot.bloc_empty", "bloc", b)
		}
	}
	if len(voters) == 0 {
		f.Add("voters", "ballot.nobody")
	}
	if err := f.Err(); err != nil {
		return p, err
	}
	d.Electorate = digestOf(marks)
	if _, err := tx.Exec(ctx, `UPDATE poll SET digest = $2, electors = $3 WHERE id = $1`, poll, d.Electorate, d.Electors); err != nil {
		return p, err
	}
	p.Digest, p.Electors = d.Electorate, d.Electors
	if _, err = move(ctx, tx, actor.ID, &p, Declared, "", d); err != nil || p.Opens.After(tx.Now) {
		return p, err
	}
	_, err = move(ctx, tx, clock, &p, Open, "", nil)
	return p, err
}

// VoterOf returns a line of an electorate, or db.ErrNotFound.
func VoterOf(ctx context.Context, tx *db.Tx, poll, voter string) (Voter, error) {
	return db.Get(ctx, tx, voterFields, `SELECT `+voterColumns+` FROM poll_voter WHERE poll = $1 AND voter = $2`, poll, voter)
}

// Electorate returns at most limit voters after one of them, in the order of
// their ids. The caller has checked who may see them.
func Electorate(ctx context.Context, tx *db.Tx, poll, after string, limit int) ([]Voter, error) {
	return db.List(ctx, tx, voterFields, `SELECT `+voterColumns+` FROM poll_voter WHERE poll = $1 AND voter > $2 ORDER BY voter LIMIT $3`, poll, after, limit)
}

// VotersOf returns the voters for whom actor may cast in a poll: themselves,
// and organisations in which they hold a role for it.
func VotersOf(ctx context.Context, tx *db.Tx, actor who.Actor, poll string) ([]Voter, error) {
	if !actor.SignedIn() {
		return nil, nil
	}
	keys := []string{actor.ID}
	for _, g := range actor.Grants {
		if g.Org != "" && !slices.Contains(keys, g.Org) && mayCast(actor, Voter{ID: g.Org, Kind: Org}) == nil {
			keys = append(keys, g.Org)
		}
	}
	in, args := db.In(2, keys)
	vs, err := db.List(ctx, tx, voterFields, `SELECT `+voterColumns+` FROM poll_voter WHERE poll = $1 AND voter IN `+in+` ORDER BY kind DESC, voter`, append([]any{poll}, args...)...)
	return slices.DeleteFunc(vs, func(v Voter) bool { return v.Named != "" && v.Named != actor.ID }), err
}

// mayCast asks whether actor may cast for a voter.
func mayCast(actor who.Actor, v Voter) error {
	if v.Kind == Person {
		if v.ID != actor.ID {
			return fault.New(fault.Denied, "ballot.not_you")
		}
		return actor.Must("ballot.cast", who.Own(v.ID))
	}
	if err := actor.Must("ballot.cast", who.In(v.ID)); err != nil {
		return err
	}
	// A role for the whole site gives nobody the vote of an organisation.
	if !slices.ContainsFunc(actor.Grants, func(g who.Grant) bool { return g.Org == v.ID && slices.Contains(castRoles, g.Role) }) {
		return fault.New(fault.Denied, "ballot.not_of_org")
	}
	if v.Named != "" && v.Named != actor.ID {
		return fault.New(fault.Denied, "ballot.not_named")
	}
	return nil
}

// Recuse takes a voter out of the count and out of the base of the quorum,
// before the closing, with a reason. An open vote of theirs is void. A secret
// ballot that was cast cannot be found again: that is refused.
func (o *Office) Recuse(ctx context.Context, tx *db.Tx, actor who.Actor, poll, voter, reason string) error {
	p, v, err := o.handle(ctx, tx, actor, poll, voter)
	if err != nil {
		return err
	}
	var f fault.Fields
	f.Require("reason", reason)
	f.MaxLen("reason", reason, 500)
	if err := f.Err(); err != nil {
		return err
	}
	if v.State == Voted && p.Terms.Secrecy == Secret || v.State == OnPaper {
		return fault.New(fault.Conflict, "ballot.recuse_late")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM poll_vote WHERE poll = $1 AND voter = $2`, poll, voter); err != nil {
		return err
	}
	if err := tx.MustChange(ctx, `UPDATE poll_voter SET state = 'recused', reason = $3, cast_by = '' WHERE poll = $1 AND voter = $2`, poll, voter, reason); err != nil {
		return err
	}
	_, err = tell(ctx, tx, actor.ID, "poll.recused", p, reason, map[string]string{"voter": v.Mark})
	return err
}

// handle returns a poll that actor may run, before its closing, and one of its
// voters, who is not recused.
func (o *Office) handle(ctx context.Context, tx *db.Tx, actor who.Actor, poll, voter string) (Poll, Voter, error) {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return p, Voter{}, err
	}
	if p.State == Draft || p.Over(tx.Now) {
		return p, Voter{}, fault.New(fault.Conflict, "ballot.over")
	}
	v, err := VoterOf(ctx, tx, poll, voter)
	if err == nil && v.State == Recused {
		err = fault.New(fault.Conflict, "ballot.recused")
	}
	return p, v, err
}
