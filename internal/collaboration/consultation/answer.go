package consultation

import (
	"context"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Decision is what an office does about what people wrote (participation 9.9).
type Decision string

// The decisions.
const (
	Adopted        Decision = "adopted"
	AdoptedInPart  Decision = "adopted_in_part"
	AlreadyDoing   Decision = "already_doing"
	NotAdopted     Decision = "not_adopted"
	OutsideMandate Decision = "outside_mandate" // … with whom it was forwarded to
	Later          Decision = "later"           // … with the date
)

// Decisions are all decisions, in the order in which pages show them.
var Decisions = []Decision{Adopted, AdoptedInPart, AlreadyDoing, NotAdopted, OutsideMandate, Later}

// FewestWords is how many words the reason of any decision but Adopted has at
// least.
const FewestWords = 30

// Answer is what an office says to one annotation or to many.
type Answer struct {
	ID        string
	Decision  Decision
	Because   string // plain text
	Later     string // civil date, for Later
	Forwarded string // to whom, for OutsideMandate
	By        string // id of a person; empty once erased
	At        db.Time
}

const answerColumns = `id, decision, because, later, forwarded, by_person, at`

func answerFields(a *Answer) []any {
	return []any{&a.ID, &a.Decision, &a.Because, &a.Later, &a.Forwarded, &a.By, &a.At}
}

func (in *Answer) check() error {
	var p fault.Fields
	in.Because, in.Forwarded = clean(in.Because), clean(in.Forwarded)
	if !slices.Contains(Decisions, in.Decision) {
		p.Add("decision", "fault.choice")
	}
	if n := len(strings.Fields(in.Because)); in.Decision != Adopted && n < FewestWords {
		p.Add("because", "consultation.few_words", "n", n, "min", FewestWords)
	}
	p.MaxLen("because", in.Because, 5000)
	if _, err := time.Parse(time.DateOnly, in.Later); in.Decision == Later && err != nil {
		p.Add("later", "fault.date")
	}
	if in.Decision == OutsideMandate {
		p.Require("forwarded", in.Forwarded)
		p.MaxLen("forwarded", in.Forwarded, 200)
	}
	if in.Decision != Later {
		in.Later = ""
	}
	if in.Decision != OutsideMandate {
		in.Forwarded = ""
	}
	return p.Err()
}

// Respond answers annotations of one consultation. An answer to what has one
// already takes its place; the former one is kept. Amendments are adopted by
// Accept alone; any other decision on an open one rejects it.
func (d *Desk) Respond(ctx context.Context, actor who.Actor, key string, in Answer, annotations []string) error {
	return d.DB.Update(ctx, func(tx *db.Tx) error { return d.RespondIn(ctx, tx, actor, key, in, annotations) })
}

// RespondIn is Respond as a part of a transaction.
func (d *Desk) RespondIn(ctx context.Context, tx *db.Tx, actor who.Actor, key string, in Answer, annotations []string) error {
	c, err := d.work(ctx, tx, actor, key)
	if err != nil {
		return err
	}
	if c.State == Withdrawn || c.State == Draft {
		return fault.New(fault.Conflict, "consultation.ended")
	}
	if len(annotations) == 0 || len(annotations) > 500 {
		return fault.Fields{{Name: "annotations", Key: "consultation.choose_some", Args: []any{"max", 500}}}
	}
	if slices.ContainsFunc(annotations, func(a string) bool { return !id.Valid(a) }) {
		return db.ErrNotFound
	}
	list, args := db.In(2, annotations)
	as, err := db.List(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.consultation = $1 AND a.id IN `+list+
		` AND a.state NOT IN ('draft', 'withdrawn') AND coalesce(m.state, '') = 'visible' ORDER BY a.id`, append([]any{c.ID}, args...)...)
	if err != nil {
		return err
	}
	slices.Sort(annotations)
	if len(as) != len(slices.Compact(annotations)) {
		return db.ErrNotFound
	}
	if err := in.check(); err != nil {
		return err
	}
	for i := range as {
		if err := d.settleAmendment(ctx, tx, actor, c, &as[i], in); err != nil {
			return err
		}
	}
	return d.respond(ctx, tx, actor, c, in, as)
}

// settleAmendment does what an answer means for an amendment that is open.
func (d *Desk) settleAmendment(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation, a *Annotation, in Answer) error {
	if a.Sort != Amendment || a.State != Sent && a.State != Evaluating {
		return nil
	}
	if in.Decision == Adopted || in.Decision == AdoptedInPart {
		return fault.New(fault.Conflict, "consultation.accept_instead")
	}
	if err := a.step(ctx, tx, Rejected); err != nil {
		return err
	}
	return a.tell(ctx, tx, actor, c, "annotation.rejected", true, in.Because)
}

// respond writes an answer and gives it to annotations.
func (d *Desk) respond(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation, in Answer, as []Annotation) error {
	if err := in.check(); err != nil {
		return err
	}
	in.ID, in.By, in.At = id.Nth(tx.Now, tx.Next()), actor.ID, db.Time{Time: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO consultation_response (`+answerColumns+`, consultation) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		in.ID, in.Decision, in.Because, in.Later, in.Forwarded, in.By, in.At, c.ID); err != nil {
		return err
	}
	ids := make([]string, len(as))
	for i, a := range as {
		ids[i] = a.ID
	}
	list, args := db.In(3, ids)
	if _, err := tx.Exec(ctx, `UPDATE consultation_annotation SET response = $1, answered = coalesce(answered, $2), version = version + 1 WHERE id IN `+list,
		append([]any{in.ID, in.At}, args...)...); err != nil {
		return err
	}
	return c.tell(ctx, tx, actor, "consultation.responded", in.Because, nil, responded{Response: in.ID, Decision: in.Decision, N: len(as)})
}

// responded is what the log keeps of an answer, beside its reason.
type responded struct {
	Decision Decision `json:"decision"`
	N        int      `json:"n"`
	Response string   `json:"response"`
}

// AnswersTo returns the present answers to annotations, by their ids.
func AnswersTo(ctx context.Context, tx *db.Tx, as []Annotation) (map[string]Answer, error) {
	var ids []string
	for _, a := range as {
		if a.Response != "" && !slices.Contains(ids, a.Response) {
			ids = append(ids, a.Response)
		}
	}
	in, args := db.In(1, ids)
	list, err := db.List(ctx, tx, answerFields, `SELECT `+answerColumns+` FROM consultation_response WHERE id IN `+in, args...)
	out := map[string]Answer{}
	for _, a := range list {
		out[a.ID] = a
	}
	return out, err
}

// Cover is how much of what people wrote has an answer.
type Cover struct{ Answered, All int }

// owed is the condition under which an annotation a with comment m is owed an
// answer: not what was never sent or was taken back, not what moderators hold or
// hid, nor what its author erased before there was one.
const owed = `a.state NOT IN ('draft', 'withdrawn') AND (m.state = 'visible' OR m.state = 'hidden' AND m.reason = '' AND a.response <> '')`

// CoverOf returns the cover of one consultation.
func CoverOf(ctx context.Context, tx *db.Tx, consultation string) (Cover, error) {
	all, err := Covers(ctx, tx, []string{consultation})
	return all[consultation], err
}

// Covers returns the cover of many consultations, by id.
func Covers(ctx context.Context, tx *db.Tx, consultations []string) (map[string]Cover, error) {
	type row struct {
		id string
		Cover
	}
	in, args := db.In(1, consultations)
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.id, &r.All, &r.Answered} },
		`SELECT a.consultation, count(*), sum(CASE WHEN a.response <> '' THEN 1 ELSE 0 END)`+fromAnnotations+
			`WHERE a.consultation IN `+in+` AND `+owed+` GROUP BY a.consultation`, args...)
	out := map[string]Cover{}
	for _, r := range rows {
		out[r.id] = r.Cover
	}
	return out, err
}

// shown is the condition under which an annotation is seen by the public.
const shown = `a.state <> 'draft' AND m.state IN ('` + string(record.Visible) + `', '` + string(record.Hidden) + `')`
