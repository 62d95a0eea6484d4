package query

import (
	"math"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/filter"
)

// share estimates which part of the rows a checked filter lets through, from
// the statistics. It only chooses a way; every way gives the same rows.
func share(m *table.Manifest, f filter.Filter) float64 {
	switch f := f.(type) {
	case nil:
		return 1
	case filter.And:
		p := 1.0
		for _, part := range f {
			p *= share(m, part)
		}
		return p
	case filter.Or:
		p := 0.0
		for _, part := range f {
			p += share(m, part)
		}
		return math.Min(p, 1)
	case filter.Not:
		return 1 - share(m, f.Of)
	case filter.InBox:
		return shareInBox(m.Extent, f.Box, m.Rows)
	case filter.Like:
		return 0.1
	}
	return shareOf(m, f)
}

// shareOf estimates a condition on one column.
func shareOf(m *table.Manifest, f filter.Filter) float64 {
	switch f := f.(type) {
	case filter.Compare:
		switch f.Op {
		case "=":
			return shareEqual(m, f.Column, f.Value)
		case "<>":
			return 1 - shareEqual(m, f.Column, f.Value)
		case "<", "<=":
			return shareRange(m, f.Column, nil, f.Value)
		}
		return shareRange(m, f.Column, f.Value, nil)
	case filter.In:
		p := 0.0
		for _, v := range f.Values {
			p += shareEqual(m, f.Column, v)
		}
		return math.Min(p, 1)
	case filter.Between:
		return shareRange(m, f.Column, f.Low, f.High)
	case filter.IsNull:
		if _, i := m.Column(f.Column); i >= 0 && m.Rows > 0 {
			return float64(m.Stats[i].Nulls) / float64(m.Rows)
		}
	}
	return 0
}

func shareEqual(m *table.Manifest, column string, v any) float64 {
	_, i := m.Column(column)
	if i < 0 || m.Rows == 0 { // _id
		return 1 / math.Max(float64(m.Rows), 1)
	}
	if n, ok := knownCount(m, filter.Compare{Column: column, Op: "=", Value: v}); ok {
		return float64(n) / float64(m.Rows)
	}
	s := m.Stats[i]
	return float64(s.Count) / math.Max(float64(s.Distinct), 1) / float64(m.Rows)
}

// shareRange reads the histogram between two values; nil leaves an end open.
func shareRange(m *table.Manifest, column string, low, high any) float64 {
	col, i := m.Column(column)
	if i < 0 {
		return shareOfIDs(m, low, high)
	}
	bins := m.Stats[i].Histogram
	if len(bins) == 0 || m.Rows == 0 {
		return 1.0 / 3
	}
	lo, hi := math.Inf(-1), math.Inf(1)
	if x, ok := position(low); ok {
		lo = x
	}
	if x, ok := position(high); ok {
		hi = x
	}
	n := 0.0
	for _, b := range bins {
		from, to := binEdge(col, b.From), binEdge(col, b.To)
		if width := to - from; width > 0 {
			n += float64(b.Count) * math.Max(0, math.Min(hi, to)-math.Max(lo, from)) / width
		}
	}
	return n / float64(m.Rows)
}

func shareOfIDs(m *table.Manifest, low, high any) float64 {
	lo, hi := 0.0, float64(m.Rows)
	if x, ok := position(low); ok {
		lo = math.Max(lo, x)
	}
	if x, ok := position(high); ok {
		hi = math.Min(hi, x)
	}
	return math.Max(0, hi-lo) / math.Max(float64(m.Rows), 1)
}

func position(raw any) (float64, bool) {
	switch x := raw.(type) {
	case int64:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

// binEdge puts the edge of a bin, which is shown as text for dates, back on
// the number line.
func binEdge(c *table.Column, shown any) float64 {
	raw, _ := cell.Literal(c, shown)
	x, _ := position(raw)
	return x
}

// shareInBox estimates which part of all rows lies in a box.
func shareInBox(e *table.Extent, b filter.Box, rows int64) float64 {
	if e == nil || rows == 0 {
		return 0
	}
	if b.West > b.East {
		east, west := b, b
		east.East, west.West = 180, -180
		return shareInBox(e, east, rows) + shareInBox(e, west, rows)
	}
	dy, dx := math.Max(e.North-e.South, 1e-9)/table.GridSide, math.Max(e.East-e.West, 1e-9)/table.GridSide
	n := 0.0
	for y := range table.GridSide {
		south := e.South + float64(y)*dy
		tall := math.Min(b.North, south+dy) - math.Max(b.South, south)
		if tall < 0 {
			continue
		}
		for x := range table.GridSide {
			west := e.West + float64(x)*dx
			wide := math.Min(b.East, west+dx) - math.Max(b.West, west)
			if wide >= 0 {
				n += float64(e.Cells[y*table.GridSide+x]) * math.Min(1, tall/dy) * math.Min(1, wide/dx)
			}
		}
	}
	return n / float64(rows)
}

// touches is how many of n rows are read until a page is full, when a share
// of them passes.
func touches(limit int, n, passing float64) float64 {
	return math.Min(n, float64(limit+1)/math.Max(passing, 1e-12))
}

// smallBox reports that the R*Tree finds the page by touching few rows.
func (p *plan) smallBox() bool {
	box, rest := p.splitBox()
	return box != nil && box.West <= box.East && len(p.sort) == 0 && simple(rest) && p.m.Rows <= math.MaxUint32 &&
		share(p.m, filter.InBox{Box: *box})*float64(p.m.Rows) <= touchInBox
}

// splitBox takes the box out of a filter that is a box and more.
func (p *plan) splitBox() (*filter.Box, filter.And) {
	var box *filter.Box
	rest := filter.And{}
	for _, c := range filter.Conjuncts(p.filter) {
		if b, ok := c.(filter.InBox); ok && box == nil {
			box = &b.Box
		} else {
			rest = append(rest, c)
		}
	}
	return box, rest
}
