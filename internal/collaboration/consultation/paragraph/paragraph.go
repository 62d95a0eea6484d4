// Package paragraph cuts a text into paragraphs that keep their numbers from one
// version of the text to the next, and keeps what people wrote beside a passage
// in its place while the text changes around it.
//
// Split cuts Markdown at empty lines; a heading is a paragraph of its own and
// opens a section. Match gives the paragraphs of a new version the numbers of
// the former ones: first those that are the same to the letter (white space and
// the form of accented letters apart), then those that share most of their words
// in the same order. Locate finds the passage that an Anchor names in another
// version.
//
// All of it is deterministic, and Match compares each paragraph with a fixed
// number of others at most, however long the text is.
//
// # Limits
//
// A list or a table without empty lines in it is one paragraph. References that
// Markdown resolves at the end of a text ("[1]: https://…") work only within
// their own paragraph, so links are to be written in full.
package paragraph

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Paragraph is one of the passages of a text.
type Paragraph struct {
	ID      string `json:"id"`      // its number, which it keeps in every version; never given again
	Section string `json:"section"` // number of the heading above it; of a heading its own; empty before the first
	Level   int    `json:"level"`   // of a heading, from 1 to 6; 0 for others
	Text    string `json:"text"`    // Markdown
	SHA     string `json:"sha256"`  // of the normalised text, in hexadecimal
}

// Heading is the words of a heading, without its marks.
func (p Paragraph) Heading() string {
	return strings.Trim(strings.TrimLeft(p.Text, "# "), " #")
}

// Normalised is a text as hashes and comparisons see it: composed letters, and
// single spaces between words.
func Normalised(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// Sum is the SHA-256 of a normalised text, in hexadecimal.
func Sum(s string) string {
	sum := sha256.Sum256([]byte(Normalised(s)))
	return hex.EncodeToString(sum[:])
}

// Split cuts Markdown into paragraphs, which have no numbers yet.
func Split(source string) (out []Paragraph) {
	var lines []string
	fence := ""
	flush := func() {
		if text := strings.Trim(strings.Join(lines, "\n"), "\n"); strings.TrimSpace(text) != "" {
			out = append(out, made(text, 0))
		}
		lines = nil
	}
	for line := range strings.Lines(strings.ReplaceAll(source, "\r\n", "\n")) {
		line = strings.TrimRight(line, "\n")
		switch level := headingLevel(line); {
		case fence != "":
			lines = append(lines, line)
			if strings.HasPrefix(strings.TrimSpace(line), fence) {
				fence = ""
			}
		case strings.TrimSpace(line) == "":
			flush()
		case level > 0:
			flush()
			out = append(out, made(strings.TrimSpace(line), level))
		default:
			fence = fenceOf(line)
			lines = append(lines, line)
		}
	}
	flush()
	return out
}

func made(text string, level int) Paragraph {
	return Paragraph{Level: level, Text: text, SHA: Sum(text)}
}

// headingLevel is the level of a line that is a heading, 0 for others.
func headingLevel(line string) int {
	rest := strings.TrimLeft(line, "#")
	n := len(line) - len(rest)
	if n < 1 || n > 6 || !strings.HasPrefix(rest, " ") || strings.TrimSpace(rest) == "" {
		return 0
	}
	return n
}

// fenceOf is the mark that ends the block of code which a line opens.
func fenceOf(line string) string {
	line = strings.TrimSpace(line)
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(line, mark) {
			return mark
		}
	}
	return ""
}

// Join is the Markdown of paragraphs: what Split cuts into the same ones.
func Join(ps []Paragraph) string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Text
	}
	return strings.Join(texts, "\n\n")
}

// Find returns the place of the paragraph with a number, and whether there is
// one.
func Find(ps []Paragraph, id string) (int, bool) {
	for i, p := range ps {
		if p.ID == id {
			return i, true
		}
	}
	return 0, false
}
