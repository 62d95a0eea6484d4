// Package raw gives the bytes of a publisher's file from its start: inflated
// where it is compressed, within the bound that the caller sets, and as UTF-8
// whatever its encoding.
//
// The encoding is decided over all bytes of the file, by its mark, by zero
// bytes, by being valid UTF-8, then by likelihood; the publisher's word goes
// before. Bytes that are no text are left in for the cells to report, and Mend
// makes text of them. What the text means is no matter of this package.
package raw
