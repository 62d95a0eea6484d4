package pages

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

func stateBadge(ctx context.Context, s joint.State) ui.Badge {
	return ui.Badge{Tone: ui.Tone(s.Tone()), Word: i18n.T(ctx, "joint.state."+string(s))}
}

func pledgeBadge(ctx context.Context, p joint.Pledge, today string) ui.Badge {
	return ui.Badge{Tone: ui.Tone(p.Tone(today)), Word: i18n.T(ctx, "joint.standing."+p.Word(today))}
}

func projectCards(ctx context.Context, v listView) []ui.Card {
	var out []ui.Card
	for _, p := range v.All {
		badge := stateBadge(ctx, p.State)
		title, goal := v.Words[p.ID].Say("title", p.Title, p.Lang), v.Words[p.ID].Say("objective", p.Objective, p.Lang)
		out = append(out, ui.Card{
			Over: v.Names[p.Lead], Title: title.Text, TitleIn: title.In, Href: "/joint/" + v.Slugs[p.ID], Text: plan.FirstWords(goal.Text), TextIn: goal.In,
			State: &badge, Says: []ui.Said{sumLine(ctx, p.ID, joint.SumOf(v.Pledges[p.ID], v.Today))},
		})
	}
	return out
}

func stateTabs(ctx context.Context, now joint.Filter) ui.Tabs {
	t := ui.Tabs{Label: i18n.T(ctx, "joint.by_state"), Items: []ui.Tab{{Text: i18n.T(ctx, "joint.state_all"), Href: listHref(joint.Filter{Commitment: now.Commitment}, ""), Current: now.State == ""}}}
	for _, s := range joint.States {
		href := listHref(joint.Filter{State: s, Commitment: now.Commitment}, "")
		t.Items = append(t.Items, ui.Tab{Text: i18n.T(ctx, "joint.state."+string(s)), Href: href, Current: now.State == s})
	}
	return t
}

// query is a filter as the part of an address that follows it.
func query(f joint.Filter) string {
	return listing.Of("", "state", string(f.State), "commitment", f.Commitment)
}

// listHref is the address of a page of the list.
func listHref(f joint.Filter, cursor string) string {
	return listing.Of("/joint", "state", string(f.State), "commitment", f.Commitment, "cursor", cursor)
}

// listData is where the projects that the page of all shows can be had.
func listData(v listView) *ui.Data {
	d := listing.Data(v.Base, "/joint-projects", query(v.Filter))
	d.Atom = "/activity.atom?kind=joint"
	return d
}

// sumLine says how the pledges to a project stand, in one line.
func sumLine(ctx context.Context, project string, s joint.Sum) ui.Said {
	offered := ui.Said{}
	if s.Offered > 0 {
		offered = ui.SayN(ctx, "joint.n_offered", counted(project, "offered", s.Offered))
	}
	if s.Pledges == 0 {
		if s.Offered > 0 {
			return offered
		}
		return ui.Say(ctx, "joint.no_pledges")
	}
	out := ui.SayN(ctx, "joint.kept_of", counted(project, "given", s.Pledges), "kept", counted(project, "kept", s.Kept))
	for _, x := range []struct {
		is string
		n  int
	}{{"said_kept", s.SaidKept}, {"disputed", s.Disputed}, {"silent", s.Silent}, {"not_kept", s.NotKept}} {
		if x.n > 0 {
			out = out.And(ui.SayN(ctx, "joint.n_"+x.is, counted(project, x.is, x.n)))
		}
	}
	return out.And(offered)
}

// moneyLine says what of the money that was pledged to a project is kept; nothing
// where none was.
func moneyLine(ctx context.Context, project string, s joint.Sum) (out ui.Said) {
	sum := func(is string, a money.Amount) ui.Figure {
		return ui.Total(int(a.Minor), "cents", pledgesOf(project, "is", is, "currency", a.Currency)).As(i18n.Money(ctx, a))
	}
	for _, a := range s.Promised {
		kept := money.Amount{Currency: a.Currency}
		for _, k := range s.KeptMoney {
			if k.Currency == a.Currency {
				kept = k
			}
		}
		out = out.And(ui.Say(ctx, "joint.money_kept", "promised", sum("given", a), "kept", sum("kept", kept)))
	}
	return out
}

// sentence says in ten seconds how a project stands.
func sentence(ctx context.Context, v projectView) ui.Said {
	switch v.Project.State {
	case joint.Proposed:
		return soFar(ctx, "joint.sentence_proposed", v)
	case joint.Ended:
		return ui.Say(ctx, "joint.sentence_ended", "reason", plan.FirstWords(v.Project.Reason)).And(sumLine(ctx, v.Project.ID, v.Sum))
	}
	return sumLine(ctx, v.Project.ID, v.Sum)
}

// soFar is a sentence that says how many pledges the project can be agreed upon.
func soFar(ctx context.Context, key string, v projectView) ui.Said {
	from := func(sector string, n int) ui.Figure {
		return ui.Count(n, pledgesOf(v.Project.ID, "is", "partner", "sector", sector))
	}
	return ui.Say(ctx, key, "government", from(joint.Government, v.Ready.Government), "others", from(joint.Others, v.Ready.Others))
}

// chainOf is the strip of the chain: the project stands beside the commitment
// that it helps to keep.
func chainOf(ctx context.Context, v projectView) *ui.Chain {
	c := &ui.Chain{Current: ui.StepCommitment}
	own := stateBadge(ctx, v.Project.State)
	at := ui.ChainLink{Step: ui.StepCommitment, Items: []ui.ChainItem{{Title: v.Say("title", v.Project.Title).Text, Tone: own.Tone, State: own.Word}}}
	for _, e := range v.Edges {
		item := ui.ChainItem{Title: e.Card.Title, Href: e.Card.Path(), Tone: ui.Tone(e.Card.Tone)}
		if e.Card.State != "" {
			item.State = i18n.T(ctx, e.Card.State)
		}
		if e.To.Kind == "commitment" {
			at.Items = append(at.Items, item)
		}
	}
	c.Links = []ui.ChainLink{at}
	if v.Project.Budget != "" {
		c.Links = append(c.Links, ui.ChainLink{Step: ui.StepBudget, Missing: i18n.T(ctx, "joint.budget_text")})
	}
	return c
}

func timeline(ctx context.Context, v projectView) *ui.Timeline {
	t := &ui.Timeline{}
	for _, e := range v.Events {
		x := ui.Event{At: e.At.Time, Title: i18n.T(ctx, "did."+e.Verb), Text: plan.FirstWords(e.Note), Proof: "/ledger/entry/" + e.ID}
		var after struct{ Partner, Giver, Pledge, Spoke, What string }
		if e.Change(nil, &after) == nil {
			if after.Pledge != "" {
				x.Href = "/pledge/" + after.Pledge
			}
			switch {
			case after.Spoke != "" && v.Names[after.Spoke] != "":
				x.Who = v.Names[after.Spoke]
			case after.Partner != "":
				x.Who = v.Names[after.Partner]
			}
			if after.What != "" {
				x.Of = plan.FirstWords(after.What)
			}
		}
		t.Items = append(t.Items, x)
	}
	return t
}

func projectData(v projectView) *ui.Data {
	api := "/api/v1/joint-projects/" + v.Project.ID
	return &ui.Data{
		JSON: api, CSV: listing.Of("/pledges.csv", "joint", v.Project.ID), Atom: "/activity.atom?kind=joint&record=" + v.Project.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + api}, Proof: "/ledger/pack/joint/" + v.Project.ID,
	}
}

func pledgeData(v pledgeView) *ui.Data {
	api := "/api/v1/pledges/" + v.One.ID
	return &ui.Data{JSON: api, API: &ui.APICall{ID: "api", URL: v.Base + api}}
}

func projectSide(ctx context.Context, v projectView) *ui.Side {
	s := &ui.Side{Share: v.Base + v.Project.Ref().Path(), Follow: v.Talk.Follow(), Translate: v.Talk.Translate()}
	s.Facts = []ui.Pair{{Term: i18n.T(ctx, "joint.money")}, {Term: fieldLabel(ctx, "budget"), Text: v.Project.Budget}}
	if m := moneyLine(ctx, v.Project.ID, v.Sum); !m.None() {
		s.Facts[0].View = m
	}
	for _, e := range v.Edges {
		if e.To.Kind == "commitment" {
			s.Facts = append(s.Facts, ui.Pair{Term: fieldLabel(ctx, "commitment"), Text: e.Card.Title, Href: e.Card.Path()})
		}
	}
	return s
}

// gift is what a pledge is, in a cell: what, and how much.
func gift(ctx context.Context, p joint.Pledge) ui.Cell {
	c := ui.LinkCell(plan.FirstWords(p.What), "/pledge/"+p.ID)
	c.Note = worth(ctx, p)
	return c
}

// worth says how much a pledge is.
func worth(ctx context.Context, p joint.Pledge) string {
	switch {
	case p.InKind:
		return i18n.T(ctx, "joint.in_kind")
	case p.Amount.Minor == 0:
		return i18n.T(ctx, "joint.money_unsaid")
	}
	return i18n.Money(ctx, p.Amount)
}

func pledgeRows(ctx context.Context, v projectView) [][]ui.Cell {
	var out [][]ui.Cell
	for _, p := range v.Pledges {
		out = append(out, []ui.Cell{gift(ctx, p), giverCell(ctx, v.Names, v.Governs, p.Org), ui.Text(i18n.CivilDate(ctx, p.Due)), standingCell(ctx, p, v.Today)})
	}
	return out
}

// stateCell is a state with a sentence below it.
func stateCell(b ui.Badge, note string) ui.Cell {
	return ui.Cell{Text: b.Word, Tone: b.Tone, State: true, Note: note}
}

// giverCell is an organisation, with the sector below.
func giverCell(ctx context.Context, names map[string]string, governs map[string]bool, org string) ui.Cell {
	c := ui.LinkCell(names[org], "/organisation/"+org)
	c.Note = sector(ctx, governs[org])
	return c
}

func sector(ctx context.Context, governs bool) string {
	if governs {
		return sectorWord(ctx, joint.Government)
	}
	return sectorWord(ctx, joint.Others)
}

// standingCell is how a pledge stands, with what that means where it is easily
// misread.
func standingCell(ctx context.Context, p joint.Pledge, today string) ui.Cell {
	note := ""
	if key := "joint.meaning." + p.Word(today); i18n.Has(ctx, key) {
		note = i18n.T(ctx, key, "date", i18n.Date(ctx, p.Since.Time))
	}
	return stateCell(pledgeBadge(ctx, p, today), note)
}

func partnerRows(ctx context.Context, all []joint.Partner, names map[string]string, governs map[string]bool) [][]ui.Cell {
	var out [][]ui.Cell
	for _, p := range all {
		if p.Replaced() {
			continue
		}
		state, note := ui.Badge{Tone: ui.Attention, Word: i18n.T(ctx, "joint.partner.asked", "date", i18n.Date(ctx, p.Invited.Time))}, p.Reason
		switch {
		case !p.Left.IsZero() && p.Joined.IsZero():
			state = ui.Badge{Word: i18n.T(ctx, "joint.partner.declined", "date", i18n.Date(ctx, p.Left.Time))}
		case !p.Left.IsZero():
			state = ui.Badge{Word: i18n.T(ctx, "joint.partner.left", "date", i18n.Date(ctx, p.Left.Time))}
		case p.In():
			state = ui.Badge{Tone: ui.Done, Word: i18n.T(ctx, "joint.partner.in", "date", i18n.Date(ctx, p.Joined.Time))}
		}
		out = append(out, []ui.Cell{giverCell(ctx, names, governs, p.Org), ui.Text(i18n.T(ctx, "joint.role."+string(p.Role))), stateCell(state, note)})
	}
	return out
}

func milestoneRows(ctx context.Context, all []joint.Milestone, today, edit string) [][]ui.Cell {
	var out [][]ui.Cell
	for _, m := range all {
		word := string(m.State)
		if m.Late(today) {
			word = "late"
		}
		state := stateCell(ui.Badge{Tone: ui.Tone(m.Tone(today)), Word: i18n.T(ctx, "joint.milestone."+word)}, m.Note)
		row := []ui.Cell{ui.Text(m.Title), ui.Text(i18n.CivilDate(ctx, m.Due)), state}
		if edit != "" {
			row = append(row, ui.LinkCell(i18n.T(ctx, "joint.change"), edit+"?id="+m.ID+"#form"))
		}
		out = append(out, row)
	}
	return out
}

func choiceOptions(all []org.Choice, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func orgOptions(all []org.Org, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func commitmentOptions(all []plan.Commitment, chosen string) (out []ui.Option) {
	for _, c := range all {
		out = append(out, ui.Option{Value: c.ID, Label: strings.TrimSpace(c.Number + " " + c.Title), Selected: c.ID == chosen})
	}
	return out
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func roleOptions(ctx context.Context, chosen joint.Role) (out []ui.Option) {
	for _, r := range joint.Roles {
		out = append(out, ui.Option{Value: string(r), Label: i18n.T(ctx, "joint.role."+string(r)), Hint: i18n.T(ctx, "joint.role_hint."+string(r)), Selected: r == chosen})
	}
	return out
}

func milestoneOptions(ctx context.Context, chosen joint.MilestoneState) (out []ui.Option) {
	for _, s := range joint.MilestoneStates {
		out = append(out, ui.Option{Value: string(s), Label: i18n.T(ctx, "joint.milestone."+string(s)), Selected: s == chosen})
	}
	return out
}

func kindOptions(ctx context.Context, inKind bool) []ui.Option {
	return []ui.Option{
		{Value: "money", Label: i18n.T(ctx, "joint.kind.money"), Selected: !inKind},
		{Value: "in_kind", Label: i18n.T(ctx, "joint.kind.in_kind"), Selected: inKind},
	}
}

func projectTexts(p joint.Project) [][2]string {
	return [][2]string{{"title", p.Title}, {"problem", p.Problem}, {"objective", p.Objective}, {"budget", p.Budget}, {"lang", p.Lang}, {"commitment", p.Commitment}}
}

func milestoneTexts(m joint.Milestone) [][2]string {
	return [][2]string{{"id", m.ID}, {"title", m.Title}, {"due", m.Due}, {"state", string(m.State)}, {"note", m.Note}}
}

func pledgeTexts(p joint.Pledge, amount string) [][2]string {
	kind := "money"
	if p.InKind {
		kind = "in_kind"
	}
	return [][2]string{{"what", p.What}, {"kind", kind}, {"amount", amount}, {"due", p.Due}}
}
