// Package assign decides who scores which criterion, and who moderates it, so
// that nobody judges where they have an interest and nobody can choose.
//
// The rules, none of which is ever broken: each criterion has so many scorers,
// of whom some are from civil society, some from government and some from
// elsewhere; nobody of the evaluated body, nobody with an open interest in the
// subject, and nobody who supplied evidence on a criterion scores or moderates
// it; its moderator doesn't score it; and nobody gets more than their capacity.
//
// Of all ways to follow the rules it takes the best: the sum of squared loads,
// plus Bonus for each scorer who is not an expert of the criterion's field, is
// least. Of ways that are equally good the seed decides: each pairing has a
// number, the first five bytes of SHA-256 of the seed and of criterion, person
// and role after a zero byte each, and the sum of these numbers is least. So
// the result depends on no program: whoever solves the same problem gets the
// same, on any machine and in any order of the input. The seed is the hash of
// the published protocol ([SeedOf]), which nobody can bend once it is out.
//
// The problem is a flow of least cost from the places to be filled through
// people to their capacities, solved by successive shortest paths (R. Ahuja,
// T. Magnanti, J. Orlin, Network Flows, 1993, section 9.7). If there is no way,
// [Infeasible] says which criterion lacks whom, how many are kept away by which
// rule, or who has no room left.
//
// It stops here: interests are given, found out by others. Two people of one
// organisation may score the same criterion, and a criterion counts as much as
// any other whatever work it is.
package assign
