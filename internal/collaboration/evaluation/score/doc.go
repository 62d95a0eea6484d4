// Package score turns the codes of an instrument's leaves into the values of its
// indicators and pillars, and computes PEFA's quantitative dimensions.
//
// What it promises:
//
//   - Every value comes with its [Step]: the rule, all inputs and the result. A
//     step is enough to compute the result again ([Step.Replay]).
//   - What is not known is told apart: too little information (D*), not
//     applicable, not used, nobody can tell, and missing. A parent of which any
//     part is missing is missing, and names no number.
//   - PEFA's amounts are whole minor units of one currency. Percentages are
//     computed exactly and rounded once, so a value at a threshold is at it.
//
// The rules. M1: the lowest part, with "+" if another is higher. M2: PEFA's
// conversion table (tables/pefa.yaml, whose source line says what must still
// be compared with the framework). Parts that are not applicable are left out
// of both; if a part is not used, so is the parent. D* counts as D, and the
// star stays with the part. Means and sums leave out whatever has no value.
//
// Sources: PEFA 2016 framework and its pages at pefa.org (nodes 4567, 4605,
// 4627, 4754, 4758, 4762, 4770, 4871, 4886); the Open Budget Survey's
// methodology for means. The variance in composition is as in PEFA's
// spreadsheet, which was not at hand.
//
// It stops here: no year is an outlier unless the caller leaves it out, and
// PI-3.2 and the dimensions that ask for judgement are for people to score.
package score
