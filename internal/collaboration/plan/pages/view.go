package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/collaboration/plan/listed"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// span is from one civil day to another, in words.
func span(ctx context.Context, from, to string) string {
	switch {
	case from == "" && to == "":
		return ""
	case from == "":
		return i18n.T(ctx, "plan.by", "date", i18n.CivilDate(ctx, to))
	case to == "":
		return i18n.T(ctx, "plan.from", "date", i18n.CivilDate(ctx, from))
	}
	return i18n.T(ctx, "plan.from_to", "from", i18n.CivilDate(ctx, from), "to", i18n.CivilDate(ctx, to))
}

func planCards(ctx context.Context, v listView) []ui.Card {
	var out []ui.Card
	for _, p := range v.Plans {
		out = append(out, ui.Card{
			Over: v.Orgs[p.Org], Title: p.Title, Href: "/plan/" + v.Slugs[p.ID], Text: p.Summary, TextIn: i18n.Tongue{Lang: p.Lang},
			TitleIn: i18n.Tongue{Lang: p.Lang}, Meta: []string{span(ctx, p.Start, p.End)},
			State: &ui.Badge{Tone: ui.Tone(p.State.Tone()), Word: i18n.T(ctx, "plan.state."+string(p.State))},
		})
	}
	return out
}

// planSentence says in ten seconds how a plan stands.
func planSentence(ctx context.Context, v planView) ui.Said {
	if v.Plan.Open() {
		if n := len(v.Timelines); n > 0 {
			t := v.Timelines[n-1]
			return ui.Say(ctx, "plan.sentence_open", "span", span(ctx, t.Start(), t.End()))
		}
		return ui.Say(ctx, "plan.sentence_preparing")
	}
	return listed.Sentence(ctx, v.Plan, v.Promises)
}

func promisesNote(ctx context.Context, v planView) ui.Said {
	return ui.SayN(ctx, "plan.n_promises", ui.Count(len(v.Promises), listing.Of("/commitments", "plan", v.Plan.ID)))
}

// countNote warns of a plan with fewer or more commitments than OGP advises:
// 5 to 15. It never stops anybody.
func countNote(ctx context.Context, v planView) string {
	n := 0
	for _, p := range v.Promises {
		if p.Advised() {
			n++
		}
	}
	if n == 0 || n >= 5 && n <= 15 {
		return ""
	}
	return i18n.T(ctx, "plan.count_advice", "n", n)
}

func promiseRows(ctx context.Context, v planView) [][]ui.Cell {
	var out [][]ui.Cell
	for _, p := range v.Promises {
		title := p.Title
		if p.Number != "" {
			title = p.Number + " " + title
		}
		stands := ui.StateCell(ui.Tone(p.State.Tone()), i18n.T(ctx, "plan.stage."+string(p.State)))
		var done templ.Component = milestoneCount(p.ID, "", p.Sum.Milestones)
		if p.State == plan.Active {
			stands = ui.StateCell(ui.Tone(p.Sum.Tone()), i18n.T(ctx, "plan.sum."+p.Sum.Word()))
			done = ui.Say(ctx, "plan.done_of", "done", milestoneCount(p.ID, "done", p.Sum.Done), "of", milestoneCount(p.ID, "", p.Sum.Milestones))
		}
		out = append(out, []ui.Cell{ui.LinkCell(title, "/commitment/"+p.Slug), ui.Text(v.Names[p.Lead]), stands, {View: done}})
	}
	return out
}

// milestoneCount is a number of milestones of a commitment: all, or those that are
// done, late, silent or disagreed on.
func milestoneCount(commitment, is string, n int) ui.Figure {
	return ui.Count(n, listing.Of("/milestones", "commitment", commitment, "is", is))
}

// callCards are the ways to hand in inputs, with until when.
func callCards(ctx context.Context, v planView) []ui.Card {
	var out []ui.Card
	for _, c := range v.Calls {
		phase := c.Phase(v.Now)
		out = append(out, ui.Card{
			Title: c.Title, TitleIn: i18n.Tongue{Lang: c.Lang}, Href: c.Ref().Path(),
			Text:  i18n.T(ctx, "plan.from_to", "from", i18n.Date(ctx, c.Opens.Time), "to", i18n.Date(ctx, c.Closes.Add(-time.Second))),
			State: &ui.Badge{Tone: ui.Tone(phase.Tone()), Word: i18n.T(ctx, phase.Word())},
		})
	}
	return out
}

func timelineNote(ctx context.Context, v planView) string {
	t := v.Timelines[len(v.Timelines)-1]
	return i18n.T(ctx, "plan.timeline_note", "version", t.Version, "date", i18n.Date(ctx, t.Published.Time))
}

func phaseTable(ctx context.Context, t plan.Timeline) [][]ui.Cell {
	var out [][]ui.Cell
	for _, p := range t.Phases.V {
		out = append(out, []ui.Cell{{Text: p.Title, Note: i18n.T(ctx, "plan.phase_kind."+p.Kind)}, ui.Text(span(ctx, p.Starts, p.Ends)), ui.Text(p.How)})
	}
	return out
}

func outreachRows(ctx context.Context, all []plan.Outreach) [][]ui.Cell {
	var out [][]ui.Cell
	for _, o := range all {
		where := i18n.T(ctx, "plan.whole_country")
		if o.District != "" {
			where = i18n.T(ctx, "geo.district."+o.District)
		}
		reach := ""
		if o.Reach > 0 {
			reach = i18n.Number(ctx, o.Reach)
		}
		out = append(out, []ui.Cell{
			ui.Text(i18n.CivilDate(ctx, o.Day)),
			{Text: o.Text, Note: o.Audience},
			{Text: where, Note: o.Place},
			{Text: i18n.T(ctx, "plan.channel."+o.Channel), Note: langName(o.Lang)},
			ui.Text(reach),
		})
	}
	return out
}

func langName(code string) string {
	for _, l := range i18n.Languages {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}

func edgeCards(ctx context.Context, edges []record.Edge) []ui.Card {
	var out []ui.Card
	for _, e := range edges {
		out = append(out, ui.Card{
			Over: i18n.T(ctx, "kind."+e.To.Kind), Title: e.Card.Title, TitleIn: e.Card.TitleIn, Href: e.Card.Path(),
			Text: e.Card.Summary, TextIn: e.Card.SummaryIn,
		})
	}
	return out
}

func timeline(ctx context.Context, events []activity.Event) *ui.Timeline {
	t := &ui.Timeline{}
	for _, e := range events {
		if e.Verb == "plan.looked" { // of interest to the requirements alone
			continue
		}
		x := ui.Event{At: e.At.Time, Title: i18n.T(ctx, "did."+e.Verb), Text: plan.FirstWords(e.Note)}
		if line := reportedLine(ctx, e); line != "" {
			x.Of = line
		}
		if e.Public {
			x.Proof = "/ledger/entry/" + e.ID
		}
		t.Items = append(t.Items, x)
	}
	return t
}

// reportedLine says whose report an event is, and about what.
func reportedLine(ctx context.Context, e activity.Event) string {
	var after struct {
		Voice  plan.Voice  `json:"voice"`
		Status plan.Status `json:"status"`
		Title  string      `json:"title"`
	}
	if e.Verb != "commitment.reported" || e.Change(nil, &after) != nil || after.Status == "" {
		return ""
	}
	return i18n.T(ctx, "plan.reported_line", "voice", i18n.T(ctx, "plan.voice."+string(after.Voice)),
		"status", i18n.T(ctx, "plan.status."+string(after.Status)), "title", after.Title)
}

func planData(v planView) *ui.Data {
	return &ui.Data{
		JSON: "/api/v1/plans/" + v.Plan.ID, Atom: "/activity.atom?kind=plan&record=" + v.Plan.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + "/api/v1/plans/" + v.Plan.ID}, Proof: "/ledger/pack/plan/" + v.Plan.ID,
	}
}

func planSide(ctx context.Context, v planView) *ui.Side {
	s := &ui.Side{Share: v.Base + v.Plan.Ref().Path(), Follow: v.Talk.Follow(), Facts: []ui.Pair{
		{Term: i18n.T(ctx, "plan.runs"), Text: span(ctx, v.Plan.Start, v.Plan.End)},
		{Term: fieldLabel(ctx, "code"), Text: v.Plan.Code},
		{Term: i18n.T(ctx, "plan.calendar"), Text: i18n.T(ctx, "plan.calendar_get"), Href: "/plan/" + v.Slug + "/calendar.ics"},
	}}
	s.Contact = contactLink(v.Plan.ContactName, v.Plan.ContactEmail)
	if !v.MayWrite {
		s.Translate = v.Talk.Translate()
	}
	return s
}

func contactLink(name, email string) ui.Link {
	if email == "" {
		return ui.Link{}
	}
	if name == "" {
		name = email
	}
	return ui.Link{Text: name, Href: "mailto:" + email}
}

// titled is a text with its heading.
type titled struct {
	title, text string
	in          i18n.Tongue
}

func planSections(ctx context.Context, p plan.Plan) (out []titled) {
	t := p.Texts.V
	for _, s := range []struct{ name, text string }{{"introduction", t.Introduction}, {"efforts", t.Efforts}, {"process", t.Process}, {"vision", t.Vision}} {
		if s.text != "" {
			out = append(out, titled{title: fieldLabel(ctx, s.name), text: s.text})
		}
	}
	return out
}

var phases = []require.Phase{require.CoCreation, require.Implementation}

var verdictTones = map[require.Status]ui.Tone{
	require.Met: ui.Done, require.Warned: ui.Attention, require.Waits: ui.Going, require.NotMet: ui.Late, require.NotYet: ui.Plain,
}

func rollPairs(ctx context.Context, m plan.Monitor) []ui.Pair {
	roll := require.Roll(m.Verdicts)
	var out []ui.Pair
	seen := map[string]bool{}
	for _, r := range require.All {
		if seen[r.Parent] {
			continue
		}
		seen[r.Parent] = true
		s := roll[r.Parent]
		out = append(out, ui.Pair{
			Term: r.Parent + " " + i18n.T(ctx, "plan.requirement."+r.Parent),
			View: ui.Badge{Tone: verdictTones[s], Word: i18n.T(ctx, "plan.verdict."+string(s))},
		})
	}
	return out
}

func verdictRows(ctx context.Context, key string, m plan.Monitor, p require.Phase) [][]ui.Cell {
	var out [][]ui.Cell
	for _, v := range m.Verdicts {
		if v.Phase != p {
			continue
		}
		behind := func(of string) string {
			return listing.Of("/requirements", "plan", key, "rule", v.Rule.ID, "phase", string(v.Phase), "on", m.On, "of", of)
		}
		until := ui.Text("")
		if v.Due != "" {
			until = ui.Cell{Text: i18n.CivilDate(ctx, string(v.Due)), Says: ui.SayN(ctx, "plan.days_left", ui.Derived(max(v.Left, 0), behind("left")))}
			if v.Left < 0 {
				until.Says = ui.SayN(ctx, "plan.days_over", ui.Derived(-v.Left, behind("left")))
			}
		}
		why := ui.Cell{View: saidWords(ctx, v.Words, behind)}
		if len(v.Evidence) > 0 {
			why.Says = ui.SayN(ctx, "plan.n_evidence", ui.Count(len(v.Evidence), behind("evidence")))
		}
		out = append(out, []ui.Cell{
			ui.Text(v.Rule.ID + " " + i18n.T(ctx, "plan.rule."+v.Rule.Word())),
			ui.StateCell(verdictTones[v.Status], i18n.T(ctx, "plan.verdict."+string(v.Status))), why, until,
			ui.LinkCell(i18n.T(ctx, "plan.pack"), "/plan/"+key+"/requirements/"+v.Rule.ID+"/pack.zip?on="+m.On),
		})
	}
	return out
}

// saidWords puts a rule's sentence together; its days and codes become words, and
// what was worked out from rows leads to them by the address that behind gives.
func saidWords(ctx context.Context, s require.Said, behind func(of string) string) ui.Said {
	args := slices.Clone(s.Args)
	for i := 1; i < len(args); i += 2 { // a name, then its value
		name, _ := args[i-1].(string)
		n, whole := args[i].(int)
		_, counted := s.Rows[name]
		switch {
		case !whole || !counted:
			args[i] = argWords(ctx, args[i-1], args[i])
		case name == "days":
			args[i] = ui.Derived(n, behind(name))
		default:
			args[i] = ui.Count(n, behind(name))
		}
	}
	return ui.Say(ctx, "plan.require."+s.Key, args...)
}

// argWords is a value in a rule's sentence in words.
func argWords(ctx context.Context, name, value any) any {
	switch v := value.(type) {
	case require.Day:
		return i18n.CivilDate(ctx, string(v))
	case []string:
		var names []string
		for _, code := range v {
			names = append(names, i18n.T(ctx, "geo.district."+code))
		}
		return strings.Join(names, ", ")
	case string:
		switch name {
		case "sector":
			return i18n.T(ctx, "plan.voice."+v)
		case "what":
			return i18n.T(ctx, "plan.listed."+v)
		case "phase":
			return i18n.T(ctx, "plan.phase_of."+v)
		}
	}
	return value
}

func clockTone(m plan.Monitor) ui.Tone {
	if len(m.Clock.Contrary) > 0 || m.Clock.RefreshLate {
		return ui.Late
	}
	return ui.Plain
}

// clockWords says how the member stands with the Procedural Review.
func clockWords(ctx context.Context, m plan.Monitor) string {
	var out []string
	if m.Clock.PlanDue != "" {
		out = append(out, i18n.T(ctx, "plan.clock.due", "date", i18n.CivilDate(ctx, string(m.Clock.PlanDue))))
	}
	for _, n := range m.Clock.Contrary {
		out = append(out, i18n.T(ctx, "plan.clock."+strconv.Itoa(n)))
	}
	switch {
	case m.Clock.RefreshLate:
		out = append(out, i18n.T(ctx, "plan.clock.refresh_late", "date", i18n.CivilDate(ctx, string(m.Clock.RefreshDue))))
	case m.Clock.RefreshDue != "":
		out = append(out, i18n.T(ctx, "plan.clock.refresh", "date", i18n.CivilDate(ctx, string(m.Clock.RefreshDue))))
	}
	if m.Reviewed.Assessment != "" {
		key := "plan.clock.reviewed_no"
		if m.Reviewed.Acted {
			key = "plan.clock.reviewed_yes"
		}
		out = append(out, i18n.T(ctx, key, "date", i18n.Date(ctx, m.Reviewed.At.Time)))
	}
	if len(m.Clock.Contrary) == 0 {
		out = append(out, i18n.T(ctx, "plan.clock.fine"))
	}
	return strings.Join(out, " ")
}

func districtOptions(ctx context.Context, chosen []string) []ui.Option {
	var out []ui.Option
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: slices.Contains(chosen, d.Code)})
	}
	return out
}
