package who

import (
	"fmt"
	"slices"
	"strings"
)

// Rule says who may do one action. Actions are named "thing.verb".
type Rule struct {
	Action string
	Site   []Role // may do it everywhere, holding the role for the site; Resident is everybody signed in
	Org    []Role // may do it for things of an organisation in which they hold the role
	Own    bool   // people may do it with what is their own
	Public bool   // nobody may too
	Level  Level  // the least level, for people; 0 asks for nothing
}

// Policy is the table of all rules. It is read-only once built.
type Policy struct{ rules map[string]Rule }

// NewPolicy builds the table and refuses a rule that is named twice, allows
// nothing, or names an unknown role.
func NewPolicy(rules ...Rule) (*Policy, error) {
	p := &Policy{map[string]Rule{}}
	for _, r := range rules {
		thing, verb, ok := strings.Cut(r.Action, ".")
		if !ok || thing == "" || verb == "" {
			return nil, fmt.Errorf("action %q is not named thing.verb", r.Action)
		}
		if _, twice := p.rules[r.Action]; twice {
			return nil, fmt.Errorf("action %q has two rules", r.Action)
		}
		for _, role := range slices.Concat(r.Site, r.Org) {
			if !slices.Contains(Roles, role) {
				return nil, fmt.Errorf("action %q names the unknown role %q", r.Action, role)
			}
		}
		p.rules[r.Action] = r
	}
	return p, nil
}

// MustPolicy is NewPolicy for tests: it panics on a bad rule.
func MustPolicy(rules ...Rule) *Policy {
	p, err := NewPolicy(rules...)
	if err != nil {
		panic(err)
	}
	return p
}

// Rules returns all rules, sorted by action.
func (p *Policy) Rules() []Rule {
	var out []Rule
	for _, r := range p.rules {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rule) int { return strings.Compare(a.Action, b.Action) })
	return out
}

// Knows reports whether a rule names the action.
func (p *Policy) Knows(action string) bool {
	_, ok := p.rule(action)
	return ok
}

func (p *Policy) rule(action string) (Rule, bool) {
	if p == nil {
		return Rule{}, false
	}
	r, ok := p.rules[action]
	return r, ok
}
