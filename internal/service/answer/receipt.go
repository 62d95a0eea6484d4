package answer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"

	"ceiba/internal/ground/id"
)

// crockford is the alphabet of receipts: no i, l, o or u.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var letters = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)

// codeLength is how many characters a receipt has: 50 bits.
const codeLength = 10

// keyed is a digest that nobody without the secret can make.
func (o *Office) keyed(purpose string, parts ...string) []byte {
	m := hmac.New(sha256.New, o.Secret)
	m.Write([]byte("answer." + purpose))
	for _, p := range parts {
		m.Write([]byte{0})
		m.Write([]byte(p))
	}
	return m.Sum(nil)
}

// code makes the receipt of a seed: the same seed gives the same receipt, so that
// a form sent twice shows one. An empty seed gives a random one.
func (o *Office) code(seed string) string {
	if seed == "" {
		seed = id.Random()
	}
	return letters.EncodeToString(o.keyed("code", seed))[:codeLength]
}

// Receipt is the receipt that Giving.Seed makes.
func (o *Office) Receipt(seed string) string { return o.code(seed) }

// digest is what the database keeps of a receipt.
func (o *Office) digest(code string) string { return hex.EncodeToString(o.keyed("receipt", code)) }

// Grouped is a receipt as people read it: 5 characters, a hyphen, 5 more.
func Grouped(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:5] + "-" + code[5:]
}

// misread are the characters that people write for others.
var misread = strings.NewReplacer("O", "0", "I", "1", "L", "1", "U", "V")

// ReadCode reads a receipt as somebody typed it: in any case, however grouped,
// with O for 0 and I or L for 1. What cannot be one becomes another text of the
// same kind that nobody has, so that looking for it costs the same.
func ReadCode(typed string) string {
	var b strings.Builder
	for _, r := range misread.Replace(strings.ToUpper(typed)) {
		if strings.ContainsRune(crockford, r) {
			b.WriteRune(r)
		} else if !strings.ContainsRune(" -_.\u2010\u2011\u2012\u2013\u2014\u00a0\t", r) {
			return "?"
		}
	}
	if b.Len() != codeLength {
		return "?"
	}
	return b.String()
}
