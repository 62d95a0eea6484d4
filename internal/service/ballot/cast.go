package ballot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Vote is what a voter hands in.
type Vote struct {
	Poll    string   // id
	Voter   string   // id; the actor themselves when empty
	Choices []string // ids of options; of a ranking the first is liked best
	Blank   bool     // no choice, on purpose
	// Token is a random word of the voter's own, 20 to 100 characters; id.Secret
	// makes one. A secret poll needs it: the receipt is made of it, and with it
	// alone the voter can change their ballot until the closing.
	Token string
}

// Receipt is what a voter takes away.
type Receipt struct {
	Code    string // ten characters that prove that a ballot is counted, and not which; empty in an open poll
	Changed bool   // it replaced an earlier vote
}

// ballotFor is what one statement reads for a vote: poll and voter.
type ballotFor struct {
	row
	v Voter
}

const voterJoin = `v.voter, v.kind, v.bloc, v.district, v.level, v.named, v.state, v.cast_by, v.bag, v.reason, v.mark`

var pollJoin = "p." + strings.ReplaceAll(strings.Join(strings.Fields(columns), " "), ", ", ", p.")

// Cast takes a vote, in a transaction of its own. See CastIn.
func (o *Office) Cast(ctx context.Context, actor who.Actor, in Vote) (r Receipt, err error) {
	err = o.DB.Update(ctx, func(tx *db.Tx) error {
		r, err = o.CastIn(ctx, tx, actor, in)
		return err
	})
	return r, err
}

// CastIn takes a vote: of an open poll it may be changed until the closing, of a
// secret one with the token alone. The last counts. What counts for the time is
// the transaction's clock against the poll's, whatever the job that opens and
// closes has done. Four statements at most.
//
// For an organisation the first of those who may cast uses its vote; of an open
// poll the same person may change it.
func (o *Office) CastIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Vote) (Receipt, error) {
	if in.Voter == "" {
		in.Voter = actor.ID
	}
	if !actor.SignedIn() {
		return Receipt{}, fault.New(fault.SignIn, "who.sign_in")
	}
	p, v, err := o.admit(ctx, tx, actor, in)
	if err != nil {
		return Receipt{}, err
	}
	choices, err := in.check(p)
	if err != nil {
		return Receipt{}, err
	}
	if p.Terms.Secrecy == Named {
		return o.castNamed(ctx, tx, actor, p, v, choices)
	}
	return castSecret(ctx, tx, actor, p, v, in.Token, choices)
}

// admit reads poll and voter, and refuses with the reason whoever may not vote
// now.
func (o *Office) admit(ctx context.Context, tx *db.Tx, actor who.Actor, in Vote) (Poll, Voter, error) {
	b, err := db.Get(ctx, tx, func(b *ballotFor) []any { return append(fields(&b.row), voterFields(&b.v)...) },
		`SELECT `+pollJoin+`, `+voterJoin+` FROM poll p JOIN poll_voter v ON v.poll = p.id WHERE p.id = $1 AND v.voter = $2`, in.Poll, in.Voter)
	if errors.Is(err, db.ErrNotFound) {
		return Poll{}, Voter{}, o.unknown(ctx, tx, in.Poll)
	}
	if err != nil {
		return Poll{}, Voter{}, err
	}
	p, err := b.poll()
	if err != nil {
		return p, b.v, err
	}
	return p, b.v, o.mayVote(ctx, tx, actor, p, b.v)
}

// unknown tells a poll that there is not from one in which somebody is no voter.
func (o *Office) unknown(ctx context.Context, tx *db.Tx, poll string) error {
	p, err := Get(ctx, tx, poll)
	if err == nil && !p.Public() {
		err = db.ErrNotFound
	}
	if err != nil {
		return err
	}
	return fault.New(fault.Denied, "ballot.no_voter")
}

// mayVote says why a voter may not vote now, or nil. That they have voted is
// not a reason.
func (o *Office) mayVote(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll, v Voter) error {
	if !p.Public() {
		return db.ErrNotFound
	}
	if err := mayCast(actor, v); err != nil {
		return err
	}
	if actor.Level < p.Terms.Level {
		return fault.New(fault.Denied, "who.level", "level", int(p.Terms.Level))
	}
	switch {
	case v.State == Recused:
		return fault.New(fault.Denied, "ballot.recused")
	case v.State == OnPaper:
		return fault.New(fault.Denied, "ballot.on_paper")
	case (p.State == Declared || p.State == Open) && tx.Now.Before(p.Opens.Time):
		return fault.New(fault.Conflict, "ballot.not_open")
	case !p.TakesVotes(tx.Now):
		return fault.New(fault.Conflict, "ballot.over")
	case v.State == Voted && v.CastBy != "" && v.CastBy != actor.ID:
		return fault.New(fault.Conflict, "ballot.cast_by_other")
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
	return nil
}

// MayVote says why actor may not vote in a poll for a voter now, or nil. That
// they have voted is not a reason: see Voter.State.
func (o *Office) MayVote(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll, v Voter) error {
	return o.mayVote(ctx, tx, actor, p, v)
}

// check returns the choices as they are kept.
func (in Vote) check(p Poll) ([]string, error) {
	var f fault.Fields
	for i, c := range in.Choices {
		if _, ok := p.Terms.Option(c); !ok {
			f.Add("choices", "fault.choice")
			break
		}
		if slices.Contains(in.Choices[:i], c) {
			f.Add("choices", "ballot.choice_twice")
			break
		}
	}
	switch n := len(in.Choices); {
	case n == 0 && !in.Blank:
		f.Add("choices", "ballot.choose")
	case n > 0 && in.Blank:
		f.Add("choices", "ballot.blank_or_not")
	case n > p.Terms.most():
		f.Add("choices", "ballot.too_many", "most", p.Terms.most())
	}
	if n := len(in.Token); p.Terms.Secrecy == Secret && (n < 20 || n > 100) {
		f.Add("token", "ballot.token")
	}
	out := slices.Clone(in.Choices)
	if p.Terms.Method == Approval {
		slices.SortFunc(out, func(a, b string) int { return slices.Index(p.Terms.ids(), a) - slices.Index(p.Terms.ids(), b) })
	}
	return out, f.Err()
}

func encode(choices []string) string {
	if choices == nil {
		choices = []string{}
	}
	b, _ := json.Marshal(choices) // strings only
	return string(b)
}

func (o *Office) castNamed(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll, v Voter, choices []string) (Receipt, error) {
	by := ""
	if v.Kind == Org {
		by = actor.ID
	}
	if err := tx.MustChange(ctx, `UPDATE poll_voter SET state = 'cast', cast_by = $3 WHERE poll = $1 AND voter = $2 AND state IN ('issued', 'cast')`, p.ID, v.ID, by); err != nil {
		return Receipt{}, err
	}
	_, err := tx.Exec(ctx, `INSERT INTO poll_vote (poll, voter, choices, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (poll, voter) DO UPDATE SET choices = excluded.choices, at = excluded.at`, p.ID, v.ID, encode(choices), db.Time{Time: tx.Now})
	return Receipt{Changed: v.State == Voted}, err
}

// castSecret spends the credential and puts the ballot among those that wait,
// without anything that joins the two.
func castSecret(ctx context.Context, tx *db.Tx, actor who.Actor, p Poll, v Voter, token string, choices []string) (Receipt, error) {
	r := Receipt{Code: ReceiptOf(p.ID, token)}
	if v.State == Voted {
		r.Changed = true
		return r, replace(ctx, tx, p, token, choices)
	}
	by := ""
	if v.Kind == Org {
		by = actor.ID
	}
	if err := tx.MustChange(ctx, `UPDATE poll_voter SET state = 'cast', cast_by = $3 WHERE poll = $1 AND voter = $2 AND state = 'issued'`, p.ID, v.ID, by); err != nil {
		return r, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO poll_waiting (poll, token, receipt, choices, bloc, district) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		p.ID, tokenHash(p.ID, token), receiptHash(p.ID, r.Code), encode(choices), v.Bloc, v.District)
	if err != nil {
		return r, err
	}
	// A ballot that was released is not among those that wait: two with one token
	// could never be released both, and the poll never closed.
	released, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM poll_ballot WHERE poll = $1 AND token = $2`, p.ID, tokenHash(p.ID, token))
	if err == nil && (n == 0 || released > 0) {
		err = fault.Fields{{Name: "token", Key: "ballot.token_taken"}}
	}
	return r, err
}

// replace puts another ballot in the place of the one that a token cast.
func replace(ctx context.Context, tx *db.Tx, p Poll, token string, choices []string) error {
	hash := tokenHash(p.ID, token)
	n, err := tx.Exec(ctx, `UPDATE poll_waiting SET choices = $3 WHERE poll = $1 AND token = $2`, p.ID, hash, encode(choices))
	if err != nil || n == 1 {
		return err
	}
	type cell struct{ id, bloc, district string }
	old, err := db.Get(ctx, tx, func(c *cell) []any { return []any{&c.id, &c.bloc, &c.district} },
		`SELECT id, bloc, district FROM poll_ballot WHERE poll = $1 AND token = $2`, p.ID, hash)
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.Conflict, "ballot.voted")
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE poll_ballot SET state = 'superseded', token = NULL WHERE id = $1`, old.id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO poll_waiting (poll, token, receipt, choices, bloc, district) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.ID, hash, receiptHash(p.ID, ReceiptOf(p.ID, token)), encode(choices), old.bloc, old.district)
	return err
}

// Withdraw takes a vote of an open poll back, until the closing. A secret ballot
// cannot be told from others: it may be changed, with its token, to a blank one.
func (o *Office) Withdraw(ctx context.Context, tx *db.Tx, actor who.Actor, poll, voter string) error {
	if voter == "" {
		voter = actor.ID
	}
	p, v, err := o.admit(ctx, tx, actor, Vote{Poll: poll, Voter: voter})
	if err != nil {
		return err
	}
	if p.Terms.Secrecy == Secret {
		return fault.New(fault.Conflict, "ballot.no_withdraw")
	}
	if v.State != Voted {
		return fault.New(fault.Conflict, "ballot.not_voted")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM poll_vote WHERE poll = $1 AND voter = $2`, poll, voter); err != nil {
		return err
	}
	return tx.MustChange(ctx, `UPDATE poll_voter SET state = 'issued', cast_by = '' WHERE poll = $1 AND voter = $2 AND state = 'cast'`, poll, voter)
}

// NewToken makes a token for Vote.Token.
func NewToken() string { return id.Secret() }

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}

func tokenHash(poll, token string) string { return hash("ceiba ballot token", poll, token) }

// receiptHash is what is kept, and published, of a receipt.
func receiptHash(poll, code string) string { return hash("ceiba ballot receipt", poll, code) }

// crockford is Crockford's base32: no i, l, o or u.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// ReceiptOf is the receipt that belongs to a token: ten characters of
// Crockford's base32, 50 bits of SHA-256("ceiba ballot code", poll, token), each
// on a line. It says nothing of the choices, and nothing leads from it to the
// token.
func ReceiptOf(poll, token string) string {
	sum := sha256.Sum256([]byte("ceiba ballot code\n" + poll + "\n" + token))
	var v uint64
	for _, b := range sum[:8] {
		v = v<<8 | uint64(b)
	}
	out := make([]byte, 10)
	for i := range out {
		out[i] = crockford[v>>59]
		v <<= 5
	}
	return string(out)
}

// CleanReceipt reads a receipt as people type it: in capitals, with spaces and
// hyphens, with o for 0 and l for 1.
func CleanReceipt(typed string) string {
	return strings.NewReplacer(" ", "", "-", "", "o", "0", "i", "1", "l", "1", "u", "v").Replace(strings.ToLower(strings.TrimSpace(typed)))
}
