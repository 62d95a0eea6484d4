package answer

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// inputView is the page of one input.
type inputView struct {
	storyView
	Title    record.Said
	Said     record.Said
	Backing  answer.Backing
	Stake    answer.Stake
	Edges    []record.Edge
	Talk     talk.Talk
	Alike    []answer.Alike
	MayWork  bool
	MayHide  bool
	Mine     bool
	SignedIn bool
	Base     string
	steps    map[record.Ref]string // the places in the chain of what it is linked with
	Points   string                // as typed
	Why      string
}

func (p *Pages) input(w http.ResponseWriter, r *http.Request) error {
	if key, ok := strings.CutSuffix(r.PathValue("id"), ".json"); ok {
		web.Redirect(w, r, "/api/v1/inputs/"+url.PathEscape(key))
		return nil
	}
	return p.inputWith(w, r, http.StatusOK, inputView{})
}

func (p *Pages) inputWith(w http.ResponseWriter, r *http.Request, status int, v inputView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) error { return p.fillInput(ctx, tx, r.PathValue("id"), &v) }); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{
		Title: v.Title.Text, Kind: ui.Form, Private: v.Input.View != answer.Visible,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "call.nav"), Href: "/calls"}, {Text: v.Box.Title, Href: "/call/" + v.Slug}},
	}, inputPage(v))
}

func (p *Pages) fillInput(ctx context.Context, tx *db.Tx, key string, v *inputView) error {
	actor := who.From(ctx)
	in, b, err := p.Look(ctx, tx, actor, key)
	if err != nil {
		return err
	}
	if err := p.tellStory(ctx, tx, in, &v.storyView); err != nil {
		return err
	}
	t := v.Titles[in.ID]
	v.Title, v.Said = t.Say("title", in.Title, in.Lang), t.Say("text", in.Text, in.Lang)
	v.MayWork, v.MayHide = p.May(ctx, tx, actor, "answer.reply", b), actor.May("record.moderate", who.Site)
	v.SignedIn, v.Mine, v.Base = actor.SignedIn(), actor.SignedIn() && in.Author == actor.ID, p.Base()
	if v.Backing, err = answer.BackingOf(ctx, tx, in.ID); err != nil {
		return err
	}
	if v.Stake, err = answer.StakeOf(ctx, tx, actor, in); err != nil {
		return err
	}
	if v.MayWork && !in.State.Done() {
		if v.Alike, err = answer.Similar(ctx, tx, in.Box, in.Title+" "+in.Text, in.ID, 5); err != nil {
			return err
		}
	}
	if v.Edges, err = p.Kinds().Edges(ctx, tx, actor, in.Ref()); err != nil {
		return err
	}
	v.steps = map[record.Ref]string{}
	for _, e := range v.Edges {
		v.steps[e.To] = p.stepOf(e.To)
	}
	card, err := p.Kinds().One(ctx, tx, actor, in.Ref())
	if err != nil {
		return err
	}
	v.Talk, err = talk.Load(ctx, tx, p.Kinds(), actor, card, "/input/"+in.ID)
	return err
}

// tellStory reads what happened to an input, with the names in it.
func (p *Pages) tellStory(ctx context.Context, tx *db.Tx, in answer.Input, v *storyView) (err error) {
	v.Now = db.Time{Time: tx.Now}
	if v.Story, err = p.Story(ctx, tx, who.From(ctx), in); err != nil {
		return err
	}
	ids, orgs, people := []string{in.ID}, []string{in.Org}, []string{}
	if in.Naming == answer.Named {
		people = append(people, in.Author)
	}
	for _, x := range v.Merged {
		ids = append(ids, x.ID)
	}
	if v.Root != nil {
		ids = append(ids, v.Root.ID)
	}
	for _, rep := range v.Replies {
		orgs, people = append(orgs, rep.Org), append(people, rep.Responder)
	}
	if v.Names, err = who.NamesOf(ctx, tx, people); err != nil {
		return err
	}
	if v.Titles, err = record.Translations(ctx, tx, answer.InputKind, i18n.LangOf(ctx), ids); err != nil {
		return err
	}
	v.Orgs, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	return err
}

func (p *Pages) support(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	on := f.Line("on") != "no"
	if err := p.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := p.Support(ctx, tx, who.From(ctx), r.PathValue("id"), on)
		return err
	}); err != nil {
		return err
	}
	key := "call.supported"
	if !on {
		key = "call.unsupported"
	}
	web.Flash(w, ui.Done, key)
	web.Redirect(w, r, "/input/"+r.PathValue("id"))
	return nil
}

func (p *Pages) rank(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := inputView{Points: f.Line("points")}
	n, err := strconv.Atoi(v.Points)
	if err != nil {
		n = -1
	}
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := p.Rank(ctx, tx, who.From(ctx), r.PathValue("id"), n)
		return err
	})
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "points", fieldLabel); ok {
		return p.inputWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.ranked")
	web.Redirect(w, r, "/input/"+r.PathValue("id"))
	return nil
}

func (p *Pages) separate(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := p.DB.Update(ctx, func(tx *db.Tx) error { return p.Separate(ctx, tx, who.From(ctx), r.PathValue("id")) }); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.separated")
	web.Redirect(w, r, "/input/"+r.PathValue("id"))
	return nil
}

func (p *Pages) hide(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := inputView{Why: f.Text("why")}
	err = p.DB.Update(ctx, func(tx *db.Tx) error {
		return p.Hide(ctx, tx, who.From(ctx), r.PathValue("id"), f.Line("to") != "visible", v.Why)
	})
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "why", fieldLabel); ok {
		return p.inputWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.moderated")
	web.Redirect(w, r, "/input/"+r.PathValue("id"))
	return nil
}

// inputsView is a list of inputs that is no call's.
type inputsView struct {
	Inputs []answer.Input
	Words  map[string]record.Translated
	Next   string
}

func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v inputsView
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Inputs, v.Next, err = answer.Mine(ctx, tx, who.From(ctx), r.URL.Query().Get("cursor"), pageSize)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "call.mine"), Private: true}, minePage(v))
}

func (p *Pages) held(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var v inputsView
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Inputs, err = answer.HeldInputs(ctx, tx, who.From(ctx))
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: i18n.T(ctx, "call.held"), Private: true}, heldPage(v))
}
