package table

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

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
	m, err := ReadManifest(dir)
	if err != nil {
		return err
	}
	db, err := openDuck(filepath.Join(dir, RowsFile), engineLimits{memoryMB: deriveMemoryMB, threads: 1, temp: os.TempDir()}, lockdown)
	if err != nil {
		return err
	}
	defer db.Close()
	var shape []form
	for _, c := range m.Columns {
		shape = append(shape, c.Type.form())
	}
	one := newBatch(shape)
	return eachRow(ctx, db, m, func(id int64, cells []any) error {
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

func rawValue(cell any) (v value, err error) {
	switch x := cell.(type) {
	case nil:
	case int64:
		v.i = x
	case float64:
		v.f = x
	case string:
		v.s = []byte(x)
	default:
		err = fmt.Errorf("unexpected %T", cell)
	}
	return v, err
}
