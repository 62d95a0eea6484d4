package meetingsite

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
)

func options(ctx context.Context, prefix string, values []string, chosen ...string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: i18n.T(ctx, prefix+v), Selected: slices.Contains(chosen, v)})
	}
	return out
}

func sectorOptions(ctx context.Context, chosen string) []ui.Option {
	return options(ctx, "meeting.sector.", meeting.Sectors, chosen)
}

func partOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, part := range meeting.Parts {
		out = append(out, ui.Option{Value: part, Label: i18n.T(ctx, "meeting.part."+part), Selected: part == chosen})
	}
	return out
}

func districtOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: d.Code == chosen})
	}
	return out
}

func langOptions(chosen ...string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: slices.Contains(chosen, l.Code)})
	}
	return out
}

func sectorWord(ctx context.Context, s string) string {
	if s == "" {
		return ""
	}
	return i18n.T(ctx, "meeting.sector."+s)
}

func districtWord(ctx context.Context, code string) string {
	if code == "" {
		return ""
	}
	return i18n.T(ctx, "geo.district."+code)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// when says day and hours in Belize.
func when(ctx context.Context, m meeting.Meeting) string {
	from, to := m.Starts.In(i18n.Belize), m.Ends.In(i18n.Belize)
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return i18n.T(ctx, "meetings.when", "day", i18n.Date(ctx, m.Starts.Time), "from", from.Format("15:04"), "to", to.Format("15:04"))
	}
	return i18n.T(ctx, "meetings.when_days", "from", i18n.DateTime(ctx, m.Starts.Time), "to", i18n.DateTime(ctx, m.Ends.Time))
}

func where(ctx context.Context, m meeting.Meeting) string {
	place := joined(m.Venue, districtWord(ctx, m.District))
	if m.Link != "" {
		return joined(place, i18n.T(ctx, "meetings.online"))
	}
	return place
}

func crumbs(ctx context.Context, v view) []ui.Link {
	out := []ui.Link{{Text: i18n.T(ctx, "meetings.nav"), Href: "/meetings"}}
	if v.Body.Title != "" {
		out = append(out, ui.Link{Text: v.Body.Title, Href: v.Body.Path()})
	}
	return out
}

func badge(ctx context.Context, m meeting.Meeting) ui.Badge {
	return ui.Badge{Tone: ui.Tone(meeting.Tones[m.State]), Word: i18n.T(ctx, "meeting.state."+string(m.State))}
}

// sentence says in plain words what the list shows.
func sentence(ctx context.Context, v listView) string {
	parts := []string{i18n.T(ctx, "meetings.shows.coming")}
	if v.Filter.Past {
		parts[0] = i18n.T(ctx, "meetings.shows.past")
	}
	if v.Filter.Purpose != "" {
		parts = append(parts, i18n.T(ctx, "meeting.purpose."+v.Filter.Purpose))
	}
	if v.Filter.District != "" {
		parts = append(parts, districtWord(ctx, v.Filter.District))
	}
	if c := v.Cards[v.Filter.Of]; c.Title != "" {
		parts = append(parts, c.Title)
	}
	return strings.Join(parts, " · ")
}

func listTabs(ctx context.Context, v listView) ui.Tabs {
	return ui.Tabs{Label: i18n.T(ctx, "meetings.nav"), Items: []ui.Tab{
		{Text: i18n.T(ctx, "meetings.coming"), Href: ui.WithQuery("/meetings", v.Query, "when", "", "cursor"), Current: !v.Filter.Past},
		{Text: i18n.T(ctx, "meetings.past"), Href: ui.WithQuery("/meetings", v.Query, "when", "past", "cursor"), Current: v.Filter.Past},
	}}
}

func bodyOptions(v listView) (out []ui.Option) {
	for _, c := range v.Bodies {
		out = append(out, ui.Option{Value: refText(c.Ref), Label: c.Title, Selected: c.Ref == v.Filter.Of})
	}
	return out
}

func chips(ctx context.Context, v listView) (out []ui.Chip) {
	for _, x := range []struct{ name, text string }{
		{"of", v.Cards[v.Filter.Of].Title}, {"district", districtWord(ctx, v.Filter.District)}, {"purpose", v.Filter.Purpose},
	} {
		if x.name == "purpose" && x.text != "" {
			x.text = i18n.T(ctx, "meeting.purpose."+x.text)
		}
		if x.text != "" {
			out = append(out, ui.Chip{Text: x.text, Remove: ui.WithQuery("/meetings", v.Query, x.name, "", "cursor")})
		}
	}
	return out
}

func meetingCards(ctx context.Context, v listView) (out []ui.Card) {
	for _, m := range v.Meetings {
		b, c := badge(ctx, m), v.Cards[m.Ref()]
		out = append(out, ui.Card{
			Over: v.Cards[m.Of].Title, Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: when(ctx, m),
			Meta: slices.DeleteFunc([]string{i18n.T(ctx, "meeting.purpose."+m.Purpose), where(ctx, m)}, func(s string) bool { return s == "" }), State: &b,
		})
	}
	return out
}

// says is how the meeting stands, in a sentence.
func says(ctx context.Context, v view) string {
	m := v.M
	switch m.State {
	case meeting.Announced:
		if v.Now.After(m.Ends.Time) {
			return i18n.T(ctx, "meetings.says.over", "when", when(ctx, m))
		}
		return when(ctx, m)
	case meeting.Cancelled:
		return i18n.T(ctx, "meeting.says.cancelled", "reason", m.Reason)
	case meeting.Held:
		return joinSentences(when(ctx, m), i18n.T(ctx, "meetings.says."+m.Quorate), i18n.T(ctx, "meetings.says.held"))
	case meeting.Drafted:
		return joinSentences(when(ctx, m), i18n.T(ctx, "meetings.says."+m.Quorate), i18n.T(ctx, "meetings.says.drafted", "date", i18n.Date(ctx, m.RemarksUntil())))
	}
	return joinSentences(when(ctx, m), i18n.T(ctx, "meetings.says."+m.Quorate), i18n.T(ctx, "meetings.says.published", "date", i18n.Date(ctx, m.PublishedAt.Time)))
}

func joinSentences(s ...string) string { return strings.Join(s, " ") }

// noticeSentence says how much notice was given, and the rule.
func noticeSentence(ctx context.Context, v view) ui.Said {
	got, ok := v.M.Noticed()
	switch {
	case !ok:
		return ui.Say(ctx, "meetings.notice.no_agenda", "announced", i18n.Date(ctx, v.M.Announced.Time), "rule", v.M.NoticeDays)
	case got < 0:
		return ui.Say(ctx, "meetings.notice.afterwards", "announced", i18n.Date(ctx, v.M.Announced.Time))
	}
	days := ui.Derived(int(got/(24*time.Hour)), listing.Of("/activity", "kind", "meeting", "record", v.M.ID))
	return ui.SayN(ctx, "meetings.notice.days", days, "rule", v.M.NoticeDays)
}

func agendaRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	for _, it := range v.M.Agenda.V {
		title := ui.Cell{Text: it.Title, Note: it.Text}
		about := ui.Cell{}
		if c, ok := v.About[it.About]; ok {
			about = ui.LinkCell(c.Title, c.Path())
		}
		minutes := ""
		if it.Minutes > 0 {
			minutes = i18n.Number(ctx, it.Minutes)
		}
		rows = append(rows, []ui.Cell{ui.Text(i18n.Number(ctx, it.Seq)), title, ui.Text(i18n.T(ctx, "meeting.item."+it.Kind)), about, ui.Text(minutes)})
	}
	return rows
}

// here returns who came, by subject.
func (v view) here() map[string]meeting.Attendance {
	out := map[string]meeting.Attendance{}
	for _, a := range v.Came {
		out[a.Subject] = a
	}
	return out
}

func memberRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	here := v.here()
	for _, i := range v.Invited {
		state := ui.Text("")
		if v.M.State.Done() {
			state = ui.StateCell(ui.Plain, i18n.T(ctx, "meetings.absent"))
			if a := here[i.ID]; a.Present {
				state = ui.StateCell(ui.Done, i18n.T(ctx, "meetings.mode."+a.Mode))
			}
		}
		rows = append(rows, []ui.Cell{{Text: i.Name}, ui.Text(sectorWord(ctx, i.Sector)), ui.Text(districtWord(ctx, i.District)), state})
	}
	return rows
}

func quorumRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	row := func(word, sector string, base, present, need int) {
		asked := ui.Derived(need, listing.Of("/meeting-attendance", "meeting", v.M.ID, "is", "base", "sector", sector))
		rows = append(rows, []ui.Cell{ui.Text(word), {View: v.counted(base, "base", sector)}, {View: v.counted(present, "present", sector)}, {View: asked}})
	}
	c := v.M.Count.V
	for _, b := range c.Blocs {
		row(sectorWord(ctx, b.Sector), b.Sector, b.Base, b.Present, b.Need)
	}
	row(i18n.T(ctx, "meetings.all"), "", c.Base, c.Present, c.Need)
	return rows
}

// others counts observers and staff: people who came without a seat are not
// named.
func (v view) others() (n int) {
	for _, a := range v.Came {
		if a.Present && a.Part != "member" {
			n++
		}
	}
	return n
}

func facts(ctx context.Context, v view) []ui.Pair {
	m := v.M
	out := []ui.Pair{
		{Term: label(ctx, "when"), Text: when(ctx, m), Note: i18n.T(ctx, "meetings.zone")},
		{Term: label(ctx, "place"), Text: where(ctx, m)},
	}
	switch {
	case m.Link != "" && v.MayJoin && m.State == meeting.Announced:
		out = append(out, ui.Pair{Term: label(ctx, "link"), Text: m.Link, Href: m.Link})
	case m.Link != "" && m.State == meeting.Announced:
		out = append(out, ui.Pair{Term: label(ctx, "link"), Text: i18n.T(ctx, "meetings.link_hidden")})
	}
	var langs []string
	for _, l := range m.Langs.V {
		langs = append(langs, i18n.NameOf(l))
	}
	return append(out,
		ui.Pair{Term: label(ctx, "purpose"), Text: i18n.T(ctx, "meeting.purpose."+m.Purpose)},
		ui.Pair{Term: label(ctx, "langs"), Text: strings.Join(langs, ", ")},
		ui.Pair{Term: label(ctx, "notice_given"), View: noticeSentence(ctx, v)},
		ui.Pair{Term: label(ctx, "of"), Text: v.Body.Title, Href: v.Body.Path()},
	)
}

func actionRows(ctx context.Context, actions []meeting.Action, today string) (rows [][]ui.Cell) {
	for _, a := range actions {
		rows = append(rows, []ui.Cell{{Text: a.Text, Note: a.Reason}, ui.Text(a.Name), ui.Text(i18n.CivilDate(ctx, a.Due)), actionState(ctx, a, today)})
	}
	return rows
}

func actionState(ctx context.Context, a meeting.Action, today string) ui.Cell {
	tone := map[string]ui.Tone{"open": ui.Going, "done": ui.Done, "dropped": ui.Plain}[a.State]
	if a.Overdue(today) {
		return ui.StateCell(ui.Late, i18n.T(ctx, "meetings.overdue"))
	}
	return ui.StateCell(tone, i18n.T(ctx, "meeting.action."+a.State))
}

func actionColumns(ctx context.Context) []ui.Column {
	return []ui.Column{{Label: label(ctx, "action"), RowHead: true}, {Label: label(ctx, "owner")}, {Label: label(ctx, "due"), Kind: ui.Day}, {Label: label(ctx, "state")}}
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

func dataOf(v view) *ui.Data {
	key := v.M.ID
	return &ui.Data{
		JSON: "/api/v1/meetings/" + key, Atom: "/activity.atom?kind=meeting&record=" + key,
		API: &ui.APICall{ID: "api", URL: v.Base + "/api/v1/meetings/" + key}, Proof: "/ledger/pack/meeting/" + key,
	}
}

func sideOf(v view) *ui.Side {
	return &ui.Side{Share: v.Base + v.M.Ref().Path(), Follow: v.Talk.Follow(), Translate: v.Talk.Translate()}
}

func edgeCards(ctx context.Context, v view) (out []ui.Card) {
	for _, e := range v.Edges {
		out = append(out, ui.Card{Over: i18n.T(ctx, "kind."+e.To.Kind), Title: e.Card.Title, TitleIn: e.Card.TitleIn, Href: e.Card.Path(), Text: e.Card.Summary, TextIn: e.Card.SummaryIn})
	}
	return out
}

func bodyCards(v actionsView) (out []ui.Card) {
	for _, c := range v.Bodies {
		out = append(out, ui.Card{Title: c.Title, TitleIn: c.TitleIn, Href: actionsHref(refText(c.Ref))})
	}
	return out
}

func actionsHref(of string) string { return "/meetings/actions?of=" + url.QueryEscape(of) }

// lateSentence says what is overdue of the minutes, or nothing.
func lateSentence(ctx context.Context, v view) string {
	if late := v.M.Late(v.Now.Time); late != "" {
		return i18n.T(ctx, "meetings.late."+late)
	}
	return ""
}

// conflictFields are the texts in which two versions of a meeting differ.
func conflictFields(ctx context.Context, mine, theirs formView) (differ []ui.ConflictField, same []ui.Hidden) {
	m, t := texts(mine), texts(theirs)
	for i := range m {
		name, long := m[i][0], m[i][0] == "notice"
		if m[i][1] == t[i][1] || strings.Contains(name, "day.") || strings.Contains(name, "last.") {
			same = append(same, ui.Hidden{Name: name, Value: m[i][1]})
			continue
		}
		differ = append(differ, ui.ConflictField{Name: name, Label: label(ctx, name), Mine: m[i][1], Theirs: t[i][1], Long: long})
	}
	for _, l := range mine.M.Langs.V {
		same = append(same, ui.Hidden{Name: "langs", Value: l})
	}
	for name, on := range map[string]bool{"guests": mine.M.Guests, "link_open": mine.M.LinkOpen} {
		if on {
			same = append(same, ui.Hidden{Name: name, Value: "yes"})
		}
	}
	return differ, same
}

func texts(v formView) [][2]string {
	m := v.M
	out := [][2]string{
		{"title", m.Title},
		{"lang", m.Lang},
		{"purpose", m.Purpose},
		{"from", v.From},
		{"to", v.To},
		{"venue", m.Venue},
		{"district", m.District},
		{"point", point(m)},
		{"link", m.Link},
		{"notice", m.Notice},
		{"capacity", capacity(m)},
	}
	for i, part := range []string{"year", "month", "day"} {
		out = append(out, [2]string{"day." + part, ui.DatePart(v.Day, i)}, [2]string{"last." + part, ui.DatePart(v.Last, i)})
	}
	return out
}
