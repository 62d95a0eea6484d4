package exchange

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// coachView is a page of the coach.
type coachView struct {
	Coached
	promise
	Text      string
	MayImport bool
}

// Panel is what the coach says of a commitment, for the page on which it is
// drafted.
func (x *Exchange) Panel(ctx context.Context, tx *db.Tx, c plan.Commitment) (templ.Component, error) {
	got, err := x.Coach(ctx, tx, c)
	return coachPanel(coachView{Coached: got, MayImport: who.From(ctx).May("plan.import", who.Site)}), err
}

func (x *Exchange) coachCommitment(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := coachView{MayImport: who.From(ctx).May("plan.import", who.Site)}
	if err := x.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.promise, err = findPromise(ctx, tx, r); err != nil {
			return err
		}
		if err := plan.MustDraft(who.From(ctx), v.Commitment, v.Plan); err != nil {
			return err
		}
		v.Coached, err = x.Coach(ctx, tx, v.Commitment)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "planexchange.coach_of", "title", v.Commitment.Title), Private: true, Wide: true, Crumbs: v.crumbs(ctx),
	}, coachPage(v))
}

// maxText is the longest text that the coach reads from an address.
const maxText = 8000

func (x *Exchange) coachText(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := coachView{Text: clean(r.URL.Query().Get("text")), MayImport: who.From(ctx).May("plan.import", who.Site)}
	v.Text, _ = short(v.Text, maxText)
	if err := x.DB.View(ctx, func(tx *db.Tx) (err error) { v.Coached, err = x.CoachText(ctx, tx, v.Text); return err }); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "planexchange.coach"), Private: true, Wide: true, Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}},
	}, coachTextPage(v))
}

// referencesView is the page of what commitments are compared with.
type referencesView struct {
	Imports   []Import
	Rows      []Reference
	One       *Reference
	Codes     Codes
	Total     int
	Country   string
	Countries []string
	Next      string
	First     bool
	MayImport bool
}

// perPage is how many reference commitments a page lists.
const perPage = 50

var byCountry = db.Keyset{Columns: []string{"country", "plan", "source", "key"}}

func (x *Exchange) references(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q := r.URL.Query()
	v := referencesView{Country: q.Get("country"), First: q.Get("after") == "", MayImport: who.From(ctx).May("plan.import", who.Site)}
	if err := x.DB.View(ctx, func(tx *db.Tx) error {
		if q.Get("of") != "" {
			return x.oneReference(ctx, tx, q.Get("of"), &v)
		}
		return x.listReferences(ctx, tx, q.Get("after"), &v)
	}); err != nil {
		return err
	}
	p := ui.Page{
		Title: i18n.T(ctx, "planexchange.reference"), Wide: true, Description: i18n.T(ctx, "planexchange.reference_lead"),
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}},
	}
	if v.One != nil {
		p.Title = v.One.Title
		p.Crumbs = append(p.Crumbs, ui.Link{Text: i18n.T(ctx, "planexchange.reference"), Href: "/plans/reference"})
		return web.Page(w, r, http.StatusOK, p, onePage(v))
	}
	return web.Page(w, r, http.StatusOK, p, referencesPage(v))
}

func (x *Exchange) oneReference(ctx context.Context, tx *db.Tx, of string, v *referencesView) error {
	src, key, _ := strings.Cut(of, ":")
	one, err := db.Get(ctx, tx, referenceFields, `SELECT `+referenceColumns+` FROM plan_reference WHERE source = $1 AND key = $2`, clean(src), clean(key))
	if err != nil {
		return err
	}
	v.One = &one
	if one.Source != OGP {
		return nil
	}
	b, err := x.Library.open(ctx, tx)
	if err != nil {
		return err
	}
	if row, ok := b.file.Find(one.Key); ok {
		v.Codes = codesOf(row)
	}
	return nil
}

func (x *Exchange) listReferences(ctx context.Context, tx *db.Tx, cursor string, v *referencesView) (err error) {
	if v.Imports, err = db.List(ctx, tx, importFields, `SELECT `+importColumns+` FROM plan_import i WHERE EXISTS
		(SELECT 1 FROM plan_reference r WHERE r.import = i.id) ORDER BY at DESC LIMIT 20`); err != nil {
		return err
	}
	if v.Countries, err = db.List(ctx, tx, db.One[string], `SELECT DISTINCT country FROM plan_reference ORDER BY country`); err != nil {
		return err
	}
	if v.Total, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM plan_reference WHERE $1 = '' OR country = $1`, clean(v.Country)); err != nil {
		return err
	}
	v.Rows, v.Next, err = references(ctx, tx, v.Country, cursor, perPage)
	return err
}
