package story

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/search"
	"ceiba/internal/service/who"
)

// orgsView is the list of organisations.
type orgsView struct {
	Filter org.Filter
	Asked  url.Values
	List   []org.Org
	Next   string
	Today  string
	Base   string
}

// organisationsCSV gives all organisations, by the page's own filter.
func (s *Story) organisationsCSV(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return listing.CSV(w, r, "organisations", func(ctx context.Context, cursor string) (out []OrgBody, next string, err error) {
		f := orgFilter(q)
		f.Cursor, f.Limit = cursor, 200
		err = s.DB.View(ctx, func(tx *db.Tx) error {
			var list []org.Org
			list, next, err = org.List(ctx, tx, f)
			for _, o := range list {
				out = append(out, s.orgBody(o))
			}
			return err
		})
		return out, next, err
	})
}

func orgFilter(q url.Values) org.Filter {
	return org.Filter{Kind: org.Kind(q.Get("kind")), District: q.Get("district"), Search: q.Get("q"), Ended: q.Get("ended") == "yes", Cursor: q.Get("cursor"), Limit: 50}
}

// data is where the list can be had: the API calls a box that is ticked true.
func (v orgsView) data() *ui.Data {
	d := listing.Data(v.Base, "/organisations", ui.WithQuery("", v.Asked, "cursor", "", "lang"))
	if v.Filter.Ended {
		d.JSON = strings.Replace(d.JSON, "ended=yes", "ended=true", 1)
		d.API.URL = strings.Replace(d.API.URL, "ended=yes", "ended=true", 1)
	}
	return d
}

func (s *Story) organisations(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := orgsView{Asked: q, Filter: orgFilter(q), Base: s.Base()}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Today = tx.Now.In(i18n.Belize).Format("2006-01-02")
		v.List, v.Next, err = org.List(ctx, tx, v.Filter)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "story.organisations"), Description: i18n.T(ctx, "story.organisations_lead"), Canonical: s.Base() + "/organisations"}, orgsPage(v))
}

// orgView is what the page of an organisation shows.
type orgView struct {
	Org     org.Org
	Key     string // its present address
	Parent  org.Org
	Ended   bool
	History []org.Version
	Before  []org.Org // those that it followed
	After   []org.Org // those that followed it
	Reason  org.Reason
	Result  search.Result
	Cards   []record.Card
	Events  []happening
	Base    string
	Talk    talk.Talk // who follows it
}

func (s *Story) organisation(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := orgView{Base: s.Base()}
	if err := s.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Org, v.Key, err = org.Find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		return s.fillOrg(ctx, tx, &v)
	}); err != nil {
		return err
	}
	if v.Key != r.PathValue("key") {
		http.Redirect(w, r, "/organisation/"+v.Key, http.StatusMovedPermanently)
		return nil
	}
	name := v.Org.NameIn(i18n.LangOf(ctx))
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: name, Description: v.Org.Description, Canonical: v.Base + "/organisation/" + v.Org.ID,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "story.organisations"), Href: "/organisations"}},
		Feeds:  []ui.Feed{{Title: name, Href: "/activity.atom?org=" + v.Org.ID}},
	}, orgPage(v))
}

func (s *Story) fillOrg(ctx context.Context, tx *db.Tx, v *orgView) (err error) {
	v.Ended = v.Org.Ended(tx.Now.In(i18n.Belize).Format("2006-01-02"))
	if v.Org.Parent != "" {
		if v.Parent, err = org.Get(ctx, tx, v.Org.Parent); err != nil {
			return err
		}
	}
	if v.History, err = org.History(ctx, tx, v.Org.ID); err != nil {
		return err
	}
	card := record.Card{Ref: record.Ref{Kind: org.RecordKind, ID: v.Org.ID}, Org: v.Org.ID}
	if v.Talk, err = talk.Load(ctx, tx, s.Kinds(), who.From(ctx), card, card.Ref.Path()); err != nil {
		return err
	}
	if err := s.fillLine(ctx, tx, v); err != nil {
		return err
	}
	if v.Result, err = search.Find(ctx, tx, search.Query{Facets: map[string]string{"org": v.Org.ID}, Limit: 10, Lang: i18n.LangOf(ctx)}); err != nil {
		return err
	}
	if v.Cards, err = s.cards(ctx, tx, refsOf(v.Result.Hits)); err != nil {
		return err
	}
	v.Events, _, err = s.happenings(ctx, tx, activity.Filter{Org: v.Org.ID}, 15)
	return err
}

// fillLine finds out whom the organisation followed and who followed it.
func (s *Story) fillLine(ctx context.Context, tx *db.Tx, v *orgView) error {
	steps, err := org.Steps(ctx, tx, v.Org.ID)
	if err != nil {
		return err
	}
	for _, step := range steps {
		other, to := step.Predecessor, &v.Before
		if step.Predecessor == v.Org.ID {
			other, to, v.Reason = step.Successor, &v.After, step.Reason
		}
		o, err := org.Get(ctx, tx, other)
		if err != nil {
			return err
		}
		*to = append(*to, o)
	}
	return nil
}

func (v orgView) sentence(ctx context.Context) ui.Said {
	switch {
	case v.Ended && len(v.After) > 0:
		return ui.Say(ctx, "story.org_followed", "date", i18n.CivilDate(ctx, v.Org.ValidTo), "name", v.After[0].NameIn(i18n.LangOf(ctx)))
	case v.Ended:
		return ui.Say(ctx, "story.org_ended", "date", i18n.CivilDate(ctx, v.Org.ValidTo))
	}
	return ui.SayN(ctx, "story.org_answers", recordCount(v.Result.Total, v.Result.More, "org", v.Org.ID))
}

func (v orgView) state(ctx context.Context) ui.Badge {
	if v.Ended {
		return ui.Badge{Word: i18n.T(ctx, "org.state.ended")}
	}
	return ui.Badge{Tone: ui.Done, Word: i18n.T(ctx, "org.state.present")}
}

func (v orgView) facts(ctx context.Context) []ui.Pair {
	p := i18n.From(ctx)
	out := []ui.Pair{{Term: i18n.T(ctx, "story.org_kind"), Text: i18n.T(ctx, v.Org.Kind.Word())}}
	if v.Org.Parent != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_parent"), Text: v.Parent.NameIn(p.Lang()), Href: "/organisation/" + v.Parent.Slug})
	}
	if d, ok := geo.DistrictByCode(v.Org.District); ok {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_seat"), Text: p.T(d.NameKey()), Href: "/place/" + d.Code})
	}
	if v.Org.URL != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_url"), Text: v.Org.URL, Href: v.Org.URL})
	}
	if v.Org.ValidFrom != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_since"), Text: p.CivilDate(v.Org.ValidFrom)})
	}
	if v.Org.ValidTo != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_until"), Text: p.CivilDate(v.Org.ValidTo)})
	}
	for _, o := range v.Before {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_before"), Text: o.NameIn(p.Lang()), Href: "/organisation/" + o.Slug})
	}
	for _, o := range v.After {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.org_after"), Text: o.NameIn(p.Lang()), Href: "/organisation/" + o.Slug, Note: i18n.T(ctx, v.Reason.Word())})
	}
	return out
}

// versions are the rows of the organisation's history.
func (v orgView) versions(ctx context.Context) [][]ui.Cell {
	p := i18n.From(ctx)
	var out [][]ui.Cell
	for _, x := range v.History {
		out = append(out, []ui.Cell{ui.Text(p.CivilDate(x.Since)), ui.Text(x.Org.NameIn(p.Lang())), ui.Text(i18n.T(ctx, x.Org.Kind.Word())), ui.Text(x.Note)})
	}
	return out
}

func (v orgsView) cards(ctx context.Context) []ui.Card {
	var out []ui.Card
	for _, o := range v.List {
		c := ui.Card{Over: i18n.T(ctx, o.Kind.Word()), Title: o.NameIn(i18n.LangOf(ctx)), Href: "/organisation/" + o.Slug, Text: o.Description}
		if o.District != "" {
			c.Meta = append(c.Meta, i18n.T(ctx, "geo.district."+o.District))
		}
		if o.Ended(v.Today) {
			c.State = &ui.Badge{Word: i18n.T(ctx, "org.state.ended")}
		}
		out = append(out, c)
	}
	return out
}

func (v orgsView) kinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range org.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: i18n.T(ctx, k.Word()), Selected: k == v.Filter.Kind})
	}
	return out
}

func (v orgsView) pager(ctx context.Context) ui.Pager {
	p := ui.Pager{Words: i18n.N(ctx, "story.on_page", len(v.List))}
	if v.Filter.Cursor != "" {
		p.First = ui.WithQuery("/organisations", v.Asked, "cursor", "")
	}
	if v.Next != "" {
		p.Next = ui.WithQuery("/organisations", v.Asked, "cursor", v.Next)
	}
	return p
}
