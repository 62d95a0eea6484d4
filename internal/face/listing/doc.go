// Package listing makes a public list in one go: a page with the rows, the same
// rows as CSV, and the same by the API, all with the same filter, paged by key.
//
// It is where the figures of other pages lead (ui.Figure): whoever asks "which
// four?" reads the four, and takes them along. A capability declares a List and
// adds its Routes and its API; nothing else is to be written.
//
//   - PATH shows the rows to people, with what is filtered by and a way to the next;
//   - PATH.csv has all rows, whatever their number, guarded against formulas;
//   - /api/v1 PATH gives them as JSON with a cursor.
//
// # Promises
//
// The three say the same: they come from one function. A CSV is read page by page,
// so that no list is held in memory or keeps a transaction open. A filter with a
// value that there is none of is a fault and not an empty or, worse, a whole list.
//
// # Limits
//
// A filter is one text for each name. Rows that change while a CSV is read may be
// in it as they were or as they are; none is in it twice.
package listing
