package who

import (
	"context"
	"errors"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who/contact"
)

// How long a session lasts: without being used, and at most. Staff must show
// themselves more often.
const (
	idleResident = 30 * day
	lifeResident = 180 * day
	idleStaff    = 12 * time.Hour
	lifeStaff    = 7 * day
	freshFor     = 15 * time.Minute
	seenEvery    = 10 * time.Minute // how finely seen_at is kept
)

// SessionAge is how long a browser should keep a session's token.
const SessionAge = lifeResident

// The means by which somebody showed who they are.
const (
	byCode     = "code"
	byPassword = "password"
	byPasskey  = "passkey"
	byOIDC     = "oidc"
	byLink     = "link"
	byDemo     = "demo"
)

// Visit is what is known of a request that signs in.
type Visit struct {
	Network string // where it came from, for limits; only a keyed digest is kept, and not for long
	Agent   string // the User-Agent header, of which a few words are kept
	Old     string // the session token that came with it: it ends
	Lang    string // the language of the page
}

// Entry is how signing in went. Exactly one of Token and Second is set.
type Entry struct {
	Token  string // of the new session
	Second string // ticket for the second factor that is still asked for
	Person string
	New    bool // the account was made just now
	Weak   bool // they hold a staff role that does not count until a second factor is set up
}

// Session returns the actor of a session's token, or nobody if there is no
// such session any more.
func (s *Store) Session(ctx context.Context, token string) (Actor, error) {
	if len(token) != 32 {
		return Nobody(s.Policy), nil
	}
	key := hashed(token)
	a, ok, mark := s.cache.Get(key)
	if ok {
		return a, nil
	}
	var late bool
	err := s.db.View(ctx, func(tx *db.Tx) (err error) {
		a, late, err = s.lookup(ctx, tx, key)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return Nobody(s.Policy), nil
	}
	if err != nil {
		return Actor{}, err
	}
	if late {
		s.seen(ctx, key)
	}
	s.cache.Put(key, a, mark)
	return a, nil
}

// lookup reads a session that still holds. late says that its use should be
// noted.
func (s *Store) lookup(ctx context.Context, tx *db.Tx, key string) (a Actor, late bool, err error) {
	type row struct {
		Actor
		created, seen db.Time
	}
	r, err := db.Get(ctx, tx, func(r *row) []any {
		return []any{&r.ID, &r.Name, &r.Lang, &r.Level, &r.Strong, &r.created, &r.seen}
	}, `SELECT p.id, p.name, p.lang, p.level, s.strong, s.created_at, s.seen_at
		FROM person_session s JOIN person p ON p.id = s.person WHERE s.id = $1 AND p.state = 'active'`, key)
	if err != nil {
		return Actor{}, false, err
	}
	if r.Grants, err = GrantsOf(ctx, tx, r.ID); err != nil {
		return Actor{}, false, err
	}
	idle, life := idleResident, lifeResident
	if isStaff(r.Grants) {
		idle, life = idleStaff, lifeStaff
	}
	unseen := tx.Now.Sub(r.seen.Time)
	if unseen > idle || tx.Now.Sub(r.created.Time) > life {
		return Actor{}, false, db.ErrNotFound
	}
	r.Session = key
	return As(s.Policy, r.Actor), unseen > seenEvery, nil
}

// seen notes that a session is in use. Failing to is no reason to turn anybody
// away: with a full disk reading goes on.
func (s *Store) seen(ctx context.Context, key string) {
	err := s.db.Claim(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE person_session SET seen_at = $2 WHERE id = $1 AND seen_at < $3`,
			key, tx.Now.UnixMicro(), tx.Now.Add(-seenEvery).UnixMicro())
		return err
	})
	if err != nil {
		s.log.Warn("use of a session not noted", "err", err)
	}
}

// enter lets a person in who showed who they are: with a new token, always, so
// that no token planted before is worth anything. Where a second factor is due
// it hands out a ticket for that instead.
func (s *Store) enter(ctx context.Context, tx *db.Tx, p Person, means string, strong bool, v Visit) (Entry, error) {
	switch p.State {
	case Suspended:
		return Entry{}, fault.New(fault.Denied, "who.suspended")
	case Erased:
		return Entry{}, fault.New(fault.Denied, "who.no_account")
	}
	grants, err := GrantsOf(ctx, tx, p.ID)
	if err != nil {
		return Entry{}, err
	}
	f, err := factorsOf(ctx, tx, p.ID)
	if err != nil {
		return Entry{}, err
	}
	if !strong && (f.TOTP || f.Passkeys > 0 && isStaff(grants)) {
		ticket, err := s.ticket(ctx, tx, "second", ticket{Person: p.ID, life: codeLife})
		return Entry{Second: ticket, Person: p.ID}, err
	}
	token, err := s.open(ctx, tx, p.ID, means, strong, v)
	s.log.Info("signed in", "person", p.ID, "means", means, "strong", strong)
	return Entry{Token: token, Person: p.ID, Weak: !strong && isStaff(grants)}, err
}

// open writes a session and ends the one that came along.
func (s *Store) open(ctx context.Context, tx *db.Tx, person, means string, strong bool, v Visit) (string, error) {
	if v.Old != "" {
		n, err := tx.Exec(ctx, `DELETE FROM person_session WHERE id = $1`, hashed(v.Old))
		if err != nil {
			return "", err
		}
		if n > 0 {
			s.changed(tx)
		}
	}
	token := id.Secret()
	_, err := tx.Exec(ctx, `INSERT INTO person_session (id, person, means, strong, agent, created_at, proved_at, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $6)`, hashed(token), person, means, strong, contact.Device(v.Agent), tx.Now.UnixMicro())
	return token, err
}

// SignOut ends the session of a token. An unknown token is no error.
func (s *Store) SignOut(ctx context.Context, token string) error {
	return s.db.Claim(ctx, func(tx *db.Tx) error {
		s.changed(tx)
		_, err := tx.Exec(ctx, `DELETE FROM person_session WHERE id = $1`, hashed(token))
		return err
	})
}

// SessionInfo is a session as its owner sees it.
type SessionInfo struct {
	ID      string // a digest of the token, of no use to sign in
	Means   string
	Strong  bool
	Agent   string
	Created db.Time
	Seen    db.Time
	Current bool // the one that asks
}

// Sessions lists the actor's own sessions, the last used first.
func (s *Store) Sessions(ctx context.Context, a Actor) (list []SessionInfo, err error) {
	if err := a.Must("person.read", Own(a.ID)); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		list, err = sessionsOf(ctx, tx, a.ID)
		return err
	})
	for i := range list {
		list[i].Current = list[i].ID == a.Session
	}
	return list, err
}

func sessionsOf(ctx context.Context, tx *db.Tx, person string) ([]SessionInfo, error) {
	return db.List(ctx, tx, func(v *SessionInfo) []any {
		return []any{&v.ID, &v.Means, &v.Strong, &v.Agent, &v.Created, &v.Seen}
	}, `SELECT id, means, strong, agent, created_at, seen_at FROM person_session WHERE person = $1 ORDER BY seen_at DESC, id`, person)
}

// EndSession ends one of the actor's own sessions.
func (s *Store) EndSession(ctx context.Context, a Actor, session string) error {
	if err := a.Must("person.edit", Own(a.ID)); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		s.changed(tx)
		n, err := tx.Exec(ctx, `DELETE FROM person_session WHERE id = $1 AND person = $2`, session, a.ID)
		if err == nil && n == 0 {
			err = db.ErrNotFound
		}
		return err
	})
}

// EndOtherSessions ends all of the actor's sessions but the one that asks.
func (s *Store) EndOtherSessions(ctx context.Context, a Actor) error {
	if err := a.Must("person.edit", Own(a.ID)); err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *db.Tx) error { return s.endSessions(ctx, tx, a.ID, a.Session) })
}

// endSessions ends all sessions of a person but one, and steps under way.
func (s *Store) endSessions(ctx context.Context, tx *db.Tx, person, but string) error {
	s.changed(tx)
	if _, err := tx.Exec(ctx, `DELETE FROM sign_in_ticket WHERE person = $1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM person_session WHERE person = $1 AND id <> $2`, person, but)
	return err
}

// Fresh returns nil if the actor showed who they are in the last quarter of an
// hour, and otherwise the fault "who.prove_again".
func (s *Store) Fresh(ctx context.Context, a Actor) error {
	return s.db.View(ctx, func(tx *db.Tx) error { return s.fresh(ctx, tx, a) })
}

func (s *Store) fresh(ctx context.Context, tx *db.Tx, a Actor) error {
	switch {
	case isSystem(a):
		return nil
	case a.Key != "":
		return fault.New(fault.Denied, "who.key_never")
	}
	proved, err := db.Get(ctx, tx, db.One[db.Time], `SELECT proved_at FROM person_session WHERE id = $1 AND person = $2`, a.Session, a.ID)
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.SignIn, "who.sign_in")
	}
	if err == nil && tx.Now.Sub(proved.Time) > freshFor {
		return fault.New(fault.SignIn, "who.prove_again")
	}
	return err
}

// secured is asked before the ways to sign in change: the actor is themselves,
// came by a session and not by a key, showed themselves just now, and used
// their second factor if they have one.
func (s *Store) secured(ctx context.Context, tx *db.Tx, a Actor) error {
	if err := a.Must("person.edit", Own(a.ID)); err != nil {
		return err
	}
	if err := s.fresh(ctx, tx, a); err != nil {
		return err
	}
	f, err := factorsOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	if (f.TOTP || f.Passkeys > 0) && !a.Strong {
		return fault.New(fault.Denied, "who.second_factor_first")
	}
	return nil
}

func isSystem(a Actor) bool { return strings.HasPrefix(a.ID, "system:") }
