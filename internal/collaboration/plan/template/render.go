package template

import (
	"fmt"
	"io"
	"strings"
)

// Format is what Render writes.
type Format string

// The formats.
const (
	PlainText Format = "txt"
	Markdown  Format = "md"
	HTML      Format = "html" // for a word processor: headings, tables, no script
	PDF       Format = "pdf"
)

// MediaType is the type to serve a format under.
func (f Format) MediaType() string {
	return map[Format]string{
		PlainText: "text/plain; charset=utf-8", Markdown: "text/markdown; charset=utf-8", HTML: "text/html; charset=utf-8", PDF: "application/pdf",
	}[f]
}

// Options say how a plan is written.
type Options struct {
	View View   // the template; Current if empty
	Lang string // of the headings: "en" or "es"; the texts stay as they are
}

// Render writes a plan with its commitments. Headings without a text below them
// are left out, so that a reader of the result sees what there is.
func Render(w io.Writer, format Format, p Plan, o Options) error {
	return write(w, format, document{p.Title, o.lang(), o.planParts(p)})
}

// RenderCommitment writes one commitment.
func RenderCommitment(w io.Writer, format Format, c Commitment, o Options) error {
	return write(w, format, document{c.Name(), o.lang(), o.commitmentParts(c, 1)})
}

func write(w io.Writer, format Format, d document) error {
	switch format {
	case PlainText:
		return d.plainText(w)
	case Markdown:
		return d.markdown(w)
	case HTML:
		return d.html(w)
	case PDF:
		return d.pdf(w)
	}
	return fmt.Errorf("no format %q of a plan", format)
}

// document is what the writers of all formats share.
type document struct {
	title string
	lang  string
	parts []piece
}

// piece is a heading, a paragraph or a table.
type piece struct {
	level int // of a heading, from 1; 0 for other pieces
	text  string
	table [][]string // the first row holds the names of the columns
}

func (o Options) view() View {
	if o.View == "" {
		return Current
	}
	return o.View
}

func (o Options) lang() string {
	if o.Lang == "es" {
		return "es"
	}
	return "en"
}

// planParts are the sections of a plan in OGP's order (ogp.md 2.1).
func (o Options) planParts(p Plan) []piece {
	out := []piece{{level: 1, text: p.Title}}
	if line := strings.Join(filled(p.Country, strings.Join(filled(p.Start, p.End), " – ")), ", "); line != "" {
		out = append(out, piece{text: line})
	}
	for _, s := range []struct{ key, text string }{
		{"introduction", p.Introduction}, {"challenges", p.Challenges}, {"vision", p.Vision}, {"efforts", p.Efforts}, {"process", p.Process},
	} {
		if s.text != "" {
			out = append(out, piece{level: 2, text: partHeading(s.key, o.lang())}, piece{text: s.text})
		}
	}
	if len(p.Commitments) > 0 {
		out = append(out, piece{level: 2, text: partHeading("commitments", o.lang())})
	}
	for _, c := range p.Commitments {
		out = append(out, o.commitmentParts(c, 3)...)
	}
	return out
}

// commitmentParts are a commitment under the headings of the template.
func (o Options) commitmentParts(c Commitment, level int) []piece {
	f := o.view().form(c)
	out := []piece{{level: level, text: c.Name()}}
	part := ""
	for _, s := range f.Sections {
		if key, ok := partBefore[s.Field]; ok && o.view() == Current {
			part = partHeading(key, o.lang())
		}
		if s.Text == "" || s.Field == Title || s.Field == Number {
			continue
		}
		if s.Field == Additional {
			out = append(out, o.planning(f, level)...)
			part, f.Rows = "", nil
		}
		if part != "" {
			out = append(out, piece{level: level + 1, text: part})
			part = ""
		}
		out = append(out, piece{level: level + 2, text: Heading(o.view(), s.Field, o.lang())}, piece{text: s.Text})
	}
	return append(out, o.planning(f, level)...)
}

// planning is the table of milestones.
func (o Options) planning(f Form, level int) []piece {
	if len(f.Rows) == 0 {
		return nil
	}
	head := make([]string, len(f.Columns))
	for i, col := range f.Columns {
		head[i] = Heading(f.View, col, o.lang())
	}
	return []piece{{level: level + 1, text: partHeading("planning", o.lang())}, {table: append([][]string{head}, f.Rows...)}}
}

func filled(texts ...string) (out []string) {
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// plainText writes the document as OGP's own full texts look: headings in lines
// of their own, milestones as rows with bars.
func (d document) plainText(w io.Writer) error {
	var b strings.Builder
	for _, p := range d.parts {
		switch {
		case p.table != nil:
			for i, row := range p.table {
				b.WriteString(barRow(row))
				if i == 0 {
					b.WriteString("\n")
				}
			}
			b.WriteString("\n")
		default:
			b.WriteString(strings.TrimSpace(p.text) + "\n\n")
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// barRow is a row of a table in one line.
func barRow(cells []string) string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.ReplaceAll(strings.Join(strings.Fields(c), " "), "|", "/")
	}
	return strings.Join(out, " | ") + "\n"
}

// markdown writes the document as Markdown with tables.
func (d document) markdown(w io.Writer) error {
	var b strings.Builder
	for _, p := range d.parts {
		switch {
		case p.table != nil:
			for i, row := range p.table {
				b.WriteString("| " + strings.Join(markdownCells(row), " | ") + " |\n")
				if i == 0 {
					b.WriteString(strings.Repeat("| --- ", len(row)) + "|\n")
				}
			}
			b.WriteString("\n")
		case p.level > 0:
			b.WriteString(strings.Repeat("#", min(p.level, 6)) + " " + markdownText(strings.Join(strings.Fields(p.text), " ")) + "\n\n")
		default:
			b.WriteString(markdownText(p.text) + "\n\n")
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func markdownCells(row []string) []string {
	out := make([]string, len(row))
	for i, c := range row {
		out[i] = strings.ReplaceAll(strings.ReplaceAll(markdownText(c), "|", `\|`), "\n", "<br>")
	}
	return out
}

// markdownText keeps somebody's text from being taken for markup; bullets and
// numbers of lists stay what they are.
func markdownText(s string) string {
	s = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", "&", "&amp;").Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		l = strings.TrimLeft(l, " ")
		rule := l != "" && strings.Trim(l, "-= ") == "" // would make a heading of the line before
		if rule || strings.HasPrefix(l, "#") || strings.HasPrefix(l, ">") {
			lines[i] = `\` + l
		}
	}
	return strings.Join(lines, "\n")
}
