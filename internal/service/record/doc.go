// Package record keeps what every public thing has, whatever kind it is of: an
// address for ever, links to other things, comments, followers, attachments,
// translations.
//
// A domain registers each of its kinds once (Kind), with a function that
// describes a set of ids in one query. Whoever shows a link, a search result, a
// feed entry or a timeline asks the Registry, and so knows every kind without
// importing any domain. A record's two addresses are /KIND/ID, which never
// changes, and /KIND/SLUG, which redirects for ever after a rename.
//
// Links are the evidence chain: Link(from, rel, to), both ends a Ref. They are
// stored once and read from either end. What a reader may not see is left out
// of what Describe returns, and so of every list made from it.
package record
