package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// Handler is an http.Handler that may fail. It writes only what it means to
// say; an error becomes a page (or JSON, where the client asked for it).
type Handler func(w http.ResponseWriter, r *http.Request) error

// Explain turns any error into the fault that its reader is told, so that web
// and api agree: what no fault says is a plain Internal.
func Explain(err error) *fault.Error {
	var e *fault.Error
	var fields fault.Fields
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return e
	case errors.As(err, &fields):
		return fault.New(fault.Invalid, "web.fields")
	case errors.Is(err, db.ErrNotFound):
		return fault.New(fault.NotFound, "web.not_found")
	case errors.Is(err, db.ErrConflict):
		return fault.New(fault.Conflict, "web.conflict")
	case errors.Is(err, db.ErrExists):
		return fault.New(fault.Conflict, "web.exists")
	case errors.Is(err, db.ErrCursor):
		return fault.New(fault.Malformed, "web.cursor")
	case errors.Is(err, db.ErrFull):
		return fault.New(fault.Full, "web.disk_full").Wrap(err)
	case errors.Is(err, db.ErrDoubt):
		return fault.New(fault.Unavailable, "web.doubt").Wrap(err)
	case errors.Is(err, db.ErrAway):
		return fault.New(fault.Unavailable, "web.away").Wrap(err)
	case errors.As(err, &tooBig):
		return fault.New(fault.TooLarge, "web.too_large", "max", tooBig.Limit)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Timeout, "web.timeout").Wrap(err)
	}
	return fault.New(fault.Internal, "web.internal").Wrap(err)
}

// Status is the HTTP status of a kind of fault.
func Status(k fault.Kind) int {
	return [...]int{
		fault.Internal: 500, fault.Invalid: 422, fault.SignIn: 401, fault.Denied: 403, fault.NotFound: 404,
		fault.Gone: 410, fault.Conflict: 409, fault.TooLarge: 413, fault.TooMany: 429, fault.Unavailable: 503,
		fault.Full: 507, fault.Timeout: 504, fault.Malformed: 400,
	}[k]
}

// fail answers a request whose handler returned err.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	ctx := r.Context()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return // the client left
	}
	f := Explain(err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable || f.Kind == fault.Full {
		level := slog.LevelError
		if f.Kind == fault.Unavailable { // it passes by itself
			level = slog.LevelWarn
		}
		s.log.LogAttrs(ctx, level, "request failed", slog.String("id", RequestID(ctx)),
			slog.String("method", r.Method), slog.String("route", r.Pattern), slog.String("err", err.Error()))
	}
	w.Header().Set("Cache-Control", "no-store")
	if f.Kind == fault.SignIn && r.Method == http.MethodGet && wantsPage(r) {
		Redirect(w, r, "/sign-in?next="+escapeNext(r))
		return
	}
	wait(w, f)
	p := i18n.From(ctx)
	if !wantsPage(r) {
		problem(w, Status(f.Kind), p.Fault(f))
		return
	}
	title := p.T("web.title." + strconv.Itoa(Status(f.Kind)))
	body := faultPage(title, p.Fault(f), RequestID(ctx), sentences(p, err))
	if f.Kind == fault.Unavailable || f.Kind == fault.Timeout {
		short, cancel := context.WithTimeout(context.WithoutCancel(ctx), frameTime)
		defer cancel()
		r = r.WithContext(short)
	}
	if err := s.Page(w, r, Status(f.Kind), ui.Page{Title: title, Private: true}, body); err != nil {
		s.log.ErrorContext(ctx, "error page failed", "err", err)
	}
}

// sentences lists what is wrong with each field, for a form whose handler did
// not show it again.
func sentences(p *i18n.Printer, err error) []string {
	var fields fault.Fields
	if !errors.As(err, &fields) {
		return nil
	}
	var out []string
	for _, f := range fields {
		out = append(out, f.Name+": "+p.T(f.Key, f.Args...))
	}
	return out
}

// wantsPage reports whether the client reads HTML.
func wantsPage(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") || strings.HasSuffix(r.URL.Path, ".json") {
		return false
	}
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*")
}

// LogFailure writes a failure that is answered elsewhere (the API) to the log
// of the server that carries ctx.
func LogFailure(ctx context.Context, err error) {
	if s, ok := ctx.Value(serverKey{}).(*Server); ok {
		s.log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("id", RequestID(ctx)), slog.String("err", err.Error()))
	}
}
