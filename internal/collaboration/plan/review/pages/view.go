package pages

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// fieldLabel is the name of a form's field: of a code's part, of a variable of
// the code-book, of a requirement, or of anything else.
func fieldLabel(ctx context.Context, field string) string {
	for _, part := range []string{"rationale", "evidence", "paper"} {
		if of, ok := strings.CutPrefix(field, part+"."); ok {
			return fieldLabel(ctx, of) + ": " + strings.ToLower(i18n.T(ctx, "planreview.field."+part))
		}
	}
	if _, ok := codebook.ByID(field); ok {
		return i18n.T(ctx, "planreview.var."+field)
	}
	if name, _, ok := strings.Cut(field, "_"); ok && strings.Contains(name, ".") {
		return name + " " + i18n.T(ctx, "plan.requirement."+name)
	}
	return i18n.T(ctx, "planreview.field."+field)
}

func productWord(ctx context.Context, p codebook.Product) string {
	return i18n.T(ctx, "planreview.product."+string(p))
}

func stateBadge(ctx context.Context, a review.Assessment) ui.Badge {
	return ui.Badge{Tone: ui.Tone(a.State.Tone()), Word: i18n.T(ctx, "planreview.state."+string(a.State))}
}

// valueWord is a value of the code-book in words.
func valueWord(ctx context.Context, value string) string {
	switch {
	case value == "":
		return i18n.T(ctx, "planreview.uncoded")
	case codebook.Missing(value):
		return i18n.T(ctx, "planreview.missing."+strings.ToLower(value))
	}
	return i18n.T(ctx, "planreview.value."+value)
}

var valueTones = map[string]ui.Tone{
	"yes": ui.Done, "no": ui.Attention, "substantial": ui.Done, "complete": ui.Done, "significant": ui.Done, "limited": ui.Going,
	"not_started": ui.Attention, "no_evidence": ui.Attention, "moderate": ui.Going, "modest": ui.Going,
}

func listCards(ctx context.Context, v listView) (out []ui.Card) {
	for _, a := range v.All {
		badge := stateBadge(ctx, a)
		card := ui.Card{
			Over: productWord(ctx, a.Product), Title: a.Title, TitleIn: i18n.Tongue{Lang: a.Lang}, Href: "/assessment/" + v.Slugs[a.ID],
			Text: v.Plans[record.Ref{Kind: "plan", ID: a.Plan}].Title, State: &badge,
		}
		if a.Edition > 1 {
			card.Meta = append(card.Meta, i18n.T(ctx, "planreview.edition_n", "n", a.Edition))
		}
		out = append(out, card)
	}
	return out
}

// sentence says how an assessment stands and until when it is due.
func sentence(ctx context.Context, v reportView) ui.Said {
	a := v.A
	switch a.State {
	case review.Final:
		return ui.Say(ctx, "planreview.sentence_final", "date", i18n.Date(ctx, a.Finished.Time))
	case review.Withdrawn:
		return ui.Say(ctx, "planreview.gone", "reason", a.Reason)
	case review.Commenting:
		if v.Open {
			return ui.Say(ctx, "planreview.sentence_open", "date", i18n.DateTime(ctx, a.Until.Time)).And(dueWords(ctx, v))
		}
		return ui.Say(ctx, "planreview.sentence_closed", "date", i18n.DateTime(ctx, a.Until.Time)).And(dueWords(ctx, v))
	}
	return dueWords(ctx, v)
}

// dueWords says until when a report is due, with the days left.
func dueWords(ctx context.Context, v reportView) ui.Said {
	if v.Due == "" {
		return ui.Say(ctx, "planreview.due_unknown")
	}
	left := require.Day(v.Today).Until(v.Due)
	date, reckoned := i18n.CivilDate(ctx, string(v.Due)), listing.Of("/activity", "kind", "plan", "record", v.A.Plan) // from what happened to the plan
	if left < 0 {
		return ui.SayN(ctx, "planreview.overdue", ui.Derived(-left, reckoned), "date", date)
	}
	return ui.SayN(ctx, "planreview.due", ui.Derived(left, reckoned), "date", date)
}

func share(ctx context.Context, v reportView, is string, n int) ui.Said {
	return ui.Say(ctx, "planreview.share", "n", ui.Count(n, coded(v, is)), "percent", ui.Derived(v.Report.Glance.Percent(n), coded(v, "")))
}

// glancePairs is the block "At a glance" of the IRM's reports.
func glancePairs(ctx context.Context, v reportView) []ui.Pair {
	g := v.Report.Glance
	pair := func(key, text string) ui.Pair {
		return ui.Pair{Term: i18n.T(ctx, "planreview.glance."+key), Text: text}
	}
	figure := func(key string, view templ.Component) ui.Pair {
		return ui.Pair{Term: i18n.T(ctx, "planreview.glance."+key), View: view}
	}
	out := []ui.Pair{
		pair("since", g.Since),
		pair("period", i18n.T(ctx, "planreview.from_to", "from", i18n.CivilDate(ctx, g.Start), "to", i18n.CivilDate(ctx, g.End))),
		pair("product", productWord(ctx, g.Product)),
	}
	if g.Product == codebook.Brief {
		return out
	}
	out = append(out, figure("commitments", ui.Count(g.Commitments, coded(v, ""))), figure("lens", share(ctx, v, "lens", g.Lens)))
	if v.A.Year >= 2020 {
		out = append(out, figure("substantial", share(ctx, v, "substantial", g.Substantial)), figure("promising", share(ctx, v, "promising", g.Promising)))
	}
	actedBadge := ui.Badge{Tone: valueTones[g.Acted], Word: valueWord(ctx, g.Acted)}
	return append(out, pair("areas", strings.Join(g.Areas, "; ")), ui.Pair{Term: i18n.T(ctx, "planreview.glance.acted"), View: actedBadge})
}

// annexColumns are the heads of the table of codes.
func annexColumns(ctx context.Context, a review.Assessment) []ui.Column {
	out := []ui.Column{{Label: i18n.T(ctx, "planreview.commitment"), RowHead: true}}
	for _, x := range a.Variables() {
		out = append(out, ui.Column{Label: i18n.T(ctx, "planreview.var."+x.ID)})
	}
	return out
}

func annexRows(ctx context.Context, v reportView) (rows [][]ui.Cell) {
	for _, r := range v.Report.Rows {
		cells := []ui.Cell{{Text: numbered(r), Href: "#c-" + r.Commitment, Note: clusterNote(ctx, r)}}
		s := r.Sheet()
		for _, x := range v.A.Variables() {
			switch {
			case s[x.ID] == "" && !slices.Contains(r.Missing, x.ID):
				cells = append(cells, ui.Text(i18n.T(ctx, "planreview.not_reached")))
			default:
				cells = append(cells, ui.StateCell(valueTones[s[x.ID]], valueWord(ctx, s[x.ID])))
			}
		}
		rows = append(rows, cells)
	}
	return rows
}

func numbered(r review.Row) string { return strings.TrimSpace(r.Number + " " + r.Title) }

func clusterNote(ctx context.Context, r review.Row) string {
	if r.Cluster == "" {
		return ""
	}
	return i18n.T(ctx, "planreview.in_cluster_n", "cluster", r.Cluster)
}

// codesOf are the codes of a commitment in the order of the code-book.
func codesOf(a review.Assessment, r review.Row) (out []review.Code) {
	for _, x := range a.Variables() {
		if c, ok := r.Codes[x.ID]; ok {
			out = append(out, c)
		}
	}
	return out
}

// shown is a thing that shows a code, ready for a page.
type shown struct{ text, href string }

func shownBy(ctx context.Context, all []review.Evidence) (out []shown) {
	for _, e := range all {
		s := shown{text: e.Title, href: e.URL}
		if e.Paper != "" {
			s.href = "/paper/" + e.Paper
			if s.text == "" {
				s.text = i18n.T(ctx, "planreview.a_document")
			}
		}
		if s.text == "" {
			s.text = e.URL
		}
		out = append(out, s)
	}
	return out
}

var verdictTones = map[require.Status]ui.Tone{
	require.Met: ui.Done, require.Warned: ui.Attention, require.Waits: ui.Going, require.NotMet: ui.Late, require.NotYet: ui.Plain,
}

func processRows(ctx context.Context, v reportView) (rows [][]ui.Cell) {
	for _, j := range v.Report.Process {
		says := ui.StateCell(valueTones[j.Code.Value], valueWord(ctx, j.Code.Value))
		why := ui.Cell{Text: j.Code.Rationale}
		if j.Differs {
			why.Note = i18n.T(ctx, "planreview.differs")
		}
		computed := ui.Text("")
		if j.Computed != "" {
			computed = ui.StateCell(verdictTones[j.Computed], i18n.T(ctx, "plan.verdict."+string(j.Computed)))
		}
		rows = append(rows, []ui.Cell{ui.Text(judgedWord(ctx, j)), says, computed, why})
	}
	return rows
}

func judgedWord(ctx context.Context, j review.Judged) string {
	if j.Phase == "" {
		return i18n.T(ctx, "planreview.field.process_acted")
	}
	return j.Requirement + " " + i18n.T(ctx, "plan.requirement."+j.Requirement)
}

// statusWord is what a voice says; nothing is said as such.
func statusWord(ctx context.Context, s string) string {
	switch s {
	case "":
		return i18n.T(ctx, "planreview.silent")
	case "no_evidence", "ND", "NR", "NA":
		return valueWord(ctx, s)
	}
	return i18n.T(ctx, "plan.status."+s)
}

func voiceRows(ctx context.Context, rows []review.Voices, onlyDiffering bool) (out [][]ui.Cell) {
	for _, r := range rows {
		if onlyDiffering && !r.Differs() {
			continue
		}
		agree := ui.Text(i18n.T(ctx, "planreview.one_voice"))
		if r.Differs() {
			agree = ui.StateCell(ui.Attention, i18n.T(ctx, "planreview.they_differ"))
		} else if r.Comparable() {
			agree = ui.StateCell(ui.Done, i18n.T(ctx, "planreview.they_agree"))
		}
		out = append(out, []ui.Cell{
			ui.Text(r.Title), ui.Text(statusWord(ctx, r.Government)), ui.Text(statusWord(ctx, r.CivilSociety)), ui.Text(statusWord(ctx, r.Reviewer)), agree,
		})
	}
	return out
}

func voiceColumns(ctx context.Context, first string) []ui.Column {
	return []ui.Column{
		{Label: i18n.T(ctx, first), RowHead: true},
		{Label: i18n.T(ctx, "plan.voice.government")},
		{Label: i18n.T(ctx, "plan.voice.civil_society")},
		{Label: i18n.T(ctx, "plan.voice.independent")},
		{Label: i18n.T(ctx, "planreview.agreement")},
	}
}

func indexWords(ctx context.Context, v reportView, of string, rows []review.Voices) ui.Said {
	i := review.Disagreement(rows)
	at := func(is string) string {
		return listing.Of("/assessment-voices", "assessment", v.A.ID, "of", of, "is", is)
	}
	comparable := at("comparable")
	return ui.Say(ctx, "planreview.index."+of, "n", ui.Count(i.Differ, at("differ")), "of", ui.Count(i.Of, comparable), "percent", ui.Derived(i.Percent(), comparable))
}

func reportData(v reportView) *ui.Data {
	return &ui.Data{
		JSON: "/api/v1/assessments/" + v.A.ID, CSV: "/assessment/" + v.Slug + "/annex.csv", Atom: "/activity.atom?kind=assessment&record=" + v.A.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + "/api/v1/assessments/" + v.A.ID}, Proof: "/ledger/pack/assessment/" + v.A.ID,
	}
}

func reportSide(ctx context.Context, v reportView) *ui.Side {
	return &ui.Side{Share: v.Base + v.A.Ref().Path(), Facts: []ui.Pair{
		{Term: i18n.T(ctx, "kind.plan"), Text: v.PlanCard.Title, Href: v.PlanCard.Path()},
		{Term: i18n.T(ctx, "planreview.reviewers"), Text: strings.Join(v.Reviewers, ", ")},
		{Term: i18n.T(ctx, "planreview.edition"), Text: strconv.Itoa(v.A.Edition)},
		{Term: i18n.T(ctx, "planreview.print"), Text: "HTML", Href: "/assessment/" + v.Slug + "/report.html"},
	}}
}

func events(ctx context.Context, v reportView) *ui.Timeline {
	t := &ui.Timeline{}
	for _, e := range v.Events {
		x := ui.Event{At: e.At.Time, Title: i18n.T(ctx, "did."+e.Verb), Text: e.Note}
		if e.Public {
			x.Proof = "/ledger/entry/" + e.ID
		}
		t.Items = append(t.Items, x)
	}
	return t
}

func interestRows(ctx context.Context, all []review.Interest, people, names map[string]string) (rows [][]ui.Cell) {
	for _, i := range all {
		if i.Person == "" {
			continue // erased
		}
		when := i18n.T(ctx, "planreview.since_day", "date", i18n.Date(ctx, i.Declared.Time))
		if !i.Ended.IsZero() {
			when = i18n.T(ctx, "planreview.from_to", "from", i18n.Date(ctx, i.Declared.Time), "to", i18n.Date(ctx, i.Ended.Time))
		}
		rows = append(rows, []ui.Cell{ui.Text(people[i.Person]), ui.LinkCell(names[i.Org], "/organisation/"+i.Org), ui.Text(i.Text), ui.Text(when)})
	}
	return rows
}

func interestColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: i18n.T(ctx, "planreview.reviewer"), RowHead: true}, {Label: fieldLabel(ctx, "org")}, {Label: fieldLabel(ctx, "text")}, {Label: i18n.T(ctx, "planreview.when")},
	}
}

// thread are the comments with their answers.
func thread(ctx context.Context, v reportView) *ui.Thread {
	t := &ui.Thread{Title: i18n.T(ctx, "planreview.comments")}
	for _, c := range v.Comments {
		x := ui.Comment{ID: c.ID, Author: v.People[c.Person], Role: v.Names[c.Org], At: c.At.Time, Text: c.Text, Removed: removed(ctx, c)}
		if c.State == record.Visible {
			x.Report = reportTo(v, c)
		}
		if c.Answer != "" {
			x.Replies = []ui.Comment{{ID: c.ID + "-answer", Author: i18n.T(ctx, "planreview.reviewers"), Answer: true, At: c.Answered.Time, Text: c.Answer}}
		}
		t.Comments = append(t.Comments, x)
	}
	return t
}

// removed says why the words of a comment are not there; empty where they are.
func removed(ctx context.Context, c review.Comment) string {
	switch {
	case c.State == record.Held && c.Text == "":
		return i18n.T(ctx, "talk.held")
	case c.State == record.Hidden && c.Reason != "":
		return i18n.T(ctx, "talk.hidden", "reason", c.Reason)
	case c.Text == "":
		return i18n.T(ctx, "talk.erased")
	}
	return ""
}

// reportTo is where a published comment is reported, or decided about.
func reportTo(v reportView, c review.Comment) string {
	if v.Moderates {
		return "/moderation/comment/" + c.ID
	}
	return "/moderation/report-comment/" + c.ID
}

// bookRows is the code-book: variable, values, era, reports.
func bookRows(ctx context.Context) (rows [][]ui.Cell) {
	for _, v := range codebook.Variables {
		var values, products []string
		for _, x := range v.Values {
			word := i18n.T(ctx, "planreview.value."+x.ID)
			if v.Number != "" {
				word += " (" + x.Number + ")"
			}
			values = append(values, word)
		}
		values = append(values, v.Lacks...)
		for _, p := range v.Products {
			products = append(products, productWord(ctx, p))
		}
		name := ui.Cell{Text: i18n.T(ctx, "planreview.var."+v.ID), Note: i18n.T(ctx, "planreview.explain."+v.ID)}
		rows = append(rows, []ui.Cell{name, ui.Text(strings.Join(values, ", ")), ui.Text(eraWords(ctx, v)), ui.Text(strings.Join(products, ", ")), ui.Text(columnsOf(v))})
	}
	return rows
}

func eraWords(ctx context.Context, v codebook.Variable) string {
	switch {
	case v.From == 0 && v.To == 0:
		return i18n.T(ctx, "planreview.era.all")
	case v.From == 0:
		return i18n.T(ctx, "planreview.era.until", "year", strconv.Itoa(v.To))
	case v.From == v.To:
		return strconv.Itoa(v.To)
	case v.To == 0:
		return i18n.T(ctx, "planreview.era.from", "year", strconv.Itoa(v.From))
	}
	return i18n.T(ctx, "planreview.era.between", "from", strconv.Itoa(v.From), "to", strconv.Itoa(v.To))
}

func columnsOf(v codebook.Variable) string {
	var out []string
	for _, c := range []ogpfile.Column{v.Label, v.Number} {
		if c != "" {
			out = append(out, string(c))
		}
	}
	return strings.Join(out, "; ")
}
