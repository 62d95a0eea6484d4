// Package pages shows consultations: the text to read and to write about
// paragraph by paragraph, versions side by side, the desk of the office that
// answers, downloads, and the same by API. The rules are in package
// consultation; here is what asks them and what says what they answered.
//
// Nothing here needs a script. The form for a paragraph has a page of its own,
// so that it stays short on a phone, and keeps what was typed when something is
// wrong. Long texts come in parts of 150 paragraphs.
package pages
