// Package flag asks the 73 questions of Open Contracting's guide "Red flags in
// public procurement" of compiled releases. They ask; they accuse nobody. Each
// has in its words what else could explain what was found.
//
// rules.csv names all 73 with the fields that they require, and params.csv what
// they are judged by. 50 are computed here, eleven by package indicator as
// Cardinal has them, and twelve are not: their words say what they would need.
// The guide's own formulas could not be read; ours are called so in the words.
package flag
