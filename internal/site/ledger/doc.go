// Package ledgersite shows the tamper-evident log to everybody: as files for
// programs that watch it, as pages for people who want to know whether they can
// believe what they read, and as evidence to take away.
//
// Below /ledger stand the files of C2SP tlog-tiles, so that /ledger is the
// log's prefix for any client: /ledger/checkpoint, /ledger/tile/LEVEL/INDEX and
// /ledger/tile/entries/INDEX. Tiles never change and may be kept for ever; the
// checkpoint changes every few seconds.
//
// Promises: a page, a proof and a pack tell only of entries that are public, and
// a pack only of records that anybody may see; what is private or unknown gives
// the same answer. The tiles hold every entry, the private ones by their digest
// alone (see service/ledger).
//
// Limits: watching that the log is append-only takes a program elsewhere that
// keeps old checkpoints; these pages say so and do not pretend to be it.
//
// Sources: C2SP tlog-tiles and tlog-checkpoint; RFC 6962 section 2.1.1.
package ledgersite
