// Package exchange is how action plans travel: out of the site in the shapes
// that others read, and in from files. It joins package plan with the packages
// that know OGP's table, OGP's templates and Canada's tables.
//
// # Out
//
// A plan can be had as a document in either of OGP's templates, in the shape of
// OGP's table (19 columns of identity and 86 policy areas), and whole (Own), from
// which another site makes the same plan.
//
// # In
//
// A file is OGP's table, a spreadsheet with the headings of a template, one of
// Canada's tables, or our own export; its content says which. Plans of this
// country begin anew: in preparation, their commitments as drafts. What they
// became elsewhere is not claimed here, and no organisation becomes a party
// without its own account's word. Commitments of other countries are Reference,
// in tables of their own: never a plan, never a promise of this site.
//
// Each plan is one transaction. The file's own identifiers are kept, so that
// importing twice doubles nothing and overwrites nobody's edits; reference rows
// are brought up to date. Nothing is mended behind anybody's back: what looks
// damaged, and organisations that are not here, are Problems, and the text stays
// as it was, if need be below the additional information under its label.
//
// # The coach
//
// Judge says what a reviewer would miss in the words of a commitment; the Library
// finds real ones like it, with what became of them, and benchmarks with the
// number each rests on.
//
// # Limits
//
// Timeline, outreach, documents, progress and decisions of a plan do not travel
// in export.json, nor do accounts. A spreadsheet's plan is known again by its code
// or title, its commitments by number or title. Canada's tables are reference
// even where a plan of this site is named. The coach knows a short list of words
// in English and Spanish, and likeness is by shared words. A file that was only
// looked at stays in the store. Of the problems of an import on the site the
// first 5,000 are kept.
//
// Sources: OGP's published table of commitments and its code book; OGP's action
// plan templates; IRM definitions of verifiable and of modest potential.
package exchange
