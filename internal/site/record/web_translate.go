package recordsite

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// translateView is the form that puts a record's texts into one language.
type translateView struct {
	web.Wrong
	Card   record.Card
	To     string
	Counts map[string]int // of translated texts, by language
	Fields []translateField
}

// translateField is one text on the form.
type translateField struct {
	record.Field
	Own     string // as it was written
	There   record.Translation
	Text    string // what the form shows: what is there, or what was typed
	Seen    string // stamp of what was there when the form was made
	Machine bool   // what the form shows is a machine's
	Read    bool   // … and somebody says that it is right
}

// changed reports whether somebody did anything about the text.
func (f translateField) changed() bool { return f.Read || record.Stamp(f.Text) != f.Seen }

// action is where the form stands and is sent to.
func (v translateView) action() string {
	return "/record/" + v.Card.Kind + "/" + v.Card.ID + "/translate"
}

// translation reads what there is to translate of the record that an address
// names, for somebody who may.
func (p *Pages) translation(r *http.Request, to string) (v translateView, err error) {
	ctx, of := r.Context(), ref(r)
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Card, err = p.Kinds().MayTranslate(ctx, tx, who.From(ctx), of); err != nil {
			return err
		}
		v.To = target(ctx, to, v.Card.Lang)
		kind, _ := p.Kinds().Kind(of.Kind)
		own, err := kind.Originals(ctx, tx, []string{of.ID})
		if err != nil {
			return err
		}
		there, err := record.AllTranslations(ctx, tx, of.Kind, []string{of.ID})
		v.fill(kind, own[of.ID], there[of.ID])
		return err
	})
	return v, err
}

func (v *translateView) fill(kind record.Kind, own map[string]string, there record.ByLang) {
	v.Fields, v.Counts = nil, map[string]int{}
	for _, f := range kind.Fields {
		x := there[v.To][f.Name]
		if own[f.Name] == "" && x.Text == "" {
			continue // there is nothing to translate
		}
		for lang, t := range there {
			if t[f.Name].Text != "" {
				v.Counts[lang]++
			}
		}
		v.Fields = append(v.Fields, translateField{Field: f, Own: own[f.Name], There: x, Text: x.Text, Seen: x.Stamp(), Machine: x.Origin == record.Machine})
	}
}

// target is the language to translate into: the one asked for, or the reader's,
// or the first that the record is not written in.
func target(ctx context.Context, to, own string) string {
	for _, lang := range []string{to, i18n.LangOf(ctx)} {
		if i18n.Known(lang) && lang != own {
			return lang
		}
	}
	i := slices.IndexFunc(i18n.Languages, func(l i18n.Lang) bool { return l.Code != own })
	return i18n.Languages[i].Code
}

func (p *Pages) translateForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.translation(r, r.URL.Query().Get("to"))
	if err != nil {
		return err
	}
	return p.translateAgain(w, r, http.StatusOK, v)
}

func (p *Pages) translateAgain(w http.ResponseWriter, r *http.Request, status int, v translateView) error {
	return show(w, r, status, i18n.T(r.Context(), "recordsite.translate"), ui.Link{Text: v.Card.Title, Href: v.Card.Path()}, translatePage(v))
}

// translate saves what was changed on the form.
func (p *Pages) translate(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.translation(r, f.Line("to"))
	if err != nil {
		return err
	}
	kind, _ := p.Kinds().Kind(v.Card.Kind)
	in := v.read(kind, f)
	in.Lang = f.Line("to")
	if err = foreign(f, kind); err == nil {
		err = p.Kinds().Translate(ctx, p.DB, who.From(ctx), in)
	}
	if errors.Is(err, db.ErrConflict) {
		return p.translateConflict(w, r, v)
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "lang", kindLabel(kind)); ok {
		return p.translateAgain(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "recordsite.translated", "lang", i18n.NameOf(in.Lang))
	web.Redirect(w, r, v.Card.Path())
	return nil
}

// read puts what was typed into the view, and returns what was changed of it.
func (v *translateView) read(kind record.Kind, f web.Form) record.Draft {
	d := record.Draft{Of: v.Card.Ref, Origin: record.Human, Texts: map[string]string{}, Seen: map[string]string{}}
	for _, x := range kind.Fields {
		if !f.Has(x.Name) {
			continue
		}
		i := slices.IndexFunc(v.Fields, func(y translateField) bool { return y.Name == x.Name })
		if i < 0 {
			i = len(v.Fields)
			v.Fields = append(v.Fields, translateField{Field: x})
		}
		y := &v.Fields[i]
		y.Text, y.Seen, y.Read = f.Text(x.Name), f.Line("seen."+x.Name), f.Has("read."+x.Name)
		if y.changed() {
			d.Texts[x.Name], d.Seen[x.Name] = y.Text, y.Seen
		}
	}
	return d
}

// foreign refuses what the form does not have.
func foreign(f web.Form, kind record.Kind) error {
	var p fault.Fields
	for _, name := range f.Names() {
		bare := strings.TrimPrefix(strings.TrimPrefix(name, "seen."), "read.")
		known := slices.ContainsFunc(kind.Fields, func(x record.Field) bool { return x.Name == bare })
		if !known && name != "to" && name != "version" {
			p.Add(name, "record.no_field", "name", name)
		}
	}
	return p.Err()
}

// kindLabel names the fields of a kind.
func kindLabel(kind record.Kind) web.Label {
	return func(ctx context.Context, name string) string {
		for _, f := range kind.Fields {
			if f.Name == name {
				return i18n.T(ctx, f.Label)
			}
		}
		return name
	}
}

// translateConflict shows both texts where somebody saved another meanwhile.
// Nothing of the form was saved: the rest comes along.
func (p *Pages) translateConflict(w http.ResponseWriter, r *http.Request, mine translateView) error {
	ctx := r.Context()
	now, err := p.translation(r, mine.To)
	if err != nil {
		return err
	}
	c := ui.Conflict{
		Title: now.Card.Title, Action: now.action(), Cancel: ui.Link{Text: i18n.T(ctx, "recordsite.back"), Href: now.Card.Path()},
		Same: []ui.Hidden{{Name: "to", Value: mine.To}},
	}
	if c.Who, c.At, err = p.lastTranslator(ctx, now); err != nil {
		return err
	}
	for _, m := range mine.Fields {
		var there record.Translation
		for _, n := range now.Fields {
			if n.Name == m.Name {
				there = n.There
			}
		}
		if !m.changed() {
			continue // what somebody else made of it stays
		}
		c.Same = append(c.Same, ui.Hidden{Name: "seen." + m.Name, Value: there.Stamp()})
		if m.Read {
			c.Same = append(c.Same, ui.Hidden{Name: "read." + m.Name, Value: "yes"})
		}
		if m.Text == there.Text || m.Seen == there.Stamp() {
			c.Same = append(c.Same, ui.Hidden{Name: m.Name, Value: m.Text})
			continue
		}
		c.Fields = append(c.Fields, ui.ConflictField{Name: m.Name, Label: i18n.T(ctx, m.Label) + " · " + i18n.NameOf(mine.To), Mine: m.Text, Theirs: there.Text, Long: m.rows() > 2})
	}
	return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(ctx, "web.title.409"), Kind: ui.Form, Private: true}, c)
}

// lastTranslator says who changed the record's translations last, and when.
func (p *Pages) lastTranslator(ctx context.Context, v translateView) (name string, at time.Time, err error) {
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		var by string
		for _, f := range v.Fields {
			if f.There.Changed.After(at) {
				by, at = f.There.By, f.There.Changed.Time
			}
		}
		if at.IsZero() { // it was taken away: only the log knows by whom
			es, err := activity.List(ctx, tx, activity.Filter{Kind: v.Card.Kind, Record: v.Card.ID, Private: true}, 20)
			if err != nil {
				return err
			}
			at = tx.Now
			if i := slices.IndexFunc(es, func(e activity.Event) bool { return e.Verb == "record.translated" }); i >= 0 {
				by, at = es[i].Actor, es[i].At.Time
			}
		}
		names, err := who.NamesOf(ctx, tx, []string{by})
		name = cmp.Or(names[by], i18n.T(ctx, "talk.somebody"))
		return err
	})
	return name, at, err
}
