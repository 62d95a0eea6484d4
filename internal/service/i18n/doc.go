// Package i18n gives people Ceiba's words in their language.
//
// Each module brings its words as locale/LANG.json, a flat object from key to
// sentence. A sentence holds {name} where a value goes; a sentence that counts
// is an object of plural forms: {"one": "{n} row", "other": "{n} rows"}. Keys
// start with the module's name.
//
// English and Spanish are complete, which a test in internal/app watches.
// Kriol (bzj), Garifuna (cab), Q'eqchi' (kek), Mopan (mop) and Yucatec (yua)
// fall back to English string by string, so that a translation helps from its
// first line on. Their plurals are "one" for exactly 1 and "other" besides:
// go-i18n and CLDR have no rule for them, and the grammars mark plural
// optionally, so a translator writes both forms alike where it does not matter.
//
// A request's language travels in its context as a Printer; without one, words
// come out as their keys' English, or as the key itself, never empty.
package i18n
