// Package ballot is the pages and the API of package service/ballot: the list of
// votes, a vote's page with its form and its result, the receipt, the public list
// of ballots, and the desk of those who run votes.
//
// A secret vote's form carries a random token in a hidden field. Sending it twice
// does no harm: the second time replaces the first ballot by the same. The page
// after voting is the answer to the form itself, so that neither token nor receipt
// stands in an address or a log.
//
// Limits: the order of a ranking is typed as numbers. Lists of voters are shown by
// the hundred. A poll's terms are edited before it is declared by the form; the
// options of other domains (Option.Ref) are theirs to write.
package ballot
