package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	reading "github.com/yuin/goldmark/text"
)

// cleaned lets through what Markdown makes and nothing else: a second wall
// behind goldmark, which drops raw HTML already.
var cleaned = bluemonday.UGCPolicy().RequireNoFollowOnLinks(true)

var writer = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough))

// Markdown renders a text that a person wrote: paragraphs, headings, lists,
// tables, links. HTML in it is left out. The page has its own first heading, so
// the text's begin at the second level.
func Markdown(source string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		src := []byte(source)
		doc := writer.Parser().Parse(reading.NewReader(src))
		for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
			if h, ok := n.(*ast.Heading); ok {
				h.Level = max(2, h.Level)
			}
		}
		var b strings.Builder
		if err := writer.Renderer().Render(&b, src, doc); err != nil {
			return err
		}
		_, err := cleaned.SanitizeReader(strings.NewReader(b.String())).WriteTo(w)
		return err
	})
}
