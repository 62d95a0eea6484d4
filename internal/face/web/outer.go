package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

var errCrossOrigin = fault.New(fault.Denied, "web.cross_origin")

type (
	idKey   struct{}
	seenKey struct{}
)

// seen is what the access log says of a request. It holds no address, no
// agent and no query: none of them is needed to run the site.
type seen struct{ route string }

// RequestID returns the id that the log and the error page share.
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(idKey{}).(string)
	return s
}

// recorder remembers the status and size of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	size   int64
	secure bool // the reader's connection is encrypted
}

func (w *recorder) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

// begin comes before the first byte: where the connection is encrypted no
// cookie may travel over another, whoever sets it.
func (w *recorder) begin(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	for i, c := range w.Header()["Set-Cookie"] {
		if w.secure && !strings.Contains(c, "; Secure") {
			w.Header()["Set-Cookie"][i] = c + "; Secure"
		}
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	n, err := w.ResponseWriter.Write(b)
	w.size += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered.
func (w *recorder) Flush() { http.NewResponseController(w.ResponseWriter).Flush() }

// outer is what every request passes: id, log, panic, security headers,
// language, compression.
func (s *Server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		o := &seen{}
		id := strings.ToLower(rand.Text()[:12])
		ctx := context.WithValue(r.Context(), idKey{}, id)
		ctx = context.WithValue(ctx, seenKey{}, o)
		ctx = context.WithValue(ctx, serverKey{}, s)
		ctx = i18n.With(ctx, s.Words.For(s.language(w, r)))
		r = r.WithContext(ctx)
		s.securityHeaders(w, r)
		w.Header().Set("X-Request-Id", id)
		cw := compress(w, r)
		rec := &recorder{ResponseWriter: cw, secure: s.secure(r)}
		defer func() {
			if p := recover(); p != nil {
				s.recovered(rec, r, p)
			}
			cw.Close()
			s.observe(ctx, r, o, rec, time.Since(start))
		}()
		if r.Method == http.MethodTrace {
			http.Error(rec, "TRACE is not answered", http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(rec, r)
	})
}

func (s *Server) recovered(w *recorder, r *http.Request, p any) {
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.log.Error("panic", "id", RequestID(r.Context()), "route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status == 0 {
		s.fail(w, r, fault.New(fault.Internal, "web.internal"))
	}
}

func (s *Server) observe(ctx context.Context, r *http.Request, o *seen, rec *recorder, d time.Duration) {
	if s.Observe != nil {
		s.Observe(o.route, r.Method, rec.status, d)
	}
	if s.log.Enabled(ctx, slog.LevelInfo) && !strings.HasPrefix(r.URL.Path, "/static/") {
		s.log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("id", RequestID(ctx)), slog.String("method", r.Method),
			slog.String("route", o.route), slog.Int("status", rec.status), slog.Int64("bytes", rec.size),
			slog.Duration("took", d))
	}
}

// securityHeaders sets what every answer carries. The policy names the host,
// because only a source with a host can be narrowed to the folder /static/.
func (s *Server) securityHeaders(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	static := "'self'"
	if host := r.Host; plainHost(host) {
		static = host + "/static/"
	}
	frame := "'none'"
	if strings.HasPrefix(r.URL.Path, "/embed/") {
		frame = "*"
	} else {
		h.Set("X-Frame-Options", "DENY")
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src "+static+"; style-src "+static+
		"; font-src "+static+"; img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors "+frame)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(), payment=()")
	if s.secure(r) {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

func plainHost(h string) bool {
	if h == "" || len(h) > 255 {
		return false
	}
	for i := range len(h) {
		c := h[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".-:[]", c) >= 0) {
			return false
		}
	}
	return true
}

// secure reports whether the reader's own connection is encrypted.
func (s *Server) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(s.Base, "https://") || s.proxies.proto(r) == "https"
}

const langCookie = "ceiba_lang"

// language decides by ?lang=, which also sets the cookie, then by the cookie,
// then by what the browser says.
func (s *Server) language(w http.ResponseWriter, r *http.Request) string {
	if q := r.URL.RawQuery; strings.Contains(q, "lang=") {
		if l := r.URL.Query().Get("lang"); i18n.Known(l) {
			http.SetCookie(w, &http.Cookie{Name: langCookie, Value: l, Path: "/", MaxAge: 365 * 86400, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: s.secure(r)})
			return l
		}
	}
	if c, err := r.Cookie(langCookie); err == nil && i18n.Known(c.Value) {
		return c.Value
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		code, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if i18n.Known(code) {
			return code
		}
	}
	return "en"
}

// SessionCookie is the name of the cookie that holds a session's token. The
// prefix __Host- binds it to this host over an encrypted connection; without
// encryption browsers refuse it, so development uses another name.
func SessionCookie(secure bool) string {
	if secure {
		return "__Host-ceiba"
	}
	return "ceiba_dev"
}

// SetSession gives the reader's browser a session token, or ends it with "".
func SetSession(w http.ResponseWriter, r *http.Request, token string, maxAge time.Duration) {
	s := r.Context().Value(serverKey{}).(*Server)
	c := &http.Cookie{
		Name: SessionCookie(s.secure(r)), Value: token, Path: "/", HttpOnly: true, Secure: s.secure(r),
		SameSite: http.SameSiteLaxMode, MaxAge: int(maxAge.Seconds()),
	}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// SessionToken returns the session token that the browser sent, or "".
func SessionToken(r *http.Request) string {
	s := r.Context().Value(serverKey{}).(*Server)
	c, err := r.Cookie(SessionCookie(s.secure(r)))
	if err != nil {
		return ""
	}
	return c.Value
}

// credentials are the headers by which a request says who sends it.
var credentials = []string{"Cookie", "Authorization", "X-Ceiba-Key", "X-CKAN-API-Key"}

// fromAnywhere answers the routes of that mark as nobody, without the headers
// that could tell who it is, and passes on everything else.
func (s *Server) fromAnywhere(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := s.open.Handler(r); pattern == "" {
			next.ServeHTTP(w, r)
			return
		}
		r = r.Clone(who.With(r.Context(), who.Nobody(s.Policy)))
		for _, h := range credentials {
			r.Header.Del(h)
		}
		s.open.ServeHTTP(w, r)
	})
}

// identify finds the actor: by an API key in Authorization or X-Ceiba-Key
// (and X-CKAN-API-Key, which CKAN's clients send), else by the session.
func (s *Server) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor := who.Nobody(s.Policy)
		var err error
		ctx, cancel := context.WithTimeout(r.Context(), identifyTime)
		defer cancel()
		if key := apiKey(r); key != "" {
			actor, err = s.Sessions.Key(ctx, key)
			if err == nil && !actor.SignedIn() {
				err = fault.New(fault.SignIn, "web.bad_key")
			}
		} else if token := SessionToken(r); token != "" && !strings.HasPrefix(r.URL.Path, "/static/") {
			actor, err = s.Sessions.Session(ctx, token)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			err = fault.New(fault.Unavailable, "web.away").Wrap(err)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(who.With(r.Context(), actor)))
	})
}

func apiKey(r *http.Request) string {
	if a := r.Header.Get("Authorization"); a != "" {
		return strings.TrimSpace(strings.TrimPrefix(a, "Bearer "))
	}
	if k := r.Header.Get("X-Ceiba-Key"); k != "" {
		return k
	}
	return r.Header.Get("X-CKAN-API-Key")
}

func notFound(w http.ResponseWriter, r *http.Request) error {
	return fault.New(fault.NotFound, "web.not_found")
}
