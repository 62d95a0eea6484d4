package pages

import (
	"context"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

func owner(v commitmentView) ui.Link {
	org := v.Commitment.Answers(v.Plan)
	return ui.Link{Text: v.Names[org], Href: "/organisation/" + org}
}

func stateBadge(ctx context.Context, v commitmentView) ui.Badge {
	if v.Commitment.State == plan.Active {
		return ui.Badge{Tone: ui.Tone(v.Sum.Tone()), Word: i18n.T(ctx, "plan.sum."+v.Sum.Word())}
	}
	return ui.Badge{Tone: ui.Tone(v.Commitment.State.Tone()), Word: i18n.T(ctx, "plan.stage."+string(v.Commitment.State))}
}

// commitmentSentence says in ten seconds how a promise stands: who answers, by
// when, how much is done, and what is missing.
func commitmentSentence(ctx context.Context, v commitmentView) (out ui.Said) {
	c := v.Commitment
	if len(v.Heirs) > 0 {
		var names []string
		for _, h := range v.Heirs {
			names = append(names, h.NameIn(i18n.LangOf(ctx)))
		}
		out = ui.Say(ctx, "plan.now_answers", "org", strings.Join(names, ", "), "former", v.Names[c.Lead])
	}
	switch {
	case c.Reason != "" && c.State != plan.Active:
		out = out.And(ui.Plainly(plan.FirstWords(c.Reason)))
	case c.State == plan.Active:
		out = out.And(doneSentence(ctx, v))
	case c.End != "":
		out = out.And(ui.Plainly(span(ctx, c.Start, c.End) + "."))
	}
	return out
}

// doneSentence says how much is done, and what is not as it should be.
func doneSentence(ctx context.Context, v commitmentView) ui.Said {
	s, id := v.Sum, v.Commitment.ID
	out := ui.Say(ctx, "plan.sentence_commitment", "done", milestoneCount(id, "done", s.Done), "of", milestoneCount(id, "", s.Milestones), "end", i18n.CivilDate(ctx, v.Commitment.End))
	if s.Late > 0 {
		out = out.And(ui.SayN(ctx, "plan.n_late", milestoneCount(id, "late", s.Late)))
	}
	if s.Silent > 0 {
		out = out.And(ui.SayN(ctx, "plan.n_silent", milestoneCount(id, "silent", s.Silent)))
	}
	if s.Disagree > 0 {
		out = out.And(ui.SayN(ctx, "plan.n_disagree", milestoneCount(id, "disagree", s.Disagree)))
	}
	return out
}

// chainOf is the strip of the evidence chain: what the commitment is linked
// with, by the step at which each stands.
func chainOf(ctx context.Context, v commitmentView) *ui.Chain {
	c := &ui.Chain{Current: ui.StepCommitment}
	at := map[ui.Step][]ui.ChainItem{}
	for _, e := range v.Edges {
		item := ui.ChainItem{Title: e.Card.Title, Href: e.Card.Path(), Tone: ui.Tone(e.Card.Tone)}
		if e.Card.State != "" {
			item.State = i18n.T(ctx, e.Card.State)
		}
		if step, ok := stepOf[e.To.Kind]; ok {
			at[step] = append(at[step], item)
			continue
		}
		c.LinkedFrom = append(c.LinkedFrom, item)
	}
	own := stateBadge(ctx, v)
	at[ui.StepCommitment] = append([]ui.ChainItem{{Title: v.Commitment.Title, Tone: own.Tone, State: own.Word}}, at[ui.StepCommitment]...)
	for _, s := range ui.Steps {
		if items := at[s]; len(items) > 0 {
			more := max(0, len(items)-5)
			c.Links = append(c.Links, ui.ChainLink{Step: s, Items: items[:len(items)-more], More: more})
		}
	}
	return c
}

// stepOf is the place of other kinds in the chain.
var stepOf = map[string]ui.Step{
	"input": ui.StepInput, "problem": ui.StepProblem, "commitment": ui.StepCommitment, "joint": ui.StepCommitment, "budget": ui.StepBudget, "contracting": ui.StepContract,
}

func commitmentData(v commitmentView) *ui.Data {
	return &ui.Data{
		JSON: "/api/v1/commitments/" + v.Commitment.ID, Atom: "/activity.atom?kind=commitment&record=" + v.Commitment.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + "/api/v1/commitments/" + v.Commitment.ID}, Proof: "/ledger/pack/commitment/" + v.Commitment.ID,
	}
}

func commitmentSide(ctx context.Context, v commitmentView) *ui.Side {
	c := v.Commitment
	s := &ui.Side{Share: v.Base + c.Ref().Path(), Embed: "/commitment/" + v.Slug + "/embed", Follow: v.Talk.Follow(), Contact: contactLink(c.Contact.V.Name, c.Contact.V.Email)}
	s.Facts = []ui.Pair{
		{Term: i18n.T(ctx, "plan.runs"), Text: span(ctx, c.Start, c.End)},
		{Term: fieldLabel(ctx, "districts"), Text: districtNames(ctx, c.Districts.V)},
		{Term: i18n.T(ctx, "plan.versions"), Text: i18n.T(ctx, "plan.version_n", "n", c.Version), Href: "/commitment/" + v.Slug + "/versions"},
	}
	if !v.MayDraft {
		s.Translate = v.Talk.Translate()
	}
	return s
}

func districtNames(ctx context.Context, codes []string) string {
	if len(codes) == 0 {
		return i18n.T(ctx, "plan.whole_country")
	}
	var names []string
	for _, c := range codes {
		names = append(names, i18n.T(ctx, "geo.district."+c))
	}
	return strings.Join(names, ", ")
}

func (v commitmentView) sections(ctx context.Context) (out []titled) {
	for _, p := range v.Commitment.Texts.V.Parts() {
		if *p.Text == "" || p.Name == "brief" {
			continue
		}
		said := v.Say(p.Name, *p.Text)
		out = append(out, titled{title: fieldLabel(ctx, p.Name), text: said.Text, in: said.In})
	}
	return out
}

func milestonesNote(ctx context.Context, v commitmentView) ui.Said {
	all := milestoneCount(v.Commitment.ID, "", len(v.Milestones))
	if v.Commitment.State == plan.Active {
		return ui.Say(ctx, "plan.done_of", "done", milestoneCount(v.Commitment.ID, "done", v.Sum.Done), "of", all)
	}
	return ui.SayN(ctx, "plan.n_milestones", all)
}

// voiceRows are the milestones with what each of the three voices says.
func voiceRows(ctx context.Context, v commitmentView) [][]ui.Cell {
	var out [][]ui.Cell
	for _, m := range v.Milestones {
		first := ui.Cell{Text: m.Title, Note: span(ctx, m.Start, m.End)}
		if v.MayReport {
			first.Href = "/milestone/" + m.ID + "/report"
		}
		row := []ui.Cell{first}
		for _, voice := range plan.Voices {
			s := v.Standing[m.ID][voice]
			if s.Status == "" && voice != plan.Government {
				row = append(row, ui.Text(i18n.T(ctx, "plan.nothing_said")))
				continue
			}
			row = append(row, ui.Cell{View: saidCell(saidBy(ctx, v, voice, s))})
		}
		out = append(out, row)
	}
	return out
}

// said is what one voice says of a milestone, ready to be shown.
type said struct {
	badge    ui.Badge
	notes    []string
	text     string
	evidence []plan.Evidence
}

// saidBy puts a voice's last word together: silence is shown as silence.
func saidBy(ctx context.Context, v commitmentView, voice plan.Voice, s plan.Shown) said {
	out := said{badge: ui.Badge{Tone: ui.Tone(s.Tone()), Word: i18n.T(ctx, "plan.status."+s.Word())}, text: plan.FirstWords(s.Last.Text), evidence: s.Last.Evidence.V}
	note := func(key string, args ...any) { out.notes = append(out.notes, i18n.T(ctx, key, args...)) }
	if s.Claimed {
		note("plan.claims", "status", strings.ToLower(i18n.T(ctx, "plan.status."+string(s.Status))))
	}
	if s.Late && voice == plan.Government {
		note("plan.late")
	}
	switch {
	case s.Status == "":
	case s.Silent:
		note("plan.silent_since", "date", i18n.Date(ctx, s.Last.At.Time))
	case s.Last.Org == "":
		note("plan.said_by_reviewer", "date", i18n.Date(ctx, s.Last.At.Time))
	default:
		note("plan.said_on", "date", i18n.Date(ctx, s.Last.At.Time), "org", v.Names[s.Last.Org])
	}
	return out
}

func plannedRows(ctx context.Context, v commitmentView) [][]ui.Cell {
	var out [][]ui.Cell
	for _, m := range v.Milestones {
		out = append(out, []ui.Cell{{Text: m.Title, Note: v.Names[m.Lead]}, ui.Text(m.Output), ui.Text(span(ctx, m.Start, m.End))})
	}
	return out
}

func partyRows(ctx context.Context, parties []plan.Party, names map[string]string) [][]ui.Cell {
	var out [][]ui.Cell
	for _, p := range parties {
		if !p.Left.IsZero() && p.Reason == "role" {
			continue // it got another role
		}
		state := ui.StateCell(ui.Attention, i18n.T(ctx, "plan.party.named"))
		switch {
		case !p.Left.IsZero():
			state = ui.StateCell(ui.Plain, i18n.T(ctx, "plan.party.left", "date", i18n.Date(ctx, p.Left.Time)))
			state.Note = p.Reason
		case !p.Confirmed.IsZero():
			state = ui.StateCell(ui.Done, i18n.T(ctx, "plan.party.confirmed", "date", i18n.Date(ctx, p.Confirmed.Time)))
		}
		out = append(out, []ui.Cell{ui.LinkCell(names[p.Org], "/organisation/"+p.Org), ui.Text(i18n.T(ctx, "plan.role."+p.Role)), state})
	}
	return out
}

func editWord(v commitmentView) string {
	if !v.Plan.Open() {
		return "plan.commitment_amend"
	}
	return "plan.commitment_edit"
}

func mileWord(v mileView) string {
	if v.One.ID != "" {
		return "plan.milestone_edit"
	}
	return "plan.milestone_new"
}

func mileRows(ctx context.Context, v mileView) [][]ui.Cell {
	var out [][]ui.Cell
	for _, m := range v.All {
		out = append(out, []ui.Cell{
			ui.Text(m.Title), ui.Text(m.Output), ui.Text(span(ctx, m.Start, m.End)),
			ui.LinkCell(i18n.T(ctx, "plan.change"), "/commitment/"+v.Slug+"/milestones?id="+m.ID+"#form"),
		})
	}
	return out
}

func reportFacts(ctx context.Context, v reportView) []ui.Pair {
	out := []ui.Pair{{Term: fieldLabel(ctx, "output"), Text: v.Milestone.Output}, {Term: i18n.T(ctx, "plan.when"), Text: span(ctx, v.Milestone.Start, v.Milestone.End)}}
	for _, voice := range plan.Voices {
		if s := v.Standing[voice]; s.Status != "" {
			out = append(out, ui.Pair{
				Term: i18n.T(ctx, "plan.voice."+string(voice)), View: ui.Badge{Tone: ui.Tone(s.Tone()), Word: i18n.T(ctx, "plan.status."+s.Word())},
				Note: i18n.Date(ctx, s.Last.At.Time),
			})
		}
	}
	return out
}

func versionRows(ctx context.Context, v versionsView) [][]ui.Cell {
	var out [][]ui.Cell
	for i := len(v.Versions) - 1; i >= 0; i-- {
		x := v.Versions[i]
		href := "/commitment/" + v.Slug + "/versions?from=" + strconv.Itoa(max(1, x.Version-1)) + "&to=" + strconv.Itoa(x.Version) + "#difference"
		why := ui.Text(x.Reason)
		if x.Decision != "" {
			why.Note = i18n.T(ctx, "plan.by_decision")
			why.Href = "/decision/" + x.Decision
		}
		out = append(out, []ui.Cell{ui.LinkCell(i18n.T(ctx, "plan.version_n", "n", x.Version), href), ui.Text(i18n.Date(ctx, x.At.Time)), why, ui.Text(i18n.T(ctx, "plan.stage."+string(x.State)))})
	}
	return out
}

// difference is a text that two versions have differently.
type difference struct{ label, from, to string }

func differences(ctx context.Context, v versionsView) (out []difference) {
	a, b := bodyTexts(v.From.Body.V), bodyTexts(v.To.Body.V)
	for i := range a {
		if a[i][1] != b[i][1] {
			out = append(out, difference{fieldLabel(ctx, a[i][0]), a[i][1], b[i][1]})
		}
	}
	return out
}

// bodyTexts are the fields of a version by name, always in the same order.
func bodyTexts(b plan.Body) [][2]string {
	out := [][2]string{{"title", b.Title}, {"lead", b.Lead}, {"start_date", b.Start}, {"end_date", b.End}}
	for _, p := range b.Texts.Parts() {
		out = append(out, [2]string{p.Name, *p.Text})
	}
	var ms []string
	for _, m := range b.Milestones {
		ms = append(ms, strings.Join([]string{m.Title, m.Output, m.Start, m.End}, " · "))
	}
	return append(out, [2]string{"milestones", strings.Join(ms, "\n")})
}
