package assign

// What else an assignment can break, beside the rules that keep people from
// criteria.
const (
	Twice        Rule = "twice"         // somebody has two tasks on one criterion
	OverCapacity Rule = "over_capacity" // somebody has more than they can take
	Overstaffed  Rule = "overstaffed"   // a criterion has too many in a role
	Understaffed Rule = "understaffed"  // or too few
	Unbalanced   Rule = "unbalanced"    // a side is not there
)

// Violation is a rule that an assignment breaks.
type Violation struct {
	Rule      Rule   `json:"rule"`
	Criterion string `json:"criterion,omitempty"`
	Person    string `json:"person,omitempty"`
}

// Verify lists what is wrong with an assignment, however it was made: nothing
// if it follows the rules. After a recusal it shows what must be filled again.
func Verify(p Problem, places []Place) (out []Violation) {
	b := p.barred()
	people := map[string]Person{}
	for _, one := range p.People {
		people[one.ID] = one
	}
	loads, pairs := map[string]int{}, map[Conflict]bool{}
	staff, sides := map[string]map[Role]int{}, map[string]map[Side]int{}
	for _, c := range p.Criteria {
		staff[c.ID], sides[c.ID] = map[Role]int{}, map[Side]int{}
	}
	for _, place := range places {
		one := people[place.Person]
		if rule := b.why(p, one, place.Criterion, place.Role); rule != "" {
			out = append(out, Violation{rule, place.Criterion, one.ID})
		}
		pair := Conflict{place.Person, place.Criterion}
		if pairs[pair] {
			out = append(out, Violation{Twice, place.Criterion, one.ID})
		}
		pairs[pair] = true
		loads[one.ID]++
		staff[place.Criterion][place.Role]++
		if place.Role == Scorer {
			sides[place.Criterion][one.Kind.Side()]++
		}
	}
	for _, one := range p.People {
		if loads[one.ID] > one.Capacity {
			out = append(out, Violation{Rule: OverCapacity, Person: one.ID})
		}
	}
	for _, c := range p.Criteria {
		out = append(out, p.Rules.staffed(c.ID, staff[c.ID], sides[c.ID])...)
	}
	return out
}

// staffed compares who is there with who should be.
func (r Rules) staffed(criterion string, staff map[Role]int, sides map[Side]int) (out []Violation) {
	switch {
	case staff[Scorer] > r.Scorers || staff[Moderator] > r.Moderators:
		out = append(out, Violation{Rule: Overstaffed, Criterion: criterion})
	case staff[Scorer] < r.Scorers || staff[Moderator] < r.Moderators:
		out = append(out, Violation{Rule: Understaffed, Criterion: criterion})
	}
	if sides[OfCivilSociety] < r.CivilSociety || sides[OfGovernment] < r.Government || sides[OfOthers] < r.Others {
		out = append(out, Violation{Rule: Unbalanced, Criterion: criterion})
	}
	return out
}
