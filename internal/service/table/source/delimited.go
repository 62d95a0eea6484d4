package source

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// sampleBytes and sampleRecords are how much of a file its structure is judged
// by.
const (
	sampleBytes   = 1 << 20
	sampleRecords = 1000
)

// grid gives the raw records of a file, from its start.
type grid interface {
	next() (*record, error)
	progress() (done, total int64)
	notes() []Note
	close() error
}

// text is the grid of a delimited file.
type text struct {
	*scanner
	file file
	from *stream
	mend bool // cells may hold zero bytes or bytes that are no UTF-8
}

// openDelimited sniffs a delimited file and returns its rows.
func openDelimited(f file, o Options, info *Info) (rows, error) {
	dec, err := f.decoder(o)
	if err != nil {
		return nil, err
	}
	info.Encoding = dec.name
	d, want, err := f.dialect(dec, o)
	if err != nil {
		return nil, err
	}
	d.describe(info)
	l, err := sampleText(f, dec, d, want, o)
	if err != nil {
		return nil, err
	}
	l.describe(info)
	if dec.guess {
		info.Notes = append(info.Notes, Note{"encoding_guessed", map[string]any{"encoding": dec.name}})
	}
	g, err := openText(f, dec, d, l.raw, o)
	if err != nil {
		return nil, err
	}
	return newShaper(g, l), nil
}

func (d dialect) describe(info *Info) {
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

func (f file) dialect(dec decoder, o Options) (dialect, int, error) {
	s, err := f.open(o.MaxInflated)
	if err != nil {
		return dialect{}, 0, err
	}
	defer s.close()
	r, err := dec.reader(s)
	if err != nil {
		return dialect{}, 0, err
	}
	b := make([]byte, sampleBytes)
	n, err := io.ReadFull(r, b)
	whole := err == io.EOF || err == io.ErrUnexpectedEOF
	if err != nil && !whole {
		return dialect{}, 0, err
	}
	if len(bytes.TrimSpace(b[:n])) == 0 && whole {
		return dialect{}, 0, refuse("empty")
	}
	return sniffDialect(b[:n], whole, o)
}

// sampleText reads the first records and finds the structure.
func sampleText(f file, dec decoder, d dialect, want int, o Options) (*layout, error) {
	g, err := openText(f, dec, d, want, o)
	if err != nil {
		return nil, err
	}
	defer g.close()
	s, err := takeSample(g, o)
	if err != nil {
		return nil, err
	}
	return s.layout(o)
}

// openText starts to read a delimited file whose usual record has want cells.
func openText(f file, dec decoder, d dialect, want int, o Options) (*text, error) {
	s, err := f.open(o.MaxInflated)
	if err != nil {
		return nil, err
	}
	r, err := dec.reader(s)
	if err != nil {
		s.close()
		return nil, err
	}
	return &text{scanner: newScanner(r, d, want), file: f, from: s, mend: dec.bad || dec.nul}, nil
}

func (t *text) progress() (done, total int64) { return t.from.read.Load(), t.file.size }
func (t *text) notes() []Note                 { return nil }
func (t *text) close() error                  { return t.from.close() }

func (t *text) next() (*record, error) {
	r, err := t.scanner.next()
	if err != nil || !t.mend {
		return r, err
	}
	for i, c := range r.cells {
		nul := bytes.IndexByte(c, 0) >= 0
		if nul {
			r.problems = append(r.problems, Problem{i, "nul_byte", clip(c)})
		}
		if !utf8.Valid(c) {
			r.problems = append(r.problems, Problem{i, "bad_encoding", clip(mend(c))})
			nul = true
		}
		if nul {
			r.cells[i] = mend(c)
		}
	}
	return r, nil
}
