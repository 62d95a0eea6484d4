package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// offerView is the form for a pledge, new or not.
type offerView struct {
	web.Wrong
	Project joint.Project
	Slug    string
	One     joint.Pledge
	Amount  string // as it was typed
	Givers  []org.Choice
}

// offerView reads who may give in the project of an address, as far as the reader
// may say so: for their own organisation, or as the lead for all.
func (p *Pages) offerView(r *http.Request) (v offerView, err error) {
	ctx := r.Context()
	actor := who.From(ctx)
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		pv := projectView{}
		if pv.Project, pv.Slug, err = find(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if err := pv.fill(ctx, tx, actor); err != nil {
			return err
		}
		v.Project, v.Slug = pv.Project, pv.Slug
		for _, x := range pv.Partners {
			if x.Left.IsZero() && (pv.MayLead || x.In() && pv.Mine[x.Org]) {
				v.Givers = append(v.Givers, org.Choice{ID: x.Org, Name: pv.Names[x.Org]})
			}
		}
		switch {
		case pv.MayOffer:
			return nil
		case !pv.Project.State.Open() && joint.MustLead(ctx, tx, actor, pv.Project) == nil:
			return fault.New(fault.Conflict, "joint.closed")
		}
		return fault.New(fault.Denied, "joint.no_witness")
	})
	slices.SortFunc(v.Givers, func(a, b org.Choice) int { return cmp.Compare(a.Name+a.ID, b.Name+b.ID) })
	v.Givers = slices.CompactFunc(v.Givers, func(a, b org.Choice) bool { return a.ID == b.ID }) // asked for another role
	return v, err
}

func (p *Pages) offerForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.offerView(r)
	if err != nil {
		return err
	}
	if len(v.Givers) == 1 {
		v.One.Org = v.Givers[0].ID
	}
	return p.offerPage(w, r, http.StatusOK, v)
}

func (p *Pages) offerPage(w http.ResponseWriter, r *http.Request, status int, v offerView) error {
	key := "joint.offer"
	if v.One.ID != "" {
		key = "joint.pledge_change"
	}
	return web.Page(w, r, status, deskPage(r.Context(), key, v.Project, v.Slug), offerPage(i18n.T(r.Context(), key), v))
}

// readPledge reads the form; wrong says what is wrong with the amount.
func readPledge(f web.Form) (in joint.Pledge, wrong error) {
	in = joint.Pledge{Org: f.Line("org"), What: f.Text("what"), InKind: f.Line("kind") == "in_kind", Due: f.Date("due")}
	in.Version, _ = strconv.Atoi(f.Line("version"))
	in.Amount, wrong = readAmount(f.Line("amount"))
	return in, wrong
}

// readAmount reads an amount as people type it; nothing is none.
func readAmount(text string) (money.Amount, error) {
	if text == "" {
		return money.Amount{}, nil
	}
	a, err := money.Parse(text)
	if err != nil || a.Minor <= 0 {
		return a, fault.Fields{{Name: "amount", Key: "joint.bad_amount"}}
	}
	return a, nil
}

func (p *Pages) offer(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.offerView(r)
	if err != nil {
		return err
	}
	in, err := readPledge(f)
	v.One, v.Amount = in, f.Line("amount")
	in.Joint = v.Project.ID
	if err == nil {
		in, err = p.Offer(r.Context(), who.From(r.Context()), in)
	}
	if told, ok := web.Mend(w, r, err, "what", fieldLabel); ok {
		v.Wrong = told
		return p.offerPage(w, r, told.Status, v)
	}
	return done(w, r, err, "joint.offered", in.Ref().Path())
}

// changing finds an offer that the reader may change.
func (p *Pages) changing(r *http.Request) (v offerView, err error) {
	ctx := r.Context()
	actor := who.From(ctx)
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.One, err = joint.GetPledge(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		if v.Project, v.Slug, err = find(ctx, tx, v.One.Joint); err != nil {
			return err
		}
		names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{v.One.Org})
		if err != nil {
			return err
		}
		v.Givers = []org.Choice{{ID: v.One.Org, Name: names[v.One.Org]}}
		if as, err := joint.Acting(ctx, tx, actor, v.One.Org); err != nil || as != "" {
			return err
		}
		return joint.MustLead(ctx, tx, actor, v.Project)
	})
	if v.One.Amount.Minor != 0 {
		v.Amount = typed(v.One.Amount)
	}
	return v, err
}

// typed is an amount as somebody would type it.
func typed(a money.Amount) string {
	if a.Currency == "USD" {
		return "US$" + a.Decimal()
	}
	return a.Decimal()
}

func (p *Pages) changeForm(w http.ResponseWriter, r *http.Request) error {
	v, err := p.changing(r)
	if err != nil {
		return err
	}
	return p.offerPage(w, r, http.StatusOK, v)
}

func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.changing(r)
	if err != nil {
		return err
	}
	now, before := v.One, v.Amount
	in, err := readPledge(f)
	in.ID, in.Org = now.ID, now.Org
	v.One, v.Amount = in, f.Line("amount")
	if err == nil {
		_, err = p.Change(r.Context(), who.From(r.Context()), in)
	}
	if errors.Is(err, db.ErrConflict) {
		return conflict(w, r, pledgeTexts(in, v.Amount), pledgeTexts(now, before), ui.Conflict{
			Title: plan.FirstWords(now.What), At: now.Changed.Time, Action: now.Ref().Path() + "/edit", Version: int64(now.Version), Cancel: ui.Link{Href: now.Ref().Path()},
		})
	}
	if told, ok := web.Mend(w, r, err, "what", fieldLabel); ok {
		v.Wrong = told
		return p.offerPage(w, r, told.Status, v)
	}
	return done(w, r, err, "joint.saved", now.Ref().Path())
}

// pledgeView is the page of a pledge: what was promised, and everybody's words.
type pledgeView struct {
	web.Wrong
	Project   joint.Project
	Slug      string
	One       joint.Pledge
	Words     []joint.Word
	Names     map[string]string
	Today     string
	Own       bool // the reader acts for the organisation that gives
	Joined    bool // which takes part
	Other     bool // the reader may say for another partner whether it is kept
	MayChange bool
	Talk      talk.Talk
	Asked     joint.Says // the form that failed
	Text      string
	Links     string
	Base      string
}

func (p *Pages) showPledge(w http.ResponseWriter, r *http.Request) error {
	return p.pledgePage(w, r, http.StatusOK, pledgeView{})
}

func (p *Pages) pledgePage(w http.ResponseWriter, r *http.Request, status int, v pledgeView) error {
	ctx := r.Context()
	v.Base = p.Base()
	if err := p.DB.View(ctx, func(tx *db.Tx) error { return p.fillPledge(ctx, tx, who.From(ctx), r.PathValue("id"), &v) }); err != nil {
		return err
	}
	title := i18n.T(ctx, "joint.pledge_of", "org", v.Names[v.One.Org])
	return web.Page(w, r, status, ui.Page{
		Title: title, Description: plan.FirstWords(v.One.What), Wide: true, Canonical: v.Base + v.One.Ref().Path(),
		Crumbs: crumbs(ctx, ui.Link{Text: v.Project.Title, Href: "/joint/" + v.Slug}),
	}, pledgePage(title, v))
}

func (p *Pages) fillPledge(ctx context.Context, tx *db.Tx, actor who.Actor, pledge string, v *pledgeView) (err error) {
	if v.One, err = joint.GetPledge(ctx, tx, pledge); err != nil {
		return err
	}
	pv := projectView{}
	if pv.Project, v.Slug, err = find(ctx, tx, v.One.Joint); err != nil {
		return err
	}
	if err := pv.fill(ctx, tx, actor); err != nil {
		return err
	}
	v.Project, v.Today = pv.Project, pv.Today
	v.Own = pv.Mine[v.One.Org]
	v.Joined = slices.ContainsFunc(pv.Partners, func(x joint.Partner) bool { return x.Org == v.One.Org && x.In() })
	v.MayChange = v.One.State == joint.Offered && v.Project.State.Open() && (v.Own || pv.MayLead)
	if v.Words, err = joint.WordsOf(ctx, tx, v.One.ID); err != nil {
		return err
	}
	if actor.SignedIn() {
		_, err := joint.Witness(ctx, tx, actor, v.One, v.Words)
		v.Other = err == nil
	}
	orgs := []string{v.One.Org}
	for _, x := range v.Words {
		orgs = append(orgs, x.Org, x.Spoke)
	}
	if v.Names, err = org.Names(ctx, tx, i18n.LangOf(ctx), orgs); err != nil {
		return err
	}
	v.Talk, err = talk.Load(ctx, tx, p.Kinds(), actor, record.Card{Ref: v.One.Ref(), Org: v.One.Org}, v.One.Ref().Path())
	return err
}

func (p *Pages) say(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	in := joint.Saying{Pledge: r.PathValue("id"), Own: f.Line("own") == "yes", Says: joint.Says(f.Line("says")), Text: f.Text("text"), Evidence: plan.ReadEvidence(f.Text("evidence"))}
	in.Version, _ = strconv.Atoi(f.Line("version"))
	out, err := p.Say(r.Context(), who.From(r.Context()), in)
	if told, ok := web.Mend(w, r, err, "text", fieldLabel); ok && fault.KindOf(err) != fault.Denied {
		return p.pledgePage(w, r, told.Status, pledgeView{Wrong: told, Asked: asked(in.Says, in.Own), Text: in.Text, Links: f.Text("evidence")})
	}
	return done(w, r, err, "joint.heard", out.Ref().Path())
}

// asked tells the forms of a pledge's page apart.
func asked(says joint.Says, own bool) joint.Says {
	if own {
		return "own_" + says
	}
	return says
}
