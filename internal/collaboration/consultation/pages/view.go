package pages

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"ceiba/internal/collaboration/consultation"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

// badge is the state of a consultation at a moment.
func badge(ctx context.Context, c consultation.Consultation, now db.Time) ui.Badge {
	key, tone := string(c.State), consultation.Tones[c.State]
	switch {
	case c.State == consultation.Published && now.Before(c.Opens.Time):
		key, tone = "announced", ""
	case c.State == consultation.Published && c.Over(now.Time):
		key, tone = string(consultation.Closed), consultation.Tones[consultation.Closed]
	case c.State == consultation.Published:
		return ui.Badge{Tone: ui.Going, Word: i18n.T(ctx, "consultation.open_until", "date", until(ctx, c))}
	}
	return ui.Badge{Tone: ui.Tone(tone), Word: i18n.T(ctx, "consultation.state."+key)}
}

// standing says in a sentence how a consultation stands.
func (b base) standing(ctx context.Context) ui.Said {
	switch {
	case b.C.State == consultation.Withdrawn:
		return ui.Say(ctx, "consultation.withdrawn", "reason", b.C.Reason)
	case b.C.State == consultation.Draft:
		return ui.Say(ctx, "consultation.standing.draft")
	case b.C.State == consultation.Published && b.Now.Before(b.C.Opens.Time):
		return ui.Say(ctx, "consultation.standing.announced", "org", b.Org, "from", i18n.DateTime(ctx, b.C.Opens.Time), "until", until(ctx, b.C))
	case b.C.State == consultation.Published && !b.C.Over(b.Now.Time):
		return ui.Say(ctx, "consultation.standing.open", "org", b.Org, "until", until(ctx, b.C))
	case b.C.State == consultation.Answered:
		return ui.Say(ctx, "consultation.standing.answered", "org", b.Org, "all", owedNotes(b.C, b.Cover))
	}
	return ui.Say(ctx, "consultation.standing.closed", "org", b.Org, "until", until(ctx, b.C), "answered", answeredNotes(b.C, b.Cover), "all", owedNotes(b.C, b.Cover))
}

// coverSaid tells how much has an answer.
func coverSaid(ctx context.Context, c consultation.Consultation, n consultation.Cover) ui.Said {
	if n.All == 0 {
		return ui.Say(ctx, "consultation.cover_none")
	}
	return ui.Say(ctx, "consultation.cover", "answered", answeredNotes(c, n), "all", owedNotes(c, n))
}

// owedNotes is how many notes are owed an answer.
func owedNotes(c consultation.Consultation, n consultation.Cover) ui.Figure {
	return ui.Count(n.All, noted(c, "/annotations", "owed", ""))
}

// answeredNotes is how many of them have it.
func answeredNotes(c consultation.Consultation, n consultation.Cover) ui.Figure {
	return ui.Count(n.Answered, noted(c, "/annotations", "answered", ""))
}

func cards(ctx context.Context, v listView, list []consultation.Consultation) (out []ui.Card) {
	for _, c := range list {
		b := badge(ctx, c, v.Now)
		out = append(out, ui.Card{
			Over: v.Orgs[c.Org], Title: c.Title, TitleIn: i18n.Tongue{Lang: c.Lang}, Href: "/" + consultation.Kind + "/" + v.Slugs[c.ID],
			Text: consultation.Summary(c.Introduction), TextIn: i18n.Tongue{Lang: c.Lang}, Says: []ui.Said{coverSaid(ctx, c, v.Covers[c.ID])}, State: &b,
		})
	}
	return out
}

func orgOptions(list []org.Choice, chosen string) (out []ui.Option) {
	for _, o := range list {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func decisionOptions(ctx context.Context, chosen consultation.Decision, from []consultation.Decision) (out []ui.Option) {
	for _, x := range from {
		out = append(out, ui.Option{Value: string(x), Label: i18n.T(ctx, "consultation.decision."+string(x)), Selected: x == chosen})
	}
	return out
}

// filters are the views of what people wrote, at the address that page makes of
// their names.
func filters(ctx context.Context, current string, names []string, address func(string) string) ui.Tabs {
	t := ui.Tabs{Label: i18n.T(ctx, "consultation.filters")}
	for _, name := range names {
		href := address(name)
		t.Items = append(t.Items, ui.Tab{Text: i18n.T(ctx, "consultation.show."+name), Href: href, Current: name == current || name == "all" && current == ""})
	}
	return t
}

// showing adds a filter to an address.
func showing(path string) func(string) string {
	return func(name string) string {
		if name == "all" {
			return path
		}
		return path + "?show=" + name
	}
}

func sortTabs(ctx context.Context, v paragraphView) ui.Tabs {
	t := ui.Tabs{Label: i18n.T(ctx, "consultation.what_kind")}
	for _, s := range consultation.Sorts {
		t.Items = append(t.Items, ui.Tab{
			Text: i18n.T(ctx, "consultation.write_as."+string(s)), Href: v.path("/p/" + v.P.ID + "?kind=" + string(s) + "#write"), Current: s == v.In.Sort,
		})
	}
	return t
}

func timeline(ctx context.Context, events []activity.Event) *ui.Timeline {
	t := &ui.Timeline{}
	for _, e := range events {
		t.Items = append(t.Items, ui.Event{At: e.At.Time, Title: i18n.T(ctx, "did."+e.Verb), Text: e.Note, Proof: "/ledger/entry/" + e.ID})
	}
	return t
}

func dataOf(v showView) *ui.Data {
	if !v.C.Public() {
		return nil
	}
	api := v.Base + "/api/v1/consultations/" + v.C.ID
	return &ui.Data{
		JSON: v.path("/notes.json"), CSV: v.path("/notes.csv"), Atom: "/activity.atom?kind=" + consultation.Kind + "&record=" + v.C.ID,
		API: &ui.APICall{ID: "call-text", URL: api},
	}
}

func sideOf(ctx context.Context, v showView) *ui.Side {
	s := &ui.Side{Share: v.Base + v.C.Path(), Follow: v.Talk.Follow(), Facts: []ui.Pair{{Term: i18n.T(ctx, "consultation.answers"), View: coverSaid(ctx, v.C, v.Cover)}}}
	if v.Version.N > 0 {
		s.Facts = append(s.Facts, ui.Pair{Term: i18n.T(ctx, "consultation.version"), Text: strconv.Itoa(v.Version.N) + " · " + i18n.Date(ctx, v.Version.At.Time), Href: v.path("/versions")})
	}
	if v.Of.ID != "" {
		s.Facts = append(s.Facts, ui.Pair{Term: i18n.T(ctx, "consultation.about"), Text: v.Of.Title, Href: v.Of.Path()})
	}
	return s
}

// changesSaid says what a version changed, in a sentence.
func changesSaid(ctx context.Context, of consultation.Consultation, version int, c consultation.Changes) (out ui.Said) {
	for _, y := range []struct {
		fate paragraph.Fate
		n    int
	}{{paragraph.Changed, c.Changed}, {paragraph.New, c.New}, {paragraph.Moved, c.Moved}, {paragraph.Gone, c.Gone}, {paragraph.Same, c.Same}} {
		if y.n > 0 {
			if !out.None() {
				out = out.And(ui.Plainly("·"))
			}
			out = out.And(ui.SayN(ctx, "consultation.n_"+string(y.fate), fated(of, version, version-1, y.fate, y.n)))
		}
	}
	return out
}

func versionRows(ctx context.Context, v versionsView) (rows [][]ui.Cell) {
	for _, x := range v.Versions {
		by, why := cmp.Or(v.Names[x.By], v.Org), ui.Cell{Text: x.Reason}
		if x.Amendment != "" {
			by = i18n.T(ctx, "consultation.taken_up_from", "name", nameOr(ctx, v.Names[x.Amendment]))
			why = ui.Cell{Text: i18n.T(ctx, "consultation.read_proposal"), Href: "/" + consultation.AnnotationKind + "/" + x.Amendment}
		}
		compare := ui.Cell{}
		if x.N > 1 {
			compare = ui.Cell{Text: i18n.T(ctx, "consultation.compare_with", "n", x.N-1), Href: v.path("/compare?from=" + strconv.Itoa(x.N-1) + "&to=" + strconv.Itoa(x.N))}
		}
		rows = append(rows, []ui.Cell{
			{Text: i18n.T(ctx, "consultation.version_n", "n", x.N), Href: v.path("?version=" + strconv.Itoa(x.N))},
			{Text: i18n.DateTime(ctx, x.At.Time)},
			{Text: by},
			why,
			{View: changesSaid(ctx, v.C, x.N, x.Changes)},
			compare,
		})
	}
	return rows
}

func nameOr(ctx context.Context, name string) string {
	if name == "" {
		return i18n.T(ctx, "consultation.somebody")
	}
	return name
}

func versionOptions(ctx context.Context, vs []consultation.Version, chosen int) (out []ui.Option) {
	for _, x := range vs {
		out = append(out, ui.Option{Value: strconv.Itoa(x.N), Label: i18n.T(ctx, "consultation.version_n", "n", x.N) + " · " + i18n.Date(ctx, x.At.Time), Selected: x.N == chosen})
	}
	return out
}

func versionLabel(ctx context.Context, n int) string {
	return i18n.T(ctx, "consultation.version_n", "n", n)
}

// textOf is a side of a pair.
func textOf(p *paragraph.Paragraph) string {
	if p == nil {
		return ""
	}
	return p.Text
}

// replies is the discussion of an annotation without its own words, which stand
// above it.
func replies(ctx context.Context, v oneView) *ui.Thread {
	th := v.Talk.Discussion(ctx)
	if th == nil {
		return nil
	}
	var rest []ui.Comment
	for _, c := range th.Comments {
		if c.ID == v.Note.Comment {
			rest = append(c.Replies, rest...)
		} else {
			rest = append(rest, c)
		}
	}
	th.Title, th.Comments, th.Count = i18n.T(ctx, "consultation.replies"), rest, max(0, th.Count-1)
	th.Rows = listing.Of("/comments", "of", consultation.AnnotationKind+":"+v.Note.ID, "without", v.Note.Comment)
	return th
}

// facts are the small facts above a note.
func (n noteView) facts(ctx context.Context) (out []string) {
	if n.For != "" {
		out = append(out, i18n.T(ctx, "consultation.speaks_for", "org", n.For))
	}
	out = append(out, i18n.Date(ctx, n.Created.Time), i18n.T(ctx, "consultation.paragraph", "n", n.Anchor.Paragraph))
	switch {
	case n.Answer != nil && n.Edited.After(n.Answered.Time):
		out = append(out, i18n.T(ctx, "consultation.edited_later"))
	case !n.Edited.IsZero():
		out = append(out, i18n.T(ctx, "consultation.edited"))
	}
	return out
}

// tongue is the language of what people wrote.
func tongue(lang string) i18n.Tongue { return i18n.Tongue{Lang: lang} }

// short reports whether people have less time to write than the two weeks below which OGP advice warns.
func (b base) short() bool {
	return !b.C.Closes.IsZero() && b.C.State == consultation.Draft && b.C.Closes.Sub(maxTime(b.C.Opens.Time, b.Now.Time)) < 14*24*time.Hour
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// langOf is the attribute lang for the element around a text.
func langOf(ctx context.Context, lang string) templ.Attributes { return ui.LangOf(ctx, tongue(lang)) }

// until is the last moment at which people may write, in words.
func until(ctx context.Context, c consultation.Consultation) string {
	return i18n.DateTime(ctx, c.Closes.Add(-time.Minute))
}
