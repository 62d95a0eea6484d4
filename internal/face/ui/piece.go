package ui

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"ceiba/internal/service/i18n"
)

// Badge is a state: an icon and a word.
type Badge struct {
	Tone Tone
	Word string
}

// Tag is a subject or a kind, without judgement.
type Tag struct {
	Text string
	Href string
}

// Pair is one line of a DefList.
type Pair struct {
	Term string
	Text string
	Href string
	View templ.Component // instead of Text
	Note string          // where it comes from
}

// DefList is a list of facts. A fact that is not known says so.
type DefList struct {
	Items []Pair
}

// Card is one thing in a list that is read, not compared.
type Card struct {
	Over    string // what kind of thing it is
	Title   string
	TitleIn i18n.Tongue
	Href    string
	Text    string
	TextIn  i18n.Tongue
	Meta    []string // small facts: a place, a date
	Says    []Said   // more of them, with numbers
	State   *Badge
}

// CardList is a list of things to choose from.
type CardList struct {
	Items []Card
	Empty *Empty
	Grid  bool // two or three beside each other on a wide screen
}

// Empty is what stands where nothing is yet: what will be here, and what the
// reader can do.
type Empty struct {
	Title  string
	Text   string
	Action Link
}

// Progress shows how far long work is. The page it stands on should set
// Page.Refresh while Running, for readers without a script.
type Progress struct {
	Words   string // what is being done: "Reading rows"
	Done    int64
	Total   int64 // 0 when not known
	State   Tone  // Going, Done or Wrong
	Stream  string
	Poll    string // address that answers {done,total,words,state,href} as JSON
	Cancel  string // address a POST to which stops the work; none when empty
	Onward  Link   // where to go when it is done
	Restart string // said under it: what happens when the page is closed
}

// Stat is a big number with the sentence and the source without which it means
// nothing.
type Stat struct {
	Value    string  // ready: "BZ$4.2 million"
	Figure   *Figure // instead of Value
	Unit     string  // "metres", with the period: "in 2025"
	Sentence string
	Source   Link
	Tone     Tone
}

// File is one file to download.
type File struct {
	Name   string
	Href   string
	Format string // "CSV"
	Bytes  int64  // shown before the reader pays for it
	Note   string
	SHA256 string // in hexadecimal
	Remove string // address a POST to which takes it off; for those who may
}

// Files is a list of downloads, each with its size.
type Files struct {
	Items []File
}

// APICall is the request that gives what the page shows.
type APICall struct {
	ID     string // unique on the page
	Method string // GET when empty
	URL    string // absolute
	Note   string
}

// Copyable is a text to take away: an address, a code.
type Copyable struct {
	ID    string // unique on the page
	Label string
	Text  string
	Lines bool // keeps line breaks: a code of several lines
}

// Event is one line of a timeline.
type Event struct {
	At    time.Time
	Day   string // instead of At, ready: "March 2026"
	Title string
	Of    string // what it happened to, where the title does not say
	OfIn  i18n.Tongue
	Href  string
	Who   string
	Text  string
	Tone  Tone
	Proof string // address of its proof in the ledger
}

// Timeline is what happened to a record, newest first.
type Timeline struct {
	Title string // heading; "What happened" when empty
	Items []Event
	More  Link
}

// Comment is one contribution to a discussion.
type Comment struct {
	ID      string
	Author  string
	Href    string // of the author
	Role    string // for whom they speak: "Ministry of Works"
	Answer  bool   // the answer of the office in charge
	At      time.Time
	Edited  bool
	Text    string          // plain text: paragraphs are kept
	Body    templ.Component // instead of Text, already safe
	Removed string          // why it is not shown; the place stays
	Reply   string          // address where one can reply
	Edit    string          // address where its author changes it
	Report  string          // address where it can be reported
	Replies []Comment
}

// Thread is a discussion. Its children are the form to take part.
type Thread struct {
	Title    string // heading; "Discussion" when empty
	Comments []Comment
	Count    int    // all of them, also those on other pages; len(Comments) when 0
	Rows     string // address of the list of them
	Closed   string // why one cannot take part any more
	SignIn   string // address of the sign-in page, for somebody who is not
	More     Link
}

// Conflict is the page for somebody whose change met another: both texts, side
// by side, and nothing lost.
type Conflict struct {
	Title   string // of the record
	Who     string // who changed it meanwhile
	At      time.Time
	Fields  []ConflictField
	Same    []Hidden // fields that do not differ
	Action  string
	Version int64 // the version that is there now
	Cancel  Link
}

// ConflictField is one text of which there are now two.
type ConflictField struct {
	Name   string
	Label  string
	Mine   string
	Theirs string
	Long   bool // several lines
}

// Problem is the page for something that went wrong: what, and what to do now.
type Problem struct {
	Title     string
	Text      string
	Next      []Link
	Reference string // the request's id, for whoever is asked for help
}

// Section is a titled part of a page.
type Section struct {
	ID    string
	Title string
	Note  string
	Says  Said   // instead of Note, where numbers are in it
	Link  Link   // "See all"
	Rows  string // address of the CSV of what the section lists, for who follows a Figure here
	JSON  string // the same by the API
}

// RowsLink is where the rows of a list can be had: what a Figure was counted
// from.
type RowsLink struct {
	CSV  string
	JSON string // of the API
	Of   string // what the rows are of, for screen readers
}

func (t Timeline) title(ctx context.Context) string { return orWord(ctx, t.Title, "timeline") }

func (t Thread) title(ctx context.Context) string { return orWord(ctx, t.Title, "thread") }

func orWord(ctx context.Context, given, key string) string {
	if given != "" {
		return given
	}
	return t(ctx, key)
}

func (t Thread) count() int {
	if t.Count > 0 {
		return t.Count
	}
	return countComments(t.Comments)
}

func countComments(all []Comment) int {
	sum := len(all)
	for _, c := range all {
		sum += countComments(c.Replies)
	}
	return sum
}

// head is the title, and what leads on to what it is of.
func (e Event) head() string {
	if e.Of != "" {
		return e.Title + ": "
	}
	return e.Title
}

func (e Event) day(ctx context.Context) string {
	if e.Day != "" {
		return e.Day
	}
	return i18n.Date(ctx, e.At)
}

// size is what a download costs: "CSV, 1.4 MB".
func (f File) size(ctx context.Context) string {
	if f.Bytes == 0 {
		return f.Format
	}
	return f.Format + ", " + i18n.Bytes(ctx, f.Bytes)
}

func iso(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func (p Progress) percent() int {
	if p.Total <= 0 {
		return 0
	}
	return int(min(100, p.Done*100/p.Total))
}

func (p Progress) sofar(ctx context.Context) string {
	if p.Total <= 0 {
		return t(ctx, "progress.done", "done", p.Done)
	}
	return t(ctx, "progress.of", "done", p.Done, "total", p.Total, "percent", p.percent())
}

func (p Progress) live() bool { return p.State == Going && (p.Stream != "" || p.Poll != "") }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func (a APICall) method() string {
	if a.Method == "" {
		return "GET"
	}
	return a.Method
}
