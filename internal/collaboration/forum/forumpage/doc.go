// Package forumpage is the pages and the API of package forum, which sets the
// rules. Every form works without a script; what was typed stays when something is
// wrong. Meetings, elections and votes have pages of their own, to which these
// lead.
//
// Limits: the API reads forums and decisions; seats, calls and decisions are
// written on the pages.
package forumpage
