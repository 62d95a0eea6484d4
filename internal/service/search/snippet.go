package search

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ceiba/internal/ground/db"
)

// passageSize is about how many bytes of a text a snippet shows.
const passageSize = 220

// hits reads the texts of a page and marks in them why they were found.
func hits(ctx context.Context, tx *db.Tx, a question, page []candidate) ([]Hit, error) {
	type doc struct {
		n           int64
		title, body string
	}
	var ns []int64
	for _, c := range page {
		ns = append(ns, c.n)
	}
	in, args := db.In(1, ns)
	docs, err := db.List(ctx, tx, func(d *doc) []any { return []any{&d.n, &d.title, &d.body} },
		`SELECT n, title, body FROM search_doc WHERE n IN `+in, args...)
	if err != nil {
		return nil, err
	}
	byN := map[int64]doc{}
	for _, d := range docs {
		byN[d.n] = d
	}
	var out []Hit
	for _, c := range page {
		d := byN[c.n]
		h := Hit{Ref: c.ref, Lang: c.lang, Title: a.mark(d.title), Text: a.snippet(d.body), Field: "title"}
		if a.answered(h.Text) > a.answered(h.Title) {
			h.Field = "body"
		} else {
			h.Text = a.passage(d.body, 0) // the title says why; the beginning says what it is
		}
		out = append(out, h)
	}
	return out, nil
}

// answered is how many words of the question are marked in a text.
func (a question) answered(parts []Part) int {
	seen := map[int]bool{}
	for _, p := range parts {
		if p.Hit {
			seen[a.answers(word{folded: foldWord(p.Text)})] = true
		}
	}
	return len(seen)
}

// answers reports which word of the question a word of a text answers, or -1.
func (a question) answers(w word) int {
	s := stem(w.folded)
	for i, alternatives := range a.terms {
		if slices.Contains(alternatives, w.folded) || slices.Contains(alternatives, s) {
			return i
		}
	}
	if a.last != "" && strings.HasPrefix(w.folded, a.last) {
		return len(a.terms) - 1
	}
	return -1
}

// mark divides a text into parts at the words that were looked for.
func (a question) mark(text string) []Part {
	var out []Part
	at := 0
	for _, w := range wordsOf(text) {
		if a.answers(w) < 0 {
			continue
		}
		if w.from > at {
			out = append(out, Part{Text: text[at:w.from]})
		}
		out = append(out, Part{text[w.from:w.to], true})
		at = w.to
	}
	if at < len(text) {
		out = append(out, Part{Text: text[at:]})
	}
	return out
}

// snippet is the passage of a text that answers most words, or its beginning.
func (a question) snippet(text string) []Part {
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	type mark struct{ from, to, word int }
	var marks []mark
	for _, w := range wordsOf(text) {
		if i := a.answers(w); i >= 0 {
			marks = append(marks, mark{w.from, w.to, i})
		}
	}
	start, most := 0, 0
	for i, m := range marks {
		seen := map[int]bool{}
		for _, o := range marks[i:] {
			if o.to > m.from+passageSize {
				break
			}
			seen[o.word] = true
		}
		if len(seen) > most {
			start, most = m.from, len(seen)
		}
	}
	return a.passage(text, start)
}

// passage is the part of a text around a place in it.
func (a question) passage(text string, start int) []Part {
	from, to := around(text, start)
	out := a.mark(strings.Join(strings.Fields(text[from:to]), " "))
	if from > 0 {
		out = append([]Part{{Text: "… "}}, out...)
	}
	if to < len(text) {
		out = append(out, Part{Text: " …"})
	}
	return out
}

// around chooses where a passage begins and ends: with the line of its first
// mark where that is near, and between words.
func around(text string, start int) (from, to int) {
	from = max(0, start-passageSize/3)
	if nl := strings.LastIndexByte(text[from:start], '\n'); nl >= 0 {
		from += nl + 1
	} else if from > 0 {
		if i := strings.IndexFunc(text[from:start], unicode.IsSpace); i >= 0 {
			from += i + 1
		} else {
			from = start
		}
	}
	to = min(len(text), from+passageSize)
	if to < len(text) {
		if i := strings.LastIndexFunc(text[from:to], unicode.IsSpace); i > 0 {
			to = from + i
		}
		for to > 0 && !utf8.RuneStart(text[to]) {
			to--
		}
	}
	return from, to
}
