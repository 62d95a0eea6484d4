// Package answer is where people give their input to calls and read what became
// of it, and where offices read, gather and answer what people said.
//
// The rules are in package service/answer; these pages ask it. A reader finds a
// call with its question, the form, what others said and how far the answers are;
// an input with its story and its answer; and, by the receipt, what happened to
// what they said themselves. Whoever answers has a desk for each call: a queue
// with filters in the address, and what is done with many inputs at once.
//
// Promises: nobody needs an account or a script to give an input or to follow it;
// a form that is sent twice makes one input and shows one receipt; the page of a
// receipt is never kept and says the same, at the same cost, for every code that
// nobody has; nothing typed is lost when something is wrong.
//
// Limits: the code on the QR picture stands in the address that it opens, so it is
// in the history of the phone that reads it. A sheet of inputs is read in one go,
// and has at most answer.MostRows rows.
package answer
