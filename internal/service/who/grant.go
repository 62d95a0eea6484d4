package who

import (
	"context"
	"slices"
	"strconv"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

func isStaff(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool { return slices.Contains(Staff, g.Role) })
}

// GrantsOf returns the roles of a person.
func GrantsOf(ctx context.Context, tx *db.Tx, person string) ([]Grant, error) {
	return db.List(ctx, tx, func(g *Grant) []any { return []any{&g.Role, &g.Org} },
		`SELECT role, org FROM person_grant WHERE person = $1 ORDER BY org, role`, person)
}

// mayGrant says who may give and take a role: administrators any, and those
// who keep an organisation's members its members and editors.
func mayGrant(a Actor, g Grant) error {
	if g.Org != "" && (g.Role == Member || g.Role == Editor) && a.May("org.member.write", In(g.Org)) {
		return nil
	}
	return a.Must("person.grant", Site)
}

// siteOnly are the roles that no organisation gives.
var siteOnly = []Role{Administrator, Moderator, Secretariat}

func (g Grant) check() error {
	var p fault.Fields
	switch {
	case !slices.Contains(Roles, g.Role) || g.Role == Resident:
		p.Add("role", "fault.choice")
	case g.Org != "" && slices.Contains(siteOnly, g.Role):
		p.Add("role", "who.role_for_site")
	case g.Org == "" && (g.Role == Member || g.Role == Official || g.Role == Editor):
		p.Add("org", "who.role_needs_org")
	}
	return p.Err()
}

// GiveRole gives somebody a role. Giving what they have changes nothing.
func (s *Store) GiveRole(ctx context.Context, a Actor, person string, g Grant) error {
	return s.db.Update(ctx, func(tx *db.Tx) error { return s.give(ctx, tx, a, person, g) })
}

func (s *Store) give(ctx context.Context, tx *db.Tx, a Actor, person string, g Grant) error {
	if err := mayGrant(a, g); err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	return s.grant(ctx, tx, a, person, g)
}

// grant writes what has been allowed already.
func (s *Store) grant(ctx context.Context, tx *db.Tx, a Actor, person string, g Grant) error {
	p, err := PersonByID(ctx, tx, person)
	if err != nil {
		return err
	}
	if p.State != Active {
		return fault.New(fault.Conflict, "who.suspended")
	}
	n, err := tx.Exec(ctx, `INSERT INTO person_grant (person, role, org, given_by, given_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		person, g.Role, g.Org, a.ID, tx.Now.UnixMicro())
	if err != nil || n == 0 {
		return err
	}
	s.changed(tx)
	return record(ctx, tx, a, "granted", person, nil, facts{"role": g.Role, "org": g.Org})
}

// TakeRole takes a role from somebody. The last administrator stays one.
func (s *Store) TakeRole(ctx context.Context, a Actor, person string, g Grant) error {
	if err := mayGrant(a, g); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if g.Role == Administrator && g.Org == "" {
			if err := notLastAdministrator(ctx, tx, person); err != nil {
				return err
			}
		}
		n, err := tx.Exec(ctx, `DELETE FROM person_grant WHERE person = $1 AND role = $2 AND org = $3`, person, g.Role, g.Org)
		if err != nil {
			return err
		}
		if n == 0 {
			return db.ErrNotFound
		}
		s.changed(tx)
		return record(ctx, tx, a, "revoked", person, facts{"role": g.Role, "org": g.Org}, nil)
	})
}

// notLastAdministrator refuses what would leave the site without one.
func notLastAdministrator(ctx context.Context, tx *db.Tx, person string) error {
	is, err := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM person_grant WHERE person = $1 AND role = 'administrator' AND org = '')`, person)
	if err != nil || !is {
		return err
	}
	others, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM person_grant g JOIN person p ON p.id = g.person
		WHERE g.role = 'administrator' AND g.org = '' AND p.state = 'active' AND p.id <> $1`, person)
	if err == nil && others == 0 {
		return fault.New(fault.Conflict, "who.last_administrator")
	}
	return err
}

// Holder is somebody with a role.
type Holder struct {
	Person string
	Name   string
	Role   Role
	Since  db.Time
}

// HoldersOf returns who holds a role in an organisation (for the site with the
// empty id), by role and name. Memberships are public: they say who speaks for
// whom.
func HoldersOf(ctx context.Context, tx *db.Tx, org string) ([]Holder, error) {
	return db.List(ctx, tx, func(h *Holder) []any { return []any{&h.Person, &h.Name, &h.Role, &h.Since} },
		`SELECT p.id, p.name, g.role, g.given_at FROM person_grant g JOIN person p ON p.id = g.person
		WHERE g.org = $1 AND p.state = 'active' ORDER BY g.role, p.name, p.id`, org)
}

// PeopleWith returns the ids of the active people who hold any of roles, in
// org or for the site: whom to tell of something.
func PeopleWith(ctx context.Context, tx *db.Tx, org string, roles ...Role) ([]string, error) {
	marks, args := db.In(2, roles)
	return db.List(ctx, tx, db.One[string], `SELECT DISTINCT g.person FROM person_grant g JOIN person p ON p.id = g.person
		WHERE (g.org = $1 OR g.org = '') AND g.role IN `+marks+` AND p.state = 'active' ORDER BY g.person`, append([]any{org}, args...)...)
}

// Administrators reports whether anybody can run the site.
func Administrators(ctx context.Context, tx *db.Tx) (bool, error) {
	return db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM person_grant g JOIN person p ON p.id = g.person
		WHERE g.role = 'administrator' AND g.org = '' AND p.state = 'active')`)
}
