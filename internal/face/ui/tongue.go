package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"ceiba/internal/service/i18n"
)

// Passage is a text that somebody wrote, in whatever language: it says which
// one, aloud for screen readers and in words where it is not the reader's, and
// where nobody but a machine translated it.
type Passage struct {
	Text     string
	In       i18n.Tongue
	Markdown bool // several paragraphs; a sentence that leads on otherwise
}

// Render writes the passage.
func (p Passage) Render(ctx context.Context, w io.Writer) error { return passage(p).Render(ctx, w) }

// LangOf is the attribute lang for the element around a text, and none for a
// text in the page's language.
func LangOf(ctx context.Context, in i18n.Tongue) templ.Attributes {
	if !in.Foreign(ctx) {
		return nil
	}
	return templ.Attributes{"lang": in.Lang}
}

// Mark stands beside a text that is not in the reader's language, or that a
// machine translated; there is none for others.
type Mark struct{ In i18n.Tongue }

// Render writes the mark.
func (m Mark) Render(ctx context.Context, w io.Writer) error { return tongueMark(m).Render(ctx, w) }

// words are what stands beside a text, and in which language: what the text's
// language is called where it is not the reader's, and that a machine
// translated it.
func (m Mark) words(ctx context.Context) (text, lang string) {
	switch {
	case m.In.Foreign(ctx):
		return i18n.NameOf(m.In.Lang), m.In.Lang
	case m.In.Machine:
		return t(ctx, "by_machine"), ""
	}
	return "", ""
}

func (m Mark) there(ctx context.Context) bool { return m.In.Machine || m.In.Foreign(ctx) }
