package record

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// Origin is who made a translation.
type Origin string

// The origins.
const (
	Machine Origin = "machine"
	Human   Origin = "human"
)

// Translation is a field of a record in another language.
type Translation struct {
	Of       Ref
	Lang     string
	Field    string // "title", "summary"
	Text     string
	Origin   Origin
	Reviewed bool // somebody who knows both languages has read it
	By       string
	Changed  db.Time
}

func translationFields(t *Translation) []any {
	return []any{&t.Of.Kind, &t.Of.ID, &t.Lang, &t.Field, &t.Text, &t.Origin, &t.Reviewed, &t.By, &t.Changed}
}

// Translate keeps a translation in place of the one there is; an empty text
// takes it away. What a person writes counts as reviewed; a machine's text
// never replaces a person's.
func (r *Registry) Translate(ctx context.Context, d *db.DB, actor who.Actor, t Translation) error {
	var p fault.Fields
	p.Require("field", t.Field)
	p.MaxLen("field", t.Field, 60)
	p.MaxLen("text", t.Text, 50_000)
	if !i18n.Known(t.Lang) {
		p.Add("lang", "fault.choice")
	}
	if t.Origin != Machine && t.Origin != Human {
		p.Add("origin", "fault.choice")
	}
	t.Text = strings.TrimSpace(t.Text)
	t.Reviewed = t.Origin == Human
	return d.Update(ctx, func(tx *db.Tx) error {
		card, err := r.live(ctx, tx, actor, t.Of)
		if err != nil {
			return err
		}
		if err := actor.Must("record.translate", who.In(card.Org)); err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		n, err := keepTranslation(ctx, tx, actor, t)
		if err != nil || n == 0 {
			return err
		}
		return tell(ctx, tx, actor, "record.translated", card, true, "", map[string]any{"lang": t.Lang, "field": t.Field, "origin": t.Origin, "text": t.Text})
	})
}

func keepTranslation(ctx context.Context, tx *db.Tx, actor who.Actor, t Translation) (int64, error) {
	if t.Text == "" {
		return tx.Exec(ctx, `DELETE FROM record_translation WHERE kind = $1 AND record = $2 AND lang = $3 AND field = $4`, t.Of.Kind, t.Of.ID, t.Lang, t.Field)
	}
	return tx.Exec(ctx, `INSERT INTO record_translation (kind, record, lang, field, text, origin, reviewed, by_person, changed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (kind, record, lang, field) DO UPDATE SET text = excluded.text, origin = excluded.origin,
		reviewed = excluded.reviewed, by_person = excluded.by_person, changed = excluded.changed
		WHERE excluded.origin = 'human' OR record_translation.origin = 'machine'`,
		t.Of.Kind, t.Of.ID, t.Lang, t.Field, t.Text, t.Origin, t.Reviewed, actor.ID, db.Time{Time: tx.Now})
}

// Translations returns the fields of records that there are in a language, by
// record and field, in one query.
func Translations(ctx context.Context, tx *db.Tx, kind, lang string, ids []string) (map[string]map[string]Translation, error) {
	in, args := db.In(3, ids)
	list, err := db.List(ctx, tx, translationFields, `SELECT kind, record, lang, field, text, origin, reviewed, by_person, changed FROM record_translation
		WHERE kind = $1 AND lang = $2 AND record IN `+in, append([]any{kind, lang}, args...)...)
	out := map[string]map[string]Translation{}
	for _, t := range list {
		if out[t.Of.ID] == nil {
			out[t.Of.ID] = map[string]Translation{}
		}
		out[t.Of.ID][t.Field] = t
	}
	return out, err
}
