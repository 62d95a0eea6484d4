package check

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/bods"
)

func (r *run) relationship(s one) {
	r.parties(s)
	for i, interest := range s.Details.Interests {
		at := "/recordDetails/interests/" + strconv.Itoa(i)
		from, to := bods.Day(interest.Start), bods.Day(interest.End)
		if from != "" && to != "" && from > to {
			r.add(s, "statement_relationship_interests_start_after_end_date", at+"/startDate", interest.Start)
		}
		if interest.Share != nil {
			r.share(s, at+"/share", interest.Share)
		}
		r.arrangement(s, at+"/type", interest.Type)
	}
	for i, c := range s.Details.Components {
		at := "/recordDetails/componentRecords/" + strconv.Itoa(i)
		switch {
		case r.record[c] != nil:
		case r.isStatement(c):
			r.add(s, "component_record_is_statement_id", at, c)
		default:
			r.add(s, "component_record_id_not_in_dataset", at, c)
		}
	}
}

func (r *run) isStatement(id string) bool {
	return slices.ContainsFunc(r.all, func(s one) bool { return s.ID == id })
}

// kind is the type of a record by its last statement.
func (k *known) kind() bods.RecordType { return k.types[len(k.types)-1] }

// parties looks at both sides of a relationship.
func (r *run) parties(s one) {
	if p := s.Details.Owned; p != nil && p.Record != "" {
		const at = "/recordDetails/subject"
		switch k := r.record[p.Record]; {
		case k == nil:
			r.add(s, "subject_must_be_record_id", at, p.Record)
		case k.kind() != bods.EntityRecord:
			r.add(s, "subject_can_only_refer_to_entity", at, p.Record)
		}
		r.before(s, "relationship_subject_not_before_relationship_in_dataset", at, p.Record)
	}
	p := s.Details.Owner
	if p == nil || p.Record == "" {
		return
	}
	const at = "/recordDetails/interestedParty"
	r.before(s, "relationship_interested_party_not_before_relationship_in_dataset", at, p.Record)
	k := r.record[p.Record]
	switch {
	case k == nil:
		r.add(s, "interested_party_must_be_record_id", at, p.Record)
		return
	case k.kind() != bods.EntityRecord && k.kind() != bods.PersonRecord:
		r.add(s, "interested_party_can_only_refer_to_entity_or_person", at, p.Record)
		return
	}
	for i, interest := range s.Details.Interests {
		if interest.Owner != nil && *interest.Owner && k.kind() != bods.PersonRecord {
			r.add(s, "interest_beneficial_ownership_interested_party_not_person", "/recordDetails/interests/"+strconv.Itoa(i)+"/beneficialOwnershipOrControl", p.Record)
		}
	}
}

// before sees that a record's first statement stands before a relationship's.
func (r *run) before(s one, id, at, record string) {
	k, own := r.record[record], r.record[s.Record]
	if k != nil && own != nil && k.first > own.first {
		r.add(s, id, at, record)
	}
}

// share looks at the bounds of a percentage.
func (r *run) share(s one, at string, share *bods.Share) {
	if share.AboveBound != "" && share.Minimum != "" {
		r.add(s, "statement_relationship_interests_share_min_and_exclusivemin", at, "")
	} else if share.Maximum != "" && share.BelowBound != "" {
		r.add(s, "statement_relationship_interests_share_max_and_exclusivemax", at, "")
	}
	bounded := share.AboveBound != "" || share.Minimum != "" || share.Maximum != "" || share.BelowBound != ""
	if n, ok := number(share.Exact); ok && n.Sign() != 0 && bounded {
		r.add(s, "statement_relationship_interests_exact_has_min_max", at, string(share.Exact))
		return
	}
	low, okLow := first(share.Minimum, share.AboveBound)
	high, okHigh := first(share.Maximum, share.BelowBound)
	if !okLow || !okHigh {
		return
	}
	switch high.Cmp(low) {
	case -1:
		r.add(s, "statement_relationship_interests_not_exact_max_greater_than_min", at, low.RatString()+" > "+high.RatString())
	case 0:
		r.add(s, "statement_relationship_interests_exact_max_equals_min", at, low.RatString())
	}
}

func number(p bods.Percent) (*big.Rat, bool) { return new(big.Rat).SetString(string(p)) }

func first(all ...bods.Percent) (*big.Rat, bool) {
	for _, p := range all {
		if n, ok := number(p); ok {
			return n, true
		}
	}
	return nil, false
}

// arrangement sees that interests of nominations and trusts are held in such.
func (r *run) arrangement(s one, at, interest string) {
	id, fits := "", func(t *bods.EntityType) bool { return false }
	switch interest {
	case "nominee", "nominator":
		id = "relationship_interests_subject_should_be_entity_nomination_arrangement"
		fits = func(t *bods.EntityType) bool { return t.Type == "arrangement" && t.Subtype == "nomination" }
	case "settlor", "trustee", "protector":
		id = "relationship_interests_subject_should_be_entity_trust"
		fits = func(t *bods.EntityType) bool { return t.Subtype == "trust" }
	}
	p := s.Details.Owned
	if id == "" || p == nil || r.record[p.Record] == nil {
		return
	}
	if k := r.record[p.Record]; k.kind() != bods.EntityRecord || k.details.EntityType == nil || !fits(k.details.EntityType) {
		r.add(s, id, at, p.Record)
	}
}

// component sees that a part of an indirect relationship is named by one that
// comes after it.
func (r *run) component(s one) {
	if !s.Details.Component || s.Record == "" {
		return
	}
	if named := r.within[s.Record]; named != nil {
		whole := r.record[(*named)[len(*named)-1]]
		if r.record[s.Record].last < whole.last {
			return
		}
	}
	id := map[bods.RecordType]string{
		bods.EntityRecord:       "statement_entity_is_component_not_in_component_details",
		bods.PersonRecord:       "statement_person_is_component_not_in_component_details",
		bods.RelationshipRecord: "statement_relationship_is_component_not_in_component_details",
	}[s.Type]
	if id != "" {
		r.add(s, id, "/recordDetails/isComponent", s.Record)
	}
}

// series looks at the statements of each record, by their dates.
func (r *run) series() {
	for _, s := range r.all {
		if k := r.record[s.Record]; k != nil && k.first == s.index {
			r.oneSeries(k)
		}
	}
}

func (r *run) oneSeries(k *known) {
	var dated []one
	for _, s := range k.series {
		if bods.Day(s.Date) != "" {
			dated = append(dated, s)
		}
	}
	if len(dated) == 0 {
		return
	}
	slices.SortStableFunc(dated, func(a, b one) int { return strings.Compare(bods.Day(a.Date), bods.Day(b.Date)) })
	begun, closed, other := -1, -1, false
	news, ends := 0, 0
	for i, s := range dated {
		switch s.Status {
		case "new":
			news, begun = news+1, i
		case "closed":
			ends, closed = ends+1, i
		}
		other = other || s.Type != dated[0].Type
	}
	last := len(dated) - 1
	switch {
	case news > 1:
		r.add(dated[begun], "multiple_statements_in_series_with_record_status_new", "/recordStatus", dated[begun].Record)
	case news == 1 && dated[0].Status != "new":
		r.add(dated[begun], "statement_with_record_status_new_must_be_first", "/recordStatus", dated[begun].Record)
	case ends > 1:
		r.add(dated[closed], "multiple_statements_in_series_with_record_status_closed", "/recordStatus", dated[closed].Record)
	case ends == 1 && dated[last].Status != "closed":
		r.add(dated[closed], "statement_with_record_status_closed_must_be_last", "/recordStatus", dated[closed].Record)
	case other:
		r.add(dated[last], "statements_in_series_with_different_record_types", "/recordType", dated[last].Record)
	}
}

// primary sees that whoever is a beneficial owner in a part of an indirect
// relationship is one in a relationship of their own too.
func (r *run) primary() {
	type pair struct{ subject, owner string }
	whole := map[string]bool{}
	parts := map[pair]one{}
	var order []pair
	for _, s := range r.all {
		if s.Type != bods.RelationshipRecord || s.Details.Owner == nil || s.Details.Owner.Record == "" || !owns(s) {
			continue
		}
		p := pair{s.Subject, s.Details.Owner.Record}
		if !s.Details.Component {
			whole[p.owner] = true
		} else if _, ok := parts[p]; !ok {
			parts[p] = s
			order = append(order, p)
		}
	}
	for _, p := range order {
		if !whole[p.owner] {
			r.add(parts[p], "beneficial_owner_without_primary_relationship", "/recordDetails/isComponent", p.owner)
		}
	}
}

func owns(s one) bool {
	return slices.ContainsFunc(s.Details.Interests, func(i bods.Interest) bool { return i.Owner != nil && *i.Owner })
}
