package template

import (
	"html"
	"io"
	"strconv"
	"strings"
)

// htmlHead begins the page. The styles are those that word processors keep.
const htmlHead = `<style>
@page { size: A4; margin: 2cm }
body { font-family: Georgia, serif; font-size: 11pt; line-height: 1.4; max-width: 42em }
h1, h2, h3, h4, h5, h6 { font-family: Arial, sans-serif; page-break-after: avoid }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #666; padding: 4pt; text-align: left; vertical-align: top }
</style>
`

// html writes one page that browsers show and word processors open: headings
// become theirs, tables have a heading row, nothing runs and nothing is loaded.
func (d document) html(w io.Writer) error {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"" + d.lang + "\">\n<head>\n<meta charset=\"utf-8\">\n<title>" + html.EscapeString(d.title) + "</title>\n" + htmlHead + "</head>\n<body>\n")
	for _, p := range d.parts {
		switch {
		case p.table != nil:
			htmlTable(&b, p.table)
		case p.level > 0:
			tag := "h" + strconv.Itoa(min(p.level, 6))
			b.WriteString("<" + tag + ">" + html.EscapeString(p.text) + "</" + tag + ">\n")
		default:
			htmlText(&b, p.text)
		}
	}
	b.WriteString("</body>\n</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// htmlText writes paragraphs, which empty lines part, and line breaks.
func htmlText(b *strings.Builder, text string) {
	for para := range strings.SplitSeq(text, "\n\n") {
		if para = strings.TrimSpace(para); para != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(para), "\n", "<br>\n") + "</p>\n")
		}
	}
}

func htmlTable(b *strings.Builder, rows [][]string) {
	b.WriteString("<table>\n<thead><tr>")
	for _, c := range rows[0] {
		b.WriteString("<th scope=\"col\">" + html.EscapeString(c) + "</th>")
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range rows[1:] {
		b.WriteString("<tr>")
		for _, c := range row {
			b.WriteString("<td>" + strings.ReplaceAll(html.EscapeString(c), "\n", "<br>") + "</td>")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table>\n")
}
