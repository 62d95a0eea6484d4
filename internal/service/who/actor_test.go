package who

import (
	"testing"

	"ceiba/internal/ground/fault"
)

var policy = MustPolicy(
	Rule{Action: "doc.read", Public: true},
	Rule{Action: "doc.write", Site: []Role{Secretariat}, Org: []Role{Editor, Official}, Own: true},
	Rule{Action: "doc.comment", Site: []Role{Resident}, Level: L1},
	Rule{Action: "site.set"},
)

func TestMust(t *testing.T) {
	someone := func(strong bool, g ...Grant) Actor {
		return As(policy, Actor{ID: "p1", Level: L1, Strong: strong, Grants: g})
	}
	nobody := Nobody(policy)
	admin := someone(true, Grant{Role: Administrator})
	editor := someone(true, Grant{Editor, "o1"})
	for _, x := range []struct {
		name   string
		actor  Actor
		action string
		scope  Scope
		want   string // key of the fault; "" is allowed
	}{
		{"nobody reads", nobody, "doc.read", Site, ""},
		{"nobody writes", nobody, "doc.write", In("o1"), "who.sign_in"},
		{"a stranger's action", admin, "doc.none", Site, "who.denied"},
		{"no policy", Actor{ID: "p1", Grants: []Grant{{Role: Administrator}}}, "doc.read", Site, "who.denied"},
		{"an editor at home", editor, "doc.write", In("o1"), ""},
		{"an editor elsewhere", editor, "doc.write", In("o2"), "who.denied"},
		{"an editor on nobody's", editor, "doc.write", Site, "who.denied"},
		{"an editor without a second factor", someone(false, Grant{Editor, "o1"}), "doc.write", In("o1"), "who.second_factor"},
		{"a site role anywhere", someone(true, Grant{Role: Secretariat}), "doc.write", In("o2"), ""},
		{"an org's secretariat is no site role", someone(true, Grant{Secretariat, "o1"}), "doc.write", In("o1"), "who.denied"},
		{"one's own", someone(false), "doc.write", Own("p1"), ""},
		{"another's own", someone(false), "doc.write", Own("p2"), "who.denied"},
		{"nobody's own", nobody, "doc.write", Own(""), "who.sign_in"},
		{"an org's administrator is not the site's", someone(true, Grant{Administrator, "o1"}), "site.set", In("o1"), "who.denied"},
		{"an administrator", admin, "site.set", Site, ""},
		{"level reached", someone(false), "doc.comment", Site, ""},
		{"level missed", As(policy, Actor{ID: "p1"}), "doc.comment", Site, "who.level"},
		{"the command line", System(policy, "cli"), "site.set", Site, ""},
		{"a key within its limits", As(policy, Actor{ID: "p1", Strong: true, Grants: []Grant{{Editor, "o1"}}, Only: []string{"doc.write"}}), "doc.write", In("o1"), ""},
		{"a key beyond them", As(policy, Actor{ID: "p1", Level: L3, Only: []string{"doc.write"}}), "doc.comment", Site, "who.key_denied"},
	} {
		err := x.actor.Must(x.action, x.scope)
		got := ""
		if f, ok := err.(*fault.Error); ok {
			got = f.Key
		}
		if got != x.want || (err == nil) != x.actor.May(x.action, x.scope) {
			t.Errorf("%s: %v, want %q", x.name, err, x.want)
		}
	}
}

func TestOrgs(t *testing.T) {
	a := As(policy, Actor{ID: "p1", Strong: true, Grants: []Grant{{Editor, "o1"}, {Official, "o1"}, {Member, "o2"}}})
	orgs, everywhere := a.Orgs("doc.write")
	if len(orgs) != 1 || orgs[0] != "o1" || everywhere {
		t.Errorf("got %v %t", orgs, everywhere)
	}
}

func TestPolicyRefuses(t *testing.T) {
	for _, rules := range [][]Rule{
		{{Action: "nodot"}}, {{Action: "a.b"}, {Action: "a.b"}}, {{Action: "a.b", Site: []Role{"boss"}}},
	} {
		if _, err := NewPolicy(rules...); err == nil {
			t.Errorf("%v passes", rules)
		}
	}
}
