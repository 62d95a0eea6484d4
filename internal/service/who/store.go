package who

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who/brief"
	"ceiba/internal/service/who/passkey"
	"ceiba/internal/service/who/password"
	"ceiba/internal/service/who/provider"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "who", Files: files}

// Words are this module's sentences, keys "who.…".
//
//go:embed locale/*.json
var Words embed.FS

// Topic is woken when somebody's sessions, keys or roles change, so that no
// node goes on believing the old.
const Topic = "who"

// Rules say who may do what with people.
var Rules = []Rule{
	{Action: "person.read", Site: []Role{Moderator}, Own: true}, // address, roles, sessions
	{Action: "person.edit", Own: true},                          // name, language, district, ways to sign in
	{Action: "person.data", Own: true},                          // take or erase everything
	{Action: "person.key", Own: true},                           // API keys
	{Action: "person.suspend", Site: []Role{Moderator}},         // and restore
	{Action: "person.assure", Site: []Role{Secretariat, Facilitator}},
	{Action: "person.grant"},   // roles and invitations, for the site and any organisation
	{Action: "person.recover"}, // let somebody in again who lost every way
	{Action: "org.member.write", Org: []Role{Official, Editor}},
}

// Config is what a Store needs.
type Config struct {
	DB     *db.DB
	Policy *Policy
	// Secret keys every digest that could be guessed (codes, telephone numbers,
	// network addresses) and seals the secrets of second factors. At least 32
	// bytes, the same on every node, and kept outside the database and its
	// backups: losing it ends codes under way, second factors by app, and the
	// recognition of telephone numbers.
	Secret    []byte
	Base      string // the public address, "https://open.gov.bz"; links in mail and the origin of passkeys
	Name      string // of the site, as authenticators show it; "Ceiba" when empty
	Mailer    Mailer
	Providers []Provider
	Closed    bool // only those invited get an account
	Demo      bool // one click signs in as a demonstration account
	Log       *slog.Logger

	// Wall is the clock of the world outside, by which people's authenticator
	// apps count; the database's when nil. They differ in a demonstration that
	// was moved to another day.
	Wall func() time.Time
}

// Store keeps people and how they sign in. It is safe for concurrent use.
type Store struct {
	Config
	db       *db.DB
	log      *slog.Logger
	cache    *brief.Cache[Actor]
	kitchen  *password.Kitchen
	passkeys *webauthn.WebAuthn // nil where the address allows none

	mu       sync.Mutex
	personal []Personal
	met      map[string]*provider.Client // providers whose description was fetched
}

// New returns a store. It refuses a short secret and an address it cannot use.
func New(c Config) (*Store, error) {
	if len(c.Secret) < 32 {
		return nil, fmt.Errorf("the secret for sign-in has %d bytes; it needs at least 32", len(c.Secret))
	}
	if c.Mailer == nil || c.DB == nil || c.Policy == nil {
		return nil, errors.New("who needs a database, a policy and a mailer")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Name == "" {
		c.Name = "Ceiba"
	}
	if c.Wall == nil {
		c.Wall = c.DB.Now
	}
	c.Base = strings.TrimRight(c.Base, "/")
	u, err := url.Parse(c.Base)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("the public address %q is none: write it like https://open.gov.bz", c.Base)
	}
	hints, _ := c.DB.Waiting(Topic) // for the life of the process
	s := &Store{Config: c, db: c.DB, log: c.Log, cache: brief.New[Actor](time.Now, hints), kitchen: password.NewKitchen(), met: map[string]*provider.Client{}}
	s.passkeys, err = passkey.Party(c.Name, u)
	return s, err
}

// Register adds modules that keep something about people.
func (s *Store) Register(p ...Personal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.personal = append(s.personal, p...)
}

func (s *Store) holders() []Personal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Personal(nil), s.personal...)
}

// digest is a keyed digest, in hex, of parts that could otherwise be guessed.
func (s *Store) digest(label string, parts ...string) string {
	return hex.EncodeToString(s.key(label, parts...))
}

func (s *Store) key(label string, parts ...string) []byte {
	m := hmac.New(sha256.New, s.Secret)
	fmt.Fprintf(m, "ceiba who %s", label)
	for _, p := range parts {
		fmt.Fprintf(m, "\x00%d\x00%s", len(p), p)
	}
	return m.Sum(nil)
}

// hashed is what is kept of a token too long to be guessed.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// decide runs fn in a transaction that is kept even when fn refuses with a
// fault: a wrong guess must count. Its statements guard each row by
// themselves, so it runs where writers do not make each other try again.
func (s *Store) decide(ctx context.Context, fn func(tx *db.Tx) error) error {
	var no error
	err := s.db.Claim(ctx, func(tx *db.Tx) error {
		no = nil
		err := fn(tx)
		if err != nil && fault.KindOf(err) != fault.Internal {
			no = err
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return no
}

// changed makes every node forget what it believed of people.
func (s *Store) changed(tx *db.Tx) {
	tx.Wake(Topic)
	tx.OnCommit(s.cache.Forget)
}

// record appends what happened to a person. It is never public.
func record(ctx context.Context, tx *db.Tx, a Actor, verb, person string, before, after any) error {
	by := a.ID
	if by == "" {
		by = person // they act for themselves before they are signed in
	}
	_, err := activity.Append(ctx, tx, activity.Entry{Actor: by, Verb: "person." + verb, Kind: "person", Record: person, Before: before, After: after})
	return err
}

// facts is the before or after of an entry.
type facts map[string]any

// Purge deletes what has run out: sessions, tickets, counts and invitations.
// A schedule calls it daily.
func (s *Store) Purge(ctx context.Context) error {
	return s.db.Update(ctx, func(tx *db.Tx) error {
		now := tx.Now.UnixMicro()
		for _, x := range []struct {
			q  string
			at int64
		}{
			{`DELETE FROM sign_in_ticket WHERE expires_at < $1`, now - day.Microseconds()},
			{`DELETE FROM sign_in_count WHERE expires_at < $1`, now},
			{`DELETE FROM person_session WHERE seen_at < $1`, now - idleResident.Microseconds()},
			{`DELETE FROM person_session WHERE created_at < $1`, now - lifeResident.Microseconds()},
			{`DELETE FROM person_invitation WHERE used_at IS NULL AND expires_at < $1`, now - 30*day.Microseconds()},
		} {
			if _, err := tx.Exec(ctx, x.q, x.at); err != nil {
				return err
			}
		}
		return nil
	})
}

const day = 24 * time.Hour
