package check

import (
	"encoding/json"
	"strconv"

	"ceiba/internal/collaboration/procurement/ocds"
)

// listed gives a property that is a list.
func listed(o *ocds.Object, name string) []any {
	v, _ := o.Get(name)
	list, _ := v.([]any)
	return list
}

// links notes what is odd between the parts of a release.
func (o *oddities) links(release *ocds.Object) {
	awards, dates := map[any]bool{}, map[any]string{}
	tender := object(release, "tender")
	for i, x := range listed(release, "awards") {
		award, ok := x.(*ocds.Object)
		if !ok {
			continue
		}
		if id, _ := award.Get("id"); isID(id) {
			awards[id], dates[id] = true, award.Text("date")
		}
		if period := tender; period != nil {
			if period = object(tender, "tenderPeriod"); period != nil {
				o.at("awards", i, "date", func() { o.early(award.Text("date"), period.Text("startDate"), "award.early") })
			}
		}
	}
	for i, x := range listed(release, "contracts") {
		if contract, ok := x.(*ocds.Object); ok {
			id, _ := contract.Get("awardID")
			if len(awards) > 0 {
				o.at("contracts", i, "awardID", func() { o.among(awards, id, "award") })
			}
			if isID(id) {
				o.at("contracts", i, "dateSigned", func() { o.early(contract.Text("dateSigned"), dates[id], "contract.early") })
			}
		}
	}
	if tender != nil {
		o.tenderers(tender)
	}
	o.parties(release)
}

// isID reports whether a value is an id.
func isID(v any) bool {
	switch v := v.(type) {
	case string:
		return v != ""
	case json.Number:
		return true
	}
	return false
}

// at does something with the trail at a property of an item of a list.
func (o *oddities) at(list string, i int, name string, do func()) {
	o.enter(list)
	o.enterAt(i)
	o.enter(name)
	do()
	o.leave()
	o.leave()
	o.leave()
}

func (o *oddities) early(date, than, rule string) {
	if before(date, than) {
		o.odd(rule, brief(date), brief(than))
	}
}

// among notes that what an id means is not there.
func (o *oddities) among(known map[any]bool, id any, rule string) {
	if !isID(id) || known[id] {
		return
	}
	var other any
	switch id := id.(type) {
	case string:
		other = json.Number(id)
	case json.Number:
		other = id.String()
	}
	if known[other] {
		o.odd(rule+".type", brief(id), brief(other))
		return
	}
	o.odd(rule+".missing", brief(id), "")
}

// tenderers compares the number of tenderers with their list.
func (o *oddities) tenderers(tender *ocds.Object) {
	v, _ := tender.Get("numberOfTenderers")
	said, ok := v.(json.Number)
	list := listed(tender, "tenderers")
	if !ok || len(list) == 0 || ocds.Equal(said, json.Number(strconv.Itoa(len(list)))) {
		return
	}
	o.enter("tender")
	o.enter("numberOfTenderers")
	o.odd("tenderers", brief(said), strconv.Itoa(len(list)))
	o.leave()
	o.leave()
}

// parties notes organisations that are not among the parties.
func (o *oddities) parties(release *ocds.Object) {
	known := map[any]bool{}
	for _, x := range listed(release, "parties") {
		if party, ok := x.(*ocds.Object); ok {
			if id, _ := party.Get("id"); isID(id) {
				known[id] = true
			}
		}
	}
	if len(known) == 0 {
		return
	}
	for _, way := range [][]string{
		{"buyer"},
		{"tender", "procuringEntity"},
		{"tender", "tenderers"},
		{"awards", "suppliers"},
		{"bids", "details", "tenderers"},
		{"contracts", "implementation", "transactions", "payer"},
		{"contracts", "implementation", "transactions", "payee"},
		{"planning", "budget", "budgetBreakdown", "sourceParty"},
	} {
		o.follow(release, way, known)
	}
}

// follow goes to the organisations at the end of a way, through lists as well.
func (o *oddities) follow(v any, way []string, known map[any]bool) {
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			o.enterAt(i)
			if in, ok := x.(*ocds.Object); ok {
				o.follow(in, way, known)
			}
			o.leave()
		}
	case *ocds.Object:
		name := "id"
		if len(way) > 0 {
			name = way[0]
		}
		inner, ok := v.Get(name)
		if !ok {
			return
		}
		o.enter(name)
		switch {
		case len(way) > 0:
			o.follow(inner, way[1:], known)
		default:
			o.among(known, inner, "party")
		}
		o.leave()
	}
}
