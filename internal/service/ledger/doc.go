// Package ledger makes the log of what happened tamper-evident: whoever has
// seen a checkpoint of it can find out whether anything before was changed,
// taken away or slipped in, by us or by anybody else.
//
// Each sequenced entry of package activity is a leaf of one Merkle tree (RFC
// 6962, golang.org/x/mod/sumdb/tlog): entry seq is leaf seq-1. The leaf is the
// entry's envelope, which holds a salted digest of its payload; erasing a person
// deletes payload and salt, and every proof still holds. The tree grows in the
// transaction of a listener (Ledger.Listener). Ledger.Publish signs its root as
// a checkpoint, witnesses may add their signatures, and both are served as
// static files (Ledger.File).
//
// # Promises
//
//   - Any change of an entry made directly in the database is found by
//     VerifySite, which names the entry and what is wrong with it. Of an entry
//     that is not public the envelope tells only when, so its other columns are
//     sealed with a key that is kept outside the database.
//   - A checkpoint is signed only if the tree before it is what the last one
//     said. The last one is also kept in a file beside the key, so that an older
//     database put in place of a newer one is found at the next start (Guard).
//   - A pack (Ledger.Pack, VerifyPack) proves the entries of one record without
//     this site, its database or the network.
//
// # Limits
//
// An entry is provable once a checkpoint covers it, a few seconds after it was
// written; before that, whoever holds the database can still change it. Whoever
// holds database and key can make a new history: only a checkpoint that somebody
// else has kept, a witness best of all, tells that it is another. A pack proves
// what it contains and not that it is complete: that takes the entries of the
// whole log. A payload that is gone is reported as erased, whoever took it away:
// whoever erases on request should append an entry that says so. Every node of
// a site needs the same key file, and losing it means a new log. The seals can
// only be checked where the key is. Witnesses sign with Ed25519, as
// cosignature/v1 or as a plain note; ML-DSA is not in Go's library yet.
//
// Sources: RFC 6962 section 2; C2SP tlog-tiles, tlog-checkpoint, signed-note
// and tlog-cosignature; research.swtch.com/tlog.
package ledger
