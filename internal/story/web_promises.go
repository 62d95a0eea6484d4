package story

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// promisesView is a district's view of what was promised.
type promisesView struct {
	District geo.District
	Today    string // civil date
	Plans    map[string]plan.Plan
	Here     []plan.Promise // for this district among few
	All      []plan.Promise // for the whole country
	Orgs     map[string]string
	Said     []answer.FromDistrict
	Open     []record.Card // calls that are open now
	Forums   []record.Card // of the district
	Meetings []record.Card // to come in it
}

// allPromises are the commitments of every public plan, those of the latest plan
// first.
func allPromises(ctx context.Context, tx *db.Tx, s *Story) (map[string]plan.Plan, []plan.Promise, error) {
	plans, err := plan.List(ctx, tx, s.anybody())
	if err != nil || len(plans) == 0 {
		return nil, nil, err
	}
	byID := map[string]plan.Plan{}
	for _, p := range plans {
		byID[p.ID] = p
	}
	all, err := plan.Promises(ctx, tx, plans...)
	return byID, all, err
}

// promisesIn returns the kind and the ids of the promises for a district, for
// the feed about them.
func (s *Story) promisesIn(ctx context.Context, tx *db.Tx, district string) (kind string, ids []string, err error) {
	plans, all, err := allPromises(ctx, tx, s)
	ids = []string{}
	for _, c := range all {
		if here, _ := c.For(plans[c.Plan], district); here {
			ids = append(ids, c.ID)
		}
	}
	return "commitment", ids, err
}

// promisesHome lets the reader choose a district.
func (s *Story) promisesHome(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "story.promises"), Description: i18n.T(ctx, "story.promises_lead"), Canonical: s.Base() + "/promises",
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}},
	}, promisesHomePage())
}

func (s *Story) promises(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code := r.PathValue("district")
	d, ok := geo.DistrictByCode(strings.ToUpper(code))
	if !ok {
		return db.ErrNotFound
	}
	if d.Code != code {
		http.Redirect(w, r, "/promises/"+d.Code, http.StatusMovedPermanently)
		return nil
	}
	v := promisesView{District: d, Today: plan.DayOf(s.DB.Now())}
	if err := s.DB.View(ctx, func(tx *db.Tx) error { return s.fillPromises(ctx, tx, &v) }); err != nil {
		return err
	}
	title := v.title(ctx)
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: title, Description: i18n.T(ctx, "story.promises_lead"), Canonical: s.Base() + "/promises/" + d.Code, Wide: true,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "plan.nav"), Href: "/plans"}, {Text: i18n.T(ctx, d.NameKey()), Href: "/place/" + d.Code}},
		Feeds:  []ui.Feed{{Title: title, Href: v.feed()}},
	}, promisesPage(v))
}

// fillPromises reads it all in a number of queries that does not grow with what
// there is.
func (s *Story) fillPromises(ctx context.Context, tx *db.Tx, v *promisesView) (err error) {
	var all []plan.Promise
	if v.Plans, all, err = allPromises(ctx, tx, s); err != nil {
		return err
	}
	var orgs []string
	for _, c := range all {
		here, everywhere := c.For(v.Plans[c.Plan], v.District.Code)
		switch {
		case here:
			v.Here = append(v.Here, c)
		case everywhere:
			v.All = append(v.All, c)
		default:
			continue
		}
		orgs = append(orgs, c.Answers(v.Plans[c.Plan]))
	}
	if v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	if v.Said, err = answer.ByDistrict(ctx, tx, v.District.Code); err != nil {
		return err
	}
	return s.fillPart(ctx, tx, v)
}

// fillPart finds where people of the district can take part now.
func (s *Story) fillPart(ctx context.Context, tx *db.Tx, v *promisesView) error {
	calls, _, err := answer.Boxes(ctx, tx, "", 50)
	if err != nil {
		return err
	}
	var refs []record.Ref
	for _, c := range calls {
		if c.Phase(tx.Now) == answer.Open {
			refs = append(refs, c.Ref())
		}
	}
	if v.Open, err = s.cards(ctx, tx, refs[:min(len(refs), partShown)]); err != nil {
		return err
	}
	forums, err := forum.All(ctx, tx)
	if err != nil {
		return err
	}
	refs = nil
	for _, f := range forums {
		if f.Scope == v.District.Code && f.State != forum.Dissolved {
			refs = append(refs, f.Ref())
		}
	}
	if v.Forums, err = s.cards(ctx, tx, refs); err != nil {
		return err
	}
	y, m, d := tx.Now.In(i18n.Belize).Date() // from the beginning of the day: the page is kept until its end
	coming, _, err := meeting.List(ctx, tx, meeting.Filter{District: v.District.Code, Now: db.Time{Time: time.Date(y, m, d, 0, 0, 0, 0, i18n.Belize)}}, "", partShown)
	if err != nil {
		return err
	}
	refs = nil
	for _, x := range coming {
		refs = append(refs, x.Ref())
	}
	v.Meetings, err = s.cards(ctx, tx, refs)
	return err
}

func (v promisesView) title(ctx context.Context) string {
	return i18n.T(ctx, "story.promises_in", "district", i18n.T(ctx, v.District.NameKey()))
}

func (v promisesView) feed() string { return "/activity.atom?district=" + v.District.Code }

// sentence says in a line how the promises for the district stand.
func (v promisesView) sentence(ctx context.Context) ui.Said {
	n := map[string]int{}
	for _, c := range v.Here {
		if c.Stands() {
			n[c.Sum.Word()]++
		}
	}
	said := ui.SayN(ctx, "story.n_promises_here", ui.Count(len(v.Here), listing.Of("/commitments", "district", v.District.Code)))
	for _, word := range []string{"kept", "under_way", "late", "silent", "not_begun"} {
		if n[word] > 0 {
			said = said.And(ui.SayN(ctx, "story.n_stand_"+word, ui.Count(n[word], listing.Of("/commitments", "district", v.District.Code, "promised", "yes", "stands", word))))
		}
	}
	return said
}

// said sums up what people of the district said.
func (v promisesView) said(ctx context.Context) ui.Said {
	all, answered := 0, 0
	for _, x := range v.Said {
		all, answered = all+x.All, answered+x.Answered
	}
	return ui.SayN(ctx, "story.promises_said", ui.Count(all, v.inputs()), "answered", ui.Count(answered, v.inputs("state", "answered")))
}

func (v promisesView) rows(ctx context.Context, list []plan.Promise) (out [][]ui.Cell) {
	for _, c := range list {
		pl := v.Plans[c.Plan]
		lead := c.Answers(pl)
		stands := ui.StateCell(ui.Tone(c.State.Tone()), i18n.T(ctx, "plan.stage."+string(c.State)))
		if c.State == plan.Active {
			stands = ui.StateCell(ui.Tone(c.Sum.Tone()), i18n.T(ctx, "plan.sum."+c.Sum.Word()))
			stands.Says = ui.Say(ctx, "plan.done_of", "done", milestones(c, "done", c.Sum.Done), "of", milestones(c, "", c.Sum.Milestones))
		}
		by := ui.Text(i18n.T(ctx, "story.no_date"))
		if t, err := time.ParseInLocation(time.DateOnly, c.End, i18n.Belize); err == nil {
			by = ui.Text(i18n.Date(ctx, t))
		}
		out = append(out, []ui.Cell{
			{Text: strings.TrimSpace(c.Number + " " + c.Title), Href: "/commitment/" + c.Slug, Note: pl.Title},
			{Text: v.Orgs[lead], Href: "/organisation/" + lead},
			by, stands, v.known(ctx, c),
		})
	}
	return out
}

// known says how anybody can know: what is shown, and when the office reported.
func (v promisesView) known(ctx context.Context, c plan.Promise) ui.Cell {
	if c.Told.At.IsZero() {
		switch pl := v.Plans[c.Plan]; {
		case pl.Open() && pl.End != "" && pl.End < v.Today:
			return ui.Text(i18n.T(ctx, "story.promise_lapsed"))
		case pl.Open():
			return ui.Text(i18n.T(ctx, "story.promise_in_making"))
		}
		return ui.Text(i18n.T(ctx, "story.promise_silent"))
	}
	said := ui.Say(ctx, "story.promise_proved", "n", milestones(c, "shown", c.Told.Proved), "of", milestones(c, "", c.Sum.Milestones), "date", i18n.Date(ctx, c.Told.At.Time))
	if c.Sum.Disagree > 0 {
		said = said.And(ui.SayN(ctx, "plan.n_disagree", milestones(c, "disagree", c.Sum.Disagree)))
	}
	return ui.Cell{View: said}
}

// inputs is the list of what people of the district said, filtered further by pairs
// of name and value.
func (v promisesView) inputs(more ...string) string {
	return listing.Of("/inputs", append([]string{"district", v.District.Code}, more...)...)
}

// saidRows are the calls with how many inputs of the district each has, each
// number a list of them.
func (v promisesView) saidRows() (out [][]ui.Cell) {
	for _, x := range v.Said {
		count := func(n int, more ...string) ui.Cell {
			return ui.Cell{View: ui.Count(n, v.inputs(append([]string{"call", x.Box}, more...)...))}
		}
		out = append(out, []ui.Cell{
			ui.LinkCell(x.Title, "/call/"+x.Box), count(x.All), count(x.Answered, "state", "answered"), count(x.All-x.Answered, "state", "open"),
		})
	}
	return out
}

// part is where people can take part: the forum first, which is theirs.
func (v promisesView) part() []record.Card {
	return slices.Concat(v.Forums, v.Meetings, v.Open)
}

func promiseColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: i18n.T(ctx, "plan.promise"), RowHead: true},
		{Label: i18n.T(ctx, "story.promise_who")},
		{Label: i18n.T(ctx, "story.promise_when"), Kind: ui.Day},
		{Label: i18n.T(ctx, "story.promise_happening")},
		{Label: i18n.T(ctx, "story.promise_known")},
	}
}

// milestones is a number of the milestones of a promise, of which something is so.
func milestones(c plan.Promise, is string, n int) ui.Figure {
	return ui.Count(n, listing.Of("/milestones", "commitment", c.ID, "is", is))
}
