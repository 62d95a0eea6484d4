package who

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// address returns an e-mail address as it was written and the form in which it
// is compared, or false if it is none. The part before the @ must be ASCII:
// letters that only look alike, or become alike in lower case, would let one
// person pass for another. A domain in other letters is kept in its ASCII form.
func address(typed string) (as, key string, ok bool) {
	typed = strings.TrimSpace(typed)
	if len(typed) > 254 || strings.ContainsAny(typed, "\r\n\x00<>\"(),:;[]\\ \t") {
		return "", "", false
	}
	at := strings.LastIndexByte(typed, '@')
	if at < 1 || at > 64 || strings.IndexByte(typed, '@') != at {
		return "", "", false
	}
	domain, err := idna.Lookup.ToASCII(typed[at+1:])
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", "", false
	}
	as = typed[:at] + "@" + domain
	for i := range len(as) {
		if as[i] <= ' ' || as[i] >= 0x7f {
			return "", "", false
		}
	}
	if p, err := mail.ParseAddress(as); err != nil || p.Address != as {
		return "", "", false
	}
	return as, strings.ToLower(as), true
}

// digits returns the figures of a telephone number with its country, or false.
// A number of seven figures is one of Belize.
func digits(number string) (string, bool) {
	var b strings.Builder
	for i, c := range number {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case c == '+' && i == 0, c == ' ', c == '-', c == '(', c == ')', c == '.', c == '/':
		default:
			return "", false
		}
	}
	d := strings.TrimPrefix(b.String(), "00")
	if len(d) == 7 {
		d = "501" + d
	}
	return d, len(d) >= 8 && len(d) <= 15
}
