package ui

import (
	"net/url"

	"github.com/a-h/templ"
)

// ColumnKind says how a column's values stand.
type ColumnKind int

// The kinds of column.
const (
	Textual ColumnKind = iota // text, from the left
	Numeric                   // numbers: from the right, tabular figures
	Day                       // dates: do not break
)

// Sort is how a column is sorted.
type Sort int

// The ways to sort.
const (
	Unsorted Sort = iota
	Ascending
	Descending
)

// Column is the head of one column.
type Column struct {
	Label    string
	Unit     string // shown after the label: "BZ$", "km"
	Kind     ColumnKind
	SortHref string // where the list comes sorted by this column; not sortable when empty
	Sort     Sort
	RowHead  bool // its cells name the row
}

// Cell is one cell: text, or a link, or a component.
type Cell struct {
	Text  string
	Href  string
	Note  string // small, below the text
	Says  Said   // the same, where numbers are in it
	State bool   // Text is the word for a state, shown with the icon of Tone
	Tone  Tone
	View  templ.Component // instead of Text
}

// Table is a table that turns into cards on a narrow screen, from the same
// markup. Give every table a caption that would make sense if it were read
// alone.
type Table struct {
	ID          string // for links to it; none when empty
	Caption     string
	HideCaption bool // when a heading right above says the same
	Note        string
	Columns     []Column
	Rows        [][]Cell
	Foot        []Cell // totals; none when empty
	Empty       *Empty // shown instead when there are no rows
	Plain       bool   // scrolls sideways on a narrow screen instead of turning into cards: for wide data
}

// Text makes a plain cell.
func Text(s string) Cell { return Cell{Text: s} }

// LinkCell makes a cell that leads somewhere.
func LinkCell(text, href string) Cell { return Cell{Text: text, Href: href} }

// StateCell makes a cell that shows a state.
func StateCell(tone Tone, word string) Cell { return Cell{Text: word, Tone: tone, State: true} }

func (c Column) class() string {
	switch c.Kind {
	case Numeric:
		return "number"
	case Day:
		return "day"
	}
	return ""
}

func (c Column) ariaSort() string {
	switch c.Sort {
	case Ascending:
		return "ascending"
	case Descending:
		return "descending"
	}
	return "none"
}

func (t Table) sortable() bool {
	for _, c := range t.Columns {
		if c.SortHref != "" {
			return true
		}
	}
	return false
}

// Pager leads through a list by key: there are no page numbers, because a list
// that changes while it is read would show rows twice.
type Pager struct {
	Words string // where the reader is: "Rows 101 to 200 of 1,240"
	First string // address of the first page; empty when this is it
	Prev  string
	Next  string // empty at the end
	Label string // names the list where a page has several; its own words when empty
}

// Filter is the sentence that says what a list shows, and the form that changes
// it. The choices live in the address.
type Filter struct {
	Sentence string // "31 contracts in Toledo over BZ$50,000 since 2024"
	Says     Said   // instead of Sentence, where numbers are in it
	Action   string
	Hidden   []Hidden // what the form must keep, such as the order
	Chips    []Chip   // each choice in force, with the address that takes it off
	Clear    string   // address with no choices; none when empty
	Open     bool     // the form is open from the start
	Results  string   // id of the element that holds the list; with a script it is replaced in place
}

// Chip is one choice in force.
type Chip struct {
	Text   string
	Remove string // address without it
}

// Tab is one view of the same thing.
type Tab struct {
	Text    string
	Href    string
	Count   string // ready text; none when empty
	Current bool
}

// Tabs are links between views of the same thing.
type Tabs struct {
	Label string // what they are views of, for screen readers
	Items []Tab
}

// PrevNext leads through pages that have an order, such as documentation.
type PrevNext struct {
	Prev, Next Link
}

// WithQuery returns path with one parameter of query set to value, or taken
// out when value is empty; paging parameters named in drop are left out.
func WithQuery(path string, query url.Values, name, value string, drop ...string) string {
	q := url.Values{}
	for k, v := range query {
		q[k] = v
	}
	for _, d := range drop {
		q.Del(d)
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (c Cell) blank() bool { return c.Text == "" && c.View == nil }
