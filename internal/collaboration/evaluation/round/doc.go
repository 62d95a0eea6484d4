// Package round says what state a round of an evaluation may go to, and which
// criteria must be talked about before it does. It is pure: whoever keeps
// rounds counts the facts and asks.
//
// The states go forward only:
//
//	draft → open → scoring_locked → revealed → moderation → reply → adjudication → published → corrected
//
// and a corrected round may be corrected again. What each step needs is in
// [Blockers]. Scores are locked, and revealed, when all have come or the
// deadline has passed; a round is published only when each reply has been
// decided on, and only by a team in which government and others take part.
//
// Moderation is compulsory for a criterion (see [Discrepancies]) if scorers are
// two steps or more apart, if any of them differs from the computed result, if
// they don't agree on whether it applies, if evidence is disputed, or if alpha
// of its pillar is below .667 or undefined because nothing was scored twice.
//
// It stops here: it knows neither people nor clocks but what it is told, and
// moderation itself is for people.
package round
