package who

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who/contact"
)

// State is how things stand with a person's account.
type State string

// The states. What is erased never comes back.
const (
	Active    State = "active"
	Suspended State = "suspended"
	Erased    State = "erased"
)

// Person is somebody with an account.
type Person struct {
	ID       string
	Name     string // as shown to others; empty once erased
	Email    string // seen only by themselves and those who may person.read
	Proved   bool   // the address was proved
	Lang     string
	Level    Level
	District string // ISO 3166-2 code, or empty
	State    State
	Demo     bool // made for the demonstration
	Created  db.Time
	Version  int64
	phone    string
}

// HasPhone reports whether a telephone number is known (only its digest is).
func (p Person) HasPhone() bool { return p.phone != "" }

const personColumns = `id, name, email, proved_at IS NOT NULL, lang, level, district, state, demo, created_at, version, coalesce(phone, '')`

func personFields(p *Person) []any {
	return []any{&p.ID, &p.Name, &p.Email, &p.Proved, &p.Lang, &p.Level, &p.District, &p.State, &p.Demo, &p.Created, &p.Version, &p.phone}
}

// PersonByID returns a person, or db.ErrNotFound. The caller decides who sees
// what of them.
func PersonByID(ctx context.Context, tx *db.Tx, person string) (Person, error) {
	return db.Get(ctx, tx, personFields, `SELECT `+personColumns+` FROM person WHERE id = $1`, person)
}

func personByKey(ctx context.Context, tx *db.Tx, emailKey string) (Person, error) {
	return db.Get(ctx, tx, personFields, `SELECT `+personColumns+` FROM person WHERE email_key = $1`, emailKey)
}

// NamesOf returns the names shown for people, in one query. Whoever is erased
// or unknown is missing.
func NamesOf(ctx context.Context, tx *db.Tx, people []string) (map[string]string, error) {
	type pair struct{ id, name string }
	marks, args := db.In(1, people)
	list, err := db.List(ctx, tx, func(p *pair) []any { return []any{&p.id, &p.name} },
		`SELECT id, name FROM person WHERE state <> 'erased' AND id IN `+marks, args...)
	names := make(map[string]string, len(list))
	for _, p := range list {
		names[p.id] = p.name
	}
	return names, err
}

// Me returns the actor's own account.
func (s *Store) Me(ctx context.Context, a Actor) (p Person, err error) {
	if err := a.Must("person.read", Own(a.ID)); err != nil {
		return p, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		p, err = PersonByID(ctx, tx, a.ID)
		return err
	})
	return p, err
}

// create makes an account. Of two at once for one address, one makes it and
// both get it; made says which.
func (s *Store) create(ctx context.Context, tx *db.Tx, a Actor, p Person) (_ Person, made bool, err error) {
	as, key, ok := contact.Email(p.Email)
	if !ok {
		return Person{}, false, fault.Fields{{Name: "email", Key: "fault.email"}}
	}
	p.ID, p.Email, p.State, p.Version, p.Created = id.New(tx.Now), as, Active, 1, db.Time{Time: tx.Now}
	if p.Name == "" {
		p.Name = "r-" + id.Secret()[:6] // until they say how they want to be called
	}
	var proved any
	if p.Proved {
		proved = tx.Now.UnixMicro()
	}
	n, err := tx.Exec(ctx, `INSERT INTO person (id, name, email, email_key, proved_at, lang, level, district, state, demo, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10, 1) ON CONFLICT DO NOTHING`,
		p.ID, p.Name, as, key, proved, p.Lang, p.Level, p.District, p.Demo, p.Created)
	if err != nil {
		return Person{}, false, err
	}
	if n == 0 {
		p, err = personByKey(ctx, tx, key)
		return p, false, err
	}
	return p, true, record(ctx, tx, a, "created", p.ID, nil, facts{"level": p.Level})
}

// prove notes that the person has the mailbox. Whatever was set up before that
// by somebody who may not have had it goes: passwords, passkeys, sessions. The
// one account that may have a second factor before its address is proved is the
// first administrator's; whoever has that mailbox is asked for the factor.
func (s *Store) prove(ctx context.Context, tx *db.Tx, p *Person) error {
	if p.Proved {
		return nil
	}
	f, err := factorsOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	grants, err := GrantsOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	if !f.Strong() || !isStaff(grants) {
		if err := s.strip(ctx, tx, p.ID); err != nil {
			return err
		}
	}
	p.Proved, p.Level = true, max(p.Level, L1)
	_, err = tx.Exec(ctx, `UPDATE person SET proved_at = $2, level = $3 WHERE id = $1`, p.ID, tx.Now.UnixMicro(), p.Level)
	return err
}

// strip takes every way to sign in but the mailbox, and ends every session.
func (s *Store) strip(ctx context.Context, tx *db.Tx, person string) error {
	if err := s.dropFactors(ctx, tx, person); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM person_identity WHERE person = $1`, person); err != nil {
		return err
	}
	return s.endSessions(ctx, tx, person, "")
}

// Profile is what people say of themselves.
type Profile struct {
	Name     string
	Lang     string
	District string
	Version  int64 // of the row it was read from
}

// EditProfile changes the actor's own name, language and district. districts
// are the codes to choose from.
func (s *Store) EditProfile(ctx context.Context, a Actor, in Profile, districts []string) error {
	if err := a.Must("person.edit", Own(a.ID)); err != nil {
		return err
	}
	if err := in.check(districts); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		old, err := PersonByID(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		s.changed(tx)
		if err := tx.MustChange(ctx, `UPDATE person SET name = $2, lang = $3, district = $4, version = version + 1 WHERE id = $1 AND version = $5`,
			a.ID, in.Name, in.Lang, in.District, in.Version); err != nil {
			return err
		}
		return record(ctx, tx, a, "edited", a.ID, facts{"name": old.Name, "district": old.District}, facts{"name": in.Name, "district": in.District})
	})
}

func (in *Profile) check(districts []string) error {
	var p fault.Fields
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	p.Require("name", in.Name)
	p.MaxLen("name", in.Name, 80)
	if strings.ContainsFunc(in.Name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) || strings.Contains(in.Name, "@") {
		p.Add("name", "who.name_plain")
	}
	found := in.District == ""
	for _, d := range districts {
		found = found || d == in.District
	}
	if !found {
		p.Add("district", "fault.choice")
	}
	return p.Err()
}

// AddPerson makes an account for somebody, or finds theirs, and gives them a
// role if one is named. The address counts as theirs once they prove it. made
// says whether the account is new.
func (s *Store) AddPerson(ctx context.Context, a Actor, email, name string, g Grant) (p Person, made bool, err error) {
	if err := a.Must("person.grant", Site); err != nil {
		return p, false, err
	}
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		p, made, err = s.create(ctx, tx, a, Person{Email: email, Name: name})
		if err != nil || g.Role == "" || g.Role == Resident {
			return err
		}
		return s.give(ctx, tx, a, p.ID, g)
	})
	return p, made, err
}

// Suspend shuts somebody out at once, everywhere: their sessions end and their
// keys are revoked for good. why is kept with the act.
func (s *Store) Suspend(ctx context.Context, a Actor, person, why string) error {
	if err := a.Must("person.suspend", Site); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.mayTouch(ctx, tx, a, person); err != nil {
			return err
		}
		if err := s.setState(ctx, tx, person, Active, Suspended); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, person, ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE person_key SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL`, person, tx.Now.UnixMicro()); err != nil {
			return err
		}
		return record(ctx, tx, a, "suspended", person, nil, facts{"why": why})
	})
}

// Restore lets somebody who was suspended sign in again.
func (s *Store) Restore(ctx context.Context, a Actor, person string) error {
	if err := a.Must("person.suspend", Site); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.mayTouch(ctx, tx, a, person); err != nil {
			return err
		}
		if err := s.setState(ctx, tx, person, Suspended, Active); err != nil {
			return err
		}
		return record(ctx, tx, a, "restored", person, nil, nil)
	})
}

func (s *Store) setState(ctx context.Context, tx *db.Tx, person string, from, to State) error {
	s.changed(tx)
	return tx.MustChange(ctx, `UPDATE person SET state = $3, version = version + 1 WHERE id = $1 AND state = $2`, person, from, to)
}

// mayTouch keeps people from shutting themselves out, and moderators from
// shutting out an administrator.
func (s *Store) mayTouch(ctx context.Context, tx *db.Tx, a Actor, person string) error {
	if person == a.ID {
		return fault.New(fault.Denied, "who.not_yourself")
	}
	grants, err := GrantsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if g.Role == Administrator && g.Org == "" && !a.May("person.grant", Site) {
			return fault.New(fault.Denied, "who.denied", "action", "person.suspend")
		}
	}
	return nil
}

// PeopleFilter selects people for those who run the site.
type PeopleFilter struct {
	Search string // part of a name or an address
	Role   Role
	Org    string
	State  State
	Cursor string // from the last page; empty is the first
	Limit  int    // at most 200; 50 when 0
}

var byAge = db.Keyset{Columns: []string{"id"}, Desc: true}

// People lists people, the newest first, with the cursor of the next page.
func (s *Store) People(ctx context.Context, a Actor, f PeopleFilter) (list []Person, next string, err error) {
	if err := a.Must("person.read", Site); err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	after, args, err := byAge.After(f.Cursor, 5)
	if err != nil {
		return nil, "", err
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(f.Search)) + "%"
	args = append([]any{like, string(f.State), string(f.Role), f.Org}, args...)
	args = append(args, f.Limit+1)
	err = s.db.View(ctx, func(tx *db.Tx) error {
		list, err = db.List(ctx, tx, personFields, `SELECT `+personColumns+` FROM person
			WHERE (lower(name) LIKE $1 ESCAPE '\' OR email_key LIKE $1 ESCAPE '\')
			AND ($2 = '' OR state = $2) AND state <> 'erased'
			AND ($3 = '' AND $4 = '' OR EXISTS (SELECT 1 FROM person_grant g WHERE g.person = person.id AND ($3 = '' OR g.role = $3) AND ($4 = '' OR g.org = $4)))
			AND `+after+` `+byAge.OrderBy()+` LIMIT $`+itoa(len(args)), args...)
		return err
	})
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = db.Cursor(list[f.Limit-1].ID)
	}
	return list, next, err
}

// Look returns somebody's account with their roles, for those who may
// person.read.
func (s *Store) Look(ctx context.Context, a Actor, person string) (p Person, grants []Grant, err error) {
	if err := a.Must("person.read", Own(person)); err != nil {
		return p, nil, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		if p, err = PersonByID(ctx, tx, person); err == nil {
			grants, err = GrantsOf(ctx, tx, person)
		}
		return err
	})
	return p, grants, err
}

func notFound(err error) bool { return errors.Is(err, db.ErrNotFound) }
