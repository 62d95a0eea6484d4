package who

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who/contact"
)

// Personal is what a module keeps about people. Export returns it in a form
// that becomes JSON, nil for nothing; files among it are told by WithFiles.
// Erase makes it gone, or no longer anybody's, in the transaction that erases
// the person.
type Personal interface {
	Name() string
	Export(ctx context.Context, tx *db.Tx, person string) (any, error)
	Erase(ctx context.Context, tx *db.Tx, person string) error
}

// PersonalFile is a file that somebody put in: where to fetch it.
type PersonalFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// WithFiles is what Export returns where files belong to it.
type WithFiles struct {
	Data  any
	Files []PersonalFile
}

// Portrait is everything the site keeps about a person, as it is handed out.
type Portrait struct {
	Made       time.Time      `json:"made"`
	Account    map[string]any `json:"account"`
	Roles      []Grant        `json:"roles"`
	Sessions   []SessionInfo  `json:"sessions"`
	Passkeys   []Passkey      `json:"passkeys"`
	Identities []Identity     `json:"identities"`
	Keys       []APIKey       `json:"api_keys"`
	Consents   []Consent      `json:"consents"`
	Activity   []Deed         `json:"activity"`
	Modules    map[string]any `json:"modules"`
	Files      []PersonalFile `json:"files"`
}

// Deed is one thing that the person did, from the log.
type Deed struct {
	At     time.Time `json:"at"`
	Verb   string    `json:"verb"`
	Kind   string    `json:"kind"`
	Record string    `json:"record"`
	Title  string    `json:"title,omitempty"`
	Note   string    `json:"note,omitempty"`
	Change any       `json:"change,omitempty"`
}

// Export returns everything that is kept about the actor, who has shown who
// they are in the last quarter of an hour.
func (s *Store) Export(ctx context.Context, a Actor) (p Portrait, err error) {
	if err := a.Must("person.data", Own(a.ID)); err != nil {
		return p, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		if err := s.fresh(ctx, tx, a); err != nil {
			return err
		}
		p, err = s.portrait(ctx, tx, a.ID)
		return err
	})
	return p, err
}

func (s *Store) portrait(ctx context.Context, tx *db.Tx, person string) (p Portrait, err error) {
	me, err := PersonByID(ctx, tx, person)
	if err != nil {
		return p, err
	}
	p = Portrait{Made: tx.Now, Modules: map[string]any{}, Account: facts{
		"id": me.ID, "name": me.Name, "email": me.Email, "email_proved": me.Proved, "language": me.Lang, "level": me.Level,
		"district": me.District, "state": me.State, "phone_known": me.HasPhone(), "created": me.Created.Time,
	}}
	for _, read := range []func() error{
		func() (err error) { p.Roles, err = GrantsOf(ctx, tx, person); return },
		func() (err error) { p.Sessions, err = sessionsOf(ctx, tx, person); return },
		func() (err error) { p.Passkeys, err = passkeysOf(ctx, tx, person); return },
		func() (err error) { p.Identities, err = identitiesOf(ctx, tx, person); return },
		func() (err error) { p.Keys, err = keysOf(ctx, tx, person, ""); return },
		func() (err error) { p.Consents, err = ConsentsOf(ctx, tx, person); return },
		func() (err error) { p.Activity, err = deedsOf(ctx, tx, person); return },
		func() error { return s.exportModules(ctx, tx, person, &p) },
	} {
		if err := read(); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (s *Store) exportModules(ctx context.Context, tx *db.Tx, person string, p *Portrait) error {
	for _, m := range s.holders() {
		part, err := m.Export(ctx, tx, person)
		if err != nil {
			return fmt.Errorf("export of %s: %w", m.Name(), err)
		}
		if w, ok := part.(WithFiles); ok {
			part = w.Data
			p.Files = append(p.Files, w.Files...)
		}
		if part != nil {
			p.Modules[m.Name()] = part
		}
	}
	return nil
}

// deedsOf reads what the log tells of what a person did, the oldest first.
func deedsOf(ctx context.Context, tx *db.Tx, person string) (deeds []Deed, err error) {
	f := activity.Filter{Actor: person, Private: true}
	for {
		events, err := activity.List(ctx, tx, f, 500)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			d := Deed{At: e.At.Time, Verb: e.Verb, Kind: e.Kind, Record: e.Record, Title: e.Title, Note: e.Note}
			var before, after any
			if e.Change(&before, &after) == nil && (before != nil || after != nil) {
				d.Change = map[string]any{"before": before, "after": after}
			}
			deeds = append(deeds, d)
		}
		if len(events) < 500 {
			slices.Reverse(deeds)
			return deeds, nil
		}
		f.Before = events[len(events)-1].Seq
	}
}

// Erase makes the actor's account nobody's: name, address, ways to sign in,
// roles, keys and agreements are gone, every module lets go of what it keeps,
// and the log keeps only the envelopes of what they did, by an id that leads
// to no one. It cannot be undone. The last administrator cannot go.
func (s *Store) Erase(ctx context.Context, a Actor) error {
	if err := a.Must("person.data", Own(a.ID)); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		return s.erase(ctx, tx, a, a.ID)
	})
}

// EraseFor erases somebody who asked at the desk or by letter. Only
// administrators may.
func (s *Store) EraseFor(ctx context.Context, a Actor, person string) error {
	if err := a.Must("person.recover", Site); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.fresh(ctx, tx, a); err != nil {
			return err
		}
		return s.erase(ctx, tx, a, person)
	})
}

func (s *Store) erase(ctx context.Context, tx *db.Tx, a Actor, person string) error {
	p, err := PersonByID(ctx, tx, person)
	if err != nil {
		return err
	}
	if p.State == Erased {
		return fault.New(fault.Conflict, "who.no_account")
	}
	if err := notLastAdministrator(ctx, tx, person); err != nil {
		return err
	}
	for _, m := range s.holders() {
		if err := m.Erase(ctx, tx, person); err != nil {
			return fmt.Errorf("erasure from %s: %w", m.Name(), err)
		}
	}
	if err := s.strip(ctx, tx, person); err != nil {
		return err
	}
	_, emailKey, _ := contact.Email(p.Email)
	if err := erasePersonal(ctx, tx, person, p.Email, emailKey); err != nil {
		return err
	}
	by := activity.ThePerson
	if a.ID != person {
		by = activity.AnAdministrator
	}
	if _, err := activity.Erase(ctx, tx, by, activity.Filter{Actor: person}, activity.Filter{Kind: "person", Record: person}); err != nil {
		return err
	}
	return record(ctx, tx, a, "erased", person, nil, nil)
}

// erasePersonal deletes what this module keeps of a person. The row stays,
// without anything in it, so that what they did keeps an author.
func erasePersonal(ctx context.Context, tx *db.Tx, person, email, emailKey string) error {
	for _, q := range []string{
		`DELETE FROM person_key WHERE person = $1`, `DELETE FROM person_grant WHERE person = $1`,
		`DELETE FROM person_consent WHERE person = $1`,
		`UPDATE person_invitation SET used_by = '' WHERE used_by = $1`, `UPDATE person_invitation SET given_by = '' WHERE given_by = $1`,
		`UPDATE person_grant SET given_by = '' WHERE given_by = $1`,
		`UPDATE person SET name = '', email = '', email_key = NULL, proved_at = NULL, phone = NULL, lang = '', level = 0,
			district = '', state = 'erased', version = version + 1 WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sign_in_ticket WHERE email = $1 OR lower(email) = $2`, email, emailKey); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM person_invitation WHERE email <> '' AND (email = $1 OR lower(email) = $2)`, email, emailKey)
	return err
}
