package answer

import (
	"context"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table/source"
)

func firstCalls(v listView) string {
	if v.First {
		return ""
	}
	return "/calls"
}

func nextCalls(v listView) string {
	if v.Next == "" {
		return ""
	}
	return "/calls?cursor=" + v.Next
}

// giveWords is what the button of the form says.
func giveWords(ctx context.Context, v callView) string {
	if len(v.Alike) > 0 {
		return i18n.T(ctx, "call.give.still")
	}
	return i18n.T(ctx, "call.give.do")
}

func giveHidden(v callView) []ui.Hidden {
	h := []ui.Hidden{{Name: "once", Value: v.Once}}
	if len(v.Box.Kinds.V) == 1 {
		h = append(h, ui.Hidden{Name: "kind", Value: v.Box.Kinds.V[0]})
	}
	if v.Confirm {
		h = append(h, ui.Hidden{Name: "confirm", Value: "yes"})
	}
	return h
}

func namingOptions(ctx context.Context, v callView) []ui.Option {
	all := []answer.Naming{answer.Anonymous, answer.Pseudonym}
	if v.SignedIn {
		all = append(all, answer.Named)
	}
	out := options(ctx, "call.naming.", all, string(v.In.Naming))
	for i := range out {
		out[i].Hint = i18n.T(ctx, "call.naming."+out[i].Value+".hint")
	}
	return out
}

func alikeCards(ctx context.Context, list []answer.Alike) []ui.Card {
	var inputs []answer.Input
	for _, a := range list {
		inputs = append(inputs, a.Input)
	}
	return inputCards(ctx, inputs, nil)
}

func contestWords(ctx context.Context, r answer.Rating) string {
	if r.Settled {
		return i18n.T(ctx, "call.contest.settled")
	}
	return i18n.T(ctx, "call.contest.waits")
}

// valueOf is the rating as typed, or as it was given.
func valueOf(v storyView) string {
	if v.Value != "" {
		return v.Value
	}
	return v.Rating.Value
}

func pointsOf(v inputView) string {
	if v.Points != "" {
		return v.Points
	}
	return strconv.Itoa(v.Stake.Points)
}

func boxAction(v boxView) string {
	if v.Slug == "" {
		return "/calls/new"
	}
	return "/call/" + v.Slug + "/edit"
}

func boxCancel(v boxView) string {
	if v.Slug == "" {
		return "/calls"
	}
	return "/call/" + v.Slug
}

func orgOptions(v boxView) (out []ui.Option) {
	for _, o := range v.Orgs {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == v.Box.Org})
	}
	return out
}

// deskTabs are the states of the queue with their numbers.
func deskTabs(ctx context.Context, v deskView) []ui.Tab {
	now := v.Query.Get("state")
	open := v.Standing.All - v.Standing.Answered
	tabs := []ui.Tab{{Text: i18n.T(ctx, "call.all"), Href: ui.WithQuery(v.Path(), v.Query, "state", "", "cursor"), Count: i18n.Number(ctx, v.Standing.All), Current: now == ""}}
	for _, x := range []struct {
		state string
		n     int
	}{{"open", open}, {"received", v.Standing.States[answer.Received]}, {"acknowledged", v.Standing.States[answer.Acknowledged]}, {"considered", v.Standing.States[answer.Considered]}} {
		tabs = append(tabs, ui.Tab{Text: i18n.T(ctx, "answer.state."+x.state), Href: ui.WithQuery(v.Path(), v.Query, "state", x.state, "cursor"), Count: i18n.Number(ctx, x.n), Current: now == x.state})
	}
	return append(tabs, ui.Tab{Text: i18n.T(ctx, "answer.state.contested"), Href: ui.WithQuery(v.Path(), v.Query, "state", "contested", "cursor"), Current: now == "contested"})
}

func deskHidden(v deskView) []ui.Hidden {
	if v.Filter.Theme == "" {
		return nil
	}
	return []ui.Hidden{{Name: "theme", Value: v.Filter.Theme}}
}

func replyTitle(ctx context.Context, v replyView) string {
	switch {
	case v.Edited:
		return i18n.T(ctx, "call.correct")
	case v.Theme.ID != "":
		return i18n.T(ctx, "call.answer_theme_of", "title", v.Theme.Title)
	}
	return i18n.N(ctx, "call.answer_n", len(v.Inputs))
}

func replyHidden(v replyView) (h []ui.Hidden) {
	if v.Theme.ID != "" {
		return []ui.Hidden{{Name: "theme", Value: v.Theme.ID}}
	}
	for _, x := range v.Inputs {
		h = append(h, ui.Hidden{Name: "input", Value: x.ID})
	}
	return h
}

func outcomeOptions(ctx context.Context, v replyView) []ui.Option {
	out := options(ctx, "answer.state.", answer.Outcomes, string(v.In.Outcome))
	for i := range out {
		out[i].Hint = i18n.T(ctx, "call.means."+out[i].Value)
	}
	return out
}

// moreOpen opens what may be left out where somebody used it, or got it wrong.
func moreOpen(v callView) bool {
	in := v.In
	return v.Assisted || in.Title+in.Community+in.Sector+in.ForOrg != "" || len(v.Errors) > len(v.Errors.Only("text"))
}

// sheetSentence says how a sheet stands.
func sheetSentence(ctx context.Context, s answer.Sheet) string {
	bad := i18n.Number(ctx, len(s.Reading.V.Bad))
	if s.Imported.IsZero() {
		return i18n.N(ctx, "call.sheet.found", s.Total, "bad", bad)
	}
	return i18n.N(ctx, "call.sheet.result", s.Taken, "doubled", i18n.Number(ctx, s.Doubled), "bad", bad)
}

func noteArgs(n source.Note) (args []any) {
	for k, v := range n.Args {
		args = append(args, k, v)
	}
	return args
}

// sampleRows show what rows will become.
func sampleRows(ctx context.Context, list []answer.Input) (rows [][]ui.Cell) {
	for _, x := range list {
		rows = append(rows, []ui.Cell{
			{Text: short(x.Text), Note: i18n.T(ctx, "answer.kind."+x.Kind)}, ui.Text(districtName(ctx, x.District)), ui.Text(sectorName(ctx, x.Sector)), ui.Text(when(ctx, x.Received)),
		})
	}
	return rows
}
