// Package app puts Ceiba together: it opens what config names, lists the
// modules (modules.go is the one list), joins what they declare, serves, and
// carries the commands of the command line.
//
// The tests here guard the house: what may import what, that everything public
// is documented, how large things may be, that every route asks for an access,
// that every sentence exists in every complete language.
package app
