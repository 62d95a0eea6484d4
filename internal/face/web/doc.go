// Package web turns requests into calls and results into pages.
//
// A Handler returns an error instead of writing one; the server turns it into
// a page in the reader's language, and the log alone sees the cause. Routes are
// declared with the access they need (Public, SignedIn, Needs), so that the
// whole surface is one list that tests can walk: Server.Routes.
//
// The server gives every request an id, a language, an actor, security headers
// and a limit on its body, and refuses cross-origin writes
// (http.CrossOriginProtection). Pages that nobody in particular asks for and
// that say so (Shared) come from a cache keyed by the version of the site's
// records; they carry ETags. What is for one person is never stored.
//
// The Content-Security-Policy allows scripts, styles and pictures only from the
// server's own /static/ folder and data addresses it makes itself; there is no
// inline script or style to allow, and an uploaded file can never run as one
// (docs/decisions/0004-csp.md says why not nonces).
package web
