package who

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who/secret"
)

// Factors says which ways to sign in somebody has set up.
type Factors struct {
	Password bool
	TOTP     bool // an app that shows codes
	Passkeys int
	Codes    int // recovery codes that are left
}

func (s *Store) box() secret.Box { return secret.NewBox(s.key("seal")) }

// Strong reports whether any of them makes a session count for staff roles.
func (f Factors) Strong() bool { return f.TOTP || f.Passkeys > 0 }

// FactorsOf returns the ways to sign in that the actor has set up.
func (s *Store) FactorsOf(ctx context.Context, a Actor) (f Factors, err error) {
	if err := a.Must("person.read", Own(a.ID)); err != nil {
		return f, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		f, err = factorsOf(ctx, tx, a.ID)
		return err
	})
	return f, err
}

func factorsOf(ctx context.Context, tx *db.Tx, person string) (Factors, error) {
	return db.Get(ctx, tx, func(f *Factors) []any { return []any{&f.Password, &f.TOTP, &f.Passkeys, &f.Codes} },
		`SELECT EXISTS (SELECT 1 FROM person_password WHERE person = $1),
		EXISTS (SELECT 1 FROM person_totp WHERE person = $1 AND confirmed_at IS NOT NULL),
		(SELECT count(*) FROM person_passkey WHERE person = $1),
		(SELECT count(*) FROM person_recovery_code WHERE person = $1)`, person)
}

// dropFactors takes away every way to sign in but the mailbox and other
// providers.
func (s *Store) dropFactors(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`DELETE FROM person_password WHERE person = $1`, `DELETE FROM person_totp WHERE person = $1`,
		`DELETE FROM person_passkey WHERE person = $1`, `DELETE FROM person_recovery_code WHERE person = $1`,
		`DELETE FROM person_recovery WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// TOTP is what an app needs to show codes.
type TOTP = secret.App

// StartTOTP makes a secret for the actor's app. It does not count until
// ConfirmTOTP has seen a code; an app that counts already is not disturbed.
func (s *Store) StartTOTP(ctx context.Context, a Actor) (t TOTP, err error) {
	raw := make([]byte, 20)
	rand.Read(raw)
	sealed, err := s.box().Seal(raw)
	if err != nil {
		return t, err
	}
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		f, err := factorsOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if f.TOTP {
			return fault.New(fault.Conflict, "who.totp_there")
		}
		p, err := PersonByID(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		t = secret.NewApp(s.Name, p.Email, raw)
		_, err = tx.Exec(ctx, `INSERT INTO person_totp (person, secret, last_step) VALUES ($1, $2, 0)
			ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, last_step = 0, confirmed_at = NULL`, a.ID, sealed)
		return err
	})
	return t, err
}

// PendingTOTP returns the secret that StartTOTP made and that is not confirmed
// yet, to show the form again, or db.ErrNotFound.
func (s *Store) PendingTOTP(ctx context.Context, a Actor) (t TOTP, err error) {
	err = s.db.View(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		sealed, err := db.Get(ctx, tx, db.One[string], `SELECT secret FROM person_totp WHERE person = $1 AND confirmed_at IS NULL`, a.ID)
		if err != nil {
			return err
		}
		raw, err := s.box().Unseal(sealed)
		if err != nil {
			return err
		}
		p, err := PersonByID(ctx, tx, a.ID)
		t = secret.NewApp(s.Name, p.Email, raw)
		return err
	})
	return t, err
}

// ConfirmTOTP counts the app once it has shown a right code. It returns ten
// recovery codes, shown this once, and the actor's session becomes strong.
func (s *Store) ConfirmTOTP(ctx context.Context, a Actor, code string) (codes []string, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		if err := s.count(ctx, tx, secondFactors, a.ID); err != nil {
			return err
		}
		if err := s.useTOTP(ctx, tx, a.ID, code, false); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE person_totp SET confirmed_at = $2 WHERE person = $1`, a.ID, tx.Now.UnixMicro()); err != nil {
			return err
		}
		if codes, err = s.freshCodes(ctx, tx, a.ID); err != nil {
			return err
		}
		return s.strengthened(ctx, tx, a, "totp_added")
	})
	return codes, err
}

// strengthened makes the actor's session strong after a factor was set up.
func (s *Store) strengthened(ctx context.Context, tx *db.Tx, a Actor, verb string) error {
	s.changed(tx)
	if _, err := tx.Exec(ctx, `UPDATE person_session SET strong = TRUE WHERE id = $1`, a.Session); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, a.ID, "who.mail.factor.subject", "who.mail.factor.text"); err != nil {
		return err
	}
	return record(ctx, tx, a, verb, a.ID, nil, nil)
}

// tell mails somebody about their own account.
func (s *Store) tell(ctx context.Context, tx *db.Tx, person, subject, text string, args ...any) error {
	p, err := PersonByID(ctx, tx, person)
	if err != nil {
		return err
	}
	return s.Mailer.Send(ctx, tx, Mail{To: p.Email, Lang: p.Lang, Subject: subject, Text: text, Args: append(args, "site", s.Name)})
}

// RemoveTOTP takes the actor's app away, and the recovery codes if nothing is
// left that they would replace. All other sessions end.
func (s *Store) RemoveTOTP(ctx context.Context, a Actor) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM person_totp WHERE person = $1`, a.ID); err != nil {
			return err
		}
		return s.weakened(ctx, tx, a, "totp_removed")
	})
}

// weakened tidies up after a factor was taken away.
func (s *Store) weakened(ctx context.Context, tx *db.Tx, a Actor, verb string) error {
	f, err := factorsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if !f.Strong() {
		if _, err := tx.Exec(ctx, `DELETE FROM person_recovery_code WHERE person = $1`, a.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE person_session SET strong = FALSE WHERE person = $1`, a.ID); err != nil {
			return err
		}
	}
	if err := s.endSessions(ctx, tx, a.ID, a.Session); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, a.ID, "who.mail.factor_gone.subject", "who.mail.factor_gone.text"); err != nil {
		return err
	}
	return record(ctx, tx, a, verb, a.ID, nil, nil)
}

// RecoveryCodes makes ten new recovery codes for the actor; the old ones end.
func (s *Store) RecoveryCodes(ctx context.Context, a Actor) (codes []string, err error) {
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		f, err := factorsOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if !f.Strong() {
			return fault.New(fault.Conflict, "who.codes_for_nothing")
		}
		if codes, err = s.freshCodes(ctx, tx, a.ID); err != nil {
			return err
		}
		return record(ctx, tx, a, "codes_made", a.ID, nil, nil)
	})
	return codes, err
}

func (s *Store) freshCodes(ctx context.Context, tx *db.Tx, person string) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM person_recovery_code WHERE person = $1`, person); err != nil {
		return nil, err
	}
	var codes []string
	for range 10 {
		c := id.Secret()[:12]
		if _, err := tx.Exec(ctx, `INSERT INTO person_recovery_code (person, hash) VALUES ($1, $2)`, person, s.digest("recovery", person, c)); err != nil {
			return nil, err
		}
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:])
	}
	return codes, nil
}

// FinishSecond shows the second factor that FinishCode and its kin asked for:
// a code of the app, or one of the recovery codes.
func (s *Store) FinishSecond(ctx context.Context, token, code string, v Visit) (e Entry, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		e = Entry{}
		t, err := s.try(ctx, tx, "second", token)
		if err != nil {
			return err
		}
		if err := s.count(ctx, tx, secondFactors, t.Person); err != nil {
			return err
		}
		if err := s.useSecond(ctx, tx, t.Person, code); err != nil {
			return err
		}
		if err := s.spend(ctx, tx, t); err != nil {
			return err
		}
		p, err := PersonByID(ctx, tx, t.Person)
		if err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, p, byCode, true, v)
		return err
	})
	return e, err
}

// useSecond accepts a code of the app or a recovery code, each once.
func (s *Store) useSecond(ctx context.Context, tx *db.Tx, person, code string) error {
	if h := secret.Heard(code); len(h) == 12 {
		n, err := tx.Exec(ctx, `DELETE FROM person_recovery_code WHERE person = $1 AND hash = $2`, person, s.digest("recovery", person, h))
		if err == nil && n == 0 {
			return fault.Fields{{Name: "code", Key: "who.second_wrong"}}
		}
		return err
	}
	return s.useTOTP(ctx, tx, person, code, true)
}

// useTOTP accepts a code of the app. The half minute it belongs to is used up
// in the same statement that checks it was not, so one code serves once, also
// when it comes twice at the same moment.
func (s *Store) useTOTP(ctx context.Context, tx *db.Tx, person, code string, confirmed bool) error {
	wrong := fault.Fields{{Name: "code", Key: "who.second_wrong"}}
	sealed, err := db.Get(ctx, tx, db.One[string], `SELECT secret FROM person_totp WHERE person = $1 AND (confirmed_at IS NOT NULL) = $2`, person, confirmed)
	if errors.Is(err, db.ErrNotFound) {
		return wrong
	}
	if err != nil {
		return err
	}
	raw, err := s.box().Unseal(sealed)
	if err != nil {
		return err
	}
	step, ok := secret.Step(raw, strings.ReplaceAll(strings.TrimSpace(code), " ", ""), s.Wall())
	if !ok {
		return wrong
	}
	n, err := tx.Exec(ctx, `UPDATE person_totp SET last_step = $2 WHERE person = $1 AND last_step < $2`, person, step)
	if err == nil && n == 0 {
		return fault.Fields{{Name: "code", Key: "who.second_used"}}
	}
	return err
}
