// Package answer takes what people have to say and owes them an answer: a call
// collects inputs, each input gets a receipt, and each gets an outcome with a
// reason that its author can follow to what it changed. It is the shared service
// of whatever asks the public (plans, petitions, challenges, grants), and knows
// of none of them: a call belongs to any record.
//
// # Words
//
// A Box is a call: a question, who answers, from when to when. An Input is what
// somebody says to it. A Reply is an outcome with a reason, for one input or for
// many at once; a theme gathers inputs so that they are answered together. The
// Office is where all of it is done.
//
// # Promises
//
//   - An input goes received, acknowledged, considered, and then to one outcome;
//     no step is left out or undone, save that a merge can be taken apart for 14
//     days, and that an outcome can be corrected. Every step is kept (answer_step).
//   - Dates of publication come from the server. Once it is announced
//     a call may be prolonged, and shortened only with NoticeDays of notice; every
//     announced version stays readable.
//   - A receipt is ten characters that only its holder has: the database keeps a
//     keyed digest. It says nothing about whether another code exists.
//   - An anonymous input has a random id and a day for its time; no row and no
//     entry of the log names whoever gave it. Others can read it, and the log hears
//     of it, only with a shuffled batch (Release): when twenty wait, or at the full
//     hour.
//   - Sending the same form, request or file again makes no second input.
//   - Merging loses nobody: text, author and receipt stay, supporters are counted
//     once each, and whoever reads the one is led to the answer of the other.
//   - What held at any earlier date can be asked again (Facts).
//
// # Limits
//
// The order in which rows lie in the database's file is that of their arrival; who
// can read that file can guess from it. A reply to a theme is one transaction, so
// that at most MostAtOnce inputs are answered by one. Whoever holds the site's
// secret and the database can try all receipts. Points are counted where they were
// given and do not move when inputs are merged.
//
// Sources: OGP Participation and Co-creation Standards, standard 4 (reasoned
// response); the specifications of open government (8: states, thirty words) and
// of participation (6.4 receipts, 9.3 merging, 9.9 responses).
package answer
