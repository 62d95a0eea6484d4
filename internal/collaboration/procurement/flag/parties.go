package flag

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/ground/id"
)

// party is an organisation of the release.
type party struct {
	*ocds.Object
	at           int
	bids, buying bool              // bids or supplies; buys
	reached      map[string]string // contacts
}

// parties finds those who bid or supply, and those who buy.
func (p *Process) parties() (out []party) {
	if len(field.List(p.release, "parties")) == 0 {
		return nil
	}
	bidding, buying := map[string]bool{}, map[string]bool{}
	for _, who := range p.Who {
		bidding[who] = true
	}
	for i := range p.Awards {
		for _, who := range p.Awards[i].Suppliers {
			bidding[who] = true
		}
	}
	for _, o := range []*ocds.Object{field.Object(p.release, "buyer"), field.Object(p.Tender, "procuringEntity")} {
		if k := keyOf(o); k != "" {
			buying[k] = true
		}
	}
	for i, o := range Each(p.release, "parties") {
		one := party{Object: o, at: i, bids: bidding[keyOf(o)], buying: buying[keyOf(o)]}
		for _, role := range field.List(o, "roles") {
			one.bids = one.bids || role == "tenderer" || role == "supplier"
			one.buying = one.buying || role == "buyer" || role == "procuringEntity"
		}
		if one.bids || one.buying {
			one.reached = one.contacts()
		}
		out = append(out, one)
	}
	return out
}

// contacts are what a party can be reached by, and where it stands: telephones
// by their last seven digits, e-mails, and streets with their place.
func (one *party) contacts() map[string]string {
	out := map[string]string{}
	point, address := field.Object(one.Object, "contactPoint"), field.Object(one.Object, "address")
	if digits := digitsOf(field.Text(point, "telephone")); len(digits) >= 7 && strings.Trim(digits, digits[:1]) != "" {
		out["t"+digits[len(digits)-7:]] = Ptr("parties", one.at, "contactPoint/telephone")
	}
	if mail := strings.ToLower(field.Text(point, "email")); strings.Contains(mail, "@") {
		out["e"+mail] = Ptr("parties", one.at, "contactPoint/email")
	}
	if street := id.Fold(field.Text(address, "streetAddress")); len(street) >= 6 {
		out["a"+street+"|"+id.Fold(address.Text("locality"))] = Ptr("parties", one.at, "address/streetAddress")
	}
	return out
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// odd is R042: a telephone that cannot be one.
func odd(p *Process) Verdict {
	least := p.Number("phone_digits").Int()
	v, seen := Asked(false), false
	for _, one := range p.organisations {
		phone := field.Text(field.Object(one.Object, "contactPoint"), "telephone")
		if !one.bids || phone == "" {
			continue
		}
		seen = true
		digits := digitsOf(phone)
		if len(digits) < least || strings.Trim(digits, digits[:1]) == "" {
			v.Outcome = outcome.Flag
			v = v.Counted(v.n+1).private(Ptr("parties", one.at, "contactPoint/telephone"), phone)
		}
	}
	if !seen {
		return Missing("parties/contactPoint/telephone")
	}
	return v
}

// shares is R043 and R044: parties with a contact in common, one of which bids.
func shares(withBuyer bool) func(p *Process) Verdict {
	return func(p *Process) Verdict {
		at := map[string][]string{} // contact to where it stands
		left, right, bidders := 0, 0, 0
		all := p.organisations
		for i := range all {
			one := &all[i]
			mine := one.reached
			if one.bids && !one.buying {
				bidders++
			}
			if len(mine) == 0 {
				continue
			}
			if one.bids && !one.buying {
				left++
				for _, c := range slices.Sorted(maps.Keys(mine)) {
					at[c] = append(at[c], mine[c])
				}
			}
			if one.buying && !one.bids {
				right++
			}
		}
		switch {
		case !withBuyer && bidders == 1:
			return Not(WhyNone)
		case withBuyer && (left == 0 || right == 0), !withBuyer && left < 2:
			return Missing("parties/contactPoint/telephone")
		}
		v := Asked(false).Counted(left)
		meet := func(c string, places ...string) {
			v.Outcome = outcome.Flag
			for _, place := range places {
				v = v.private(place, c[1:])
			}
		}
		for i := range all {
			if !withBuyer || !all[i].buying || all[i].bids {
				continue
			}
			buyers := all[i].reached
			for _, c := range slices.Sorted(maps.Keys(buyers)) {
				if places := at[c]; len(places) > 0 {
					meet(c, append([]string{buyers[c]}, places...)...)
				}
			}
		}
		for _, c := range slices.Sorted(maps.Keys(at)) {
			if !withBuyer && len(at[c]) > 1 {
				meet(c, at[c]...)
			}
		}
		return v
	}
}

// owned is R032: bidders with the same beneficial owner.
func owned(p *Process) Verdict {
	return p.common("beneficialOwners", func(o *ocds.Object) []string {
		name := id.Fold(o.Text("name"))
		return slices.DeleteFunc([]string{"id " + field.Text(o, "id"), "name " + name}, func(s string) bool { return s == "id " || s == "name " })
	}, "parties/beneficialOwners/id")
}

// held is R033: bidders with the same major shareholder.
func held(p *Process) Verdict {
	least := float64(p.Number("shareholding")) / 10000
	return p.common("shareholders", func(o *ocds.Object) []string {
		v, _ := o.Get("shareholding")
		part, err := strconv.ParseFloat(field.Decimal(v), 64)
		who := field.Text(field.Object(o, "shareholder"), "id")
		if err != nil || part < least || who == "" {
			return nil
		}
		return []string{"id " + who}
	}, "parties/shareholders/shareholder/id")
}

// common looks for people who stand in a list of two bidders. People with an id
// Each are the same if the ids are; if one lacks it, if the names are.
func (p *Process) common(list string, names func(*ocds.Object) []string, path string) Verdict {
	type place struct {
		party  int
		at     string
		lacks  bool // an id
		person string
	}
	at := map[string][]place{}
	said, bidders := 0, 0
	for _, one := range p.organisations {
		if one.bids {
			bidders++
		}
		if !one.bids || len(field.List(one.Object, list)) == 0 {
			continue
		}
		said++
		for i, o := range Each(one.Object, list) {
			all := names(o)
			lacks := len(all) == 1 && strings.HasPrefix(all[0], "name ")
			for _, name := range all {
				at[name] = append(at[name], place{one.at, Ptr("parties", one.at, list, i), lacks, name})
			}
		}
	}
	switch {
	case bidders == 1:
		return Not(WhyNone)
	case said < 2:
		return Missing(path)
	}
	v := Asked(false).Counted(said)
	for _, name := range slices.Sorted(maps.Keys(at)) {
		places := at[name]
		byName := strings.HasPrefix(name, "name ")
		if byName && !slices.ContainsFunc(places, func(x place) bool { return x.lacks }) {
			continue
		}
		first := places[0].party
		if !slices.ContainsFunc(places, func(x place) bool { return x.party != first }) {
			continue
		}
		v.Outcome = outcome.Flag
		slices.SortFunc(places, func(a, b place) int { return cmp.Or(a.party-b.party, strings.Compare(a.at, b.at)) })
		for _, x := range places {
			v = v.private(x.at, strings.TrimPrefix(strings.TrimPrefix(x.person, "name "), "id "))
		}
	}
	return v
}
