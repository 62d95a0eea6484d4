package ui

import (
	"context"
	"math"
	"strconv"
	"strings"

	"ceiba/internal/service/i18n"
)

// Chart is what every chart says about itself.
type Chart struct {
	ID     string // unique on the page
	Title  string // the finding, as a sentence: "Toledo waits longest for repairs"
	Unit   string // what is measured, with the period: "days, median, 2025"
	Desc   string // what a reader who cannot see it should know
	Source Link
	Note   string
}

// Bar is one bar of a BarChart.
type Bar struct {
	Label  string
	Value  float64
	Text   string // the value as shown; the number when empty
	Mark   bool   // the bar the title speaks of; the others step back
	Href   string
	Figure *Figure // the value, in the table below the chart
}

// BarChart compares amounts by horizontal bars, each with its label and value.
type BarChart struct {
	Chart
	Label string // what the bars are: "District"
	Bars  []Bar
}

// StackRow is one bar of a StackedBars.
type StackRow struct {
	Label  string
	Values []float64 // one for each series, not negative
}

// StackedBars shows how wholes are made up. At most six series.
type StackedBars struct {
	Chart
	Label  string
	Series []string
	Rows   []StackRow
	Share  bool // every bar has the full length: shares instead of amounts
}

// Line is one line of a LineChart.
type Line struct {
	Name   string
	Values []float64 // one for each X; NaN where nothing was measured
}

// LineChart shows change. At most six lines.
type LineChart struct {
	Chart
	Label string // what X is: "Year"
	X     []string
	Lines []Line
	Zero  bool // the scale starts at zero
}

// Dot is one mark of a Scatter.
type Dot struct {
	X, Y  float64
	Label string
	Mark  bool // labelled in the chart
}

// Scatter shows whether two amounts go together.
type Scatter struct {
	Chart
	XLabel, YLabel string
	Dots           []Dot
}

// Bin is one column of a Histogram: values from From up to, not including, To.
type Bin struct {
	From, To float64
	Count    int64
}

// Histogram shows how values are spread.
type Histogram struct {
	Chart
	XLabel string
	Bins   []Bin
}

// scale maps values to per cent of a length.
type scale struct{ min, max float64 }

func (s scale) at(v float64) float64 {
	if s.max <= s.min || math.IsNaN(v) {
		return 0
	}
	return (v - s.min) / (s.max - s.min) * 100
}

// steps returns round numbers that cover lo to hi in about count steps.
func steps(lo, hi float64, count int) []float64 {
	if !(hi > lo) {
		hi = lo + 1
	}
	raw := (hi - lo) / float64(count)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * unit
	for _, m := range []float64{1, 2, 2.5, 5} {
		if raw <= m*unit {
			step = m * unit
			break
		}
	}
	var out []float64
	for i := math.Floor(lo / step); len(out) < 4*count; i++ {
		out = append(out, math.Round(i*step*1e9)/1e9)
		if i*step >= hi {
			break
		}
	}
	return out
}

// span returns the scale of round numbers around values, and those numbers.
func span(zero bool, values ...float64) (scale, []float64) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if math.IsInf(lo, 1) {
		lo, hi = 0, 1
	}
	if zero {
		lo, hi = min(lo, 0), max(hi, 0)
	}
	marks := steps(lo, hi, 4)
	return scale{marks[0], marks[len(marks)-1]}, marks
}

func pct(v float64) string { return trim(v) + "%" }

// trim writes a coordinate with at most two decimals.
func trim(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func (b Bar) text(ctx context.Context) string {
	if b.Text != "" {
		return b.Text
	}
	return i18n.Number(ctx, b.Value)
}

// rowHeight is the height of a label and its bar, in pixels.
const rowHeight = 52

// placed is a bar with its place in the chart, in per cent of the width.
type placed struct {
	Bar
	lines      []string
	y          int
	x, width   string
	end, value string
	mute       bool
}

// place lays the bars out; room is kept for the longest value beside its bar,
// on the narrowest screen.
func (c BarChart) place(ctx context.Context) []placed {
	lo, hi, longest, marked := 0.0, 0.0, 0, false
	for _, b := range c.Bars {
		lo, hi = min(lo, b.Value), max(hi, b.Value)
		longest = max(longest, len([]rune(b.text(ctx))))
		marked = marked || b.Mark
	}
	room := min(0.55, float64(longest)*0.034+0.03)
	s := scale{lo, lo + (hi-lo)/(1-room)}
	out := make([]placed, 0, len(c.Bars))
	y := 0
	for _, b := range c.Bars {
		p := placed{Bar: b, lines: wrap(b.Label, 34), y: y, value: b.text(ctx), mute: marked && !b.Mark}
		from, to := s.at(min(0, b.Value)), s.at(max(0, b.Value))
		p.x, p.width, p.end = pct(from), pct(max(to-from, 0.3)), pct(to)
		out = append(out, p)
		y += rowHeight + (len(p.lines)-1)*20
	}
	return out
}

func height(rows []placed) string {
	if len(rows) == 0 {
		return "0"
	}
	last := rows[len(rows)-1]
	return strconv.Itoa(last.y + rowHeight + (len(last.lines)-1)*20)
}

func (p placed) lineY(i int) string { return strconv.Itoa(p.y + 16 + i*20) }
func (p placed) barY() string       { return strconv.Itoa(p.y + 2 + len(p.lines)*20) }
func (p placed) textY() string      { return strconv.Itoa(p.y + 16 + len(p.lines)*20) }

// wrap breaks a label into at most two lines of about size characters.
func wrap(s string, size int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		if line != "" && len([]rune(line))+1+len([]rune(w)) > size {
			lines = append(lines, line)
			line = w
			continue
		}
		line = strings.TrimSpace(line + " " + w)
	}
	lines = append(lines, line)
	if len(lines) > 2 {
		lines = lines[:2]
		lines[1] += "…"
	}
	for i, l := range lines {
		if r := []rune(l); len(r) > size+2 {
			lines[i] = string(r[:size]) + "…"
		}
	}
	return lines
}

func (c BarChart) table(ctx context.Context) Table {
	tb := Table{Caption: c.Title, HideCaption: true, Columns: []Column{{Label: c.Label, RowHead: true}, {Label: c.valueLabel(ctx), Kind: Numeric}}}
	for _, b := range c.Bars {
		value := Text(b.text(ctx))
		if b.Figure != nil {
			value = Cell{View: b.Figure}
		}
		tb.Rows = append(tb.Rows, []Cell{{Text: b.Label, Href: b.Href}, value})
	}
	return tb
}

func (c Chart) valueLabel(ctx context.Context) string {
	if c.Unit != "" {
		return c.Unit
	}
	return t(ctx, "chart.value")
}

// segment is one part of a stacked bar.
type segment struct {
	series   int // from 1
	x, width string
	middle   string
	text     string // inside the bar where there is room
	full     string
}

func (c StackedBars) total(r StackRow) float64 {
	sum := 0.0
	for _, v := range r.Values {
		sum += v
	}
	return sum
}

func (c StackedBars) largest() float64 {
	most := 0.0
	for _, r := range c.Rows {
		most = max(most, c.total(r))
	}
	return most
}

func (c StackedBars) segments(ctx context.Context, r StackRow) []segment {
	whole := c.largest()
	if c.Share {
		whole = c.total(r)
	}
	if whole <= 0 {
		return nil
	}
	var out []segment
	at := 0.0
	for i, v := range r.Values {
		w := v / whole * 100
		if w <= 0 || i >= len(c.Series) {
			continue
		}
		text := i18n.Number(ctx, v)
		if c.Share {
			text = i18n.Number(ctx, math.Round(w)) + "%"
		}
		s := segment{series: i%6 + 1, x: pct(at), width: pct(w), middle: pct(at + w/2), full: c.Series[i] + ": " + text}
		if w > 4+float64(len(text))*3 {
			s.text = text
		}
		out = append(out, s)
		at += w
	}
	return out
}

func (c StackedBars) table(ctx context.Context) Table {
	tb := Table{Caption: c.Title, HideCaption: true, Columns: []Column{{Label: c.Label, RowHead: true}}}
	for _, s := range c.Series {
		tb.Columns = append(tb.Columns, Column{Label: s, Kind: Numeric})
	}
	for _, r := range c.Rows {
		row := []Cell{Text(r.Label)}
		for _, v := range r.Values {
			row = append(row, Text(i18n.Number(ctx, v)))
		}
		tb.Rows = append(tb.Rows, row)
	}
	return tb
}

func class(prefix string, i int) string { return prefix + strconv.Itoa((i-1)%6+1) }
