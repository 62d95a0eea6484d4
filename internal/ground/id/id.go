// Package id makes identifiers.
//
// Most records carry a UUIDv7: 36 lower-case characters that sort by the
// moment of creation, so that an index on them grows at one end. Where the
// moment would unmask somebody (a ballot, a receipt, an anonymous report) or a
// guess would open a door (a session, an invitation), Random gives 128 bits
// that say nothing.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"strings"
	"time"
)

// New returns a UUIDv7 (RFC 9562) for something made at now. The twelve bits
// behind the milliseconds are their fraction (6.2, method 3), so that what two
// transactions made within one millisecond sorts as they came.
func New(now time.Time) string {
	var b [16]byte
	rand.Read(b[8:]) // never fails: crypto/rand stops the program instead
	ms, part := uint64(now.UnixMilli()), now.Nanosecond()%1e6*4096/1e6
	b[0], b[1], b[2], b[3], b[4], b[5] = byte(ms>>40), byte(ms>>32), byte(ms>>24), byte(ms>>16), byte(ms>>8), byte(ms)
	b[6], b[7] = byte(part>>8), byte(part)
	return format(b, 7)
}

// Nth returns a UUIDv7 for the n-th thing made at now: those with a smaller n,
// below 4096, sort before it (RFC 9562, 6.2, method 1).
func Nth(now time.Time, n int) string {
	s := []byte(New(now))
	const digits = "0123456789abcdef"
	n = min(n, 0xfff)
	s[15], s[16], s[17] = digits[n>>8], digits[n>>4&15], digits[n&15]
	return string(s)
}

// Random returns a UUIDv4: 122 random bits and no time.
func Random() string {
	var b [16]byte
	rand.Read(b[:])
	return format(b, 4)
}

func format(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// Valid reports whether s has the form of an identifier made here. Every id
// that arrives from outside passes through it before it is used.
func Valid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

var sayable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Secret returns a token of 160 random bits in 32 characters that survive
// being read aloud (Crockford's base32: no i, l, o or u).
func Secret() string {
	var b [20]byte
	rand.Read(b[:])
	return sayable.EncodeToString(b[:])
}

// Slug makes a readable address from a title: lower-case ASCII letters and
// digits joined by single hyphens, at most 80 characters, never empty and
// never of the form of an id.
func Slug(title string) string {
	var b strings.Builder
	for _, r := range Fold(title) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 80 {
			break
		}
	}
	s := strings.Trim(b.String(), "-")
	if s == "" || Valid(s) {
		return "x-" + strings.ToLower(rand.Text()[:8])
	}
	return s
}
