package check

import (
	"net/netip"
	"regexp"
	"strings"
	"time"
)

var rfc3339 = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

// isDateTime is what lib-cove-ocds takes for a date-time: RFC 3339, without leap
// seconds and the year 0, and with days that the calendar has.
func isDateTime(s string) bool {
	if !rfc3339.MatchString(s) || strings.HasPrefix(s, "0000") {
		return false
	}
	_, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	return err == nil
}

// dateRule says what is wrong with a text that is no date-time.
func dateRule(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "date.empty"
	}
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return "date.day"
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime} {
		if _, err := time.Parse(layout, s); err == nil {
			return "date.zone"
		}
	}
	return "date.other"
}

var (
	scheme = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)
	future = regexp.MustCompile(`^[vV][0-9a-fA-F]+\.[a-zA-Z0-9._~!$&'()*+,;=:-]+$`)
	port   = regexp.MustCompile(`^(:[0-9]*)?$`)
)

// isURI follows RFC 3986, section 3, as lib-cove-ocds does.
func isURI(s string) bool {
	begin := scheme.FindString(s)
	if begin == "" {
		return false
	}
	rest, fragment, _ := strings.Cut(s[len(begin):], "#")
	rest, query, _ := strings.Cut(rest, "?")
	if !of(fragment, "/?:@") || !of(query, "/?:@") {
		return false
	}
	if !strings.HasPrefix(rest, "//") {
		return of(rest, "/:@")
	}
	authority, way, _ := strings.Cut(rest[2:], "/")
	return isAuthority(authority) && of(way, "/:@")
}

func isAuthority(s string) bool {
	user, host, ok := strings.Cut(s, "@")
	if !ok {
		user, host = "", s
	}
	if !of(user, ":") {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		address, rest, closed := strings.Cut(inner, "]")
		ip, err := netip.ParseAddr(address)
		return closed && port.MatchString(rest) && (err == nil && ip.Is6() && ip.Zone() == "" || future.MatchString(address))
	}
	name, _, _ := strings.Cut(host, ":")
	return of(name, "") && port.MatchString(host[len(name):])
}

// of reports whether a piece of a URI holds nothing but unreserved characters,
// sub-delimiters, percent-encodings, and what more allows.
func of(s, more string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case strings.IndexByte("-._~!$&'()*+,;=", c) < 0 && strings.IndexByte(more, c) < 0:
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// uriRule says what is wrong with a text that is no URI.
func uriRule(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "uri.empty"
	case scheme.MatchString(s):
		return "uri.characters"
	}
	return "uri.other"
}
