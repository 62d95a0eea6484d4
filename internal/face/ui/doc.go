// Package ui is how Ceiba looks: one set of components from which every page is
// made, so that a reader learns each thing once.
//
// # How to use it
//
// A component is a struct that says what to show; it renders itself, so a
// template writes it down where it should stand:
//
//	@ui.TextField{Name: "title", Label: i18n.T(ctx, "plan.title"), Value: f.Title}
//
// A component that holds others is put in brackets and followed by them:
//
//	@(ui.Page{Title: "Contracts", Kind: ui.Reading}) {
//		@ui.Table{...}
//	}
//
// Texts come ready from the caller, in the reader's language. The few words
// that belong to a component itself ("optional", "Next page") are in locale/
// under keys that start with "ui." and are exported as Words.
//
// # What it promises
//
// Everything works without a script and at 320 CSS pixels. Nothing writes a
// style attribute or an inline handler, so the policy style-src 'self' and
// script-src with a nonce hold. Colour never speaks alone: a state has an icon
// and a word, a chart has labels and a table. Every text passes WCAG 2.2 AA and
// body text AAA, light and dark; the tests beside the tokens in web compute it.
//
// # Limits
//
// It holds no rules: what is late, who may add a link, which columns can be
// sorted is decided by the caller. It knows no kind of record. It opens no
// database and starts nothing. Charts take some thousands of marks, not
// millions: group before you draw.
//
// # Sources
//
// Content and form patterns follow the GOV.UK Design System (error summary,
// hints under labels, dates in three parts); tables that turn into cards follow
// Adrian Roselli's work on display and table semantics; charts follow Our World
// in Data (the title states the finding, the table is one click away). The page
// /design, rendered by Design, shows every component with its states.
package ui
