// Package inbox is the pages on which people read what concerns them and say
// how they want to be told: the rules are package notify's, the words and forms
// are here.
//
// # What it promises
//
// Every page works without a script. An item is shown only as far as its reader
// may see the record at that moment; reading it leads to the record itself and
// changes nothing: what is read is marked by a button.
//
// The link at the foot of each letter asks first and stops after a click, so
// that a mail scanner that follows links stops nothing. A mail program's own
// button (RFC 8058) sends the same address a POST from elsewhere and without a
// session; that route sees no cookies, and does what its signed token says.
//
// A webhook's secret is shown once, in the answer to the form that made it.
//
// A browser subscribes by a button that a script shows where it can work, and
// posts what the script got from the browser (a PushSubscription as JSON), as no
// form can ask it for its keys. The service worker at /sw.js shows what comes
// and opens what it is about, on this site only; it keeps nothing and sees no
// request. The list of browsers and their removal need no script.
//
// # Limits
//
// A browser that somebody subscribed rings for them until they remove it, until
// somebody else subscribes it, or until a page is seen in it after they signed
// out.
package inbox
