package ballot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// SeedOf is the seed that a public text gives: SHA-256 of its bytes, in
// hexadecimal. printf '%s' TEXT | sha256sum
func SeedOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// rank is where a lot puts an option: HMAC-SHA256 of its id, keyed with the
// seed's 32 bytes (spec participation 6.6). The smallest comes first.
func rank(seed, option string) string {
	key, _ := hex.DecodeString(seed)
	m := hmac.New(sha256.New, key)
	m.Write([]byte(option))
	return hex.EncodeToString(m.Sum(nil))
}

// lot returns the options in the order that the seed gives them, or nil while
// there is no seed.
func lot(seed string, among []string) []string {
	if seed == "" {
		return nil
	}
	out := slices.Clone(among)
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(rank(seed, a), rank(seed, b)) })
	return out
}
