package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/org"
)

// OwnFormat is what our own export says it is.
const OwnFormat = "ceiba-plan/1"

// Own is a plan with all that package plan keeps of its text: what export.json
// holds. Accounts are not in it; organisations are, by name.
type Own struct {
	Format        string         `json:"format"`
	Plan          OwnPlan        `json:"plan"`
	Commitments   []OwnPromise   `json:"commitments"`
	Organisations []Organisation `json:"organisations"` // that the rest names by id
}

// Organisation is one that takes part.
type Organisation struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Kind org.Kind `json:"kind"`
}

// OwnPlan is a plan. State, Delivered and Version tell what was; an import does
// not take them.
type OwnPlan struct {
	ID           string        `json:"id"`
	Org          string        `json:"org"`
	Forum        string        `json:"forum"`
	Code         string        `json:"code"`
	Number       int           `json:"number"`
	Title        string        `json:"title"`
	Summary      string        `json:"summary"`
	Texts        plan.Sections `json:"texts"`
	Lang         string        `json:"lang"`
	Level        plan.Level    `json:"level"`
	District     string        `json:"district"`
	Start        string        `json:"start_date"`
	End          string        `json:"end_date"`
	Years        int           `json:"years"`
	PreviousEnd  string        `json:"previous_end"`
	RefreshOf    string        `json:"refresh_of"`
	ContactName  string        `json:"contact_name"`
	ContactEmail string        `json:"contact_email"`
	Website      string        `json:"website"`
	State        plan.State    `json:"state"`
	Delivered    string        `json:"delivered"` // civil day; empty if it was not
	Version      int           `json:"version"`
}

// OwnPromise is a commitment with its milestones and parties.
type OwnPromise struct {
	ID         string         `json:"id"`
	Number     string         `json:"number"`
	Title      string         `json:"title"`
	Texts      plan.Texts     `json:"texts"`
	Lang       string         `json:"lang"`
	Lead       string         `json:"lead"`
	Start      string         `json:"start_date"`
	End        string         `json:"end_date"`
	Tags       []string       `json:"tags"`
	Districts  []string       `json:"districts"`
	Contact    plan.Contact   `json:"contact"`
	State      plan.Stage     `json:"state"`
	Reason     string         `json:"reason"`
	Successor  string         `json:"successor"`
	Version    int            `json:"version"`
	Milestones []plan.Planned `json:"milestones"`
	Parties    []OwnParty     `json:"parties"`
}

// OwnParty is an organisation's part in a commitment.
type OwnParty struct {
	Org       string `json:"org"`
	Role      string `json:"role"`
	Confirmed bool   `json:"confirmed"` // by its own account, at the site that wrote this
	Left      bool   `json:"left"`
	Reason    string `json:"reason"`
}

// own puts a plan into the form of export.json.
func (w whole) own() Own {
	p := w.Plan
	out := Own{Format: OwnFormat, Commitments: []OwnPromise{}, Organisations: []Organisation{}, Plan: OwnPlan{
		ID: p.ID, Org: p.Org, Forum: p.Forum, Code: p.Code, Number: p.Number, Title: p.Title, Summary: p.Summary, Texts: p.Texts.V,
		Lang: p.Lang, Level: p.Level, District: p.District, Start: p.Start, End: p.End, Years: p.Years, PreviousEnd: p.PreviousEnd,
		RefreshOf: p.RefreshOf, ContactName: p.ContactName, ContactEmail: p.ContactEmail, Website: p.Website, State: p.State, Version: p.Version,
	}}
	if !p.Delivered.IsZero() {
		out.Plan.Delivered = plan.DayOf(p.Delivered.Time)
	}
	for _, c := range w.Commitments {
		o := OwnPromise{
			ID: c.ID, Number: c.Number, Title: c.Title, Texts: c.Texts.V, Lang: c.Lang, Lead: c.Lead, Start: c.Start, End: c.End,
			Tags: list(c.Tags.V), Districts: list(c.Districts.V), Contact: c.Contact.V, State: c.State, Reason: c.Reason,
			Successor: c.Successor, Version: c.Version, Milestones: []plan.Planned{}, Parties: []OwnParty{},
		}
		for _, m := range w.Milestones[c.ID] {
			o.Milestones = append(o.Milestones, m.Planned)
		}
		for _, x := range w.Parties[c.ID] {
			o.Parties = append(o.Parties, OwnParty{x.Org, x.Role, !x.Confirmed.IsZero(), !x.Left.IsZero(), x.Reason})
		}
		out.Commitments = append(out.Commitments, o)
	}
	for _, o := range w.Orgs {
		out.Organisations = append(out.Organisations, Organisation{o.ID, o.Name, o.Kind})
	}
	slices.SortFunc(out.Organisations, func(a, b Organisation) int { return compare(a.Name, b.Name, a.ID, b.ID) })
	return out
}

// list is never null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// readOwn reads export.json.
func readOwn(r io.Reader) (content, error) {
	var raw any
	dec := json.NewDecoder(r)
	dec.UseNumber()
	if err := dec.Decode(&raw); err != nil {
		return content{}, fault.New(fault.Invalid, "planexchange.not_own").Wrap(err)
	}
	text, err := json.Marshal(cleaned(raw))
	if err != nil {
		return content{}, fmt.Errorf("export.json: %w", err)
	}
	var in Own
	if err := json.Unmarshal(text, &in); err != nil || in.Format != OwnFormat {
		return content{}, fault.New(fault.Invalid, "planexchange.not_own").Wrap(err)
	}
	return in.content(), nil
}

// cleaned takes what no engine keeps out of every text.
func cleaned(v any) any {
	switch v := v.(type) {
	case string:
		return clean(v)
	case []any:
		for i := range v {
			v[i] = cleaned(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = cleaned(v[k])
		}
	}
	return v
}

func (o Own) content() content {
	names := map[string]partner{}
	for _, x := range o.Organisations {
		names[x.ID] = partner{id: x.ID, name: x.Name, kind: x.Kind}
	}
	p := o.Plan
	in := incoming{key: p.ID, leader: names[p.Org], plan: plan.Plan{
		Code: p.Code, Number: p.Number, Title: p.Title, Summary: p.Summary, Texts: jsonOf(p.Texts), Lang: p.Lang, Level: p.Level,
		District: p.District, Start: p.Start, End: p.End, Years: p.Years, PreviousEnd: p.PreviousEnd, ContactName: p.ContactName,
		ContactEmail: p.ContactEmail, Website: p.Website,
	}}
	out := content{source: Ceiba}
	for i, c := range o.Commitments {
		d := c.draft(names)
		d.row = i + 1
		if d.c.State != c.State {
			out.problems = append(out.problems, Problem{Row: d.row, ID: c.ID, Column: "state", Value: string(c.State), Key: "planexchange.state_not_taken", Likely: string(d.c.State)})
		}
		in.drafts = append(in.drafts, d)
	}
	out.plans = []incoming{in}
	return out
}

// draft is the commitment as it begins again: what it became at another site is
// history there.
func (c OwnPromise) draft(names map[string]partner) draft {
	d := draft{key: c.ID, c: plan.Commitment{
		Number: c.Number, Title: c.Title, Texts: jsonOf(c.Texts), Lang: c.Lang, Start: c.Start, End: c.End, Tags: jsonOf(c.Tags),
		Districts: jsonOf(c.Districts), Contact: jsonOf(c.Contact), State: c.State,
	}}
	switch c.State {
	case plan.Idea, plan.Proposed, plan.Drafting:
	case plan.Withdrawn, plan.Merged, plan.Split:
		d.c.State = plan.Idea // it had left the plan
	default:
		d.c.State = plan.Drafting
	}
	if c.Lead != "" {
		d.leads = []partner{names[c.Lead]}
	}
	for _, m := range c.Milestones {
		d.stepLead = append(d.stepLead, names[m.Lead].name)
		m.ID, m.Lead = "", ""
		d.ms = append(d.ms, m)
	}
	for _, x := range c.Parties {
		if n := names[x.Org]; !x.Left && n.name != "" {
			n.role = x.Role
			d.partners = append(d.partners, n)
		}
	}
	return d
}
