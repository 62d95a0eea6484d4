// Package password hashes passwords and refuses those that anybody would guess.
//
// Hashes are argon2id in the PHC form, with OWASP's parameters; one made at
// another cost is known as Stale, to be made anew when its owner next signs in.
// A Kitchen makes them one at a time, so that they never take more than one
// core from everything else, and its queue has an end.
//
// A password may be as long as anybody likes up to a thousand bytes, is never
// cut, and is compared in Unicode's NFC, so that it does not matter how a
// keyboard makes its accents. There are no rules of composition (NIST SP
// 800-63B; ASVS 6.2).
package password

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

	"ceiba/internal/ground/fault"
)

// cost is how dear a password's hash is: OWASP's first choice for argon2id.
type cost struct {
	memory, rounds uint32 // KiB, passes
	lanes          uint8
}

var costNow = cost{memory: 19 * 1024, rounds: 2, lanes: 1}

// Kitchen computes password hashes one at a time, so that they never take more
// than one core from everything else, with a queue that has an end.
type Kitchen struct {
	stove   chan struct{} // one place
	waiting chan struct{} // those who wait and the one who is served
}

const queueLength = 40 // about a second and a half at 40 ms each

// NewKitchen returns a kitchen with nobody waiting.
func NewKitchen() *Kitchen {
	return &Kitchen{stove: make(chan struct{}, 1), waiting: make(chan struct{}, queueLength)}
}

// cook runs work when it is its turn. With the queue full it answers at once
// that one should come back.
func (k *Kitchen) cook(ctx context.Context, work func()) error {
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

// Hash makes the hash of a password, in the PHC form. With too many waiting it
// refuses with Unavailable.
func (k *Kitchen) Hash(ctx context.Context, password string) (phc string, err error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	err = k.cook(ctx, func() { phc = costNow.phc(salt, costNow.derive(password, salt, 32)) })
	return phc, err
}

// Check reports whether password is the one of a hash. An empty hash costs the
// same time and never matches.
func (k *Kitchen) Check(ctx context.Context, password, phc string) (ok bool, err error) {
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

// Stale reports whether a hash was made at another cost than today's.
func Stale(phc string) bool {
	c, _, _, _ := parsePHC(phc)
	return c != costNow
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

// Refuse says what is wrong with a new password, of the field "password": it
// refuses what is too short, absurdly long or easily guessed.
// There are no rules about figures and signs: they make passwords no better.
func Refuse(password, email, site string) error {
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
