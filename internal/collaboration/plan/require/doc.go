// Package require judges an action plan by the minimum requirements of the
// OGP Participation and Co-creation Standards (approved on 24 November 2021, in
// force since 1 January 2022), and by the rules of the Procedural Review that
// say when a member acts contrary to process.
//
// OGP counts eight requirements; where one asks for several things, it is split
// here, which makes eleven rules (All). A rule is judged for each part of the
// process in which it applies (Phase): a Verdict says whether it is met, until
// when it has to be, how long that still is, what speaks for it, and in words
// why not.
//
// The rules are functions of Facts and a day and of nothing else. Facts are
// what was on record at that day, by the time at which the server wrote it down,
// so that the same question gives the same answer later (time travel), and
// nothing can be dated back.
//
// All days are civil days in Belize, YYYY-MM-DD. Months are those of the
// calendar: six months after 31 August is the last day of February.
//
// # Sources and limits
//
// The wording of the requirements 2.2, 3.1, 3.2, 3.3, 4.1 and 5.1 was not read
// again in the handbook, only summaries of it; thresholds that are this site's
// own (one outreach in every district, thirty days for inputs, an update in each
// half-year) make a warning, never a failure.
package require
