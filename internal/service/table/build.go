package table

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
)

// buildMemoryMB keeps a load under 600 MB beside everything else.
const buildMemoryMB = 176

// Build reads the file at path as profile says and makes a version in dir,
// which must not exist: rows, rejects, statistics, manifest. The version
// appears in one rename, complete and on disk, or not at all; what a killed
// Build left behind is swept away by the next one for the same dir.
func Build(ctx context.Context, path string, profile *Profile, dir string, progress Progress) (*Manifest, error) {
	if _, err := os.Stat(dir); err == nil {
		return nil, fault.New(fault.Conflict, "table.version_exists")
	}
	work := dir + ".building"
	if err := os.RemoveAll(work); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(work, "spill"), 0o755); err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	m, err := buildIn(ctx, path, profile, work, progress)
	if err == nil {
		err = publish(work, dir)
	}
	if err != nil {
		os.RemoveAll(work)
		return nil, err
	}
	return m, nil
}

// publish makes every file of work durable and gives it its final name.
func publish(work, dir string) error {
	if err := os.RemoveAll(filepath.Join(work, "spill")); err != nil {
		return err
	}
	for _, name := range []string{RowsFile, RejectsFile, ManifestFile} {
		if err := syncPath(filepath.Join(work, name)); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if err := syncPath(work); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.Rename(work, dir); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return syncPath(filepath.Dir(dir))
}

func buildIn(ctx context.Context, path string, profile *Profile, work string, progress Progress) (*Manifest, error) {
	m := &Manifest{Format: manifestFormat, Name: profile.Source.Name, Columns: slices.Clone(profile.Columns), Key: profile.Key, Index: profile.Index, Geo: profile.Geo, Notes: slices.Clone(profile.Notes)}
	b, err := newBuilder(m, work)
	if err != nil {
		return nil, err
	}
	if err := b.load(ctx, path, profile.Source, progress); err != nil {
		return nil, err
	}
	progress.tell("table.stage.statistics", 0, m.Rows)
	if err := m.count(ctx, work); err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	m.proveKey()
	m.Pairs = m.pairs()
	return m, m.write(work)
}

// proveKey drops a key that does not name each row once.
func (m *Manifest) proveKey() {
	c, i := m.Column(m.Key)
	if c == nil {
		m.Key = ""
		return
	}
	if s := m.Stats[i]; s.Nulls > 0 || s.Distinct != m.Rows || !s.DistinctExact {
		m.Notes = append(m.Notes, Note{Column: m.Key, Key: "table.note.key_repeats"})
		m.Key, c.Unique = "", false
	}
}

// builder carries a load in progress.
type builder struct {
	m       *Manifest
	readers []*cellReader
	shape   []form // of the stored columns, hidden ones last
	geo     geoFiller
	folds   []int // columns that are also stored folded, after the rest
	rejects *rejectWriter
	loader  *loader
	digest  hash.Hash
	val     value
	folded  []byte
}

func newBuilder(m *Manifest, work string) (*builder, error) {
	b := &builder{m: m, digest: sha256.New()}
	for i := range m.Columns {
		b.readers = append(b.readers, newCellReader(&m.Columns[i]))
		b.shape = append(b.shape, m.Columns[i].Type.form())
	}
	b.geo = newGeoFiller(m, b.readers)
	for range m.Geo.hidden() {
		b.shape = append(b.shape, formFloat)
	}
	for i := range m.Columns {
		c := &m.Columns[i]
		if c.Folded = c.Type == Text && c.Distinct > foldAbove; c.Folded {
			b.folds = append(b.folds, i)
			b.shape = append(b.shape, formText)
		}
	}
	var err error
	if b.rejects, err = newRejectWriter(filepath.Join(work, RejectsFile)); err != nil {
		return nil, err
	}
	lim := engineLimits{memoryMB: buildMemoryMB, threads: 2, temp: filepath.Join(work, "spill")}
	b.loader, err = newLoader(filepath.Join(work, RowsFile), m.createSQL(form.duck, "_id BIGINT NOT NULL", m.folded()), b.shape, lim)
	if err != nil {
		b.rejects.close()
	}
	return b, err
}

// foldAbove is how many different texts a column has before a folded copy is
// worth its room: DuckDB folds each value of its dictionaries only once.
const foldAbove = 1000

// folded names the folded copies of columns.
func (m *Manifest) folded() []string {
	var out []string
	for i := range m.Columns {
		if m.Columns[i].Folded {
			out = append(out, fmt.Sprintf("f%d", i))
		}
	}
	return out
}

// createSQL declares the table of rows. Columns are called c0, c1, … so that
// no name a publisher chose can clash with another or with ours.
func (m *Manifest) createSQL(kind func(form) string, id string, texts []string) string {
	defs := []string{id}
	for i, c := range m.Columns {
		defs = append(defs, physical(i)+" "+kind(c.Type.form()))
	}
	for _, h := range m.Geo.hidden() {
		defs = append(defs, h+" "+kind(formFloat))
	}
	for _, t := range texts {
		defs = append(defs, t+" "+kind(formText))
	}
	return "CREATE TABLE rows (" + strings.Join(defs, ", ") + ")"
}

func physical(i int) string { return fmt.Sprintf("c%d", i) }

// load reads and types rows in one goroutine and stores them in another.
func (b *builder) load(ctx context.Context, path string, opts source.Options, progress Progress) (err error) {
	defer b.loader.close()
	defer func() { err = errors.Join(err, b.rejects.close()) }()
	full, free := make(chan *batch, 4), make(chan *batch, 4)
	for range cap(free) {
		free <- newBatch(b.shape)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full)
		return b.read(ctx, path, opts, full, free, progress)
	})
	group.Go(func() error {
		for batch := range full {
			b.digest.Write(batch.bytes)
			if err := b.loader.append(batch); err != nil {
				return err
			}
			free <- batch
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	b.m.Rejects = b.rejects.sum
	b.m.Digest = hex.EncodeToString(b.digest.Sum(nil))
	return b.loader.finish()
}

func (b *builder) read(ctx context.Context, path string, opts source.Options, full chan<- *batch, free <-chan *batch, progress Progress) error {
	in, err := open.File(ctx, path, opts)
	if err != nil {
		return err
	}
	defer in.Close()
	if n := len(in.Info().Names); n != len(b.readers) {
		return fmt.Errorf("build: the file has %d columns, its profile %d", n, len(b.readers))
	}
	for {
		var to *batch
		select {
		case to = <-free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		to.reset(b.m.Rows + 1)
		end := false
		for to.rows < batchRows && !end {
			row, err := in.Next()
			if end = errors.Is(err, io.EOF); end {
				break
			} else if err != nil {
				return fmt.Errorf("build: %w", err)
			}
			b.take(row, to)
		}
		if to.rows > 0 {
			full <- to
		}
		done, total := in.Bytes()
		progress.tell("table.stage.load", done, total)
		if end {
			return nil
		}
	}
}

// take types one row into the batch and notes what could not be taken.
func (b *builder) take(row *source.Row, to *batch) {
	b.m.Rows++
	n := to.rows
	for i, r := range b.readers {
		result := r.read(row.Cells[i], &b.val)
		to.cols[i].set(n, &b.val, result == kept)
		if result == nulled || result == bad {
			b.reject(row, i, result)
		}
	}
	for _, p := range row.Problems {
		r := Reject{Line: row.Line, Row: b.m.Rows, Code: p.Code, Value: p.Value}
		if p.Column >= 0 && p.Column < len(b.m.Columns) {
			r.Column = b.m.Columns[p.Column].Name
		}
		b.rejects.add(r)
	}
	b.geo.fill(row.Cells, to, n)
	b.fold(to, n)
	to.rows++
	to.encode(n, len(b.readers))
}

// fold stores the folded copies of the row's texts.
func (b *builder) fold(to *batch, n int) {
	first := len(to.cols) - len(b.folds)
	for k, i := range b.folds {
		b.folded = lower(b.folded[:0], to.cols[i].textAt(n))
		to.cols[first+k].set(n, &value{s: b.folded}, to.cols[i].valid[n])
	}
}

func (b *builder) reject(row *source.Row, i int, result outcome) {
	code := CodeBadValue
	if result == nulled {
		code = CodeNullWord
	}
	b.rejects.add(Reject{Line: row.Line, Row: b.m.Rows, Column: b.m.Columns[i].Name, Code: code, Value: string(row.Cells[i])})
}

// geoFiller computes the hidden coordinates of a point or geometry column.
type geoFiller struct {
	column int // -1: nothing to fill
	reader *cellReader
	shape  bool
	first  int // position of _lat among the stored columns
	count  int // of hidden columns
}

func newGeoFiller(m *Manifest, readers []*cellReader) geoFiller {
	g := geoFiller{column: -1, first: len(readers), count: len(m.Geo.hidden())}
	if len(m.Geo.hidden()) == 0 {
		return g
	}
	g.shape = m.Geo.Shape != ""
	_, g.column = m.Column(m.Geo.Point + m.Geo.Shape)
	g.reader = readers[g.column]
	return g
}

func (g *geoFiller) fill(cells [][]byte, to *batch, n int) {
	if g.column < 0 {
		return
	}
	b := trim(cells[g.column])
	var at [6]float64 // lat, lon, south, west, north, east
	ok := to.cols[g.column].valid[n]
	switch {
	case ok && g.shape:
		box, _ := parseShape(b)
		c := box.Center()
		at = [6]float64{c.Lat(), c.Lon(), box.Min.Lat(), box.Min.Lon(), box.Max.Lat(), box.Max.Lon()}
	case ok:
		at[0], at[1], _ = g.reader.pair(b)
	}
	for i := range g.count {
		to.cols[g.first+i].set(n, &value{f: at[i]}, ok)
	}
}
