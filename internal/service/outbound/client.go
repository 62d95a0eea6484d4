package outbound

import (
	"context"
	"crypto/tls"
	"embed"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"ceiba/internal/ground/fault"
)

// Words are the sentences of this package, for the catalogue.
//
//go:embed locale/*.json
var Words embed.FS

// Options say what a client may reach. The zero Options reach the public
// internet at ports 80 and 443.
type Options struct {
	Allow     []netip.Prefix // networks that may be called although they are not public, at any port: tests and the operator's own
	Ports     []int          // further ports
	Timeout   time.Duration  // of a whole exchange with its body; 0 is 30 seconds
	Redirects int            // how many are followed; 0 is 5, negative is none
	UserAgent string
	Resolver  *net.Resolver // nil is the system's
}

// Client returns a client that keeps the promises of this package. It may be
// used by many goroutines, and should be made once.
func Client(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Redirects == 0 {
		o.Redirects = 5
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, Resolver: o.Resolver, ControlContext: o.control}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  20 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConns:           20,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	return &http.Client{
		Transport:     guard{o, transport},
		Timeout:       o.Timeout,
		CheckRedirect: o.redirect,
	}
}

// control judges the number that is about to be dialled.
func (o Options) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return refused(address)
	}
	return o.check(to.Addr())
}

func (o Options) redirect(r *http.Request, via []*http.Request) error {
	switch {
	case o.Redirects < 0:
		return http.ErrUseLastResponse
	case len(via) > o.Redirects:
		return fault.New(fault.Invalid, "outbound.redirects", "max", o.Redirects)
	case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
		return refused(r.URL.Host)
	}
	return o.checkURL(r.URL)
}

// guard looks at the address of every request, redirects included.
type guard struct {
	o    Options
	next *http.Transport
}

// CloseIdleConnections is what http.Client's method of that name looks for.
func (g guard) CloseIdleConnections() { g.next.CloseIdleConnections() }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.o.checkURL(r.URL); err != nil {
		return nil, err
	}
	if g.o.UserAgent != "" && r.Header.Get("User-Agent") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("User-Agent", g.o.UserAgent)
	}
	return g.next.RoundTrip(r)
}

// Refused reports whether err says that an address may not be called at all, so
// that trying again is of no use.
func Refused(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.Invalid
}

// ReadAll reads a body of at most max bytes; a longer one is fault.TooLarge.
func ReadAll(r io.Reader, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(b)) > max {
		return nil, fault.New(fault.TooLarge, "outbound.too_large", "max", max>>10)
	}
	return b, err
}
