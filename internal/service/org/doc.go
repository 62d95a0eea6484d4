// Package org keeps organisations: ministries and village councils, civil
// society, the press, universities, companies, international bodies.
//
// Ministries are merged, split and renamed with every cabinet, and whoever made
// a promise must still be found. So nothing about an organisation is
// overwritten: each change keeps the former version with the date from which
// it held (At reads any of them), and one that ends names its successors
// (Succeed), which Heirs follows to those that exist today. An organisation is
// never deleted.
//
// Who belongs to an organisation is kept by package who, as roles.
//
// # Limits
//
// Dates are whole days in Belize. A succession passes on everything: which of
// two successors answers for a single promise is for the promise's own record
// to say. Two organisations may have the same name; EnsureByName then takes
// the oldest that still exists.
package org
