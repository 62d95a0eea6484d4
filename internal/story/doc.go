// Package story has the pages that show several kinds of record together: the
// first page, the search, the places, a district or a village, an organisation, and what
// happened lately, as a page and as feeds.
//
// It knows no kind of record. What it lists comes from the search index and
// from the log of activity, and is described by the registry of kinds, so a new
// capability appears on all of these pages by being registered. It shows what
// everybody may see and nothing else, whoever reads, so that its pages can come
// from the shared cache.
//
// Events are told in the words of the key "did." and their verb, which the
// module that appends them has in its locale; a verb without words is told as
// "Something changed".
package story
