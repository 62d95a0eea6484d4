package org

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "org", Files: files}

// Words are this module's sentences, keys "org.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what with organisations. Who keeps an organisation's
// members is package who's rule "org.member.write".
var Rules = []who.Rule{
	{Action: "org.create", Site: []who.Role{who.Secretariat}},
	{Action: "org.edit", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official}},
	{Action: "org.succeed", Site: []who.Role{who.Secretariat}},
}

// Kind is what sort of organisation it is.
type Kind string

// Word is the key of the kind's name in locale/.
func (k Kind) Word() string { return "org.kind." + string(k) }

// The kinds.
const (
	National      Kind = "government_national"
	Subnational   Kind = "government_subnational"
	CivilSociety  Kind = "civil_society"
	Media         Kind = "media"
	Academia      Kind = "academia"
	Private       Kind = "private_sector"
	International Kind = "international"
)

// Kinds are all kinds, in the order in which pages show them.
var Kinds = []Kind{National, Subnational, CivilSociety, Media, Academia, Private, International}

// RecordKind is the name of organisations among the kinds of records.
const RecordKind = "organisation"

// Topic is woken when an organisation changes (see db.Tx.Wake).
const Topic = "org"

// Org is an organisation as it is, or as it was at some date.
type Org struct {
	ID          string            `json:"id"`
	Slug        string            `json:"slug"`
	Kind        Kind              `json:"kind"`
	Name        string            `json:"name"`
	Names       map[string]string `json:"names,omitempty"` // in other languages, by code
	Description string            `json:"description,omitempty"`
	URL         string            `json:"url,omitempty"`
	District    string            `json:"district,omitempty"`   // ISO 3166-2, where its seat is
	Parent      string            `json:"parent,omitempty"`     // the organisation it is part of
	ValidFrom   string            `json:"valid_from,omitempty"` // civil date; empty where not known
	ValidTo     string            `json:"valid_to,omitempty"`   // civil date of its end; empty while it exists
	Version     int64             `json:"version"`
	Changed     db.Time           `json:"-"`
}

// NameIn returns the name in a language, or the plain one.
func (o Org) NameIn(lang string) string {
	if n := o.Names[lang]; n != "" {
		return n
	}
	return o.Name
}

// Ended reports whether the organisation no longer exists on a civil date.
func (o Org) Ended(on string) bool { return o.ValidTo != "" && o.ValidTo <= on }

const columns = `id, slug, kind, name, names, description, url, district, parent, valid_from, valid_to, version, changed_at`

type row struct {
	Org
	names db.JSON[map[string]string]
}

func fields(r *row) []any {
	return []any{&r.ID, &r.Slug, &r.Kind, &r.Name, &r.names, &r.Description, &r.URL, &r.District, &r.Parent, &r.ValidFrom, &r.ValidTo, &r.Version, &r.Changed}
}

func (r row) org() Org {
	r.Names = r.names.V
	return r.Org
}

// Get returns an organisation, or db.ErrNotFound.
func Get(ctx context.Context, tx *db.Tx, org string) (Org, error) {
	r, err := db.Get(ctx, tx, fields, `SELECT `+columns+` FROM organisation WHERE id = $1`, org)
	return r.org(), err
}

// Find returns the organisation that an address means, by id or by any slug
// it ever had. Where canonical differs from key, the reader is redirected.
func Find(ctx context.Context, tx *db.Tx, key string) (o Org, canonical string, err error) {
	ref, canonical, err := record.Resolve(ctx, tx, RecordKind, key)
	if err != nil {
		return Org{}, "", err
	}
	o, err = Get(ctx, tx, ref.ID)
	return o, canonical, err
}

// Names returns the names of organisations in a language, by id, in one query.
func Names(ctx context.Context, tx *db.Tx, lang string, orgs []string) (map[string]string, error) {
	marks, args := db.In(1, orgs)
	named := func(r *row) []any { return []any{&r.ID, &r.Name, &r.names} }
	rows, err := db.List(ctx, tx, named, `SELECT id, name, names FROM organisation WHERE id IN `+marks, args...)
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.org().NameIn(lang)
	}
	return out, err
}

// KindsOf returns what organisations are, by id, in one query.
func KindsOf(ctx context.Context, tx *db.Tx, orgs []string) (map[string]Kind, error) {
	marks, args := db.In(1, orgs)
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.ID, &r.Kind} }, `SELECT id, kind FROM organisation WHERE id IN `+marks, args...)
	out := make(map[string]Kind, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Kind
	}
	return out, err
}

// Filter selects organisations.
type Filter struct {
	Kind     Kind
	District string
	Parent   string
	Search   string // part of a name, however accented
	Ended    bool   // with those that no longer exist
	Cursor   string // from the last page; empty is the first
	Limit    int    // at most 500; 100 when 0
}

var byName = db.Keyset{Columns: []string{"name_key", "id"}}

// List returns organisations by name, and the cursor of the next page.
func List(ctx context.Context, tx *db.Tx, f Filter) (list []Org, next string, err error) {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 100
	}
	after, args, err := byName.After(f.Cursor, 7)
	if err != nil {
		return nil, "", err
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(id.Fold(f.Search)) + "%"
	args = append([]any{string(f.Kind), f.District, f.Parent, like, f.Ended, today(tx)}, args...)
	args = append(args, f.Limit+1)
	rows, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM organisation
		WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR district = $2) AND ($3 = '' OR parent = $3) AND name_key LIKE $4 ESCAPE '\'
		AND ($5 OR valid_to = '' OR valid_to > $6) AND `+after+` `+byName.OrderBy()+fmt.Sprintf(` LIMIT $%d`, len(args)), args...)
	for _, r := range rows {
		list = append(list, r.org())
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		last := list[f.Limit-1]
		next = db.Cursor(id.Fold(last.Name), last.ID)
	}
	return list, next, err
}

// Choice is an organisation in a list to choose from.
type Choice struct{ ID, Name string }

// Choices returns those that actor may do action for, by name: all that exist,
// but 500 at most, for somebody who may do it for any.
func Choices(ctx context.Context, tx *db.Tx, actor who.Actor, action string) (out []Choice, err error) {
	ids, everywhere := actor.Orgs(action)
	lang := i18n.LangOf(ctx)
	if everywhere {
		list, _, err := List(ctx, tx, Filter{Limit: 500})
		for _, o := range list {
			out = append(out, Choice{ID: o.ID, Name: o.NameIn(lang)})
		}
		return out, err
	}
	names, err := Names(ctx, tx, lang, ids)
	for id, name := range names {
		out = append(out, Choice{ID: id, Name: name})
	}
	slices.SortFunc(out, func(a, b Choice) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	return out, err
}

func today(tx *db.Tx) string { return tx.Now.In(i18n.Belize).Format(time.DateOnly) }

// Change is what a form says of an organisation.
type Change struct {
	Kind        Kind
	Name        string
	Names       map[string]string
	Description string
	URL         string
	District    string
	Parent      string
	ValidFrom   string
	Since       string // civil date from which the change holds; empty is today
	Note        string // why; kept with the version
	Version     int64  // of the row that was read; unused by Create
}

// check cleans the fields and says what is wrong with them.
func (c *Change) check() error {
	var p fault.Fields
	c.Name = strings.Join(strings.Fields(c.Name), " ")
	p.Require("name", c.Name)
	p.MaxLen("name", c.Name, 200)
	p.MaxLen("description", c.Description, 5000)
	p.MaxLen("note", c.Note, 500)
	if !slices.Contains(Kinds, c.Kind) {
		p.Add("kind", "fault.choice")
	}
	for lang, name := range c.Names {
		if !i18n.Known(lang) {
			p.Add("names", "fault.choice")
		}
		p.MaxLen("names."+lang, name, 200)
		if name == "" {
			delete(c.Names, lang)
		}
	}
	if _, ok := geo.DistrictByCode(c.District); !ok && c.District != "" {
		p.Add("district", "fault.choice")
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(c.URL) > 500) {
		p.Add("url", "fault.url")
	}
	for name, day := range map[string]string{"valid_from": c.ValidFrom, "since": c.Since} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			p.Add(name, "fault.date")
		}
	}
	return p.Err()
}

func (c Change) apply(o Org) Org {
	o.Kind, o.Name, o.Names, o.Description, o.URL = c.Kind, c.Name, c.Names, c.Description, c.URL
	o.District, o.Parent, o.ValidFrom = c.District, c.Parent, c.ValidFrom
	return o
}

// Create makes an organisation.
func Create(ctx context.Context, d *db.DB, a who.Actor, c Change) (o Org, err error) {
	if err := a.Must("org.create", who.Site); err != nil {
		return o, err
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		o, err = create(ctx, tx, a, c)
		return err
	})
	return o, err
}

func create(ctx context.Context, tx *db.Tx, a who.Actor, c Change) (Org, error) {
	if err := c.check(); err != nil {
		return Org{}, err
	}
	o := c.apply(Org{ID: id.New(tx.Now), Version: 1, Changed: db.Time{Time: tx.Now}})
	if err := checkParent(ctx, tx, o); err != nil {
		return Org{}, err
	}
	var err error
	if o.Slug, err = record.NewSlug(ctx, tx, record.Ref{Kind: RecordKind, ID: o.ID}, o.Name); err != nil {
		return Org{}, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO organisation (`+columns+`, name_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		o.ID, o.Slug, o.Kind, o.Name, db.JSON[map[string]string]{V: o.Names}, o.Description, o.URL, o.District, o.Parent,
		o.ValidFrom, o.ValidTo, o.Version, o.Changed, id.Fold(o.Name)); err != nil {
		return Org{}, err
	}
	return o, keep(ctx, tx, a, "created", c, nil, o)
}

// keep writes a version and the entry in the log.
func keep(ctx context.Context, tx *db.Tx, a who.Actor, verb string, c Change, before *Org, o Org) error {
	since := c.Since
	if since == "" {
		since = today(tx)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO organisation_version (org, version, since, doc, changed_by, changed_at, note) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		o.ID, o.Version, since, db.JSON[Org]{V: o}, a.ID, tx.Now.UnixMicro(), c.Note); err != nil {
		return err
	}
	e := activity.Entry{Actor: a.ID, Verb: "org." + verb, Kind: RecordKind, Record: o.ID, Org: o.ID, Public: true, Title: o.Name, Note: c.Note, After: o}
	if before != nil {
		e.Before = *before
	}
	tx.Wake(Topic)
	_, err := activity.Append(ctx, tx, e)
	return err
}

// checkParent refuses a parent that does not exist or is part of o itself.
func checkParent(ctx context.Context, tx *db.Tx, o Org) error {
	for at, steps := o.Parent, 0; at != ""; steps++ {
		if at == o.ID || steps > 20 {
			return fault.Fields{{Name: "parent", Key: "org.parent_circle"}}
		}
		p, err := Get(ctx, tx, at)
		if isMissing(err) {
			return fault.Fields{{Name: "parent", Key: "fault.choice"}}
		}
		if err != nil {
			return err
		}
		at = p.Parent
	}
	return nil
}

// Edit changes an organisation; the version before stays readable. A version
// that is no longer the present one gives db.ErrConflict.
func Edit(ctx context.Context, d *db.DB, a who.Actor, org string, c Change) (o Org, err error) {
	if err := a.Must("org.edit", who.In(org)); err != nil {
		return o, err
	}
	if err := c.check(); err != nil {
		return o, err
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		before, err := Get(ctx, tx, org)
		if err != nil {
			return err
		}
		if before.Version != c.Version {
			return db.ErrConflict
		}
		// What kind of body it is and what it is part of is not for itself to say.
		if !a.May("org.create", who.Site) {
			c.Kind, c.Parent, c.ValidFrom = before.Kind, before.Parent, before.ValidFrom
		}
		o = c.apply(before)
		if err := checkParent(ctx, tx, o); err != nil {
			return err
		}
		return write(ctx, tx, a, "edited", c, before, &o)
	})
	return o, err
}

// write stores a changed organisation as the next version.
func write(ctx context.Context, tx *db.Tx, a who.Actor, verb string, c Change, before Org, o *Org) (err error) {
	if o.Name != before.Name {
		if o.Slug, err = record.SetSlug(ctx, tx, record.Ref{Kind: RecordKind, ID: o.ID}, o.Name); err != nil {
			return err
		}
	}
	o.Version, o.Changed = before.Version+1, db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE organisation SET slug = $2, kind = $3, name = $4, name_key = $5, names = $6, description = $7, url = $8,
		district = $9, parent = $10, valid_from = $11, valid_to = $12, version = $13, changed_at = $14 WHERE id = $1 AND version = $15`,
		o.ID, o.Slug, o.Kind, o.Name, id.Fold(o.Name), db.JSON[map[string]string]{V: o.Names}, o.Description, o.URL,
		o.District, o.Parent, o.ValidFrom, o.ValidTo, o.Version, o.Changed, before.Version); err != nil {
		return err
	}
	return keep(ctx, tx, a, verb, c, &before, *o)
}

// EnsureByName returns the organisation of a name, however it is accented, or
// of a slug; where there is none it makes one of a kind, and made says so: the
// command line tells whoever runs it.
func EnsureByName(ctx context.Context, d *db.DB, a who.Actor, name string, kind Kind) (o Org, made bool, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error { o, made, err = EnsureByNameIn(ctx, tx, a, name, kind); return err })
	return o, made, err
}

// EnsureByNameIn is EnsureByName in a transaction that the caller has.
func EnsureByNameIn(ctx context.Context, tx *db.Tx, a who.Actor, name string, kind Kind) (o Org, made bool, err error) {
	if o, err = ByName(ctx, tx, name); !errors.Is(err, db.ErrNotFound) {
		return o, false, err
	}
	if err := a.Must("org.create", who.Site); err != nil {
		return Org{}, false, err
	}
	o, err = create(ctx, tx, a, Change{Name: name, Kind: kind})
	return o, true, err
}

// ByName returns the organisation of a name, however it is accented, of a slug
// or of an id, or db.ErrNotFound. Of several it is the oldest that exists.
func ByName(ctx context.Context, tx *db.Tx, name string) (Org, error) {
	r, err := db.Get(ctx, tx, fields, `SELECT `+columns+` FROM organisation WHERE name_key = $1 OR slug = $2 OR id = $2
		ORDER BY CASE WHEN valid_to = '' THEN 0 ELSE 1 END, id LIMIT 1`, id.Fold(strings.Join(strings.Fields(name), " ")), name)
	if err != nil {
		return Org{}, err
	}
	return r.org(), nil
}
