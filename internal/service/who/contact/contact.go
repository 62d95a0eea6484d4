// Package contact reads e-mail addresses and telephone numbers as people write
// them, gives each one form in which two can be compared, and keeps of a
// browser's name what its owner needs to know it again.
//
// It takes the strict side: what it accepts can be put into a letter's header,
// and two addresses that look alike are never one. It does not find out
// whether a mailbox or a telephone exists; only a code that was sent there can.
package contact

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// Email returns an e-mail address as it was written and the form in which it
// is compared, or false if it is none. The part before the @ must be ASCII:
// letters that only look alike, or become alike in lower case, would let one
// person pass for another. A domain in other letters is kept in its ASCII form.
func Email(typed string) (as, key string, ok bool) {
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

// Phone returns the figures of a telephone number with its country, or false.
// A number of seven figures is one of Belize.
func Phone(number string) (string, bool) {
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

// Device keeps of a User-Agent what tells one's own devices apart.
func Device(ua string) string {
	pick := func(list ...string) string {
		for i := 0; i < len(list); i += 2 {
			if strings.Contains(ua, list[i]) {
				return list[i+1]
			}
		}
		return ""
	}
	browser := pick("Edg", "Edge", "OPR/", "Opera", "SamsungBrowser", "Samsung Internet", "Firefox/", "Firefox", "FxiOS", "Firefox",
		"Chrome/", "Chrome", "CriOS", "Chrome", "Safari/", "Safari", "curl/", "curl")
	system := pick("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	return strings.Trim(browser+", "+system, ", ")
}
