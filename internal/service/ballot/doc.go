// Package ballot runs polls: who may vote, what they voted, what came of it, and
// how everybody can count it again. Elections and decisions of a forum,
// participatory budgets and consultations stand on it; it knows none of them.
//
// # How a poll goes
//
//	draft → declared → open → closed → provisional → final
//	                                        └──────→ annulled
//	        aborted may follow every state from declared to provisional
//
// Whoever may "poll.write" in the organisation that answers (or whom the Host of
// the record that it is about names) makes a draft, says who may vote
// (SetElectorate) and declares it. From then on rules, options and the digest of
// the electorate are in the log and nothing of them changes. The clock opens,
// closes, counts and, after a window for objections, makes the result final
// (Tick). Closing early is refused always; extending is allowed, with a reason.
// Every other step that there is not is refused.
//
// # Promises
//
//   - One voter, one vote: a person, or an organisation for which the first of
//     its officials, editors or members casts. A row of the electorate is spent
//     in the transaction that takes the vote.
//   - What counts is the time of the vote against the poll's closing. A clock job
//     that comes late changes nothing.
//   - Whoever is recused is out of the count and of the base of the quorum. A
//     Host is asked at every vote, so that an ended term ends the right to vote.
//   - A result is a function of the list of ballots and the declaration (Count),
//     and the list is public once the poll is closed. Its digest is in the log.
//   - Equals at the last seat are told apart by a lot that nobody can know while
//     votes are cast, and that everybody can draw again.
//
// A vote leaves no entry in the log by itself: what is being voted would show, and
// in a secret poll who votes when. The log gets the batches of secret ballots, and
// at the closing the digest of the list of all.
//
// # Secret polls
//
// One transaction marks the credential spent and puts the ballot among those that
// wait. No column joins the two, and there is no time on either. Ballots leave the
// waiting place in batches, in an order of random ids (see BatchLeast). Each gets
// a commitment, SHA-256(salt, canonical ballot); the log gets the commitments and
// the receipts of a batch as two sorted lists. After the closing the list of
// ballots with their salts opens every commitment. District and bloc are merged
// where fewer than five ballots would stand alone.
//
// A receipt is made of a random token that the voter alone holds. It proves that a
// ballot of theirs is in a batch, and never which: a receipt that led to its
// commitment would lead, through the public list, to the choices, and could be
// sold. With the token the voter can change the ballot until the closing; then
// all digests of tokens are deleted, so that it shows nothing either.
//
// # Limits
//
// The program, and whoever runs it, could link voter and ballot while a batch
// waits: pages say so. What would end that, blind signatures made in the browser
// (RFC 9474), is not built. A database's own history (PostgreSQL's transaction
// ids and dead rows, SQLite's free pages, logs and backups of either) may keep
// what a batch looked like while it waited. The last batch before the closing
// may be small, and so hide a voter among few from somebody who holds their
// receipt. A few voters who all vote alike have no secret; nor has a bloc of few
// that the declaration counts by itself. A recused voter's secret ballot cannot
// be found: recusing is refused once it is cast. An operator who adds ballots is
// found by the number of spent credentials only.
//
// There is no weighting, no proxy, no poll in which several questions are asked
// at once, and no vote by SMS. Paper ballots are sums that two people enter; the
// program does not see the paper.
//
// Sources: the specification of participation 6.3 to 6.6 and 9.7, of open
// government partnership 7; SSI 2007/42 (STV).
package ballot
