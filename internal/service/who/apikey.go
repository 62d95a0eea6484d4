package who

import (
	"context"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

// APIKey lets a program act for a person. Of the key itself only a digest is
// kept.
type APIKey struct {
	ID      string // its readable beginning
	Person  string
	Name    string
	Actions []string // what it is limited to; nil is whatever its owner may do
	Created db.Time
	Expires db.Time
	UsedDay string // the last day it was used, YYYY-MM-DD; empty if never
	Revoked db.Time
	hash    string
	strong  bool
}

const keyColumns = `id, person, name, actions, created_at, expires_at, used_day, revoked_at, hash, strong`

type keyRow struct {
	APIKey
	actions db.JSON[[]string]
}

func keyFields(k *keyRow) []any {
	return []any{&k.ID, &k.Person, &k.Name, &k.actions, &k.Created, &k.Expires, &k.UsedDay, &k.Revoked, &k.hash, &k.strong}
}

func (k keyRow) key() APIKey {
	k.Actions = k.actions.V
	return k.APIKey
}

const keyStart = "ceiba_"

// maxKeyLife is how long a key may be good for.
const maxKeyLife = 2 * 365 * day

// MakeKey makes a key for the actor and returns it, the only time it can be
// read. It can do no more than its owner at any moment, and only actions if
// any are named.
func (s *Store) MakeKey(ctx context.Context, a Actor, name string, actions []string, life time.Duration) (secret string, k APIKey, err error) {
	if err := a.Must("person.key", Own(a.ID)); err != nil {
		return "", k, err
	}
	var f fault.Fields
	f.Require("name", name)
	f.MaxLen("name", name, 60)
	if slices.ContainsFunc(actions, func(x string) bool { return !s.Policy.Knows(x) }) {
		f.Add("actions", "fault.choice")
	}
	if life <= 0 || life > maxKeyLife {
		f.Add("life", "fault.choice")
	}
	if err := f.Err(); err != nil {
		return "", k, err
	}
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		secret, k, err = s.putKey(ctx, tx, a, APIKey{Person: a.ID, Name: name, Actions: actions, strong: a.Strong}, life)
		return err
	})
	return secret, k, err
}

// MakeKeyFor makes a key for somebody else: the command line prints it once.
func (s *Store) MakeKeyFor(ctx context.Context, a Actor, person, name string, life time.Duration) (secret string, err error) {
	if !isSystem(a) {
		return "", fault.New(fault.Denied, "who.denied", "action", "person.key")
	}
	err = s.db.Update(ctx, func(tx *db.Tx) error {
		secret, _, err = s.putKey(ctx, tx, a, APIKey{Person: person, Name: name, strong: true}, min(life, maxKeyLife))
		return err
	})
	return secret, err
}

func (s *Store) putKey(ctx context.Context, tx *db.Tx, a Actor, k APIKey, life time.Duration) (string, APIKey, error) {
	k.ID = keyStart + id.Secret()[:8]
	rest := id.Secret()
	k.Created, k.Expires, k.hash = db.Time{Time: tx.Now}, db.Time{Time: tx.Now.Add(life)}, hashed(rest)
	if _, err := tx.Exec(ctx, `INSERT INTO person_key (id, person, name, hash, actions, strong, created_at, expires_at, used_day)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')`,
		k.ID, k.Person, k.Name, k.hash, db.JSON[[]string]{V: k.Actions}, k.strong, k.Created, k.Expires); err != nil {
		return "", k, err
	}
	return k.ID + "_" + rest, k, record(ctx, tx, a, "key_made", k.Person, nil, facts{"key": k.ID, "actions": k.Actions})
}

// Key returns the actor for whom an API key speaks, or nobody if the key is
// unknown, revoked or expired, or its owner suspended.
func (s *Store) Key(ctx context.Context, key string) (Actor, error) {
	cut := strings.LastIndexByte(key, '_')
	if cut < 0 || !strings.HasPrefix(key, keyStart) || len(key) > 64 {
		return Nobody(s.Policy), nil
	}
	cacheKey := "key " + hashed(key)
	a, ok, mark := s.cache.Get(cacheKey)
	if ok {
		return a, nil
	}
	var k APIKey
	var today string
	err := s.db.View(ctx, func(tx *db.Tx) (err error) {
		today = tx.Now.Format(time.DateOnly)
		k, a, err = s.lookupKey(ctx, tx, key[:cut], key[cut+1:])
		return err
	})
	if notFound(err) {
		return Nobody(s.Policy), nil
	}
	if err != nil {
		return Actor{}, err
	}
	if k.UsedDay != today {
		s.keyUsed(ctx, k.ID, today)
	}
	s.cache.Put(cacheKey, a, mark)
	return a, nil
}

func (s *Store) lookupKey(ctx context.Context, tx *db.Tx, key, rest string) (k APIKey, a Actor, err error) {
	row, err := db.Get(ctx, tx, keyFields, `SELECT `+keyColumns+` FROM person_key WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2`, key, tx.Now.UnixMicro())
	if err != nil {
		return k, a, err
	}
	k = row.key()
	if subtle.ConstantTimeCompare([]byte(hashed(rest)), []byte(k.hash)) != 1 {
		return k, a, db.ErrNotFound
	}
	p, err := PersonByID(ctx, tx, k.Person)
	if err != nil {
		return k, a, err
	}
	if p.State != Active {
		return k, a, db.ErrNotFound
	}
	grants, err := GrantsOf(ctx, tx, p.ID)
	a = As(s.Policy, Actor{ID: p.ID, Name: p.Name, Lang: p.Lang, Level: p.Level, Strong: k.strong, Grants: grants, Key: k.ID, Only: k.Actions})
	return k, a, err
}

// keyUsed notes the day; failing to is no reason to turn the key away.
func (s *Store) keyUsed(ctx context.Context, key, today string) {
	err := s.db.Claim(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE person_key SET used_day = $2 WHERE id = $1 AND used_day < $2`, key, today)
		return err
	})
	if err != nil {
		s.log.Warn("use of a key not noted", "err", err)
	}
}

// Keys lists the actor's keys that still work, the newest first.
func (s *Store) Keys(ctx context.Context, a Actor) (list []APIKey, err error) {
	if err := a.Must("person.read", Own(a.ID)); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *db.Tx) error {
		list, err = keysOf(ctx, tx, a.ID, `AND revoked_at IS NULL AND expires_at > `+itoa(int(tx.Now.UnixMicro())))
		return err
	})
	return list, err
}

func keysOf(ctx context.Context, tx *db.Tx, person, cond string) ([]APIKey, error) {
	rows, err := db.List(ctx, tx, keyFields, `SELECT `+keyColumns+` FROM person_key WHERE person = $1 `+cond+` ORDER BY created_at DESC, id`, person)
	list := make([]APIKey, len(rows))
	for i, r := range rows {
		list[i] = r.key()
	}
	return list, err
}

// RevokeKey ends a key at once, on every node. People revoke their own, and
// those who may suspend people revoke anybody's.
func (s *Store) RevokeKey(ctx context.Context, a Actor, key string) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		owner, err := db.Get(ctx, tx, db.One[string], `SELECT person FROM person_key WHERE id = $1 AND revoked_at IS NULL`, key)
		if err != nil {
			return err
		}
		if !a.May("person.suspend", Site) {
			if err := a.Must("person.key", Own(owner)); err != nil {
				return db.ErrNotFound // whose key it is stays unsaid
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE person_key SET revoked_at = $2 WHERE id = $1`, key, tx.Now.UnixMicro()); err != nil {
			return err
		}
		s.changed(tx)
		return record(ctx, tx, a, "key_revoked", owner, facts{"key": key}, nil)
	})
}
