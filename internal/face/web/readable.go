package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"ceiba/internal/ground/db"
)

// readable makes of a request one whose address holds text alone: PostgreSQL
// refuses to look for NUL and for bytes that are no UTF-8, SQLite finds nothing.
// Such a path is of nothing that there is; of a query those bytes are taken out,
// as they are of forms.
func readable(r *http.Request) (*http.Request, error) {
	if unreadable(r.URL.Path) {
		return r, db.ErrNotFound
	}
	if asked, err := url.QueryUnescape(r.URL.RawQuery); err == nil && !unreadable(asked) {
		return r, nil
	}
	q := url.Values{}
	for name, values := range r.URL.Query() {
		for _, v := range values {
			q.Add(textOf(name), textOf(v))
		}
	}
	u := *r.URL
	u.RawQuery = q.Encode()
	r = r.WithContext(r.Context())
	r.URL = &u
	return r, nil
}

func unreadable(s string) bool { return !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 }

func textOf(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "") }
