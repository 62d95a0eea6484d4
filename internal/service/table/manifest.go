package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"ceiba/internal/ground/fault"
)

// Names of the files of a version. The manifest is written last: a folder
// without one is not a version.
const (
	ManifestFile = "manifest.json"
	RowsFile     = "rows.duckdb"
	RejectsFile  = "rejects.ndjson.gz"
	LookupFile   = "rows.sqlite"
	ParquetFile  = "rows.parquet"
	CSVFile      = "rows.csv.gz"
)

// manifestFormat is raised when older programs could not read a version.
const manifestFormat = 1

// Manifest describes a version: its columns, what was counted once and for
// all, and which files are there.
type Manifest struct {
	Format  int           `json:"format"`
	Name    string        `json:"name,omitempty"`
	Rows    int64         `json:"rows"`
	Columns []Column      `json:"columns"`
	Stats   []ColumnStats `json:"stats"` // one per column
	Key     string        `json:"key,omitempty"`
	Index   []string      `json:"index,omitempty"`
	Pairs   []Pair        `json:"pairs,omitempty"` // columns that are looked up together
	Geo     *Geo          `json:"geo,omitempty"`
	Extent  *Extent       `json:"extent,omitempty"`
	Rejects Rejects       `json:"rejects"`
	Notes   []Note        `json:"notes,omitempty"`
	Digest  string        `json:"digest"` // SHA-256 over the canonical form of all rows, in hex

	Derived map[string]int64 `json:"derived,omitempty"` // file made by package derive -> bytes
}

// Ready reports whether package derive has made the file called name.
func (m *Manifest) Ready(name string) bool { return m.Derived[name] > 0 }

// Column returns the column called name and its position, or nil and -1.
func (m *Manifest) Column(name string) (*Column, int) { return ColumnNamed(m.Columns, name) }

// Extent is where the rows with a place lie, in degrees, with a coarse count
// per cell that says which way to search is quicker.
type Extent struct {
	South, West, North, East float64
	Rows                     int64   // rows that have a place
	Cells                    []int64 // gridSide × gridSide, south-west first
}

// GridSide is how many cells an extent has from south to north, and from west
// to east.
const GridSide = 48

// ReadManifest reads the manifest of the version in dir. A folder without one
// is fault.NotFound.
func ReadManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if os.IsNotExist(err) {
		return nil, fault.New(fault.NotFound, "table.no_version").Wrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // a float64 would round large whole numbers
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", filepath.Base(dir), err)
	}
	if m.Format != manifestFormat || len(m.Stats) != len(m.Columns) {
		return nil, fmt.Errorf("manifest of %s: format %d, this program reads %d", filepath.Base(dir), m.Format, manifestFormat)
	}
	m.settle()
	return &m, nil
}

// settle gives the numbers that came out of JSON the types they went in with.
func (m *Manifest) settle() {
	for i := range m.Stats {
		s, f := &m.Stats[i], m.Columns[i].Type.Form()
		s.Min, s.Max = plainNumber(f, s.Min), plainNumber(f, s.Max)
		for k := range s.Top {
			s.Top[k].Value = plainNumber(f, s.Top[k].Value)
		}
		for k := range s.Histogram {
			s.Histogram[k].From, s.Histogram[k].To = plainNumber(f, s.Histogram[k].From), plainNumber(f, s.Histogram[k].To)
		}
	}
	for i := range m.Notes {
		for k, v := range m.Notes[i].Args {
			m.Notes[i].Args[k] = plainNumber(FormInt, v)
		}
	}
}

func plainNumber(f Form, v any) any {
	n, ok := v.(json.Number)
	if !ok {
		return v
	}
	if whole, err := n.Int64(); err == nil && f != FormFloat {
		return whole
	}
	x, err := n.Float64()
	if err != nil {
		return nil
	}
	return x
}

// Write replaces the manifest in dir in one step that survives a power cut.
func (m *Manifest) Write(dir string) error {
	m.Format = manifestFormat
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return replaceFile(filepath.Join(dir, ManifestFile), text)
}

func replaceFile(path string, text []byte) error {
	tmp := path + ".new"
	f, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return err
	}
	return Sync(filepath.Dir(path))
}

// Sync flushes a file or a folder to the disk.
func Sync(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// idColumn stands for _id, the number of the row.
var idColumn = Column{Name: "_id", Type: Integer}

// Find returns the column called name, _id included.
func (m *Manifest) Find(name string) (*Column, error) {
	if name == "_id" {
		return &idColumn, nil
	}
	if col, _ := m.Column(name); col != nil {
		return col, nil
	}
	return nil, UnknownColumn(name)
}

// Names lists the public columns.
func (m *Manifest) Names() []string {
	out := make([]string, len(m.Columns))
	for i := range m.Columns {
		out[i] = m.Columns[i].Name
	}
	return out
}
