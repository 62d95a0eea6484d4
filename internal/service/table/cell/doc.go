// Package cell reads what stands in a cell under the type of its column, and
// writes values back as text: numbers with either decimal mark and with
// currencies, dates in any order, yes and no, districts in their usual spelling,
// places, and the words that publishers write for "no value".
//
// A Reader reads the cells of one column. The Parse functions under it read one
// kind of value each and leave open what only the whole column can tell, such as
// which of two small numbers is the day; package profile counts them to find the
// type. Show and ShowInt are the way back, and Literal reads the value of a
// question as a cell would be stored. Nothing here allocates but texts that
// change.
package cell
