// Package indicator computes procurement indicators from OCDS compiled
// releases, one a line: eleven of the red flags of the Open Contracting
// Partnership, by the definitions of its program Cardinal (cardinal-rs 0.0.8).
// A flag is a question to ask, never a finding.
//
// What it promises:
//
//   - With Options.Cardinal the results are those of Cardinal, which its own 15
//     test files prove. The settings file and the output are Cardinal's too.
//   - The same file and settings give the same bytes, on one core or many: lines
//     are read at once, and counted in their order. So the main currency is the
//     first of the file, where Cardinal's depends on its threads.
//   - Without Options.Cardinal nothing is judged by a distribution of fewer than 30
//     observations, fewer than five different values, or quartiles that are the
//     same. Such an indicator is listed as insufficient, with what was measured
//     and, for parts of a whole, an exact test of each against the others. A value
//     at the fence is not beyond it; R038's minimum of processes counts
//     processes; a price of zero cannot win; and a price that is written as a
//     text, or as a database's {"$numberLong": "…"}, is a price.
//
// Below it, settings reads the settings file, lines reads files on all cores,
// prepare cleans releases up before, and coverage counts which fields are filled.
//
// It stops at Cardinal's eleven. As in Cardinal, an ocid is expected on one line
// only. A process without lots is taken as one in which all bids
// compete for everything. Half of a UTF-16 pair in a \u escape becomes U+FFFD,
// where Cardinal skips the line.
package indicator
