// Package secret makes and checks the small secrets of signing in: codes that
// are read aloud, codes that an app shows (TOTP, RFC 6238), and the box in which
// the app's secret is kept.
//
// It keeps nothing and knows no one. That a code serves once, and how often one
// may guess, is package who's to see to.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Code makes a code of 30 random bits in six characters that survive being
// read aloud. With five guesses a ticket and the limits on tickets, guessing
// one takes a stranger tens of thousands of years.
func Code() string {
	var b [6]byte
	rand.Read(b[:])
	const letters = "0123456789abcdefghjkmnpqrstvwxyz"
	for i := range b {
		b[i] = letters[b[i]&31]
	}
	return string(b[:])
}

// Heard reads a code as people type it.
func Heard(code string) string {
	return strings.NewReplacer(" ", "", "-", "", ".", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(strings.TrimSpace(code)))
}

// App is what an app needs to show codes.
type App struct {
	Secret string // in groups of four, for typing
	URI    string // for a QR code
}

// NewApp describes a secret for an account of a site.
func NewApp(site, email string, raw []byte) App {
	b32 := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	var groups []string
	for i := 0; i < len(b32); i += 4 {
		groups = append(groups, b32[i:min(i+4, len(b32))])
	}
	uri := "otpauth://totp/" + url.PathEscape(site+":"+email) + "?" + url.Values{"secret": {b32}, "issuer": {site}}.Encode()
	return App{Secret: strings.Join(groups, " "), URI: uri}
}

// Step returns the half minute to which a code belongs: the present one,
// the last or the next, as clocks differ.
func Step(secret []byte, code string, now time.Time) (int64, bool) {
	at := now.Unix() / 30
	for _, step := range []int64{at, at - 1, at + 1} {
		if hmac.Equal([]byte(At(secret, step)), []byte(code)) {
			return step, true
		}
	}
	return 0, false
}

// At is the code of a half minute, counted from 1970: RFC 6238 with SHA-1 and six figures, which every app speaks.
func At(secret []byte, step int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(step))
	m := hmac.New(sha1.New, secret)
	m.Write(b[:])
	sum := m.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Box encrypts what must be read back, with a key that is not in the database.
type Box struct{ key []byte }

// NewBox returns a box for a key of 32 bytes.
func NewBox(key []byte) Box { return Box{key} }

// Seal encrypts.
func (x Box) Seal(plain []byte) (string, error) {
	g, err := x.aead()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, g.NonceSize())
	rand.Read(nonce)
	return base64.RawStdEncoding.EncodeToString(g.Seal(nonce, nonce, plain, nil)), nil
}

// Unseal decrypts, and fails on what was changed or sealed with another key.
func (x Box) Unseal(sealed string) ([]byte, error) {
	g, err := x.aead()
	if err != nil {
		return nil, err
	}
	b, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(b) < g.NonceSize() {
		return nil, errors.New("a sealed secret is damaged")
	}
	plain, err := g.Open(nil, b[:g.NonceSize()], b[g.NonceSize():], nil)
	if err != nil {
		return nil, fmt.Errorf("a sealed secret does not open; was the site's secret changed? %w", err)
	}
	return plain, nil
}

func (x Box) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(x.key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
