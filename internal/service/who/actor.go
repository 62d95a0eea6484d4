package who

import (
	"context"
	"slices"

	"ceiba/internal/ground/fault"
)

// Role is what somebody does, for the site or within an organisation.
type Role string

// The roles. Resident is everybody with an account.
const (
	Administrator Role = "administrator" // runs the site
	Moderator     Role = "moderator"     // keeps the discussion fair
	Secretariat   Role = "secretariat"   // serves the forum and the plan
	Official      Role = "official"      // answers for a public body
	Editor        Role = "editor"        // publishes for an organisation
	Evaluator     Role = "evaluator"     // judges plans, budgets, procurement
	Facilitator   Role = "facilitator"   // runs sessions, helps others to take part
	Member        Role = "member"        // belongs to an organisation
	Resident      Role = "resident"
)

// Roles are all roles, in the order in which pages show them.
var Roles = []Role{Administrator, Moderator, Secretariat, Official, Editor, Evaluator, Facilitator, Member, Resident}

// Staff are the roles that need a passkey or a second factor to count.
var Staff = []Role{Administrator, Moderator, Secretariat, Official, Editor, Evaluator}

// Level is how well a person is known (spec: participation 6.1).
type Level int

// The levels. What an officer did on behalf of somebody is marked Assisted in
// the record of the act; it is not a level.
const (
	L0 Level = iota // a device
	L1              // a code by e-mail, SMS or WhatsApp
	L2              // L1, a district, and a phone nobody else has
	L3              // found in a register, or seen by an officer
)

// Grant is a role that somebody holds: for the site when Org is empty.
type Grant struct {
	Role Role
	Org  string // id of an organisation
}

// Scope says whose the thing is on which an actor wants to act.
type Scope struct {
	Org   string // the organisation that answers for it; may be empty
	Owner string // the person whose own it is; may be empty
}

// Site is the scope of what belongs to nobody in particular.
var Site = Scope{}

// In is the scope of what an organisation answers for.
func In(org string) Scope { return Scope{Org: org} }

// Own is the scope of what is a person's own.
func Own(person string) Scope { return Scope{Owner: person} }

// Actor is whoever acts. The zero Actor is nobody: it may do what is public.
type Actor struct {
	ID      string   // of the person; "" for nobody; "system:NAME" for the command line
	Name    string   // as shown to others
	Lang    string   // preferred language; may be empty
	Level   Level    // what was proved
	Strong  bool     // the session has a passkey or a second factor
	Grants  []Grant  // roles beside Resident
	Session string   // id of the session, "" without one
	Key     string   // id of the API key that speaks, "" for a person
	Only    []string // the actions an API key is limited to; nil is no limit
	policy  *Policy
}

// System is the actor of the command line and of the program's own work.
// It may do everything that a rule names, and is logged like anybody.
func System(p *Policy, name string) Actor {
	return Actor{ID: "system:" + name, Name: name, Strong: true, Level: L3, Grants: []Grant{{Role: Administrator}}, policy: p}
}

// As returns a person's actor under a policy.
func As(p *Policy, a Actor) Actor {
	a.policy = p
	return a
}

// Nobody is the actor of a request without a session.
func Nobody(p *Policy) Actor { return Actor{policy: p} }

// SignedIn reports whether the actor is somebody.
func (a Actor) SignedIn() bool { return a.ID != "" }

// Has reports whether the actor holds role for the site or in org.
func (a Actor) Has(role Role, org string) bool {
	if role == Resident {
		return a.SignedIn()
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Role == role && (g.Org == "" || org != "" && g.Org == org)
	})
}

// HasAny reports whether the actor holds role anywhere.
func (a Actor) HasAny(role Role) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == role })
}

// Orgs returns the ids of the organisations in which the actor holds a role
// that allows action, without repeats. everywhere is true when a role for the
// site allows it for any.
func (a Actor) Orgs(action string) (orgs []string, everywhere bool) {
	if a.May(action, Site) {
		return nil, true
	}
	for _, g := range a.Grants {
		if g.Org != "" && !slices.Contains(orgs, g.Org) && a.May(action, In(g.Org)) {
			orgs = append(orgs, g.Org)
		}
	}
	return orgs, false
}

// May reports whether the actor may do action on things of scope s.
func (a Actor) May(action string, s Scope) bool { return a.Must(action, s) == nil }

// MayAnywhere reports whether there is any scope in which the actor may do
// action, for deciding whether to offer it at all.
func (a Actor) MayAnywhere(action string) bool {
	orgs, everywhere := a.Orgs(action)
	return everywhere || len(orgs) > 0 || a.SignedIn() && a.May(action, Own(a.ID))
}

// Must returns nil if the actor may do action on things of scope s. Otherwise
// it returns a fault: SignIn for nobody, Denied with what is missing for
// somebody.
func (a Actor) Must(action string, s Scope) error {
	r, ok := a.policy.rule(action)
	if !ok {
		return fault.New(fault.Denied, "who.denied", "action", action)
	}
	if a.Only != nil && !slices.Contains(a.Only, action) {
		return fault.New(fault.Denied, "who.key_denied", "action", action)
	}
	if r.Public {
		return nil
	}
	if !a.SignedIn() {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	return a.must(r, s)
}

func (a Actor) must(r Rule, s Scope) error {
	if r.Own && s.Owner != "" && s.Owner == a.ID || slices.Contains(r.Site, Resident) {
		if a.Level < r.Level {
			return fault.New(fault.Denied, "who.level", "level", int(r.Level))
		}
		return nil
	}
	weak := false
	for _, g := range a.Grants {
		allowed := g.Org == "" && (g.Role == Administrator || slices.Contains(r.Site, g.Role)) ||
			g.Org != "" && g.Org == s.Org && slices.Contains(r.Org, g.Role)
		switch {
		case !allowed:
		case !a.Strong && slices.Contains(Staff, g.Role):
			weak = true
		case a.Level < r.Level:
			return fault.New(fault.Denied, "who.level", "level", int(r.Level))
		default:
			return nil
		}
	}
	if weak {
		return fault.New(fault.Denied, "who.second_factor")
	}
	return fault.New(fault.Denied, "who.denied", "action", r.Action)
}

type ctxKey struct{}

// With returns a context that carries the actor.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, ctxKey{}, a) }

// From returns the context's actor, or one who may do nothing at all.
func From(ctx context.Context) Actor {
	a, _ := ctx.Value(ctxKey{}).(Actor)
	return a
}
