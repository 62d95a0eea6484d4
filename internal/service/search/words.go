package search

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ceiba/internal/ground/id"
)

const (
	longestWord = 40      // characters; what is longer is no word that anybody types
	longestText = 200_000 // bytes of a text that are indexed
)

// word is a word of a text: where it stands, and as it is compared.
type word struct {
	from, to int // bytes of the text
	folded   string
}

// wordsOf cuts a text into words: letters, digits, and apostrophes between them.
func wordsOf(text string) []word {
	var out []word
	start := -1
	end := func(at int) {
		if start >= 0 {
			if w := foldWord(text[start:at]); w != "" {
				out = append(out, word{start, at, w})
			}
		}
		start = -1
	}
	for at, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			if start < 0 {
				start = at
			}
		case apostrophe(r) && start >= 0:
		default:
			end(at)
		}
	}
	end(len(text))
	return out
}

func apostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´", r) }

// foldWord brings a word into the form in which words are compared: letters
// and digits only.
func foldWord(w string) string {
	f := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, id.Fold(w))
	if utf8.RuneCountInString(f) > longestWord {
		return ""
	}
	return f
}

// stem takes the plural off an English or a Spanish word: roads, boxes,
// communities, datos, ciudades, luces. Both numbers of a word get one stem; it
// need not be a word itself.
func stem(w string) string {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return w
		}
	}
	if len(w) >= 4 && w[len(w)-1] == 's' && !strings.ContainsRune("siu", rune(w[len(w)-2])) {
		w = w[:len(w)-1]
	}
	if len(w) >= 4 && w[len(w)-1] == 'e' {
		w = w[:len(w)-1]
	}
	switch last := len(w) - 1; {
	case len(w) >= 3 && w[last] == 'y':
		w = w[:last] + "i"
	case len(w) >= 3 && w[last] == 'z':
		w = w[:last] + "c"
	}
	return w
}

// terms are the distinct words and stems of a text, sorted.
func terms(text string) []string {
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	var out []string
	for _, w := range wordsOf(text) {
		out = append(out, w.folded, stem(w.folded))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// facetTerm stands for a value of a facet in the index. No word of a text has
// its form.
func facetTerm(facet, value string) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s=%s", facet, value)
	return fmt.Sprintf("~%016x", h.Sum64())
}

// spelled reports whether a term belongs into the vocabulary that misspelt
// words are compared with: letters only, and long enough.
func spelled(term string) bool {
	for _, r := range term {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return utf8.RuneCountInString(term) >= 3
}

// grams are the distinct runs of three characters of a word between two stops.
func grams(w string) []string {
	r := []rune("$" + w + "$")
	var out []string
	for i := 0; i+3 <= len(r); i++ {
		out = append(out, string(r[i:i+3]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// allowed is how many edits away a word may be and still be meant.
func allowed(w string) int {
	switch n := utf8.RuneCountInString(w); {
	case n < 4:
		return 0
	case n < 7:
		return 1
	}
	return 2
}
