// Package read takes releases and records out of OCDS data as publishers hand
// it out, one at a time.
//
// It understands, plain or gzipped, in any mixture: a release package, a record
// package, a single release or record, an array of any of these, and any number
// of them one after the other (JSON lines, or documents of many lines).
//
// What it promises:
//
//   - Each item comes with its place: document, line, and JSON pointer.
//   - Memory is bounded by one item (Limits.Bytes, Limits.Values), never by the
//     file: packages are taken apart while they are read.
//   - Nothing is bent. Numbers keep their text. What cannot be taken as it
//     stands (a property that occurs twice, bytes that are not UTF-8, NaN, a
//     huge number, nesting too deep, an item too large) is an error with its
//     place; the item is left out, and reading goes on behind it.
//   - What breaks the file itself (damaged or truncated gzip, a bomb, JSON that
//     is none) ends reading, after everything that came before it. In JSON
//     lines a broken line costs only itself, and the next one if it breaks off
//     between a property's name and its value.
//
// Limits: properties of a package that stand behind its releases are known only
// after them (see Package). In an object that begins with its releases and names
// its ocid only afterwards, these come as releases, and the rest of the record
// after them. Text in UTF-16 or Latin-1 is refused, not converted.
package read
