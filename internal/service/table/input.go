package table

import (
	"context"
	"encoding/csv"
	"io"
	"os"
)

// problem, record, … mirror the contract of package source.
type problem struct {
	Column int
	Code   string
	Value  string
}

type record struct {
	Line     int64
	Cells    [][]byte
	Problems []problem
}

type inputInfo struct {
	Format, Encoding, Delimiter string
	Labels, Names               []string
	Notes                       []string
	GeometryColumn              int
}

// input is a file being read, row by row.
type input interface {
	Info() inputInfo
	Next() (*record, error)
	Bytes() (done, total int64)
	Close() error
}

func openInput(_ context.Context, path, _ string) (input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	st, _ := f.Stat()
	r := csv.NewReader(f)
	r.ReuseRecord, r.FieldsPerRecord, r.LazyQuotes = true, -1, true
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	names := append([]string(nil), head...)
	return &plain{f: f, r: r, names: names, total: st.Size()}, nil
}

type plain struct {
	f     *os.File
	r     *csv.Reader
	names []string
	total int64
	row   record
}

func (p *plain) Info() inputInfo {
	return inputInfo{Format: "csv", Encoding: "utf-8", Delimiter: ",", Labels: p.names, Names: p.names, GeometryColumn: -1}
}

func (p *plain) Next() (*record, error) {
	rec, err := p.r.Read()
	if err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		return nil, err
	}
	line, _ := p.r.FieldPos(0)
	p.row.Line = int64(line)
	p.row.Cells = p.row.Cells[:0]
	p.row.Problems = p.row.Problems[:0]
	for i := range p.names {
		if i < len(rec) {
			p.row.Cells = append(p.row.Cells, []byte(rec[i]))
		} else {
			p.row.Cells = append(p.row.Cells, nil)
		}
	}
	if len(rec) != len(p.names) {
		p.row.Problems = append(p.row.Problems, problem{Column: -1, Code: "ragged"})
	}
	return &p.row, nil
}

func (p *plain) Bytes() (int64, int64) { return p.r.InputOffset(), p.total }
func (p *plain) Close() error          { return p.f.Close() }

// notes turns the reader's remarks into the profile's.
func (i inputInfo) notes() []Note { return nil }
