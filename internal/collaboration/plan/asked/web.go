package asked

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/table/csv"
	"ceiba/internal/service/who"
)

func (p *Pages) routes(r *web.Routes) {
	r.Get("/plan/{key}/asked", web.Public, p.show, web.Shared)
	r.Get("/plan/{key}/asked.csv", web.Public, p.download, web.Shared, web.Limit(web.Heavy))
}

// perPage is how many lines a page shows, and mostRows how many a file has.
const (
	perPage  = 50
	mostRows = 10_000
)

// view is a page of the rank.
type view struct {
	Plan  plan.Plan
	Slug  string
	Query url.Values
	Wish  answer.Wish
	Calls []answer.Box
	Sum   answer.AskedSum
	List  []answer.Asked
	Next  string
}

func wishOf(q url.Values) answer.Wish {
	return answer.Wish{Box: q.Get("call"), District: q.Get("district"), Sector: q.Get("sector"), Lang: q.Get("language"), Sort: q.Get("sort")}
}

// find reads the plan of an address, and its calls.
func find(ctx context.Context, tx *db.Tx, key string) (pl plan.Plan, slug string, err error) {
	ref, slug, err := record.Resolve(ctx, tx, "plan", key)
	if err != nil {
		return plan.Plan{}, "", err
	}
	pl, err = plan.See(ctx, tx, who.From(ctx), ref.ID)
	return pl, slug, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := view{Query: r.URL.Query()}
	v.Wish = wishOf(v.Query)
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Plan, v.Slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if v.Calls, err = answer.BoxesOf(ctx, tx, v.Plan.Ref()); err != nil {
			return err
		}
		if v.Sum, err = answer.AskedIn(ctx, tx, v.Plan.Ref(), v.Wish); err != nil {
			return err
		}
		v.List, v.Next, err = answer.AskedOf(ctx, tx, v.Plan.Ref(), v.Wish, v.Query.Get("cursor"), perPage)
		return err
	}); err != nil {
		return err
	}
	page := ui.Page{
		Title: i18n.T(ctx, "asked.of", "title", v.Plan.Title), Description: i18n.T(ctx, "asked.lead"), Private: !v.Plan.Public(), Wide: true,
		Canonical: p.Base() + v.Plan.Ref().Path() + "/asked", Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: v.Plan.Title, Href: "/plan/" + v.Slug}},
	}
	return web.Page(w, r, http.StatusOK, page, rankPage(v))
}

// name is what a line is called: its title, or how its text begins.
func name(title, text string) string {
	if title != "" {
		return title
	}
	return plan.FirstWords(text)
}

// download gives the whole rank as CSV.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var list []answer.Asked
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		pl, _, err := find(ctx, tx, r.PathValue("key"))
		if err != nil {
			return err
		}
		list, _, err = answer.AskedOf(ctx, tx, pl.Ref(), wishOf(r.URL.Query()), "", mostRows)
		return err
	}); err != nil {
		return err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b, []string{"rank", "sort", "asked", "call", "language", "inputs", "answered", "supporters", "points", "url"}, true)
	for i, x := range list {
		if err := out.Row([]any{int64(i + 1), sortOf(x), name(x.Title, x.Text), x.Call, x.Lang, int64(x.Inputs), int64(x.Answered), int64(x.Supports), int64(x.Points), p.Base() + to(x)}); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="asked.csv"`)
	_, err := w.Write(b.Bytes())
	return err
}

func sortOf(x answer.Asked) string {
	if x.Theme {
		return "theme"
	}
	return "input"
}

// to is the page of a line's input, or the theme's inputs in their call.
func to(x answer.Asked) string {
	if x.Theme {
		return "/call/" + x.Box + "?theme=" + x.Key
	}
	return "/input/" + x.Key
}

func (v view) path() string { return "/plan/" + v.Slug + "/asked" }

// behind is the list of the inputs behind a line, or behind all where key is
// empty, with the same filter and pairs of more.
func (v view) behind(key string, more ...string) string {
	w := v.Wish
	return listing.Of("/inputs", append([]string{"about", "plan:" + v.Plan.ID, "asking", key, "call", w.Box, "district", w.District, "sector", w.Sector, "language", w.Lang}, more...)...)
}

func (v view) page(cursor string) string {
	if cursor == "" && v.Query.Get("cursor") == "" {
		return ""
	}
	return ui.WithQuery(v.path(), v.Query, "cursor", cursor)
}

func (v view) next() string {
	if v.Next == "" {
		return ""
	}
	return v.page(v.Next)
}

// csvPath is the file of what is shown.
func (v view) csvPath() string {
	return ui.WithQuery(v.path()+".csv", v.Query, "cursor", "")
}

// jsonPath is the same of the API.
func (v view) jsonPath() string {
	return ui.WithQuery(api.Base+"/plans/"+v.Plan.ID+"/asked", v.Query, "cursor", "")
}
