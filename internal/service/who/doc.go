// Package who knows people: who they are, how they proved it, what they may do.
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
package who
