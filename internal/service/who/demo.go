package who

import (
	"context"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
)

// DemoAccount is an account of the demonstration, which one click signs in.
type DemoAccount struct {
	Person string
	Name   string
	Role   Role
	Org    string
	Nth    int // of those with the role, from 1
}

// FillDemo makes one account for each role, marked as the demonstration's. The
// roles that belong to an organisation are held in office; that of a member in
// each of societies, if there are any, by an account of its own. It does nothing
// in a site that is no demonstration.
func (s *Store) FillDemo(ctx context.Context, a Actor, office string, societies ...string) error {
	if !s.Demo {
		return nil
	}
	if err := a.Must("person.grant", Site); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		for _, role := range Roles {
			places := []string{""}
			switch {
			case role == Member && len(societies) > 0:
				places = societies
			case role == Official || role == Editor || role == Member:
				places = []string{office}
			}
			for i, org := range places {
				if err := s.demoAccount(ctx, tx, a, Grant{Role: role, Org: org}, i+1); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// demoAccount makes the nth account of the demonstration that holds a role.
func (s *Store) demoAccount(ctx context.Context, tx *db.Tx, a Actor, g Grant, nth int) error {
	name := strings.TrimSuffix(fmt.Sprintf("%s%d", g.Role, nth), "1") // member, member2
	p, made, err := s.create(ctx, tx, a, Person{Email: name + "@demo.example", Name: "Demo " + name, Level: L3, Proved: true, Demo: true})
	if err != nil || !made || g.Role == Resident {
		return err
	}
	return s.give(ctx, tx, a, p.ID, g)
}

// DemoAccounts lists the accounts that one click signs in, in the order of the
// roles. Outside a demonstration it answers db.ErrNotFound.
func (s *Store) DemoAccounts(ctx context.Context) (list []DemoAccount, err error) {
	if !s.Demo {
		return nil, db.ErrNotFound
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		all, err := db.List(ctx, tx, func(d *DemoAccount) []any { return []any{&d.Person, &d.Name, &d.Role, &d.Org, &d.Nth} },
			`SELECT p.id, p.name, coalesce(g.role, 'resident'), coalesce(g.org, ''), row_number() OVER (PARTITION BY g.role ORDER BY p.name, p.id) FROM person p LEFT JOIN person_grant g ON g.person = p.id
			WHERE p.demo AND p.state = 'active' ORDER BY p.name, p.id, g.role`)
		for _, role := range Roles {
			for _, d := range all {
				if d.Role == role {
					list = append(list, d)
				}
			}
		}
		return err
	})
	return list, err
}

// SignInDemo signs in as an account of the demonstration. The session is
// strong, so that staff roles count.
func (s *Store) SignInDemo(ctx context.Context, person string, v Visit) (e Entry, err error) {
	if !s.Demo {
		return e, db.ErrNotFound
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		p, err := PersonByID(ctx, tx, person)
		if err != nil {
			return err
		}
		if !p.Demo {
			return db.ErrNotFound
		}
		e, err = s.enter(ctx, tx, p, byDemo, true, v)
		return err
	})
	return e, err
}
