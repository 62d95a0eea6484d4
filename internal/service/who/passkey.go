package who

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who/passkey"
)

// PasskeysWork reports whether the site's address allows passkeys.
func (s *Store) PasskeysWork() bool { return s.passkeys != nil }

var errNoPasskeys = fault.New(fault.Invalid, "who.passkeys_off")

func holderOf(ctx context.Context, tx *db.Tx, person string) (h passkey.Holder, err error) {
	p, err := PersonByID(ctx, tx, person)
	if err != nil {
		return h, err
	}
	h = passkey.Holder{ID: p.ID, Address: p.Email, Name: p.Name}
	docs, err := db.List(ctx, tx, db.One[db.JSON[webauthn.Credential]], `SELECT credential FROM person_passkey WHERE person = $1 ORDER BY created_at`, person)
	for _, d := range docs {
		h.Keys = append(h.Keys, d.V)
	}
	return h, err
}

// challenge is what the ticket of a passkey's step remembers.
type challenge struct{ webauthn.SessionData }

func (s *Store) putChallenge(ctx context.Context, tx *db.Tx, kind, person string, d *webauthn.SessionData) (string, error) {
	doc, err := json.Marshal(challenge{*d})
	if err != nil {
		return "", err
	}
	return s.ticket(ctx, tx, kind, ticket{Person: person, Data: doc, life: codeLife})
}

// StartPasskey begins signing in with a passkey: options for the browser's
// navigator.credentials.get, as JSON, and the ticket to finish with.
func (s *Store) StartPasskey(ctx context.Context) (options []byte, token string, err error) {
	if s.passkeys == nil {
		return nil, "", errNoPasskeys
	}
	ask, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", err
	}
	if options, err = json.Marshal(ask); err != nil {
		return nil, "", err
	}
	err = s.db.Claim(ctx, func(tx *db.Tx) error {
		token, err = s.putChallenge(ctx, tx, "passkey", "", data)
		return err
	})
	return options, token, err
}

// FinishPasskey signs in with the browser's answer. The session is strong: the
// device has checked who holds it.
func (s *Store) FinishPasskey(ctx context.Context, token string, answer []byte, v Visit) (e Entry, err error) {
	if s.passkeys == nil {
		return e, errNoPasskeys
	}
	c, err := s.takeChallenge(ctx, "passkey", token, "")
	if err != nil {
		return e, err
	}
	got, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return e, fault.New(fault.Invalid, "who.passkey_wrong").Wrap(err)
	}
	find := func(_, handle []byte) (u webauthn.User, err error) {
		err = s.db.View(ctx, func(tx *db.Tx) error {
			u, err = holderOf(ctx, tx, string(handle))
			return err
		})
		return u, err
	}
	user, key, err := s.passkeys.ValidatePasskeyLogin(find, c.SessionData, got)
	if err != nil {
		return e, fault.New(fault.Invalid, "who.passkey_wrong").Wrap(err)
	}
	if key.Authenticator.CloneWarning {
		s.log.Warn("a passkey may have been copied", "person", string(user.WebAuthnID()))
		return e, fault.New(fault.Denied, "who.passkey_wrong")
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		p, err := PersonByID(ctx, tx, string(user.WebAuthnID()))
		if err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE person_passkey SET credential = $3, used_at = $4 WHERE id = $1 AND person = $2`,
			keyID(key.ID), p.ID, db.JSON[*webauthn.Credential]{V: key}, tx.Now.UnixMicro()); err != nil {
			return err // taken away meanwhile
		}
		e, err = s.enter(ctx, tx, p, byPasskey, true, v)
		return err
	})
	if errors.Is(err, db.ErrConflict) {
		err = fault.New(fault.Invalid, "who.passkey_wrong").Wrap(err)
	}
	return e, err
}

// takeChallenge uses up the ticket of a step with a passkey.
func (s *Store) takeChallenge(ctx context.Context, kind, token, person string) (c challenge, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		t, err := s.take(ctx, tx, kind, token)
		if err != nil {
			return err
		}
		if t.Person != person {
			return fault.New(fault.Invalid, "who.code_over")
		}
		c = challenge{}
		return json.Unmarshal(t.Data, &c)
	})
	return c, err
}

func keyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// StartNewPasskey begins adding a passkey to the actor's account: options for
// navigator.credentials.create, as JSON, and the ticket to finish with.
func (s *Store) StartNewPasskey(ctx context.Context, a Actor) (options []byte, token string, err error) {
	if s.passkeys == nil {
		return nil, "", errNoPasskeys
	}
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		h, err := holderOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		ask, data, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.Keys).CredentialDescriptors()))
		if err != nil {
			return err
		}
		if options, err = json.Marshal(ask); err != nil {
			return err
		}
		token, err = s.putChallenge(ctx, tx, "new passkey", a.ID, data)
		return err
	})
	return options, token, err
}

// FinishNewPasskey adds the passkey that the browser made. name is the owner's
// word for it. It returns recovery codes if it is the first second factor.
func (s *Store) FinishNewPasskey(ctx context.Context, a Actor, token, name string, answer []byte) (codes []string, err error) {
	if s.passkeys == nil {
		return nil, errNoPasskeys
	}
	c, err := s.takeChallenge(ctx, "new passkey", token, a.ID)
	if err != nil {
		return nil, err
	}
	got, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, fault.New(fault.Invalid, "who.passkey_wrong").Wrap(err)
	}
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		codes = nil
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		h, err := holderOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		key, err := s.passkeys.CreateCredential(h, c.SessionData, got)
		if err != nil {
			return fault.New(fault.Invalid, "who.passkey_wrong").Wrap(err)
		}
		return s.keepPasskey(ctx, tx, a, name, key, &codes)
	})
	return codes, err
}

func (s *Store) keepPasskey(ctx context.Context, tx *db.Tx, a Actor, name string, key *webauthn.Credential, codes *[]string) error {
	before, err := factorsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if before.Passkeys >= 20 {
		return fault.New(fault.Conflict, "who.passkeys_many", "max", 20)
	}
	if _, err = tx.Exec(ctx, `INSERT INTO person_passkey (id, person, name, credential, created_at) VALUES ($1, $2, $3, $4, $5)`,
		keyID(key.ID), a.ID, label(name), db.JSON[*webauthn.Credential]{V: key}, tx.Now.UnixMicro()); err != nil {
		return err
	}
	if !before.Strong() {
		if *codes, err = s.freshCodes(ctx, tx, a.ID); err != nil {
			return err
		}
	}
	return s.strengthened(ctx, tx, a, "passkey_added")
}

// label is a short name that somebody gives to a thing of theirs.
func label(name string) string {
	r := []rune(strings.Join(strings.Fields(name), " "))
	return string(r[:min(len(r), 60)])
}

// Passkey is a passkey as its owner sees it.
type Passkey struct {
	ID      string
	Name    string
	Created db.Time
	Used    db.Time // zero if never
}

// Passkeys lists the actor's passkeys, the oldest first.
func (s *Store) Passkeys(ctx context.Context, a Actor) (list []Passkey, err error) {
	if err := a.Must("person.read", Own(a.ID)); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		list, err = passkeysOf(ctx, tx, a.ID)
		return err
	})
	return list, err
}

func passkeysOf(ctx context.Context, tx *db.Tx, person string) ([]Passkey, error) {
	return db.List(ctx, tx, func(p *Passkey) []any { return []any{&p.ID, &p.Name, &p.Created, &p.Used} },
		`SELECT id, name, created_at, used_at FROM person_passkey WHERE person = $1 ORDER BY created_at, id`, person)
}

// RemovePasskey takes one of the actor's passkeys away. All other sessions end.
func (s *Store) RemovePasskey(ctx context.Context, a Actor, key string) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM person_passkey WHERE id = $1 AND person = $2`, key, a.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return db.ErrNotFound
		}
		return s.weakened(ctx, tx, a, "passkey_removed")
	})
}
