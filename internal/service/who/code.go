package who

import (
	"context"
	"crypto/subtle"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who/contact"
	"ceiba/internal/service/who/secret"
)

// StartCode mails a code to an address and returns the ticket on which it may
// be used. What it answers, and the work it does, are the same whether or not
// there is an account: whoever proves an address without one gets one, unless
// the site is closed, and then the letter says so.
func (s *Store) StartCode(ctx context.Context, email string, v Visit) (token string, err error) {
	return s.startByMail(ctx, "code", email, v, func(known bool) Mail {
		if !known && s.Closed {
			return Mail{Subject: "who.mail.closed.subject", Text: "who.mail.closed.text"}
		}
		return Mail{Subject: "who.mail.code.subject", Text: "who.mail.code.text"}
	})
}

// startByMail sends a code to an address, known or not, with the same work.
func (s *Store) startByMail(ctx context.Context, kind, email string, v Visit, letter func(known bool) Mail) (token string, err error) {
	as, key, ok := contact.Email(email)
	if !ok {
		return "", fault.Fields{{Name: "email", Key: "fault.email"}}
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		if err := s.countCode(ctx, tx, key, v); err != nil {
			return err
		}
		p, err := personByKey(ctx, tx, key)
		if err != nil && !notFound(err) {
			return err
		}
		m := letter(p.ID != "")
		m.To, m.Lang = as, v.Lang
		if p.ID != "" {
			m.To = p.Email // as they wrote it, not as whoever comes now did
		}
		token, err = s.mailCode(ctx, tx, kind, ticket{Email: as}, m)
		return err
	})
	return token, err
}

func (s *Store) countCode(ctx context.Context, tx *db.Tx, key string, v Visit) error {
	if err := s.count(ctx, tx, codesTo, key, v.Network); err != nil {
		return err
	}
	if err := s.count(ctx, tx, codesToAll, key); err != nil {
		return err
	}
	return s.count(ctx, tx, codesFrom, v.Network)
}

// mailCode writes a ticket that asks for a new code, and the letter with it.
func (s *Store) mailCode(ctx context.Context, tx *db.Tx, kind string, t ticket, m Mail) (string, error) {
	token, code := id.Secret(), secret.Code()
	t.Hash, t.life = s.digest("code", token, code), codeLife
	if err := s.putTicket(ctx, tx, kind, token, t); err != nil {
		return "", err
	}
	m.Args = append(m.Args, "code", code[:3]+" "+code[3:], "minutes", int(codeLife.Minutes()), "site", s.Name)
	return token, s.Mailer.Send(ctx, tx, m)
}

// useCode tries a code on a ticket, and spends the ticket if it is right.
func (s *Store) useCode(ctx context.Context, tx *db.Tx, kind, token, code string) (ticket, error) {
	t, err := s.try(ctx, tx, kind, token)
	if err != nil {
		return t, err
	}
	want := s.digest("code", token, secret.Heard(code))
	if t.Hash == "" || subtle.ConstantTimeCompare([]byte(want), []byte(t.Hash)) != 1 {
		return t, fault.Fields{{Name: "code", Key: "who.code_wrong"}}
	}
	return t, s.spend(ctx, tx, t)
}

// FinishCode signs in with the code that came by mail.
func (s *Store) FinishCode(ctx context.Context, token, code string, v Visit) (e Entry, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		e = Entry{}
		t, err := s.useCode(ctx, tx, "code", token, code)
		if err != nil {
			return err
		}
		p, made, err := s.arrive(ctx, tx, t.Email, v.Lang)
		if err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, p, byCode, false, v)
		e.New = made
		return err
	})
	return e, err
}

// arrive finds or makes the account of an address that was just proved.
func (s *Store) arrive(ctx context.Context, tx *db.Tx, email, lang string) (p Person, made bool, err error) {
	_, key, _ := contact.Email(email)
	p, err = personByKey(ctx, tx, key)
	switch {
	case notFound(err) && s.Closed:
		return p, false, fault.New(fault.Denied, "who.closed")
	case notFound(err):
		p, made, err = s.create(ctx, tx, Nobody(s.Policy), Person{Email: email, Lang: lang, Level: L1, Proved: true})
	}
	if err == nil && !p.Proved {
		err = s.prove(ctx, tx, &p)
	}
	return p, made, err
}

// StartEmailChange mails a code to the actor's new address. If the address is
// another account's, nothing says so here: its owner gets a letter instead.
func (s *Store) StartEmailChange(ctx context.Context, a Actor, email string, v Visit) (token string, err error) {
	as, key, ok := contact.Email(email)
	if !ok {
		return "", fault.Fields{{Name: "email", Key: "fault.email"}}
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		if err := s.countCode(ctx, tx, key, v); err != nil {
			return err
		}
		other, err := personByKey(ctx, tx, key)
		if err != nil && !notFound(err) {
			return err
		}
		t := ticket{Person: a.ID, Email: as}
		m := Mail{To: as, Lang: v.Lang, Subject: "who.mail.change.subject", Text: "who.mail.change.text"}
		if other.ID != "" && other.ID != a.ID {
			m = Mail{To: other.Email, Lang: other.Lang, Subject: "who.mail.taken.subject", Text: "who.mail.taken.text"}
			t.Email = "" // no code can finish it
		}
		token, err = s.mailCode(ctx, tx, "email", t, m)
		return err
	})
	return token, err
}

// FinishEmailChange changes the actor's address with the code that went to the
// new one, tells the old one, and ends all other sessions.
func (s *Store) FinishEmailChange(ctx context.Context, a Actor, token, code string) error {
	return s.decide(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		t, err := s.useCode(ctx, tx, "email", token, code)
		if err != nil {
			return err
		}
		if t.Person != a.ID || t.Email == "" {
			return fault.New(fault.Invalid, "who.code_over")
		}
		p, err := PersonByID(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		return s.moveTo(ctx, tx, a, p, t.Email, true)
	})
}

// moveTo changes somebody's address.
func (s *Store) moveTo(ctx context.Context, tx *db.Tx, a Actor, p Person, email string, proved bool) error {
	as, key, ok := contact.Email(email)
	if !ok {
		return fault.Fields{{Name: "email", Key: "fault.email"}}
	}
	taken, err := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM person WHERE email_key = $1 AND id <> $2)`, key, p.ID)
	if err != nil {
		return err
	}
	if taken {
		return fault.New(fault.Conflict, "who.email_taken")
	}
	var at any
	if proved {
		at = tx.Now.UnixMicro()
	}
	if _, err := tx.Exec(ctx, `UPDATE person SET email = $2, email_key = $3, proved_at = $4, version = version + 1 WHERE id = $1`, p.ID, as, key, at); err != nil {
		return err
	}
	if err := s.endSessions(ctx, tx, p.ID, a.Session); err != nil {
		return err
	}
	if err := record(ctx, tx, a, "email_changed", p.ID, facts{"email": p.Email}, facts{"email": as}); err != nil {
		return err
	}
	return s.Mailer.Send(ctx, tx, Mail{To: p.Email, Lang: p.Lang, Subject: "who.mail.moved.subject", Text: "who.mail.moved.text", Args: []any{"site", s.Name}})
}
