// Package budgetdoc computes by when each of the eight documents of a budget
// must be public to be of use, and whether it was.
//
// The latest dates are those of the Open Budget Survey (International Budget
// Partnership, archive of August 2016). They hang on the fiscal year and on
// what happened in it: when the proposal was tabled and the budget approved.
// A period's end and all months after it are counted in whole months: three
// months after 30 September is 31 December. Three months after 30 April as a
// day on which something happened is 30 July.
//
// What it promises: a day is a civil date, YYYY-MM-DD, and the last day is
// still in time. The day of approval itself is too late for the Executive's
// Budget Proposal.
//
// It stops here: it takes a date of publication as it is given, and knows
// nothing of whether the document was free and complete.
package budgetdoc
