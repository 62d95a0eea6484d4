package consultation

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Sort is what somebody writes beside a text.
type Sort string

// The sorts of annotations.
const (
	Comment   Sort = "comment"
	Question  Sort = "question"
	Amendment Sort = "amendment" // other words for a paragraph, with a reason
)

// Sorts are all sorts, in the order in which pages show them.
var Sorts = []Sort{Comment, Question, Amendment}

// Annotation is what somebody wrote about a passage.
type Annotation struct {
	ID           string
	Consultation string
	Sort         Sort
	State        Stage
	MadeOn       int // version of the text
	Anchor       paragraph.Anchor
	In           string // paragraph of the present version; empty for an orphan
	Hold         paragraph.Hold
	Replacement  string // of an amendment: the words that it proposes
	Comment      string // id of the comment of package record that holds Body
	Author       string // id of a person; empty once erased
	Org          string // for which they speak; may be empty
	Sector       string // of that organisation, such as "civil_society"
	Lang         string
	Agreed       int
	Response     string  // id of the present answer; may be empty
	Answered     db.Time // first
	Created      db.Time
	Published    db.Time // zero for a draft
	Version      int

	Body    string // plain text; of an amendment its reason
	Said    record.CommentState
	Hidden  string // why a moderator hid it
	Edited  db.Time
	Replies int // those that a moderator took down keep their place
}

const annotationColumns = `a.id, a.consultation, a.kind, a.state, a.made_on, a.paragraph, a.quote, a.prefix, a.suffix, a.was, a.now_in, a.hold,
	a.replacement, a.comment, a.author, a.org, a.sector, a.lang, a.agreed, a.response, a.answered, a.created, a.published, a.version,
	coalesce(m.body, a.unsent), coalesce(m.state, 'visible'), coalesce(m.reason, ''), m.edited,
	(SELECT count(*) FROM record_comment r WHERE r.kind = 'annotation' AND r.record = a.id AND r.state <> 'held' AND r.id <> a.comment)`

const fromAnnotations = ` FROM consultation_annotation a LEFT JOIN record_comment m ON m.id = a.comment `

func annotationFields(a *Annotation) []any {
	return []any{
		&a.ID, &a.Consultation, &a.Sort, &a.State, &a.MadeOn, &a.Anchor.Paragraph, &a.Anchor.Quote, &a.Anchor.Prefix, &a.Anchor.Suffix,
		&a.Anchor.Text, &a.In, &a.Hold, &a.Replacement, &a.Comment, &a.Author, &a.Org, &a.Sector, &a.Lang, &a.Agreed, &a.Response,
		&a.Answered, &a.Created, &a.Published, &a.Version, &a.Body, &a.Said, &a.Hidden, &a.Edited, &a.Replies,
	}
}

func annotationByID(ctx context.Context, tx *db.Tx, id string) (Annotation, error) {
	return db.Get(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.id = $1`, id)
}

// Ref names the annotation.
func (a Annotation) Ref() record.Ref { return record.Ref{Kind: AnnotationKind, ID: a.ID} }

// Path is its permanent address.
func (a Annotation) Path() string { return a.Ref().Path() }

// seenBy reports whether actor sees the annotation at all: drafts are their
// author's, what is held back is also for moderators.
func (a Annotation) seenBy(actor who.Actor) bool {
	mine := actor.SignedIn() && a.Author == actor.ID
	switch {
	case a.State == Unsent:
		return mine
	case a.Said == record.Held:
		return mine || actor.May("record.moderate", who.Site)
	}
	return true
}

// veiled takes out of an annotation that is hidden what its reader may not see.
func (a Annotation) veiled(actor who.Actor) Annotation {
	if a.Said == record.Hidden && !actor.May("record.moderate", who.Site) {
		a.Body, a.Replacement, a.Author, a.Org = "", "", "", ""
	}
	return a
}

// Note is what somebody hands in to be shown beside a text.
type Note struct {
	Paragraph   string
	Quote       string // the words of the paragraph that are meant; empty for all
	Sort        Sort
	Text        string
	Replacement string // of an amendment
	Lang        string // that Text is written in
	Org         string // for which they speak; empty for themselves
	Draft       bool   // of an amendment: keep it for now
}

// How many characters a note may have.
const MaxNote, MaxReplacement, MaxQuote = 4000, 20_000, 1000

// clean takes out what no engine keeps and no reader sees: forms have done so,
// the API has not.
func clean(s string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), ""))
}

func (in *Note) check() error {
	var p fault.Fields
	in.Text, in.Replacement, in.Quote = clean(in.Text), clean(in.Replacement), clean(in.Quote)
	if in.Sort != Comment && in.Sort != Question && in.Sort != Amendment {
		p.Add("kind", "fault.choice")
	}
	p.Require("text", in.Text)
	p.MaxLen("text", in.Text, MaxNote)
	p.MaxLen("quote", in.Quote, MaxQuote)
	if in.Sort == Amendment {
		in.Quote = "" // an amendment is of the whole paragraph
		p.Require("replacement", in.Replacement)
		p.MaxLen("replacement", in.Replacement, MaxReplacement)
	} else {
		in.Replacement, in.Draft = "", false
	}
	if !i18n.Known(in.Lang) {
		p.Add("lang", "fault.choice")
	}
	return p.Err()
}

// Annotate writes about a paragraph of the present version while the
// consultation is open.
func (d *Desk) Annotate(ctx context.Context, actor who.Actor, key string, in Note) (a Annotation, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error { a, err = d.AnnotateIn(ctx, tx, actor, key, in); return err })
	return a, err
}

// AnnotateIn is Annotate as a part of a transaction.
func (d *Desk) AnnotateIn(ctx context.Context, tx *db.Tx, actor who.Actor, key string, in Note) (Annotation, error) {
	if err := actor.Must("annotation.write", who.Site); err != nil {
		return Annotation{}, err
	}
	c, err := d.See(ctx, tx, actor, key)
	if err != nil {
		return Annotation{}, err
	}
	if !c.Open(tx.Now) {
		return Annotation{}, fault.New(fault.Conflict, "consultation.not_open")
	}
	if err := in.check(); err != nil {
		return Annotation{}, err
	}
	a, err := c.anchored(ctx, tx, in)
	if err != nil {
		return a, err
	}
	if a.Org, a.Sector, err = speaksFor(ctx, tx, actor, in.Org); err != nil {
		return a, err
	}
	a.ID, a.Author, a.Created, a.Version, a.State = id.Nth(tx.Now, tx.Next()), actor.ID, db.Time{Time: tx.Now}, 1, Unsent
	if _, err := tx.Exec(ctx, `INSERT INTO consultation_annotation (id, consultation, kind, state, made_on, paragraph, quote, prefix, suffix, was, now_in,
		hold, replacement, unsent, comment, author, org, sector, lang, agreed, response, created, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', $15, $16, $17, $18, 0, '', $19, $20)`,
		a.ID, a.Consultation, a.Sort, a.State, a.MadeOn, a.Anchor.Paragraph, a.Anchor.Quote, a.Anchor.Prefix, a.Anchor.Suffix, a.Anchor.Text, a.In,
		a.Hold, a.Replacement, in.Text, a.Author, a.Org, a.Sector, a.Lang, a.Created, a.Version); err != nil {
		return a, err
	}
	if in.Draft {
		return a, a.tell(ctx, tx, actor, c, "annotation.drafted", false, "")
	}
	return d.send(ctx, tx, actor, c, a, in.Text)
}

// anchored puts a note in its place in the present version.
func (c Consultation) anchored(ctx context.Context, tx *db.Tx, in Note) (a Annotation, err error) {
	ps, err := c.Present(ctx, tx)
	if err != nil {
		return a, err
	}
	i, ok := paragraph.Find(ps, in.Paragraph)
	if !ok {
		return a, db.ErrNotFound
	}
	a = Annotation{Consultation: c.ID, Sort: in.Sort, MadeOn: c.Text, In: in.Paragraph, Hold: paragraph.Exact, Replacement: in.Replacement, Lang: in.Lang}
	if a.Anchor, ok = paragraph.AnchorAt(ps[i], in.Quote); !ok {
		return a, fault.Fields{{Name: "quote", Key: "consultation.no_quote"}}
	}
	if in.Sort == Amendment {
		return a, wording(ps[i], in.Replacement)
	}
	return a, nil
}

// wording refuses words for a paragraph that are those that it has, or that
// would make several paragraphs of it.
func wording(p paragraph.Paragraph, text string) error {
	switch now := paragraph.Split(text); {
	case len(now) != 1 || (now[0].Level > 0) != (p.Level > 0):
		return fault.Fields{{Name: "replacement", Key: "consultation.one_paragraph"}}
	case now[0].SHA == p.SHA:
		return fault.Fields{{Name: "replacement", Key: "consultation.same_words"}}
	}
	return nil
}

// speaksFor checks that actor belongs to the organisation for which they say
// that they speak, and returns its sector.
func speaksFor(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (of, sector string, err error) {
	if key == "" {
		return "", "", nil
	}
	for _, g := range actor.Grants {
		if g.Org == key {
			o, err := org.Get(ctx, tx, key)
			return o.ID, string(o.Kind), err
		}
	}
	return "", "", fault.Fields{{Name: "org", Key: "fault.choice"}}
}

// send puts an annotation before the public: from here on its words are a
// comment of package record.
func (d *Desk) send(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation, a Annotation, text string) (Annotation, error) {
	if err := a.step(ctx, tx, Sent); err != nil {
		return a, err
	}
	said, err := d.Kinds().SayIn(ctx, tx, actor, a.Ref(), "", text)
	if err != nil {
		return a, err
	}
	a.Comment, a.Body, a.Said, a.Published = said.ID, said.Body, said.State, db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE consultation_annotation SET comment = $2, unsent = '', published = $3 WHERE id = $1`, a.ID, a.Comment, a.Published); err != nil {
		return a, err
	}
	return a, a.tell(ctx, tx, actor, c, "annotation.made", a.Said == record.Visible, "")
}

// noted is what the log keeps of an annotation: no words of it.
type noted struct {
	Consultation string `json:"consultation"`
	Paragraph    string `json:"paragraph"`
	Sort         Sort   `json:"kind"`
	State        Stage  `json:"state"`
}

func (a Annotation) tell(ctx context.Context, tx *db.Tx, actor who.Actor, c Consultation, verb string, public bool, note string) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: AnnotationKind, Record: a.ID, Org: c.Org, Title: a.title(c.Title), Note: note, Public: public && c.Public(),
		After: noted{Consultation: c.ID, Paragraph: a.Anchor.Paragraph, Sort: a.Sort, State: a.State},
	})
	return err
}

// title names an annotation by what it is about.
func (a Annotation) title(of string) string { return of + " · ¶ " + a.Anchor.Paragraph }

// mine returns an annotation of actor's own and its consultation.
func (d *Desk) mine(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (a Annotation, c Consultation, err error) {
	if err := actor.Must("annotation.write", who.Site); err != nil {
		return a, c, err
	}
	if a, c, err = d.SeeAnnotation(ctx, tx, actor, key); err == nil && a.Author != actor.ID {
		err = fault.New(fault.Denied, "consultation.not_yours")
	}
	return a, c, err
}

// SeeAnnotation returns an annotation that actor may see and its consultation.
func (d *Desk) SeeAnnotation(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (a Annotation, c Consultation, err error) {
	if !id.Valid(key) {
		return a, c, db.ErrNotFound
	}
	if a, err = annotationByID(ctx, tx, key); err != nil {
		return a, c, err
	}
	if !a.seenBy(actor) {
		return a, c, db.ErrNotFound
	}
	c, err = d.See(ctx, tx, actor, a.Consultation)
	return a.veiled(actor), c, err
}

// Send publishes one's own draft.
func (d *Desk) Send(ctx context.Context, actor who.Actor, key string) (a Annotation, err error) {
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		var c Consultation
		if a, c, err = d.mine(ctx, tx, actor, key); err != nil {
			return err
		}
		if !c.Open(tx.Now) {
			return fault.New(fault.Conflict, "consultation.not_open")
		}
		a, err = d.send(ctx, tx, actor, c, a, a.Body)
		return err
	})
	return a, err
}

// Retract takes one's own annotation back, as long as it has no answer. Its
// place and its words stay, marked as taken back.
func (d *Desk) Retract(ctx context.Context, actor who.Actor, key string) error {
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		a, c, err := d.mine(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if a.Response != "" {
			return fault.New(fault.Conflict, "consultation.answered_already")
		}
		public := a.State != Unsent && a.Said == record.Visible
		if err := a.step(ctx, tx, Retracted); err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, c, "annotation.withdrawn", public, "")
	})
}

// Agree says that actor agrees with an annotation, once however often it is
// said; no takes it back. Nobody agrees with themselves.
func (d *Desk) Agree(ctx context.Context, actor who.Actor, key string, yes bool) error {
	if err := actor.Must("annotation.write", who.Site); err != nil {
		return err
	}
	return d.DB.Update(ctx, func(tx *db.Tx) error {
		a, c, err := d.SeeAnnotation(ctx, tx, actor, key)
		switch {
		case err != nil:
			return err
		case !c.Open(tx.Now):
			return fault.New(fault.Conflict, "consultation.not_open")
		case a.Author == actor.ID || a.Said != record.Visible || a.State == Retracted:
			return fault.New(fault.Conflict, "consultation.no_agreeing")
		}
		verb, q, args := "annotation.agreed", `INSERT INTO consultation_agreement (annotation, person, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, []any{a.ID, actor.ID, db.Time{Time: tx.Now}}
		if !yes {
			verb, q, args = "annotation.disagreed", `DELETE FROM consultation_agreement WHERE annotation = $1 AND person = $2`, []any{a.ID, actor.ID}
		}
		n, err := tx.Exec(ctx, q, args...)
		if err != nil || n == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE consultation_annotation SET agreed = (SELECT count(*) FROM consultation_agreement g WHERE g.annotation = $1) WHERE id = $1`, a.ID); err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, c, verb, false, "")
	})
}
