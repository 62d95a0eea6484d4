package table

import (
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	kgzip "github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// deriveMemoryMB bounds each of the two engines that work side by side.
const deriveMemoryMB = 96

// Derive makes the files of a version that can wait: look-ups, Parquet and
// CSV. Each appears complete and is then marked in the manifest, so a killed
// Derive goes on where it stopped and a finished one does nothing. One Derive
// at a time may work on a version.
func Derive(ctx context.Context, dir string, progress Progress) error {
	m, err := ReadManifest(dir)
	if err != nil {
		return err
	}
	d := deriver{dir: dir, m: m, progress: progress}
	if m.Derived == nil {
		m.Derived = map[string]int64{}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.make(ctx, LookupFile, d.lookup) })
	group.Go(func() error {
		if err := d.make(ctx, ParquetFile, d.parquet); err != nil {
			return err
		}
		return d.make(ctx, CSVFile, d.csv)
	})
	return group.Wait()
}

type deriver struct {
	dir      string
	m        *Manifest
	mu       sync.Mutex // guards m.Derived and progress
	progress Progress
}

// make runs one step unless its file is there already.
func (d *deriver) make(ctx context.Context, name string, step func(ctx context.Context, path string) error) error {
	final := filepath.Join(d.dir, name)
	d.mu.Lock()
	size := d.m.Derived[name]
	d.mu.Unlock()
	if st, err := os.Stat(final); err == nil && size > 0 && st.Size() == size {
		return nil
	}
	work := final + ".new"
	defer os.Remove(work)
	defer os.Remove(work + "-journal")
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("derive %s: %w", name, err)
	}
	if err := step(ctx, work); err != nil {
		return fmt.Errorf("derive %s: %w", name, err)
	}
	st, err := os.Stat(work)
	if err == nil {
		err = syncPath(work)
	}
	if err == nil {
		err = os.Rename(work, final)
	}
	if err != nil {
		return fmt.Errorf("derive %s: %w", name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.m.Derived[name] = st.Size()
	return d.m.write(d.dir)
}

func (d *deriver) tell(stage string, done int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.progress.tell(stage, done, d.m.Rows)
}

// open opens the version's rows for a derivation.
func (d *deriver) open() (*sql.DB, error) {
	return openDuck(filepath.Join(d.dir, RowsFile), engineLimits{memoryMB: deriveMemoryMB, threads: 1, temp: os.TempDir()}, nil)
}

// parquet lets DuckDB write the rows under their public names.
func (d *deriver) parquet(ctx context.Context, path string) error {
	d.tell("table.stage.parquet", 0)
	db, err := d.open()
	if err != nil {
		return err
	}
	defer db.Close()
	return copyParquet(ctx, db, "SELECT "+strings.Join(d.m.publicColumns(nil), ", ")+" FROM rows", nil, path)
}

func copyParquet(ctx context.Context, db *sql.DB, query string, args []any, path string) error {
	q := "COPY (" + query + ") TO " + quoteText(path) + " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 60000)"
	_, err := db.ExecContext(ctx, q, args...)
	return err
}

// publicColumns selects stored columns under their public names: the named
// ones, or all.
func (m *Manifest) publicColumns(names []string) []string {
	if names == nil {
		names = m.names()
	}
	var out []string
	for _, n := range names {
		if n == "_id" {
			out = append(out, "_id")
			continue
		}
		_, i := m.Column(n)
		out = append(out, physical(i)+" AS "+quoteName(n))
	}
	return out
}

// names lists the public columns.
func (m *Manifest) names() []string {
	out := make([]string, len(m.Columns))
	for i := range m.Columns {
		out[i] = m.Columns[i].Name
	}
	return out
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// csv writes all rows as plain machine-readable CSV, compressed.
func (d *deriver) csv(ctx context.Context, path string) error {
	db, err := d.open()
	if err != nil {
		return err
	}
	defer db.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := kgzip.NewWriterLevel(f, gzip.BestSpeed+1)
	if err != nil {
		return err
	}
	w := newCSVWriter(z, d.m.names(), false)
	err = eachRow(ctx, db, d.m, func(id int64, cells []any) error {
		if id%65536 == 0 {
			d.tell("table.stage.csv", id)
		}
		cells = cells[:len(d.m.Columns)]
		for i := range cells {
			cells[i] = show(&d.m.Columns[i], cells[i])
		}
		return w.row(cells)
	})
	if err == nil {
		err = w.close()
	}
	if err == nil {
		err = z.Close()
	}
	return err
}

// rawDuck selects a stored column as the plain int64, float64 or text that
// both engines understand.
func rawDuck(f form, col string) string {
	switch f {
	case formDate:
		return "date_diff('day', DATE '1970-01-01', " + col + ")"
	case formStamp, formTime:
		return "epoch_us(" + col + ")"
	case formBool:
		return col + "::BIGINT"
	}
	return col
}

// eachRow hands out all rows in load order, a slice at a time so that memory
// stays small. The cells, hidden ones last, are reused between calls.
func eachRow(ctx context.Context, db *sql.DB, m *Manifest, do func(id int64, cells []any) error) error {
	const slice = 16 * batchRows
	var exprs []string
	for i := range m.Columns {
		exprs = append(exprs, rawDuck(m.Columns[i].Type.form(), physical(i)))
	}
	exprs = append(exprs, m.Geo.hidden()...)
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM rows WHERE rowid >= ? AND rowid < ?"
	cells, ptrs := make([]any, len(exprs)), make([]any, len(exprs))
	for i := range ptrs {
		ptrs[i] = &cells[i]
	}
	for from := int64(0); from < m.Rows; from += slice {
		rows, err := db.QueryContext(ctx, q, from, min(from+slice, m.Rows))
		if err != nil {
			return err
		}
		id := from
		for rows.Next() {
			id++
			if err := rows.Scan(ptrs...); err != nil {
				rows.Close()
				return err
			}
			if err := do(id, cells); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if id != min(from+slice, m.Rows) {
			return fmt.Errorf("rows %d to %d: %d came", from, from+slice, id-from)
		}
	}
	return nil
}

func joinColumns(p *plan) string {
	names := make([]string, len(p.columns))
	for i, c := range p.columns {
		names[i] = c.Name
	}
	return strings.Join(p.m.publicColumns(names), ", ")
}
