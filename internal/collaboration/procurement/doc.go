// Package procurement keeps what public bodies buy: each contracting process with
// what was planned, asked, awarded, signed and paid, by the Open Contracting Data
// Standard (OCDS).
//
// # One way in
//
// Everything comes as releases: a file that somebody publishes (Import), or what an
// officer of a body without such a system writes (Enter). Releases are kept as they
// came and never changed. How a process stands is worked out from them, by package
// ocds/merge, exactly as the standard says: the compiled release, from which the
// columns of Process, its parties and its contracts are read (Facts). So what is
// published again is what was published, and anybody can merge it again.
//
// # What it promises
//
//   - An import can be cut off and begun again at any time: what is here already is
//     passed over, and nothing is counted twice.
//   - What could not be read is told with its line and place, and costs nothing but
//     itself. A release that cannot be merged with the others is kept, and its
//     process says so (Process.Trouble).
//   - An import appends one entry to the log, with a digest over its releases in
//     their order; a process written here has its own entries.
//   - Data are taken tolerantly, as publishers have them: amounts as text, ids that
//     are numbers, dates without a time. Nothing is guessed: what is not said stays
//     empty.
//
// # Who is who
//
// Organisations are told apart by a key: their identifier with its scheme, or the id
// that the file gives them, or their name without accents and case. So one company
// under two ids is two here; the key says which it was.
//
// # Limits
//
// Extensions of OCDS are kept in the releases, and merged by the rules of the core.
// Amounts are kept with two decimals; larger ones than 90 quadrillion are left out of
// the columns. Amounts in different currencies are not added.
//
// Source: OCDS 1.1.5, https://standard.open-contracting.org/1.1/en/.
package procurement
