package assign

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Infeasible is the error of a problem that no assignment solves.
type Infeasible struct {
	Reasons []Reason // at least one; those that concern one criterion come first
}

// Error gives the text for the log.
func (e *Infeasible) Error() string {
	var out []string
	for _, r := range e.Reasons {
		out = append(out, fmt.Sprintf("%s %v", r.Key(), r.Args()))
	}
	return "no assignment: " + strings.Join(out, "; ")
}

// Lack is what is lacking.
type Lack string

// The lacks.
const (
	OfSide   Lack = "side"     // a criterion has too few people of a side, or for a role
	OfPeople Lack = "people"   // enough for each role and side, but the same ones
	OfRoom   Lack = "capacity" // each criterion alone could be staffed, all together not
)

// Reason is a constraint that can't be met.
type Reason struct {
	Lack      Lack         `json:"lack"`
	Criterion string       `json:"criterion,omitempty"` // of OfSide and OfPeople
	Role      Role         `json:"role,omitempty"`      // of OfSide
	Side      Side         `json:"side,omitempty"`      // of OfSide
	Need      int          `json:"need"`                // people; for OfRoom, places that stay empty
	Have      int          `json:"have"`                // people who may; for OfRoom, criteria that those who are full take in all
	People    []string     `json:"people,omitempty"`    // who may; for OfRoom, who is full
	Criteria  []string     `json:"criteria,omitempty"`  // of OfRoom: those that compete for them
	Excluded  map[Rule]int `json:"excluded,omitempty"`  // of OfSide: how many of the side are kept away by which rule
}

// Key is that of the sentence for people.
func (r Reason) Key() string {
	if r.Lack == OfSide {
		if r.Role == Moderator {
			return "evaluation.assign.lack.moderator"
		}
		return "evaluation.assign.lack.side." + string(r.Side)
	}
	return "evaluation.assign.lack." + string(r.Lack)
}

// Args are the values for the sentence.
func (r Reason) Args() []any {
	return []any{"criterion", r.Criterion, "need", r.Need, "have", r.Have, "people", len(r.People), "criteria", len(r.Criteria)}
}

// ExcludedKey is the key of the sentence that says by which rule so many, {n},
// are kept away.
func ExcludedKey(r Rule) string { return "evaluation.assign.excluded." + string(r) }

// explain says why so many places stay empty.
func (s *solver) explain(empty int) error {
	out := &Infeasible{}
	for _, c := range s.Criteria {
		out.Reasons = append(out.Reasons, s.lackOf(c)...)
	}
	if len(out.Reasons) == 0 {
		out.Reasons = []Reason{s.full(empty)}
	}
	return out
}

// lackOf says why a criterion could not be staffed even if it were the only
// one.
func (s *solver) lackOf(c Criterion) (out []Reason) {
	may := map[string]bool{}
	need := 0
	for _, sl := range s.slots {
		if sl.criterion != c.ID {
			continue
		}
		need += sl.need
		r := s.candidates(sl)
		for _, id := range r.People {
			may[id] = true
		}
		if r.Have < r.Need {
			out = append(out, r)
		}
	}
	if len(out) == 0 && !s.alone(c) {
		people := slices.Sorted(maps.Keys(may))
		out = append(out, Reason{Lack: OfPeople, Criterion: c.ID, Need: need, Have: len(people), People: people})
	}
	return out
}

// candidates are those who may take a slot's places.
func (s *solver) candidates(sl slot) Reason {
	r := Reason{Lack: OfSide, Criterion: sl.criterion, Role: sl.role, Side: sl.side, Need: sl.need, Excluded: map[Rule]int{}}
	for _, one := range s.People {
		if !sl.takes(one) || slices.ContainsFunc(s.Keep, func(k Place) bool { return k.Criterion == sl.criterion && k.Person == one.ID }) {
			continue
		}
		if rule := s.barred.why(s.Problem, one, sl.criterion, sl.role); rule != "" {
			r.Excluded[rule]++
			continue
		}
		r.People = append(r.People, one.ID)
	}
	r.Have = len(r.People)
	return r
}

// alone reports whether a criterion could be staffed if there were no other.
func (s *solver) alone(c Criterion) bool {
	p := s.Problem
	p.Criteria = []Criterion{c}
	p.Keep = slices.DeleteFunc(slices.Clone(p.Keep), func(k Place) bool { return k.Criterion != c.ID })
	only, err := newSolver(p, s.seed)
	return err == nil && only.fill() == only.demand
}

// full names the people for whose time criteria compete: the cut that stops the
// flow.
func (s *solver) full(empty int) Reason {
	r := Reason{Lack: OfRoom, Need: empty}
	reach := s.reachable()
	for i, one := range s.People {
		if reach[s.people[i]] {
			r.People = append(r.People, one.ID)
			r.Have += min(one.Capacity, len(s.Criteria))
		}
	}
	for _, sl := range s.slots {
		if reach[sl.node] && !slices.Contains(r.Criteria, sl.criterion) {
			r.Criteria = append(r.Criteria, sl.criterion)
		}
	}
	return r
}
