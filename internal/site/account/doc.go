// Package account is the pages on which people sign in and look after their
// account: the rules are package who's, the words and forms are here.
//
// # What it promises
//
// Every page works without a script; passkeys alone need one, and there is
// always another way beside them. A form that is refused comes back filled in,
// with what is wrong beside the field. What a page says, its status and the
// time it takes are the same whether or not an address has an account.
//
// A step that is under way (a code on its way, a second factor still to be
// shown) is remembered in a cookie of ten minutes and never in an address, so
// that neither history nor a shared link carries it. Where to go afterwards is
// always within this site (web.LocalPath).
//
// In a demonstration, and only there, /demo/sign-in signs in as each role by
// one click and /demo/mail shows the letters that would have been sent.
//
// # Limits
//
// The pages for those who run the site (people, roles, invitations) are the
// administration's. Which letters arrive how often is set on the page of
// package notify, to which this one links.
package account
