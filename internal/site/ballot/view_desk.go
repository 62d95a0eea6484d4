package ballot

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

func deskRows(ctx context.Context, ps []ballot.Poll, orgs map[string]string) (rows [][]ui.Cell) {
	for _, p := range ps {
		b := badge(ctx, p)
		rows = append(rows, []ui.Cell{ui.LinkCell(p.Title, p.Ref().Path()), ui.Text(orgs[p.Org]), ui.StateCell(b.Tone, b.Word), ui.Text(i18n.DateTime(ctx, p.Closes.Time))})
	}
	return rows
}

func (v formView) action() string {
	if v.Slug == "" {
		return "/polls"
	}
	return "/poll/" + v.Slug + "/edit"
}

func (v formView) back() string {
	if v.Slug == "" {
		return "/polls/desk"
	}
	return "/poll/" + v.Slug
}

func orgOptions(v formView) (out []ui.Option) {
	for _, o := range v.Orgs {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == v.Org})
	}
	return out
}

// options are choices with their words.
func options(now string, word func(value string) string, values ...string) (out []ui.Option) {
	for _, value := range values {
		out = append(out, ui.Option{Value: value, Label: word(value), Selected: value == now})
	}
	return out
}

func methodOptions(ctx context.Context, now string) (out []ui.Option) {
	for _, m := range ballot.Methods {
		out = append(out, ui.Option{Value: string(m), Label: i18n.T(ctx, m.Word()), Selected: string(m) == now})
	}
	return out
}

func secrecyOptions(ctx context.Context, now string) []ui.Option {
	out := options(now, func(v string) string { return i18n.T(ctx, "polls.secrecy."+v) }, string(ballot.Secret), string(ballot.Named))
	for i := range out {
		out[i].Hint = i18n.T(ctx, "polls.secrecy."+out[i].Value+".note")
	}
	return out
}

func majorityOptions(ctx context.Context, now string) []ui.Option {
	return options(now, func(v string) string { return i18n.T(ctx, "polls.majority."+v) }, string(ballot.Simple), string(ballot.Double))
}

func tieOptions(ctx context.Context, now string) []ui.Option {
	return options(now, func(v string) string { return i18n.T(ctx, "polls.tie."+v) }, string(ballot.ByCheckpoint), string(ballot.ByText))
}

func quorumOptions(ctx context.Context, now string, values ...string) []ui.Option {
	return options(now, func(v string) string { return i18n.T(ctx, "polls.quorum.of."+v) }, values...)
}

func levelOptions(ctx context.Context, now string) []ui.Option {
	return options(now, func(v string) string { return i18n.T(ctx, "polls.level."+v) }, "1", "2", "3")
}

func langOptions(now string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == now})
	}
	return out
}

func kindOptions(ctx context.Context, now []string) (out []ui.Option) {
	for _, k := range org.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: i18n.T(ctx, k.Word()), Selected: slices.Contains(now, string(k))})
	}
	return out
}

// pairs are the fields of a form by name, in their order.
func (f form) pairs() [][2]string {
	out := [][2]string{
		{"title", f.Title},
		{"text", f.Text},
		{"options", f.Options},
		{"method", f.Method},
		{"max", f.Max},
		{"seats", f.Seats},
		{"secrecy", f.Secrecy},
		{"opens_at", f.OpensAt},
		{"closes_at", f.ClosesAt},
		{"quorum", f.Quorum},
		{"majority", f.Majority},
		{"blocs", f.Blocs},
		{"bloc_quorum", f.BlocQuorum},
		{"level", f.Level},
		{"tie", f.Tie},
		{"window", f.Window},
		{"lang", f.Lang},
	}
	for name, day := range map[string]string{"opens": f.Opens, "closes": f.Closes} {
		for i, which := range []string{".year", ".month", ".day"} {
			out = append(out, [2]string{name + which, ui.DatePart(day, i)})
		}
	}
	return out
}

// asked are the texts of which there are two after a conflict; of the rest mine
// is kept.
var asked = []string{"title", "text", "options"}

func conflictFields(ctx context.Context, mine, theirs form) (out []ui.ConflictField) {
	m, t := mine.pairs(), theirs.pairs()
	for i, name := range asked {
		if m[i][1] != t[i][1] {
			key := name
			if name == "text" {
				key = "explanation"
			}
			out = append(out, ui.ConflictField{Name: name, Label: label(ctx, key), Mine: m[i][1], Theirs: t[i][1], Long: i > 0})
		}
	}
	return out
}

func conflictSame(mine, theirs form) (out []ui.Hidden) {
	t := theirs.pairs()
	for i, p := range mine.pairs() {
		if i >= len(asked) || p[1] == t[i][1] {
			out = append(out, ui.Hidden{Name: p[0], Value: p[1]})
		}
	}
	return out
}

func votersLead(p ballot.Poll) string {
	if p.State == ballot.Draft {
		return "polls.voters.lead"
	}
	return "polls.voters.fixed"
}

func voterRows(ctx context.Context, v votersView) (rows [][]ui.Cell) {
	for _, x := range v.Voters {
		name := v.Names[x.ID]
		if name == "" {
			name = i18n.T(ctx, "polls.erased")
		}
		district := ""
		if x.District != "" {
			district = i18n.T(ctx, "geo.district."+x.District)
		}
		if x.State == ballot.Voted && v.Poll.Terms.Secrecy == ballot.Secret && !v.Poll.Listed() {
			x.State = ballot.Issued // whoever watches the list would learn when somebody voted
		}
		state := ui.Text(i18n.T(ctx, "polls.standing."+string(x.State)))
		state.Note = x.Reason + x.Bag
		rows = append(rows, []ui.Cell{ui.Text(name), ui.Text(blocWord(ctx, x.Bloc)), ui.Text(district), state})
	}
	return rows
}

func (v votersView) nextPage() string {
	if v.Next == "" {
		return ""
	}
	return "/poll/" + v.Poll.Slug + "/voters?after=" + v.Next
}

func (v runView) action(step string) string { return "/poll/" + v.Poll.Slug + "/run/" + step }

// id is that of a field of a step: the plain one on the form that is shown
// again, so that the summary of its errors leads there.
func (v runView) id(step, name string) string {
	if v.Step == step {
		return ""
	}
	return "f-" + name + "-" + step
}

// offers reports whether the page has the form of a step.
func (v runView) offers(step string) bool {
	switch step {
	case "extend", "recuse", "paper":
		return !v.Over
	case "draw":
		return v.WaitLot && v.Poll.Terms.Tie == ballot.ByText
	case "finalise":
		return v.MayFinish
	case "annul":
		return v.Poll.State == ballot.Provisional
	case "abort":
		return slices.Contains([]ballot.State{ballot.Declared, ballot.Open, ballot.Closed, ballot.Provisional}, v.Poll.State)
	}
	return false
}

func runFacts(ctx context.Context, v runView) []ui.Pair {
	out := []ui.Pair{
		{Term: i18n.T(ctx, "polls.state"), Text: i18n.T(ctx, "ballot.state."+string(v.Poll.State))},
		{Term: label(ctx, "closes"), Text: i18n.DateTime(ctx, v.Poll.Closes.Time)},
	}
	for _, s := range []ballot.Standing{ballot.Issued, ballot.Voted, ballot.OnPaper, ballot.Recused} {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.standing."+string(s)), Text: strconv.Itoa(v.Stands[s])})
	}
	if !v.Poll.Counted.IsZero() {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.objections"), Text: strconv.Itoa(len(v.Objections)), Note: i18n.T(ctx, "polls.objections.until", "date", i18n.DateTime(ctx, v.Poll.ObjectUntil()))})
	}
	return out
}

func bagRows(ctx context.Context, v runView) (rows [][]ui.Cell) {
	for _, b := range v.Bags {
		state := ui.StateCell(ui.Attention, i18n.T(ctx, "polls.bag.waits"))
		name := ui.LinkCell(b.Name, "/poll/"+v.Poll.Slug+"/bag?name="+url.QueryEscape(b.Name))
		if b.Sheet != nil {
			state, name = ui.StateCell(ui.Done, i18n.T(ctx, "polls.bag.agreed")), ui.Text(b.Name)
		}
		rows = append(rows, []ui.Cell{name, ui.Text(strconv.Itoa(b.Issued)), ui.Text(strconv.Itoa(len(b.Entries))), state})
	}
	return rows
}
