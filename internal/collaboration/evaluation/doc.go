// Package evaluation holds the words of coordinated evaluations: several people
// from government, civil society and elsewhere score the same criteria, each
// for themselves, beside what can be computed, and the evaluated body answers.
//
// The packages below it are the pure core. They know neither a database nor
// pages, and whoever has the published inputs can compute the same again:
//
//	agreement   how far the scorers agree beyond chance
//	instrument  questionnaires as data: criteria, scales, which rules they need
//	budgetdoc   by when the eight documents of a budget must be public
//	score       how codes become the values of indicators and pillars, with every step
//	seal        commit and reveal, and the tree over a publication
//	round       the states of a round, and what must be moderated
//	assign      who scores what, without conflicts of interest
//
// Sources are named in each of them. What is not here: keeping rounds, asking
// people and showing results.
package evaluation
