package procurement

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
	"ceiba/internal/service/who"
)

// Tabled is what came of a table of entries.
type Tabled struct {
	Rows    int
	New     int
	Changed int
	Same    int // as they were here already
	Wrong   []RowFault
	Unknown []string // headings that mean nothing here
}

// RowFault is what is wrong with one cell. Its row was not written.
type RowFault struct {
	Line  int64 // in the file, from 1
	Title string
	fault.Field
}

// How much a table may have: far more than any ministry signs in a year.
const maxTableRows, maxTableBytes = 20_000, 32 << 20

// tableBatch is how many rows are written together.
const tableBatch = 50

// EnterTable writes the rows of a table (CSV of any dialect, XLSX) for a body. Columns
// are named as Inputs are, or by the headings that the caller knows, in
// any spelling.
// A row whose reference is here already changes that process; without a reference each
// row is new. A row that is wrong is told and not written; the others are.
func EnterTable(ctx context.Context, d *db.DB, actor who.Actor, body, path, name string, headings map[string]string) (Tabled, error) {
	if err := actor.Must("procurement.write", who.In(body)); err != nil {
		return Tabled{}, err
	}
	r, err := open.File(ctx, path, source.Options{Name: name, MaxRows: maxTableRows, MaxBytes: maxTableBytes, MaxInflated: 4 * maxTableBytes, MaxColumns: 200})
	if err != nil {
		return Tabled{}, err
	}
	defer r.Close()
	t := &tabling{d: d, actor: actor, body: body}
	if !t.columns(r.Info().Names, headings) {
		return t.Tabled, fault.New(fault.Invalid, "procurement.table.headings")
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			return t.Tabled, t.flush(ctx)
		}
		if err != nil {
			return t.Tabled, err
		}
		if err := t.take(ctx, row); err != nil {
			return t.Tabled, err
		}
	}
}

// tabling is a table that is being written.
type tabling struct {
	Tabled
	d      *db.DB
	actor  who.Actor
	body   string
	inputs []*Input // of each column; nil for an unknown one
	rows   []tableRow
}

type tableRow struct {
	line  int64
	entry Entry
}

// columns finds the input of each column, and reports whether there is a title.
func (t *tabling) columns(names []string, headings map[string]string) (titled bool) {
	by := map[string]*Input{}
	for i := range Inputs {
		by[heading(Inputs[i].Name)] = &Inputs[i]
	}
	for words, name := range headings {
		by[heading(words)] = by[heading(name)]
	}
	for _, name := range names {
		in := by[heading(name)]
		if in == nil {
			t.Unknown = append(t.Unknown, name)
		}
		t.inputs = append(t.inputs, in)
		titled = titled || in != nil && in.Name == "title"
	}
	return titled
}

// heading is a heading by which columns are told apart: letters and digits.
func heading(s string) string {
	return strings.Join(strings.FieldsFunc(id.Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

func (t *tabling) take(ctx context.Context, row *source.Row) error {
	r, any := tableRow{line: row.Line}, false
	for i, c := range row.Cells {
		if i < len(t.inputs) && t.inputs[i] != nil {
			text := strings.ReplaceAll(strings.ToValidUTF8(string(c), "\uFFFD"), "\x00", "")
			t.inputs[i].Set(&r.entry, text)
			any = any || strings.TrimSpace(text) != ""
		}
	}
	if !any {
		return nil
	}
	t.Rows++
	if t.rows = append(t.rows, r); len(t.rows) < tableBatch {
		return nil
	}
	return t.flush(ctx)
}

// flush writes the rows that wait.
func (t *tabling) flush(ctx context.Context) error {
	var done Tabled
	err := t.d.Update(ctx, func(tx *db.Tx) error {
		done = t.Tabled
		done.Wrong = done.Wrong[:len(done.Wrong):len(done.Wrong)]
		for _, r := range t.rows {
			if err := t.write(ctx, tx, r, &done); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		t.Tabled, t.rows = done, nil
	}
	return err
}

// write writes one row. What is wrong with it is found before anything is written.
func (t *tabling) write(ctx context.Context, tx *db.Tx, r tableRow, done *Tabled) error {
	process, version := "", 0
	if part := ocidPart(strings.TrimSpace(r.entry.Reference)); part != "" {
		p, err := Find(ctx, tx, Prefix+"-"+part)
		switch {
		case err == nil:
			process, version = p.ID, p.Version
		case !errors.Is(err, db.ErrNotFound):
			return err
		}
	}
	p, err := Enter(ctx, tx, t.actor, t.body, process, version, r.entry)
	var fields fault.Fields
	var one *fault.Error
	switch {
	case errors.As(err, &fields):
		for _, f := range fields {
			done.Wrong = append(done.Wrong, RowFault{r.line, r.entry.Title, f})
		}
	case errors.As(err, &one):
		done.Wrong = append(done.Wrong, RowFault{r.line, r.entry.Title, fault.Field{Name: "reference", Key: one.Key}})
	case err != nil:
		return err
	case process == "":
		done.New++
	case p.Version == version:
		done.Same++
	default:
		done.Changed++
	}
	return nil
}
