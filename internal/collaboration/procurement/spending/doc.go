// Package spending asks twelve questions of a ledger of payments and contracts:
// the rules BZ-01 to BZ-12, which come from how public money was paid out below
// the limits of review in Belize in 2026. They ask; they accuse nobody. Each has
// in its words what else could explain what it found.
//
// What it promises:
//
//   - It is a function of its input: no clock, no database, no chance. The same
//     payments, contracts, table of law and version give the same findings in
//     the same order, whatever the order of the input and the number of workers.
//   - Amounts are whole cents and comparisons exact: 9,999.99 is below a limit of
//     10,000.00, which is not below itself.
//   - Limits are those in force on the day of the payment or contract, out of the
//     table of package law. One that is not known gives outcome.Insufficient,
//     with its name, and never a guess.
//   - What cannot be judged is told apart from what is well; so is data that
//     contradict themselves (outcome.Error). Rows that cannot be right are left
//     out of the counts and named, so that nobody hides a batch behind a broken
//     row.
//   - People appear as roles. Their ids are used to tell whether two are the same
//     and go into no digest; as evidence they are marked personal.
//
// Who looks at what: Payee takes all payments of one payee (BZ-01, 02, 04, 05,
// 06, 11, 12), and Tally those of everybody, row by row, for what is judged by
// paying unit (BZ-03) and by head (BZ-10). Contract takes one contract (BZ-07,
// 08, 09). Stream does the first two for rows that come by payee, holding one
// payee at a time; Ledger does all for what is in memory.
//
// Limits: payments in another currency than the limit's are counted, not
// converted. Amounts of zero or less are no payments: they cancel what they
// reverse in BZ-05, and lower the month in BZ-10. A row's id is seen to be
// unique within its payee. A day is a business day unless it is on a weekend or
// Options.Closed says otherwise. The year-end rush is judged by months of
// payment, as the ledger has them.
//
// Speed: a million payments of three years to 20,000 payees by 90 units, and
// 1,500 contracts, take 6 s of processor time on two shared cores of an AMD EPYC,
// and give 330,000 findings (BenchmarkLedger, November 2026).
//
// Sources: the facts behind the rules stand with each line of law/belize.csv.
// The exact binomial test is that of Clopper and Pearson, 1934.
package spending
