package notify

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Item is one piece of news in somebody's inbox.
type Item struct {
	ID      string
	Subject string // name of a subject
	Direct  bool
	Verb    string // of the event
	Ref     record.Ref
	By      string // who did it
	At      db.Time
	Read    db.Time     // zero until read
	Card    record.Card // of the record, as the person may see it now
}

// Sentence says the item in a language: the words "notify.verb.VERB" with
// {title}, or a general sentence for a verb without words.
func (i Item) Sentence(p *i18n.Printer) string {
	if key := "notify.verb." + i.Verb; p.Has(key) {
		return p.T(key, "title", i.Card.Title)
	}
	return p.T("notify.changed", "title", i.Card.Title)
}

func itemFields(i *Item) []any {
	return []any{&i.ID, &i.Subject, &i.Direct, &i.Verb, &i.Ref.Kind, &i.Ref.ID, &i.By, &i.At, &i.Read}
}

// items reads items and describes their records to person. What the person may
// not see, or is gone, is left out.
func (s *Store) items(ctx context.Context, tx *db.Tx, person, where string, args ...any) ([]Item, error) {
	list, err := db.List(ctx, tx, itemFields,
		`SELECT id, topic, direct, verb, record_kind, record, actor, at, read_at FROM notify_item WHERE `+where, args...)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	actor, err := s.actor(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	refs := make([]record.Ref, len(list))
	for i, x := range list {
		refs[i] = x.Ref
	}
	cards, err := s.Records.Describe(ctx, tx, actor, refs)
	if err != nil {
		return nil, err
	}
	seen := list[:0]
	for _, x := range list {
		if c, ok := cards[x.Ref]; ok && !c.Gone {
			x.Card = c
			seen = append(seen, x)
		}
	}
	return seen, nil
}

// Inbox returns at most limit of the actor's items, the newest first, and the
// cursor of the next page, "" at the end.
func (s *Store) Inbox(ctx context.Context, actor who.Actor, cursor string, limit int) (list []Item, next string, err error) {
	if !actor.SignedIn() {
		return nil, "", fault.New(fault.SignIn, "who.sign_in")
	}
	keys := db.Keyset{Columns: []string{"id"}, Desc: true}
	after, args, err := keys.After(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		args := append(append([]any{actor.ID}, args...), limit)
		ids, err := db.List(ctx, tx, db.One[string], `SELECT id FROM notify_item WHERE person = $1 AND `+after+` `+keys.OrderBy()+
			` LIMIT $`+digit(len(args)), args...)
		if err != nil || len(ids) == 0 {
			return err
		}
		if len(ids) == limit {
			next = db.Cursor(ids[len(ids)-1])
		}
		list, err = s.items(ctx, tx, actor.ID, `person = $1 AND id <= $2 AND id >= $3 ORDER BY id DESC`, actor.ID, ids[0], ids[len(ids)-1])
		return err
	})
	return list, next, err
}

func digit(n int) string { return string(rune('0' + n)) }

// Unread returns how many of a person's items are not read yet, at most 100:
// pages write "99+".
func Unread(ctx context.Context, tx *db.Tx, person string) (int, error) {
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM
		(SELECT 1 FROM notify_item WHERE person = $1 AND read_at IS NULL LIMIT 100) x`, person)
}

// MarkRead marks the actor's items as read: those of one record, or all up to
// an item's id where ref is empty.
func (s *Store) MarkRead(ctx context.Context, actor who.Actor, ref record.Ref, upTo string) error {
	if !actor.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		q, args := ` AND id <= $3`, []any{upTo}
		if ref != (record.Ref{}) {
			q, args = ` AND record_kind = $3 AND record = $4`, []any{ref.Kind, ref.ID}
		}
		_, err := tx.Exec(ctx, `UPDATE notify_item SET read_at = $2 WHERE person = $1 AND read_at IS NULL`+q,
			append([]any{actor.ID, db.Time{Time: tx.Now}}, args...)...)
		tx.Wake(Topic(actor.ID))
		return err
	})
}

// Held is what this module keeps about a person, for the copy of their data.
type Held struct {
	Choices  Choices  `json:"choices"`
	Items    int      `json:"items"`
	Letters  int      `json:"letters"` // that gathered items
	Browsers []string `json:"browsers"`
	Hooks    []string `json:"webhooks"`
}

// Name, Export and Erase make a Store a who.Personal.
func (s *Store) Name() string { return "notify" }

// Export returns a Held: what is kept about a person.
func (s *Store) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	return s.held(ctx, tx, person)
}

func (s *Store) held(ctx context.Context, tx *db.Tx, person string) (h Held, err error) {
	if h.Choices, err = s.ChoicesOf(ctx, tx, person); err != nil {
		return h, err
	}
	if h.Items, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM notify_item WHERE person = $1`, person); err != nil {
		return h, err
	}
	if h.Letters, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM notify_window WHERE person = $1`, person); err != nil {
		return h, err
	}
	if h.Browsers, err = db.List(ctx, tx, db.One[string], `SELECT agent FROM notify_push WHERE person = $1 ORDER BY id`, person); err != nil {
		return h, err
	}
	h.Hooks, err = db.List(ctx, tx, db.One[string], `SELECT url FROM notify_hook WHERE owner = $1 ORDER BY id`, person)
	return h, err
}

// Erase deletes what is kept about a person. Webhooks of an organisation stay
// and lose their maker.
func (s *Store) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`DELETE FROM notify_choice WHERE person = $1`, `DELETE FROM notify_person WHERE person = $1`, `DELETE FROM notify_item WHERE person = $1`,
		`DELETE FROM notify_window WHERE person = $1`, `DELETE FROM notify_push WHERE person = $1`,
		`DELETE FROM notify_hook WHERE owner = $1 AND org = ''`, `UPDATE notify_hook SET owner = '' WHERE owner = $1`,
		`UPDATE notify_item SET actor = '' WHERE actor = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
