package assign

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/jcs"
)

// Kind is where somebody comes from.
type Kind string

// The kinds.
const (
	Government   Kind = "government"
	CivilSociety Kind = "civil_society"
	Academia     Kind = "academia"
	Business     Kind = "business"
	Auditor      Kind = "auditor"
	CitizenPanel Kind = "citizen_panel"
)

var kinds = []Kind{Government, CivilSociety, Academia, Business, Auditor, CitizenPanel}

// Side is what must be balanced: government, civil society, and all others.
type Side string

// The sides. Anybody is the side of places that are for whoever.
const (
	OfGovernment   Side = "government"
	OfCivilSociety Side = "civil_society"
	OfOthers       Side = "others"
	Anybody        Side = "anybody"
)

// Side is that of a kind.
func (k Kind) Side() Side {
	switch k {
	case Government:
		return OfGovernment
	case CivilSociety:
		return OfCivilSociety
	}
	return OfOthers
}

// Role is what somebody does for a criterion.
type Role string

// The roles.
const (
	Scorer    Role = "scorer"
	Moderator Role = "moderator"
)

// Person is somebody who takes part.
type Person struct {
	ID           string   `json:"id"`
	Kind         Kind     `json:"kind"`
	Organisation string   `json:"organisation"` // "" for none
	Capacity     int      `json:"capacity"`     // criteria, moderated ones included
	Moderates    bool     `json:"moderates"`    // may moderate
	Fields       []string `json:"fields"`       // of expertise
}

// Criterion is something to be scored.
type Criterion struct {
	ID     string   `json:"id"`
	Fields []string `json:"fields"` // in which expertise helps
}

// Rules say how a criterion is staffed.
type Rules struct {
	Scorers      int `json:"scorers"` // of each criterion
	CivilSociety int `json:"civil_society"`
	Government   int `json:"government"`
	Others       int `json:"others"`     // the least of each side
	Moderators   int `json:"moderators"` // 0 or 1
	Bonus        int `json:"bonus"`      // what expertise weighs beside a squared load
}

// Standard are three scorers of three sides, a moderator, and expertise worth
// about as much as one criterion more or less.
var Standard = Rules{Scorers: 3, CivilSociety: 1, Government: 1, Others: 1, Moderators: 1, Bonus: 2}

// Conflict keeps somebody from a criterion.
type Conflict struct {
	Person    string `json:"person"`
	Criterion string `json:"criterion"` // "" for all: an interest in the subject
}

// Place is somebody's task.
type Place struct {
	Criterion string `json:"criterion"`
	Person    string `json:"person"`
	Role      Role   `json:"role"`
}

func (p Place) compare(o Place) int {
	return cmp.Or(cmp.Compare(p.Criterion, o.Criterion), -cmp.Compare(p.Role, o.Role), cmp.Compare(p.Person, o.Person))
}

// Problem is who is to be assigned to what.
type Problem struct {
	Rules     Rules       `json:"rules"`
	Body      string      `json:"body"` // organisation that is evaluated, "" for none
	Criteria  []Criterion `json:"criteria"`
	People    []Person    `json:"people"`
	Interests []Conflict  `json:"interests"` // declared, or found in registers
	Supplied  []Conflict  `json:"supplied"`  // evidence, on a criterion
	Keep      []Place     `json:"keep"`      // tasks that stay, when somebody else has dropped out
}

// Seed decides between ways that are equally good.
type Seed [sha256.Size]byte

// SeedOf is the SHA-256 of a published protocol.
func SeedOf(protocol []byte) Seed { return sha256.Sum256(protocol) }

// String is the seed in hexadecimal.
func (s Seed) String() string { return hex.EncodeToString(s[:]) }

// Digest is the SHA-256 of the problem in canonical JSON, in hexadecimal, with
// all lists in order: to be published with the result.
func (p Problem) Digest() (string, error) {
	text, err := jcs.Marshal(p.ordered())
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// ordered is the problem with its lists sorted.
func (p Problem) ordered() Problem {
	byBoth := func(a, b Conflict) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Criterion, b.Criterion))
	}
	p.Criteria = slices.SortedFunc(slices.Values(p.Criteria), func(a, b Criterion) int { return cmp.Compare(a.ID, b.ID) })
	p.People = slices.SortedFunc(slices.Values(p.People), func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	p.Interests = slices.Compact(slices.SortedFunc(slices.Values(p.Interests), byBoth))
	p.Supplied = slices.Compact(slices.SortedFunc(slices.Values(p.Supplied), byBoth))
	p.Keep = slices.SortedFunc(slices.Values(p.Keep), Place.compare)
	for i := range p.Criteria {
		p.Criteria[i].Fields = slices.Sorted(slices.Values(p.Criteria[i].Fields))
	}
	for i := range p.People {
		p.People[i].Fields = slices.Sorted(slices.Values(p.People[i].Fields))
	}
	return p
}

// Check looks at whether the problem can be understood. The error is
// fault.Fields under paths such as "people[2].kind".
func (p Problem) Check() error {
	var f fault.Fields
	r := p.Rules
	if r.Scorers < 1 || min(r.CivilSociety, r.Government, r.Others, r.Bonus) < 0 ||
		r.CivilSociety+r.Government+r.Others > r.Scorers || r.Moderators < 0 || r.Moderators > 1 {
		f.Add("rules", "evaluation.assign.rules")
	}
	criteria, people := map[string]bool{"": true}, map[string]bool{"": true}
	for i, c := range p.Criteria {
		fresh(&f, criteria, fmt.Sprintf("criteria[%d].id", i), c.ID)
	}
	for i, one := range p.People {
		at := fmt.Sprintf("people[%d]", i)
		fresh(&f, people, at+".id", one.ID)
		if !slices.Contains(kinds, one.Kind) {
			f.Add(at+".kind", "evaluation.assign.unknown", "what", string(one.Kind))
		}
		if one.Capacity < 0 {
			f.Add(at+".capacity", "evaluation.assign.capacity_negative")
		}
	}
	known := func(path, person, criterion string, all bool) {
		if person == "" || !people[person] {
			f.Add(path, "evaluation.assign.unknown", "what", person)
		}
		if !criteria[criterion] || criterion == "" && !all {
			f.Add(path, "evaluation.assign.unknown", "what", criterion)
		}
	}
	for i, c := range p.Interests {
		known(fmt.Sprintf("interests[%d]", i), c.Person, c.Criterion, true)
	}
	for i, c := range p.Supplied {
		known(fmt.Sprintf("supplied[%d]", i), c.Person, c.Criterion, false)
	}
	for i, k := range p.Keep {
		known(fmt.Sprintf("keep[%d]", i), k.Person, k.Criterion, false)
		if k.Role != Scorer && k.Role != Moderator {
			f.Add(fmt.Sprintf("keep[%d]", i), "evaluation.assign.unknown", "what", string(k.Role))
		}
	}
	return f.Err()
}

// fresh wants an id that is neither empty nor taken.
func fresh(f *fault.Fields, taken map[string]bool, path, id string) {
	if taken[id] {
		f.Add(path, "evaluation.assign.id", "what", id)
	}
	taken[id] = true
}

// Rule is what keeps somebody from a criterion.
type Rule string

// The rules.
const (
	ByBody     Rule = "evaluated_body"    // of which they are
	ByInterest Rule = "interest"          // in the subject
	ByEvidence Rule = "supplied_evidence" // on the criterion
	ByRole     Rule = "no_moderator"      // they don't moderate
	ByCapacity Rule = "no_capacity"       // they take nothing at all
)

// barred are the pairs that interests and evidence keep apart.
type barred struct{ interests, supplied map[Conflict]bool }

func (p Problem) barred() barred {
	b := barred{map[Conflict]bool{}, map[Conflict]bool{}}
	for _, c := range p.Interests {
		b.interests[c] = true
	}
	for _, c := range p.Supplied {
		b.supplied[c] = true
	}
	return b
}

// why says which rule keeps a person from a role, or "".
func (b barred) why(p Problem, one Person, criterion string, role Role) Rule {
	switch {
	case p.Body != "" && one.Organisation == p.Body:
		return ByBody
	case b.interests[Conflict{one.ID, ""}] || b.interests[Conflict{one.ID, criterion}]:
		return ByInterest
	case b.supplied[Conflict{one.ID, criterion}]:
		return ByEvidence
	case role == Moderator && !one.Moderates:
		return ByRole
	case one.Capacity == 0:
		return ByCapacity
	}
	return ""
}
