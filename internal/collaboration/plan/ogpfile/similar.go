package ogpfile

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// Doc is a text to compare with.
type Doc struct {
	ID, Title, Text string
	Tags            []Column
}

// Docs returns the commitments as texts to compare with.
func (f *File) Docs() []Doc {
	out := make([]Doc, 0, f.Len())
	for _, r := range f.Rows() {
		out = append(out, Doc{r.ID(), r.Text(ColTitle), r.Text(ColText), r.Tags()})
	}
	return out
}

// Match is a document that is like a text, and why.
type Match struct {
	ID    string
	Score float64  // Okapi BM25, comparable within one answer only
	Terms []string // shared words, the most telling first, at most eight
	Tags  []Column // shared tags
}

// Index finds similar documents by Okapi BM25. It never changes once made, so
// that any number of goroutines may ask it.
type Index struct {
	docs     []Doc
	lengths  []float64
	mean     float64
	postings map[string][]posting
}

type posting struct {
	doc int
	n   float64 // how often the term occurs; in a title it counts titleWeight times
}

const (
	saturation  = 1.2 // BM25's k1, the usual value
	lengthShare = 0.75
	titleWeight = 3.0
	tagBonus    = 0.1 // of the score, for each shared tag
	termsShown  = 8
)

// NewIndex makes an index of documents.
func NewIndex(docs []Doc) *Index {
	ix := &Index{docs: docs, lengths: make([]float64, len(docs)), postings: map[string][]posting{}}
	for i, d := range docs {
		counts := map[string]float64{}
		for term := range terms(d.Title) {
			counts[term] += titleWeight
		}
		for term, word := range terms(d.Text) {
			counts[term] += float64(word.n)
		}
		for term, n := range counts {
			ix.postings[term] = append(ix.postings[term], posting{i, n})
			ix.lengths[i] += n
		}
		ix.mean += ix.lengths[i] / float64(len(docs))
	}
	return ix
}

// Similar returns at most k documents like a text, the most similar first.
// Shared tags raise the score a little; tags alone find nothing.
func (ix *Index) Similar(text string, chosen []Column, k int) []Match {
	scores := map[int]float64{}
	parts := map[int][]part{}
	for term, word := range terms(text) {
		for _, p := range ix.postings[term] {
			s := ix.weigh(term, p)
			scores[p.doc] += s
			parts[p.doc] = append(parts[p.doc], part{word.first, s})
		}
	}
	out := make([]Match, 0, len(scores))
	for doc, s := range scores {
		shared := sharedTags(ix.docs[doc].Tags, chosen)
		out = append(out, Match{ix.docs[doc].ID, s * (1 + tagBonus*float64(len(shared))), telling(parts[doc]), shared})
	}
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(max(k, 0), len(out))]
}

// weigh is one term's part of a document's BM25 score (Robertson and Zaragoza,
// The Probabilistic Relevance Framework, 2009).
func (ix *Index) weigh(term string, p posting) float64 {
	n, all := float64(len(ix.postings[term])), float64(len(ix.docs))
	rarity := math.Log(1 + (all-n+0.5)/(n+0.5))
	return rarity * p.n * (saturation + 1) / (p.n + saturation*(1-lengthShare+lengthShare*ix.lengths[p.doc]/ix.mean))
}

// part is what a word adds to a score.
type part struct {
	word  string
	score float64
}

func telling(parts []part) (out []string) {
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.word, b.word))
	})
	for _, p := range parts[:min(termsShown, len(parts))] {
		out = append(out, p.word)
	}
	return out
}

func sharedTags(a, b []Column) (out []Column) {
	for _, t := range a {
		if slices.Contains(b, t) {
			out = append(out, t)
		}
	}
	return out
}

// word is a term's first form in a text, and how often it occurs.
type word struct {
	first string
	n     int
}

// terms are the words of a text without accents, endings of the plural and
// words that say nothing.
func terms(text string) map[string]word {
	out := map[string]word{}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		low := strings.ToLower(w)
		term := plainWord(low)
		if len(term) < 3 || stopwords[term] {
			continue
		}
		t := out[singular(term)]
		if t.n == 0 {
			t.first = low
		}
		t.n++
		out[singular(term)] = t
	}
	return out
}

// plainWord takes the accents off.
func plainWord(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), s)
			if err != nil {
				return s
			}
			return plain
		}
	}
	return s
}

// singular takes the plural's ending off, as English and Spanish make it.
func singular(s string) string {
	switch {
	case len(s) > 5 && strings.HasSuffix(s, "ies"):
		return s[:len(s)-3] + "y"
	case len(s) > 4 && strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && !strings.HasSuffix(s, "us"):
		return s[:len(s)-1]
	}
	return s
}

// stopwords say nothing of what a commitment is about, in English or Spanish;
// "commitment" and its like stand in nearly all.
var stopwords = setOf(`
a about above after again against all also am an and any are as at be because been before being below between both but by can could did do
does doing down during each few for from further had has have having he her here hers him his how i if in into is it its itself just me more
most my no nor not now of off on once only or other our ours out over own same she should so some such than that the their theirs them then
there these they this those through to too under until up very was we were what when where which while who whom why will with would you your
shall must may within per via etc including include various well new
commitment compromiso government gobierno open abierto abierta public publico publica action accion plan ogp problem problema solve address contribute relevant values valores
milestone hito date fecha start end inicio fin description descripcion result resultado activity actividad national nacional country pais information informacion
de la que el en y los del se las por un para con una su al lo como mas pero sus le ya o este si porque esta entre cuando muy sin sobre tambien
me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos e esto mi antes algunos unos yo otro otras
otra tanto esa estos mucho quienes nada muchos cual poco ella estar estas algunas algo nosotros ser es son fue han ha sera asi mediante cada`)

func setOf(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
