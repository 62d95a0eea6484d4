package story

import (
	"context"
	"net/http"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/listed"
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
	Plans     []planLine    // that are carried out, else those that are being made
	Open      []record.Card // in which people have a say now
	Orgs      map[string]string
}

// planLine is a plan with how its promises stand.
type planLine struct {
	record.Card
	Says ui.Said
}

// homeShown is how many plans, and how many open questions, the first page shows.
const homeShown = 4

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
		if err := s.fillNow(ctx, tx, &v); err != nil {
			return err
		}
		v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), append(orgsOf(v.Newest), orgsOf(v.Open)...))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "story.home"), Description: i18n.T(ctx, "story.home_lead"), Canonical: s.Base() + "/",
		Feeds: []ui.Feed{{Title: i18n.T(ctx, "story.activity"), Href: "/activity.atom"}, {Title: i18n.T(ctx, "story.activity"), Href: "/activity.json", Type: "application/feed+json"}},
	}, homePage(v))
}

// fillNow reads what was promised, and in what people have a say.
func (s *Story) fillNow(ctx context.Context, tx *db.Tx, v *homeView) error {
	ways, err := open(ctx, tx)
	if err != nil {
		return err
	}
	var refs []record.Ref
	for _, w := range ways[:3] { // calls, texts, votes: what closes
		refs = append(refs, w.refs...)
	}
	if v.Open, err = s.cards(ctx, tx, refs[:min(len(refs), homeShown)]); err != nil {
		return err
	}
	v.Plans, err = s.planLines(ctx, tx)
	return err
}

// planLines are the plans that are carried out now, the newest first; where there
// is none, those that are being made.
func (s *Story) planLines(ctx context.Context, tx *db.Tx) (out []planLine, err error) {
	all, err := plan.List(ctx, tx, s.anybody())
	if err != nil {
		return nil, err
	}
	today := plan.Today(tx)
	running := slices.DeleteFunc(slices.Clone(all), func(p plan.Plan) bool { return p.Open() || p.State == plan.Archived || p.End < today })
	if len(running) == 0 {
		running = slices.DeleteFunc(all, func(p plan.Plan) bool { return !p.Open() || p.End != "" && p.End < today })
	}
	running = running[:min(len(running), homeShown)]
	if len(running) == 0 {
		return nil, nil
	}
	promises, err := plan.Promises(ctx, tx, running...)
	if err != nil {
		return nil, err
	}
	by, refs := map[string][]plan.Promise{}, []record.Ref{}
	for _, p := range promises {
		by[p.Plan] = append(by[p.Plan], p)
	}
	for _, p := range running {
		refs = append(refs, p.Ref())
	}
	cards, err := s.cards(ctx, tx, refs)
	for _, c := range cards {
		line := planLine{Card: c}
		for _, p := range running {
			if p.ID == c.ID && !p.Open() {
				line.Says = listed.Sentence(ctx, p, by[p.ID])
			}
		}
		out = append(out, line)
	}
	return out, err
}

// planCards show plans with how their promises stand.
func (v homeView) planCards(ctx context.Context) (out []ui.Card) {
	for _, p := range v.Plans {
		c := ui.Card{Title: p.Title, TitleIn: p.TitleIn, Href: p.Path(), Text: p.Summary, TextIn: p.SummaryIn}
		if p.State != "" {
			c.State = &ui.Badge{Tone: ui.Tone(p.Tone), Word: i18n.T(ctx, p.State)}
		}
		if !p.Says.None() {
			c.Says = []ui.Said{p.Says}
		}
		out = append(out, c)
	}
	return out
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
