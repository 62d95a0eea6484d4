package ui

import (
	"context"
	"net/url"

	"ceiba/internal/service/i18n"
	assets "ceiba/web"
)

// PageKind says which scripts a page may need.
type PageKind int

// The kinds of page. A map brings its script itself, when a reader asks for it.
const (
	Reading PageKind = iota // only the small script that every page has
	Form                    // also the script for forms
)

// Link is a text that leads somewhere.
type Link struct {
	Text string
	Href string
}

// NavItem is one entry of the navigation or the footer.
type NavItem struct {
	Text    string
	Href    string
	Current bool // the page is this entry or stands below it
}

// Alternate is the same page in another language.
type Alternate struct {
	Lang    string // BCP 47
	Name    string // in the language itself
	Href    string
	Current bool
}

// Feed is a feed that belongs to the page.
type Feed struct {
	Title string
	Href  string
	Type  string // a media type; Atom when empty
}

// Person is the signed-in reader, as the header shows them.
type Person struct {
	Name   string
	Href   string // of their own page
	Unread int    // messages they have not seen
}

// Site is what the office that runs this Ceiba calls it.
type Site struct {
	Name  string // "Ceiba" when empty
	Place string // whose open government this is: "Belize"
	Logo  string // address of a picture; the tree when empty
}

// Page is the frame of every page: head, header, navigation, footer. Its
// children are the content of <main>. Use it as @(ui.Page{...}) { ... }.
type Page struct {
	Title       string // in the browser's tab; the content shows its own heading
	Description string // for search engines and shared links
	Canonical   string // the permanent address
	Site        Site
	Lang        string // the page's language; that of ctx when empty
	Nonce       string // of the Content-Security-Policy
	Kind        PageKind
	Wide        bool // tables and maps: the content may use the whole width
	Nav         []NavItem
	Crumbs      []Link // from home to the parent of this page
	Demo        bool   // the site shows demonstration data
	Today       string // the day this site goes by, in words, where that is not the real one
	Person      *Person
	SignIn      string // address of the sign-in page; no link when empty
	Search      string // address of the search page; no box when empty
	Query       string // what was searched for
	Alternates  []Alternate
	Flash       *Notice
	Footer      []NavItem
	Report      string // address where an error on this page is reported
	Feeds       []Feed
	Refresh     int  // seconds after which a reader without script gets the page anew; 0 never
	Private     bool // search engines are asked to leave it out
}

func (p Page) lang(ctx context.Context) string {
	if p.Lang != "" {
		return p.Lang
	}
	return i18n.LangOf(ctx)
}

func (p Page) siteName() string {
	if p.Site.Name == "" {
		return "Ceiba"
	}
	return p.Site.Name
}

func (p Page) fullTitle() string {
	if p.Title == "" || p.Title == p.siteName() {
		return p.siteName()
	}
	return p.Title + " · " + p.siteName()
}

func (f Feed) mediaType() string {
	if f.Type == "" {
		return "application/atom+xml"
	}
	return f.Type
}

func (p Page) currentLanguage() string {
	for _, a := range p.Alternates {
		if a.Current {
			return a.Name
		}
	}
	return ""
}

// ReportHref is the address where an error on the page at path is reported:
// base with the path as the query parameter "page".
func ReportHref(base, path string) string {
	return base + "?page=" + url.QueryEscape(path)
}

func asset(name string) string { return assets.Path(name) }

// Tone says how things stand. Each has an icon, so that colour never speaks
// alone; the word beside it is the caller's.
type Tone string

// The tones.
const (
	Plain     Tone = ""          // nothing special
	Going     Tone = "going"     // under way, in time
	Done      Tone = "done"      // finished, kept, seen
	Attention Tone = "attention" // somebody should look
	Late      Tone = "late"      // overdue
	Wrong     Tone = "wrong"     // failed, refused, not true
)

func (t Tone) class() string {
	if t == Plain {
		return "plain"
	}
	return string(t)
}

func (t Tone) icon() string {
	return map[Tone]string{Plain: "dot", Going: "half", Done: "check", Attention: "alert", Late: "clock", Wrong: "cross"}[t]
}

// Notice is a message on top of a page: what happened, and what happens next.
type Notice struct {
	Tone  Tone
	Title string
	Text  string
	Says  Said // instead of Text, where numbers are in it
	Links []Link
}

// Crumbs lead from home to the parent of a page. Page shows its own.
type Crumbs struct {
	Links []Link
	Label string // names them where a page has several
}

// Heading is the top of a page that is no record: what it is, in one line, and
// a sentence that says what can be done here.
type Heading struct {
	Over  string // what kind of thing this is
	Title string
	Lead  string
	In    i18n.Tongue // what Title and Lead are in, where people wrote them
}
