package repository

import (
	"context"
	"net/url"
	"path"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

// format is what kind of file a document is, as people call it.
func format(p plan.Paper) string {
	return strings.ToUpper(strings.TrimPrefix(path.Ext(p.Name), "."))
}

// shape says what a reader gets: the type and size of a file, or whose site an
// address is on.
func shape(ctx context.Context, p plan.Paper) string {
	if p.SHA != "" {
		return strings.TrimPrefix(format(p)+", ", ", ") + i18n.Bytes(ctx, p.Bytes)
	}
	if u, err := url.Parse(p.URL); err == nil && u.Host != "" {
		return i18n.T(ctx, "repository.on_site", "site", u.Host)
	}
	return i18n.T(ctx, "repository.on_this_site")
}

// Cards show documents in the list of another page, each with the type and the
// size of what a reader would get.
func Cards(ctx context.Context, all []plan.Paper) (out []ui.Card) {
	for _, p := range all {
		out = append(out, ui.Card{
			Over: about{}.shows(ctx, p), Title: p.Title, Href: p.Path(),
			Meta: []string{shape(ctx, p), i18n.T(ctx, "plan.published_on", "date", i18n.Date(ctx, p.Published.Time))},
		})
	}
	return out
}

func fileOf(p plan.Paper) *ui.Files {
	return &ui.Files{Items: []ui.File{{Name: p.Name, Href: p.Path() + "/file", Format: format(p), Bytes: p.Bytes, SHA256: p.SHA}}}
}

// where leads to the content of a document.
func where(p plan.Paper) string {
	if p.SHA != "" {
		return p.Path() + "/file"
	}
	return p.URL
}

// shows says what a document is evidence of.
func (a about) shows(ctx context.Context, p plan.Paper) string {
	out := i18n.T(ctx, "plan.phase_of."+string(p.Phase))
	if p.Step != "" {
		out += " · " + i18n.T(ctx, "plan.phase_kind."+p.Step)
	}
	return out
}

// of names the commitment and the milestone of a document.
func (a about) of(p plan.Paper) string {
	c := a.promise(p.Commitment)
	out := strings.TrimSpace(c.Number + " " + c.Title)
	if m := a.milestone(p); m.ID != "" {
		out += ": " + m.Title
	}
	return out
}

func rows(ctx context.Context, v listView) (out [][]ui.Cell) {
	for _, p := range v.Papers {
		note := v.of(p)
		if p.N > 1 {
			note = strings.TrimPrefix(note+" · "+i18n.T(ctx, "repository.version_n", "n", p.N), " · ")
		}
		when := ui.Text(i18n.Date(ctx, p.Published.Time))
		if p.Dated != "" {
			when.Note = i18n.T(ctx, "repository.dated", "date", i18n.CivilDate(ctx, p.Dated))
		}
		out = append(out, []ui.Cell{
			{Text: p.Title, Href: p.Path(), Note: note},
			ui.Text(v.shows(ctx, p)), when,
			{Text: i18n.T(ctx, "repository.get."+kindOf(p)), Href: where(p), Note: shape(ctx, p)},
		})
	}
	return out
}

func kindOf(p plan.Paper) string {
	if p.SHA != "" {
		return "file"
	}
	return "link"
}

func (v listView) path() string { return "/plan/" + v.Slug + "/documents" }

// sentence says what the list shows.
func (v listView) sentence(ctx context.Context) ui.Said {
	said := ui.SayN(ctx, "plan.n_papers", ui.Count(v.All, v.rows("")))
	for _, c := range v.chips(ctx) {
		said = said.And(ui.Plainly("· " + c.Text))
	}
	return said
}

// rows is the list of what is shown, as ending has it.
func (v listView) rows(ending string) string {
	f := v.Filter
	return listing.Of("/plan-documents"+ending, "plan", v.Plan.ID, "phase", string(f.Phase), "step", f.Step, "commitment", f.Commitment, "kind", f.Kind)
}

func (v listView) chips(ctx context.Context) (out []ui.Chip) {
	f := v.Filter
	for _, x := range []struct{ name, value, text string }{
		{"phase", string(f.Phase), "plan.phase_of." + string(f.Phase)},
		{"step", f.Step, "plan.phase_kind." + f.Step},
		{"kind", f.Kind, "repository.kind." + f.Kind},
	} {
		if x.value != "" && i18n.Has(ctx, x.text) {
			out = append(out, ui.Chip{Text: i18n.T(ctx, x.text), Remove: ui.WithQuery(v.path(), v.Query, x.name, "", "cursor")})
		}
	}
	if c := v.promise(f.Commitment); c.ID != "" {
		out = append(out, ui.Chip{Text: strings.TrimSpace(c.Number + " " + c.Title), Remove: ui.WithQuery(v.path(), v.Query, "commitment", "", "cursor")})
	}
	return out
}

func (v listView) next() string {
	if v.Next == "" {
		return ""
	}
	return ui.WithQuery(v.path(), v.Query, "cursor", v.Next)
}

func (v listView) first() string {
	if v.Query.Get("cursor") == "" {
		return ""
	}
	return ui.WithQuery(v.path(), v.Query, "cursor", "")
}

func (v listView) data() ui.Data {
	q := url.Values{}
	for k, vs := range v.Query {
		q[k] = vs
	}
	return ui.Data{
		JSON: ui.WithQuery("/api/v1/plans/"+v.Plan.ID+"/documents", q, "cursor", ""), Atom: "/activity.atom?kind=plan&record=" + v.Plan.ID,
		Proof: "/ledger/pack/plan/" + v.Plan.ID, CSV: v.rows(".csv"),
	}
}

func phaseOptions(ctx context.Context, chosen require.Phase, hints bool) (out []ui.Option) {
	for _, v := range plan.PaperPhases {
		o := ui.Option{Value: string(v), Label: i18n.T(ctx, "plan.phase_of."+string(v)), Selected: v == chosen}
		if hints {
			o.Hint = i18n.T(ctx, "plan.phase_hint."+string(v))
		}
		out = append(out, o)
	}
	return out
}

func options(ctx context.Context, prefix string, values []string, chosen string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: i18n.T(ctx, prefix+v), Selected: v == chosen})
	}
	return out
}

func (a about) promiseOptions(chosen string) (out []ui.Option) {
	for _, c := range a.Promises {
		out = append(out, ui.Option{Value: c.ID, Label: strings.TrimSpace(c.Number + " " + c.Title), Selected: c.ID == chosen})
	}
	return out
}

// aboutOptions are the commitments, each with its milestones below it.
func (a about) aboutOptions(ctx context.Context, p plan.Paper) (out []ui.Option) {
	for _, c := range a.Promises {
		group := strings.TrimSpace(c.Number + " " + c.Title)
		out = append(out, ui.Option{
			Value: "commitment/" + c.ID, Label: i18n.T(ctx, "repository.whole_promise"), Group: group,
			Selected: p.Milestone == "" && p.Commitment == c.ID,
		})
		for _, m := range a.Milestones[c.ID] {
			if !m.Removed {
				out = append(out, ui.Option{Value: "milestone/" + m.ID, Label: m.Title, Group: group, Selected: p.Milestone == m.ID})
			}
		}
	}
	return out
}

// fileHint says what may be handed in, and what happens without a file.
func (v formView) fileHint(ctx context.Context) string {
	hint := i18n.T(ctx, "repository.hint.file")
	if v.Old.SHA != "" {
		hint += " " + i18n.T(ctx, "repository.hint.keep", "name", v.Old.Name)
	}
	return hint
}

// paperSentence says in a line what a version is.
func paperSentence(ctx context.Context, v paperView) string {
	key := "repository.sentence"
	if len(v.Versions) > 1 {
		key = "repository.sentence_versions"
	}
	return i18n.T(ctx, key, "n", v.Paper.N, "of", v.Versions[0].N, "date", i18n.Date(ctx, v.Paper.Published.Time), "org", v.Org)
}

func facts(ctx context.Context, v paperView) []ui.Pair {
	p := v.Paper
	out := []ui.Pair{{Term: i18n.T(ctx, "repository.shows"), Text: v.shows(ctx, p)}}
	if c := v.promise(p.Commitment); c.ID != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "repository.field.about"), Text: v.of(p), Href: c.Ref().Path()})
	}
	out = append(out, ui.Pair{Term: i18n.T(ctx, "repository.published"), Text: i18n.DateTime(ctx, p.Published.Time), Note: i18n.T(ctx, "repository.by_server")})
	if p.Dated != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "repository.field.dated"), Text: i18n.CivilDate(ctx, p.Dated)})
	}
	if p.Note != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "repository.field.note"), Text: p.Note})
	}
	return out
}

func versionRows(ctx context.Context, v paperView) (out [][]ui.Cell) {
	for _, x := range v.Versions {
		name := ui.LinkCell(i18n.T(ctx, "repository.version_n", "n", x.N), x.Path())
		what := ui.Cell{Text: shape(ctx, x), Note: x.Note}
		switch {
		case !x.Removed.IsZero():
			name, what = ui.Text(name.Text), ui.Cell{Text: i18n.T(ctx, "repository.taken_out"), Note: x.Reason}
		case x.ID == v.Paper.ID:
			name = ui.Cell{Text: name.Text, Note: i18n.T(ctx, "repository.this_one")}
		}
		out = append(out, []ui.Cell{name, ui.Text(i18n.Date(ctx, x.Published.Time)), what})
	}
	return out
}
