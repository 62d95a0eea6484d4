package answer

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// options are the choices of a list whose words stand under a prefix.
func options[T ~string](ctx context.Context, prefix string, all []T, chosen ...string) (out []ui.Option) {
	for _, v := range all {
		out = append(out, ui.Option{Value: string(v), Label: i18n.T(ctx, prefix+string(v)), Selected: slices.Contains(chosen, string(v))})
	}
	return out
}

func districtOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: d.Code == chosen})
	}
	return out
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func districtName(ctx context.Context, code string) string {
	if d, ok := geo.DistrictByCode(code); ok {
		return i18n.T(ctx, d.NameKey())
	}
	return ""
}

// when is the day of an input or the moment, as far as it is known.
func when(ctx context.Context, t db.Time) string { return i18n.Date(ctx, t.Time) }

// untilDay is the last day before a moment: the end of a call is the beginning of
// the day after.
func untilDay(ctx context.Context, t db.Time) string { return i18n.Date(ctx, t.Add(-time.Microsecond)) }

func phaseBadge(ctx context.Context, p answer.Phase) ui.Badge {
	return ui.Badge{Tone: ui.Tone(p.Tone()), Word: i18n.T(ctx, p.Word())}
}

func stateBadge(ctx context.Context, s answer.State) ui.Badge {
	return ui.Badge{Tone: ui.Tone(s.Tone()), Word: i18n.T(ctx, s.Word())}
}

func callCards(ctx context.Context, v listView, boxes []answer.Box) (out []ui.Card) {
	for _, b := range boxes {
		phase := b.Phase(v.Now.Time)
		state, title := phaseBadge(ctx, phase), v.Words[b.ID].Say("title", b.Title, b.Lang)
		c := ui.Card{Over: v.Orgs[b.Org], Title: title.Text, TitleIn: title.In, Href: "/call/" + v.Slugs[b.ID], State: &state}
		if !b.Closes.IsZero() {
			c.Meta = append(c.Meta, timeSentence(ctx, b, phase))
		}
		out = append(out, c)
	}
	return out
}

// timeSentence says when one may take part.
func timeSentence(ctx context.Context, b answer.Box, p answer.Phase) string {
	return i18n.T(ctx, "call.time."+string(p), "opens", i18n.Date(ctx, b.Opens.Time), "closes", untilDay(ctx, b.Closes))
}

// standingSentence says how far the answers are.
func (v callView) standingSentence(ctx context.Context) ui.Said {
	said := ui.Plainly(timeSentence(ctx, v.Box, v.Phase()))
	if v.Standing.All == 0 {
		return said
	}
	return said.And(v.progress(ctx))
}

func (v callView) progress(ctx context.Context) ui.Said {
	return ui.SayN(ctx, "call.progress", ui.Count(v.Standing.All, v.listed("")), "answered", ui.Count(v.Standing.Answered, v.listed("answered")))
}

// listed is the address of the list of the call's inputs in a state.
func (v callView) listed(state string) string {
	return listing.Of(v.Path(), "state", state) + "#inputs"
}

// same is the list as it is filtered now, elsewhere: at path.
func (v callView) same(path string) string {
	return ui.WithQuery(path, v.Query, "cursor", "")
}

// outcomeRows are the states of a call's inputs with their numbers, each a filter.
func outcomeRows(ctx context.Context, v callView) (rows [][]ui.Cell) {
	for _, state := range answer.States {
		if n := v.Standing.States[state]; n > 0 {
			rows = append(rows, []ui.Cell{ui.Text(i18n.T(ctx, state.Word())), {View: ui.Count(n, v.listed(string(state)))}})
		}
	}
	return rows
}

func inputCards(ctx context.Context, list []answer.Input, words map[string]record.Translated) (out []ui.Card) {
	for _, x := range list {
		title := words[x.ID].Say("title", x.Title, x.Lang)
		state := stateBadge(ctx, x.State)
		c := ui.Card{Over: i18n.T(ctx, "answer.kind."+x.Kind), Title: title.Text, TitleIn: title.In, Href: "/input/" + x.ID, State: &state, Meta: metaOf(ctx, x), Says: backers(ctx, x)}
		if text := words[x.ID].Say("text", x.Text, x.Lang); !strings.HasPrefix(text.Text, title.Text) {
			c.Text, c.TextIn = short(text.Text), text.In
		}
		out = append(out, c)
	}
	return out
}

func short(text string) string {
	if r := []rune(text); len(r) > 180 {
		return string(r[:180]) + "…"
	}
	return text
}

// metaOf are the small facts of an input.
func metaOf(ctx context.Context, x answer.Input) (meta []string) {
	if d := districtName(ctx, x.District); d != "" {
		meta = append(meta, d)
	}
	return append(meta, when(ctx, x.Received))
}

// backers are how many support an input, and with how many points.
func backers(ctx context.Context, x answer.Input) (out []ui.Said) {
	if x.Supports > 0 {
		out = append(out, ui.SayN(ctx, "call.n_supports", supporters(x, "level", "", x.Supports)))
	}
	if x.Points > 0 {
		out = append(out, ui.SayN(ctx, "call.n_points", pointsGiven(x)))
	}
	return out
}

// supporters is a number of those who support an input, by level or district.
func supporters(x answer.Input, by, value string, n int) ui.Figure {
	return ui.Total(n, "people", listing.Of("/input-support", "input", x.ID, "by", by, "value", value))
}

// pointsGiven is how many points an input was given.
func pointsGiven(x answer.Input) ui.Figure {
	return ui.Total(x.Points, "points", listing.Of("/input-support", "input", x.ID, "by", "points"))
}

// facts are what an author said about themselves.
func facts(ctx context.Context, in answer.Input, names map[string]string) []ui.Pair {
	out := []ui.Pair{{Term: i18n.T(ctx, "call.said_by"), Text: author(ctx, in, names)}, {Term: i18n.T(ctx, "call.received"), Text: when(ctx, in.Received)}}
	for _, x := range []struct{ term, text string }{
		{"district", districtName(ctx, in.District)},
		{"community", in.Community},
		{"for_org", in.ForOrg},
		{"sector", sectorName(ctx, in.Sector)},
		{"channel", i18n.T(ctx, "answer.channel."+in.Channel)},
	} {
		if x.text != "" {
			out = append(out, ui.Pair{Term: fieldLabel(ctx, x.term), Text: x.text})
		}
	}
	return out
}

func sectorName(ctx context.Context, sector string) string {
	if sector == "" {
		return ""
	}
	return i18n.T(ctx, "answer.sector."+sector)
}

// sortOptions are the orders of a list.
func sortOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, s := range answer.Sorts {
		out = append(out, ui.Option{Value: s, Label: i18n.T(ctx, "call.sort."+s), Selected: s == chosen})
	}
	return out
}

func author(ctx context.Context, in answer.Input, names map[string]string) string {
	switch {
	case in.Naming == answer.Pseudonym:
		return i18n.T(ctx, "call.calls_themselves", "name", in.Name)
	case in.Naming == answer.Named && names[in.Author] != "":
		return names[in.Author]
	}
	return i18n.T(ctx, "call.somebody")
}

// sentence says in plain words how an input stands.
func (v storyView) sentence(ctx context.Context) string {
	in := v.Input
	switch {
	case in.View == answer.Held:
		return i18n.T(ctx, "call.stands.held")
	case in.View == answer.Hidden:
		return i18n.T(ctx, "call.stands.hidden", "reason", in.Why)
	case v.Root != nil && v.Reply() != nil:
		return i18n.T(ctx, "call.stands.merged_answered", "date", when(ctx, v.Root.Answered))
	case v.Root != nil:
		return i18n.T(ctx, "call.stands.merged")
	case in.State.Done():
		return i18n.T(ctx, "call.stands.answered", "date", when(ctx, in.Answered))
	case v.Box.Late(v.Now.Time):
		return i18n.T(ctx, "call.stands.late", "date", untilDay(ctx, v.Box.Closes))
	}
	return i18n.T(ctx, "call.stands."+string(in.State), "date", untilDay(ctx, v.Box.Closes))
}

// timeline is what happened to an input, the newest first.
func (v storyView) timeline(ctx context.Context) *ui.Timeline {
	t := &ui.Timeline{}
	for i := len(v.Steps) - 1; i >= 0; i-- {
		s := v.Steps[i]
		e := ui.Event{At: s.At.Time, Title: i18n.T(ctx, "call.step."+string(s.State)), Tone: ui.Tone(s.State.Tone())}
		if i == 0 && v.Input.ByDay() {
			e.At, e.Day = time.Time{}, when(ctx, s.At)
		}
		if s.Root != "" {
			e.Href = "/input/" + s.Root
			if v.Root != nil && v.Root.ID == s.Root {
				e.Text = v.Root.Title
			}
		}
		if s.Reply != "" {
			e.Who = v.replier(s.Reply)
		}
		t.Items = append(t.Items, e)
	}
	return t
}

func (v storyView) replier(reply string) string {
	for _, r := range v.Replies {
		if r.ID == reply {
			return v.Orgs[r.Org]
		}
	}
	return ""
}

// changedCards are the records that an answer changed, as far as the reader may see
// them.
func (v storyView) changedCards(ctx context.Context) (out []ui.Card) {
	r := v.Reply()
	if r == nil {
		return nil
	}
	for _, ref := range r.Changed.V {
		if c, ok := v.Changed[ref]; ok {
			out = append(out, cardOf(ctx, c))
		}
	}
	return out
}

func cardOf(ctx context.Context, c record.Card) ui.Card {
	card := ui.Card{Over: i18n.T(ctx, "kind."+c.Kind), Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: c.Summary, TextIn: c.SummaryIn}
	if c.State != "" {
		card.State = &ui.Badge{Tone: ui.Tone(c.Tone), Word: i18n.T(ctx, c.State)}
	}
	return card
}

// chain is the strip of an input: what it is linked with.
func (v inputView) chain(ctx context.Context) *ui.Chain {
	c := &ui.Chain{Current: ui.StepInput}
	links := map[string]*ui.ChainLink{"input": {Step: ui.StepInput, Items: []ui.ChainItem{{Title: v.Title.Text, Tone: ui.Tone(v.Input.State.Tone()), State: i18n.T(ctx, v.Input.State.Word())}}}}
	for _, e := range v.Edges {
		step := v.steps[e.To]
		if step == "" || step == "input" {
			continue
		}
		if links[step] == nil {
			links[step] = &ui.ChainLink{Step: ui.Step(step)}
		}
		item := ui.ChainItem{Title: e.Card.Title, Href: e.Card.Path(), Tone: ui.Tone(e.Card.Tone)}
		if e.Card.State != "" {
			item.State = i18n.T(ctx, e.Card.State)
		}
		if l := links[step]; len(l.Items) < 2 {
			l.Items = append(l.Items, item)
		} else {
			l.More++
			l.MoreHref = "#changed"
		}
	}
	for _, step := range ui.Steps {
		if l := links[string(step)]; l != nil {
			c.Links = append(c.Links, *l)
		}
	}
	return c
}

// linkedCards are the other records that an input is linked with.
func (v inputView) linkedCards(ctx context.Context) (out []ui.Card) {
	r := v.Reply()
	for _, e := range v.Edges {
		if e.To.Kind == answer.InputKind || r != nil && slices.Contains(r.Changed.V, e.To) {
			continue
		}
		out = append(out, cardOf(ctx, e.Card))
	}
	return out
}

// backing says who supports an input.
func (v inputView) backing(ctx context.Context) (out []ui.Pair) {
	for _, c := range v.Backing.Levels {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "call.level."+c.Value), View: ui.SayN(ctx, "call.n_people", supporters(v.Input, "level", c.Value, c.N))})
	}
	for _, c := range v.Backing.Districts {
		name := districtName(ctx, c.Value)
		if name == "" {
			name = i18n.T(ctx, "call.no_district")
		}
		value := c.Value
		if value == "" {
			value = "none"
		}
		out = append(out, ui.Pair{Term: name, View: ui.SayN(ctx, "call.n_people", supporters(v.Input, "district", value, c.N))})
	}
	return out
}

func (v inputView) side(ctx context.Context) *ui.Side {
	return &ui.Side{Share: v.Base + "/input/" + v.Input.ID, Follow: v.Talk.Follow(), Translate: v.Talk.Translate(), Facts: facts(ctx, v.Input, v.Names)}
}

func (v inputView) data() *ui.Data {
	api := "/api/v1/inputs/" + v.Input.ID
	return &ui.Data{
		JSON: api, Atom: "/activity.atom?kind=input&record=" + v.Input.ID, API: &ui.APICall{ID: "api", URL: v.Base + api},
		Proof: "/ledger/pack/input/" + v.Input.ID,
	}
}

func (v callView) data() *ui.Data {
	api := "/api/v1/calls/" + v.Box.ID
	return &ui.Data{
		JSON: api, CSV: v.Path() + "/inputs.csv", Atom: "/activity.atom?kind=call&record=" + v.Box.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + api + "/inputs"}, Proof: "/ledger/pack/call/" + v.Box.ID,
	}
}

func (v callView) side(ctx context.Context) *ui.Side {
	s := &ui.Side{Share: v.Base + v.Box.Ref().Path(), Follow: v.Talk.Follow(), Translate: v.Talk.Translate()}
	if v.MayEdit {
		s.Edit = ui.Link{Text: i18n.T(ctx, "call.edit"), Href: v.Path() + "/edit"}
	}
	return s
}

// versionRows are the announced versions of a call, the newest first.
func versionRows(ctx context.Context, list []answer.Announcement) (rows [][]ui.Cell) {
	for _, a := range slices.Backward(list) {
		rows = append(rows, []ui.Cell{ui.Text(i18n.DateTime(ctx, a.Announced.Time)), {Text: a.Title, Note: short(record.Unmarked(a.Question))}, ui.Text(i18n.Date(ctx, a.Opens.Time)), ui.Text(untilDay(ctx, a.Closes))})
	}
	return rows
}

// filterSentence says what a list shows.
func filterSentence(ctx context.Context, f answer.Filter, n int, more bool) string {
	key := "call.shows"
	if more {
		key = "call.shows_first"
	}
	return i18n.N(ctx, key, n)
}

// chips are the choices in force, each with the address that takes it off.
func chips(ctx context.Context, path string, q url.Values) (out []ui.Chip) {
	for _, x := range []struct{ name, prefix string }{
		{"state", "answer.state."}, {"kind", "answer.kind."}, {"district", ""}, {"sector", "answer.sector."}, {"language", ""}, {"channel", "answer.channel."}, {"q", ""}, {"sort", "call.sort."},
	} {
		v := q.Get(x.name)
		if v == "" {
			continue
		}
		text := v
		switch {
		case x.name == "district":
			text = districtName(ctx, v)
		case x.name == "language":
			text = i18n.NameOf(v)
		case x.prefix != "" && i18n.Has(ctx, x.prefix+v):
			text = i18n.T(ctx, x.prefix+v)
		}
		out = append(out, ui.Chip{Text: text, Remove: ui.WithQuery(path, q, x.name, "", "cursor")})
	}
	return out
}

// stateOptions are the states to filter by, with those that stand for several.
func stateOptions(ctx context.Context, q url.Values, desk bool) []ui.Option {
	all := []answer.State{"open"}
	if desk {
		all = append(all, "contested")
	}
	return options(ctx, "answer.state.", append(all, answer.States...), q.Get("state"))
}

func nextOf(path string, q url.Values, next string) string {
	if next == "" {
		return ""
	}
	return ui.WithQuery(path, q, "cursor", next)
}

func firstOf(path string, q url.Values) string {
	if q.Get("cursor") == "" {
		return ""
	}
	return ui.WithQuery(path, q, "cursor", "")
}

// deskRows are the queue's rows; each can be ticked.
func deskRows(ctx context.Context, v deskView) (rows [][]ui.Cell) {
	for _, x := range v.Inputs {
		title := ui.Cell{Text: x.Title, Href: "/input/" + x.ID, Note: short(x.Text)}
		if c := v.Contests[x.ID]; c != "" {
			title.Note = i18n.T(ctx, "call.contests", "text", c)
		}
		rows = append(rows, []ui.Cell{
			{View: tick(x, slices.Contains(v.Chosen, x.ID))},
			title, ui.Text(districtName(ctx, x.District)), ui.Text(sectorName(ctx, x.Sector)),
			ui.Text(when(ctx, x.Received)), ui.Text(i18n.Number(ctx, x.Supports)), ui.StateCell(ui.Tone(x.State.Tone()), i18n.T(ctx, x.State.Word())),
		})
	}
	return rows
}

func themeOptions(ctx context.Context, themes []answer.Theme) []ui.Option {
	out := []ui.Option{}
	for _, t := range themes {
		out = append(out, ui.Option{Value: t.ID, Label: t.Title})
	}
	return append(out, ui.Option{Value: "none", Label: i18n.T(ctx, "call.no_theme")})
}

func themeRows(ctx context.Context, v deskView) (rows [][]ui.Cell) {
	for _, t := range v.Themes {
		rows = append(rows, []ui.Cell{
			ui.LinkCell(t.Title, v.Path()+"?theme="+t.ID), ui.Text(i18n.Number(ctx, t.Inputs)), ui.Text(i18n.Number(ctx, t.Waiting)),
			{Text: i18n.T(ctx, "call.answer_theme"), Href: "/call/" + v.Slug + "/answer?theme=" + t.ID},
		})
	}
	return rows
}
