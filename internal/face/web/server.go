package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// How long a part of an answer may take, where the database hangs and does not
// even refuse.
const (
	answerTime   = 30 * time.Second // of a handler
	identifyTime = 10 * time.Second // to find out who asks
	frameTime    = 3 * time.Second  // what stands around the sentence that the database is away
)

// Sessions finds out who comes. Both methods return a nobody for a token that
// is unknown, ended or revoked, and an error only if they could not look.
type Sessions interface {
	Session(ctx context.Context, token string) (who.Actor, error)
	Key(ctx context.Context, key string) (who.Actor, error)
}

// Config is what a server needs to know.
type Config struct {
	Words    *i18n.Catalog
	Policy   *who.Policy
	Sessions Sessions
	Log      *slog.Logger
	Base     string   // the public address, such as https://open.gov.bz; empty while developing
	Proxies  []string // networks whose X-Forwarded-* are believed, as CIDR
	Demo     bool
	Today    func() time.Time                            // the day this site goes by, where that is not the real one; else nil
	NoLimits bool                                        // whoever stands in front counts requests, or this is a load test
	Shows    func(ctx context.Context, lang string) bool // whether a language is offered; nil for all
	Site     func(ctx context.Context) ui.Site
	Nav      func(ctx context.Context, a who.Actor, path string) (nav, footer []ui.NavItem)
	Unread   func(ctx context.Context, a who.Actor) int // messages that wait; nil for none
	Version  func() string                              // changes whenever any public record does
	Now      func() time.Time                           // nil for the clock of the machine
	Observe  func(route, method string, status int, d time.Duration)
}

// LookUp bounds what a handler that Streams asks the database before it begins
// to send: only the sending may take its time.
func LookUp(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, answerTime)
}

// Server answers requests.
type Server struct {
	Config
	log     *slog.Logger
	routes  []Route
	mux     *http.ServeMux
	open    *http.ServeMux // what is marked FromAnywhere
	handler http.Handler
	proxies proxies
	limits  *limiter
	shared  *sharedCache
	hub     *hub
}

// NewServer wires the routes. A pattern that two modules claim is an error in
// the program and panics, as http.ServeMux does.
func NewServer(c Config, routes *Routes) (*Server, error) {
	trusted, err := parseProxies(c.Proxies)
	if err != nil {
		return nil, err
	}
	s := &Server{
		Config: c, log: c.Log, routes: routes.List(), mux: http.NewServeMux(), open: http.NewServeMux(), proxies: trusted,
		limits: newLimiter(time.Now), shared: newSharedCache(64 << 20), hub: newHub(),
	}
	for _, r := range s.routes {
		s.mux.Handle(r.Pattern(), s.route(r))
		if r.Anywhere {
			if !r.Access.Open() {
				return nil, fmt.Errorf("%s is for requests from anywhere, which carry no session, but asks for one", r.Pattern())
			}
			s.open.Handle(r.Pattern(), s.route(r))
		}
	}
	s.mux.Handle("/", s.route(Route{Method: "", Path: "/", Handler: notFound, Body: 1 << 20}))
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, errCrossOrigin) }))
	s.handler = s.outer(s.fromAnywhere(s.identify(csrf.Handler(s.mux))))
	return s, nil
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Routes returns every route, for the tests that walk them all.
func (s *Server) Routes() []Route { return s.routes }

// route wraps a handler with what its Route declares.
func (s *Server) route(rt Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o, ok := r.Context().Value(seenKey{}).(*seen); ok {
			o.route = rt.Pattern()
		}
		r, err := readable(r)
		if err == nil {
			err = s.serve(rt, w, r)
		}
		if err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *Server) serve(rt Route, w http.ResponseWriter, r *http.Request) error {
	actor := who.From(r.Context())
	if err := rt.Access.check(actor); err != nil {
		return err
	}
	if !s.NoLimits {
		if err := s.limits.allow(rt.Class, s.limitKey(r, actor)); err != nil {
			return err
		}
	}
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, rt.Body)
	}
	if rt.Shared && !actor.SignedIn() && r.Method == http.MethodGet && s.Version != nil {
		return s.shared.serve(s, rt, w, r)
	}
	if rt.Raw {
		r = r.WithContext(context.WithValue(r.Context(), hubKey{}, s.hub))
	} else {
		ctx, cancel := context.WithTimeout(r.Context(), answerTime)
		defer cancel()
		r = r.WithContext(ctx)
	}
	w.Header().Set("Cache-Control", "no-store") // a handler of public things says otherwise
	return rt.Handler(w, r)
}
