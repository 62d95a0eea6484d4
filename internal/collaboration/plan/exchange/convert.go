package exchange

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/org"
)

// How many characters package plan takes where it says so with a number alone.
const maxNumber, maxStep, maxCell = 20, 500, 2000

// partner is somebody who takes part, as a file names them.
type partner struct {
	id   string // at the site that wrote the file; empty for other files
	name string
	kind org.Kind // empty where the file does not say
	role string
}

// draft is a commitment as a file has it, before its organisations are looked
// for.
type draft struct {
	key      string // the file's own id
	row      int
	c        plan.Commitment
	ms       []plan.Planned
	leads    []partner
	stepLead []string // of the milestones, as text or id
	partners []partner
}

// homes pairs the texts that both models have.
func homes(t *plan.Texts, c *template.Commitment) []struct{ here, there *string } {
	return []struct{ here, there *string }{
		{&t.Brief, &c.Brief},
		{&t.Problem, &c.Problem},
		{&t.Causes, &c.Causes},
		{&t.Done, &c.DoneSoFar},
		{&t.Solution, &c.Solution},
		{&t.Results, &c.Results},
		{&t.Transparency, &c.Transparency},
		{&t.Accountability, &c.Accountability},
		{&t.Participation, &c.Participation},
		{&t.Contribution, &c.Contribution},
		{&t.Relevance, &c.Relevance},
	}
}

// steps pairs the texts of a milestone that both models have, with the most
// characters that package plan takes.
func steps(p *plan.Planned, m *template.Milestone) []struct {
	here, there *string
	most        int
} {
	return []struct {
		here, there *string
		most        int
	}{
		{&p.Title, &m.Title, maxStep},
		{&p.Output, &m.Output, maxCell},
		{&p.Supporting, &m.Supporting, maxCell},
		{&p.Indicator, &m.Indicator, maxCell},
		{&p.Baseline, &m.Baseline, maxCell},
		{&p.Target, &m.Target, maxCell},
		{&p.Budget, &m.Budget, maxCell},
	}
}

// take turns a commitment in canonical form into a draft. What package plan has
// no place for goes below its additional information, each under its label, so
// that form gives the same commitment back.
func (x *Exchange) take(f template.Commitment, lang string) draft {
	d := draft{c: plan.Commitment{Lang: lang, State: plan.Drafting}}
	rest := template.Commitment{
		Additional: f.Additional, Budget: f.Budget, Links: f.Links, SDGs: f.SDGs, Text: f.Text,
		Milestones: make([]template.Milestone, len(f.Milestones)),
	}
	if f.Country != x.Country.Name {
		rest.Country = f.Country
	}
	d.c.Title, rest.Title = short(f.Title, plan.MaxTitle)
	if d.c.Number = f.Number; utf8.RuneCountInString(f.Number) > maxNumber {
		d.c.Number, rest.Number = "", f.Number
	}
	for _, h := range homes(&d.c.Texts.V, &f) {
		*h.here = *h.there
	}
	d.c.Start, rest.Start = dayOf(f.Start, false)
	d.c.End, rest.End = dayOf(f.End, true)
	if d.c.Start != "" && d.c.End != "" && d.c.End < d.c.Start {
		d.c.End, rest.End = "", f.End
	}
	d.c.Contact.V = contact(f)
	d.leads = partners(f.Lead, org.National, "lead")
	d.partners = append(d.partners, partners(f.Government, org.National, "contributor")...)
	d.partners = append(d.partners, partners(f.CivilSociety, org.CivilSociety, "contributor")...)
	d.partners = append(d.partners, partners(f.Other, "", "contributor")...)
	for i, m := range f.Milestones {
		p, left := step(m)
		d.ms, rest.Milestones[i] = append(d.ms, p), left
		d.stepLead = append(d.stepLead, m.Lead)
	}
	d.c.Texts.V.Additional = template.Pack(rest)
	return d
}

// step is a milestone, and what of it has no place.
func step(m template.Milestone) (p plan.Planned, left template.Milestone) {
	var rest plan.Planned
	for i, s := range steps(&p, &m) {
		if i == 0 && strings.TrimSpace(m.Title) == "" { // a step needs a name
			p.Title, _ = short(strings.TrimSpace(m.Output), maxStep)
			if p.Title == "" {
				p.Title = "—"
			}
			continue
		}
		*s.here, *steps(&rest, &left)[i].there = short(*s.there, s.most)
	}
	p.Start, left.Start = dayOf(m.Start, false)
	p.End, left.End = dayOf(m.End, true)
	if p.Start != "" && p.End != "" && p.End < p.Start {
		p.End, left.End = "", m.End
	}
	return p, left
}

// short cuts a text that is too long; whole is empty if it was not.
func short(text string, most int) (cut, whole string) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= most {
		return text, ""
	}
	return strings.TrimSpace(string([]rune(text)[:most-1])) + "…", text
}

// long is the whole of a text that short cut, if it has not been changed since.
func long(cut, whole string) string {
	if start, was := strings.CutSuffix(cut, "…"); was && whole != "" && strings.HasPrefix(whole, start) {
		return whole
	}
	return cut
}

// dayOf is the civil day that a text means, empty if it means none, and the
// text where it is not that day itself.
func dayOf(text string, end bool) (day, words string) {
	text = strings.TrimSpace(text)
	t, ok := template.Day(text, end)
	if !ok {
		return "", text
	}
	if day = t.Format("2006-01-02"); day == text {
		return day, ""
	}
	return day, text
}

// wordsOf is how a day was written, as long as it is still that day, and what
// was written where there is no day.
func wordsOf(day, words string, end bool) string {
	if was, _ := dayOf(words, end); day == "" || words != "" && was == day {
		return words
	}
	return day
}

var mail = regexp.MustCompile(`^[^\s@,;]+@[^\s@,;]+$`)

// contact reads whom to ask. An address and a telephone number are told apart
// only where they stand as form writes them.
func contact(f template.Commitment) plan.Contact {
	c := plan.Contact{Name: f.ContactName, Title: f.ContactTitle}
	if first, second, _ := strings.Cut(f.ContactReach, ", "); mail.MatchString(first) {
		c.Email, c.Phone = first, second
	} else {
		c.Phone = f.ContactReach
	}
	return c
}

func partners(text string, kind org.Kind, role string) (out []partner) {
	for _, name := range ogpfile.SplitNames(text) {
		out = append(out, partner{name: name, kind: kind, role: role})
	}
	return out
}

// form puts a commitment of the database into canonical form. Organisations
// have their names; what take put below the additional information is where it
// came from.
func (x *Exchange) form(c plan.Commitment, ms []plan.Milestone, ps []plan.Party, orgs map[string]org.Org) template.Commitment {
	f := template.Commitment{Milestones: make([]template.Milestone, len(ms))}
	f.Unpack(c.Texts.V.Additional)
	f.Number, f.Title = either(c.Number, f.Number), long(c.Title, f.Title)
	f.Country = either(f.Country, x.Country.Name)
	texts := c.Texts.V
	for _, h := range homes(&texts, &f) {
		*h.there = *h.here
	}
	f.Start, f.End = wordsOf(c.Start, f.Start, false), wordsOf(c.End, f.End, true)
	k := c.Contact.V
	f.ContactName, f.ContactTitle, f.ContactReach = k.Name, k.Title, joined(", ", k.Email, k.Phone)
	nameParties(&f, c, ps, orgs)
	for i, m := range ms {
		left := f.Milestones[i]
		now := &f.Milestones[i]
		planned := m.Planned
		for n, s := range steps(&planned, now) {
			*s.there = long(*s.here, *steps(&planned, &left)[n].there)
		}
		now.Start, now.End = wordsOf(m.Start, left.Start, false), wordsOf(m.End, left.End, true)
		now.Lead = joined("; ", orgs[m.Lead].Name, left.Lead)
	}
	return f
}

// nameParties writes who takes part into a form, before those that are text only.
func nameParties(f *template.Commitment, c plan.Commitment, ps []plan.Party, orgs map[string]org.Org) {
	lead := []string{orgs[c.Lead].Name}
	var government, society, other []string
	for _, p := range ps {
		o := orgs[p.Org]
		switch {
		case !p.Left.IsZero() || p.Org == c.Lead || p.Role == "monitor":
		case p.Role == "lead" || p.Role == "co_lead":
			lead = append(lead, o.Name)
		case o.Kind == org.National || o.Kind == org.Subnational:
			government = append(government, o.Name)
		case o.Kind == org.CivilSociety:
			society = append(society, o.Name)
		default:
			other = append(other, o.Name)
		}
	}
	f.Lead = joined("; ", append(lead, f.Lead)...)
	f.Government = joined("; ", append(government, f.Government)...)
	f.CivilSociety = joined("; ", append(society, f.CivilSociety)...)
	f.Other = joined("; ", append(other, f.Other)...)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func joined(with string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, with)
}

// jsonOf wraps a value for a column.
func jsonOf[T any](v T) db.JSON[T] { return db.JSON[T]{V: v} }
