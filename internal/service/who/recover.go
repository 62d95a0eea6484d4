package who

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who/contact"
)

// waitFor is how long somebody who lost their second factor waits before the
// mailbox alone lets them in: long enough for the owner to see the letter if
// it is not they who ask.
const waitFor = 3 * day

// Recovery is a wait that somebody has begun.
type Recovery struct {
	Started db.Time
	Due     db.Time
}

// StartRecovery mails a code to somebody who lost a passkey, an app or a
// password. Like StartCode it answers alike whether or not there is an account.
func (s *Store) StartRecovery(ctx context.Context, email string, v Visit) (token string, err error) {
	return s.startByMail(ctx, "recover", email, v, func(bool) Mail {
		return Mail{Subject: "who.mail.recover.subject", Text: "who.mail.recover.text"}
	})
}

// FinishRecovery takes the code from the letter. The first time the wait
// begins, and Recovery says until when; every time before that only tells the
// time. Once the wait is over, every way to sign in but the mailbox is taken
// away, all sessions end, and the person is signed in anew.
func (s *Store) FinishRecovery(ctx context.Context, token, code string, v Visit) (r Recovery, e Entry, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		r, e = Recovery{}, Entry{}
		t, err := s.useCode(ctx, tx, "recover", token, code)
		if err != nil {
			return err
		}
		_, key, _ := contact.Email(t.Email)
		p, err := personByKey(ctx, tx, key)
		if notFound(err) || err == nil && p.State == Erased {
			return fault.New(fault.Denied, "who.no_account")
		}
		if err != nil {
			return err
		}
		if p.State == Suspended {
			return fault.New(fault.Denied, "who.suspended")
		}
		r, err = s.await(ctx, tx, p)
		if err != nil || tx.Now.Before(r.Due.Time) {
			return err
		}
		if err := s.strip(ctx, tx, p.ID); err != nil {
			return err
		}
		if err := record(ctx, tx, Nobody(s.Policy), "recovered", p.ID, nil, nil); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, p.ID, "who.mail.recovered.subject", "who.mail.recovered.text"); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, p, byCode, false, v)
		return err
	})
	return r, e, err
}

// await returns the wait of a person, and begins it if there is none.
func (s *Store) await(ctx context.Context, tx *db.Tx, p Person) (Recovery, error) {
	n, err := tx.Exec(ctx, `INSERT INTO person_recovery (person, started_at, due_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		p.ID, tx.Now.UnixMicro(), tx.Now.Add(waitFor).UnixMicro())
	if err != nil {
		return Recovery{}, err
	}
	r, err := recoveryOf(ctx, tx, p.ID)
	if err != nil || n == 0 {
		return r, err
	}
	if err := record(ctx, tx, Nobody(s.Policy), "recovery_started", p.ID, nil, nil); err != nil {
		return r, err
	}
	return r, s.tell(ctx, tx, p.ID, "who.mail.waiting.subject", "who.mail.waiting.text", "date", r.Due.Time)
}

func recoveryOf(ctx context.Context, tx *db.Tx, person string) (Recovery, error) {
	return db.Get(ctx, tx, func(r *Recovery) []any { return []any{&r.Started, &r.Due} },
		`SELECT started_at, due_at FROM person_recovery WHERE person = $1`, person)
}

// MyRecovery returns the wait that somebody began for the actor's account, or
// db.ErrNotFound.
func (s *Store) MyRecovery(ctx context.Context, a Actor) (r Recovery, err error) {
	err = s.db.View(ctx, func(tx *db.Tx) error {
		r, err = recoveryOf(ctx, tx, a.ID)
		return err
	})
	return r, err
}

// StopRecovery ends a wait: the owner is here after all.
func (s *Store) StopRecovery(ctx context.Context, a Actor) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM person_recovery WHERE person = $1`, a.ID); err != nil {
			return err
		}
		return record(ctx, tx, a, "recovery_stopped", a.ID, nil, nil)
	})
}

// LetIn is recovery at the desk: an administrator who has seen who it is takes
// every way to sign in but the mailbox away from somebody, and gives them
// another address if email is not empty. All their sessions end. how says what
// was seen, and is kept with the act.
func (s *Store) LetIn(ctx context.Context, a Actor, person, email, how string) error {
	if err := a.Must("person.recover", Site); err != nil {
		return err
	}
	var f fault.Fields
	f.Require("how", how)
	if err := f.Err(); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.fresh(ctx, tx, a); err != nil {
			return err
		}
		if err := s.mayTouch(ctx, tx, a, person); err != nil {
			return err
		}
		p, err := PersonByID(ctx, tx, person)
		if err != nil {
			return err
		}
		if p.State == Erased {
			return db.ErrNotFound
		}
		if err := s.strip(ctx, tx, person); err != nil {
			return err
		}
		if err := record(ctx, tx, a, "let_in", person, nil, facts{"how": how}); err != nil {
			return err
		}
		if email != "" {
			return s.moveTo(ctx, tx, a, p, email, false)
		}
		return s.tell(ctx, tx, person, "who.mail.recovered.subject", "who.mail.recovered.text")
	})
}
