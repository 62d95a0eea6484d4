package build

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

	"golang.org/x/sync/errgroup"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
	"ceiba/internal/service/table/stored"
)

// buildMemoryMB keeps a load under 600 MB beside everything else.
const buildMemoryMB = 176

// Version reads the file at path as its profile says and makes a version in dir,
// which must not exist: rows, rejects, statistics, manifest. The version
// appears in one rename, complete and on disk, or not at all; what a killed
// build left behind is swept away by the next one for the same dir.
func Version(ctx context.Context, path string, p *profile.Profile, dir string, progress table.Progress) (*table.Manifest, error) {
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
	m, err := buildIn(ctx, path, p, work, progress)
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
	for _, name := range []string{table.RowsFile, table.RejectsFile, table.ManifestFile} {
		if err := table.Sync(filepath.Join(work, name)); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if err := table.Sync(work); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.Rename(work, dir); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return table.Sync(filepath.Dir(dir))
}

func buildIn(ctx context.Context, path string, p *profile.Profile, work string, progress table.Progress) (*table.Manifest, error) {
	m := &table.Manifest{Name: p.Source.Name, Columns: slices.Clone(p.Columns), Key: p.Key, Index: p.Index, Geo: p.Geo, Notes: slices.Clone(p.Notes)}
	b, err := newBuilder(m, work)
	if err != nil {
		return nil, err
	}
	if err := b.load(ctx, path, p.Source, progress); err != nil {
		return nil, err
	}
	progress.Tell("table.stage.statistics", 0, m.Rows)
	if err := statistics(ctx, m, work); err != nil {
		return nil, fmt.Errorf("statistics: %w", err)
	}
	proveKey(m)
	m.Pairs = choosePairs(m)
	return m, m.Write(work)
}

// proveKey drops a key that does not name each row once.
func proveKey(m *table.Manifest) {
	c, i := m.Column(m.Key)
	if c == nil {
		m.Key = ""
		return
	}
	if s := m.Stats[i]; s.Nulls > 0 || s.Distinct != m.Rows || !s.DistinctExact {
		m.Notes = append(m.Notes, table.Note{Column: m.Key, Key: "table.note.key_repeats"})
		m.Key, c.Unique = "", false
	}
}

// builder carries a load in progress.
type builder struct {
	m       *table.Manifest
	readers []*cell.Reader
	shape   []table.Form // of the stored columns, hidden ones last
	geo     geoFiller
	folds   []int // columns that are also stored folded, after the rest
	rejects *table.RejectWriter
	loader  *loader
	digest  hash.Hash
	val     cell.Value
	folded  []byte
}

func newBuilder(m *table.Manifest, work string) (*builder, error) {
	b := &builder{m: m, digest: sha256.New()}
	for i := range m.Columns {
		b.readers = append(b.readers, cell.NewReader(&m.Columns[i]))
		b.shape = append(b.shape, m.Columns[i].Type.Form())
	}
	b.geo = newGeoFiller(m, b.readers)
	for range m.Geo.Hidden() {
		b.shape = append(b.shape, table.FormFloat)
	}
	for i := range m.Columns {
		c := &m.Columns[i]
		if c.Folded = c.Type == table.Text && c.Distinct > foldAbove; c.Folded {
			b.folds = append(b.folds, i)
			b.shape = append(b.shape, table.FormText)
		}
	}
	var err error
	if b.rejects, err = table.NewRejectWriter(filepath.Join(work, table.RejectsFile)); err != nil {
		return nil, err
	}
	lim := stored.Limits{MemoryMB: buildMemoryMB, Threads: 2, Temp: filepath.Join(work, "spill")}
	b.loader, err = newLoader(filepath.Join(work, table.RowsFile), stored.CreateTable(m, stored.Duck), b.shape, lim)
	if err != nil {
		b.rejects.Close()
	}
	return b, err
}

// foldAbove is how many different texts a column has before a folded copy is
// worth its room: DuckDB folds each value of its dictionaries only once.
const foldAbove = 1000

// load reads and types rows in one goroutine and stores them in another.
func (b *builder) load(ctx context.Context, path string, opts source.Options, progress table.Progress) (err error) {
	defer b.loader.close()
	defer func() { err = errors.Join(err, b.rejects.Close()) }()
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
	b.m.Rejects = b.rejects.Sum
	b.m.Digest = hex.EncodeToString(b.digest.Sum(nil))
	return b.loader.finish()
}

func (b *builder) read(ctx context.Context, path string, opts source.Options, full chan<- *batch, free <-chan *batch, progress table.Progress) error {
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
		progress.Tell("table.stage.load", done, total)
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
		result := r.Read(row.Cells[i], &b.val)
		to.cols[i].set(n, &b.val, result == cell.Kept)
		if result == cell.Nulled || result == cell.Bad {
			b.reject(row, i, result)
		}
	}
	for _, p := range row.Problems {
		r := table.Reject{Line: row.Line, Row: b.m.Rows, Code: p.Code, Value: p.Value}
		if p.Column >= 0 && p.Column < len(b.m.Columns) {
			r.Column = b.m.Columns[p.Column].Name
		}
		b.rejects.Add(r)
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
		b.folded = cell.Fold(b.folded[:0], to.cols[i].textAt(n))
		to.cols[first+k].set(n, &cell.Value{Text: b.folded}, to.cols[i].valid[n])
	}
}

func (b *builder) reject(row *source.Row, i int, result cell.Outcome) {
	code := table.CodeBadValue
	if result == cell.Nulled {
		code = table.CodeNullWord
	}
	b.rejects.Add(table.Reject{Line: row.Line, Row: b.m.Rows, Column: b.m.Columns[i].Name, Code: code, Value: string(row.Cells[i])})
}

// geoFiller computes the hidden coordinates of a point or geometry column.
type geoFiller struct {
	column int // -1: nothing to fill
	reader *cell.Reader
	shape  bool
	first  int // position of _lat among the stored columns
	count  int // of hidden columns
}

func newGeoFiller(m *table.Manifest, readers []*cell.Reader) geoFiller {
	g := geoFiller{column: -1, first: len(readers), count: len(m.Geo.Hidden())}
	if len(m.Geo.Hidden()) == 0 {
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
	b := cell.Trim(cells[g.column])
	var at [6]float64 // lat, lon, south, west, north, east
	ok := to.cols[g.column].valid[n]
	switch {
	case ok && g.shape:
		box, _ := cell.ParseShape(b)
		c := box.Center()
		at = [6]float64{c.Lat(), c.Lon(), box.Min.Lat(), box.Min.Lon(), box.Max.Lat(), box.Max.Lon()}
	case ok:
		at[0], at[1], _ = g.reader.Pair(b)
	}
	for i := range g.count {
		to.cols[g.first+i].set(n, &cell.Value{Float: at[i]}, ok)
	}
}
