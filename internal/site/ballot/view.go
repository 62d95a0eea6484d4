package ballot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ballot"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// canonicalForm is what a commitment is the digest of, for people who check.
const canonicalForm = `SHA-256( salt bytes + {"ballot":"…","choices":["…"],"poll":"…"} )`

func or(a, b string) string { return cmp.Or(a, b) }

func badge(ctx context.Context, p ballot.Poll) ui.Badge {
	return ui.Badge{Tone: ui.Tone(ballot.Tones[p.State]), Word: i18n.T(ctx, "ballot.state."+string(p.State))}
}

func pollCards(ctx context.Context, ps []ballot.Poll, v listView) (out []ui.Card) {
	for _, p := range ps {
		c, ok := v.Cards[p.Ref()]
		if !ok {
			continue
		}
		b := badge(ctx, p)
		out = append(out, ui.Card{
			Over: v.Orgs[p.Org], Title: c.Title, TitleIn: c.TitleIn, Href: c.Path(), Text: c.Summary, TextIn: c.SummaryIn, State: &b,
			Meta: []string{i18n.T(ctx, p.Terms.Method.Word()), i18n.T(ctx, "polls.until", "date", i18n.DateTime(ctx, p.Closes.Time))},
			Says: []ui.Said{ui.SayN(ctx, "polls.n_voters", voters(p, p.Electors))},
		})
	}
	return out
}

func stateOptions(ctx context.Context, now string) (out []ui.Option) {
	for _, g := range []string{"open", "over"} {
		out = append(out, ui.Option{Value: g, Label: i18n.T(ctx, "polls.shown."+g), Selected: g == now})
	}
	return out
}

func clearOf(v listView) string {
	if v.State == "" {
		return ""
	}
	return "/polls"
}

func firstPage(v listView) string {
	if v.Cursor == "" {
		return ""
	}
	return "/polls?state=" + v.State
}

func nextPage(v listView) string {
	if v.Next == "" {
		return ""
	}
	return "/polls?state=" + v.State + "&cursor=" + v.Next
}

// sentence says in plain words how a poll stands.
func sentence(ctx context.Context, v pollView) ui.Said {
	p := v.Poll
	switch p.State {
	case ballot.Draft:
		return ui.Say(ctx, "polls.says.draft")
	case ballot.Declared:
		return ui.Say(ctx, "polls.says.declared", "date", i18n.DateTime(ctx, p.Opens.Time))
	case ballot.Open:
		return ui.Say(ctx, "polls.says.open", "date", i18n.DateTime(ctx, p.Closes.Time), "n", voters(p, v.Stands[ballot.Voted]+v.Stands[ballot.OnPaper], "is", "took_part"),
			"of", voters(p, p.Electors-v.Stands[ballot.Recused], "is", "counted"))
	case ballot.Closed:
		return ui.Say(ctx, "polls.says.closed", "date", i18n.DateTime(ctx, p.Closes.Time))
	case ballot.Provisional:
		return finding(ctx, v).And(ui.Say(ctx, "polls.says.provisional", "date", i18n.DateTime(ctx, p.ObjectUntil())))
	case ballot.Final:
		return finding(ctx, v)
	}
	return ui.Say(ctx, "polls.says."+string(p.State), "reason", p.Reason)
}

// finding says what was decided.
func finding(ctx context.Context, v pollView) ui.Said {
	p, r := v.Poll, v.Poll.Result
	if r == nil {
		return ui.Said{}
	}
	yes, no := ballots(p, votesOf(r, ballot.Yes), "option", ballot.Yes), ballots(p, votesOf(r, ballot.No), "option", ballot.No)
	switch {
	case !r.Quorate:
		return ui.Say(ctx, "polls.found.no_quorum", "n", ballots(p, r.Cast, "is", "cast"), "of", voters(p, r.Base, "is", "counted"))
	case p.Terms.Method == ballot.YesNo && r.Adopted:
		return ui.Say(ctx, "polls.found.adopted", "yes", yes, "no", no)
	case p.Terms.Method == ballot.YesNo && yes.N() > no.N():
		return ui.Say(ctx, "polls.found.bloc_against", "yes", yes, "no", no)
	case p.Terms.Method == ballot.YesNo:
		return ui.Say(ctx, "polls.found.not_adopted", "yes", yes, "no", no)
	case len(r.Elected) == 0:
		return ui.Say(ctx, "polls.found.nobody")
	}
	return ui.Plainly(i18n.N(ctx, "polls.found.elected", len(r.Elected), "who", labels(ctx, p, r.Elected)))
}

func votesOf(r *ballot.Result, option string) int {
	for _, o := range r.PerOption {
		if o.Option == option {
			return o.Votes
		}
	}
	return 0
}

func labels(ctx context.Context, p ballot.Poll, options []string) string {
	var out []string
	for _, o := range options {
		out = append(out, p.Terms.Label(ctx, o))
	}
	return strings.Join(out, ", ")
}

// choice says what a vote holds.
func choice(ctx context.Context, p ballot.Poll, choices []string) string {
	switch {
	case len(choices) == 0:
		return i18n.T(ctx, "polls.blank")
	case p.Terms.Method == ballot.STV:
		return strings.ReplaceAll(labels(ctx, p, choices), ", ", " > ")
	}
	return labels(ctx, p, choices)
}

func facts(ctx context.Context, v pollView) []ui.Pair {
	p, t := v.Poll, v.Poll.Terms
	out := []ui.Pair{
		{Term: label(ctx, "method"), Text: i18n.T(ctx, t.Method.Word())},
		{Term: label(ctx, "secrecy"), Text: i18n.T(ctx, "polls.secrecy."+string(t.Secrecy)), Note: i18n.T(ctx, "polls.secrecy."+string(t.Secrecy)+".note")},
		{Term: i18n.T(ctx, "polls.who_may"), View: whoMay(ctx, v)},
		{Term: label(ctx, "opens"), Text: i18n.DateTime(ctx, p.Opens.Time)},
		{Term: label(ctx, "closes"), Text: i18n.DateTime(ctx, p.Closes.Time)},
		{Term: label(ctx, "quorum"), Text: quorumWords(ctx, t)},
	}
	if t.Method == ballot.YesNo {
		out = append(out, ui.Pair{Term: label(ctx, "majority"), Text: i18n.T(ctx, "polls.majority."+string(t.Majority)), Note: strings.Join(blocWords(ctx, t.Blocs), ", ")})
	} else {
		out = append(out, ui.Pair{Term: label(ctx, "seats"), Text: strconv.Itoa(t.Seats)})
	}
	out = append(out, ui.Pair{Term: label(ctx, "tie"), Text: i18n.T(ctx, "polls.tie."+string(t.Tie))})
	if p.Digest != "" {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "polls.digest"), View: mono(p.Digest)})
	}
	return out
}

func rulesNote(ctx context.Context, v pollView) string {
	if v.Poll.State == ballot.Draft {
		return i18n.T(ctx, "polls.rules.draft")
	}
	return i18n.T(ctx, "polls.rules.fixed")
}

func sorted(m map[string]int) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// blocWord is the name of a group of voters, in words where there are some.
func blocWord(ctx context.Context, b string) string {
	for _, key := range []string{"polls.bloc." + b, "org.kind." + b} {
		if i18n.Has(ctx, key) {
			return i18n.T(ctx, key)
		}
	}
	return b
}

func blocWords(ctx context.Context, bs []string) (out []string) {
	for _, b := range bs {
		out = append(out, blocWord(ctx, b))
	}
	return out
}

func quorumWords(ctx context.Context, t ballot.Terms) string {
	q := t.Quorum
	if q.Den == 0 && q.BlocDen == 0 {
		return i18n.T(ctx, "polls.quorum.none")
	}
	var parts []string
	if q.Den > 0 && q.Over {
		parts = append(parts, i18n.T(ctx, "polls.quorum.over", "share", share(q.Num, q.Den)))
	} else if q.Den > 0 {
		parts = append(parts, i18n.T(ctx, "polls.quorum.share", "share", share(q.Num, q.Den)))
	}
	if q.BlocDen > 0 {
		parts = append(parts, i18n.T(ctx, "polls.quorum.bloc", "share", share(q.BlocNum, q.BlocDen)))
	}
	return strings.Join(parts, "; ")
}

func share(n, d int) string { return fmt.Sprintf("%d/%d", n, d) }

func elected(p ballot.Poll, option string) bool {
	return p.Result != nil && slices.Contains(p.Result.Elected, option)
}

// rankError is the id of what is wrong with a ranking, to which the summary of
// errors leads.
const rankError = "f-choices"

// primary reports whether a seat's form is the one whose errors are shown, and
// whose fields have the plain ids.
func (v pollView) primary(one seat) bool {
	if v.Typed.Voter != "" {
		return v.Typed.Voter == one.Voter.ID
	}
	return len(v.Seats) > 0 && v.Seats[0].Voter.ID == one.Voter.ID
}

func (v pollView) errsOf(one seat) ui.FieldErrors {
	if v.Typed.Voter != one.Voter.ID {
		return nil
	}
	return v.Errors
}

func (v pollView) typedBlank(one seat) bool { return v.Typed.Voter == one.Voter.ID && v.Typed.Blank }

// idOf is the id of a field in a seat's form: each id stands once on the page.
func (v pollView) idOf(one seat, name string) string {
	if v.primary(one) {
		return ""
	}
	return "f-" + name + "-" + one.Voter.ID
}

func castWord(ctx context.Context, one seat) string {
	if one.Voter.State == ballot.Voted {
		return i18n.T(ctx, "polls.cast_again")
	}
	return i18n.T(ctx, "polls.cast")
}

// chosen is what stands in a seat's form: what was typed, or the open vote.
func (v pollView) chosen(one seat) []string {
	if v.Typed.Voter == one.Voter.ID {
		return v.Typed.Choices
	}
	return one.Choices
}

func rankOf(v pollView, one seat, option string) string {
	if v.Typed.Voter == one.Voter.ID {
		return v.Typed.Ranks[option]
	}
	if i := slices.Index(one.Choices, option); i >= 0 {
		return strconv.Itoa(i + 1)
	}
	return ""
}

func voteOptions(ctx context.Context, v pollView, one seat) (out []ui.Option) {
	for _, o := range v.Poll.Terms.Options {
		out = append(out, ui.Option{Value: o.ID, Label: v.Poll.Terms.Label(ctx, o.ID), Selected: slices.Contains(v.chosen(one), o.ID)})
	}
	return out
}

func votedLead(v votedView) string {
	if v.Changed {
		return "polls.thanks.changed"
	}
	return "polls.thanks.lead"
}

// grouped is a receipt in two halves, easier to copy by hand.
func grouped(code string) string {
	if len(code) != 10 {
		return code
	}
	return code[:5] + "-" + code[5:]
}

func countedWord(v receiptView) string {
	if v.Found.Counted {
		return "polls.receipt.counted"
	}
	return "polls.receipt.sealed"
}

func receiptFacts(ctx context.Context, v receiptView) []ui.Pair {
	return []ui.Pair{
		{Term: i18n.T(ctx, "polls.receipt.number"), Text: strconv.Itoa(v.Found.Batch)},
		{Term: i18n.T(ctx, "polls.receipt.digest"), View: mono(v.Found.Digest)},
		{Term: i18n.T(ctx, "polls.receipt.entry"), Text: v.Found.Entry, Href: "/ledger/entry/" + v.Found.Entry},
		{Term: i18n.T(ctx, "polls.receipt.pack"), Text: i18n.T(ctx, "polls.receipt.pack.text"), Href: "/ledger/pack/poll/" + v.Poll.ID},
	}
}

func timeline(ctx context.Context, events []activity.Event) *ui.Timeline {
	t := &ui.Timeline{}
	for _, e := range events {
		if e.Verb == "poll.ballots_released" || e.Verb == "poll.paper_issued" {
			continue // there may be hundreds; they are in the ledger's pack
		}
		x := ui.Event{At: e.At.Time, Title: i18n.T(ctx, "did."+e.Verb), Text: e.Note}
		if e.Public {
			x.Proof = "/ledger/entry/" + e.ID
		}
		t.Items = append(t.Items, x)
	}
	return t
}

func dataOf(v pollView) *ui.Data {
	if !v.Poll.Public() {
		return nil
	}
	d := &ui.Data{
		JSON: "/api/v1/polls/" + v.Poll.ID, Atom: "/activity.atom?kind=poll&record=" + v.Poll.ID,
		API: &ui.APICall{ID: "api", URL: v.Base + "/api/v1/polls/" + v.Poll.ID}, Proof: "/ledger/pack/poll/" + v.Poll.ID,
	}
	if v.Poll.Listed() {
		d.CSV = "/poll/" + v.Poll.Slug + "/ballots.csv"
	}
	return d
}

func sideOf(ctx context.Context, v pollView) *ui.Side {
	s := &ui.Side{Share: v.Base + v.Poll.Ref().Path(), Follow: v.Talk.Follow()}
	if !v.MayRun {
		s.Translate = v.Talk.Translate()
	}
	return s
}

func edgeCards(ctx context.Context, edges []record.Edge) (out []ui.Card) {
	for _, e := range edges {
		out = append(out, ui.Card{Over: e.Card.Kind, Title: e.Card.Title, TitleIn: e.Card.TitleIn, Href: e.Card.Path(), Text: e.Card.Summary, TextIn: e.Card.SummaryIn})
	}
	return out
}
