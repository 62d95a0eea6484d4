// Package outcome says what a rule found when it looked at data: the form that
// all rules of procurement share, whether they look at releases or at payments.
//
// An outcome is a question to ask, never a verdict on anybody. So there are
// five of them, and four are no flag: what could not be judged is told apart
// from what was judged and is well.
//
// What it promises:
//
//   - A Finding carries what somebody needs to check it: the rule and its
//     version, what was looked at, the figures, the rows or places they come
//     from, and digests of the parameters and of the input.
//   - The same data, parameters and version give the same Finding, whatever the
//     order of the input: it has no time and no random part.
//   - Finding.ID stays the same when it is computed again, so that a reply of the
//     body concerned stays with it.
//   - Finding.Public has nothing in it that was marked as personal.
//
// Limits: when a Finding was computed, and that it took the place of an earlier
// one, is known to whoever keeps it. Texts are keys of sentences, which the
// package of the rule has.
package outcome
