package assign

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"ceiba/internal/ground/fault"
)

// Result is who does what.
type Result struct {
	Seed   string  `json:"seed"`
	Input  string  `json:"input"`  // [Problem.Digest]
	Places []Place `json:"places"` // by criterion, scorers before the moderator, then by person
	Worth  int64   `json:"worth"`  // what was made least: squared loads and lacking expertise
}

// Solve finds the best assignment. The error is fault.Fields for a problem that
// can't be understood ([Problem.Check]), a fault for a task to be kept that
// breaks a rule, or an [Infeasible].
func Solve(p Problem, seed Seed) (Result, error) {
	if err := p.Check(); err != nil {
		return Result{}, err
	}
	digest, err := p.Digest()
	if err != nil {
		return Result{}, err
	}
	p = p.ordered()
	s, err := newSolver(p, seed)
	if err != nil {
		return Result{}, err
	}
	if flow := s.fill(); flow < s.demand {
		return Result{}, s.explain(s.demand - flow)
	}
	out := Result{Seed: seed.String(), Input: digest, Places: slices.Clone(p.Keep)}
	for _, o := range s.offers {
		if s.used(o.arc) {
			out.Places = append(out.Places, o.Place)
		}
	}
	slices.SortFunc(out.Places, Place.compare)
	out.Worth = p.worth(out.Places)
	return out, nil
}

// worth is what Solve makes least.
func (p Problem) worth(places []Place) (sum int64) {
	loads := map[string]int64{}
	for _, place := range places {
		loads[place.Person]++
		sum += p.lacking(place)
	}
	for _, n := range loads {
		sum += n * n
	}
	return sum
}

// lacking is Bonus for a scorer without expertise in the criterion's fields.
func (p Problem) lacking(place Place) int64 {
	c := p.Criteria[slices.IndexFunc(p.Criteria, func(c Criterion) bool { return c.ID == place.Criterion })]
	one := p.People[slices.IndexFunc(p.People, func(one Person) bool { return one.ID == place.Person })]
	return p.Rules.lacking(c, one, place.Role)
}

func (r Rules) lacking(c Criterion, one Person, role Role) int64 {
	expert := slices.ContainsFunc(c.Fields, func(f string) bool { return slices.Contains(one.Fields, f) })
	if role == Moderator || len(c.Fields) == 0 || expert {
		return 0
	}
	return int64(r.Bonus)
}

// number is the seed's for a place, below 2^40.
func (s Seed) number(p Place) int64 {
	text := slices.Concat(s[:], []byte{0}, []byte(p.Criterion), []byte{0}, []byte(p.Person), []byte{0}, []byte(p.Role))
	sum := sha256.Sum256(text)
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 24)
}

// slot is so many places of a criterion for one side or role.
type slot struct {
	criterion string
	role      Role
	side      Side
	need      int
	node      int
}

// takes reports whether somebody is of the slot's side.
func (s slot) takes(one Person) bool { return s.side == Anybody || s.side == one.Kind.Side() }

// offer is a place that somebody may take.
type offer struct {
	Place
	arc int
}

// solver is the network of a problem: source → slots → pairs of criterion and
// person → people → sink. A pair takes one role only.
type solver struct {
	*network
	Problem
	barred barred
	seed   Seed
	slots  []slot
	offers []offer
	people []int // nodes, in the order of the problem's
	demand int
}

func newSolver(p Problem, seed Seed) (*solver, error) {
	s := &solver{network: newNetwork(), Problem: p, barred: p.barred(), seed: seed}
	kept, err := s.kept()
	if err != nil {
		return nil, err
	}
	for _, one := range p.People {
		s.people = append(s.people, s.person(one, kept))
	}
	for _, c := range p.Criteria {
		s.criterion(c, kept)
	}
	return s, nil
}

// person adds an arc for each criterion that somebody can take: the nth adds
// 2n-1 to the squared load.
func (s *solver) person(one Person, kept map[string][]Place) int {
	node := s.node()
	for n := len(kept[one.ID]); n < min(one.Capacity, len(s.Criteria)); n++ {
		s.arc(node, sink, 1, cost{worth: 2*int64(n) + 1})
	}
	return node
}

// criterion adds the slots of a criterion, and who may take a place in them.
func (s *solver) criterion(c Criterion, kept map[string][]Place) {
	pairs := make([]int, len(s.People))
	for _, sl := range s.slotsOf(c.ID) {
		sl.node = s.node()
		s.arc(source, sl.node, sl.need, cost{})
		s.demand += sl.need
		s.slots = append(s.slots, sl)
		for i, one := range s.People {
			busy := slices.ContainsFunc(kept[one.ID], func(k Place) bool { return k.Criterion == c.ID })
			if busy || !sl.takes(one) || s.barred.why(s.Problem, one, c.ID, sl.role) != "" {
				continue
			}
			if pairs[i] == 0 {
				pairs[i] = s.node()
				s.arc(pairs[i], s.people[i], 1, cost{})
			}
			place := Place{c.ID, one.ID, sl.role}
			price := cost{s.Rules.lacking(c, one, sl.role), s.seed.number(place)}
			s.offers = append(s.offers, offer{place, s.arc(sl.node, pairs[i], 1, price)})
		}
	}
}

// slotsOf are a criterion's slots that the tasks which stay leave open.
func (s *solver) slotsOf(criterion string) (out []slot) {
	return slices.DeleteFunc(s.open(criterion, s.Keep), func(sl slot) bool { return sl.need <= 0 })
}

// open are all slots of a criterion, less the places that are taken: first
// those of a person's side, then those for anybody.
func (s *solver) open(criterion string, taken []Place) []slot {
	r := s.Rules
	out := []slot{
		{criterion, Scorer, OfCivilSociety, r.CivilSociety, 0},
		{criterion, Scorer, OfGovernment, r.Government, 0},
		{criterion, Scorer, OfOthers, r.Others, 0},
		{criterion, Scorer, Anybody, r.Scorers - r.CivilSociety - r.Government - r.Others, 0},
		{criterion, Moderator, Anybody, r.Moderators, 0},
	}
	for _, place := range taken {
		if place.Criterion != criterion {
			continue
		}
		one := s.People[slices.IndexFunc(s.People, func(one Person) bool { return one.ID == place.Person })]
		fits := func(sl slot) bool { return sl.role == place.Role && sl.takes(one) && sl.need > 0 }
		at := slices.IndexFunc(out, fits)
		if at < 0 {
			at = slices.IndexFunc(out, func(sl slot) bool { return sl.role == place.Role && sl.side == Anybody })
		}
		out[at].need--
	}
	return out
}

// kept are the tasks that stay, by person, if they follow the rules. That a
// criterion is short of people is what is to be mended.
func (s *solver) kept() (map[string][]Place, error) {
	out := map[string][]Place{}
	for _, v := range Verify(s.Problem, s.Keep) {
		if !slices.Contains([]Rule{Understaffed, Unbalanced, Overstaffed}, v.Rule) {
			return nil, fault.New(fault.Conflict, "evaluation.assign.keep", "person", v.Person, "criterion", v.Criterion)
		}
	}
	for _, c := range s.Criteria {
		for _, sl := range s.open(c.ID, s.Keep) {
			if sl.need < 0 {
				return nil, fault.New(fault.Conflict, "evaluation.assign.keep_many", "criterion", c.ID)
			}
		}
	}
	for _, k := range s.Keep {
		out[k.Person] = append(out[k.Person], k)
	}
	return out, nil
}
