// Package filter holds conditions on the rows of a table: a small syntax tree,
// its form as CQL2 text (Parse), and Check, which resolves columns and values
// against a table and refuses what is too large. How a checked filter is asked
// of an engine is a matter of package query.
//
// Filters come from strangers: the tree knows nothing but columns that exist and
// values that are parameters, never text of a query.
package filter
