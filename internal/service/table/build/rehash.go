package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/stored"
)

// rehashMemoryMB bounds the engine that reads the rows again.
const rehashMemoryMB = 96

// Rehash reads all rows of the version in dir again and returns the digest of
// their canonical form. It equals Manifest.Digest as long as the rows are what
// was built, and the digest of any other build of the same file and profile.
func Rehash(ctx context.Context, dir string) (string, error) {
	digest := sha256.New()
	err := RowHashes(ctx, dir, func(_ int64, canonical []byte) error {
		digest.Write(canonical)
		return nil
	})
	return hex.EncodeToString(digest.Sum(nil)), err
}

// RowHashes hands out the canonical form of each row of the version in dir, in
// load order; see batch.encode. It is valid until the next call. Two rows are
// the same where it is, in whichever version they stand.
func RowHashes(ctx context.Context, dir string, do func(id int64, canonical []byte) error) error {
	m, err := table.ReadManifest(dir)
	if err != nil {
		return err
	}
	db, err := stored.OpenDuck(filepath.Join(dir, table.RowsFile), stored.Limits{MemoryMB: rehashMemoryMB, Threads: 1, Temp: os.TempDir()}, stored.Lockdown)
	if err != nil {
		return err
	}
	defer db.Close()
	var shape []table.Form
	for _, c := range m.Columns {
		shape = append(shape, c.Type.Form())
	}
	one := newBatch(shape)
	return stored.Each(ctx, db, m, func(id int64, cells []any) error {
		one.reset(id)
		for i := range shape {
			v, err := rawValue(cells[i])
			if err != nil {
				return fmt.Errorf("row %d, column %d: %w", id, i, err)
			}
			one.cols[i].set(0, &v, cells[i] != nil)
		}
		one.encode(0, len(shape))
		return do(id, one.bytes)
	})
}

func rawValue(cell any) (v cell.Value, err error) {
	switch x := cell.(type) {
	case nil:
	case int64:
		v.Int = x
	case float64:
		v.Float = x
	case string:
		v.Text = []byte(x)
	default:
		err = fmt.Errorf("unexpected %T", cell)
	}
	return v, err
}
