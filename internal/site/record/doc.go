// Package recordsite serves what every kind of record shares: taking part in
// its discussion, following it, files attached to it, its texts in other
// languages, and the form that says what is wrong with a page. The rules are
// package record's; these are its pages. What stands on a record's own page
// comes from package talk.
//
// Everything is a plain form that works without a script. What somebody typed
// is never lost: a form that could not be sent comes back filled in, with the
// reason by its field.
package recordsite
