// Package profile reads every row of a file once and proposes what its columns
// mean: types, a key, columns worth an index and the place of the rows. The
// publisher sees the Profile and a preview of the first rows, and corrects it
// through Options; it then directs package build.
//
// A type is accepted when 99 in 100 filled cells fit it and at most 1,000 do
// not, null words aside. Anything with a leading zero stays text, as do amounts
// in two currencies, and integers over 18 digits. What the publisher should look
// at twice is a Note.
package profile
