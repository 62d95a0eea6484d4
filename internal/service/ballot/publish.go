package ballot

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
)

// leastCell is how many ballots a published cell of bloc and district holds at
// least; smaller ones are merged.
const leastCell = 5

// Listed is one ballot of the public list.
type Listed struct {
	ID       string   `json:"ballot"` // of a secret poll random; of an open one the mark of the voter's line in the electorate
	Choices  []string `json:"choices"`
	Bloc     string   `json:"bloc,omitempty"`
	District string   `json:"district,omitempty"`
	Salt     string   `json:"salt,omitempty"` // of a secret poll
	State    string   `json:"state"`          // counted or superseded
}

// PublicList is what everybody can count again: every ballot, those on paper as
// the sheets that two people agreed on.
type PublicList struct {
	Poll    string         `json:"poll"`
	Terms   Terms          `json:"terms"`
	Base    map[string]int `json:"voters_by_bloc"`
	Ballots []Listed       `json:"ballots"` // in the order of their ids, which are random
}

// JSON is the list as it is served; its SHA-256 is in the log since the closing.
func (l PublicList) JSON() ([]byte, error) {
	text, err := marshal(l)
	return []byte(text), err
}

func marshal(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.String(), err
}

// CSV is the same without the terms: one line for each ballot, with its
// commitment; the options of a ranking are joined by ">" and others by "+".
func (l PublicList) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"ballot", "choices", "bloc", "district", "state", "salt", "commitment"})
	joint := "+"
	if l.Terms.Method == STV {
		joint = ">"
	}
	for _, x := range l.Ballots {
		w.Write([]string{x.ID, strings.Join(x.Choices, joint), x.Bloc, x.District, x.State, x.Salt, l.Commitment(x)})
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Commitment is that of a listed secret ballot, as the log has it; "" in an open
// poll.
func (l PublicList) Commitment(x Listed) string {
	if x.Salt == "" {
		return ""
	}
	return Commitment(x.Salt, Canonical(l.Poll, x.ID, x.Choices))
}

// Published returns the public list of a poll whose ballots are listed.
func Published(ctx context.Context, tx *db.Tx, p Poll) (PublicList, error) {
	if !p.Listed() {
		return PublicList{}, db.ErrNotFound
	}
	return published(ctx, tx, p)
}

func published(ctx context.Context, tx *db.Tx, p Poll) (PublicList, error) {
	l := PublicList{Poll: p.ID, Terms: p.Terms}
	var err error
	if l.Base, err = base(ctx, tx, p.ID); err != nil {
		return l, err
	}
	if l.Ballots, err = ballots(ctx, tx, p); err != nil {
		return l, err
	}
	if p.Terms.Secrecy == Secret {
		merge(l.Ballots, p.Terms.Blocs)
	}
	return l, nil
}

// base counts those who may vote, without the recused, by bloc.
func base(ctx context.Context, tx *db.Tx, poll string) (map[string]int, error) {
	type cell struct {
		bloc string
		n    int
	}
	cells, err := db.List(ctx, tx, func(c *cell) []any { return []any{&c.bloc, &c.n} },
		`SELECT bloc, count(*) FROM poll_voter WHERE poll = $1 AND state <> 'recused' GROUP BY bloc`, poll)
	out := map[string]int{}
	for _, c := range cells {
		out[c.bloc] = c.n
	}
	return out, err
}

// ballots returns all of a poll's, not merged, by id.
func ballots(ctx context.Context, tx *db.Tx, p Poll) ([]Listed, error) {
	q := `SELECT id, choices, bloc, district, salt, state FROM poll_ballot WHERE poll = $1 ORDER BY id`
	if p.Terms.Secrecy == Named {
		q = `SELECT v.mark, t.choices, v.bloc, v.district, '', 'counted' FROM poll_vote t JOIN poll_voter v ON v.poll = t.poll AND v.voter = t.voter
			WHERE t.poll = $1 AND v.state <> 'recused' ORDER BY v.mark`
	}
	type stored struct {
		Listed
		choices string
	}
	rows, err := db.List(ctx, tx, func(s *stored) []any { return []any{&s.ID, &s.choices, &s.Bloc, &s.District, &s.Salt, &s.State} }, q, p.ID)
	out := make([]Listed, len(rows))
	for i, s := range rows {
		if err := json.Unmarshal([]byte(s.choices), &s.Choices); err != nil {
			return nil, err
		}
		out[i] = s.Listed
	}
	return out, err
}

// merge takes bloc and district away where they would single people out: blocs
// of fewer than leastCell ballots lose their name, save those that the
// declaration counts by themselves, and the smallest others with them until
// enough are together; then districts, within each bloc, likewise.
func merge(bs []Listed, keep []string) {
	fold(bs, func(b *Listed) (group, cell string) {
		if slices.Contains(keep, b.Bloc) {
			return "kept", ""
		}
		return "", b.Bloc
	}, func(b *Listed) { b.Bloc = "" })
	fold(bs, func(b *Listed) (group, cell string) { return b.Bloc, b.District }, func(b *Listed) { b.District = "" })
}

// fold blanks the cells of each group that are too small, and the next larger
// until what is blank is large enough. Ballots that were changed since hide nobody:
// a voter who changes theirs often would make a small cell look large.
func fold(bs []Listed, where func(*Listed) (group, cell string), blank func(*Listed)) {
	type key struct{ group, cell string }
	sizes := map[key]int{}
	groups := map[string][]string{}
	for i := range bs {
		g, c := where(&bs[i])
		if !slices.Contains(groups[g], c) {
			groups[g] = append(groups[g], c)
		}
		if bs[i].State == "superseded" {
			continue
		}
		sizes[key{g, c}]++
	}
	gone := map[key]bool{}
	for g, cells := range groups {
		slices.SortFunc(cells, func(a, b string) int {
			return cmp.Or(cmp.Compare(sizes[key{g, a}], sizes[key{g, b}]), cmp.Compare(a, b))
		})
		blanked := sizes[key{g, ""}]
		for _, c := range cells {
			n := sizes[key{g, c}]
			if c != "" && (n < leastCell || blanked > 0 && blanked < leastCell) {
				gone[key{g, c}] = true
				blanked += n
			}
		}
	}
	for i := range bs {
		if g, c := where(&bs[i]); gone[key{g, c}] {
			blank(&bs[i])
		}
	}
}

// tally gathers what a result is computed from, and the bags that it waits for.
func tally(ctx context.Context, tx *db.Tx, p Poll) (t Tally, waits []string, err error) {
	t = Tally{Terms: p.Terms, Seed: p.Seed}
	if t.Base, err = base(ctx, tx, p.ID); err != nil {
		return t, nil, err
	}
	bs, err := ballots(ctx, tx, p)
	if err != nil {
		return t, nil, err
	}
	t.Piles = pile(bs)
	bags, err := Bags(ctx, tx, p)
	for _, b := range bags {
		if b.Sheet == nil {
			waits = append(waits, b.Name)
			continue
		}
		t.Sheets = append(t.Sheets, *b.Sheet)
	}
	return t, waits, err
}

// pile puts ballots that are alike together.
func pile(bs []Listed) (out []Pile) {
	at := map[string]int{}
	for _, b := range bs {
		if b.State != "counted" {
			continue
		}
		key := b.Bloc + "\n" + strings.Join(b.Choices, "\n")
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, Pile{Bloc: b.Bloc, Choices: b.Choices})
		}
		out[i].N++
	}
	return out
}

// Waiting returns the bags of paper ballots that a closed poll waits for, and
// whether it waits for a lot.
func Waiting(ctx context.Context, tx *db.Tx, p Poll) (bags []string, lot bool, err error) {
	if p.State != Closed {
		return nil, false, nil
	}
	t, bags, err := tally(ctx, tx, p)
	return bags, err == nil && len(bags) == 0 && Count(t).Undrawn, err
}
