package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// How much one page shows.
const pageSize, notesOnPage, paragraphsOnPage = 20, 40, 150

func label(ctx context.Context, field string) string { return i18n.T(ctx, "consultation.field."+field) }

// find resolves an address to a consultation that the reader may see.
func (d *Pages) find(ctx context.Context, tx *db.Tx, r *http.Request) (consultation.Consultation, string, error) {
	ref, slug, err := record.Resolve(ctx, tx, consultation.Kind, r.PathValue("key"))
	if err != nil {
		return consultation.Consultation{}, "", err
	}
	c, err := d.See(ctx, tx, who.From(ctx), ref.ID)
	return c, slug, err
}

// base is what the pages of one consultation share.
type base struct {
	C       consultation.Consultation
	Slug    string
	Org     string // name of the one that answers
	Cover   consultation.Cover
	MayWork bool
	Now     db.Time
}

func (b base) path(rest string) string { return "/" + consultation.Kind + "/" + b.Slug + rest }

func (d *Pages) load(ctx context.Context, tx *db.Tx, r *http.Request) (b base, err error) {
	if b.C, b.Slug, err = d.find(ctx, tx, r); err != nil {
		return b, err
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{b.C.Org})
	if err != nil {
		return b, err
	}
	b.Org, b.MayWork, b.Now = names[b.C.Org], d.May(ctx, tx, who.From(ctx), b.C) == nil, db.Time{Time: tx.Now}
	b.Cover, err = consultation.CoverOf(ctx, tx, b.C.ID)
	return b, err
}

// page frames a page below the one of a consultation.
func (b base) page(r *http.Request, p ui.Page, title string) ui.Page {
	p.Title, p.Private = title+" · "+b.C.Title, p.Private || !b.C.Public()
	p.Crumbs = []ui.Link{{Text: i18n.T(r.Context(), "consultation.nav"), Href: "/consultations"}, {Text: b.C.Title, Href: b.path("")}}
	return p
}

type listView struct {
	Current []consultation.Consultation
	Past    consultation.Page
	Slugs   map[string]string
	Orgs    map[string]string
	Covers  map[string]consultation.Cover
	Now     db.Time
	First   bool // the first page
	Base    string
}

func (d *Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, cursor := r.Context(), r.URL.Query().Get("cursor")
	v := listView{First: cursor == "", Base: d.Base()}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = db.Time{Time: tx.Now}
		if v.First {
			if v.Current, err = consultation.Current(ctx, tx); err != nil {
				return err
			}
		}
		if v.Past, err = consultation.Past(ctx, tx, cursor, pageSize); err != nil {
			return err
		}
		return v.fill(ctx, tx, slices.Concat(v.Current, v.Past.Consultations))
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "consultation.nav"), Description: i18n.T(ctx, "consultation.lead"),
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "consultation.nav"), Href: "/activity.atom?kind=" + consultation.Kind}},
	}, listPage(v))
}

func (v *listView) fill(ctx context.Context, tx *db.Tx, all []consultation.Consultation) (err error) {
	var ids, orgs []string
	for _, c := range all {
		ids, orgs = append(ids, c.ID), append(orgs, c.Org)
	}
	if v.Slugs, err = record.Slugs(ctx, tx, consultation.Kind, ids); err != nil {
		return err
	}
	if v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	v.Covers, err = consultation.Covers(ctx, tx, ids)
	return err
}

// showView is the reading page.
type showView struct {
	base
	Version  consultation.Version
	Page     []paragraph.Paragraph // those of the version that this page shows
	Headings []paragraph.Paragraph
	From     int // place of the first of Page
	Total    int
	Counts   map[string]int
	Filter   string // all, question, amendment, unanswered
	Talk     talk.Talk
	Events   []activity.Event
	Of       record.Card // what the text is about; empty for nothing
	Base     string
	Drafts   []consultation.Annotation
}

func (d *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if key, ok := strings.CutSuffix(r.PathValue("key"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/consultations/"+url.PathEscape(key))
		return nil
	}
	from, err := web.QueryInt(r, "from", 0, 0, consultation.MaxParagraphs)
	if err != nil {
		return err
	}
	n, err := web.QueryInt(r, "version", 0, 0, 1<<30)
	if err != nil {
		return err
	}
	v := showView{From: from, Filter: r.URL.Query().Get("show"), Base: d.Base()}
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		return d.fillShow(ctx, tx, &v, n)
	}); err != nil {
		return err
	}
	if v.Slug != r.PathValue("key") {
		http.Redirect(w, r, v.path(""), http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: v.C.Title, Description: consultation.Summary(v.C.Introduction), Canonical: v.Base + v.C.Path(), Private: !v.C.Public(),
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "consultation.nav"), Href: "/consultations"}},
		Feeds:  []ui.Feed{{Title: v.C.Title, Href: "/activity.atom?kind=" + consultation.Kind + "&record=" + v.C.ID}},
	}, showPage(v))
}

// which reads a filter of pages.
func which(show string) consultation.Which {
	switch show {
	case string(consultation.Question), string(consultation.Amendment), string(consultation.Comment):
		return consultation.Which{Sort: consultation.Sort(show)}
	case "unanswered":
		return consultation.Which{Unanswered: true}
	case "orphans":
		return consultation.Which{Orphans: true}
	case "owed":
		return consultation.Which{Owed: true}
	case "answered":
		return consultation.Which{Answered: true}
	}
	return consultation.Which{}
}

func (d *Pages) fillShow(ctx context.Context, tx *db.Tx, v *showView, n int) (err error) {
	actor := who.From(ctx)
	if n == 0 {
		n = v.C.Text
	}
	if n > 0 {
		if v.Version, err = consultation.VersionOf(ctx, tx, v.C.ID, n); err != nil {
			return err
		}
	}
	v.cut()
	if v.Counts, err = consultation.Counts(ctx, tx, v.C.ID, which(v.Filter)); err != nil {
		return err
	}
	if v.Drafts, err = consultation.Drafts(ctx, tx, actor, v.C.ID); err != nil {
		return err
	}
	card := record.Card{Ref: v.C.Ref(), Org: v.C.Org, Gone: v.C.State == consultation.Withdrawn}
	if v.Talk, err = talk.Load(ctx, tx, d.Kinds(), actor, card, v.C.Path()); err != nil {
		return err
	}
	if v.C.Of.Kind != "" {
		cards, err := d.Kinds().Describe(ctx, tx, actor, []record.Ref{v.C.Of})
		if err != nil {
			return err
		}
		v.Of = cards[v.C.Of]
	}
	v.Events, err = activity.List(ctx, tx, activity.Filter{Kind: consultation.Kind, Record: v.C.ID, Private: v.MayWork}, 20)
	return err
}

// cut takes the paragraphs of this page out of the version.
func (v *showView) cut() {
	all := v.Version.Paragraphs
	v.Total = len(all)
	v.From = min(v.From, v.Total) / paragraphsOnPage * paragraphsOnPage
	v.Page = all[v.From:min(v.Total, v.From+paragraphsOnPage)]
	for _, p := range all {
		if p.Level > 0 {
			v.Headings = append(v.Headings, p)
		}
	}
}

// at is the address of a paragraph on the reading page.
func (v showView) at(id string) string {
	i, _ := paragraph.Find(v.Version.Paragraphs, id)
	return v.part(i) + "#p" + id
}

// part is the address of the page that shows the paragraph at a place.
func (v showView) part(place int) string {
	q := url.Values{}
	if from := place / paragraphsOnPage * paragraphsOnPage; from > 0 {
		q.Set("from", strconv.Itoa(from))
	}
	if v.Version.N != v.C.Text {
		q.Set("version", strconv.Itoa(v.Version.N))
	}
	if len(q) == 0 {
		return v.path("")
	}
	return v.path("?" + q.Encode())
}

type versionsView struct {
	base
	Versions []consultation.Version
	Names    map[string]string
}

func (d *Pages) versions(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v versionsView
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		if v.Versions, err = consultation.VersionsOf(ctx, tx, v.C.ID); err != nil {
			return err
		}
		v.Names, err = consultation.Credits(ctx, tx, who.From(ctx), v.Versions)
		return err
	}); err != nil {
		return err
	}
	title := i18n.T(ctx, "consultation.versions")
	return web.Page(w, r, http.StatusOK, v.page(r, ui.Page{}, title), versionsPage(v))
}

// rowsOnPage is how many pairs the page that compares shows.
const rowsOnPage = 100

type compareView struct {
	base
	From, To consultation.Version
	Versions []consultation.Version
	Pairs    []paragraph.Pair
	All      bool // also those that are the same
	Same     int  // left out
	At, Next int
}

func (d *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v compareView
	var err error
	var n [3]int
	for i, name := range []string{"from", "to", "at"} {
		if n[i], err = web.QueryInt(r, name, 0, 0, 1<<30); err != nil {
			return err
		}
	}
	v.All, v.At = r.URL.Query().Get("all") != "", n[2]
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.base, err = d.load(ctx, tx, r); err != nil {
			return err
		}
		if v.Versions, err = consultation.VersionsOf(ctx, tx, v.C.ID); err != nil || v.C.Text < 2 {
			return err
		}
		if n[1] == 0 {
			n[1] = v.C.Text
		}
		if n[0] == 0 {
			n[0] = max(1, n[1]-1)
		}
		if v.From, err = consultation.VersionOf(ctx, tx, v.C.ID, n[0]); err != nil {
			return err
		}
		v.To, err = consultation.VersionOf(ctx, tx, v.C.ID, n[1])
		return err
	}); err != nil {
		return err
	}
	v.pair()
	return web.Page(w, r, http.StatusOK, v.page(r, ui.Page{Wide: true}, i18n.T(ctx, "consultation.compare")), comparePage(v))
}

// pair sets the versions beside each other and takes out what this page shows.
func (v *compareView) pair() {
	for _, p := range paragraph.Pairs(v.From.Paragraphs, v.To.Paragraphs) {
		if p.Fate == paragraph.Same && !v.All {
			v.Same++
			continue
		}
		v.Pairs = append(v.Pairs, p)
	}
	v.At = min(v.At, len(v.Pairs))
	if end := v.At + rowsOnPage; end < len(v.Pairs) {
		v.Next = end
		v.Pairs = v.Pairs[:end]
	}
	v.Pairs = v.Pairs[v.At:]
}

func (v compareView) address(at int, all bool) string {
	q := url.Values{"from": {strconv.Itoa(v.From.N)}, "to": {strconv.Itoa(v.To.N)}}
	if at > 0 {
		q.Set("at", strconv.Itoa(at))
	}
	if all {
		q.Set("all", "1")
	}
	return v.path("/compare?" + q.Encode())
}
