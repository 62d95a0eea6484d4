package web

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Class groups routes that share a limit on their rate.
type Class int

// The classes. The burst lets a village behind one carrier address open a page
// with all its parts; what is left afterwards is the steady rate.
const (
	Reads  Class = iota // pages and plain queries
	Writes              // forms and API writes
	Heavy               // exports, aggregates, uploads
	Doors               // signing in, recovering, confirming
	Free                // health, static files: no limit
)

// budgets gives steady requests per second and burst for an address, and for a
// signed-in person or key.
var budgets = map[Class]struct{ address, person rate.Limit }{
	Reads: {20, 100}, Writes: {2, 20}, Heavy: {2, 5}, Doors: {0.5, 0.5},
}

var bursts = map[Class]struct{ address, person int }{
	Reads: {400, 1000}, Writes: {60, 400}, Heavy: {40, 80}, Doors: {20, 20},
}

// limiter keeps one bucket per class and client, in memory: each node counts
// for itself. What must hold across nodes (codes, ballots) counts in the
// database.
type limiter struct {
	now  func() time.Time
	mu   sync.Mutex
	seen map[limitKey]*bucket
	old  map[limitKey]*bucket // of the previous generation: bounded memory without a clock per bucket
}

type limitKey struct {
	class Class
	who   string
}

type bucket struct{ *rate.Limiter }

const maxBuckets = 50_000

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, seen: map[limitKey]*bucket{}}
}

// allow takes one token, or returns a fault that says when to come back.
func (l *limiter) allow(c Class, k limitKey) error {
	if c == Free || k.who == "" {
		return nil
	}
	k.class = c
	now := l.now()
	b := l.bucket(k)
	if b.AllowN(now, 1) {
		return nil
	}
	wait := time.Duration(float64(time.Second) / float64(b.Limit()))
	return fault.New(fault.TooMany, "web.too_many").After(wait)
}

func (l *limiter) bucket(k limitKey) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.seen[k]; ok {
		return b
	}
	if len(l.seen) >= maxBuckets {
		l.old, l.seen = l.seen, map[limitKey]*bucket{}
	}
	b, ok := l.old[k]
	if !ok {
		per, burst := budgets[k.class].address, bursts[k.class].address
		if k.who[0] == 'p' {
			per, burst = budgets[k.class].person, bursts[k.class].person
		}
		b = &bucket{rate.NewLimiter(per, burst)}
	}
	l.seen[k] = b
	return b
}

// limitKey names whoever is counted: the person or key, else the address, of
// which IPv6 hands out whole /64 networks.
func (s *Server) limitKey(r *http.Request, a who.Actor) limitKey {
	if a.Key != "" {
		return limitKey{who: "pk" + a.Key}
	}
	if a.SignedIn() {
		return limitKey{who: "p" + a.ID}
	}
	return limitKey{who: "a" + s.AddressGroup(r)}
}

// AddressGroup is the network a request came from: the IPv4 address, or the /64
// of IPv6. It is never stored.
func (s *Server) AddressGroup(r *http.Request) string {
	a := s.proxies.client(r)
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.Addr().String()
	}
	return a.String()
}

// Address returns the reader's network address as limits see it.
func Address(r *http.Request) string {
	return r.Context().Value(serverKey{}).(*Server).AddressGroup(r)
}
