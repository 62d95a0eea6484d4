package ui

import "ceiba/internal/service/i18n"

// Record is the page of one thing in the chain, top to bottom: what it is and
// whose, its title, one sentence that says how it stands, the chain, the
// evidence (the children), then Timeline, Discussion and the same as data. On a
// wide screen Side stands beside them. Use it as @(ui.Record{...}) { evidence }.
type Record struct {
	Kind       string // "Contract"
	Owner      Link   // "Ministry of Works"
	Title      string
	TitleIn    i18n.Tongue
	State      Badge
	Sentence   string // "Late by 4 months; the ministry last reported in March"
	Says       Said   // instead of Sentence, where numbers are in it
	Chain      *Chain
	Timeline   *Timeline
	Discussion *Thread
	Comment    *FormBox // the form under the discussion, without fields of its own but the text
	Data       *Data
	Side       *Side
}

// Data is where the same record can be had by a machine, and its proof.
type Data struct {
	JSON  string
	CSV   string
	Rows  bool // CSV has just the rows that this page lists, for who follows a Figure here
	Atom  string
	API   *APICall
	Proof string // in the ledger
}

// Side is what a reader can do with a record besides reading it.
type Side struct {
	Follow    *Follow
	Share     string // the permanent address, absolute
	Embed     string // address of the code that shows it elsewhere
	Contact   Link   // whom to ask
	Edit      Link   // for those who may
	Translate string // address of the form, for those who may
	Facts     []Pair
}

// Follow is the button that follows a record or stops doing so. How many follow it
// is told to those who do: who they are is nobody's business, so the number has no
// rows that the public could look at.
type Follow struct {
	Action    string // address to post to
	Following bool
	Count     int
}

// Map shows places: the list first, then a still map that works without a
// script, then a map that moves, for readers who ask for it.
type Map struct {
	ID     string // unique on the page
	Title  string // what the map shows
	Frame  Frame
	Areas  []Area
	Points []Point
	Source string // where outlines and places come from
	GeoURL string // GeoJSON of all points, when there are more than Points holds
	Link   bool   // the list of places stands in another element, with the ids ID-p1, ID-p2 and so on
}

// Frame is the part of the world a map shows, in degrees.
type Frame struct {
	MinLon, MinLat, MaxLon, MaxLat float64
}

// Area is an outline, such as a district.
type Area struct {
	Name  string
	Href  string
	Rings [][][2]float64 // longitude, latitude
	Tone  Tone
	Value string // said with the name
}

// Point is one place on a map.
type Point struct {
	Lon, Lat float64
	Title    string
	Href     string
	Tone     Tone
	State    string // the word for Tone
	Meta     string
}
