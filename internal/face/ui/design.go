package ui

import (
	"math"
	"time"
)

// Design is the living page that shows every component with its states: empty,
// one, many, too long, wrong, loading. It is written in English, for those who
// build Ceiba. Only names one part, by the id of its section, for tests and
// pictures; empty shows all. The page around it comes from the caller.
type Design struct {
	Only string
}

func (d Design) shows(id string) bool { return d.Only == "" || d.Only == id }

// designParts are the sections in their order, by id.
var designParts = []Link{
	{"Colour and type", "tokens"},
	{"Notices, states, tags", "states"},
	{"Buttons and forms", "forms"},
	{"A form with errors", "wrong"},
	{"The chain", "chain"},
	{"A record", "record"},
	{"Tables and filters", "tables"},
	{"Lists and facts", "lists"},
	{"Charts", "charts"},
	{"Maps", "maps"},
	{"Long work", "work"},
	{"Data and downloads", "data-parts"},
	{"Two people at once", "conflict"},
	{"What changed in a text", "difference"},
	{"When something went wrong", "problem"},
	{"Moving about", "moving"},
	{"On a phone, on paper, without a script", "bare"},
}

const (
	longWords = "The rehabilitation, widening and drainage of the coastal access road between the junction at kilometre 14 and the fishermen’s landing, including two culverts, a footpath and a bus shelter"
	longWord  = "Wagabarügüdünaagunfaraanbúadihabuguüñagidenuwagabarügü"
)

var designDay = time.Date(2026, 3, 3, 15, 4, 0, 0, time.UTC)

func designChain(label string) Chain {
	return Chain{Current: StepContract, Label: label, Links: []ChainLink{
		{Step: StepProblem, Items: []ChainItem{{"Floods cut the road off", "#chain", Done, "heard by 212 residents"}}},
		{Step: StepInput, Items: []ChainItem{{"What residents asked for", "#chain", Done, "answered"}}},
		{Step: StepCommitment, Items: []ChainItem{{"An all-weather road by 2026", "#chain", Going, "under way"}}},
		{Step: StepBudget, Items: []ChainItem{{"Line 1204, roads south", "#chain", Done, "BZ$1.1 million"}}},
		{Step: StepContract, Items: []ChainItem{{"Paving, lot 2", "", Late, "late by 4 months"}}},
		{Step: StepPlace, Items: []ChainItem{{"Coastal access road", "#chain", Plain, "Stann Creek"}}, More: 2, MoreHref: "#chain"},
		{Step: StepSeen, Who: "Anybody who passes there", AddHref: "#chain"},
	}}
}

func designEmptyChain() Chain {
	return Chain{Current: StepProblem, Label: "A chain with one link", Links: []ChainLink{
		{Step: StepProblem, Items: []ChainItem{{"No light at the bus stop", "", Attention, "waiting for an answer"}}},
		{Step: StepCommitment, Who: "The office in charge"},
		{Step: StepBudget, Who: "The Ministry of Finance"},
	}}
}

func designLongChain() Chain {
	c := Chain{Current: StepBudget, Label: "A chain with long titles"}
	for _, s := range Steps {
		c.Links = append(c.Links, ChainLink{Step: s, Items: []ChainItem{{longWords, "#chain", Going, "under way since the second quarter of the financial year"}, {longWord, "#chain", Plain, ""}}, More: 1204, MoreHref: "#chain"})
	}
	return c
}

func designTimeline() Timeline {
	return Timeline{Items: []Event{
		{At: designDay, Title: "Moved the date to 31 July 2026", Who: "The ministry in charge", Text: "“The rains began early; the base course must dry.”", Tone: Late, Proof: "#record", Href: "#record"},
		{At: designDay.AddDate(0, -2, 0), Title: "Residents saw work on the first culvert", Who: "3 residents, 2 photos", Tone: Done, Proof: "#record"},
		{At: designDay.AddDate(0, -5, 0), Title: "Contract signed", Who: "The ministry in charge", Tone: Done, Proof: "#record"},
		{Day: "March 2025", Title: "Budget line approved", Tone: Plain},
	}, More: Link{"All 14 entries", "#record"}}
}

func designThread() Thread {
	return Thread{Count: 3, Comments: []Comment{
		{ID: "1", Author: "A resident", At: designDay.AddDate(0, 0, -9), Text: "The second culvert is open and there is no light there at night.\nIs somebody going to put up a sign?", Reply: "#record", Report: "#record", Replies: []Comment{
			{ID: "2", Author: "The works office", Role: "Ministry in charge", Answer: true, At: designDay, Text: "Thank you. Reflectors and a barrier were put up on 2 March; the culvert closes by 20 March.", Reply: "#record", Report: "#record"},
			{ID: "3", Removed: "Taken down by a moderator on 4 March 2026: it named a private person."},
		}},
	}}
}

func designRecord() Record {
	c, tl, th := designChain(""), designTimeline(), designThread()
	return Record{
		Kind: "Contract", Owner: Link{"Ministry in charge of works", "#record"}, Title: "Paving of the coastal access road, lot 2",
		State: Badge{Late, "Late"}, Sentence: "Late by 4 months; the ministry last reported in March.",
		Chain: &c, Timeline: &tl, Discussion: &th, Comment: &FormBox{Action: "#record", Submit: "Publish your contribution"},
		Data: &Data{
			JSON: "#record", CSV: "#record", Atom: "#record", Proof: "#record",
			API: &APICall{ID: "call-record", URL: "https://example.org/api/v1/contracts/0192f3"},
		},
		Side: &Side{
			Follow: &Follow{Action: "#record", Count: 31}, Share: "https://example.org/contract/0192f3a0-7c1e-7b52", Embed: "#record", Contact: Link{"Ask the works office", "#record"},
			Facts: []Pair{{Term: "Value", Text: "BZ$1,112,500"}, {Term: "Supplier", Text: "A road company", Href: "#record"}, {Term: "Guarantee until"}},
		},
	}
}

func designTable() Table {
	return Table{
		ID: "t-many", Caption: "Contracts for roads in the south, by value", Note: "Amounts in Belize dollars, as signed.",
		Columns: []Column{
			{Label: "Contract", RowHead: true, SortHref: "#tables"},
			{Label: "District"},
			{Label: "Signed", Kind: Day, SortHref: "#tables", Sort: Descending},
			{Label: "Value", Unit: "BZ$", Kind: Numeric, SortHref: "#tables"},
			{Label: "How it stands"},
		},
		Rows: [][]Cell{
			{LinkCell("Paving, lot 2", "#tables"), Text("Stann Creek"), Text("12 May 2025"), Text("1,112,500"), StateCell(Late, "Late by 4 months")},
			{LinkCell("Bridge deck", "#tables"), Text("Toledo"), Text("3 March 2025"), Text("480,041"), StateCell(Done, "Finished")},
			{LinkCell(longWords, "#tables"), Text("Stann Creek"), Text("9 January 2025"), Text("12,047,300"), StateCell(Going, "Under way")},
			{LinkCell("Drains, village centre", "#tables"), Text("Toledo"), Text(""), Text("96,000"), StateCell(Attention, "No report since May")},
		},
		Foot: []Cell{Text("All four"), Text(""), Text(""), Text("13,735,841"), Text("")},
	}
}

func designBars(id string) BarChart {
	return BarChart{
		Chart: Chart{
			ID: id, Title: "Toledo waits longest for a repair", Unit: "Days from report to repair, median, 2025", Source: Link{"Demonstration reports", "#charts"},
			Desc: "Toledo 41 days, Stann Creek 33, Corozal 24, Orange Walk 22, Cayo 19, Belize 12.",
		},
		Label: "District",
		Bars: []Bar{
			{Label: "Toledo", Value: 41, Text: "41 days", Mark: true},
			{Label: "Stann Creek", Value: 33, Text: "33 days"},
			{Label: "Corozal", Value: 24, Text: "24 days"},
			{Label: "Orange Walk", Value: 22, Text: "22 days"},
			{Label: "Cayo", Value: 19, Text: "19 days"},
			{Label: "Belize", Value: 12, Text: "12 days"},
		},
	}
}

func designMoreBars() BarChart {
	return BarChart{
		Chart: Chart{ID: "bars2", Title: "Spending fell where the line was moved", Unit: "Change against the approved budget, BZ$"},
		Label: "Line",
		Bars:  []Bar{{Label: longWords, Value: 1_250_000, Text: "BZ$1,250,000"}, {Label: longWord, Value: -400_000, Text: "−BZ$400,000"}, {Label: "Nothing", Value: 0}},
	}
}

func designStack() StackedBars {
	return StackedBars{
		Chart: Chart{ID: "stack", Title: "Half of all promises are kept in time", Unit: "Share of commitments by how they stand", Source: Link{Text: "Demonstration plan"}},
		Label: "Plan", Share: true, Series: []string{"Kept", "Under way", "Late", "Not started", "Withdrawn", "Not known"},
		Rows: []StackRow{{"First plan, 2020–2022", []float64{9, 2, 4, 1, 1, 1}}, {"Second plan, 2023–2025", []float64{14, 6, 5, 2, 0, 1}}, {"Third plan, since 2026", []float64{1, 12, 1, 9, 0, 0}}},
	}
}

func designLine() LineChart {
	return LineChart{
		Chart: Chart{ID: "line", Title: "More reports are answered, but fewer within a week", Unit: "Reports each month, 2025", Source: Link{"Demonstration reports", "#charts"}},
		Label: "Month", Zero: true, X: []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		Lines: []Line{
			{"received", []float64{120, 132, 128, 150, 171, 190, 223, 240, 232, 251, 260, 274}},
			{"answered", []float64{80, 90, 101, 120, 133, 150, 181, 201, math.NaN(), 224, 240, 262}},
			{"within a week", []float64{60, 62, 66, 70, 64, 60, 58, 55, 50, 49, 47, 44}},
		},
	}
}

func designScatter() Scatter {
	c := Scatter{
		Chart:  Chart{ID: "dots", Title: "Dearer contracts do not run later", Unit: "Each dot is one contract", Source: Link{Text: "Demonstration contracts"}},
		XLabel: "value, BZ$ thousand", YLabel: "days late",
	}
	for i := range 40 {
		f := float64(i)
		c.Dots = append(c.Dots, Dot{X: math.Mod(f*137, 950), Y: math.Mod(f*f*31, 160), Label: "Contract " + decimal(int64(i+1)), Mark: i == 19})
	}
	return c
}

func designHistogram() Histogram {
	c := Histogram{Chart: Chart{ID: "hist", Title: "Most contracts are small", Unit: "Number of contracts by value"}, XLabel: "BZ$ thousand"}
	for i, n := range []int64{220, 180, 96, 60, 41, 30, 12, 9, 4, 2} {
		c.Bins = append(c.Bins, Bin{float64(i * 50), float64(i*50 + 50), n})
	}
	return c
}

// designMap has three rough boxes for districts: the real outlines come from
// the geo service.
func designMap() Map {
	box := func(w, s, e, n float64) [][][2]float64 {
		return [][][2]float64{{{w, s}, {e, s}, {e, n}, {w, n}}}
	}
	return Map{
		ID: "map1", Title: "Three works in the south", Source: "Outlines: boxes for this page only.",
		Areas: []Area{
			{Name: "North", Href: "#maps", Rings: box(-89.0, 17.6, -88.0, 18.4)},
			{Name: "Middle", Href: "#maps", Rings: box(-89.1, 16.8, -88.2, 17.55), Value: "1 work"},
			{Name: "South", Href: "#maps", Rings: box(-89.2, 15.95, -88.4, 16.75), Value: "2 works"},
		},
		Points: []Point{
			{Lon: -88.28, Lat: 16.86, Title: "Coastal access road", Href: "#maps", Tone: Late, State: "Late by 4 months", Meta: "Stann Creek · seen on 1 March 2026"},
			{Lon: -88.81, Lat: 16.10, Title: "Bridge deck", Href: "#maps", Tone: Done, State: "Finished", Meta: "Toledo"},
			{Lon: -88.60, Lat: 16.35, Title: "Village drains", Href: "#maps", Tone: Attention, State: "No report since May", Meta: "Toledo"},
		},
	}
}
