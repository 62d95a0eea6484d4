package web

import (
	"net/http"
	"slices"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Access is what a route asks of whoever comes. It is the outer door; the verb
// behind it asks again about the very thing.
type Access struct {
	signedIn bool
	action   string
}

// The accesses beside Needs.
var (
	Public   = Access{}
	SignedIn = Access{signedIn: true}
)

// Needs is the access of a route that is for those who may do action somewhere.
func Needs(action string) Access { return Access{signedIn: true, action: action} }

// Action returns the action that the access asks for, or "".
func (a Access) Action() string { return a.action }

// Open reports whether nobody in particular may come.
func (a Access) Open() bool { return !a.signedIn }

func (a Access) check(actor who.Actor) error {
	switch {
	case !a.signedIn:
		return nil
	case !actor.SignedIn():
		return fault.New(fault.SignIn, "who.sign_in")
	case a.action != "" && !actor.MayAnywhere(a.action):
		return mustSomewhere(actor, a.action)
	}
	return nil
}

// mustSomewhere gives the reason that mends most: a missing second factor is
// said even if the role is held in one organisation only.
func mustSomewhere(actor who.Actor, action string) error {
	err := actor.Must(action, who.Site)
	for _, g := range actor.Grants {
		if g.Org == "" {
			continue
		}
		if e, ok := actor.Must(action, who.In(g.Org)).(*fault.Error); ok && e.Key != "who.denied" {
			return e
		}
	}
	return err
}

// Route is one address and what stands behind it.
type Route struct {
	Method, Path string
	Access       Access
	Handler      Handler
	Body         int64 // the largest body, in bytes
	Shared       bool  // the same for everybody who is not signed in: may be cached
	Daily        bool  // … until the day ends in Belize
	Class        Class // which limit on its rate applies
	Raw          bool  // the handler writes by itself: no limit on time
	Anywhere     bool  // other sites may send here, and who is signed in does not matter
}

// Pattern is the route in the form of http.ServeMux.
func (r Route) Pattern() string { return r.Method + " " + r.Path }

// Option changes a Route.
type Option func(*Route)

// Body allows bodies of up to n bytes; without it a megabyte.
func Body(n int64) Option { return func(r *Route) { r.Body = n } }

// Daily marks what is Shared but changes with the day too, as Belize counts it:
// what is late, what is open.
func Daily(r *Route) { r.Shared, r.Daily = true, true }

// Shared marks what is the same for all who are not signed in and changes only
// with the site's records, so that it can come from the cache.
func Shared(r *Route) { r.Shared = true }

// Streams marks a handler that takes its time: an upload, a download, events.
func Streams(r *Route) { r.Raw = true }

// FromAnywhere marks the target of requests that other sites or programs send
// and that carry their own proof: a signed link, a signed body. Such a route is
// not asked whether the request came from this site; in return it sees no
// cookies and no key, so that nobody can make a signed-in browser act through
// it. Its access must be Public.
func FromAnywhere(r *Route) { r.Anywhere = true }

// Limit puts the route into another class of rate limit.
func Limit(c Class) Option { return func(r *Route) { r.Class = c } }

// Routes collects the routes of the modules.
type Routes struct{ list []Route }

// Get adds a page or a file; HEAD is answered too.
func (rs *Routes) Get(path string, a Access, h Handler, o ...Option) {
	rs.add("GET", path, a, h, o)
}

// Post adds a form's target.
func (rs *Routes) Post(path string, a Access, h Handler, o ...Option) {
	rs.add("POST", path, a, h, o)
}

// Method adds a route of any other method.
func (rs *Routes) Method(method, path string, a Access, h Handler, o ...Option) {
	rs.add(method, path, a, h, o)
}

func (rs *Routes) add(method, path string, a Access, h Handler, options []Option) {
	r := Route{Method: method, Path: path, Access: a, Handler: h, Body: 1 << 20, Class: Reads}
	if method != http.MethodGet {
		r.Class = Writes
	}
	for _, o := range options {
		o(&r)
	}
	rs.list = append(rs.list, r)
}

// List returns the routes, sorted by path and method.
func (rs *Routes) List() []Route {
	out := slices.Clone(rs.list)
	slices.SortFunc(out, func(a, b Route) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return out
}
