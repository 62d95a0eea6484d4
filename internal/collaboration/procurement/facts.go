package procurement

import (
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/ground/id"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/geo"
)

// Stage is how far a contracting process has come.
type Stage string

// The stages, in their order. The last two are ends.
const (
	Planning       Stage = "planning"
	Tendering      Stage = "tender"
	Awarded        Stage = "award"
	Contracted     Stage = "contract"
	Implementation Stage = "implementation" // something was paid or delivered
	Ended          Stage = "ended"          // all contracts are terminated
	Cancelled      Stage = "cancelled"      // or unsuccessful, or withdrawn
)

// Stages are all stages in their order.
var Stages = []Stage{Planning, Tendering, Awarded, Contracted, Implementation, Ended, Cancelled}

// The roles of parties that are listed.
const (
	Buyer    = "buyer"
	Supplier = "supplier"
	Tenderer = "tenderer"
)

// Party is an organisation in a process.
type Party struct {
	Role string
	Key  string // the same for the same organisation, as far as the data tell
	Name string
}

// Contract is a contract of a process.
type Contract struct {
	Name     string // its own id
	Award    string // id of the award
	Title    string
	Status   string
	Amount   *money.Amount
	Signed   string // civil dates; empty where they are not said
	Starts   string
	Ends     string
	Supplier string // key of the one supplier of its award; empty for none or several
}

// Facts are what a compiled release says, as far as lists and pages need it. What
// it does not say is empty.
type Facts struct {
	OCID, Title, Description string
	Stage                    Stage
	Method, Details          string
	Category                 string
	Amount                   *money.Amount
	AmountOf                 string // contract, award or tender
	Latest                   string // civil dates
	Opened, Closes           string
	Awarded, Signed          string
	Bidders                  *int64
	Place                    *geo.Point
	District                 string // code
	Parties                  []Party
	Contracts                []Contract
}

// FactsOf reads a compiled release.
func FactsOf(r *ocds.Object) Facts {
	tender, planning := field.Object(r, "tender"), field.Object(r, "planning")
	f := Facts{
		OCID: r.Text("ocid"), Latest: field.Day(r, "date"),
		Title:       field.First(tender.Text("title"), field.ObjectIn(field.List(r, "contracts"), 0).Text("title"), field.ObjectIn(field.List(r, "awards"), 0).Text("title"), planning.Text("rationale"), field.Object(planning, "budget").Text("description"), r.Text("title")),
		Description: field.First(tender.Text("description"), field.ObjectIn(field.List(r, "contracts"), 0).Text("description"), field.ObjectIn(field.List(r, "awards"), 0).Text("description")),
		Method:      tender.Text("procurementMethod"), Details: tender.Text("procurementMethodDetails"), Category: tender.Text("mainProcurementCategory"),
		Opened: field.Day(field.Object(tender, "tenderPeriod"), "startDate"), Closes: field.Day(field.Object(tender, "tenderPeriod"), "endDate"),
		Bidders: field.Whole(tender, "numberOfTenderers"),
	}
	if f.Description == f.Title {
		f.Description = ""
	}
	who := partiesOf(r)
	f.Parties = who.all(r, tender)
	f.awards(r)
	f.contracts(r, who)
	f.amounts(r, tender)
	f.Stage = stageOf(r, tender)
	f.Place, f.District = placeOf(r, tender)
	return f
}

// awards takes the day of the first active award.
func (f *Facts) awards(r *ocds.Object) {
	for _, a := range field.Objects(field.List(r, "awards")) {
		if d := field.Day(a, "date"); d != "" && counts(a) && (f.Awarded == "" || d < f.Awarded) {
			f.Awarded = d
		}
	}
}

// counts reports whether an award or contract is not cancelled or in vain.
func counts(o *ocds.Object) bool {
	return !slices.Contains([]string{"cancelled", "unsuccessful"}, o.Text("status"))
}

func (f *Facts) contracts(r *ocds.Object, who parties) {
	suppliers := map[string]string{}
	for _, a := range field.Objects(field.List(r, "awards")) {
		if s := field.Objects(field.List(a, "suppliers")); len(s) == 1 {
			suppliers[field.Text(a, "id")] = who.key(s[0])
		}
	}
	for _, c := range field.Objects(field.List(r, "contracts")) {
		period := field.Object(c, "period")
		got := Contract{
			Name: field.Text(c, "id"), Award: field.Text(c, "awardID"), Title: c.Text("title"), Status: c.Text("status"), Amount: field.Amount(c, "value"),
			Signed: field.Day(c, "dateSigned"), Starts: field.Day(period, "startDate"), Ends: field.Day(period, "endDate"), Supplier: suppliers[field.Text(c, "awardID")],
		}
		f.Contracts = append(f.Contracts, got)
		if got.Signed != "" && counts(c) && (f.Signed == "" || got.Signed < f.Signed) {
			f.Signed = got.Signed
		}
	}
}

// amounts takes what the contracts come to, else the awards, else what the tender
// expects. Where they are of several currencies, or one of them has no amount, that
// is no sum, and the next is taken.
func (f *Facts) amounts(r, tender *ocds.Object) {
	for _, from := range []struct{ list, of string }{{"contracts", "contract"}, {"awards", "award"}} {
		if f.Amount = sum(field.Objects(field.List(r, from.list))); f.Amount != nil {
			f.AmountOf = from.of
			return
		}
	}
	if f.Amount = field.Amount(tender, "value"); f.Amount != nil {
		f.AmountOf = "tender"
	}
}

func sum(all []*ocds.Object) (out *money.Amount) {
	for _, o := range all {
		if !counts(o) {
			continue
		}
		a := field.Amount(o, "value")
		switch {
		case a == nil, out != nil && out.Currency != a.Currency:
			return nil
		case out == nil:
			out = a
		default:
			out.Minor += a.Minor
		}
	}
	return out
}

// stageOf says how far the process has come, by what is there.
func stageOf(r, tender *ocds.Object) Stage {
	contracts, awards := field.Objects(field.List(r, "contracts")), field.Objects(field.List(r, "awards"))
	alive := slices.ContainsFunc(contracts, counts)
	switch {
	case slices.Contains([]string{"cancelled", "unsuccessful", "withdrawn"}, tender.Text("status")) && !alive,
		len(contracts) > 0 && !alive, len(contracts) == 0 && len(awards) > 0 && !slices.ContainsFunc(awards, counts):
		return Cancelled
	case alive && !slices.ContainsFunc(contracts, func(c *ocds.Object) bool { return counts(c) && c.Text("status") != "terminated" }):
		return Ended
	case slices.ContainsFunc(contracts, func(c *ocds.Object) bool { return field.Has(c, "implementation") && counts(c) }):
		return Implementation
	case alive:
		return Contracted
	case len(awards) > 0:
		return Awarded
	case field.Has(r, "tender") && !slices.Contains([]string{"planning", "planned"}, tender.Text("status")):
		return Tendering
	}
	return Planning
}

// placeOf is the first point that the release gives: of an item's delivery
// (extension location), or of a project. A district that it names counts where there
// is no point.
func placeOf(r, tender *ocds.Object) (*geo.Point, string) {
	for _, items := range [][]any{field.List(tender, "items"), field.List(field.ObjectIn(field.List(r, "awards"), 0), "items"), field.List(field.ObjectIn(field.List(r, "contracts"), 0), "items")} {
		for _, it := range field.Objects(items) {
			if p := pointOf(field.Object(it, "deliveryLocation")); p != nil {
				return p, districtAt(*p)
			}
			if d, ok := geo.ParseDistrict(field.Object(it, "deliveryAddress").Text("region")); ok {
				return nil, d.Code
			}
		}
	}
	if p := pointOf(field.Object(field.Object(r, "planning"), "location")); p != nil {
		return p, districtAt(*p)
	}
	return nil, ""
}

func districtAt(p geo.Point) string {
	d, _ := geo.DistrictAt(p)
	return d.Code
}

// pointOf reads a location with a GeoJSON point: longitude first.
func pointOf(location *ocds.Object) *geo.Point {
	g := field.Object(location, "geometry")
	at := field.List(g, "coordinates")
	if g.Text("type") != "Point" || len(at) < 2 {
		return nil
	}
	lon, lonErr := strconv.ParseFloat(field.Decimal(at[0]), 64)
	lat, latErr := strconv.ParseFloat(field.Decimal(at[1]), 64)
	if lonErr != nil || latErr != nil || lat < -90 || lat > 90 || lon < -180 || lon > 180 {
		return nil
	}
	return &geo.Point{Lat: lat, Lon: lon}
}

// parties are the organisations of a release by the id that it gives them.
type parties map[string]*ocds.Object

func partiesOf(r *ocds.Object) parties {
	out := parties{}
	for _, p := range field.Objects(field.List(r, "parties")) {
		out[field.Text(p, "id")] = p
	}
	return out
}

// all lists the buyer, the suppliers and the tenderers, each once.
func (ps parties) all(r, tender *ocds.Object) (out []Party) {
	seen := map[Party]bool{}
	add := func(role string, o *ocds.Object) {
		p := Party{Role: role, Key: ps.key(o), Name: ps.name(o)}
		if p.Key == "" || seen[Party{Role: role, Key: p.Key}] {
			return
		}
		seen[Party{Role: role, Key: p.Key}] = true
		out = append(out, p)
	}
	if add(Buyer, field.Object(r, "buyer")); len(out) == 0 {
		add(Buyer, field.Object(tender, "procuringEntity"))
	}
	for _, a := range field.Objects(field.List(r, "awards")) {
		if counts(a) {
			for _, s := range field.Objects(field.List(a, "suppliers")) {
				add(Supplier, s)
			}
		}
	}
	for _, t := range field.Objects(field.List(tender, "tenderers")) {
		add(Tenderer, t)
	}
	for _, b := range field.Objects(field.List(field.Object(r, "bids"), "details")) {
		for _, t := range field.Objects(field.List(b, "tenderers")) {
			add(Tenderer, t)
		}
	}
	return out
}

// whole is the full entry of a party, or what stands in its place.
func (ps parties) whole(o *ocds.Object) *ocds.Object {
	if full := ps[field.Text(o, "id")]; full != nil && field.Text(o, "id") != "" {
		return full
	}
	return o
}

func (ps parties) name(o *ocds.Object) string {
	full := ps.whole(o)
	return field.First(o.Text("name"), full.Text("name"), field.Object(full, "identifier").Text("legalName"), field.Text(o, "id"))
}

// key is the identifier with its scheme, else the id in the file, else the name
// folded.
func (ps parties) key(o *ocds.Object) string {
	ident := field.Object(ps.whole(o), "identifier")
	if scheme, name := ident.Text("scheme"), field.Text(ident, "id"); scheme != "" && name != "" {
		return strings.ToUpper(scheme) + "-" + name
	}
	if name := field.Text(o, "id"); name != "" {
		return name
	}
	return id.Fold(o.Text("name"))
}
