package who

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed" // the list of common passwords
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// cost is how dear a password's hash is: OWASP's first choice for argon2id.
type cost struct {
	memory, rounds uint32 // KiB, passes
	lanes          uint8
}

var costNow = cost{memory: 19 * 1024, rounds: 2, lanes: 1}

// kitchen computes password hashes one at a time, so that they never take more
// than one core from everything else, with a queue that has an end.
type kitchen struct {
	stove   chan struct{} // one place
	waiting chan struct{} // those who wait and the one who is served
}

const queueLength = 40 // about a second and a half at 40 ms each

func newKitchen() *kitchen {
	return &kitchen{stove: make(chan struct{}, 1), waiting: make(chan struct{}, queueLength)}
}

// cook runs work when it is its turn. With the queue full it answers at once
// that one should come back.
func (k *kitchen) cook(ctx context.Context, work func()) error {
	select {
	case k.waiting <- struct{}{}:
	default:
		return fault.New(fault.Unavailable, "who.busy").After(2 * time.Second)
	}
	defer func() { <-k.waiting }()
	select {
	case k.stove <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-k.stove }()
	work()
	return nil
}

func (k *kitchen) hash(ctx context.Context, password string) (phc string, err error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	err = k.cook(ctx, func() { phc = costNow.phc(salt, costNow.derive(password, salt, 32)) })
	return phc, err
}

// check reports whether password is the one of a hash. An empty hash costs the
// same time and never matches.
func (k *kitchen) check(ctx context.Context, password, phc string) (ok bool, err error) {
	c, salt, want, known := parsePHC(phc)
	if !known {
		c, salt, want = costNow, make([]byte, 16), make([]byte, 32)
	}
	err = k.cook(ctx, func() {
		got := c.derive(password, salt, uint32(len(want)))
		ok = subtle.ConstantTimeCompare(got, want) == 1 && known
	})
	return ok, err
}

func (c cost) derive(password string, salt []byte, n uint32) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.rounds, c.memory, c.lanes, n)
}

func (c cost) phc(salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", c.memory, c.rounds, c.lanes, b.EncodeToString(salt), b.EncodeToString(sum))
}

func parsePHC(phc string) (c cost, salt, sum []byte, ok bool) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return c, nil, nil, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.rounds, &c.lanes); n != 3 || err != nil {
		return c, nil, nil, false
	}
	var errs [2]error
	salt, errs[0] = base64.RawStdEncoding.DecodeString(parts[4])
	sum, errs[1] = base64.RawStdEncoding.DecodeString(parts[5])
	return c, salt, sum, errs[0] == nil && errs[1] == nil && len(sum) >= 16 && c.rounds > 0 && c.lanes > 0 && c.memory <= 1<<20
}

//go:embed common.txt
var commonText string

// common are the passwords that attackers try first.
var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if w := strings.TrimSpace(line); w != "" && w[0] != '#' {
			m[w] = true
		}
	}
	return m
})

// checkPassword refuses what is too short, absurdly long or easily guessed.
// There are no rules about figures and signs: they make passwords no better.
func checkPassword(password, email, site string) error {
	var p fault.Fields
	low := strings.ToLower(password)
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	core := strings.TrimRight(low, "0123456789!.?*-_")
	switch n := utf8.RuneCountInString(password); {
	case n < 8:
		p.Add("password", "who.password_short", "n", 8)
	case len(password) > 1000:
		p.Add("password", "fault.too_long", "n", n, "max", 1000)
	case common()[low], core == strings.ToLower(site), core == name, low == strings.ToLower(email), uniform(low):
		p.Add("password", "who.password_common")
	}
	return p.Err()
}

// uniform is true of one sign repeated.
func uniform(s string) bool { return strings.Count(s, s[:1]) == len(s) }

// SetPassword sets the actor's password, or takes it away when it is empty.
// All other sessions end.
func (s *Store) SetPassword(ctx context.Context, a Actor, password string) error {
	me, err := s.Me(ctx, a)
	if err != nil {
		return err
	}
	phc := ""
	if password != "" {
		if err := checkPassword(password, me.Email, s.Name); err != nil {
			return err
		}
		if phc, err = s.kitchen.hash(ctx, password); err != nil {
			return err
		}
	}
	return s.db.Update(ctx, func(tx *db.Tx) error {
		if err := s.secured(ctx, tx, a); err != nil {
			return err
		}
		if err := setHash(ctx, tx, a.ID, phc); err != nil {
			return err
		}
		if err := s.endSessions(ctx, tx, a.ID, a.Session); err != nil {
			return err
		}
		return record(ctx, tx, a, "password_set", a.ID, nil, facts{"removed": phc == ""})
	})
}

func setHash(ctx context.Context, tx *db.Tx, person, phc string) error {
	if phc == "" {
		_, err := tx.Exec(ctx, `DELETE FROM person_password WHERE person = $1`, person)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_password (person, hash, changed_at) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`, person, phc, tx.Now.UnixMicro())
	return err
}

// SignInPassword signs in with an address and a password. An unknown address,
// an account without a password and a wrong password are answered alike and
// cost alike. Too many wrong ones make whoever tries wait, and never shut the
// owner out: other networks and other ways to sign in stay open.
func (s *Store) SignInPassword(ctx context.Context, email, password string, v Visit) (e Entry, err error) {
	_, key, _ := address(email) // what is no address matches nobody
	var p Person
	var phc string
	err = s.db.View(ctx, func(tx *db.Tx) error {
		for l, whose := range map[limit][]string{passwordsHere: {key, v.Network}, passwordsAll: {key}, passwordsFrom: {v.Network}} {
			if err := s.counted(ctx, tx, l, whose...); err != nil {
				return err
			}
		}
		p, phc, err = withPassword(ctx, tx, key)
		return err
	})
	if err != nil {
		return e, err
	}
	ok, err := s.kitchen.check(ctx, password, phc)
	if err != nil {
		return e, err
	}
	if !ok {
		return e, s.wrongPassword(ctx, key, v)
	}
	fresh, err := s.rehash(ctx, password, phc)
	if err != nil {
		return e, err
	}
	err = s.decide(ctx, func(tx *db.Tx) error {
		again, now, err := withPassword(ctx, tx, key)
		if err != nil {
			return err
		}
		if now != phc || again.ID != p.ID { // changed while we were cooking
			return fault.New(fault.Invalid, "who.password_wrong")
		}
		if fresh != "" {
			if err := setHash(ctx, tx, p.ID, fresh); err != nil {
				return err
			}
		}
		e, err = s.enter(ctx, tx, again, byPassword, false, v)
		return err
	})
	return e, err
}

// withPassword returns the account of an address and its hash; both are empty
// where there is none.
func withPassword(ctx context.Context, tx *db.Tx, key string) (p Person, phc string, err error) {
	p, err = personByKey(ctx, tx, key)
	if err != nil && !notFound(err) {
		return p, "", err
	}
	phc, err = db.Get(ctx, tx, db.One[string], `SELECT hash FROM person_password WHERE person = $1`, p.ID)
	if notFound(err) {
		err = nil
	}
	return p, phc, err
}

func (s *Store) wrongPassword(ctx context.Context, key string, v Visit) error {
	return s.decide(ctx, func(tx *db.Tx) error {
		for l, whose := range map[limit][]string{passwordsHere: {key, v.Network}, passwordsAll: {key}, passwordsFrom: {v.Network}} {
			if err := s.count(ctx, tx, l, whose...); err != nil {
				return err
			}
		}
		return fault.New(fault.Invalid, "who.password_wrong")
	})
}

// rehash returns a hash with today's cost if the old one was made with another.
func (s *Store) rehash(ctx context.Context, password, phc string) (string, error) {
	if c, _, _, _ := parsePHC(phc); c == costNow {
		return "", nil
	}
	return s.kitchen.hash(ctx, password)
}
