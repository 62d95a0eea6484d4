// Package activity is the append-only log of what happened, and the one way in
// which parts of Ceiba hear of each other.
//
// Every change of a record appends an Entry in the transaction that makes the
// change: who, what, when, which record, before and after. Nothing is
// rewritten; a correction is a new entry.
//
// A row is a public envelope and an erasable payload. The envelope holds a
// digest of the payload with a salt, and is what the ledger proves; erasing a
// person deletes payloads and salts, and every proof still holds. That something
// was erased, how much and at whose request, is an entry too, which names nobody.
// The envelope of an entry that is not public says only when, and the digest.
//
// # Order
//
// Transactions commit in another order than they begin. A row is therefore
// written without a position, and gets a gapless seq when it is committed: from
// the single writer itself on SQLite, from one worker at a time on PostgreSQL
// (Log.Run). Listeners read by seq alone, so none can miss a slow transaction.
//
// # Listeners
//
// A Listener handles batches of events, in order, one batch at a time in the
// whole cluster, in a transaction that also moves its cursor: what it writes to
// the database happens exactly once. What lies outside the database (mail, a
// webhook, a search engine) it hands to a job. A listener that fails is tried
// again with growing pauses and blocks only itself; Log.Lag says who is behind.
package activity
