package catalog

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/who"
)

const pageSize = 20

// listView is what the page of all datasets shows.
type listView struct {
	Page     Page
	Filter   Filter
	Query    url.Values
	Orgs     map[string]string
	Slugs    map[string]string
	Formats  map[string][]string
	Words    map[string]record.Translated // of the datasets, in the reader's language
	Themes   []Count
	District []Count
	ByOrg    []Count
}

func filterOf(q url.Values) Filter {
	return Filter{Query: q.Get("q"), Org: q.Get("org"), Theme: q.Get("theme"), District: q.Get("district"), Keyword: q.Get("keyword")}
}

func (c *Catalog) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v := listView{Filter: filterOf(q), Query: q}
	if err := c.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Page, err = list(ctx, tx, who.From(ctx), v.Filter, q.Get("cursor"), pageSize); err != nil {
			return err
		}
		return c.fillList(ctx, tx, &v)
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "catalog.nav"), Description: i18n.T(ctx, "catalog.lead"),
		Query: v.Filter.Query, Wide: true, Feeds: []ui.Feed{{Title: i18n.T(ctx, "catalog.nav"), Href: "/activity.atom?kind=dataset"}},
	}, listPage(v))
}

func (c *Catalog) fillList(ctx context.Context, tx *db.Tx, v *listView) (err error) {
	var ids, orgs []string
	for _, d := range v.Page.Datasets {
		ids, orgs = append(ids, d.ID), append(orgs, d.Org)
	}
	for _, f := range []struct {
		facet string
		to    *[]Count
	}{{"theme", &v.Themes}, {"district", &v.District}, {"org", &v.ByOrg}} {
		if *f.to, err = Counts(ctx, tx, f.facet, 50); err != nil {
			return err
		}
	}
	for _, o := range v.ByOrg {
		orgs = append(orgs, o.Value)
	}
	if v.Orgs, err = c.Orgs.Names(ctx, tx, orgs); err != nil {
		return err
	}
	if v.Slugs, err = record.Slugs(ctx, tx, "dataset", ids); err != nil {
		return err
	}
	if v.Words, err = record.Translations(ctx, tx, "dataset", i18n.LangOf(ctx), ids); err != nil {
		return err
	}
	v.Formats, err = formats(ctx, tx, ids)
	return err
}

// formats lists the formats of the resources of each dataset.
func formats(ctx context.Context, tx *db.Tx, ids []string) (map[string][]string, error) {
	in, args := db.In(1, ids)
	rs, err := db.List(ctx, tx, resourceFields, `SELECT `+resourceColumns+` FROM resource WHERE NOT removed AND dataset IN `+in+` ORDER BY position`, args...)
	out := map[string][]string{}
	for _, r := range rs {
		out[r.Dataset] = distinct(append(out[r.Dataset], r.Format()))
	}
	return out, err
}

// deskView is what somebody who works on datasets sees first.
type deskView struct {
	Drafts, Review, Withdrawn []Dataset
	Orgs                      map[string]string
	MayPublish                bool
}

func (c *Catalog) desk(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	actor := who.From(ctx)
	v := deskView{MayPublish: actor.MayAnywhere("dataset.publish")}
	if err := c.DB.View(ctx, func(tx *db.Tx) error {
		var orgs []string
		for _, x := range []struct {
			state State
			to    *[]Dataset
		}{{Draft, &v.Drafts}, {Review, &v.Review}, {Withdrawn, &v.Withdrawn}} {
			p, err := list(ctx, tx, actor, Filter{State: x.state}, "", 100)
			if err != nil {
				return err
			}
			*x.to = p.Datasets
			for _, d := range p.Datasets {
				orgs = append(orgs, d.Org)
			}
		}
		var err error
		v.Orgs, err = c.Orgs.Names(ctx, tx, orgs)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "catalog.desk"), Private: true}, deskPage(v))
}

// find resolves an address to a dataset that the reader may see. If the
// address is not the current one it redirects and returns errMoved.
func (c *Catalog) find(ctx context.Context, tx *db.Tx, r *http.Request) (Dataset, string, error) {
	ref, canonical, err := record.Resolve(ctx, tx, "dataset", r.PathValue("key"))
	if err != nil {
		return Dataset{}, "", err
	}
	d, err := see(ctx, tx, who.From(ctx), ref.ID)
	return d, canonical, err
}

// datasetView is what the page of a dataset shows.
type datasetView struct {
	Dataset   Dataset
	Slug      string
	Org       string
	Resources []Resource
	Working   map[string]shelf.Version // what is being made of a resource, by its id
	Events    []activity.Event
	Edges     []record.Edge
	MayWrite  bool
	MayPub    bool
	Next      []State // where it may be moved
	Lacks     fault.Fields
	Base      string
	Talk      talk.Talk // discussion, followers, files

	Title, Summary, Notes record.Said // as the reader gets them
}

func (c *Catalog) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/datasets/"+url.PathEscape(key))
		return nil
	}
	v := datasetView{Base: c.Base()}
	if err := c.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Dataset, v.Slug, err = c.find(ctx, tx, r); err != nil {
			return err
		}
		return c.fillDataset(ctx, tx, who.From(ctx), &v)
	}); err != nil {
		return err
	}
	if v.Slug != r.PathValue("key") {
		http.Redirect(w, r, "/dataset/"+v.Slug, http.StatusMovedPermanently)
		return nil
	}
	p := ui.Page{
		Title: v.Title.Text, Description: v.Summary.Text, Canonical: v.Base + v.Dataset.Ref().Path(), Private: v.Dataset.State != Published,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "catalog.nav"), Href: "/datasets"}},
		Feeds:  []ui.Feed{{Title: v.Title.Text, Href: "/activity.atom?kind=dataset&record=" + v.Dataset.ID}},
	}
	return web.Page(w, r, http.StatusOK, p, datasetPage(v))
}

func (c *Catalog) fillDataset(ctx context.Context, tx *db.Tx, actor who.Actor, v *datasetView) (err error) {
	d := v.Dataset
	names, err := c.Orgs.Names(ctx, tx, []string{d.Org})
	if err != nil {
		return err
	}
	v.Org = names[d.Org]
	words, err := record.Translations(ctx, tx, "dataset", i18n.LangOf(ctx), []string{d.ID})
	if err != nil {
		return err
	}
	in := words[d.ID]
	v.Title, v.Summary, v.Notes = in.Say("title", d.Title, d.Lang), in.Say("summary", d.Summary, d.Lang), in.Say("notes", d.Notes, d.Lang)
	card := record.Card{Ref: d.Ref(), Org: d.Org, Gone: d.State == Withdrawn}
	if v.Talk, err = talk.Load(ctx, tx, c.Kinds(), actor, card, d.Ref().Path()); err != nil {
		return err
	}
	if v.Resources, err = resourcesOf(ctx, tx, d.ID); err != nil {
		return err
	}
	if v.Edges, err = c.Kinds().Edges(ctx, tx, actor, d.Ref()); err != nil {
		return err
	}
	v.MayWrite, v.MayPub = actor.May("dataset.write", who.In(d.Org)), actor.May("dataset.publish", who.In(d.Org))
	v.Working = map[string]shelf.Version{}
	for _, res := range v.Resources {
		if w, ok, err := shelf.Waiting(ctx, tx, res.Ref()); err != nil {
			return err
		} else if ok && v.MayWrite {
			v.Working[res.ID] = w
		}
	}
	for _, s := range States {
		if action, ok := moves[d.State][s]; ok && actor.May(action, who.In(d.Org)) {
			v.Next = append(v.Next, s)
		}
	}
	if f, ok := web.FieldErrors(d.Ready(len(v.Resources))); ok {
		v.Lacks = f
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: "dataset", Record: d.ID, Private: v.MayWrite}, 20)
	return err
}

// formView is the form for a dataset, new or not.
type formView struct {
	web.Wrong
	Dataset Dataset
	Slug    string
	Orgs    []Choice
}

func (c *Catalog) newForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := formView{Dataset: Dataset{Lang: "en", Licence: c.Proposed(ctx), Frequency: "unknown"}}
	if err := c.choices(ctx, &v); err != nil {
		return err
	}
	if len(v.Orgs) == 1 {
		v.Dataset.Org = v.Orgs[0].ID
	}
	return c.form(w, r, http.StatusOK, v)
}

func (c *Catalog) choices(ctx context.Context, v *formView) error {
	return c.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Orgs, err = c.Orgs.Choices(ctx, tx, who.From(ctx), "dataset.write")
		return err
	})
}

func (c *Catalog) form(w http.ResponseWriter, r *http.Request, status int, v formView) error {
	ctx := r.Context()
	title := i18n.T(ctx, "catalog.new")
	if v.Dataset.ID != "" {
		title = i18n.T(ctx, "catalog.edit_of", "title", v.Dataset.Title)
	}
	return web.Page(w, r, status, ui.Page{
		Title: title, Kind: ui.Form, Private: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "catalog.nav"), Href: "/datasets"}},
	}, formPage(title, v))
}

// readDataset takes a dataset from a form.
func readDataset(r *http.Request) (Dataset, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return Dataset{}, err
	}
	d := Dataset{
		Org: f.Line("org"), Title: f.Line("title"), Summary: f.Line("summary"), Notes: f.Text("notes"), Lang: f.Line("lang"),
		Licence: f.Line("licence"), Frequency: f.Line("frequency"), ContactName: f.Line("contact_name"), ContactEmail: f.Line("contact_email"),
		Source: f.Line("source"), PeriodStart: f.Date("period_start"), PeriodEnd: f.Date("period_end"),
	}
	d.Themes.V, d.Districts.V = f.All("themes"), f.All("districts")
	d.Keywords.V = strings.Split(f.Line("keywords"), ",")
	d.Version, _ = strconv.Atoi(f.Line("version"))
	return d, nil
}

func (c *Catalog) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := readDataset(r)
	if err != nil {
		return err
	}
	made, err := Create(ctx, c.DB, who.From(ctx), d)
	if wrong, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return c.again(w, r, formView{Dataset: d, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "catalog.created")
	web.Redirect(w, r, made.Ref().Path()+"/add")
	return nil
}

// again shows a form with its problems and with everything that was typed.
func (c *Catalog) again(w http.ResponseWriter, r *http.Request, v formView) error {
	if err := c.choices(r.Context(), &v); err != nil {
		return err
	}
	return c.form(w, r, v.Status, v)
}

func (c *Catalog) editForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v formView
	if err := c.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Dataset, v.Slug, err = c.find(ctx, tx, r); err != nil {
			return err
		}
		return who.From(ctx).Must("dataset.write", who.In(v.Dataset.Org))
	}); err != nil {
		return err
	}
	if err := c.choices(ctx, &v); err != nil {
		return err
	}
	return c.form(w, r, http.StatusOK, v)
}

func (c *Catalog) edit(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	in, err := readDataset(r)
	if err != nil {
		return err
	}
	var now Dataset
	var slug string
	if err := c.DB.View(ctx, func(tx *db.Tx) (err error) { now, slug, err = c.find(ctx, tx, r); return err }); err != nil {
		return err
	}
	in.ID = now.ID
	out, err := Edit(ctx, c.DB, who.From(ctx), in)
	if errors.Is(err, db.ErrConflict) {
		return c.conflict(w, r, in, now, slug)
	}
	if wrong, ok := web.Mend(w, r, err, "title", fieldLabel); ok {
		return c.again(w, r, formView{Dataset: in, Slug: slug, Wrong: wrong})
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "catalog.saved")
	web.Redirect(w, r, out.Ref().Path())
	return nil
}

func (c *Catalog) conflict(w http.ResponseWriter, r *http.Request, mine, theirs Dataset, slug string) error {
	return web.Page(w, r, http.StatusConflict, ui.Page{Title: i18n.T(r.Context(), "web.title.409"), Kind: ui.Form, Private: true},
		conflictPage(mine, theirs, slug))
}

func (c *Catalog) move(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	var d Dataset
	if err := c.DB.View(ctx, func(tx *db.Tx) (err error) { d, _, err = c.find(ctx, tx, r); return err }); err != nil {
		return err
	}
	version, _ := strconv.Atoi(f.Line("version"))
	moved, err := Move(ctx, c.DB, who.From(ctx), d.ID, version, State(f.Line("to")), f.Text("reason"))
	if fields, ok := web.FieldErrors(err); ok {
		web.Flash(w, ui.Attention, "catalog.lacks", "what", lacking(ctx, fields))
		web.Redirect(w, r, d.Ref().Path())
		return nil
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "catalog.moved."+string(moved.State))
	web.Redirect(w, r, d.Ref().Path())
	return nil
}

// lacking names the fields that are missing, for a sentence.
func lacking(ctx context.Context, fields fault.Fields) string {
	var names []string
	for _, f := range fields {
		names = append(names, strings.ToLower(fieldLabel(ctx, f.Name)))
	}
	return strings.Join(names, ", ")
}

func fieldLabel(ctx context.Context, name string) string { return i18n.T(ctx, "catalog.field."+name) }
