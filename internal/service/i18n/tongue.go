package i18n

import "context"

// Tongue says in which language a text really is, and whether a person put it
// so. Texts that people write are not always in the reader's language: a page
// says of each which one it is.
type Tongue struct {
	Lang    string // code of one of Languages; "" where nobody has said
	Machine bool   // a machine translated it, and nobody has read it since
}

// Foreign reports whether the text is in another language than the reader's.
func (t Tongue) Foreign(ctx context.Context) bool { return t.Lang != "" && t.Lang != LangOf(ctx) }

// NameOf is what a language is called in itself, or its code if it is none of
// Languages.
func NameOf(code string) string {
	for _, l := range Languages {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}
