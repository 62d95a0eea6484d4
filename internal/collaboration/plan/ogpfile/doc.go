// Package ogpfile reads, checks and writes the table of commitments that the
// Open Government Partnership (OGP) publishes: one row for each commitment of
// each action plan, 171 columns of identity, policy tags and the codes of its
// Independent Reporting Mechanism (IRM).
//
// What it promises:
//
//   - Nothing of the file is lost or bent. A cell that nobody changed is
//     written back byte for byte, quotes and line ends included; columns may
//     come in another order; columns that OGP does not have are kept.
//   - The ways in which a value can be missing stay apart: ND (not coded in
//     that era or report), NR (not reviewed, or not yet), NA (does not apply),
//     an empty cell, and 0, which is a value like any other.
//   - Damage is reported, never mended behind anybody's back. Check names each
//     trap with row, column, value, what was probably meant and the repair that
//     it proposes; who imports decides.
//   - Derive recomputes the columns that follow from others, and says where the
//     file disagrees.
//
// Headings are matched exactly, but for case, a byte-order mark, white space
// around them, and runs of white space or no-break spaces within. A heading
// that needed this is reported.
//
// Beside it stand benchmarks (what became of commitments with the same tags)
// and Similar, which finds real commitments close to a text, for whoever drafts
// one. Nothing of the file is in the program: its licence is not stated, so
// that an office brings it in itself.
//
// Rules that were established from the data say so, with the file they were
// checked against: open_parliament_0703.csv of July 2024, 558 rows.
//
// It stops at files of 64 MB, and at CSV: a workbook is to be saved as CSV.
package ogpfile
