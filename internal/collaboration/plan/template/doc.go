// Package template knows how commitments of an open government action plan are
// written down: the headings that the Open Government Partnership (OGP) asks
// for since 2022, those it asked for from 2017 to 2021, which most officials
// still know, and one canonical form that holds what either can say.
//
// What it promises:
//
//   - Lossless both ways: ToCurrent and ToFormer put a commitment under the
//     headings of a template; what a template has no heading for goes below
//     "Additional information" as labelled blocks, which FromCurrent and
//     FromFormer read back. From canonical to either and back changes nothing.
//   - Parse reads the text of a real commitment in either template, in English
//     or Spanish, with its headings run into the text and its table of
//     milestones flattened. What it does not understand stays, whole, in Text.
//   - FromTable reads a plan from a spreadsheet whose headings are those of
//     either template, in any order, and reports every cell that it could not
//     place.
//   - Render writes a commitment or a whole plan as plain text, Markdown, HTML
//     for a word processor, or PDF.
//
// The headings are those of OGP's templates as they stand in plans of 2017 to
// 2024 (ogp.md 2.2 and 2.3).
//
// It stops at dates: they stay as they were written, and Day tells what day is
// meant where that is clear. It does not translate texts, only headings. PDF
// shows Latin, Greek and Cyrillic letters; others become a box.
package template
