package answer

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

const (
	// LeastWords is how many words a reason has at least, unless what was said is
	// adopted as it stands (specification of open government, 8).
	LeastWords = 30
	// MostAtOnce is how many inputs one reply may answer.
	MostAtOnce = 10_000

	maxReason   = 20_000
	maxEvidence = 10
	maxChanged  = 20
)

// Reply is an outcome with its reason, for one input or for many.
type Reply struct {
	ID        string
	N         int // version, from 1
	Box       string
	Outcome   State  // of Outcomes
	Reason    string // Markdown
	Lang      string
	Evidence  db.JSON[[]string]     // addresses
	Changed   db.JSON[[]record.Ref] // records that it changed
	Responder string                // id of who wrote this version
	Org       string
	Published db.Time // of this version, by the server's clock
}

const replyColumns = `id, n, box, outcome, reason, lang, evidence, changed, responder, org, published`

func replyFields(r *Reply) []any {
	return []any{&r.ID, &r.N, &r.Box, &r.Outcome, &r.Reason, &r.Lang, &r.Evidence, &r.Changed, &r.Responder, &r.Org, &r.Published}
}

// WordCount returns how many words a text has, as the least of a reason is
// counted: marks of Markdown and addresses are none.
func WordCount(text string) int {
	n := 0
	for _, w := range strings.Fields(record.Unmarked(text)) {
		if strings.ContainsFunc(w, func(r rune) bool { return r >= '0' && r <= '9' || r > 'A' }) && !strings.Contains(w, "://") {
			n++
		}
	}
	return n
}

func (r *Reply) tidy() {
	r.Reason = strings.TrimSpace(r.Reason)
	if r.Lang == "" {
		r.Lang = "en"
	}
	evidence := []string{}
	for _, e := range r.Evidence.V {
		if e = strings.TrimSpace(e); e != "" {
			evidence = append(evidence, e)
		}
	}
	r.Evidence.V = evidence
	if r.Changed.V == nil {
		r.Changed.V = []record.Ref{}
	}
}

// Check reports what is wrong with what a person fills in.
func (r Reply) Check() error {
	var p fault.Fields
	choice(&p, "outcome", r.Outcome, Outcomes)
	p.Require("reason", r.Reason)
	p.MaxLen("reason", r.Reason, maxReason)
	if n := WordCount(r.Reason); r.Reason != "" && n < LeastWords && r.Outcome != Adopted {
		p.Add("reason", "answer.short", "n", n, "min", LeastWords)
	}
	if !i18n.Known(r.Lang) {
		p.Add("lang", "fault.choice")
	}
	if len(r.Evidence.V) > maxEvidence {
		p.Add("evidence", "answer.too_many", "max", maxEvidence)
	}
	if slices.ContainsFunc(r.Evidence.V, func(e string) bool { return !webAddress(e) }) {
		p.Add("evidence", "fault.url")
	}
	if len(r.Changed.V) > maxChanged {
		p.Add("changed", "answer.too_many", "max", maxChanged)
	}
	return p.Err()
}

// webAddress reports whether s is an absolute http or https address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(s) <= 2000
}

// desk reads a call whose inputs actor may work on.
func (o *Office) desk(ctx context.Context, tx *db.Tx, actor who.Actor, box string) (Box, error) {
	b, err := boxByID(ctx, tx, box)
	if err != nil {
		return b, err
	}
	return b, o.may(ctx, tx, actor, "answer.reply", b)
}

// chosen reads inputs of a call that others can see.
func chosen(ctx context.Context, tx *db.Tx, b Box, ids []string) (list []Input, err error) {
	if len(ids) == 0 {
		return nil, fault.Fields{{Name: "inputs", Key: "answer.choose"}}
	}
	if len(ids) > MostAtOnce {
		return nil, fault.Fields{{Name: "inputs", Key: "answer.too_many", Args: []any{"max", MostAtOnce}}}
	}
	for part := range slices.Chunk(ids, 1000) {
		some, err := inputsByID(ctx, tx, part)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	if len(list) != len(ids) || slices.ContainsFunc(list, func(in Input) bool { return in.Box != b.ID || in.View != Visible }) {
		return nil, db.ErrNotFound
	}
	return list, nil
}

// Move takes inputs of a call to Acknowledged or Considered, and returns how many
// went; those that are further already stay.
func (o *Office) Move(ctx context.Context, tx *db.Tx, actor who.Actor, box string, ids []string, to State) (n int, err error) {
	b, err := o.desk(ctx, tx, actor, box)
	if err != nil {
		return 0, err
	}
	if to != Acknowledged && to != Considered {
		return 0, fault.Fields{{Name: "state", Key: "fault.choice"}}
	}
	list, err := chosen(ctx, tx, b, ids)
	if err != nil {
		return 0, err
	}
	for _, in := range list {
		if in.State.Done() {
			continue
		}
		ok, err := in.walk(ctx, tx, step{to: to})
		if err != nil {
			return 0, err
		}
		if ok {
			n++
			if err := in.tell(ctx, tx, actor.ID, "input."+string(to), "", nil); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// Answer publishes a reply to inputs of a call. An input that has an outcome gets
// this one in its place; what it was told before is kept. One that was merged is
// answered by what it was merged into.
func (o *Office) Answer(ctx context.Context, tx *db.Tx, actor who.Actor, box string, ids []string, r Reply) (Reply, error) {
	b, err := o.desk(ctx, tx, actor, box)
	if err != nil {
		return Reply{}, err
	}
	list, err := chosen(ctx, tx, b, ids)
	if err != nil {
		return Reply{}, err
	}
	return o.answer(ctx, tx, actor, b, list, r)
}

// answer publishes the first version of a reply.
func (o *Office) answer(ctx context.Context, tx *db.Tx, actor who.Actor, b Box, list []Input, r Reply) (Reply, error) {
	for _, in := range list {
		if in.State == Merged {
			return Reply{}, fault.New(fault.Conflict, "answer.merged_already", "title", in.Title)
		}
	}
	r.ID, r.N = id.New(tx.Now), 1
	if err := o.publish(ctx, tx, actor, b, &r); err != nil {
		return Reply{}, err
	}
	return r, r.give(ctx, tx, actor, b, list)
}

// publish checks a version of a reply and stores it.
func (o *Office) publish(ctx context.Context, tx *db.Tx, actor who.Actor, b Box, r *Reply) error {
	r.tidy()
	if err := r.Check(); err != nil {
		return err
	}
	for _, ref := range r.Changed.V {
		if _, err := o.Kinds().One(ctx, tx, actor, ref); errors.Is(err, db.ErrNotFound) || ref.Kind == InputKind {
			return fault.Fields{{Name: "changed", Key: "answer.no_record", Args: []any{"address", ref.Path()}}}
		} else if err != nil {
			return err
		}
	}
	r.Box, r.Org, r.Responder, r.Published = b.ID, b.Org, actor.ID, db.Time{Time: tx.Now}
	_, err := tx.Exec(ctx, `INSERT INTO answer_reply (`+replyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.ID, r.N, r.Box, r.Outcome, r.Reason, r.Lang, r.Evidence, r.Changed, r.Responder, r.Org, r.Published)
	return err
}

// give brings inputs to the outcome of a reply, and links them with what it
// changed.
func (r Reply) give(ctx context.Context, tx *db.Tx, actor who.Actor, b Box, list []Input) error {
	for _, in := range list {
		if _, ok := way(in.State, r.Outcome); !ok {
			return fault.New(fault.Conflict, "answer.no_way", "title", in.Title)
		}
	}
	if err := walkAll(ctx, tx, list, step{to: r.Outcome, reply: r.ID, replyN: r.N}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE answer_rating SET settled = TRUE WHERE NOT settled AND (input IN (SELECT id FROM answer_input WHERE reply = $1 AND reply <> '')
		OR input IN (SELECT i.id FROM answer_input i JOIN answer_input r ON r.id = i.root WHERE i.root <> '' AND r.reply = $1))`, r.ID); err != nil {
		return err
	}
	for _, in := range list {
		for _, ref := range r.Changed.V {
			if err := record.Link(ctx, tx, actor, ref, "follows_from", in.Ref()); err != nil {
				return err
			}
		}
		if err := in.tell(ctx, tx, actor.ID, "input.answered", "", r.said()); err != nil {
			return err
		}
	}
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "call.answered", Kind: CallKind, Record: b.ID, Org: b.Org, Public: true, Title: b.Title,
		After: map[string]any{"inputs": len(list), "outcome": r.Outcome, "reply": r.ID},
	})
	return err
}

// said is what the log keeps of a reply.
func (r Reply) said() map[string]any {
	return map[string]any{"outcome": r.Outcome, "reason": r.Reason, "evidence": r.Evidence.V, "reply": r.ID, "version": r.N}
}

// Correct publishes a new version of a reply that was last seen at r.N, for every
// input that has it. The version before stays readable.
func (o *Office) Correct(ctx context.Context, tx *db.Tx, actor who.Actor, r Reply) (Reply, error) {
	old, err := ReplyByID(ctx, tx, r.ID)
	if err != nil {
		return Reply{}, err
	}
	b, err := o.desk(ctx, tx, actor, old.Box)
	if err != nil {
		return Reply{}, err
	}
	if old.N != r.N {
		return Reply{}, db.ErrConflict
	}
	r.N++
	if err := o.publish(ctx, tx, actor, b, &r); err != nil {
		return Reply{}, err
	}
	list, err := db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE reply = $1 AND reply <> '' ORDER BY id`, r.ID)
	if err != nil {
		return Reply{}, err
	}
	for _, ref := range old.Changed.V {
		if slices.Contains(r.Changed.V, ref) {
			continue
		}
		for _, in := range list {
			if err := record.Unlink(ctx, tx, actor, ref, "follows_from", in.Ref()); err != nil && !errors.Is(err, db.ErrNotFound) {
				return Reply{}, err
			}
		}
	}
	return r, r.give(ctx, tx, actor, b, list)
}

// ReplyByID returns the present version of a reply.
func ReplyByID(ctx context.Context, tx *db.Tx, reply string) (Reply, error) {
	return db.Get(ctx, tx, replyFields, `SELECT `+replyColumns+` FROM answer_reply WHERE id = $1 ORDER BY n DESC LIMIT 1`, reply)
}

// RepliesByID returns the present versions of replies, by id, in one query.
func RepliesByID(ctx context.Context, tx *db.Tx, ids []string) (map[string]Reply, error) {
	in, args := db.In(1, ids)
	list, err := db.List(ctx, tx, replyFields, `SELECT `+replyColumns+` FROM answer_reply WHERE id IN `+in+` ORDER BY n`, args...)
	out := map[string]Reply{}
	for _, r := range list {
		out[r.ID] = r
	}
	return out, err
}

// RepliesTo returns every version of every reply that an input got, the newest
// first.
func RepliesTo(ctx context.Context, tx *db.Tx, input string) ([]Reply, error) {
	return db.List(ctx, tx, replyFields, `SELECT r.id, r.n, r.box, r.outcome, r.reason, r.lang, r.evidence, r.changed, r.responder, r.org, r.published
		FROM answer_step s JOIN answer_reply r ON r.id = s.reply AND r.n = s.reply_n WHERE s.input = $1 AND s.reply <> '' ORDER BY s.n DESC`, input)
}
