package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// Serving says how a file is given out.
type Serving struct {
	Name   string // for the download; "" takes the hash
	Inline bool   // show it in a page; only pictures that cannot carry script obey
	Public bool   // anybody may see it: caches may keep it for ever
}

// Serve answers a GET or HEAD with a file: whole, in ranges, or 304 where the
// reader has it. Whether they may have it is for the caller to decide first.
// The error is db.ErrNotFound or a fault, returned before anything is written.
//
// The headers keep a hostile file harmless whatever it holds: it downloads
// instead of opening, its type is not guessed at, and if a browser opens it all
// the same it does so in a sandbox without scripts or origin.
func (s *Store) Serve(w http.ResponseWriter, r *http.Request, ref Ref, how Serving) error {
	body, err := s.seeker(r.Context(), ref.SHA256)
	if err != nil {
		return err
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", servedType(ref.Type))
	h.Set("Content-Disposition", Disposition(how.Inline && inlineTypes[ref.Type], orHash(how.Name, ref)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; object-src 'none'")
	h.Set("ETag", `"`+ref.SHA256+`"`)
	if how.Public {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "private, no-store")
	}
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}

// inlineTypes are what a browser may show in place.
var inlineTypes = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// servedType names the character set of text, as every body must, and hides
// what a browser would run.
func servedType(t string) string {
	switch {
	case t == "", t == "text/html", t == "image/svg+xml", t == "application/xhtml+xml", strings.HasSuffix(t, "/xml"):
		return "application/octet-stream"
	case strings.HasPrefix(t, "text/"), t == "application/json", t == "application/geo+json", t == "application/x-ndjson":
		return t + "; charset=utf-8"
	}
	return t
}

func orHash(name string, ref Ref) string {
	if name != "" {
		return name
	}
	return ref.SHA256
}

// Disposition makes the header Content-Disposition (RFC 6266): the name in
// plain ASCII for old browsers, and whole in UTF-8 (RFC 8187). Paths, control
// characters and direction marks, which can disguise what a file is, go.
func Disposition(inline bool, name string) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	name = cleanName(name)
	return fmt.Sprintf(`%s; filename="%s"; filename*=UTF-8''%s`, kind, asciiName(name), percentName(name))
}

// cleanName makes a name that is safe to offer: at most 150 characters, no
// folders, no leading dot.
func cleanName(name string) string {
	_, name, _ = lastCutOr(name, "/")
	_, name, _ = lastCutOr(name, `\`)
	name = strings.Map(func(r rune) rune {
		switch {
		case r < 32, r >= 0x7f && r < 0xa0, r == utf8.RuneError, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 150 {
		stem, ext, _ := lastCut(name, ".")
		if len([]rune(ext)) > 10 {
			ext = ""
		}
		name = string([]rune(stem)[:min(140, len([]rune(stem)))]) + "." + ext
	}
	if name = strings.Trim(name, " ."); name == "" {
		return "file"
	}
	return name
}

func lastCutOr(s, sep string) (before, after string, ok bool) {
	if before, after, ok = lastCut(s, sep); ok {
		return before, after, ok
	}
	return "", s, false
}

func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if r > 126 || r == '%' || r == '\\' || r == '"' {
			return '_'
		}
		return r
	}, name)
}

func percentName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// seeker opens a blob for http.ServeContent.
func (s *Store) seeker(ctx context.Context, sha string) (io.ReadSeekCloser, error) {
	if s.folder != "" && Valid(sha) {
		f, err := os.Open(s.path(sha))
		if err != nil {
			return nil, missing(err)
		}
		return f, nil // a file of the system's own is sent without passing through us
	}
	ref, err := s.Stat(ctx, sha)
	if err != nil {
		return nil, err
	}
	return &remote{ctx: ctx, s: s, ref: ref}, nil
}

// remote reads a blob of the bucket from wherever it was sought to, and asks
// the bucket for nothing until it is read.
type remote struct {
	ctx  context.Context
	s    *Store
	ref  Ref
	at   int64
	body io.ReadCloser
}

// Seek moves to a place; the next Read asks the bucket for it.
func (r *remote) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.ref.Size
	}
	if offset < 0 {
		return 0, errors.New("blob: seek before the beginning")
	}
	if offset != r.at {
		r.Close()
	}
	r.at = offset
	return offset, nil
}

// Read reads on from the place.
func (r *remote) Read(p []byte) (int, error) {
	if r.at >= r.ref.Size {
		return 0, io.EOF
	}
	if r.body == nil {
		body, err := r.s.Range(r.ctx, r.ref.SHA256, r.at, -1)
		if err != nil {
			return 0, err
		}
		r.body = body
	}
	n, err := r.body.Read(p)
	r.at += int64(n)
	return n, err
}

// Close ends the current request to the bucket.
func (r *remote) Close() error {
	if r.body == nil {
		return nil
	}
	body := r.body
	r.body = nil
	return body.Close()
}
