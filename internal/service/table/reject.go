package table

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Codes of rejects made here; package source adds its own.
const (
	CodeBadValue = "bad_value" // the cell cannot be read as the column's type
	CodeNullWord = "null_word" // the cell says N/A or the like, which nobody declared
)

// MaxRejects is how many rejects of a version are kept one by one. All are
// counted.
const MaxRejects = 10_000

// Reject is one thing in a file that could not be taken as it stood. Its
// sentence in locale/ is "table.problem." and the code.
type Reject struct {
	Line   int64  `json:"line"`             // in the file, as the publisher's editor counts
	Row    int64  `json:"row"`              // _id of the row in the table
	Column string `json:"column,omitempty"` // empty: the whole row
	Code   string `json:"code"`
	Value  string `json:"value,omitempty"` // the first 200 characters of the cell
}

// Rejects sums up what a version rejected.
type Rejects struct {
	Total int64            `json:"total"`
	Kept  int64            `json:"kept"` // at most MaxRejects
	Codes map[string]int64 `json:"codes,omitempty"`
	// Columns counts per column and code.
	Columns map[string]map[string]int64 `json:"columns,omitempty"`
}

// RejectWriter counts rejects and writes the first of them to a file.
type RejectWriter struct {
	Sum  Rejects
	file *os.File
	zip  *gzip.Writer
	buf  *bufio.Writer
	err  error
}

// NewRejectWriter starts the file at path.
func NewRejectWriter(path string) (*RejectWriter, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &RejectWriter{file: f, zip: gzip.NewWriter(f)}
	w.buf = bufio.NewWriter(w.zip)
	w.Sum.Codes, w.Sum.Columns = map[string]int64{}, map[string]map[string]int64{}
	return w, nil
}

// Add counts r, and writes it unless there are MaxRejects already. What goes
// wrong is told by Close.
func (w *RejectWriter) Add(r Reject) {
	w.Sum.Total++
	w.Sum.Codes[r.Code]++
	if r.Column != "" {
		if w.Sum.Columns[r.Column] == nil {
			w.Sum.Columns[r.Column] = map[string]int64{}
		}
		w.Sum.Columns[r.Column][r.Code]++
	}
	if w.Sum.Kept >= MaxRejects || w.err != nil {
		return
	}
	w.Sum.Kept++
	r.Value = Shorten(r.Value, 200)
	line, err := json.Marshal(r)
	if err == nil {
		_, err = w.buf.Write(append(line, '\n'))
	}
	w.err = err
}

// Close makes the file durable.
func (w *RejectWriter) Close() error {
	for _, step := range []func() error{w.buf.Flush, w.zip.Close, w.file.Sync, w.file.Close} {
		if err := step(); err != nil && w.err == nil {
			w.err = err
		}
	}
	return w.err
}

// ReadRejects returns up to limit rejects after the first skip.
func ReadRejects(path string, skip, limit int) ([]Reject, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("open rejects: %w", err)
	}
	var out []Reject
	for dec := json.NewDecoder(z); len(out) < limit; {
		var r Reject
		if err := dec.Decode(&r); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read rejects: %w", err)
		}
		if skip > 0 {
			skip--
			continue
		}
		out = append(out, r)
	}
	return out, nil
}
