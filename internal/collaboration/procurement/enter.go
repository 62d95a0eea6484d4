package procurement

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Prefix begins the ocid of processes that are written here. It is no registered
// prefix, and looks so: a country registers its own with the Open Contracting
// Partnership before it publishes.
const Prefix = "ocds-000000"

// Enter writes a process for a body: a new one, or with the id of one that the body
// published, how it stands now. version is the one that the officer saw, 0 for a new
// process. What was written before stays, as releases.
func Enter(ctx context.Context, tx *db.Tx, actor who.Actor, body, process string, version int, e Entry) (Process, error) {
	if err := actor.Must("procurement.write", who.In(body)); err != nil {
		return Process{}, err
	}
	if err := e.check(tx.Now); err != nil {
		return Process{}, err
	}
	buyer, err := org.Names(ctx, tx, "en", []string{body})
	if err != nil || buyer[body] == "" {
		return Process{}, fault.Fields{{Name: "org", Key: "fault.required"}}
	}
	ocid, before, err := ocidFor(ctx, tx, body, process, version, e)
	if err != nil {
		return Process{}, err
	}
	release := e.release(ocid, before, body, buyer[body], tx.Now)
	if before != nil {
		was := EntryOf(before)
		if e.Reference = was.Reference; was == e {
			return Find(ctx, tx, ocid) // nothing is new
		}
	}
	changes, err := prepare(ctx, tx, body, []*Release{arrival(release, false, "")})
	if err != nil {
		return Process{}, err
	}
	if err := write(ctx, tx, changes); err != nil {
		return Process{}, err
	}
	p, err := Find(ctx, tx, ocid)
	if err != nil || len(changes) == 0 {
		return p, err
	}
	verb, was := "contracting.entered", any(nil)
	if before != nil {
		verb, was = "contracting.changed", EntryOf(before).Said()
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "contracting", Record: p.ID, Org: body, Public: true, Title: p.Name(), Before: was, After: e.Said(),
	})
	return p, err
}

// ocidFor is the ocid that an entry is written under, with the compiled release of
// what is there already.
func ocidFor(ctx context.Context, tx *db.Tx, body, process string, version int, e Entry) (ocid string, before *ocds.Object, err error) {
	if process == "" {
		ocid = Prefix + "-" + field.First(ocidPart(e.Reference), id.New(tx.Now))
		_, err := Find(ctx, tx, ocid)
		switch {
		case err == nil:
			return "", nil, fault.Fields{{Name: "reference", Key: "procurement.wrong.taken"}}
		case err != db.ErrNotFound:
			return "", nil, err
		}
		return ocid, nil, nil
	}
	p, err := Find(ctx, tx, process)
	switch {
	case err != nil:
		return "", nil, err
	case p.Org != body:
		return "", nil, fault.New(fault.Denied, "procurement.wrong.body")
	case p.Version != version:
		return "", nil, db.ErrConflict
	}
	before, err = compiledOf(ctx, tx, p.ID)
	return p.OCID, before, err
}

// ocidPart is a reference as it stands in an ocid.
func ocidPart(reference string) string { return strings.ReplaceAll(reference, " ", "-") }

// compiledOf is the compiled release of a process.
func compiledOf(ctx context.Context, tx *db.Tx, process string) (*ocds.Object, error) {
	text, err := Compiled(ctx, tx, process)
	if err != nil {
		return nil, err
	}
	v, err := read.Value([]byte(text), again)
	if err != nil {
		return nil, err
	}
	return v.(*ocds.Object), nil
}

// Stands is a process as an officer edits it.
func Stands(ctx context.Context, tx *db.Tx, process string) (Entry, error) {
	r, err := compiledOf(ctx, tx, process)
	if err != nil {
		return Entry{}, err
	}
	return EntryOf(r), nil
}

// Said is what is filled in of an entry, by the names of its inputs.
func (e Entry) Said() map[string]string {
	out := map[string]string{}
	for _, i := range Inputs {
		if v := i.Of(&e); v != "" {
			out[i.Name] = v
		}
	}
	return out
}

// release is the entry as an OCDS release: all that is known now. What was there
// before and is empty now is null, which takes it away.
func (e *Entry) release(ocid string, before *ocds.Object, body, buyer string, now time.Time) *ocds.Object {
	b := &building{was: before}
	r := b.object(
		"ocid", ocid, "id", ocid+"-"+now.UTC().Format("20060102T150405.000000Z"), "date", now.UTC().Format("2006-01-02T15:04:05.000000Z"), "tag", e.tags(before != nil),
		"initiationType", "tender", "buyer", b.object("id", body, "name", buyer),
		"parties", e.parties(b, body, buyer),
	)
	if e.BudgetLine != "" || field.Has(orEmpty(before), "planning") {
		r.Set("planning", b.object("budget", b.object("description", null(e.BudgetLine))))
	}
	tender := b.object("id", "tender", "title", e.Title, "description", null(e.Description), "status", e.tenderStatus(), "mainProcurementCategory", null(e.Category),
		"procurementMethod", null(e.Method), "procurementMethodRationale", null(e.Rationale), "value", e.value(b, e.Value),
		"tenderPeriod", b.object("startDate", stamp(e.Opened), "endDate", stamp(e.Closes)), "numberOfTenderers", wholeNumber(e.Bidders))
	if item := e.place(b); item != nil {
		tender.Set("items", []any{item})
	}
	r.Set("tender", tender)
	awards, award := e.awards(b)
	if len(awards) > 0 {
		r.Set("awards", awards)
	}
	if e.contract() || len(field.List(orEmpty(before), "contracts")) > 0 {
		r.Set("contracts", []any{e.contractObject(b, award)})
	}
	return r
}

// awards are the award as it is now, and before it those to other suppliers, which
// are cancelled: nothing that was said of an award is taken over by another.
func (e *Entry) awards(b *building) (out []any, now string) {
	was := field.Objects(field.List(orEmpty(b.was), "awards"))
	now = "award"
	if current := currentAward(orEmpty(b.was)); current != nil {
		now = field.Text(current, "id")
		if had := field.Text(field.ObjectIn(field.List(current, "suppliers"), 0), "id"); had != "" && had != e.supplierID() {
			now = "award-" + strconv.Itoa(len(was)+1)
			out = append(out, b.object("id", field.Text(current, "id"), "status", "cancelled"))
		}
	}
	if !e.award() && len(was) == 0 {
		return nil, now
	}
	award := b.object("id", now, "title", e.Title, "status", e.awardStatus(), "date", stamp(e.Awarded), "value", e.value(b, e.AwardValue))
	if e.Supplier != "" {
		award.Set("suppliers", []any{b.object("id", e.supplierID(), "name", e.Supplier)})
	}
	return append(out, award), now
}

// currentAward is the last award that is not cancelled, or else the last; nil for none.
func currentAward(r *ocds.Object) *ocds.Object {
	all := field.Objects(field.List(r, "awards"))
	for _, a := range slices.Backward(all) {
		if counts(a) {
			return a
		}
	}
	if len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

func (e *Entry) contractObject(b *building, award string) *ocds.Object {
	c := b.object("id", "contract", "awardID", award, "title", field.First(e.Contract, e.Title), "status", field.First(e.Status, "cancelled"), "dateSigned", stamp(e.Signed),
		"period", b.object("startDate", stamp(e.Starts), "endDate", stamp(e.Ends)), "value", e.value(b, e.Amount))
	if e.Paid != "" || field.Has(field.ObjectIn(field.List(orEmpty(b.was), "contracts"), 0), "implementation") {
		c.Set("implementation", b.object("transactions", []any{b.object("id", "paid", "value", e.value(b, e.Paid))}))
	}
	return c
}

// building makes objects.
type building struct{ was *ocds.Object }

func (b *building) object(pairs ...any) *ocds.Object {
	o := &ocds.Object{}
	for i := 0; i < len(pairs); i += 2 {
		v := pairs[i+1]
		if inner, is := v.(*ocds.Object); b.was == nil && (v == nil || is && len(inner.Fields) == 0) {
			continue // nothing is taken away from what is new
		}
		o.Set(pairs[i].(string), v)
	}
	return o
}

// orEmpty is an object, an empty one for nil.
func orEmpty(o *ocds.Object) *ocds.Object {
	if o == nil {
		return &ocds.Object{}
	}
	return o
}

// null is a text, or null for an empty one.
func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// stamp is a civil date as OCDS has dates: midnight in Belize.
func stamp(day string) any {
	if day == "" {
		return nil
	}
	return day + "T00:00:00-06:00"
}

func wholeNumber(s string) any {
	if s == "" {
		return nil
	}
	return json.Number(s)
}

func (e *Entry) value(b *building, amount string) any {
	if amount == "" {
		return b.object("amount", nil, "currency", nil)
	}
	return b.object("amount", json.Number(amount), "currency", field.First(e.Currency, "BZD"))
}

func (e *Entry) award() bool {
	return e.Supplier != "" || e.Awarded != "" || e.AwardValue != "" || e.contract()
}

func (e *Entry) contract() bool {
	return e.Contract+e.Signed+e.Starts+e.Ends+e.Amount+e.Status+e.Paid != ""
}

func (e *Entry) supplierID() string {
	switch {
	case e.Supplier == "":
		return ""
	case e.SupplierNumber != "":
		return "BZ-CR-" + e.SupplierNumber
	}
	return id.Fold(e.Supplier)
}

func (e *Entry) parties(b *building, body, buyer string) []any {
	out := []any{b.object("id", body, "name", buyer, "roles", []any{"buyer", "procuringEntity"})}
	if e.Supplier != "" {
		s := b.object("id", e.supplierID(), "name", e.Supplier, "roles", []any{"supplier"})
		if e.SupplierNumber != "" {
			s.Set("identifier", b.object("scheme", "BZ-CR", "id", e.SupplierNumber, "legalName", e.Supplier))
		}
		out = append(out, s)
	}
	return out
}

// place is an item that says where the works, goods or services go; nil for nowhere.
func (e *Entry) place(b *building) *ocds.Object {
	old := field.ObjectIn(field.List(field.Object(orEmpty(b.was), "tender"), "items"), 0)
	item := b.object("id", "item", "description", e.Title)
	if e.District+e.Place != "" || field.Has(old, "deliveryAddress") {
		item.Set("deliveryAddress", b.object("locality", null(e.Place), "region", null(e.District), "countryName", "Belize"))
	}
	switch {
	case e.Lat != "":
		item.Set("deliveryLocation", b.object("geometry", b.object("type", "Point", "coordinates", []any{json.Number(e.Lon), json.Number(e.Lat)})))
	case field.Has(old, "deliveryLocation"):
		item.Set("deliveryLocation", b.object("geometry", b.object("type", nil, "coordinates", nil)))
	}
	if len(item.Fields) == 2 {
		return nil
	}
	return item
}

func (e *Entry) tenderStatus() string {
	switch {
	case e.award():
		return "complete"
	case e.Opened != "":
		return "active"
	}
	return "planned"
}

func (e *Entry) awardStatus() string {
	if e.Status == "cancelled" || !e.award() {
		return "cancelled"
	}
	if e.Supplier == "" {
		return "pending"
	}
	return "active"
}

// tags say what the release is about.
func (e *Entry) tags(again bool) []any {
	tag := "planning"
	switch {
	case e.Paid != "":
		tag = "implementation"
	case e.contract():
		tag = "contract"
	case e.award():
		tag = "award"
	case e.Opened != "":
		tag = "tender"
	}
	if again {
		tag += "Update"
	}
	return []any{tag}
}

// EntryOf reads a compiled release back into what an officer edits.
func EntryOf(r *ocds.Object) Entry {
	tender, award, contract := field.Object(r, "tender"), orEmpty(currentAward(r)), field.ObjectIn(field.List(r, "contracts"), 0)
	item, supplier := field.ObjectIn(field.List(tender, "items"), 0), field.ObjectIn(field.List(award, "suppliers"), 0)
	paid := field.ObjectIn(field.List(field.Object(contract, "implementation"), "transactions"), 0)
	e := Entry{
		Title: tender.Text("title"), Description: tender.Text("description"), Category: tender.Text("mainProcurementCategory"), Method: tender.Text("procurementMethod"),
		Rationale: tender.Text("procurementMethodRationale"), Value: amountText(tender), Opened: field.Day(field.Object(tender, "tenderPeriod"), "startDate"),
		Closes: field.Day(field.Object(tender, "tenderPeriod"), "endDate"), Awarded: field.Day(award, "date"), Supplier: supplier.Text("name"), AwardValue: amountText(award),
		Signed: field.Day(contract, "dateSigned"), Starts: field.Day(field.Object(contract, "period"), "startDate"), Ends: field.Day(field.Object(contract, "period"), "endDate"),
		Amount: amountText(contract), Status: contract.Text("status"), District: field.Object(item, "deliveryAddress").Text("region"), Place: field.Object(item, "deliveryAddress").Text("locality"),
		BudgetLine: field.Object(field.Object(r, "planning"), "budget").Text("description"),
		Paid:       amountText(paid),
	}
	e.Reference, _ = strings.CutPrefix(r.Text("ocid"), Prefix+"-")
	if e.Contract = contract.Text("title"); e.Contract == e.Title {
		e.Contract = ""
	}
	if e.Status == "cancelled" && e.Contract+e.Signed+e.Starts+e.Ends+e.Amount+e.Paid == "" {
		e.Status = "" // it was taken back
	}
	if n := field.Whole(tender, "numberOfTenderers"); n != nil {
		e.Bidders = strconv.FormatInt(*n, 10)
	}
	for _, o := range []*ocds.Object{contract, award, tender, paid} {
		e.Currency = field.First(e.Currency, field.Object(o, "value").Text("currency"))
	}
	e.SupplierNumber, _ = strings.CutPrefix(field.Text(supplier, "id"), "BZ-CR-")
	if e.SupplierNumber == field.Text(supplier, "id") {
		e.SupplierNumber = ""
	}
	if p := pointOf(field.Object(item, "deliveryLocation")); p != nil {
		e.Lat, e.Lon = strconv.FormatFloat(p.Lat, 'f', -1, 64), strconv.FormatFloat(p.Lon, 'f', -1, 64)
	}
	return e
}

func amountText(o *ocds.Object) string {
	if a := field.Amount(o, "value"); a != nil {
		return a.Decimal()
	}
	return ""
}
