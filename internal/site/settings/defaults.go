package settings

import (
	"embed"
	"slices"
	"strings"
)

//go:embed text/*.md
var texts embed.FS

// defaults are the pages that come with the program: those of the footer in its
// order, then help for each of those who work on plans, to which Help leads.
var defaults = []string{
	"about", "help", "privacy",
	"help-residents", "help-civil-society", "help-officials", "help-secretariat", "help-reviewers", "help-journalists",
}

// inFooter is how many of defaults stand in the footer.
const inFooter = 3

// defaultOf returns a page that comes with the program.
func defaultOf(key string) (Page, bool) {
	n := slices.Index(defaults, key)
	if n < 0 {
		return Page{}, false
	}
	p := Page{ID: key, Slug: key, Sort: Lasting, State: Published, Footer: n < inFooter, Position: (n + 1) * 10, Texts: map[string]Text{}, Default: true}
	for _, lang := range []string{"en", "es"} {
		b, err := texts.ReadFile("text/" + key + "." + lang + ".md")
		if err != nil {
			continue // a test reads every one
		}
		title, body, _ := strings.Cut(strings.TrimPrefix(string(b), "# "), "\n")
		p.Texts[lang] = Text{Title: strings.TrimSpace(title), Body: strings.TrimSpace(body)}
	}
	return p, true
}

// missingDefaults returns the pages of the program of which the office has no
// version of its own among ps.
func missingDefaults(ps []Page) (out []Page) {
	for _, key := range defaults {
		if !slices.ContainsFunc(ps, func(p Page) bool { return p.ID == key }) {
			d, _ := defaultOf(key)
			out = append(out, d)
		}
	}
	return out
}

// fillIn puts what the site says of itself into a text that comes with the
// program: {name}, {place}, {email}.
func (s Setting) fillIn(text, name, place, nowhere string) string {
	email := s.Email
	if email == "" {
		email = nowhere
	}
	return strings.NewReplacer("{name}", name, "{place}", place, "{email}", email).Replace(text)
}
