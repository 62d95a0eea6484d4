package who

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who/contact"
)

// invitedFor is how long an invitation is good for, and setUpFor the link of
// the first start. Nothing makes either last longer.
const (
	invitedFor = 7 * day
	setUpFor   = 24 * time.Hour
)

// Invitation asks somebody to take a role. Role and organisation are fixed
// when it is written; it serves once.
type Invitation struct {
	ID      string
	Email   string
	Role    Role
	Org     string
	By      string // the person who wrote it
	Created db.Time
	Expires db.Time
	Used    db.Time // zero while open
}

// Open reports whether the invitation can still be accepted at a time.
func (i Invitation) Open(now time.Time) bool { return i.Used.IsZero() && now.Before(i.Expires.Time) }

const inviteColumns = `id, email, role, org, given_by, created_at, expires_at, used_at`

func inviteFields(i *Invitation) []any {
	return []any{&i.ID, &i.Email, &i.Role, &i.Org, &i.By, &i.Created, &i.Expires, &i.Used}
}

// Invite mails somebody a link with which they take a role. orgName is the
// organisation's name, for the letter; empty for a role of the site.
func (s *Store) Invite(ctx context.Context, a Actor, email string, g Grant, orgName string) (i Invitation, err error) {
	if err := mayGrant(a, g); err != nil {
		return i, err
	}
	as, _, ok := contact.Email(email)
	if !ok {
		return i, fault.Fields{{Name: "email", Key: "fault.email"}}
	}
	if err := g.check(); err != nil {
		return i, err
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		if err := s.count(ctx, tx, invitations, a.ID); err != nil {
			return err
		}
		token := id.Secret()
		if i, err = s.putInvitation(ctx, tx, a, token, as, g, invitedFor); err != nil {
			return err
		}
		if orgName == "" {
			orgName = s.Name
		}
		return s.Mailer.Send(ctx, tx, Mail{
			To: as, Lang: a.Lang, Subject: "who.mail.invited.subject", Text: "who.mail.invited.text",
			Args: []any{"site", s.Name, "org", orgName, "link", s.Base + "/invitation/" + token, "days", int(invitedFor / day)},
		})
	})
	return i, err
}

func (s *Store) putInvitation(ctx context.Context, tx *db.Tx, a Actor, token, email string, g Grant, life time.Duration) (Invitation, error) {
	i := Invitation{ID: id.New(tx.Now), Email: email, Role: g.Role, Org: g.Org, By: a.ID, Created: db.Time{Time: tx.Now}, Expires: db.Time{Time: tx.Now.Add(life)}}
	if _, err := tx.Exec(ctx, `INSERT INTO person_invitation (id, hash, email, role, org, given_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, i.ID, hashed(token), email, g.Role, g.Org, a.ID, i.Created, i.Expires); err != nil {
		return i, err
	}
	return i, record(ctx, tx, a, "invited", i.ID, nil, facts{"role": g.Role, "org": g.Org})
}

// Invitations lists those of an organisation (of the site for the empty id)
// that are open, for those who may write them.
func (s *Store) Invitations(ctx context.Context, a Actor, org string) (list []Invitation, err error) {
	if err := mayGrant(a, Grant{Role: Member, Org: org}); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		list, err = db.List(ctx, tx, inviteFields, `SELECT `+inviteColumns+` FROM person_invitation
			WHERE org = $1 AND email <> '' AND used_at IS NULL AND expires_at > $2 ORDER BY id DESC`, org, tx.Now.UnixMicro())
		return err
	})
	return list, err
}

// CancelInvitation takes an open invitation back.
func (s *Store) CancelInvitation(ctx context.Context, a Actor, invitation string) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		i, err := db.Get(ctx, tx, inviteFields, `SELECT `+inviteColumns+` FROM person_invitation WHERE id = $1 AND used_at IS NULL`, invitation)
		if err != nil {
			return err
		}
		if err := mayGrant(a, Grant{Role: i.Role, Org: i.Org}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM person_invitation WHERE id = $1 AND used_at IS NULL`, i.ID); err != nil {
			return err
		}
		return record(ctx, tx, a, "invitation_cancelled", i.ID, facts{"role": i.Role, "org": i.Org}, nil)
	})
}

// LookInvitation returns the open invitation of a link's token, for the page
// that asks whether to accept. One that is used, expired or unknown gives the
// same fault, Gone.
func (s *Store) LookInvitation(ctx context.Context, token string) (i Invitation, err error) {
	err = s.db.View(ctx, func(tx *db.Tx) error {
		i, err = db.Get(ctx, tx, inviteFields, `SELECT `+inviteColumns+` FROM person_invitation
			WHERE hash = $1 AND used_at IS NULL AND expires_at > $2`, hashed(token), tx.Now.UnixMicro())
		return err
	})
	if notFound(err) {
		err = fault.New(fault.Gone, "who.invitation_over")
	}
	return i, err
}

// Accept takes up an invitation: the link came to the address, so whoever has
// it proves the address by it. The role is given to the account of that
// address, which is made if need be, and its holder is signed in.
func (s *Store) Accept(ctx context.Context, token string, v Visit) (e Entry, err error) {
	err = s.decide(ctx, func(tx *db.Tx) error {
		e = Entry{}
		i, err := s.useInvitation(ctx, tx, token, false)
		if err != nil {
			return err
		}
		p, made, err := s.create(ctx, tx, Nobody(s.Policy), Person{Email: i.Email, Lang: v.Lang, Level: L1, Proved: true})
		if err != nil {
			return err
		}
		return s.welcome(ctx, tx, i, p, made, v, &e)
	})
	return e, err
}

// welcome gives the role of an invitation and opens the door.
func (s *Store) welcome(ctx context.Context, tx *db.Tx, i Invitation, p Person, made bool, v Visit, e *Entry) error {
	if err := s.prove(ctx, tx, &p); err != nil {
		return err
	}
	if err := s.grant(ctx, tx, Actor{ID: i.By}, p.ID, Grant{Role: i.Role, Org: i.Org}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE person_invitation SET used_by = $2 WHERE id = $1`, i.ID, p.ID); err != nil {
		return err
	}
	entry, err := s.enter(ctx, tx, p, byLink, false, v)
	entry.New = made
	*e = entry
	return err
}

// useInvitation marks an open invitation as used. Of two at once, one gets it.
func (s *Store) useInvitation(ctx context.Context, tx *db.Tx, token string, setup bool) (Invitation, error) {
	cond := `email <> ''`
	if setup {
		cond = `email = ''`
	}
	i, err := db.Get(ctx, tx, inviteFields, `UPDATE person_invitation SET used_at = $2
		WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 AND `+cond+` RETURNING `+inviteColumns, hashed(token), tx.Now.UnixMicro())
	if notFound(err) {
		err = fault.New(fault.Gone, "who.invitation_over")
	}
	return i, err
}

// SetupLink makes the one-time link with which the first administrator sets the
// site up, to be printed on the terminal of whoever started it. Earlier links
// end. Once there is an administrator it returns "".
func (s *Store) SetupLink(ctx context.Context) (link string, err error) {
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		link = ""
		some, err := Administrators(ctx, tx)
		if err != nil || some {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM person_invitation WHERE email = '' AND used_at IS NULL`); err != nil {
			return err
		}
		token := id.Secret()
		link = s.Base + "/setup/" + token
		_, err = s.putInvitation(ctx, tx, System(s.Policy, "start"), token, "", Grant{Role: Administrator}, setUpFor)
		return err
	})
	return link, err
}

// SetUp makes the first administrator with the link's token and signs them in.
// The session is not strong yet: they go on to set up a passkey or an app. The
// address counts as proved once a code has reached it.
func (s *Store) SetUp(ctx context.Context, token, email, name string, v Visit) (e Entry, err error) {
	in := Profile{Name: name}
	if err := in.check(nil); err != nil {
		return e, err
	}
	if _, _, ok := contact.Email(email); !ok {
		return e, fault.Fields{{Name: "email", Key: "fault.email"}}
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		some, err := Administrators(ctx, tx)
		if err != nil {
			return err
		}
		if some {
			return fault.New(fault.Gone, "who.invitation_over")
		}
		i, err := s.useInvitation(ctx, tx, token, true)
		if err != nil {
			return err
		}
		p, _, err := s.create(ctx, tx, System(s.Policy, "setup"), Person{Email: email, Name: in.Name, Lang: v.Lang})
		if err != nil {
			return err
		}
		if err := s.grant(ctx, tx, Actor{ID: i.By}, p.ID, Grant{Role: Administrator}); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, p, byLink, false, v)
		e.New = true
		return err
	})
	return e, err
}
