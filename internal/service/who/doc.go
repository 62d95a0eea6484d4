// Package who knows people: who they are, how they proved it, what they may do.
//
// # Actors
//
// An Actor is whoever acts: a person, an API key on a person's behalf, the
// command line, or nobody. Every verb that changes something takes one and
// asks it first:
//
//	if err := actor.Must("dataset.write", who.In(d.OrgID)); err != nil {
//		return err
//	}
//
// What may be done is one table, Policy, to which each module adds its Rules.
// A rule names the roles that may do the action anywhere (Site), those that
// may do it for things of an organisation in which they hold the role (Org),
// and whether people may do it with what is their own (Own). What no rule
// names, nobody may do. An administrator may do everything that a rule names.
//
// Roles that act for an office (Staff) count only in a session with a passkey
// or a second factor. How well a person is known (Level) is kept apart from
// roles: it says what was proved, not what they do.
//
// # Signing in
//
// A Store keeps people and their ways in: a code by mail, a passkey, another
// site (OpenID Connect), a password for those who want one; and as a second
// factor a passkey, an app that shows codes, or a recovery code. Whoever proves
// an address by a code has an account, so asking for one tells nobody whether
// there was one before. Each ends in a session: a token in the browser, of
// which the database has a digest. What it promises:
//
//   - A code, a link, a challenge, a code of an app serves once, also when it
//     comes many times at the same moment, and for ten minutes.
//   - Signing in always gives a new token and ends the one that came along.
//   - Whoever is suspended, signed out or loses a role is so at once on the node
//     where it happens and within a second on every other; suspending revokes
//     keys for good, and restoring brings no session back.
//   - Ways to sign in change only in a session in which the person showed who
//     they are in the last quarter of an hour, with their second factor if they
//     have one, and never by an API key. The old address hears of a new one.
//   - Guessing is limited in the database, per account and per network, so that
//     all nodes agree and no stranger can lock an owner out.
//   - An account whose address nobody has proved loses what was set up on it
//     when its owner comes: it cannot be prepared for them by somebody else.
//   - No network address is kept, of a browser only a label, of a telephone
//     number only a keyed digest.
//
// Somebody who lost the second factor waits three days, while letters tell the
// owner (FinishRecovery), or shows who they are at the desk (LetIn).
//
// # Data of one's own
//
// Export hands out everything, from this module and from every Personal that
// is registered; Erase makes all of it nobody's, in one transaction.
//
// # Limits
//
// Sessions of staff end after 12 hours unused and 7 days, others after 30 and
// 180 days. A level rises only by an officer who has seen the proof (Assure):
// codes by telephone need a sender that is not here. Whoever has the site's
// Secret and the database can recognise telephone numbers by trying them.
//
// Sources: OWASP ASVS 5 (V6, V7), NIST SP 800-63B, RFC 6238, WebAuthn level 3;
// the faults that others had are named beside the tests that look for them.
package who
