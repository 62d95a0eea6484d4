// Package settings is what the office that runs a site says about itself: the
// site's name, place and contact, its logo, the languages it shows, and the
// pages it writes: about, privacy, help, and news.
//
// Settings are one row that everybody reads and administrators change. They are
// kept in memory and read anew when any node changes them. Each change is in the
// public log, before and after.
//
// A page has a text for each language; a reader whose language it lacks gets
// English, marked as such by its lang attribute. Every save makes a version that
// stays and can be looked at. Some pages are there from the first day: about,
// privacy, help, and help for each of those who work on plans. They come from
// text/ in this folder and are answered until the office writes its own, so that
// a better text of a later release reaches every site that has not.
//
// Promises: two people who edit the same page never overwrite each other; a
// page's former addresses lead to it for ever; a draft is seen by those who may
// write pages and by nobody else; a withdrawn page answers that it is gone.
//
// Limits: texts are Markdown without HTML. A page's languages are published
// together. The logo is a picture that is re-encoded, so SVG is refused.
package settings
