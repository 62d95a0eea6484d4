package moderation

import (
	"context"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

func label(ctx context.Context, field string) string { return i18n.T(ctx, "moderation.field."+field) }

// ruleNumbers are the numbers of the rules.
func ruleNumbers() (out []string) {
	for n := 1; n <= RuleCount; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

func ruleWord(ctx context.Context, n int) string {
	if n == 0 {
		return i18n.T(ctx, "moderation.no_rule")
	}
	return strconv.Itoa(n) + ". " + i18n.T(ctx, "moderation.rule."+strconv.Itoa(n))
}

func ruleOptions(ctx context.Context, now int) (out []ui.Option) {
	for n := 1; n <= RuleCount; n++ {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: ruleWord(ctx, n), Selected: n == now})
	}
	return out
}

func outcomeWord(ctx context.Context, o Outcome) string {
	return i18n.T(ctx, "moderation.outcome."+string(o))
}

func outcomeOptions(ctx context.Context, c Case, now Outcome) (out []ui.Option) {
	choices := []Outcome{Hidden, Kept}
	if c.State == Appealed {
		choices = []Outcome{Upheld, Reversed}
	}
	for _, o := range choices {
		out = append(out, ui.Option{Value: string(o), Label: outcomeWord(ctx, o), Selected: o == now})
	}
	return out
}

func logRows(ctx context.Context, lines []Line) (rows [][]ui.Cell) {
	for _, l := range lines {
		appeal := ""
		if l.Appeal != "" {
			appeal = outcomeWord(ctx, l.Appeal)
		}
		rows = append(rows, []ui.Cell{
			ui.Text(i18n.CivilDate(ctx, l.Day)), ui.Text(ruleWord(ctx, l.Rule)),
			ui.Text(i18n.T(ctx, "moderation.source."+l.Source)), ui.Text(outcomeWord(ctx, l.Outcome)), ui.Text(appeal),
		})
	}
	return rows
}

var tones = map[State]ui.Tone{Open: ui.Attention, Taken: ui.Going, Appealed: ui.Attention, Decided: ui.Done, Closed: ui.Done}

func queueRows(ctx context.Context, v deskView) (rows [][]ui.Cell) {
	for _, c := range v.Cases {
		title := v.Cards[c.Of].Title
		if title == "" {
			title = i18n.T(ctx, "moderation.case")
		}
		state := ui.StateCell(tones[c.State], i18n.T(ctx, "moderation.state."+string(c.State)))
		if c.Late(v.Now) {
			state.Tone, state.Note = ui.Late, i18n.T(ctx, "moderation.late")
		}
		rows = append(rows, []ui.Cell{
			ui.LinkCell(title, "/moderation/cases/"+c.ID), ui.Text(i18n.T(ctx, "moderation.source."+c.Source)),
			ui.Text(i18n.Number(ctx, c.Reports)), ui.Text(i18n.DateTime(ctx, c.Opened.Time)), state,
		})
	}
	return rows
}

func caseFacts(ctx context.Context, v caseView) []ui.Pair {
	facts := []ui.Pair{
		{Term: i18n.T(ctx, "moderation.about"), Text: v.Card.Title, Href: v.Card.Path()},
		{Term: i18n.T(ctx, "moderation.author"), Text: v.Names[v.Case.Author]},
	}
	if v.Case.ID == "" {
		return facts
	}
	facts = append(facts, []ui.Pair{
		{Term: i18n.T(ctx, "moderation.opened"), Text: i18n.DateTime(ctx, v.Case.Opened.Time), Note: i18n.T(ctx, "moderation.source."+v.Case.Source)},
		{Term: i18n.T(ctx, "moderation.state"), Text: i18n.T(ctx, "moderation.state."+string(v.Case.State)), Note: v.Names[v.Case.TakenBy]},
	}...)
	if v.Case.Message != "" {
		facts = append(facts, ui.Pair{Term: i18n.T(ctx, "moderation.said"), Text: v.Case.Message})
	}
	if v.Case.Outcome != "" {
		facts = append(facts, ui.Pair{Term: i18n.T(ctx, "moderation.first"), Text: outcomeWord(ctx, v.Case.Outcome), Note: ruleWord(ctx, v.Case.Rule)},
			ui.Pair{Term: label(ctx, "reason"), Text: v.Case.Reason})
	}
	return facts
}

// action is where the decision is sent.
func (v caseView) action() string {
	if v.Case.ID == "" {
		return "/moderation/comment/" + v.Comment.ID
	}
	return "/moderation/cases/" + v.Case.ID
}

func mineFacts(ctx context.Context, c Case) []ui.Pair {
	facts := []ui.Pair{
		{Term: i18n.T(ctx, "moderation.first"), Text: outcomeWord(ctx, c.Outcome)},
		{Term: label(ctx, "rule"), Text: ruleWord(ctx, c.Rule)},
		{Term: label(ctx, "reason"), Text: c.Reason},
	}
	if c.Appeal != "" {
		facts = append(facts, ui.Pair{Term: label(ctx, "appeal"), Text: c.Appeal})
	}
	if c.Result != "" {
		facts = append(facts, ui.Pair{Term: i18n.T(ctx, "moderation.second"), Text: outcomeWord(ctx, c.Result)})
	}
	return facts
}
