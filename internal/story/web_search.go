package story

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/search"
)

// facets are those that the search can be narrowed by, in their order.
var facets = []string{"kind", "district", "theme", "org"}

// searchView is what the search shows.
type searchView struct {
	Asked  url.Values
	Query  search.Query
	Result search.Result
	Found  []found
	Places []geo.Match
	Orgs   map[string]string
}

// found is a result with its record.
type found struct {
	search.Hit
	Card record.Card
}

// heading is the title as the reader gets it, with the words marked where they
// were found in that very text.
func (f found) heading() []search.Part {
	if f.Lang == f.Card.TitleIn.Lang || f.Card.TitleIn.Lang == "" {
		return f.Title
	}
	return []search.Part{{Text: f.Card.Title}}
}

// textIn is the language of the passage.
func (f found) textIn() i18n.Tongue {
	switch f.Lang {
	case f.Card.SummaryIn.Lang:
		return f.Card.SummaryIn
	case f.Card.TitleIn.Lang:
		return f.Card.TitleIn
	}
	if f.Card.Lang == "" {
		return i18n.Tongue{}
	}
	return i18n.Tongue{Lang: f.Lang}
}

func queryOf(v url.Values) search.Query {
	q := search.Query{Words: v.Get("q"), Facets: map[string]string{}}
	if len(q.Words) > 300 {
		q.Words = q.Words[:300]
	}
	for _, f := range facets {
		q.Facets[f] = v.Get(f)
	}
	return q
}

func (s *Story) search(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := searchView{Asked: r.URL.Query()}
	v.Query = queryOf(v.Asked)
	offset, err := web.QueryInt(r, "from", 0, 0, search.Depth)
	if err != nil {
		return err
	}
	v.Query.Offset, v.Query.Lang = offset, i18n.LangOf(ctx)
	if err := s.DB.View(ctx, func(tx *db.Tx) error { return s.fillSearch(ctx, tx, &v) }); err != nil {
		return err
	}
	title := i18n.T(ctx, "story.search")
	if v.Query.Words != "" {
		title = v.Query.Words + " – " + title
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: title, Query: v.Query.Words, Private: true}, searchPage(v))
}

func (s *Story) fillSearch(ctx context.Context, tx *db.Tx, v *searchView) (err error) {
	if v.Result, err = search.Find(ctx, tx, v.Query); err != nil {
		return err
	}
	cards, err := s.describe(ctx, tx, refsOf(v.Result.Hits))
	if err != nil {
		return err
	}
	var orgs []string
	for _, h := range v.Result.Hits {
		if c, ok := cards[h.Ref]; ok {
			v.Found = append(v.Found, found{h, c})
			orgs = append(orgs, c.Org)
		}
	}
	for _, c := range v.Result.Facets["org"] {
		orgs = append(orgs, c.Value)
	}
	if o := v.Query.Facets["org"]; o != "" {
		orgs = append(orgs, o)
	}
	if v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	if v.Query.Words != "" && v.Query.Offset == 0 && !narrowed(v.Query) {
		v.Places, err = geo.Search(ctx, tx, v.Query.Words, 3)
	}
	return err
}

func narrowed(q search.Query) bool {
	for _, value := range q.Facets {
		if value != "" {
			return true
		}
	}
	return false
}

// valueWord is what a value of a facet is called.
func valueWord(ctx context.Context, facet, value string, orgs map[string]string) string {
	key := map[string]string{"district": "geo.district.", "theme": "catalog.theme."}[facet] + value
	switch {
	case facet == "kind":
		return kindWord(ctx, value)
	case facet == "org" && orgs[value] != "":
		return orgs[value]
	case i18n.Has(ctx, key):
		return i18n.T(ctx, key)
	}
	return value
}

func (v searchView) options(ctx context.Context, facet string) []ui.Option {
	var out []ui.Option
	chosen := v.Query.Facets[facet]
	there := false
	for _, c := range v.Result.Facets[facet] {
		there = there || c.Value == chosen
		out = append(out, ui.Option{Value: c.Value, Label: valueWord(ctx, facet, c.Value, v.Orgs) + " (" + i18n.Number(ctx, c.N) + ")", Selected: c.Value == chosen})
	}
	if chosen != "" && !there {
		out = append(out, ui.Option{Value: chosen, Label: valueWord(ctx, facet, chosen, v.Orgs), Selected: true})
	}
	return out
}

func (v searchView) chips(ctx context.Context) []ui.Chip {
	var out []ui.Chip
	for _, f := range facets {
		if value := v.Query.Facets[f]; value != "" {
			out = append(out, ui.Chip{Text: valueWord(ctx, f, value, v.Orgs), Remove: ui.WithQuery("/search", v.Asked, f, "", "from")})
		}
	}
	return out
}

// sentence says what is shown: "12 results for “water” in Toledo District".
func (v searchView) sentence(ctx context.Context) string {
	n := v.Result.Total
	key := "story.results_all"
	switch {
	case v.Query.Words != "" && v.Result.More:
		key = "story.results_more"
	case v.Query.Words != "":
		key = "story.results"
	}
	return i18n.N(ctx, key, n, "words", v.Query.Words)
}

func (v searchView) pager(ctx context.Context) ui.Pager {
	p := ui.Pager{Words: i18n.N(ctx, "story.on_page", len(v.Found))}
	if v.Query.Offset > 0 {
		p.First = ui.WithQuery("/search", v.Asked, "from", "")
	}
	if v.Result.Next > 0 && v.Result.Next < search.Depth {
		p.Next = ui.WithQuery("/search", v.Asked, "from", strconv.Itoa(v.Result.Next))
	}
	return p
}

// over is the line above a result: what it is and whose.
func (v searchView) over(ctx context.Context, f found) string {
	if name := v.Orgs[f.Card.Org]; name != "" && f.Card.Kind != org.RecordKind {
		return kindWord(ctx, f.Card.Kind) + " · " + name
	}
	return kindWord(ctx, f.Card.Kind)
}
