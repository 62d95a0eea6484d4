package procurement

import (
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/money"
)

// Moment is something that happened in a process, or is due.
type Moment struct {
	Day    string // civil date; empty where it is not said
	What   string // planned, opened, closes, award, signed, revalued, amended, paid, milestone
	Title  string
	Status string // as the data have it: of an award, contract or milestone
	Who    string // names: suppliers, who was paid
	Amount *money.Amount
	Was    *money.Amount // of a contract that came to something else before
	Starts string        // of a contract's period
	Ends   string
	Count  *int64 // of bidders
	Text   string
	of     string // id of the contract that it is about
}

// Document is a file that the data lead to.
type Document struct {
	Title, Type, Day, Format string
	URL                      string // with http or https; empty for any other
}

// Item is something that is bought.
type Item struct {
	Name, Class string
	Quantity    string // as it is written
	Unit        string
	Price       *money.Amount // of one unit
}

// Story is what a compiled release tells, in the order of its days.
type Story struct {
	Moments   []Moment
	Documents []Document
	Items     []Item
}

// StoryOf reads the compiled release of a process, and what its releases say of
// amounts that changed. What is not said is left out.
func StoryOf(p Published) (Story, error) {
	v, err := read.Value([]byte(p.Compiled), again)
	r, ok := v.(*ocds.Object)
	if err != nil || !ok {
		return Story{}, err
	}
	s := Story{}
	who, planning, tender := partiesOf(r), field.Object(r, "planning"), field.Object(r, "tender")
	s.planning(planning)
	s.tender(tender)
	for _, a := range field.Objects(field.List(r, "awards")) {
		s.award(a, who)
	}
	for _, c := range field.Objects(field.List(r, "contracts")) {
		s.contract(c)
	}
	s.follow(p.Releases)
	slices.SortStableFunc(s.Moments, func(a, b Moment) int { return strings.Compare(a.order(), b.order()) })
	return s, nil
}

// order is the day; without one, what was planned comes first, all else last.
func (m Moment) order() string {
	if m.Day == "" && m.What != "planned" {
		return "~"
	}
	return m.Day
}

// follow tells how the amounts of contracts changed from one release to the next: the
// compiled release has only the last. releases are the oldest first. A contract that
// was signed then shows what it came to at first.
func (s *Story) follow(releases []Release) {
	now, begun := map[string]*money.Amount{}, map[string]*money.Amount{}
	for _, one := range releases {
		v, err := read.Value([]byte(one.Text), again)
		r, ok := v.(*ocds.Object)
		if err != nil || !ok {
			continue // the merge has said what is wrong with it
		}
		for _, c := range field.Objects(field.List(r, "contracts")) {
			id, a := field.Text(c, "id"), field.Amount(c, "value")
			if a == nil {
				continue
			}
			if was := now[id]; was == nil {
				begun[id] = a
			} else if *was != *a {
				s.tell(Moment{Day: field.Day(r, "date"), What: "revalued", Title: s.titleOf(id), Amount: a, Was: was})
			}
			now[id] = a
		}
	}
	for i, m := range s.Moments {
		if m.What == "signed" && begun[m.of] != nil {
			s.Moments[i].Amount = begun[m.of]
		}
	}
}

// titleOf is the title of a contract.
func (s *Story) titleOf(id string) string {
	for _, m := range s.Moments {
		if m.What == "signed" && m.of == id {
			return m.Title
		}
	}
	return ""
}

func (s *Story) tell(m Moment) { s.Moments = append(s.Moments, m) }

func (s *Story) planning(o *ocds.Object) {
	budget := field.Object(o, "budget")
	if a := field.Amount(budget, "amount"); a != nil {
		s.tell(Moment{What: "planned", Amount: a, Title: field.First(budget.Text("description"), budget.Text("project")), Text: o.Text("rationale")})
	}
	s.milestones(o)
	s.documents(o)
}

func (s *Story) tender(o *ocds.Object) {
	period := field.Object(o, "tenderPeriod")
	if d := field.Day(period, "startDate"); d != "" {
		s.tell(Moment{Day: d, What: "opened", Amount: field.Amount(o, "value")})
	}
	if d := field.Day(period, "endDate"); d != "" {
		s.tell(Moment{Day: d, What: "closes", Count: field.Whole(o, "numberOfTenderers")})
	}
	s.amendments(o)
	s.milestones(o)
	s.documents(o)
	s.items(o)
}

func (s *Story) award(o *ocds.Object, who parties) {
	var names []string
	for _, x := range field.Objects(field.List(o, "suppliers")) {
		names = append(names, who.name(x))
	}
	s.tell(Moment{Day: field.Day(o, "date"), What: "award", Title: o.Text("title"), Status: o.Text("status"), Who: strings.Join(names, "; "), Amount: field.Amount(o, "value")})
	s.amendments(o)
	s.documents(o)
	s.items(o)
}

func (s *Story) contract(o *ocds.Object) {
	period, carried := field.Object(o, "period"), field.Object(o, "implementation")
	s.tell(Moment{
		Day: field.Day(o, "dateSigned"), What: "signed", of: field.Text(o, "id"), Title: o.Text("title"), Status: o.Text("status"), Amount: field.Amount(o, "value"),
		Starts: field.Day(period, "startDate"), Ends: field.Day(period, "endDate"),
	})
	for _, t := range field.Objects(field.List(carried, "transactions")) {
		payee := field.Object(t, "payee")
		value := field.Amount(t, "value")
		if value == nil {
			value = field.Amount(t, "amount") // OCDS 1.0
		}
		s.tell(Moment{Day: field.Day(t, "date"), What: "paid", Amount: value, Who: field.First(payee.Text("name"), field.Object(t, "receiverOrganization").Text("legalName"))})
	}
	for _, x := range []*ocds.Object{o, carried} {
		s.milestones(x)
		s.documents(x)
	}
	s.amendments(o)
	s.items(o)
}

func (s *Story) amendments(o *ocds.Object) {
	for _, a := range field.Objects(field.List(o, "amendments")) {
		s.tell(Moment{Day: field.Day(a, "date"), What: "amended", Title: a.Text("description"), Text: a.Text("rationale")})
	}
}

func (s *Story) milestones(o *ocds.Object) {
	for _, m := range field.Objects(field.List(o, "milestones")) {
		s.tell(Moment{Day: field.First(field.Day(m, "dateMet"), field.Day(m, "dueDate")), What: "milestone", Title: field.First(m.Text("title"), m.Text("description")), Status: m.Text("status")})
	}
}

func (s *Story) documents(o *ocds.Object) {
	for _, d := range field.Objects(field.List(o, "documents")) {
		at := d.Text("url")
		if u, err := url.Parse(at); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			at = ""
		}
		s.Documents = append(s.Documents, Document{
			Title: field.First(d.Text("title"), d.Text("description"), d.Text("documentType"), at, field.Text(d, "id")), Type: d.Text("documentType"),
			Day: field.Day(d, "datePublished"), Format: d.Text("format"), URL: at,
		})
	}
}

func (s *Story) items(o *ocds.Object) {
	for _, x := range field.Objects(field.List(o, "items")) {
		class, unit := field.Object(x, "classification"), field.Object(x, "unit")
		v, _ := x.Get("quantity")
		it := Item{
			Name: field.First(x.Text("description"), class.Text("description"), field.Text(x, "id")), Class: strings.TrimSpace(class.Text("scheme") + " " + field.Text(class, "id")),
			Quantity: field.Decimal(v), Unit: unit.Text("name"), Price: field.Amount(unit, "value"),
		}
		if !slices.ContainsFunc(s.Items, func(y Item) bool { return y.Name == it.Name && y.Quantity == it.Quantity && y.Class == it.Class }) {
			s.Items = append(s.Items, it)
		}
	}
}
