package story

import (
	"net/http"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/search"
)

// homeView is what the first page shows.
type homeView struct {
	Kinds     map[string]int // public records by kind
	Districts map[string]int
	More      bool  // there are more than were counted
	Entries   int64 // in the log
	Latest    []happening
	Newest    []record.Card // datasets
	Orgs      map[string]string
}

func (s *Story) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v homeView
	if err := s.DB.View(ctx, func(tx *db.Tx) error {
		all, err := search.Find(ctx, tx, search.Query{Limit: 1})
		if err != nil {
			return err
		}
		v.Kinds, v.Districts = byValue(all.Facets["kind"]), byValue(all.Facets["district"])
		v.More = all.More
		if v.Entries, err = activity.Head(ctx, tx); err != nil {
			return err
		}
		if v.Latest, _, err = s.happenings(ctx, tx, activity.Filter{}, 6); err != nil {
			return err
		}
		found, err := search.Find(ctx, tx, search.Query{Facets: map[string]string{"kind": "dataset"}, Limit: 4})
		if err != nil {
			return err
		}
		if v.Newest, err = s.cards(ctx, tx, refsOf(found.Hits)); err != nil {
			return err
		}
		v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgsOf(v.Newest))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "story.home"), Description: i18n.T(ctx, "story.home_lead"), Canonical: s.Base() + "/",
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "story.activity"), Href: "/activity.atom"}, {Title: i18n.T(ctx, "story.activity"), Href: "/activity.json", Type: "application/feed+json"}},
	}, homePage(v))
}

func (s *Story) design(w http.ResponseWriter, r *http.Request) error {
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(r.Context(), "story.design"), Kind: ui.Form, Wide: true, Private: true}, ui.Design{Only: r.URL.Query().Get("only")})
}

func refsOf(hits []search.Hit) (out []record.Ref) {
	for _, h := range hits {
		out = append(out, h.Ref)
	}
	return out
}

func orgsOf(cards []record.Card) (out []string) {
	for _, c := range cards {
		out = append(out, c.Org)
	}
	return out
}

// kind is how many public records there are of a kind.
func (v homeView) kind(name string) *ui.Figure {
	f := recordCount(v.Kinds[name], v.More, "kind", name)
	return &f
}

func (v homeView) entries() *ui.Figure {
	f := ui.Count(int(v.Entries), "/log-entries")
	return &f
}
