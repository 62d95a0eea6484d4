package answer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// The kinds of record that this package keeps.
const (
	CallKind  = "call"
	InputKind = "input"
)

// Kinds are the kinds of input there are, and Channels the ways in which they
// come.
var (
	Kinds    = []string{"problem", "idea", "comment"}
	Channels = []string{"web", "roundtable", "paper", "sms", "voice", "radio"}
)

// Phase is how far a call is, by the clock.
type Phase string

// The phases of a call.
const (
	Draft     Phase = "draft"
	Announced Phase = "announced" // published, and not open yet
	Open      Phase = "open"
	Closed    Phase = "closed"
)

// Box is a call: what collects inputs.
type Box struct {
	ID        string
	Of        record.Ref // the record it belongs to; the zero Ref for none
	Org       string     // id of the organisation that answers
	Title     string
	Question  string // Markdown
	Lang      string
	Kinds     db.JSON[[]string] // of Kinds
	Channels  db.JSON[[]string] // of Channels
	Results   string            // how people are told what became of it; plain text
	Opens     db.Time
	Closes    db.Time
	Published db.Time // zero for a draft
	Closed    db.Time // when its end was noted
	CreatedBy string
	Created   db.Time
	Changed   db.Time
	Version   int
}

const boxColumns = `id, of_kind, of_id, org, title, question, lang, kinds, channels, results, opens, closes, published, closed, created_by, created, changed, version`

func boxFields(b *Box) []any {
	return []any{
		&b.ID, &b.Of.Kind, &b.Of.ID, &b.Org, &b.Title, &b.Question, &b.Lang, &b.Kinds, &b.Channels, &b.Results, &b.Opens, &b.Closes,
		&b.Published, &b.Closed, &b.CreatedBy, &b.Created, &b.Changed, &b.Version,
	}
}

// Ref names the call.
func (b Box) Ref() record.Ref { return record.Ref{Kind: CallKind, ID: b.ID} }

// Phase returns how far the call is at a time.
func (b Box) Phase(now time.Time) Phase {
	switch {
	case b.Published.IsZero():
		return Draft
	case now.Before(b.Opens.Time):
		return Announced
	case now.Before(b.Closes.Time):
		return Open
	}
	return Closed
}

// Late reports whether answers are overdue at a time: Owed after the end.
func (b Box) Late(now time.Time) bool {
	return !b.Published.IsZero() && now.After(b.Closes.Add(Owed))
}

// Owed is how long after the end of a call every input should have its answer.
const Owed = 30 * 24 * time.Hour

const maxTitle, maxQuestion, maxResults = 200, 20_000, 2_000

func (b *Box) tidy() {
	b.Title = strings.Join(strings.Fields(b.Title), " ")
	b.Question, b.Results = strings.TrimSpace(b.Question), strings.TrimSpace(b.Results)
	if b.Lang == "" {
		b.Lang = "en"
	}
	if len(b.Kinds.V) == 0 {
		b.Kinds.V = Kinds
	}
	if len(b.Channels.V) == 0 {
		b.Channels.V = Channels
	}
}

// Check reports what is wrong with what a person fills in.
func (b Box) Check() error {
	var p fault.Fields
	p.Require("title", b.Title)
	p.MaxLen("title", b.Title, maxTitle)
	p.Require("org", b.Org)
	p.Require("question", b.Question)
	p.MaxLen("question", b.Question, maxQuestion)
	if !i18n.Known(b.Lang) {
		p.Add("lang", "fault.choice")
	}
	among(&p, "kinds", b.Kinds.V, Kinds)
	among(&p, "channels", b.Channels.V, Channels)
	p.MaxLen("results", b.Results, maxResults)
	if b.Closes.IsZero() {
		p.Add("closes", "fault.required")
	} else if !b.Opens.IsZero() && !b.Closes.After(b.Opens.Time) {
		p.Add("closes", "answer.ends_before")
	}
	return p.Err()
}

func among(p *fault.Fields, name string, values, all []string) {
	if slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(all, v) }) {
		p.Add(name, "fault.choice")
	}
}

// far reports times that nobody can mean.
func (b Box) far(now time.Time) error {
	var p fault.Fields
	p.NotFar("opens", b.Opens.Time, now)
	p.NotFar("closes", b.Closes.Time, now)
	return p.Err()
}

// CreateBox stores a draft of a call.
func (o *Office) CreateBox(ctx context.Context, tx *db.Tx, actor who.Actor, in Box) (Box, error) {
	in.tidy()
	if err := in.Check(); err != nil {
		return Box{}, err
	}
	if err := in.far(tx.Now); err != nil {
		return Box{}, err
	}
	if err := o.mayMake(ctx, tx, actor, in); err != nil {
		return Box{}, err
	}
	now := db.Time{Time: tx.Now}
	in.ID, in.Published, in.Closed, in.CreatedBy, in.Created, in.Changed, in.Version = id.New(tx.Now), db.Time{}, db.Time{}, actor.ID, now, now, 1
	if _, err := tx.Exec(ctx, `INSERT INTO answer_box (`+boxColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		in.ID, in.Of.Kind, in.Of.ID, in.Org, in.Title, in.Question, in.Lang, in.Kinds, in.Channels, in.Results, in.Opens, in.Closes,
		in.Published, in.Closed, in.CreatedBy, in.Created, in.Changed, in.Version); err != nil {
		return Box{}, err
	}
	if _, err := record.NewSlug(ctx, tx, in.Ref(), in.Title); err != nil {
		return Box{}, err
	}
	return in, in.tell(ctx, tx, actor, "call.created", nil)
}

// mayMake checks who makes a call, and for which record: one that they can see.
func (o *Office) mayMake(ctx context.Context, tx *db.Tx, actor who.Actor, in Box) error {
	if err := o.may(ctx, tx, actor, "answer.box", in); err != nil {
		return err
	}
	if in.Of == (record.Ref{}) {
		return nil
	}
	card, err := o.Kinds().One(ctx, tx, actor, in.Of)
	if errors.Is(err, db.ErrNotFound) {
		return fault.Fields{{Name: "of", Key: "fault.choice"}}
	}
	// Who may act for a record promises nothing in the name of others.
	if err == nil && card.Org != in.Org && !actor.May("answer.box", who.In(in.Org)) {
		return fault.Fields{{Name: "org", Key: "fault.choice"}}
	}
	return err
}

// told is what the log keeps of a call.
type told struct {
	Closes   db.Time `json:"closes"`
	Opens    db.Time `json:"opens"`
	Question string  `json:"question"`
	Results  string  `json:"results"`
	Title    string  `json:"title"`
}

func (b Box) told() *told { return &told{b.Closes, b.Opens, b.Question, b.Results, b.Title} }

func (b Box) tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb string, before *Box) error {
	e := activity.Entry{Actor: actor.ID, Verb: verb, Kind: CallKind, Record: b.ID, Org: b.Org, Public: !b.Published.IsZero(), Title: b.Title, After: b.told()}
	if before != nil {
		e.Before = before.told()
	}
	_, err := activity.Append(ctx, tx, e)
	return err
}

// PublishBox announces a draft. It opens when it said, and not before now.
func (o *Office) PublishBox(ctx context.Context, tx *db.Tx, actor who.Actor, box string, version int) (Box, error) {
	b, err := boxByID(ctx, tx, box)
	if err != nil {
		return Box{}, err
	}
	if err := o.may(ctx, tx, actor, "answer.box", b); err != nil {
		return Box{}, err
	}
	if !b.Published.IsZero() {
		return Box{}, fault.New(fault.Conflict, "answer.published_already")
	}
	now := db.Time{Time: tx.Now}
	if b.Opens.Before(tx.Now) {
		b.Opens = now
	}
	if !b.Closes.After(b.Opens.Time) {
		return Box{}, fault.Fields{{Name: "closes", Key: "answer.ends_before"}}
	}
	b.Published, b.Changed = now, now
	if err := tx.MustChange(ctx, `UPDATE answer_box SET published = $3, opens = $4, changed = $3, version = version + 1 WHERE id = $1 AND version = $2`,
		b.ID, version, b.Published, b.Opens); err != nil {
		return Box{}, err
	}
	b.Version++
	if err := b.announce(ctx, tx, actor); err != nil {
		return Box{}, err
	}
	return b, b.tell(ctx, tx, actor, "call.published", nil)
}

// announce keeps what people are told now.
func (b Box) announce(ctx context.Context, tx *db.Tx, actor who.Actor) error {
	n, err := db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(n), 0) + 1 FROM answer_announced WHERE box = $1`, b.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO answer_announced (box, n, title, question, results, opens, closes, announced, by_person)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, b.ID, n, b.Title, b.Question, b.Results, b.Opens, b.Closes, db.Time{Time: tx.Now}, actor.ID)
	return err
}

// EditBox changes a call that was last seen at in.Version. Once published its
// beginning stays, and its end moves to a sooner time only with notice; its organisation and
// the record it belongs to stay always.
func (o *Office) EditBox(ctx context.Context, tx *db.Tx, actor who.Actor, in Box) (Box, error) {
	old, err := boxByID(ctx, tx, in.ID)
	if err != nil {
		return Box{}, err
	}
	if err := o.may(ctx, tx, actor, "answer.box", old); err != nil {
		return Box{}, err
	}
	if in.Version != old.Version {
		return Box{}, db.ErrConflict
	}
	in.Of, in.Org, in.CreatedBy, in.Created, in.Published, in.Closed = old.Of, old.Org, old.CreatedBy, old.Created, old.Published, old.Closed
	if !old.Published.IsZero() {
		in.Opens = old.Opens
	}
	in.tidy()
	if err := in.Check(); err != nil {
		return Box{}, err
	}
	if err := in.far(tx.Now); err != nil {
		return Box{}, err
	}
	if err := in.notShorter(ctx, old, tx.Now); err != nil {
		return Box{}, err
	}
	if in.Closes.After(tx.Now) {
		in.Closed = db.Time{} // its end is noted again
	}
	in.Changed = db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE answer_box SET title = $3, question = $4, lang = $5, kinds = $6, channels = $7, results = $8, opens = $9,
		closes = $10, closed = $11, changed = $12, version = version + 1 WHERE id = $1 AND version = $2`,
		in.ID, in.Version, in.Title, in.Question, in.Lang, in.Kinds, in.Channels, in.Results, in.Opens, in.Closes, in.Closed, in.Changed); err != nil {
		return Box{}, err
	}
	in.Version++
	return in, in.edited(ctx, tx, actor, old)
}

// NoticeDays is how many days before it ends people must know that a call ends
// sooner than it said: as many as the process is announced beforehand (OGP
// standards, 3.1).
const NoticeDays = 14

// notShorter refuses to take time from people who were told that they have it,
// unless they hear of it NoticeDays before.
func (b Box) notShorter(ctx context.Context, old Box, now time.Time) error {
	if old.Published.IsZero() || !b.Closes.Before(old.Closes.Time) {
		return nil
	}
	from := now
	if old.Opens.After(now) {
		from = old.Opens.Time
	}
	first := dayOf(from.AddDate(0, 0, NoticeDays+1)) // whole days, so that the page can name the last one
	if !b.Closes.Before(first) {
		return nil
	}
	say := i18n.From(ctx)
	return fault.Fields{{Name: "closes", Key: "answer.shorter", Args: []any{
		"date", say.Date(old.Closes.Add(-time.Second)), "days", NoticeDays, "first", say.Date(first.Add(-time.Second)),
	}}}
}

// edited does what a change of a call ends with: its address, the announcement,
// the entry in the log.
func (b Box) edited(ctx context.Context, tx *db.Tx, actor who.Actor, old Box) error {
	if b.Title != old.Title {
		if _, err := record.SetSlug(ctx, tx, b.Ref(), b.Title); err != nil {
			return err
		}
	}
	verb := "call.changed"
	if !b.Published.IsZero() {
		if err := b.announce(ctx, tx, actor); err != nil {
			return err
		}
		switch {
		case b.Closes.After(old.Closes.Time):
			verb = "call.prolonged"
		case b.Closes.Before(old.Closes.Time):
			verb = "call.shortened"
		}
	}
	return b.tell(ctx, tx, actor, verb, &old)
}

func boxByID(ctx context.Context, tx *db.Tx, box string) (Box, error) {
	return db.Get(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE id = $1`, box)
}

// BoxByKey returns the call that an address means, by id or by any slug it ever
// had, and its present slug. A draft is db.ErrNotFound for those who may not
// change it.
func (o *Office) BoxByKey(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (b Box, slug string, err error) {
	ref, slug, err := record.Resolve(ctx, tx, CallKind, key)
	if err != nil {
		return b, "", err
	}
	if b, err = boxByID(ctx, tx, ref.ID); err != nil {
		return b, "", err
	}
	if b.Published.IsZero() && !o.May(ctx, tx, actor, "answer.box", b) {
		return Box{}, "", db.ErrNotFound
	}
	return b, slug, nil
}

// BoxesOf returns the published calls that belong to a record, the oldest first.
func BoxesOf(ctx context.Context, tx *db.Tx, of record.Ref) ([]Box, error) {
	return db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE of_kind = $1 AND of_id = $2 AND published IS NOT NULL
		ORDER BY published, id`, of.Kind, of.ID)
}

// DraftsOf returns the calls that belong to a record and are not published, the
// oldest first. The caller has checked who may see them.
func DraftsOf(ctx context.Context, tx *db.Tx, of record.Ref) ([]Box, error) {
	return db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE of_kind = $1 AND of_id = $2 AND published IS NULL ORDER BY id`, of.Kind, of.ID)
}

// Boxes returns a page of the published calls, the last published first, with the
// cursor of the next page.
func Boxes(ctx context.Context, tx *db.Tx, cursor string, limit int) (list []Box, next string, err error) {
	keys := db.Keyset{Columns: []string{"published", "id"}, Desc: true}
	after, args, err := keys.After(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	list, err = db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE published IS NOT NULL AND `+after+` `+keys.OrderBy()+` LIMIT $1`,
		append([]any{limit + 1}, args...)...)
	if len(list) > limit {
		last := list[limit-1]
		list, next = list[:limit], db.Cursor(last.Published, last.ID)
	}
	return list, next, err
}

// Drafts returns the drafts of organisations in which actor may make calls, the
// newest first, at most 100.
func Drafts(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Box, error) {
	orgs, everywhere := actor.Orgs("answer.box")
	in, args := db.In(1, orgs)
	where := "org IN " + in
	if everywhere {
		where, args = "TRUE", nil
	}
	return db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE published IS NULL AND `+where+` ORDER BY id DESC LIMIT 100`, args...)
}

// Announcement is a version of a call as people were told it.
type Announcement struct {
	N         int     `json:"n"`
	Title     string  `json:"title"`
	Question  string  `json:"question"`
	Results   string  `json:"results"`
	Opens     db.Time `json:"opens"`
	Closes    db.Time `json:"closes"`
	Announced db.Time `json:"announced"`
}

// Announcements returns every announced version of a call, the oldest first.
func Announcements(ctx context.Context, tx *db.Tx, box string) ([]Announcement, error) {
	return db.List(ctx, tx, func(a *Announcement) []any {
		return []any{&a.N, &a.Title, &a.Question, &a.Results, &a.Opens, &a.Closes, &a.Announced}
	}, `SELECT n, title, question, results, opens, closes, announced FROM answer_announced WHERE box = $1 ORDER BY n`, box)
}

// clock is who the log names for what happens by the clock.
var clock = who.Actor{ID: "system:clock"}

// CloseEnded notes in the log which calls have ended since it was last asked, at
// most 100: a schedule calls it.
func CloseEnded(ctx context.Context, tx *db.Tx) error {
	ended, err := db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE closed IS NULL AND closes <= $1 AND published IS NOT NULL
		ORDER BY closes LIMIT 100`, db.Time{Time: tx.Now})
	for _, b := range ended {
		if _, err := tx.Exec(ctx, `UPDATE answer_box SET closed = $2 WHERE id = $1`, b.ID, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		if err := b.tell(ctx, tx, clock, "call.closed", nil); err != nil {
			return err
		}
	}
	return err
}
