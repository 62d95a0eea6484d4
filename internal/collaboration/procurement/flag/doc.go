// Package flag asks the 73 questions of Open Contracting's guide "Red flags in
// public procurement" of compiled releases. They ask; they accuse nobody. Each
// has in its words what else could explain what was found.
//
// rules.csv names all 73 with the fields that they require, and params.csv what
// they are judged by; limits of law are those of package law, on the day. Rules
// that are computed here say so in How; eleven are those of package indicator,
// as Cardinal has them; and twelve are not computed: their words say what they
// would need. The guide's own formulas could not be read; ours are called so in
// the words.
//
// This package judges one process. Package scan below it takes many, and has what
// needs all of them.
//
// Limits: a process whose items are of several classes has no class. Days are
// those that the publisher wrote, in their time zone. Contacts of parties are
// compared as telephones (the last seven digits), e-mails and streets with their
// places; as evidence they are marked personal.
package flag
