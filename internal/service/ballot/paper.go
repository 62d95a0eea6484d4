package ballot

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// IssuePaper notes that a voter got a paper ballot, which goes into a bag: from
// then on they cannot vote here. All voters of a bag belong to one bloc.
func (o *Office) IssuePaper(ctx context.Context, tx *db.Tx, actor who.Actor, poll, voter, bag string) error {
	p, v, err := o.handle(ctx, tx, actor, poll, voter)
	if err != nil {
		return err
	}
	bag = strings.TrimSpace(bag)
	var f fault.Fields
	f.Require("bag", bag)
	f.MaxLen("bag", bag, 40)
	if err := f.Err(); err != nil {
		return err
	}
	if v.State != Issued {
		return fault.New(fault.Conflict, "ballot.voted")
	}
	other, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_voter WHERE poll = $1 AND bag = $2 AND bloc <> $3`, poll, bag, v.Bloc)
	if err != nil {
		return err
	}
	if other > 0 {
		return fault.Fields{{Name: "bag", Key: "ballot.bag_bloc"}}
	}
	read, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_paper WHERE poll = $1 AND bag = $2`, poll, bag)
	if err != nil {
		return err
	}
	if read > 0 { // a ballot more would not be on the sheets that were entered
		return fault.Fields{{Name: "bag", Key: "ballot.bag_read"}}
	}
	if h, ok := o.Hosts[p.Of.Kind]; ok && h.Eligible != nil {
		reason, err := h.Eligible(ctx, tx, p, v, db.Time{Time: tx.Now})
		if err != nil {
			return err
		}
		if reason != "" {
			return fault.New(fault.Denied, reason)
		}
	}
	if err := tx.MustChange(ctx, `UPDATE poll_voter SET state = 'paper', bag = $3 WHERE poll = $1 AND voter = $2 AND state = 'issued'`, poll, voter, bag); err != nil {
		return err
	}
	_, err = tell(ctx, tx, actor.ID, "poll.paper_issued", p, "", map[string]string{"voter": v.Mark, "bag": bag})
	return err
}

// Bag is the paper ballots of one bag: how many were issued, and what was read
// off them.
type Bag struct {
	Name    string
	Bloc    string
	Issued  int
	Entries []Entry
	Sheet   *Sheet // what two entries agree on; nil until they do
}

// Entry is what one person read off the ballots of a bag.
type Entry struct {
	By        string
	Witnesses [2]string // ids of people
	Sheet     Sheet
	At        db.Time
	json      string
}

// Bags returns the bags of a poll, by name.
func Bags(ctx context.Context, tx *db.Tx, p Poll) ([]Bag, error) {
	bags, err := db.List(ctx, tx, func(b *Bag) []any { return []any{&b.Name, &b.Bloc, &b.Issued} },
		`SELECT bag, max(bloc), count(*) FROM poll_voter WHERE poll = $1 AND state = 'paper' GROUP BY bag ORDER BY bag`, p.ID)
	if err != nil || len(bags) == 0 {
		return nil, err
	}
	type line struct {
		bag string
		Entry
	}
	entries, err := db.List(ctx, tx, func(e *line) []any {
		return []any{&e.bag, &e.By, &e.Witnesses[0], &e.Witnesses[1], &e.json, &e.At}
	}, `SELECT bag, entered_by, witness1, witness2, sheet, at FROM poll_paper WHERE poll = $1 ORDER BY at, entered_by`, p.ID)
	for _, e := range entries {
		if err := json.Unmarshal([]byte(e.json), &e.Sheet); err != nil {
			return nil, err
		}
		for i := range bags {
			if bags[i].Name == e.bag {
				bags[i].add(e.Entry)
			}
		}
	}
	return bags, err
}

// add notes an entry; two that agree are what counts.
func (b *Bag) add(e Entry) {
	for _, earlier := range b.Entries {
		if b.Sheet == nil && earlier.json == e.json {
			sheet := e.Sheet
			b.Sheet = &sheet
		}
	}
	b.Entries = append(b.Entries, e)
}

// Enter keeps what actor read off the ballots of a bag. Two people enter each
// bag, and where they differ a third; each enters it once, and names two
// witnesses, who have accounts and enter nothing of this bag themselves (ogp
// T7.4). More ballots than were issued are refused.
func (o *Office) Enter(ctx context.Context, tx *db.Tx, actor who.Actor, poll, bag string, s Sheet, witnesses [2]string) (Bag, error) {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return Bag{}, err
	}
	if p.State != Open && p.State != Closed {
		return Bag{}, fault.New(fault.Conflict, "ballot.over")
	}
	bags, err := Bags(ctx, tx, p)
	if err != nil {
		return Bag{}, err
	}
	i := slices.IndexFunc(bags, func(b Bag) bool { return b.Name == bag })
	if i < 0 {
		return Bag{}, db.ErrNotFound
	}
	b := bags[i]
	s.Bloc = b.Bloc
	if err := b.mayEnter(actor); err != nil {
		return b, err
	}
	var f fault.Fields
	s.check(&f, p.Terms, b.Issued)
	b.checkWitnesses(&f, actor, witnesses)
	if err := f.Err(); err != nil {
		return b, err
	}
	if err := known(ctx, tx, witnesses); err != nil {
		return b, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return b, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO poll_paper (poll, bag, entered_by, sheet, witness1, witness2, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		poll, bag, actor.ID, string(raw), witnesses[0], witnesses[1], db.Time{Time: tx.Now}); err != nil {
		return b, err
	}
	b.add(Entry{By: actor.ID, Witnesses: witnesses, Sheet: s, At: db.Time{Time: tx.Now}, json: string(raw)})
	after := map[string]any{"bag": bag, "entry": len(b.Entries), "agreed": b.Sheet != nil}
	if b.Sheet != nil { // the sums are for everybody once two agree and nobody votes any more
		after["sheet_sha256"] = hash(string(raw))
	}
	_, err = tell(ctx, tx, actor.ID, "poll.paper_entered", p, "", after)
	return b, err
}

func (b Bag) mayEnter(actor who.Actor) error {
	for _, e := range b.Entries {
		if e.By == actor.ID {
			return fault.New(fault.Denied, "ballot.entered_already")
		}
		if slices.Contains(e.Witnesses[:], actor.ID) {
			return fault.New(fault.Denied, "ballot.witness_enters")
		}
	}
	if b.Sheet != nil {
		return fault.New(fault.Conflict, "ballot.bag_done")
	}
	return nil
}

func (b Bag) checkWitnesses(f *fault.Fields, actor who.Actor, w [2]string) {
	if w[0] == "" || w[1] == "" || w[0] == w[1] {
		f.Add("witnesses", "ballot.two_witnesses")
		return
	}
	for _, x := range w {
		enters := x == actor.ID || slices.ContainsFunc(b.Entries, func(e Entry) bool { return e.By == x })
		if enters {
			f.Add("witnesses", "ballot.witness_enters")
			return
		}
	}
}

// known refuses witnesses without an account.
func known(ctx context.Context, tx *db.Tx, people [2]string) error {
	for _, x := range people {
		p, err := who.PersonByID(ctx, tx, x)
		if errors.Is(err, db.ErrNotFound) || err == nil && p.State != who.Active {
			return fault.Fields{{Name: "witnesses", Key: "ballot.two_witnesses"}}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// check says what does not add up on a sheet, and puts its rankings in order.
func (s *Sheet) check(f *fault.Fields, t Terms, issued int) {
	if s.Valid < 0 || s.Blank < 0 || s.Null < 0 || s.Counted != s.Valid+s.Blank+s.Null {
		f.Add("counted", "ballot.sheet_sum")
	}
	if s.Counted > issued {
		f.Add("counted", "ballot.sheet_issued", "issued", issued)
	}
	sum := 0
	for c, n := range s.Sums {
		if _, ok := t.Option(c); !ok || n < 0 || n > s.Valid {
			f.Add("sums", "ballot.sheet_valid")
		}
		sum += max(n, 0)
	}
	switch {
	case t.Method == STV:
		s.Sums = nil
		s.checkRankings(f, t)
		return
	case t.Method == Approval && (sum < s.Valid || sum > s.Valid*t.Max), t.Method != Approval && sum != s.Valid:
		f.Add("sums", "ballot.sheet_valid")
	}
	s.Rankings = nil
}

func (s *Sheet) checkRankings(f *fault.Fields, t Terms) {
	byText := map[string]*Pile{}
	sum := 0
	for _, p := range s.Rankings {
		for i, c := range p.Choices {
			if _, ok := t.Option(c); !ok || slices.Contains(p.Choices[:i], c) {
				f.Add("rankings", "ballot.sheet_ranking")
				return
			}
		}
		if len(p.Choices) == 0 || p.N < 1 {
			f.Add("rankings", "ballot.sheet_ranking")
			return
		}
		sum += p.N
		key := strings.Join(p.Choices, "\n")
		if same := byText[key]; same != nil {
			same.N += p.N
			continue
		}
		byText[key] = &Pile{Bloc: s.Bloc, Choices: p.Choices, N: p.N}
	}
	if sum != s.Valid {
		f.Add("rankings", "ballot.sheet_valid")
	}
	s.Rankings = nil
	for _, p := range byText {
		s.Rankings = append(s.Rankings, *p)
	}
	slices.SortFunc(s.Rankings, func(a, b Pile) int { return slices.Compare(a.Choices, b.Choices) })
}
