package answer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who"
)

// Who the log names for inputs that have no person in it.
const (
	nobody    = "anonymous"
	somebody  = "pseudonym"
	manyLinks = 3 // what holds as many links waits for a moderator, as comments do
)

// Giving is an input as it is handed in. Of Input it takes what the author says:
// kind, texts, language, where from, for whom, channel, naming.
type Giving struct {
	Input
	// Assisted says that actor writes it down for somebody else: they may do so
	// who may answer the call, also after its end.
	Assisted bool
	// At is when an assisted input was said; the zero time is now.
	At time.Time
	// Seed makes the receipt: the same seed gives the same receipt, and one input
	// however often it is sent. It must be as hard to guess as the receipt. Empty
	// gives a random one.
	Seed string
}

// Given is an input with its receipt.
type Given struct {
	Input Input
	Code  string // the receipt, ten characters; empty where it was handed out before
	Fresh bool   // false: it was there already, and nothing was written
}

// Give takes an input. Anybody may, while the call is open.
func (o *Office) Give(ctx context.Context, tx *db.Tx, actor who.Actor, box string, g Giving) (Given, error) {
	if err := actor.Must("input.give", who.Site); err != nil {
		return Given{}, err
	}
	b, err := boxByID(ctx, tx, box)
	if err == nil && b.Published.IsZero() {
		err = db.ErrNotFound
	}
	if err != nil {
		return Given{}, err
	}
	g.tidy()
	if err := o.mayGive(ctx, tx, actor, b, &g); err != nil {
		return Given{}, err
	}
	if err := g.check(b); err != nil {
		return Given{}, err
	}
	return o.store(ctx, tx, actor, b, g)
}

// mayGive checks the time, and who speaks for whom.
func (o *Office) mayGive(ctx context.Context, tx *db.Tx, actor who.Actor, b Box, g *Giving) error {
	phase := b.Phase(tx.Now)
	if g.Assisted {
		if err := o.may(ctx, tx, actor, "answer.reply", b); err != nil {
			return err
		}
		if g.At.IsZero() {
			g.At = tx.Now
		}
		if at := dayOf(g.At); at.Before(dayOf(b.Opens.Time)) || at.After(tx.Now) || !at.Before(b.Closes.Time) {
			return fault.Fields{{Name: "date", Key: "answer.not_then"}}
		}
		if g.Naming == Named {
			return fault.Fields{{Name: "naming", Key: "answer.name_of_another"}}
		}
		return nil
	}
	g.At, g.Channel = tx.Now, "web"
	switch {
	case phase == Announced:
		return fault.New(fault.Conflict, "answer.not_open")
	case phase != Open:
		return fault.New(fault.Conflict, "answer.closed")
	case g.Naming == Named && !actor.SignedIn():
		return fault.Fields{{Name: "naming", Key: "answer.sign_in_for_name"}}
	}
	return nil
}

// store writes a checked input.
func (o *Office) store(ctx context.Context, tx *db.Tx, actor who.Actor, b Box, g Giving) (Given, error) {
	in, code := g.Input, o.code(g.Seed)
	words := telling(in.Title + " " + in.Text)
	in.Box, in.Org, in.State, in.Root, in.Theme, in.Reply, in.Supports, in.Points = b.ID, b.Org, Received, "", "", "", 0, 0
	in.receipt, in.words = o.digest(code), len(words)
	in.settle(tx, actor, g)
	n, err := tx.Exec(ctx, `INSERT INTO answer_input (`+inputColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
		$18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34) ON CONFLICT DO NOTHING`, values(&in)...)
	if err != nil {
		return Given{}, err
	}
	if n == 0 {
		return o.again(ctx, tx, in, code)
	}
	if err := in.index(ctx, tx, words); err != nil {
		return Given{}, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO answer_step (input, n, state, at, reply, reply_n, root) VALUES ($1, 1, $2, $3, '', 0, '')`, in.ID, in.State, in.Received); err != nil {
		return Given{}, err
	}
	return Given{in, code, true}, in.happened(ctx, tx, actor.ID, "input.received", in.said())
}

// values are the fields of an input as they are stored.
func values(in *Input) []any {
	return []any{
		in.ID, in.Box, in.Org, in.Kind, in.Title, in.Text, in.Lang, in.District, in.Community, in.Sector, in.Channel, in.External, in.ForOrg,
		in.Naming, in.Name, in.Author, in.RecordedBy, in.Sheet, in.State, in.View, in.Why, in.Received, in.Shown, in.Root, in.Theme, in.Reply,
		in.Supports, in.Points, in.Acknowledged, in.Considered, in.Answered, in.Changed, in.words, in.receipt,
	}
}

// settle gives an input its id, its times, its author and its readers. An
// anonymous one has none of the things by which its author could be found.
func (in *Input) settle(tx *db.Tx, actor who.Actor, g Giving) {
	in.ID, in.Received, in.View, in.Why, in.Author, in.RecordedBy = id.New(tx.Now), db.Time{Time: g.At}, Visible, "", "", ""
	if g.Assisted {
		in.RecordedBy = actor.ID
	} else if in.Naming != Anonymous {
		in.Author = actor.ID
	}
	if in.Naming == Anonymous {
		in.ID, in.Received = id.Random(), db.Time{Time: dayOf(g.At)}
		if !g.Assisted {
			in.View = Unshown
		}
	}
	if strings.Count(strings.ToLower(in.Text), "://") >= manyLinks && !g.Assisted {
		in.View = Held
	}
	in.Shown, in.Changed = db.Time{}, in.Received
	if in.View == Visible {
		in.Shown = db.Time{Time: tx.Now}
	}
}

// again finds the input that was handed in before.
func (o *Office) again(ctx context.Context, tx *db.Tx, in Input, code string) (Given, error) {
	old, err := db.Get(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE receipt = $1`, in.receipt)
	if err == nil || !errors.Is(err, db.ErrNotFound) || in.External == "" {
		return Given{Input: old, Code: code}, err
	}
	old, err = db.Get(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE box = $1 AND channel = $2 AND external = $3 AND external <> ''`,
		in.Box, in.Channel, in.External)
	return Given{Input: old}, err
}

// Digest is the hex SHA-256 of the title, a line break and the text: the log has
// it, so that a change of what somebody said would show.
func (in Input) Digest() string {
	sum := sha256.Sum256([]byte(in.Title + "\n" + in.Text))
	return hex.EncodeToString(sum[:])
}

// said is what the log keeps of an input: not its words, which a moderator may have
// to take out of what everybody can read.
func (in Input) said() map[string]string {
	return map[string]string{
		"channel": in.Channel, "district": in.District, "kind": in.Kind, "lang": in.Lang, "sector": in.Sector, "sha256": in.Digest(),
	}
}

// by is who the log names for what the author of an input does.
func (in Input) by(actor string) string {
	switch {
	case in.RecordedBy != "" && actor == in.RecordedBy:
		return actor
	case in.Naming == Anonymous || actor == "" && in.Naming == Named:
		return nobody
	case in.Naming == Pseudonym:
		return somebody
	}
	return actor
}

// happened writes into the log what an input's author did: at once, or with the
// next batch for one who must not be found by the time.
func (in Input) happened(ctx context.Context, tx *db.Tx, actor, verb string, after any) error {
	if in.Naming == Anonymous && in.RecordedBy == "" {
		_, err := tx.Exec(ctx, `INSERT INTO answer_quiet (id, input, verb) VALUES ($1, $2, $3)`, id.Random(), in.ID, verb)
		return err
	}
	return in.tell(ctx, tx, in.by(actor), verb, "", after)
}

// tell writes an entry about an input into the log.
func (in Input) tell(ctx context.Context, tx *db.Tx, actor, verb, note string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor, Verb: verb, Kind: InputKind, Record: in.ID, Org: in.Org, Public: in.View == Visible, Note: note, After: after,
	})
	return err
}
