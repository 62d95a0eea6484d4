package record

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "record", Files: files}

// Ref names a record: its kind and its permanent id.
type Ref struct{ Kind, ID string }

// Path is the record's permanent address.
func (r Ref) Path() string { return "/" + r.Kind + "/" + r.ID }

// Card is what others show of a record.
type Card struct {
	Ref
	Slug    string // empty for a kind without readable addresses
	Title   string
	Summary string // a sentence or two of plain text
	State   string // key of a word in locale/: "dataset.state.published"; may be empty
	Tone    string // of the state, as in ui.Tone
	Org     string // id of the organisation that answers for it
	Place   *Place // nil where it has none
	Changed db.Time
	Public  bool   // anybody may see it, so that it may stand in feeds and exports
	Gone    bool   // withdrawn: the address answers 410
	Lang    string // that its title and summary are written in; empty where nobody has said

	// The Registry fills these in, and puts translations into the reader's
	// language in place of Title and Summary.
	Written            string      // the title as it was written, for what is kept
	TitleIn, SummaryIn i18n.Tongue // what Title and Summary are in now
}

// Place is where a record is.
type Place struct {
	Lat, Lon float64 // WGS 84 degrees
	District string  // ISO 3166-2, such as BZ-CY; may be empty
}

// Path is the record's readable address, or the permanent one without a slug.
func (c Card) Path() string {
	if c.Slug == "" {
		return c.Ref.Path()
	}
	return "/" + c.Kind + "/" + c.Slug
}

// Kind is a sort of record, as the domain that owns it describes it.
type Kind struct {
	Name  string // the first part of its addresses: "dataset"
	Chain string // its place in the chain (problem, input, commitment, budget, contract, place, seen); empty outside it
	// Describe returns the cards of those ids that exist and that actor may
	// see, in one query whatever their number.
	Describe func(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]Card, error)
	// Text returns what search should find of a record, or nothing for one that
	// is not public. Nil keeps the kind out of search.
	Text func(ctx context.Context, tx *db.Tx, ids []string) ([]Text, error)
	// Comments says that people may discuss such records.
	Comments bool
	// Fields are the texts that people may translate; none keeps translations
	// away. Those called title and summary are the card's.
	Fields []Field
	// Originals returns those fields as they were written, by id and field, in one
	// query. It is asked only for what the reader may see.
	Originals func(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error)
}

// Field is a text of a kind's records that people may translate.
type Field struct {
	Name     string // "title"
	Label    string // key of its word in locale/
	Max      int    // characters
	Lines    bool   // it may have several lines
	Markdown bool   // … and is Markdown
}

// Text is what search keeps of a record.
type Text struct {
	ID, Lang, Title, Body string
	Facets                map[string][]string // such as "org", "district", "theme"
}

// Chain lists the places of the evidence chain, in order.
var Chain = []string{"problem", "input", "commitment", "budget", "contract", "place", "seen"}

// Registry knows every kind.
type Registry struct{ kinds map[string]Kind }

// NewRegistry checks and gathers the kinds of all modules.
func NewRegistry(kinds ...Kind) (*Registry, error) {
	r := &Registry{map[string]Kind{}}
	for _, k := range kinds {
		switch _, twice := r.kinds[k.Name]; {
		case k.Name == "" || strings.Trim(k.Name, "abcdefghijklmnopqrstuvwxyz-") != "":
			return nil, fmt.Errorf("kind %q: a name is lower-case letters and hyphens", k.Name)
		case twice:
			return nil, fmt.Errorf("kind %q is registered twice", k.Name)
		case k.Describe == nil:
			return nil, fmt.Errorf("kind %q does not describe its records", k.Name)
		case k.Chain != "" && !slices.Contains(Chain, k.Chain):
			return nil, fmt.Errorf("kind %q: no place %q in the chain", k.Name, k.Chain)
		case len(k.Fields) > 0 && k.Originals == nil:
			return nil, fmt.Errorf("kind %q does not say the texts that people may translate", k.Name)
		}
		if err := checkFields(k); err != nil {
			return nil, err
		}
		r.kinds[k.Name] = k
	}
	return r, nil
}

// checkFields refuses fields that a form could not ask for.
func checkFields(k Kind) error {
	seen := map[string]bool{}
	for _, f := range k.Fields {
		switch {
		case f.Name == "" || strings.Trim(f.Name, "abcdefghijklmnopqrstuvwxyz_") != "":
			return fmt.Errorf("kind %q, field %q: a name is lower-case letters and underscores", k.Name, f.Name)
		case seen[f.Name] || f.Name == "to" || f.Name == "version" || f.Name == "lang":
			return fmt.Errorf("kind %q: the name of the field %q is taken", k.Name, f.Name)
		case f.Label == "" || f.Max <= 0:
			return fmt.Errorf("kind %q, field %q: it has no label or no length", k.Name, f.Name)
		}
		seen[f.Name] = true
	}
	return nil
}

// Kind returns the kind of a name.
func (r *Registry) Kind(name string) (Kind, bool) {
	k, ok := r.kinds[name]
	return k, ok
}

// Kinds returns all kinds, sorted by name.
func (r *Registry) Kinds() []Kind {
	var out []Kind
	for _, k := range r.kinds {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b Kind) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Describe returns the cards of refs that exist and that actor may see, one
// query for each kind among them, and one more for the translations of a kind
// that has some. Titles and summaries are in the language of ctx where somebody
// translated them, and as they were written otherwise.
func (r *Registry) Describe(ctx context.Context, tx *db.Tx, actor who.Actor, refs []Ref) (map[Ref]Card, error) {
	byKind := map[string][]string{}
	for _, ref := range refs {
		if !slices.Contains(byKind[ref.Kind], ref.ID) {
			byKind[ref.Kind] = append(byKind[ref.Kind], ref.ID)
		}
	}
	out := map[Ref]Card{}
	for kind, ids := range byKind {
		k, ok := r.kinds[kind]
		if !ok {
			continue // of a module that is no longer there
		}
		cards, err := k.Describe(ctx, tx, actor, ids)
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", kind, err)
		}
		if err := k.translate(ctx, tx, cards); err != nil {
			return nil, fmt.Errorf("translations of %s: %w", kind, err)
		}
		for _, c := range cards {
			c.Kind = kind
			out[c.Ref] = c
		}
	}
	return out, nil
}

// translate puts cards into the language of ctx where somebody translated them.
func (k Kind) translate(ctx context.Context, tx *db.Tx, cards []Card) error {
	lang := i18n.LangOf(ctx)
	var ids []string
	for i := range cards {
		c := &cards[i]
		c.Written, c.TitleIn.Lang, c.SummaryIn.Lang = c.Title, c.Lang, c.Lang
		if len(k.Fields) > 0 && c.Lang != lang {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	ts, err := Translations(ctx, tx, k.Name, lang, ids)
	for i := range cards {
		c := &cards[i]
		title, summary := ts[c.ID].Say("title", c.Title, c.Lang), ts[c.ID].Say("summary", c.Summary, c.Lang)
		c.Title, c.TitleIn, c.Summary, c.SummaryIn = title.Text, title.In, summary.Text, summary.In
	}
	return err
}

// One returns the card of one record, or db.ErrNotFound if it does not exist
// or actor may not see it, which must not be told apart.
func (r *Registry) One(ctx context.Context, tx *db.Tx, actor who.Actor, ref Ref) (Card, error) {
	cards, err := r.Describe(ctx, tx, actor, []Ref{ref})
	if err != nil {
		return Card{}, err
	}
	c, ok := cards[ref]
	if !ok {
		return Card{}, db.ErrNotFound
	}
	return c, nil
}
