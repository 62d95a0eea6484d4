package who

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who/contact"
	"ceiba/internal/service/who/limit"
	"ceiba/internal/service/who/password"
)

// SetPassword sets the actor's password, or takes it away when it is empty.
// All other sessions end.
func (s *Store) SetPassword(ctx context.Context, a Actor, typed string) error {
	me, err := s.Me(ctx, a)
	if err != nil {
		return err
	}
	phc := ""
	if typed != "" {
		if err := password.Refuse(typed, me.Email, s.Name); err != nil {
			return err
		}
		if phc, err = s.kitchen.Hash(ctx, typed); err != nil {
			return err
		}
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		if err := setHash(ctx, tx, a.ID, phc); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, a.ID, a.Session); err != nil {
			return err
		}
		return record(ctx, tx, a, "password_set", a.ID, nil, facts{"removed": phc == ""})
	})
}

func setHash(ctx context.Context, tx *db.Tx, person, phc string) error {
	if phc == "" {
		_, err := tx.Exec(ctx, `DELETE FROM person_password WHERE person = $1`, person)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_password (person, hash, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`, person, phc, tx.Now.UnixMicro())
	return err
}

// SignInPassword signs in with an address and a password. An unknown address,
// an account without a password and a wrong password are answered alike and
// cost alike. Too many wrong ones make whoever tries wait, and never shut the
// owner out: other networks and other ways to sign in stay open.
func (s *Store) SignInPassword(ctx context.Context, email, typed string, v Visit) (e Entry, err error) {
	_, key, _ := contact.Email(email) // what is no address matches nobody
	var p Person
	var phc string
	err = s.db.View(ctx, func(tx *db.Tx) error {
		for l, whose := range map[limit.Limit][]string{passwordsHere: {key, v.Network}, passwordsAll: {key}, passwordsFrom: {v.Network}} {
			if err := s.counter().Reached(ctx, tx, l, whose...); err != nil {
				return err
			}
		}
		p, phc, err = withPassword(ctx, tx, key)
		return err
	})
	if err != nil {
		return e, err
	}
	ok, err := s.kitchen.Check(ctx, typed, phc)
	if err != nil {
		return e, err
	}
	if !ok {
		return e, s.wrongPassword(ctx, key, v)
	}
	fresh, err := s.rehash(ctx, typed, phc)
	if err != nil {
		return e, err
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		again, now, err := withPassword(ctx, tx, key)
		if err != nil {
			return err
		}
		if now != phc || again.ID != p.ID { // changed while we were cooking
			return fault.New(fault.Invalid, "who.password_wrong")
		}
		if fresh != "" {
			if err := setHash(ctx, tx, p.ID, fresh); err != nil {
				return err
			}
		}
		e, err = s.enter(ctx, tx, again, byPassword, false, v)
		return err
	})
	return e, err
}

// withPassword returns the account of an address and its hash; both are empty
// where there is none.
func withPassword(ctx context.Context, tx *db.Tx, key string) (p Person, phc string, err error) {
	p, err = personByKey(ctx, tx, key)
	if err != nil && !notFound(err) {
		return p, "", err
	}
	phc, err = db.Get(ctx, tx, db.One[string], `SELECT hash FROM person_password WHERE person = $1`, p.ID)
	if notFound(err) {
		err = nil
	}
	return p, phc, err
}

func (s *Store) wrongPassword(ctx context.Context, key string, v Visit) error {
	return s.decide(ctx, func(tx *db.Tx) error {
		for l, whose := range map[limit.Limit][]string{passwordsHere: {key, v.Network}, passwordsAll: {key}, passwordsFrom: {v.Network}} {
			if err := s.count(ctx, tx, l, whose...); err != nil {
				return err
			}
		}
		return fault.New(fault.Invalid, "who.password_wrong")
	})
}

// rehash returns a hash with today's cost if the old one was made with another.
func (s *Store) rehash(ctx context.Context, typed, phc string) (string, error) {
	if !password.Stale(phc) {
		return "", nil
	}
	return s.kitchen.Hash(ctx, typed)
}
