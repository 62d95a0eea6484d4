package notify

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/outbound"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "notify", Files: files}

// Words are this module's sentences, keys "notify.…".
//
//go:embed locale/*.json
var Words embed.FS

// Topic of the transactions that bring news into somebody's inbox.
func Topic(person string) string { return "notify:" + person }

// Rules say who may do what with notifications. Inboxes and choices are one's
// own and need no rule beside signing in.
var Rules = []who.Rule{
	{Action: "hook.write", Org: []who.Role{who.Official, who.Editor}, Own: true, Level: who.L1},
}

// Subject is what people choose a frequency for.
type Subject struct {
	Name    string    // unique, never changed
	Default Frequency // until a person chooses
	Direct  bool      // about the person: it goes at once or not at all
}

// Words is the key of the subject's name in locale/.
func (x Subject) Words() string { return "notify.topic." + x.Name }

// The subjects that every site has.
var (
	Followed = Subject{Name: "followed", Default: Daily}            // what one follows has changed
	Mention  = Subject{Name: "mention", Default: Now, Direct: true} // somebody named me
	Answer   = Subject{Name: "answer", Default: Now, Direct: true}  // somebody answered what I wrote
	Account  = Subject{Name: "account", Default: Now, Direct: true} // about what I run here: webhooks, imports
	News     = Subject{Name: "news", Default: Weekly}               // from the site itself
	builtIn  = []Subject{Mention, Answer, Account, Followed, News}
)

// Rule says whom a kind of event concerns beside the followers of its record.
type Rule struct {
	Verb    string // of the event, exactly: "comment.posted"
	Subject string // name of a subject
	// To returns the people concerned; it is run in the transaction that writes
	// their items, so it should be one query. Whoever did it is left out.
	To func(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error)
	// Silent keeps the event from the followers of the record.
	Silent bool
}

// Followers returns at most limit people who follow a record, after one of
// them, in the order of their ids.
type Followers func(ctx context.Context, tx *db.Tx, of record.Ref, after string, limit int) ([]string, error)

// Config is what a Store needs.
type Config struct {
	DB       *db.DB
	Words    *i18n.Catalog
	Records  *record.Registry
	Subjects []Subject // of modules, beside those that every site has
	Rules    []Rule
	Follow   Followers
	// Actor returns the actor that a person is when they read; nil takes one
	// who holds no role.
	Actor func(ctx context.Context, tx *db.Tx, person string) (who.Actor, error)
	// Secret signs links and seals what must not be read in the database or its
	// backups. At least 32 bytes, the same on every node, kept outside both.
	Secret   []byte
	Base     string           // the public address, "https://open.gov.bz"
	Site     string           // its name, as letters show it; "Ceiba" when empty
	Mail     *SMTP            // nil sends no mail
	Vapid    *Vapid           // nil sends no push
	Outbound outbound.Options // for webhooks and push; tests allow loopback
	Log      *slog.Logger
}

// Store keeps what people are told. It is safe for concurrent use.
type Store struct {
	Config
	client   *http.Client
	subjects map[string]Subject
	rules    map[string][]Rule
	seal     cipher.AEAD
}

// New returns a store. It refuses a short secret, an address it cannot use, and
// rules for subjects that do not exist.
func New(c Config) (*Store, error) {
	if len(c.Secret) < 32 {
		return nil, fmt.Errorf("the secret for notifications has %d bytes; it needs at least 32", len(c.Secret))
	}
	if c.DB == nil || c.Words == nil || c.Records == nil || c.Follow == nil {
		return nil, errors.New("notify needs a database, words, records and followers")
	}
	c.Base = strings.TrimRight(c.Base, "/")
	if u, err := url.Parse(c.Base); err != nil || u.Host == "" {
		return nil, fmt.Errorf("the public address %q is none: write it like https://open.gov.bz", c.Base)
	}
	c.Outbound.UserAgent, c.Outbound.Redirects = "Ceiba (+"+c.Base+")", -1
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Site == "" {
		c.Site = "Ceiba"
	}
	s := &Store{Config: c, client: outbound.Client(c.Outbound), subjects: map[string]Subject{}, rules: map[string][]Rule{}}
	for _, x := range slices.Concat(builtIn, c.Subjects) {
		if _, twice := s.subjects[x.Name]; twice || !x.Default.valid() {
			return nil, fmt.Errorf("subject %q is there twice or has no frequency", x.Name)
		}
		s.subjects[x.Name] = x
	}
	for _, r := range append([]Rule{hookRule}, c.Rules...) {
		if _, known := s.subjects[r.Subject]; !known || r.Verb == "" || r.To == nil {
			return nil, fmt.Errorf("rule for %q: incomplete, or there is no subject %q", r.Verb, r.Subject)
		}
		s.rules[r.Verb] = append(s.rules[r.Verb], r)
	}
	var err error
	s.seal, err = newSeal(c.Secret)
	return s, err
}

// AllSubjects returns what people may choose a frequency for, those about the
// person first.
func (s *Store) AllSubjects() []Subject { return slices.Concat(builtIn, s.Config.Subjects) }

func newSeal(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "ceiba notify seal", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// sealed hides what must not be read in the database.
func (s *Store) sealed(plain []byte) string {
	return base64.RawStdEncoding.EncodeToString(s.seal.Seal(nil, nil, plain, nil))
}

func (s *Store) unsealed(text string) ([]byte, error) {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return s.seal.Open(nil, nil, b, nil)
}

// sign is a keyed digest of parts, none of which can run into the next.
func (s *Store) sign(label string, parts ...string) []byte {
	m := hmac.New(sha256.New, s.Secret)
	fmt.Fprintf(m, "ceiba notify %s", label)
	for _, p := range parts {
		fmt.Fprintf(m, "\x00%d\x00%s", len(p), p)
	}
	return m.Sum(nil)
}

// newSecret returns 256 random bits for the owner of a webhook.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return "whsec_" + base64.RawURLEncoding.EncodeToString(b[:])
}

// actor returns who a person is when they read.
func (s *Store) actor(ctx context.Context, tx *db.Tx, person string) (who.Actor, error) {
	if s.Config.Actor == nil {
		return who.Actor{ID: person}, nil
	}
	return s.Config.Actor(ctx, tx, person)
}
