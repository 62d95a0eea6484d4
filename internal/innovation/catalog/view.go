package catalog

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
)

// sentence says what the list shows: "12 datasets on transport in Toledo".
func sentence(ctx context.Context, v listView) string {
	var parts []string
	add := func(key, name string) { parts = append(parts, i18n.T(ctx, key, "what", name)) }
	if v.Filter.Query != "" {
		add("catalog.sentence.q", v.Filter.Query)
	}
	if v.Filter.Theme != "" {
		add("catalog.sentence.theme", strings.ToLower(i18n.T(ctx, "catalog.theme."+v.Filter.Theme)))
	}
	if v.Filter.District != "" {
		add("catalog.sentence.district", i18n.T(ctx, "geo.district."+v.Filter.District))
	}
	if v.Filter.Org != "" {
		add("catalog.sentence.org", v.Orgs[v.Filter.Org])
	}
	if v.Filter.Keyword != "" {
		add("catalog.sentence.q", v.Filter.Keyword)
	}
	if len(parts) == 0 {
		return i18n.T(ctx, "catalog.sentence.all")
	}
	return i18n.T(ctx, "catalog.sentence.some", "which", strings.Join(parts, " "))
}

func chips(ctx context.Context, v listView) []ui.Chip {
	var out []ui.Chip
	for _, x := range []struct{ name, value, text string }{
		{"q", v.Filter.Query, v.Filter.Query},
		{"theme", v.Filter.Theme, i18n.T(ctx, "catalog.theme."+v.Filter.Theme)},
		{"district", v.Filter.District, i18n.T(ctx, "geo.district."+v.Filter.District)},
		{"org", v.Filter.Org, v.Orgs[v.Filter.Org]},
		{"keyword", v.Filter.Keyword, v.Filter.Keyword},
	} {
		if x.value != "" {
			out = append(out, ui.Chip{Text: x.text, Remove: ui.WithQuery("/datasets", v.Query, x.name, "", "cursor")})
		}
	}
	return out
}

func countOptions(ctx context.Context, counts []Count, chosen, prefix string, names map[string]string) []ui.Option {
	var out []ui.Option
	for _, c := range counts {
		label := names[c.Value]
		if prefix != "" {
			label = i18n.T(ctx, prefix+c.Value)
		}
		out = append(out, ui.Option{Value: c.Value, Label: label + " (" + i18n.Number(ctx, c.N) + ")", Selected: c.Value == chosen})
	}
	return out
}

func datasetCards(ctx context.Context, v listView) []ui.Card {
	var out []ui.Card
	for _, d := range v.Page.Datasets {
		meta := []string{i18n.T(ctx, "catalog.changed_on", "date", i18n.Date(ctx, d.Changed.Time))}
		if f := v.Formats[d.ID]; len(f) > 0 {
			meta = append(meta, strings.Join(f, ", "))
		}
		for _, code := range d.Districts.V {
			meta = append(meta, i18n.T(ctx, "geo.district."+code))
		}
		title, summary := v.Words[d.ID].Say("title", d.Title, d.Lang), v.Words[d.ID].Say("summary", d.Summary, d.Lang)
		out = append(out, ui.Card{
			Over: v.Orgs[d.Org], Title: title.Text, TitleIn: title.In, Href: "/dataset/" + v.Slugs[d.ID],
			Text: summary.Text, TextIn: summary.In, Meta: meta,
		})
	}
	return out
}

func firstPage(v listView) string {
	if v.Query.Get("cursor") == "" {
		return ""
	}
	return ui.WithQuery("/datasets", v.Query, "cursor", "")
}

func nextPage(v listView) string {
	if v.Page.Next == "" {
		return ""
	}
	return ui.WithQuery("/datasets", v.Query, "cursor", v.Page.Next)
}

func deskRows(ctx context.Context, ds []Dataset, orgs map[string]string) [][]ui.Cell {
	var out [][]ui.Cell
	for _, d := range ds {
		out = append(out, []ui.Cell{{Text: d.Title, Href: d.Ref().Path(), Note: d.Reason}, ui.Text(orgs[d.Org]), ui.Text(i18n.Date(ctx, d.Changed.Time))})
	}
	return out
}

func formAction(v formView) string {
	if v.Dataset.ID == "" {
		return "/datasets"
	}
	return "/dataset/" + v.Dataset.ID + "/edit"
}

func cancelOf(v formView) string {
	if v.Dataset.ID == "" {
		return "/datasets/desk"
	}
	return v.Dataset.Ref().Path()
}

func orgOptions(v formView) []ui.Option {
	var out []ui.Option
	for _, o := range v.Orgs {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == v.Dataset.Org})
	}
	return out
}

func licenceOptions(chosen string) []ui.Option {
	var out []ui.Option
	for _, l := range Licences {
		out = append(out, ui.Option{Value: l.ID, Label: l.Name, Selected: l.ID == chosen})
	}
	return out
}

func themeOptions(ctx context.Context, chosen []string) []ui.Option {
	var out []ui.Option
	for _, t := range Themes {
		out = append(out, ui.Option{Value: t.ID, Label: i18n.T(ctx, "catalog.theme."+t.ID), Selected: slices.Contains(chosen, t.ID)})
	}
	return out
}

func districtOptions(ctx context.Context, chosen []string) []ui.Option {
	var out []ui.Option
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: slices.Contains(chosen, d.Code)})
	}
	return out
}

func frequencyOptions(ctx context.Context, chosen string) []ui.Option {
	var out []ui.Option
	for _, f := range Frequencies {
		out = append(out, ui.Option{Value: f.ID, Label: i18n.T(ctx, "catalog.frequency."+f.ID), Selected: f.ID == chosen})
	}
	return out
}

func langOptions(chosen string) []ui.Option {
	var out []ui.Option
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

// in is the language of what is written about the dataset and its resources.
func (d *Dataset) in() i18n.Tongue { return i18n.Tongue{Lang: d.Lang} }

// texts are the fields of a dataset as the form names them, for comparing two.
func (d *Dataset) texts() [][2]string {
	return [][2]string{
		{"title", d.Title},
		{"org", d.Org},
		{"summary", d.Summary},
		{"notes", d.Notes},
		{"licence", d.Licence},
		{"keywords", strings.Join(d.Keywords.V, ", ")},
		{"frequency", d.Frequency},
		{"period_start", d.PeriodStart},
		{"period_end", d.PeriodEnd},
		{"contact_name", d.ContactName},
		{"contact_email", d.ContactEmail},
		{"source", d.Source},
		{"lang", d.Lang},
	}
}

func conflictFields(ctx context.Context, mine, theirs Dataset) []ui.ConflictField {
	var out []ui.ConflictField
	m, t := mine.texts(), theirs.texts()
	for i := range m {
		if m[i][1] != t[i][1] {
			out = append(out, ui.ConflictField{Name: m[i][0], Label: fieldLabel(ctx, m[i][0]), Mine: m[i][1], Theirs: t[i][1], Long: m[i][0] == "notes" || m[i][0] == "summary"})
		}
	}
	return out
}

// conflictSame carries what needs no choice: equal texts, and the lists as I
// have chosen them.
func conflictSame(mine, theirs Dataset) []ui.Hidden {
	var out []ui.Hidden
	m, t := mine.texts(), theirs.texts()
	for i := range m {
		if m[i][1] == t[i][1] {
			out = append(out, ui.Hidden{Name: m[i][0], Value: m[i][1]})
		}
	}
	for _, v := range mine.Themes.V {
		out = append(out, ui.Hidden{Name: "themes", Value: v})
	}
	for _, v := range mine.Districts.V {
		out = append(out, ui.Hidden{Name: "districts", Value: v})
	}
	return out
}

// stateSentence says in plain words how the dataset stands.
func stateSentence(ctx context.Context, v datasetView) string {
	d := v.Dataset
	switch d.State {
	case Published:
		return i18n.T(ctx, "catalog.says.published", "date", i18n.Date(ctx, d.Published.Time), "changed", i18n.Date(ctx, d.Changed.Time))
	case Review:
		return i18n.T(ctx, "catalog.says.review")
	case Withdrawn:
		return i18n.T(ctx, "catalog.says.withdrawn", "reason", d.Reason)
	}
	if d.Reason != "" {
		return i18n.T(ctx, "catalog.says.sent_back", "reason", d.Reason)
	}
	return i18n.T(ctx, "catalog.says.draft")
}

func timeline(ctx context.Context, events []activity.Event) *ui.Timeline {
	t := &ui.Timeline{}
	for _, e := range events {
		x := ui.Event{At: e.At.Time, Title: i18n.T(ctx, "did."+e.Verb), Text: e.Note}
		if e.Public {
			x.Proof = "/ledger/entry/" + e.ID
		}
		t.Items = append(t.Items, x)
	}
	return t
}

func dataOf(v datasetView) *ui.Data {
	return &ui.Data{
		JSON: "/api/v1/datasets/" + v.Dataset.ID, Atom: "/activity.atom?kind=dataset&record=" + v.Dataset.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + "/api/v1/datasets/" + v.Dataset.ID}, Proof: "/ledger/pack/dataset/" + v.Dataset.ID,
	}
}

func sideOf(ctx context.Context, v datasetView) *ui.Side {
	s := &ui.Side{Share: v.Base + v.Dataset.Ref().Path(), Follow: v.Talk.Follow()}
	if !v.MayWrite { // else it is among the tools
		s.Translate = v.Talk.Translate()
	}
	if e := v.Dataset.ContactEmail; e != "" {
		name := v.Dataset.ContactName
		if name == "" {
			name = e
		}
		s.Contact = ui.Link{Text: name, Href: "mailto:" + url.PathEscape(e)}
	}
	return s
}

func facts(ctx context.Context, v datasetView) []ui.Pair {
	d := v.Dataset
	licence, _ := LicenceOf(d.Licence)
	out := []ui.Pair{
		{Term: fieldLabel(ctx, "org"), Text: v.Org, Href: "/organisation/" + d.Org},
		{Term: fieldLabel(ctx, "licence"), Text: licence.Name, Href: licence.URL},
		{Term: fieldLabel(ctx, "themes"), Text: words(ctx, "catalog.theme.", d.Themes.V)},
		{Term: fieldLabel(ctx, "districts"), Text: where(ctx, d.Districts.V)},
		{Term: fieldLabel(ctx, "frequency"), Text: i18n.T(ctx, "catalog.frequency."+d.Frequency)},
	}
	if d.PeriodStart != "" || d.PeriodEnd != "" {
		p := i18n.From(ctx)
		out = append(out, ui.Pair{Term: i18n.T(ctx, "catalog.period"), Text: p.CivilDate(d.PeriodStart) + " – " + p.CivilDate(d.PeriodEnd)})
	}
	if len(d.Keywords.V) > 0 {
		out = append(out, ui.Pair{Term: fieldLabel(ctx, "keywords"), Text: strings.Join(d.Keywords.V, ", ")})
	}
	if d.Source != "" {
		out = append(out, ui.Pair{Term: fieldLabel(ctx, "source"), Text: d.Source, Href: d.Source})
	}
	return out
}

// where names the districts, or says that the whole country is meant.
func where(ctx context.Context, codes []string) string {
	if len(codes) == 0 {
		return i18n.T(ctx, "catalog.whole_country")
	}
	return words(ctx, "geo.district.", codes)
}

func words(ctx context.Context, prefix string, ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, i18n.T(ctx, prefix+id))
	}
	return strings.Join(out, ", ")
}

func resourceCards(ctx context.Context, v datasetView) []ui.Card {
	var out []ui.Card
	for _, r := range v.Resources {
		in := v.Dataset.in()
		c := ui.Card{Over: r.Format(), Title: r.Title, TitleIn: in, Href: "/resource/" + r.ID, Text: r.Description, TextIn: in}
		if r.Bytes > 0 {
			c.Meta = append(c.Meta, i18n.Bytes(ctx, r.Bytes))
		}
		if r.Current != nil {
			c.Meta = append(c.Meta, i18n.N(ctx, "catalog.rows", int(r.Current.Rows)), i18n.T(ctx, "catalog.version", "n", r.Current.N))
		}
		if w, ok := v.Working[r.ID]; ok {
			c.State = &ui.Badge{Tone: workTone(w.State), Word: i18n.T(ctx, "catalog.work."+string(w.State))}
			c.Href = "/resource/" + r.ID + "/work"
		}
		out = append(out, c)
	}
	return out
}

func workTone(s shelf.State) ui.Tone {
	switch s {
	case shelf.Failed:
		return ui.Late
	case shelf.Profiled:
		return ui.Attention
	}
	return ui.Going
}

func addLink(ctx context.Context, v datasetView) ui.Link {
	if !v.MayWrite {
		return ui.Link{}
	}
	return ui.Link{Text: i18n.T(ctx, "catalog.add"), Href: "/dataset/" + v.Slug + "/add"}
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
