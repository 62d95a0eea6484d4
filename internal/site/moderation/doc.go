// Package moderation decides about contributions by written rules, in cases
// that can be followed and appealed.
//
// A case opens when somebody reports a contribution or when package record holds
// one back. A moderator takes it, then hides or keeps the contribution, naming a
// rule by its number and a reason. The author sees the decision among their own
// and may appeal for 14 days; another moderator upholds or reverses it. A public
// log lists each decision: rule, how the case opened, day, outcome. It holds no
// text and no names.
//
// Promises: nobody decides about what they wrote or reported themselves, nor
// about a record of an organisation in which they hold a role; an appeal is
// never decided by whoever decided first; a contribution has one open case at
// most, however many report it.
//
// Limits: the decision and the change of the contribution are two transactions;
// a process killed in between leaves a case to be decided again, with the same
// result. A moderator who changes a contribution on its own page, past its case,
// closes the case without a rule; the log says so.
//
// Source: the specification of participation, 9.8.
package moderation
