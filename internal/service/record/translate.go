package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
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
	Field    string // of the kind's Fields
	Text     string
	Origin   Origin
	Reviewed bool   // somebody who knows both languages has read it
	By       string // empty once the person is erased
	Changed  db.Time
}

const translationColumns = `kind, record, lang, field, text, origin, reviewed, by_person, changed`

func translationFields(t *Translation) []any {
	return []any{&t.Of.Kind, &t.Of.ID, &t.Lang, &t.Field, &t.Text, &t.Origin, &t.Reviewed, &t.By, &t.Changed}
}

// Stamp names the text that somebody has read, so that a save can tell whether
// another came between. That of no translation is the stamp of an empty text.
func (t Translation) Stamp() string { return Stamp(t.Text) }

// Stamp names a text.
func Stamp(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// Draft is what somebody hands in: texts of one record in one language. All of
// them are saved, or none.
type Draft struct {
	Of     Ref
	Lang   string
	Origin Origin
	Texts  map[string]string // by field; an empty one takes the translation away
	// Seen are the stamps of the translations that were there when the texts were
	// written. A field that is not in it is saved whatever is there.
	Seen map[string]string
}

// Translate saves a draft in a transaction of its own: see TranslateIn.
func (r *Registry) Translate(ctx context.Context, d *db.DB, actor who.Actor, in Draft) error {
	return d.Update(ctx, func(tx *db.Tx) error { return r.TranslateIn(ctx, tx, actor, in) })
}

// TranslateIn keeps translations in place of those there are. What a person
// hands in counts as reviewed, also a machine's text that they leave as it is;
// a machine's text never replaces a person's, nor takes it away. db.ErrConflict
// says that a text changed since it was seen: then nothing is saved.
func (r *Registry) TranslateIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Draft) error {
	card, err := r.MayTranslate(ctx, tx, actor, in.Of)
	if err != nil {
		return err
	}
	kind, _ := r.Kind(in.Of.Kind)
	if err := kind.checkDraft(&in, card); err != nil {
		return err
	}
	there, err := Translations(ctx, tx, in.Of.Kind, in.Lang, []string{in.Of.ID})
	if err != nil {
		return err
	}
	now := there[in.Of.ID]
	before, after := map[string]string{}, map[string]string{}
	for _, f := range kind.Fields {
		text, handed := in.Texts[f.Name]
		if seen, watched := in.Seen[f.Name]; handed && watched && text != now[f.Name].Text && seen != now[f.Name].Stamp() {
			return fmt.Errorf("%s of %s in %s: %w", f.Name, in.Of.Path(), in.Lang, db.ErrConflict)
		}
		if !handed || !now[f.Name].yieldsTo(text, in.Origin) {
			continue
		}
		t := Translation{Of: in.Of, Lang: in.Lang, Field: f.Name, Text: text, Origin: in.Origin, Reviewed: in.Origin == Human, By: actor.ID, Changed: db.Time{Time: tx.Now}}
		if err := keepTranslation(ctx, tx, t); err != nil {
			return err
		}
		before[f.Name], after[f.Name] = now[f.Name].Text, text
	}
	if len(after) == 0 {
		return nil
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "record.translated", Kind: card.Kind, Record: card.ID, Org: card.Org, Public: card.Public,
		Title: card.Written, Note: i18n.NameOf(in.Lang), Before: before,
		After: map[string]any{"lang": in.Lang, "origin": in.Origin, "texts": after},
	})
	return err
}

// MayTranslate returns the card of a record that actor may translate, and the
// reason why not otherwise.
func (r *Registry) MayTranslate(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref) (Card, error) {
	card, err := r.live(ctx, tx, actor, of)
	if err != nil {
		return card, err
	}
	if err := actor.Must("record.translate", who.In(card.Org)); err != nil {
		return card, err
	}
	if k, _ := r.Kind(of.Kind); len(k.Fields) == 0 {
		return card, fault.New(fault.Conflict, "record.no_translations")
	}
	return card, nil
}

// checkDraft tidies the texts of a draft and reports what is wrong with it.
func (k Kind) checkDraft(in *Draft, card Card) error {
	var p fault.Fields
	switch {
	case !i18n.Known(in.Lang):
		p.Add("lang", "record.no_language")
	case in.Lang == card.Lang:
		p.Add("lang", "record.own_language", "lang", i18n.NameOf(in.Lang))
	}
	if in.Origin != Machine && in.Origin != Human {
		p.Add("origin", "fault.choice")
	}
	texts := map[string]string{}
	for _, name := range sorted(in.Texts) {
		i := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Name == name })
		if i < 0 {
			p.Add(name, "record.no_field", "name", name)
			continue
		}
		texts[name] = k.Fields[i].tidy(in.Texts[name])
		p.MaxLen(name, texts[name], k.Fields[i].Max)
	}
	in.Texts = texts
	return p.Err()
}

func sorted(texts map[string]string) (names []string) {
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// tidy brings what people type into one form.
func (f Field) tidy(text string) string {
	if !f.Lines {
		return strings.Join(strings.Fields(text), " ")
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// yieldsTo reports whether a text of an origin takes the place of the
// translation, which may be none.
func (t Translation) yieldsTo(text string, by Origin) bool {
	if by == Machine && t.Origin == Human {
		return false
	}
	return text != t.Text || text != "" && by != t.Origin
}

func keepTranslation(ctx context.Context, tx *db.Tx, t Translation) error {
	if t.Text == "" {
		_, err := tx.Exec(ctx, `DELETE FROM record_translation WHERE kind = $1 AND record = $2 AND lang = $3 AND field = $4`, t.Of.Kind, t.Of.ID, t.Lang, t.Field)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO record_translation (`+translationColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (kind, record, lang, field) DO UPDATE SET text = excluded.text, origin = excluded.origin,
		reviewed = excluded.reviewed, by_person = excluded.by_person, changed = excluded.changed
		WHERE excluded.origin = 'human' OR record_translation.origin = 'machine'`,
		t.Of.Kind, t.Of.ID, t.Lang, t.Field, t.Text, t.Origin, t.Reviewed, t.By, t.Changed)
	return err
}
