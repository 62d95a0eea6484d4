package forumpage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

func sortedTerms(m map[string]forum.Position) []string { return slices.Sorted(maps.Keys(m)) }

func sectorWord(ctx context.Context, s string) string { return i18n.T(ctx, "meeting.sector."+s) }

func districtWord(ctx context.Context, code string) string {
	if code == "" {
		return ""
	}
	return i18n.T(ctx, "geo.district."+code)
}

func scopeWord(ctx context.Context, scope string) string {
	if scope == "national" {
		return i18n.T(ctx, "forum.national")
	}
	return districtWord(ctx, scope)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func stateBadge(ctx context.Context, s forum.State) ui.Badge {
	return ui.Badge{Tone: ui.Tone(forum.Tones[s]), Word: i18n.T(ctx, "forum.state."+string(s))}
}

func forumCards(ctx context.Context, v listView) (out []ui.Card) {
	for _, f := range v.Forums {
		c, b := v.Cards[f.Ref()], stateBadge(ctx, v.Seen[f.ID])
		meta := []string{scopeWord(ctx, f.Scope), i18n.T(ctx, "forum.mandate."+f.Mandate)}
		if f.National {
			meta = append(meta, i18n.T(ctx, "forum.mechanism"))
		}
		out = append(out, ui.Card{Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: c.Summary, TextIn: c.SummaryIn, Meta: meta, State: &b})
	}
	return out
}

// says is how the forum stands, in a sentence.
func says(ctx context.Context, v view) ui.Said {
	members, seats := v.seatCount(len(v.Members), "filled", "yes"), v.seatCount(len(v.Seats))
	switch v.Seen {
	case forum.Dissolved:
		return ui.Say(ctx, "forum.says.dissolved", "reason", v.F.Reason)
	case forum.Proposed:
		return ui.Say(ctx, "forum.says.proposed")
	case forum.Active:
		return ui.SayN(ctx, "forum.says.active", members, "seats", seats)
	}
	return ui.SayN(ctx, "forum.says.dormant", members, "seats", seats, "days", forum.ActiveDays)
}

// seatCount is a number of the forum's seats.
func (v view) seatCount(n int, pairs ...string) ui.Figure {
	return ui.Count(n, listing.Of("/forum-seats", append([]string{"forum", v.F.ID}, pairs...)...))
}

// next says what those who run the forum can do now, each with its way.
func next(ctx context.Context, v view) (out []ui.Card) {
	add := func(key, href string) {
		out = append(out, ui.Card{Title: i18n.T(ctx, "forum.next."+key), Href: v.F.Ref().Path() + href})
	}
	if len(v.Seats) == 0 {
		add("seats", "/seats")
	}
	if v.F.State == forum.Proposed {
		add("establish", "/edit")
	}
	if len(v.Rules) == 0 {
		add("rules", "/rules")
	}
	switch {
	case len(v.Vacant) == 0:
	case forum.Government(v.Vacant[0].Seat.Sector):
		add("appoint", "/seats")
	default:
		add("call", "/calls")
	}
	if len(v.Next) == 0 {
		out = append(out, ui.Card{Title: i18n.T(ctx, "forum.next.meeting"), Href: "/meetings/new?of=forum:" + v.F.ID})
	}
	if len(v.Held) > 0 && !slices.ContainsFunc(v.Said, func(i forum.Interest) bool { return i.Decision == "" && strings.HasPrefix(v.Today, itoa(i.Year)) }) {
		add("interests", "/interests")
	}
	return out
}

func itoa(n int) string { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006") }

func facts(ctx context.Context, v view) []ui.Pair {
	f := v.F
	out := []ui.Pair{
		{Term: label(ctx, "scope"), Text: scopeWord(ctx, f.Scope)},
		{Term: label(ctx, "mandate"), Text: i18n.T(ctx, "forum.mandate."+f.Mandate)},
		{Term: label(ctx, "org"), Text: v.Org, Href: "/organisation/" + f.Org},
	}
	if f.Instrument != "" {
		out = append(out, ui.Pair{Term: label(ctx, "instrument"), Text: f.Instrument, Href: f.Document, Note: i18n.CivilDate(ctx, f.Date)})
	}
	if f.National {
		out = append(out, ui.Pair{Term: label(ctx, "national"), Text: i18n.T(ctx, "forum.yes")})
	}
	return out
}

// shareRows is the composition: an empty sector says so.
func shareRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	for _, s := range forum.Composition(v.Seats, v.Members) {
		state := ui.StateCell(ui.Done, i18n.T(ctx, "forum.share.full"))
		switch {
		case s.Seats == 0:
			state = ui.StateCell(ui.Attention, i18n.T(ctx, "forum.share.none"))
		case s.Filled == 0:
			state = ui.StateCell(ui.Attention, i18n.T(ctx, "forum.share.empty"))
		case s.Filled < s.Seats:
			state = ui.StateCell(ui.Going, i18n.T(ctx, "forum.share.part"))
		}
		rows = append(rows, []ui.Cell{ui.Text(sectorWord(ctx, s.Sector)), {View: v.seatCount(s.Seats, "sector", s.Sector)}, {View: v.seatCount(s.Filled, "sector", s.Sector, "filled", "yes")}, state})
	}
	return rows
}

func (v view) breach() string {
	if v.F.State != forum.Established {
		return ""
	}
	return forum.BalanceOf(v.Members).Breach()
}

func memberRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	held := map[string]forum.Term{}
	for _, m := range v.Members {
		held[m.Seat.ID] = m.Term
	}
	for _, s := range v.Seats {
		name := s.Name
		if s.Chair {
			name = i18n.T(ctx, "forum.co_chair_of", "seat", s.Name)
		}
		t, ok := held[s.ID]
		if !ok {
			rows = append(rows, []ui.Cell{ui.Text(name), ui.Text(joined(sectorWord(ctx, s.Sector), districtWord(ctx, s.District))), ui.StateCell(ui.Attention, i18n.T(ctx, "forum.vacant")), vacancyCell(ctx, v, s)})
			continue
		}
		note := ""
		if t.Alternate != "" {
			note = i18n.T(ctx, "forum.alternate", "name", t.Alternate)
		}
		rows = append(rows, []ui.Cell{
			ui.Text(name), ui.Text(joined(sectorWord(ctx, s.Sector), districtWord(ctx, s.District))),
			{Text: joined(t.Name, v.Names[t.Org]), Note: note},
			{Text: i18n.T(ctx, "forum.until", "date", i18n.CivilDate(ctx, t.Last())), Note: filledWord(ctx, t)},
		})
	}
	return rows
}

func filledWord(ctx context.Context, t forum.Term) string {
	word := i18n.T(ctx, "forum.filled."+t.Filled)
	if t.Instrument != "" {
		word += ": " + t.Instrument
	}
	return word
}

// vacancyCell says until when an empty seat has to be filled.
func vacancyCell(ctx context.Context, v view, s forum.Seat) ui.Cell {
	for _, x := range v.Vacant {
		if x.Seat.ID != s.ID {
			continue
		}
		if x.Left < 0 {
			late := ui.StateCell(ui.Late, i18n.T(ctx, "forum.fill_over"))
			late.Says = ui.SayN(ctx, "forum.fill_late", v.dayCount(-x.Left, s.ID))
			return late
		}
		going := ui.StateCell(ui.Going, i18n.T(ctx, "forum.to_fill"))
		going.Says = ui.SayN(ctx, "forum.fill_left", v.dayCount(x.Left, s.ID))
		return going
	}
	return ui.Text("")
}

// came is how many members of a sector came on the average of some meetings.
func (v view) came(sector string, mean float64) ui.Figure {
	rows := listing.Of("/meeting-attendance", "of", "forum:"+v.F.ID, "is", "present", "sector", sector)
	return ui.Derived(int(mean), rows).As(strconv.FormatFloat(mean, 'f', 1, 64))
}

// dayCount is a number of days reckoned from since when a seat is empty.
func (v view) dayCount(n int, seat string) ui.Figure {
	return ui.Derived(n, listing.Of("/forum-seats", "forum", v.F.ID, "seat", seat))
}

func termRows(ctx context.Context, v view) (rows [][]ui.Cell) {
	names := map[string]string{}
	for _, s := range v.Seats {
		names[s.ID] = s.Name
	}
	for _, t := range v.Terms {
		how := ui.Cell{Text: filledWord(ctx, t), Note: t.EndReason}
		if t.Poll != "" {
			how.Href = "/poll/" + t.Poll
		}
		rows = append(rows, []ui.Cell{
			ui.Text(names[t.Seat]), ui.Text(joined(t.Name, v.Names[t.Org])), ui.Text(i18n.CivilDate(ctx, t.Starts)), ui.Text(i18n.CivilDate(ctx, t.Last())), how,
		})
	}
	return rows
}

func seatOptions(v view, chosen string, only func(forum.Seat) bool) (out []ui.Option) {
	for _, s := range v.Seats {
		if only(s) {
			out = append(out, ui.Option{Value: s.ID, Label: s.Name, Selected: s.ID == chosen})
		}
	}
	return out
}

func anySeat(forum.Seat) bool { return true }

func elected(s forum.Seat) bool { return !forum.Government(s.Sector) }

func termOptions(v view, chosen string) (out []ui.Option) {
	for _, m := range v.Members {
		out = append(out, ui.Option{Value: m.Term.ID, Label: joined(m.Term.Name, m.Seat.Name), Selected: m.Term.ID == chosen || chosen == "" && m.Term.ID == v.mine()})
	}
	return out
}

// speakOptions are the terms for which the reader may speak: their own, or all
// for those who run the forum.
func speakOptions(v view, chosen string) []ui.Option {
	all := termOptions(v, chosen)
	if v.May {
		return all
	}
	return slices.DeleteFunc(all, func(o ui.Option) bool { return o.Value != v.mine() })
}

func orgOptions(v view, chosen string) (out []ui.Option) {
	for _, o := range v.Orgs {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func sectorOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, s := range meeting.Sectors {
		out = append(out, ui.Option{Value: s, Label: sectorWord(ctx, s), Selected: s == chosen})
	}
	return out
}

func districtOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, d := range geo.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: d.Code == chosen})
	}
	return out
}

func scopeOptions(ctx context.Context, chosen string) []ui.Option {
	return append([]ui.Option{{Value: "national", Label: i18n.T(ctx, "forum.national"), Selected: chosen == "national"}}, districtOptions(ctx, chosen)...)
}

func mandateOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, m := range forum.Mandates {
		out = append(out, ui.Option{Value: m, Label: i18n.T(ctx, "forum.mandate."+m), Selected: m == chosen})
	}
	return out
}

func filledOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, w := range forum.Ways[:2] {
		out = append(out, ui.Option{Value: w, Label: i18n.T(ctx, "forum.filled."+w), Selected: w == cmp.Or(chosen, forum.Ways[0])})
	}
	return out
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func standOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, s := range forum.Stands {
		out = append(out, ui.Option{Value: s, Label: i18n.T(ctx, "forum.stand."+s), Selected: s == chosen})
	}
	return out
}

func adoptedOptions(v view, chosen string) (out []ui.Option) {
	for _, m := range v.Motions {
		if m.State == "adopted" {
			out = append(out, ui.Option{Value: m.ID, Label: m.Title, Selected: m.ID == chosen})
		}
	}
	return out
}

func motionOptions(v view, chosen string) (out []ui.Option) {
	for _, m := range v.Motions {
		if m.State == "proposed" || m.State == "voting" {
			out = append(out, ui.Option{Value: m.ID, Label: m.Title, Selected: m.ID == chosen})
		}
	}
	return out
}

func meetingOptions(ctx context.Context, v view, chosen string) (out []ui.Option) {
	for _, m := range append(slices.Clone(v.Next), v.Held...) {
		out = append(out, ui.Option{Value: m.ID, Label: joined(v.Meetings[m.Ref()].Title, i18n.Date(ctx, m.Starts.Time)), Selected: m.ID == chosen})
	}
	return out
}

func meetingCards(ctx context.Context, v view) (out []ui.Card) {
	for _, m := range append(slices.Clone(v.Next), v.Held...) {
		c := v.Meetings[m.Ref()]
		b := ui.Badge{Tone: ui.Tone(c.Tone), Word: i18n.T(ctx, c.State)}
		out = append(out, ui.Card{Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: i18n.DateTime(ctx, m.Starts.Time), Meta: []string{m.Venue}, State: &b})
	}
	return out
}

func motionCards(ctx context.Context, v view, most int) (out []ui.Card) {
	for _, m := range v.Motions[:min(most, len(v.Motions))] {
		b, c := motionBadge(ctx, m), v.Meetings[m.Ref()]
		card := ui.Card{Over: i18n.T(ctx, "forum.number", "n", m.Number), Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), State: &b}
		if !m.Decided.IsZero() {
			card.Meta = []string{i18n.Date(ctx, m.Decided.Time), i18n.T(ctx, "forum.way."+m.Way)}
		}
		out = append(out, card)
	}
	return out
}

func motionBadge(ctx context.Context, m forum.Motion) ui.Badge {
	return ui.Badge{Tone: ui.Tone(forum.MotionTones[m.State]), Word: i18n.T(ctx, "forum.decision."+m.State)}
}

func callCards(ctx context.Context, v view) (out []ui.Card) {
	names := map[string]string{}
	for _, s := range v.Seats {
		names[s.ID] = s.Name
	}
	for _, c := range v.Calls {
		state := ui.Badge{Tone: ui.Going, Word: i18n.T(ctx, "forum.call.open")}
		switch {
		case c.Term != "":
			state = ui.Badge{Tone: ui.Done, Word: i18n.T(ctx, "forum.call.filled")}
		case c.Poll != "":
			state = ui.Badge{Tone: ui.Going, Word: i18n.T(ctx, "forum.call.election")}
		case c.Closes.In(i18n.Belize).Format(time.DateOnly) <= v.Today:
			state = ui.Badge{Tone: ui.Attention, Word: i18n.T(ctx, "forum.call.closed")}
		}
		out = append(out, ui.Card{Title: i18n.T(ctx, "forum.call_for", "seat", names[c.Seat]), Href: "/forum-call/" + c.ID, Text: i18n.T(ctx, "forum.call_until", "date", i18n.DateTime(ctx, c.Closes.Add(-time.Minute))), State: &state})
	}
	return out
}

func nominationRows(ctx context.Context, v callView) (rows [][]ui.Cell) {
	tone := map[string]ui.Tone{"submitted": ui.Attention, "eligible": ui.Done, "ineligible": ui.Wrong, "withdrawn": ui.Plain}
	for _, n := range v.Named {
		state := ui.StateCell(tone[n.State], i18n.T(ctx, "forum.nomination."+n.State))
		state.Note = n.Reason
		rows = append(rows, []ui.Cell{ui.Text(v.Names[n.Org]), {Text: n.Name, Note: n.Statement}, state})
	}
	return rows
}

func choiceOptions(v callView, chosen string) (out []ui.Option) {
	for _, o := range v.Mine {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen || len(v.Mine) == 1})
	}
	return out
}

func (v callView) speaksFor(n forum.Nomination) bool {
	return slices.ContainsFunc(v.Mine, func(o org.Choice) bool { return o.ID == n.Org })
}

// positionRows shows where each member stands, and whether they were there.
func positionRows(ctx context.Context, v motionView) (rows [][]ui.Cell) {
	tone := map[string]ui.Tone{"agree": ui.Done, "aside": ui.Plain, "object": ui.Wrong, "recused": ui.Attention}
	for _, m := range v.Table.Members {
		p := v.Table.Positions[m.Term.ID]
		cell := ui.StateCell(ui.Plain, i18n.T(ctx, "forum.stand.silent"))
		if p.Stand != "" {
			cell = ui.StateCell(tone[p.Stand], i18n.T(ctx, "forum.stand."+p.Stand))
		}
		here := i18n.T(ctx, "forum.absent")
		if v.Table.Here[m.Seat.ID] {
			here = i18n.T(ctx, "forum.present")
		}
		rows = append(rows, []ui.Cell{ui.Text(joined(m.Term.Name, v.Names[m.Term.Org])), ui.Text(sectorWord(ctx, m.Seat.Sector)), ui.Text(here), cell, ui.Text(p.Reason)})
	}
	return rows
}

func motionSays(ctx context.Context, v motionView) ui.Said {
	m := v.M
	switch m.State {
	case "proposed":
		if v.Table.Count.Quorate {
			return ui.Say(ctx, "forum.motion.proposed")
		}
		return ui.Say(ctx, "forum.motion.no_quorum", "present", ui.Count(v.Table.Count.Present, listing.Of("/forum-positions", "decision", m.ID, "counted", "present")),
			"need", ui.Derived(v.Table.Count.Need, listing.Of("/forum-positions", "decision", m.ID, "counted", "base")))
	case "voting":
		return ui.Say(ctx, "forum.motion.voting", "date", i18n.DateTime(ctx, v.Poll.Closes.Time))
	}
	return ui.Say(ctx, "forum.motion."+m.State, "date", i18n.Date(ctx, m.Decided.Time), "way", i18n.T(ctx, "forum.way."+m.Way))
}

// tallyRows is the result of the vote, by bloc.
func tallyRows(ctx context.Context, v motionView) (rows [][]ui.Cell) {
	if v.Poll.Result == nil {
		return nil
	}
	row := func(name, bloc string, base int, per []ballot.OptionVotes) {
		cells := []ui.Cell{ui.Text(name), {View: ui.Total(base, "voters", listing.Of("/poll-voters", "poll", v.Poll.ID, "by", "bloc", "value", bloc))}}
		n := map[string]int{}
		for _, o := range per {
			n[o.Option] = o.Votes
		}
		for _, option := range []string{ballot.Yes, ballot.No, ballot.Abstain} {
			cells = append(cells, ui.Cell{View: ui.Total(n[option], "votes", listing.Of("/poll-ballots", "poll", v.Poll.ID, "option", option, "bloc", bloc))})
		}
		rows = append(rows, cells)
	}
	for _, b := range v.Poll.Result.Blocs(v.Poll.Terms) {
		row(sectorWord(ctx, b.Bloc), b.Bloc, b.Base, b.PerOption)
	}
	row(i18n.T(ctx, "forum.all"), "", v.Poll.Result.Base, v.Poll.Result.PerOption)
	return rows
}

func actionRows(ctx context.Context, v motionView) (rows [][]ui.Cell) {
	for _, a := range v.Actions {
		rows = append(rows, []ui.Cell{ui.Text(a.Text), ui.Text(a.Name), ui.Text(i18n.CivilDate(ctx, a.Due)), ui.Text(i18n.T(ctx, "meeting.action."+a.State))})
	}
	return rows
}

func edgeCards(ctx context.Context, edges []record.Edge) (out []ui.Card) {
	for _, e := range edges {
		out = append(out, ui.Card{Over: i18n.T(ctx, "kind."+e.To.Kind), Title: e.Card.Title, TitleIn: e.Card.TitleIn, Href: e.Card.Path(), Text: e.Card.Summary, TextIn: e.Card.SummaryIn})
	}
	return out
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

func dataOf(base, kind, key string) *ui.Data {
	path := "/api/v1/" + kind + "s/" + key
	return &ui.Data{JSON: path, Atom: "/activity.atom?kind=" + kind + "&record=" + key, API: &ui.APICall{ID: "api", URL: base + path}, Proof: "/ledger/pack/" + kind + "/" + key}
}

func forumAction(v formView) string {
	if v.F.ID == "" {
		return "/forums"
	}
	return v.F.Ref().Path() + "/edit"
}

func forumCancel(v formView) string {
	if v.F.ID == "" {
		return "/forums"
	}
	return v.F.Ref().Path()
}

func formOrgs(v formView) (out []ui.Option) {
	for _, o := range v.Orgs {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == v.F.Org})
	}
	return out
}

// theirs is what somebody else saved, in a few lines.
func theirs(ctx context.Context, f forum.Forum) string {
	return strings.Join([]string{label(ctx, "name") + ": " + f.Name, label(ctx, "instrument") + ": " + f.Instrument, label(ctx, "document") + ": " + f.Document, label(ctx, "about") + ": " + f.About}, "\n")
}

// dayOf is a part of a date that was typed into a form that failed.
func (v view) dayOf(form, name string) string {
	return ui.DateOf(v.of(form, name+".year"), v.of(form, name+".month"), v.of(form, name+".day"))
}

func daysOf(v callView) string { return cmp.Or(v.of("elect", "days"), "7") }

func hoursOf(v motionView) string { return cmp.Or(v.of("vote", "hours"), "72") }

// interestOver says whose declaration it is, and for when.
func interestOver(ctx context.Context, v view, i forum.Interest) string {
	name := ""
	for _, t := range v.Terms {
		if t.ID == i.Term {
			name = joined(t.Name, v.Names[t.Org])
		}
	}
	return joined(name, i18n.Date(ctx, i.At.Time))
}

func today(tx *db.Tx) string { return tx.Now.In(i18n.Belize).Format(time.DateOnly) }

// refusal is why a form was refused, said on top: the form itself may not be on
// the page any more.
func (v view) refusal() string {
	var out []string
	for _, e := range v.Errors {
		out = append(out, e.Text)
	}
	return strings.Join(out, " ")
}
