package sheet

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/grid"
	"ceiba/internal/service/table/source/raw"
)

// sheet is the grid of one worksheet. It reads the part as a stream, so a sheet
// of any size takes the memory of its widest row.
type sheet struct {
	book  *workbook
	part  *sheetPart
	most  int // columns
	body  io.ReadCloser
	x     *xmlScan
	taken int64

	rec    grid.Record
	arena  []byte // text of the cells of this row
	spans  []cellAt
	wide   int  // columns of this row
	row    int  // number of the row that is read
	over   bool // cells beyond most
	merges []*filling
	next1  int // first merge that has not begun
}

type cellAt struct {
	column, from, to int
	set              bool
}

// filling is a merge whose first row has been read.
type filling struct {
	merge
	text []byte
}

// Open finds the sheet to read and its structure.
func Open(f raw.File, o source.Options, info *source.Info) (source.Rows, error) {
	book, err := openWorkbook(f, o)
	if err != nil {
		return nil, err
	}
	for _, s := range book.sheets {
		info.Sheets = append(info.Sheets, s.name)
	}
	part, l, err := book.choose(o, info)
	if err != nil {
		book.zip.Close()
		return nil, err
	}
	info.Sheet, info.Encoding = part.name, "utf-8"
	l.Describe(info)
	if len(part.merges) > 0 {
		info.Notes = append(info.Notes, source.NewNote("merged_cells_unfolded", "n", len(part.merges)))
	}
	if part.hideN > 0 {
		info.Notes = append(info.Notes, source.NewNote("hidden_rows", "n", part.hideN, "line", part.first))
	}
	g, err := newSheet(book, part, o.MaxColumns)
	if err != nil {
		book.zip.Close()
		return nil, err
	}
	return grid.NewRows(g, l), nil
}

// choose takes the sheet the publisher named, or the first visible one that
// holds a table.
func (w *workbook) choose(o source.Options, info *source.Info) (*sheetPart, *grid.Layout, error) {
	var skipped []string
	var first *sheetPart
	var firstLayout *grid.Layout
	for i := range w.sheets {
		s := &w.sheets[i]
		if o.Sheet != "" && s.name != o.Sheet || o.Sheet == "" && s.hidden {
			continue
		}
		l, rows, err := w.look(s, o)
		if err != nil && (fault.KindOf(err) != fault.Invalid || !isEmpty(err) || o.Sheet != "") {
			return nil, nil, err
		}
		if err == nil && (o.Sheet != "" || l.Width > 1 && rows > 1) {
			if len(skipped) > 0 {
				info.Notes = append(info.Notes, source.NewNote("sheets_skipped", "sheets", strings.Join(skipped, ", ")))
			}
			return s, l, nil
		}
		if err == nil && first == nil {
			first, firstLayout = s, l
		}
		skipped = append(skipped, s.name)
	}
	switch {
	case o.Sheet != "":
		return nil, nil, source.Refuse("sheet", "sheet", o.Sheet, "sheets", strings.Join(info.Sheets, ", "))
	case first == nil:
		return nil, nil, source.Refuse("empty")
	}
	return first, firstLayout, nil
}

func isEmpty(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Key == "table.read.empty"
}

// look reads the ranges of merged cells, which stand after the cells, and the
// structure of the first rows.
func (w *workbook) look(s *sheetPart, o source.Options) (*grid.Layout, int, error) {
	if err := w.survey(s); err != nil {
		return nil, 0, err
	}
	g, err := newSheet(w, s, o.MaxColumns)
	if err != nil {
		return nil, 0, err
	}
	defer g.body.Close()
	sm, err := grid.Take(g, o, false)
	if err != nil {
		return nil, 0, err
	}
	l, err := sm.Layout(o)
	return l, sm.Filled(), err
}

// survey reads the part once for its merges and hidden rows.
func (w *workbook) survey(s *sheetPart) error {
	s.merges, s.hideN = nil, 0
	body, err := w.part(s.part)
	if err != nil {
		return err
	}
	defer body.Close()
	for x := newXMLScan(body); ; {
		err := x.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case x.is("row") && x.truth("hidden"):
			if s.hideN++; s.hideN == 1 {
				s.first = x.number("r", 0)
			}
		case x.is("mergeCell"):
			if len(s.merges) >= maxMerges {
				return fault.New(fault.TooLarge, "table.read.too_many_merges", "max", maxMerges)
			}
			if m, ok := parseRange(x.get("ref")); ok {
				s.merges = insertMerge(s.merges, m)
			}
		}
	}
}

// insertMerge keeps merges sorted by their first row; Excel writes them nearly so.
func insertMerge(all []merge, m merge) []merge {
	i := len(all)
	all = append(all, m)
	for i > 0 && all[i-1].top > m.top {
		all[i] = all[i-1]
		i--
	}
	all[i] = m
	return all
}

// parseRange reads "B2:D3".
func parseRange(b []byte) (m merge, ok bool) {
	from, to, ok := bytes.Cut(b, []byte{':'})
	if !ok {
		return m, false
	}
	m.top, m.left = parseCell(from)
	m.bottom, m.right = parseCell(to)
	return m, m.top > 0 && m.left >= 0 && m.bottom >= m.top && m.right >= m.left
}

// parseCell reads "B2" as row 2, column 1; row 0 where there is none.
func parseCell(b []byte) (row, column int) {
	i := 0
	for i < len(b) && b[i] >= 'A' && b[i] <= 'Z' && i < 4 {
		column = column*26 + int(b[i]-'A') + 1
		i++
	}
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9' && row < 10_000_000; i++ {
		row = row*10 + int(b[i]-'0')
	}
	return row, column - 1
}

func newSheet(w *workbook, s *sheetPart, most int) (*sheet, error) {
	body, err := w.part(s.part)
	if err != nil {
		return nil, err
	}
	g := &sheet{book: w, part: s, most: most, body: body}
	g.x = newXMLScan(&tally{r: body, n: &g.taken})
	return g, nil
}

type tally struct {
	r io.Reader
	n *int64
}

func (t *tally) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	*t.n += int64(n)
	return n, err
}

func (g *sheet) Progress() (done, total int64) { return g.taken, int64(g.part.part.UncompressedSize64) }
func (g *sheet) Notes() []source.Note          { return nil }

func (g *sheet) Close() error {
	g.body.Close()
	return g.book.zip.Close()
}

// Next returns the next row of the sheet that is there.
func (g *sheet) Next() (*grid.Record, error) {
	for {
		err := g.x.next()
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = source.Refuse("damaged").Wrap(err)
			}
			return nil, err
		}
		if !g.x.is("row") {
			continue
		}
		g.row = g.x.number("r", g.row+1)
		g.rec = grid.Record{Line: int64(g.row), Cells: g.rec.Cells[:0], Down: g.rec.Down[:0], Problems: g.rec.Problems[:0]}
		g.arena, g.spans, g.wide, g.over = g.arena[:0], g.spans[:0], 0, false
		if !g.x.self {
			if err := g.readRow(); err == io.EOF {
				return nil, source.Refuse("damaged")
			} else if err != nil {
				return nil, err
			}
		}
		return g.finish()
	}
}

// readRow reads the cells of a row.
func (g *sheet) readRow() error {
	column := -1
	for {
		if err := g.x.next(); err != nil {
			return err
		}
		switch {
		case g.x.closes("row"):
			return nil
		case g.x.is("c"):
			column++
			if _, c := parseCell(g.x.get("r")); c >= 0 {
				column = c
			}
			kind, style := kindOf(g.x.get("t")), g.x.number("s", -1)
			if g.x.self {
				continue
			}
			if err := g.readCell(column, kind, style); err != nil {
				return err
			}
		}
	}
}

// cellKind is how a cell stores its value.
type cellKind uint8

const (
	storedNumber cellKind = iota
	storedShared
	storedBool
	storedError
	storedText
)

func kindOf(t []byte) cellKind {
	switch string(t) {
	case "s":
		return storedShared
	case "b":
		return storedBool
	case "e":
		return storedError
	case "str", "inlineStr", "d":
		return storedText
	}
	return storedNumber
}

// readCell reads one cell up to its end: its value, or its inline text.
func (g *sheet) readCell(column int, kind cellKind, style int) error {
	from := len(g.arena)
	inValue, phonetic, got := false, false, false
	for {
		if err := g.x.next(); err != nil {
			return err
		}
		switch x := g.x; {
		case len(x.tag) == 0 && inValue && !phonetic:
			g.arena = append(g.arena, x.text...)
			got = true
		case x.is("v"), x.is("t"):
			inValue = !x.self
		case x.closes("v"), x.closes("t"):
			inValue = false
		case string(x.tag) == "rPh":
			phonetic = !x.shut && !x.self
		case x.closes("c"):
			if got {
				g.set(column, from, kind, style)
			}
			return nil
		}
	}
}

// set turns the raw value at the end of the arena into the text of a cell.
func (g *sheet) set(column, from int, kind cellKind, style int) {
	if column >= 16384 {
		return
	}
	stored := g.arena[from:]
	switch kind {
	case storedShared:
		n, err := strconv.Atoi(string(stored))
		if err != nil {
			n = -1
		}
		g.arena = append(g.arena[:from], g.book.shared.get(n)...)
	case storedBool:
		word := "false"
		if string(stored) == "1" {
			word = "true"
		}
		g.arena = append(g.arena[:from], word...)
	case storedError:
		g.rec.Problems = append(g.rec.Problems, source.NewProblem(column, "formula_error", stored))
		g.arena = g.arena[:from]
		return
	case storedText:
		g.arena = append(g.arena[:from], unescapeX(stored)...)
	default:
		g.setNumber(from, style)
	}
	if !utf8.Valid(g.arena[from:]) {
		g.rec.Problems = append(g.rec.Problems, source.NewProblem(column, "bad_encoding", g.arena[from:]))
		g.arena = append(g.arena[:from], raw.Mend(g.arena[from:])...)
	}
	g.spans = append(g.spans, cellAt{column: column, from: from, to: len(g.arena), set: true})
	g.wide = max(g.wide, column+1)
}

func (g *sheet) setNumber(from, style int) {
	var keep [64]byte
	raw := append(keep[:0], g.arena[from:]...)
	how := asNumber
	if style >= 0 && style < len(g.book.dates) {
		how = g.book.dates[style]
	}
	if how != asNumber {
		if b, ok := moment(g.arena[:from], raw, how, g.book.epoch); ok {
			g.arena = b
			return
		}
	}
	g.arena = number(g.arena[:from], raw)
}

// finish lays the cells out by column and fills merged ones.
func (g *sheet) finish() (*grid.Record, error) {
	if g.wide > g.most {
		if filled := len(g.spans); filled > g.most {
			return nil, fault.New(fault.Invalid, "table.read.too_wide", "columns", g.wide, "max", g.most)
		}
	}
	r := &g.rec
	for range g.wide {
		r.Cells = append(r.Cells, nil)
	}
	for _, c := range g.spans {
		r.Cells[c.column] = g.arena[c.from:c.to:c.to]
	}
	g.merged(r)
	return r, nil
}

// merged fills the cells of merges that cover this row.
func (g *sheet) merged(r *grid.Record) {
	all := g.part.merges
	for g.next1 < len(all) && all[g.next1].top <= g.row {
		m := all[g.next1]
		g.next1++
		if m.top == g.row && m.left < len(r.Cells) && !grid.Blank(r.Cells[m.left]) {
			m.right = min(m.right, max(g.most, len(r.Cells))-1)
			g.merges = append(g.merges, &filling{m, bytes.Clone(r.Cells[m.left])})
		}
	}
	live := g.merges[:0]
	for _, m := range g.merges {
		if m.bottom < g.row {
			continue
		}
		live = append(live, m)
		for len(r.Cells) <= m.right {
			r.Cells = append(r.Cells, nil)
		}
		for c := m.left; c <= m.right; c++ {
			if len(r.Cells[c]) == 0 {
				r.Cells[c] = m.text
				r.Spread = r.Spread || c > m.left
				if g.row > m.top {
					r.FillDown(c)
				}
			}
		}
	}
	g.merges = live
}
