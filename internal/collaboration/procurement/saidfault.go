package procurement

import (
	"strings"
	"unicode/utf8"

	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/service/i18n"
)

// Say is what is wrong, as a sentence. Sentences of package ocds/read begin with the
// place, which a list of faults has in columns of its own: it is cut off.
func (f Fault) Say(p *i18n.Printer) string {
	const cut = "\x00"
	most := map[string]int{
		"ocds.read.deep": read.Usual.Depth, "ocds.read.digits": read.Usual.Digits, "ocds.read.large": read.Usual.Bytes, "ocds.read.many": read.Usual.Values,
	}[f.Word]
	s := p.T(f.Word, "line", f.Line, "column", "", "pointer", cut, "value", f.Value, "max", most)
	if _, after, ok := strings.Cut(s, cut); ok {
		s = strings.TrimLeft(after, ": ")
		first, n := utf8.DecodeRuneInString(s)
		s = strings.ToUpper(string(first)) + s[n:]
	}
	return s
}
