// Package seal keeps scores from being changed after the fact: first each scorer
// commits to a score that nobody sees, then all are revealed, and at last
// everything that is published stands in one tree.
//
// A commitment is SHA-256 of the score in canonical JSON (RFC 8785) followed by
// a nonce of 32 random bytes. The score names its assignment, so that one
// scorer cannot take another's commitment for his own.
//
// A publication is a list of items: scores, computed results, moderations,
// replies, adjudications. Its root is that of a Merkle tree (RFC 6962,
// golang.org/x/mod/sumdb/tlog) over the items in the order of kind and id. The
// leaf of an item is its canonical JSON.
//
// What it promises: a score that differs in any byte from what was committed is
// refused. Whoever holds a publication's statement finds out if an item was
// changed, added or taken away, and which. Text comes back byte for byte; what
// is not UTF-8 is refused and not mended.
//
// It stops here: it signs nothing, and proves no time. The ledger does both when
// commitments and statements are appended to it. Who never reveals is seen, but
// what that score was is not.
package seal
