// Package outbound is the one door through which Ceiba calls addresses that
// strangers gave: webhooks, push services, feeds to harvest, providers of
// sign-in. Through it nobody can make Ceiba ask what only Ceiba can reach.
//
// # Promises
//
//   - An address is judged when the connection is made, after its name was
//     looked up, by the number that is dialled: a name that changes its mind
//     between two look-ups gains nothing. The same on every redirect.
//   - Refused are loopback, private, link-local, unspecified, multicast,
//     documentation and other special networks, in IPv4, in IPv6 and where an
//     IPv6 address carries an IPv4 one (mapped, NAT64, 6to4, Teredo); the
//     metadata services of clouds; and this machine's own addresses.
//   - Only http and https, only ports 80 and 443 unless allowed, no user name in
//     an address, at most five redirects, no proxy from the environment, no
//     cookies, TLS 1.2 at least, and an end to every wait.
//
// # Limits
//
// What lies behind a public address of a neighbour's firewall is not known
// here. Servers that the operator names (mail, S3, clamd, the database) are not
// called through this door.
//
// Sources: IANA special-purpose address registries for IPv4 and IPv6 (RFC
// 6890), RFC 6052 and 8215 (NAT64), OWASP SSRF prevention.
package outbound
