package delimited

import (
	"bytes"
	"io"
	"unicode/utf8"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/grid"
	"ceiba/internal/service/table/source/raw"
)

// sniffBytes is how much of a file its dialect is looked for in.
const sniffBytes = 1 << 20

// text is the grid of a delimited file.
type text struct {
	*scanner
	file raw.File
	from *raw.Stream
	mend bool // cells may hold zero bytes or bytes that are no UTF-8
}

// Open sniffs a delimited file and returns its rows.
func Open(f raw.File, o source.Options, info *source.Info) (source.Rows, error) {
	dec, err := f.Decoder(o)
	if err != nil {
		return nil, err
	}
	info.Encoding = dec.Name
	d, want, err := sniff(f, dec, o)
	if err != nil {
		return nil, err
	}
	d.describe(info)
	l, err := sampleText(f, dec, d, want, o)
	if err != nil {
		return nil, err
	}
	l.Describe(info)
	if dec.Guess {
		info.Notes = append(info.Notes, source.NewNote("encoding_guessed", "encoding", dec.Name))
	}
	g, err := openText(f, dec, d, l.Raw, o)
	if err != nil {
		return nil, err
	}
	return grid.NewRows(g, l), nil
}

func (d dialect) describe(info *source.Info) {
	if d.delim != alone {
		info.Delimiter = string(rune(d.delim))
	}
	if d.pad {
		info.Delimiter += " "
	}
	info.Quote = string(rune(d.quote))
	info.Escape = info.Quote
	if d.escape != 0 {
		info.Escape = string(rune(d.escape))
	}
}

// sniff judges the first part of a file.
func sniff(f raw.File, dec raw.Decoder, o source.Options) (dialect, int, error) {
	s, err := f.Open(o.MaxInflated)
	if err != nil {
		return dialect{}, 0, err
	}
	defer s.Close()
	r, err := dec.Reader(s)
	if err != nil {
		return dialect{}, 0, err
	}
	b := make([]byte, sniffBytes)
	n, err := io.ReadFull(r, b)
	whole := err == io.EOF || err == io.ErrUnexpectedEOF
	if err != nil && !whole {
		return dialect{}, 0, err
	}
	if len(bytes.TrimSpace(b[:n])) == 0 && whole {
		return dialect{}, 0, source.Refuse("empty")
	}
	return sniffDialect(b[:n], whole, o)
}

// sampleText reads the first records and finds the structure.
func sampleText(f raw.File, dec raw.Decoder, d dialect, want int, o source.Options) (*grid.Layout, error) {
	g, err := openText(f, dec, d, want, o)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	s, err := grid.Take(g, o, true)
	if err != nil {
		return nil, err
	}
	return s.Layout(o)
}

// openText starts to read a delimited file whose usual record has want cells.
func openText(f raw.File, dec raw.Decoder, d dialect, want int, o source.Options) (*text, error) {
	s, err := f.Open(o.MaxInflated)
	if err != nil {
		return nil, err
	}
	r, err := dec.Reader(s)
	if err != nil {
		s.Close()
		return nil, err
	}
	return &text{scanner: newScanner(r, d, want), file: f, from: s, mend: dec.Bad || dec.Nul}, nil
}

func (t *text) Progress() (done, total int64) { return t.from.Taken(), t.file.Size }
func (t *text) Notes() []source.Note          { return nil }
func (t *text) Close() error                  { return t.from.Close() }

func (t *text) Next() (*grid.Record, error) {
	r, err := t.scanner.next()
	if err != nil || !t.mend {
		return r, err
	}
	for i, c := range r.Cells {
		nul := bytes.IndexByte(c, 0) >= 0
		if nul {
			r.Problems = append(r.Problems, source.NewProblem(i, "nul_byte", c))
		}
		if !utf8.Valid(c) {
			r.Problems = append(r.Problems, source.NewProblem(i, "bad_encoding", raw.Mend(c)))
			nul = true
		}
		if nul {
			r.Cells[i] = raw.Mend(c)
		}
	}
	return r, nil
}
