package ui

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/service/i18n"
)

// Figure is a number that the program worked out, as a link to the rows that it
// was worked out from: the page behind it lists them and has them as CSV and by
// the API. Count, Total and Derived make one, and all of them ask where the rows
// are. A figure that nobody can follow is a fault that the test T8.5 finds.
type Figure struct {
	n      int
	basis  string
	column string
	rows   string
	text   string // instead of the number
}

// Count is a number of rows: as many as the list at the address rows has.
func Count(n int, rows string) Figure { return Figure{n: n, basis: "count", rows: rows} }

// Total is the sum of one column, by its name in the CSV, over the rows.
func Total(n int, column, rows string) Figure {
	return Figure{n: n, basis: "total", column: column, rows: rows}
}

// Derived is a number that is no count of the rows but was worked out from them:
// days between two of them, a share of them.
func Derived(n int, rows string) Figure { return Figure{n: n, basis: "derived", rows: rows} }

// N is the number.
func (f Figure) N() int { return f.n }

// As shows another text for the number: one with decimals, an amount.
func (f Figure) As(text string) Figure { f.text = text; return f }

// words are the number as it is shown.
func (f Figure) words(ctx context.Context) string {
	if f.text != "" {
		return f.text
	}
	return i18n.Number(ctx, f.n)
}

// Render writes the number as a link.
func (f Figure) Render(ctx context.Context, w io.Writer) error {
	_, err := io.WriteString(w, f.link(f.words(ctx)))
	return err
}

// link is the mark-up, with words for the link's text. The test T8.5 reads the
// data attributes.
func (f Figure) link(words string) string {
	var b strings.Builder
	tag := "a"
	if f.rows == "" {
		tag = "span" // nothing to follow: readers see the number, the test complains
	}
	b.WriteString("<" + tag + ` class="figure" data-figure="` + f.basis + `" data-n="` + strconv.Itoa(f.n) + `"`)
	if f.column != "" {
		b.WriteString(` data-column="` + templ.EscapeString(f.column) + `"`)
	}
	if f.rows != "" {
		b.WriteString(` href="` + templ.EscapeString(string(templ.URL(f.rows))) + `"`)
	}
	b.WriteString(">" + templ.EscapeString(words) + "</" + tag + ">")
	return b.String()
}

// Said is a sentence in which numbers are figures. In its words, [brackets]
// around a number say how much of the sentence leads to the rows:
// "[{late} late]". Without them it is the number alone, or all of a sentence that is
// short and has one number: "3 milestones".
type Said struct {
	text    string // a figure stands in it as a rune from firstFigure on
	figures []Figure
}

// firstFigure is where the places of figures begin: private characters, which no
// sentence holds.
const firstFigure = '\uE000'

// shortSaid is how long a sentence may be, in bytes, to be a link as a whole.
const shortSaid = 40

// Say is the sentence of key with args, pairs of name and value. A value that is
// a Figure becomes a link.
func Say(ctx context.Context, key string, args ...any) Said {
	figures, args := marked(args)
	return Said{i18n.T(ctx, key, args...), figures}
}

// SayN is Say in the plural form of n, which fills {n}.
func SayN(ctx context.Context, key string, n Figure, args ...any) Said {
	figures, args := marked(append([]any{"n", n}, args...))
	return Said{i18n.N(ctx, key, n.n, args...), figures}
}

// Plainly is a text without figures.
func Plainly(text string) Said { return Said{text: text} }

// marked puts a private character in the place of each figure.
func marked(args []any) ([]Figure, []any) {
	var figures []Figure
	out := make([]any, len(args))
	for i, a := range args {
		if f, ok := a.(Figure); ok {
			a = string(rune(firstFigure + len(figures)))
			figures = append(figures, f)
		}
		out[i] = a
	}
	return figures, out
}

// None reports whether there is nothing to say.
func (s Said) None() bool { return s.text == "" }

// And is one sentence after another.
func (s Said) And(next Said) Said {
	switch {
	case next.None():
		return s
	case s.None():
		return next
	}
	moved := strings.Map(func(r rune) rune {
		if isFigure(r, len(next.figures)) {
			return r + rune(len(s.figures))
		}
		return r
	}, next.text)
	return Said{s.text + " " + moved, append(s.figures[:len(s.figures):len(s.figures)], next.figures...)}
}

func isFigure(r rune, n int) bool { return r >= firstFigure && int(r-firstFigure) < n }

// Text is the sentence without links, for a page's description or a feed.
func (s Said) Text(ctx context.Context) string {
	var b strings.Builder
	s.walk(func(plain string) { b.WriteString(plain) }, func(before string, f Figure, after string) {
		b.WriteString(before + f.words(ctx) + after)
	})
	return b.String()
}

// Render writes the sentence with its links.
func (s Said) Render(ctx context.Context, w io.Writer) error {
	var b strings.Builder
	s.walk(func(plain string) { b.WriteString(templ.EscapeString(plain)) }, func(before string, f Figure, after string) {
		b.WriteString(f.link(before + f.words(ctx) + after))
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// walk goes through the sentence: plain text, and figures with the words that
// stand with them in brackets.
func (s Said) walk(plain func(string), figure func(before string, f Figure, after string)) {
	rest := s.text
	if len(s.figures) == 1 && len(rest) <= shortSaid && !strings.Contains(rest, "[") {
		rest = "[" + rest + "]"
	}
	for {
		i := strings.IndexFunc(rest, func(r rune) bool { return isFigure(r, len(s.figures)) })
		if i < 0 {
			plain(rest)
			return
		}
		mark := []rune(rest[i:])[0]
		before, after := rest[:i], rest[i+len(string(mark)):]
		f := s.figures[mark-firstFigure]
		from := strings.LastIndex(before, "[")
		to := strings.Index(after, "]")
		if from >= 0 && to >= 0 && !strings.Contains(before[from:], "]") && !strings.ContainsFunc(after[:to], func(r rune) bool { return r == '[' || isFigure(r, len(s.figures)) }) {
			plain(before[:from])
			figure(before[from+1:], f, after[:to])
			rest = after[to+1:]
			continue
		}
		plain(before)
		figure("", f, "")
		rest = after
	}
}
