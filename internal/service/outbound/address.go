package outbound

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
)

// special are the networks that are no place on the public internet. IPv6 is
// turned around: only 2000::/3 is public, and these are its exceptions.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's metadata, at a public number
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var public6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// Public reports whether a is an address on the public internet.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if a.Is6() && !public6.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// CheckURL reports what is wrong with an address that somebody typed, as a
// fault of kind Invalid. It looks nothing up: whether the name leads somewhere
// public shows when it is called.
func CheckURL(raw string) error { return Options{}.CheckURL(raw) }

// CheckURL is the function of that name, with the ports and networks allowed
// by o.
func (o Options) CheckURL(raw string) error {
	if len(raw) > 2000 || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return fault.New(fault.Invalid, "outbound.bad_url")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return fault.New(fault.Invalid, "outbound.bad_url").Wrap(err)
	}
	return o.checkURL(u)
}

func (o Options) checkURL(u *url.URL) error {
	host := strings.TrimSuffix(u.Hostname(), ".")
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Opaque != "", host == "", u.User != nil:
		return fault.New(fault.Invalid, "outbound.bad_url")
	case !o.portOK(portOf(u)) && !o.allowsHost(host):
		return fault.New(fault.Invalid, "outbound.port", "port", portOf(u))
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return o.check(a)
	}
	if numeric(host) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return refused(host)
	}
	return nil
}

// numeric reports whether a host that is no plain address may be read as one by
// some resolvers: 2130706433, 0x7f.1, 0177.0.0.1.
func numeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if rest, ok := strings.CutPrefix(strings.ToLower(last), "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

func (o Options) portOK(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && (n == 80 || n == 443 || slices.Contains(o.Ports, n))
}

func (o Options) allowed(a netip.Addr) bool {
	a = a.Unmap()
	return slices.ContainsFunc(o.Allow, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (o Options) allowsHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && o.allowed(a)
}

// check refuses an address that is not public, unless it is allowed.
func (o Options) check(a netip.Addr) error {
	if o.allowed(a) || Public(a) && !ours(a) {
		return nil
	}
	return refused(a.String())
}

// ours reports whether an address belongs to this machine.
func ours(a netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(all, func(x net.Addr) bool {
		p, err := netip.ParsePrefix(x.String())
		return err == nil && p.Addr().Unmap() == a.Unmap()
	})
}

func refused(where string) error {
	return fault.New(fault.Invalid, "outbound.refused", "host", where)
}
