package settings

import (
	"context"
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

// State is how far a page is.
type State string

// The states.
const (
	Draft     State = "draft"
	Published State = "published"
	Withdrawn State = "withdrawn"
)

// States are all states, in the order in which forms offer them.
var States = []State{Draft, Published, Withdrawn}

// Sort is whether a text stays or has its day.
type Sort string

// The sorts.
const (
	Lasting Sort = "page"
	News    Sort = "news"
)

// Text is a page in one language.
type Text struct {
	Title string `json:"title"`
	Body  string `json:"body"` // Markdown
}

// Page is a page that the office writes.
type Page struct {
	ID        string          `json:"id"`
	Slug      string          `json:"slug"`
	Sort      Sort            `json:"sort"`
	State     State           `json:"state"`
	Footer    bool            `json:"footer"`
	Position  int             `json:"position"`
	Texts     map[string]Text `json:"texts"`
	Published db.Time         `json:"-"` // the first time; zero before
	Version   int64           `json:"version"`
	Changed   db.Time         `json:"-"`
	By        string          `json:"-"` // who changed it last
	Default   bool            `json:"-"` // the text that comes with the program
}

// Ref names the page among records.
func (p Page) Ref() record.Ref { return record.Ref{Kind: "page", ID: p.ID} }

// In returns the text in a language, or the English one, or any, and the
// language it is in.
func (p Page) In(lang string) (Text, string) {
	for _, l := range []string{lang, "en"} {
		if t, ok := p.Texts[l]; ok && t.Title != "" {
			return t, l
		}
	}
	for _, l := range i18n.Languages {
		if t, ok := p.Texts[l.Code]; ok {
			return t, l.Code
		}
	}
	return Text{}, "en"
}

const columns = `id, sort, state, footer, position, texts, published, version, changed, changed_by`

type row struct {
	Page
	texts db.JSON[map[string]Text]
}

func fields(r *row) []any {
	return []any{&r.ID, &r.Sort, &r.State, &r.Footer, &r.Position, &r.texts, &r.Published, &r.Version, &r.Changed, &r.By}
}

// list reads pages with their slugs.
func list(ctx context.Context, tx *db.Tx, tail string, args ...any) ([]Page, error) {
	rows, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM site_page `+tail, args...)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	slugs, err := record.Slugs(ctx, tx, "page", ids)
	out := make([]Page, len(rows))
	for i, r := range rows {
		out[i] = r.Page
		out[i].Texts, out[i].Slug = r.texts.V, slugs[r.ID]
	}
	return out, err
}

// find returns a page by id or slug, whoever may see it, and its canonical
// address. A page that comes with the program is found until the office has its
// own.
func find(ctx context.Context, tx *db.Tx, key string) (Page, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "page", key)
	if err == nil {
		ps, e := list(ctx, tx, `WHERE id = $1`, ref.ID)
		if e != nil {
			return Page{}, "", e
		}
		if len(ps) == 1 {
			return ps[0], canonical, nil
		}
	}
	if d, ok := defaultOf(key); ok {
		return d, key, nil
	}
	return Page{}, "", db.ErrNotFound
}

// Find returns a page that actor may see, by id or slug, and its canonical
// address. A withdrawn page gives a fault.Gone.
func Find(ctx context.Context, tx *db.Tx, actor who.Actor, key string) (Page, string, error) {
	p, canonical, err := find(ctx, tx, key)
	switch {
	case err != nil:
		return Page{}, "", err
	case p.State == Published || actor.May("page.write", who.Site):
		return p, canonical, nil
	case p.State == Withdrawn:
		return Page{}, "", fault.New(fault.Gone, "settings.gone")
	}
	return Page{}, "", db.ErrNotFound
}

// NewsItems returns published news, the newest first.
func NewsItems(ctx context.Context, tx *db.Tx, limit int) ([]Page, error) {
	return list(ctx, tx, `WHERE sort = 'news' AND state = 'published' ORDER BY published DESC, id DESC LIMIT $1`, limit)
}

// All returns every page for those who write them: those that come with the
// program first, then by age.
func All(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Page, error) {
	if err := actor.Must("page.write", who.Site); err != nil {
		return nil, err
	}
	ps, err := list(ctx, tx, `ORDER BY sort DESC, position, changed DESC, id LIMIT 1000`)
	return append(missingDefaults(ps), ps...), err
}

// footer returns the pages that stand in the footer.
func footer(ctx context.Context, tx *db.Tx) ([]Page, error) {
	own, err := list(ctx, tx, `WHERE sort = 'page' ORDER BY position, id LIMIT 50`)
	all := slices.DeleteFunc(append(missingDefaults(own), own...), func(p Page) bool { return !p.Footer || p.State != Published })
	slices.SortStableFunc(all, func(a, b Page) int { return a.Position - b.Position })
	return all, err
}

// Footer returns title and address of the pages that stand in the footer, in
// the reader's language.
func (s *Site) Footer(ctx context.Context) []Choice {
	var out []Choice
	for _, p := range s.read(ctx).footer {
		text, _ := p.In(i18n.LangOf(ctx))
		out = append(out, Choice{Value: "/page/" + p.key(), Name: text.Title})
	}
	return out
}

func (p Page) key() string {
	if p.Slug == "" {
		return p.ID
	}
	return p.Slug
}

// Draftable is what somebody writes of a page: one language at a time.
type Draftable struct {
	Lang    string
	Text    Text
	Slug    string // wish for the address; made from the title when empty
	Sort    Sort
	State   State
	Footer  bool
	Order   int
	Note    string // why; kept with the version
	Version int64  // of the page that was shown; 0 for one that has no row yet
}

func (in *Draftable) check() error {
	var p fault.Fields
	p.Require("title", in.Text.Title)
	p.MaxLen("title", in.Text.Title, 150)
	p.Require("body", in.Text.Body)
	p.MaxLen("body", in.Text.Body, 100_000)
	p.MaxLen("note", in.Note, 300)
	if !i18n.Known(in.Lang) {
		p.Add("lang", "fault.choice")
	}
	if in.Sort != Lasting && in.Sort != News {
		p.Add("sort", "fault.choice")
	}
	if !slices.Contains(States, in.State) {
		p.Add("state", "fault.choice")
	}
	if in.Order < 0 || in.Order > 1000 {
		p.Add("order", "fault.number")
	}
	if in.Slug != "" && (len(in.Slug) > 80 || id.Slug(in.Slug) != strings.ToLower(in.Slug)) {
		p.Add("slug", "settings.bad_slug")
	}
	return p.Err()
}

// Write stores a page, new when key is empty, and returns it as it is then.
// db.ErrConflict says that somebody changed it since in.Version.
func (s *Site) Write(ctx context.Context, actor who.Actor, key string, in Draftable) (out Page, err error) {
	if err := actor.Must("page.write", who.Site); err != nil {
		return out, err
	}
	if err := in.check(); err != nil {
		return out, err
	}
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		old := Page{ID: id.New(tx.Now), Texts: map[string]Text{}}
		if key != "" {
			if old, _, err = find(ctx, tx, key); err != nil {
				return err
			}
		}
		if old.Version != in.Version {
			return db.ErrConflict
		}
		out, err = s.write(ctx, tx, actor, old, in)
		return err
	})
	return out, err
}

func (s *Site) write(ctx context.Context, tx *db.Tx, actor who.Actor, old Page, in Draftable) (Page, error) {
	p := old
	p.Texts = map[string]Text{}
	for lang, t := range old.Texts {
		p.Texts[lang] = t
	}
	p.Texts[in.Lang] = in.Text
	p.Sort, p.State, p.Footer, p.Position = in.Sort, in.State, in.Footer && in.Sort == Lasting, in.Order
	p.Version, p.Changed, p.By, p.Default = old.Version+1, db.Time{Time: tx.Now}, actor.ID, false
	if p.State == Published && p.Published.IsZero() {
		p.Published = p.Changed
	}
	if err := p.store(ctx, tx); err != nil {
		return p, err
	}
	wish := in.Slug
	if wish == "" {
		wish = old.Slug
	}
	if wish == "" {
		wish = in.Text.Title
	}
	if key := id.Slug(wish); slices.Contains(defaults, key) && key != p.ID {
		wish += " 2" // the address of a page that comes with the program is kept for it
	}
	if wish != old.Slug || old.Version == 0 {
		slug, err := record.SetSlug(ctx, tx, p.Ref(), wish)
		if err != nil {
			return p, err
		}
		p.Slug = slug
	}
	if _, err := tx.Exec(ctx, `INSERT INTO site_page_version (page, version, doc, note, at, by_person) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.ID, p.Version, db.JSON[Page]{V: p}, in.Note, p.Changed, actor.ID); err != nil {
		return p, err
	}
	s.forget(tx)
	return p, p.tell(ctx, tx, actor, old, in.Note)
}

func (p Page) store(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO site_page (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET sort = excluded.sort, state = excluded.state, footer = excluded.footer, position = excluded.position,
		texts = excluded.texts, published = excluded.published, version = excluded.version, changed = excluded.changed, changed_by = excluded.changed_by`,
		p.ID, p.Sort, p.State, p.Footer, p.Position, db.JSON[map[string]Text]{V: p.Texts}, p.Published, p.Version, p.Changed, p.By)
	return err
}

// tell appends the change to the log. What was public before or is now is told
// to everybody.
func (p Page) tell(ctx context.Context, tx *db.Tx, actor who.Actor, old Page, note string) error {
	verb := "page.changed"
	switch {
	case p.State == Published && old.State != Published:
		verb = "page.published"
	case p.State == Withdrawn && old.State != Withdrawn:
		verb = "page.withdrawn"
	}
	e := activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "page", Record: p.ID, Public: p.State == Published || old.State == Published,
		Note: note, After: p,
	}
	if old.Version > 0 {
		e.Before = old
	}
	text, _ := p.In("en")
	e.Title = text.Title
	_, err := activity.Append(ctx, tx, e)
	return err
}

// Version is a page as it was saved once.
type Version struct {
	Page Page
	Note string
	At   db.Time
	By   string
}

// Versions returns every version of a page, the newest first.
func Versions(ctx context.Context, tx *db.Tx, actor who.Actor, page string) ([]Version, error) {
	if err := actor.Must("page.write", who.Site); err != nil {
		return nil, err
	}
	type line struct {
		Version
		doc db.JSON[Page]
	}
	lines, err := db.List(ctx, tx, func(l *line) []any { return []any{&l.doc, &l.Note, &l.At, &l.By} },
		`SELECT doc, note, at, by_person FROM site_page_version WHERE page = $1 ORDER BY version DESC LIMIT 500`, page)
	out := make([]Version, len(lines))
	for i, l := range lines {
		out[i] = l.Version
		out[i].Page = l.doc.V
	}
	return out, err
}

// Kind is the kind of record that pages are.
func Kind() record.Kind {
	return record.Kind{Name: "page", Describe: describe, Text: searchable}
}

func byID(ctx context.Context, tx *db.Tx, ids []string) ([]Page, error) {
	in, args := db.In(1, ids)
	ps, err := list(ctx, tx, `WHERE id IN `+in, args...)
	for _, d := range missingDefaults(ps) {
		if slices.Contains(ids, d.ID) {
			has, e := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM site_page WHERE id = $1)`, d.ID)
			if e == nil && !has {
				ps = append(ps, d)
			}
		}
	}
	return ps, err
}

func describe(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) (cards []record.Card, err error) {
	ps, err := byID(ctx, tx, ids)
	for _, p := range ps {
		if p.State != Published && !actor.May("page.write", who.Site) {
			continue
		}
		text, _ := p.In(actor.Lang)
		cards = append(cards, record.Card{
			Ref: p.Ref(), Slug: p.Slug, Title: text.Title, State: "settings.state." + string(p.State),
			Changed: p.Changed, Public: p.State == Published, Gone: p.State == Withdrawn,
		})
	}
	return cards, err
}

func searchable(ctx context.Context, tx *db.Tx, ids []string) (texts []record.Text, err error) {
	ps, err := byID(ctx, tx, ids)
	for _, p := range ps {
		for lang, t := range p.Texts {
			if p.State == Published {
				texts = append(texts, record.Text{ID: p.ID, Lang: lang, Title: t.Title, Body: t.Body})
			}
		}
	}
	return texts, err
}
