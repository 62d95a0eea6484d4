package derive

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

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/csv"
	"ceiba/internal/service/table/stored"
)

// deriveMemoryMB bounds each of the two engines that work side by side.
const deriveMemoryMB = 96

// Files makes the files of a version that can wait: look-ups, Parquet and CSV.
// Each appears complete and is then marked in the manifest, so a killed
// derivation goes on where it stopped and a finished one does nothing. One at a
// time may work on a version.
func Files(ctx context.Context, dir string, progress table.Progress) error {
	m, err := table.ReadManifest(dir)
	if err != nil {
		return err
	}
	d := deriver{dir: dir, m: m, progress: progress}
	if m.Derived == nil {
		m.Derived = map[string]int64{}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.make(ctx, table.LookupFile, d.lookup) })
	group.Go(func() error {
		if err := d.make(ctx, table.ParquetFile, d.parquet); err != nil {
			return err
		}
		return d.make(ctx, table.CSVFile, d.csv)
	})
	return group.Wait()
}

type deriver struct {
	dir      string
	m        *table.Manifest
	mu       sync.Mutex // guards m.Derived and progress
	progress table.Progress
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
		err = table.Sync(work)
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
	return d.m.Write(d.dir)
}

func (d *deriver) tell(stage string, done int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.progress.Tell(stage, done, d.m.Rows)
}

// open opens the version's rows for a derivation.
func (d *deriver) open() (*sql.DB, error) {
	return stored.OpenDuck(filepath.Join(d.dir, table.RowsFile), stored.Limits{MemoryMB: deriveMemoryMB, Threads: 1, Temp: os.TempDir()}, nil)
}

// parquet lets DuckDB write the rows under their public names.
func (d *deriver) parquet(ctx context.Context, path string) error {
	d.tell("table.stage.parquet", 0)
	db, err := d.open()
	if err != nil {
		return err
	}
	defer db.Close()
	return stored.CopyParquet(ctx, db, "SELECT "+strings.Join(stored.Public(d.m, nil), ", ")+" FROM rows", nil, path)
}

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
	w := csv.NewWriter(z, d.m.Names(), false)
	err = stored.Each(ctx, db, d.m, func(id int64, cells []any) error {
		if id%65536 == 0 {
			d.tell("table.stage.csv", id)
		}
		cells = cells[:len(d.m.Columns)]
		for i := range cells {
			cells[i] = cell.Show(&d.m.Columns[i], cells[i])
		}
		return w.Row(cells)
	})
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = z.Close()
	}
	return err
}
