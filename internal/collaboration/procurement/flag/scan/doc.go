// Package scan asks the questions of package flag of many compiled releases in
// one pass: those about a process alone, those that need all of them, and which
// could not be asked for want of data, by buyer and year.
//
// What it promises:
//
//   - It is a function of its input: the same releases, parameters and version
//     give the same findings and the same matrix, whatever the order of the lines
//     and the number of workers. An ocid counts once; of a second release with it
//     only the number is told.
//   - Of a process it keeps about a kilobyte and a half, with what package
//     indicator keeps and the names that occur once; releases themselves pass by.
//   - Nothing is judged by a distribution of fewer than 30 observations, fewer
//     than five different values, or quartiles that are the same; a value at a
//     fence is not beyond it. That is the policy of package indicator, whose
//     results for Cardinal's eleven are taken as they are.
//   - What is not published is told apart from what is not there: a document, a
//     reason or an amendment that is missing says something only if the publisher
//     (the prefix of the ocid) publishes such things for other processes.
//
// Findings about one process have pointers into its release; those about a buyer,
// a class or a pair have the ocid before the pointer, with # between.
//
// Limits: of a process eight awards and eight unit prices are kept, and pairs of
// bidders are counted where there are six bidders at most. An award with several
// suppliers counts for consortia only. Amounts in other currencies than that of
// the threshold are not converted. Prices of different processes are compared in
// Options.Currency. Digests of the input of findings that compare all processes
// are those of all processes.
//
// Speed: BenchmarkScan, 100,000 processes of 2.7 kB, took 11 to 13 s on two cores
// of an AMD EPYC that others used as well, and gave five million findings (November
// 2026); most of it is reading JSON and giving memory back.
package scan
