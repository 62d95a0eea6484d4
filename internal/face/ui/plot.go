package ui

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/service/i18n"
)

// Plots have a fixed height and the width of their column: positions across are
// in per cent, so that the text keeps its size on a phone.
const (
	plotTop    = 28
	plotHeight = 200
	plotBottom = plotTop + plotHeight
)

// notch is a round number on an axis.
type notch struct {
	pos    string // a length along the axis
	text   string
	anchor string
}

func yMarks(ctx context.Context, s scale, values []float64) []notch {
	out := make([]notch, len(values))
	for i, v := range values {
		out[i] = notch{pos: plotY(s, v), text: i18n.Number(ctx, v)}
	}
	return out
}

func plotY(s scale, v float64) string { return trim(plotBottom - s.at(v)*plotHeight/100) }

func lower(pos string, by float64) string {
	v, err := strconv.ParseFloat(pos, 64)
	if err != nil {
		return pos
	}
	return trim(v + by)
}

// anchorAt keeps the text of the outermost marks inside the plot.
func anchorAt(share float64) string {
	switch {
	case share < 8:
		return "start"
	case share > 92:
		return "end"
	}
	return "middle"
}

func xMarks(ctx context.Context, s scale, values []float64) []notch {
	out := make([]notch, len(values))
	for i, v := range values {
		out[i] = notch{pctAt(s, v), i18n.Number(ctx, v), anchorAt(s.at(v))}
	}
	return out
}

func pctAt(s scale, v float64) string { return pct(s.at(v)) }

func (c LineChart) scale() (scale, []float64) {
	var all []float64
	for _, l := range c.Lines {
		all = append(all, l.Values...)
	}
	return span(c.Zero, all...)
}

func (c LineChart) x(i int) float64 {
	if len(c.X) < 2 {
		return 50
	}
	return float64(i) / float64(len(c.X)-1) * 100
}

// paths are the unbroken runs of a line, as points in a box of 100 by 100.
func (c LineChart) paths(l Line, s scale) []string {
	var out []string
	var run []string
	flush := func() {
		if len(run) > 1 {
			out = append(out, strings.Join(run, " "))
		}
		run = nil
	}
	for i, v := range l.Values {
		if math.IsNaN(v) || i >= len(c.X) {
			flush()
			continue
		}
		run = append(run, trim(c.x(i))+","+trim(100-s.at(v)))
	}
	flush()
	return out
}

// lastLabel is the name of a line at its last point, moved so that no two names
// overlap.
type lastLabel struct {
	series       int
	name, value  string
	x, y, anchor string
	dotX, dotY   string
	at           float64
}

func (c LineChart) labels(ctx context.Context, s scale) []lastLabel {
	var out []lastLabel
	for i, l := range c.Lines {
		for j := min(len(l.Values), len(c.X)) - 1; j >= 0; j-- {
			if v := l.Values[j]; !math.IsNaN(v) {
				y := plotBottom - s.at(v)*plotHeight/100
				out = append(out, lastLabel{series: i%6 + 1, name: l.Name, value: i18n.Number(ctx, v), x: pct(c.x(j)), anchor: anchorAt(c.x(j)), dotX: pct(c.x(j)), dotY: trim(y), at: y - 10})
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b lastLabel) int { return int(math.Copysign(1, a.at-b.at)) })
	for i := range out {
		if i > 0 && out[i].at < out[i-1].at+20 { // no room above its point: below it
			out[i].at = max(out[i].at+28, out[i-1].at+20)
		}
		out[i].y = trim(out[i].at)
	}
	return out
}

// xMarks names at most four of the X: as many as fit a phone.
func (c LineChart) xMarks() []notch {
	count := len(c.X)
	if count == 0 {
		return nil
	}
	every := max(1, (count+2)/4)
	var out []notch
	for i := 0; i < count; i += every {
		if i > 0 && count-1-i < every && i != count-1 {
			break
		}
		out = append(out, notch{pct(c.x(i)), c.X[i], anchorAt(c.x(i))})
	}
	if last := out[len(out)-1]; last.text != c.X[count-1] {
		out = append(out, notch{pct(c.x(count - 1)), c.X[count-1], anchorAt(100)})
	}
	return out
}

func (c LineChart) table(ctx context.Context) Table {
	tb := Table{Caption: c.Title, HideCaption: true, Columns: []Column{{Label: c.Label, RowHead: true}}}
	for _, l := range c.Lines {
		tb.Columns = append(tb.Columns, Column{Label: l.Name, Kind: Numeric})
	}
	for i, x := range c.X {
		row := []Cell{Text(x)}
		for _, l := range c.Lines {
			if i < len(l.Values) {
				row = append(row, Text(i18n.Number(ctx, l.Values[i])))
			} else {
				row = append(row, Text("–"))
			}
		}
		tb.Rows = append(tb.Rows, row)
	}
	return tb
}

func dash(series int) string {
	return []string{"", "7 4", "2 4", "12 4", "8 3 2 3", "4 2"}[(series-1)%6]
}

func (c Scatter) scales() (sx, sy scale, mx, my []float64) {
	var xs, ys []float64
	for _, d := range c.Dots {
		xs, ys = append(xs, d.X), append(ys, d.Y)
	}
	sx, mx = span(false, xs...)
	sy, my = span(false, ys...)
	return sx, sy, mx, my
}

func (c Scatter) table(ctx context.Context) Table {
	tb := Table{Caption: c.Title, HideCaption: true, Columns: []Column{
		{Label: t(ctx, "chart.what"), RowHead: true}, {Label: c.XLabel, Kind: Numeric}, {Label: c.YLabel, Kind: Numeric},
	}}
	for _, d := range c.Dots {
		tb.Rows = append(tb.Rows, []Cell{Text(d.Label), Text(i18n.Number(ctx, d.X)), Text(i18n.Number(ctx, d.Y))})
	}
	return tb
}

func (d Dot) tip(ctx context.Context) string {
	return d.Label + ": " + i18n.Number(ctx, d.X) + ", " + i18n.Number(ctx, d.Y)
}

// column is one bar of a histogram, in per cent of the width.
type column struct {
	x, width, y, height string
	tip                 string
}

func (c Histogram) scale() (scale, []float64) {
	all := []float64{0}
	for _, b := range c.Bins {
		all = append(all, float64(b.Count))
	}
	return span(true, all...)
}

func (c Histogram) xScale() scale {
	if len(c.Bins) == 0 {
		return scale{0, 1}
	}
	return scale{c.Bins[0].From, c.Bins[len(c.Bins)-1].To}
}

func (c Histogram) columns(ctx context.Context) []column {
	s, _ := c.scale()
	xs := c.xScale()
	out := make([]column, len(c.Bins))
	for i, b := range c.Bins {
		h := s.at(float64(b.Count)) * plotHeight / 100
		out[i] = column{pctAt(xs, b.From), pct(xs.at(b.To) - xs.at(b.From)), trim(plotBottom - h), trim(h), c.span(ctx, b) + ": " + i18n.Number(ctx, b.Count)}
	}
	return out
}

func (c Histogram) span(ctx context.Context, b Bin) string {
	return t(ctx, "chart.from_to", "from", b.From, "to", b.To)
}

func (c Histogram) xMarks(ctx context.Context) []notch {
	s := c.xScale()
	var edges []float64
	every := max(1, (len(c.Bins)+3)/4)
	for i := 0; i < len(c.Bins); i += every {
		edges = append(edges, c.Bins[i].From)
	}
	if len(c.Bins) > 0 {
		if last := s.at(edges[len(edges)-1]); last > 85 && len(edges) > 1 {
			edges = edges[:len(edges)-1]
		}
		edges = append(edges, s.max)
	}
	return xMarks(ctx, s, edges)
}

func (c Histogram) table(ctx context.Context) Table {
	tb := Table{Caption: c.Title, HideCaption: true, Columns: []Column{{Label: c.XLabel, RowHead: true}, {Label: t(ctx, "chart.count"), Kind: Numeric}}}
	for _, b := range c.Bins {
		tb.Rows = append(tb.Rows, []Cell{Text(c.span(ctx, b)), Text(i18n.Number(ctx, b.Count))})
	}
	return tb
}

// gutter is the room that the numbers of an upright scale need, in pixels.
func gutter(marks []notch) string {
	longest := 0
	for _, m := range marks {
		longest = max(longest, len([]rune(m.text)))
	}
	return strconv.Itoa(longest*9 + 10)
}
