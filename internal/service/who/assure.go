package who

import (
	"context"
	"errors"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who/contact"
)

// Proof is what an officer has seen of somebody.
type Proof struct {
	Level    Level  // the level it proves: L2 or L3
	District string // where they live, ISO 3166-2; needed for L2
	Phone    string // their telephone number; needed for L2, and only its keyed digest is kept
	How      string // "register", "in person": kept with the act
}

// Assure raises somebody's level after an officer has checked who they are. A
// telephone number that is somebody else's is refused with Conflict: the two
// are never joined by a machine. Levels do not fall here; see Doubt.
func (s *Store) Assure(ctx context.Context, a Actor, person string, proof Proof) error {
	if err := a.Must("person.assure", Site); err != nil {
		return err
	}
	phone, err := s.checkProof(proof)
	if err != nil {
		return err
	}
	return s.decide(ctx, func(tx *db.Tx) error {
		p, err := PersonByID(ctx, tx, person)
		if err != nil {
			return err
		}
		if p.State != Active || person == a.ID {
			return fault.New(fault.Denied, "who.not_yourself")
		}
		if phone != nil {
			if err := s.phoneFree(ctx, tx, a, person, *phone); err != nil {
				return err
			}
		}
		level := max(p.Level, proof.Level)
		if _, err := tx.Exec(ctx, `UPDATE person SET level = $2, district = CASE WHEN $3 = '' THEN district ELSE $3 END,
			phone = coalesce($4, phone), version = version + 1 WHERE id = $1`, person, level, proof.District, phone); err != nil {
			if errors.Is(err, db.ErrExists) {
				return fault.New(fault.Conflict, "who.phone_taken").Wrap(err)
			}
			return err
		}
		s.changed(tx)
		return record(ctx, tx, a, "assured", person, facts{"level": p.Level}, facts{"level": level, "how": proof.How})
	})
}

func (s *Store) checkProof(proof Proof) (phone *string, err error) {
	var f fault.Fields
	if proof.Level != L2 && proof.Level != L3 {
		f.Add("level", "fault.choice")
	}
	f.Require("how", proof.How)
	if proof.Level == L2 {
		f.Require("district", proof.District)
		f.Require("phone", proof.Phone)
	}
	if proof.Phone != "" {
		d, ok := contact.Phone(proof.Phone)
		if !ok {
			f.Add("phone", "who.phone_wrong")
		}
		sum := s.digest("phone", d)
		phone = &sum
	}
	return phone, f.Err()
}

// phoneFree refuses a number that is somebody else's, and counts how often an
// officer finds one, so that nobody can ask who has a telephone by trying.
func (s *Store) phoneFree(ctx context.Context, tx *db.Tx, a Actor, person, phone string) error {
	taken, err := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM person WHERE phone = $1 AND id <> $2)`, phone, person)
	if err != nil || !taken {
		return err
	}
	if err := s.count(ctx, tx, assurances, a.ID); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "who.phone_taken")
}

// Doubt takes a level back that turned out to be wrong. why is kept.
func (s *Store) Doubt(ctx context.Context, a Actor, person, why string) error {
	if err := a.Must("person.assure", Site); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		p, err := PersonByID(ctx, tx, person)
		if err != nil {
			return err
		}
		s.changed(tx)
		if err := tx.MustChange(ctx, `UPDATE person SET level = 1, phone = NULL, version = version + 1 WHERE id = $1 AND level > 1`, person); err != nil {
			return err
		}
		return record(ctx, tx, a, "doubted", person, facts{"level": p.Level}, facts{"level": L1, "why": why})
	})
}

// Consent is an agreement that somebody gave.
type Consent struct {
	What      string // "terms", "newsletter"
	Version   string // of the text they agreed to
	Given     db.Time
	Withdrawn db.Time // zero while it stands
}

// GiveConsent notes that the actor agrees to a version of a text.
func (s *Store) GiveConsent(ctx context.Context, a Actor, what, version string) error {
	if err := a.Must("person.edit", Own(a.ID)); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO person_consent (person, what, text_version, given_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (person, what) DO UPDATE SET text_version = excluded.text_version, given_at = excluded.given_at, withdrawn_at = NULL`,
			a.ID, what, version, tx.Now.UnixMicro()); err != nil {
			return err
		}
		return record(ctx, tx, a, "consented", a.ID, nil, facts{"what": what, "version": version})
	})
}

// WithdrawConsent takes an agreement of the actor's back.
func (s *Store) WithdrawConsent(ctx context.Context, a Actor, what string) error {
	if err := a.Must("person.edit", Own(a.ID)); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := tx.MustChange(ctx, `UPDATE person_consent SET withdrawn_at = $3 WHERE person = $1 AND what = $2 AND withdrawn_at IS NULL`,
			a.ID, what, tx.Now.UnixMicro()); err != nil {
			return err
		}
		return record(ctx, tx, a, "consent_withdrawn", a.ID, facts{"what": what}, nil)
	})
}

// ConsentsOf returns the agreements of a person.
func ConsentsOf(ctx context.Context, tx *db.Tx, person string) ([]Consent, error) {
	return db.List(ctx, tx, func(c *Consent) []any { return []any{&c.What, &c.Version, &c.Given, &c.Withdrawn} },
		`SELECT what, text_version, given_at, withdrawn_at FROM person_consent WHERE person = $1 ORDER BY what`, person)
}
