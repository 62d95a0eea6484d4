package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
)

// Height is that of tiles: each holds up to 256 hashes or entries.
const Height = 8

const width = 1 << Height

// File is one of the static files that make up the log.
type File struct {
	Body      []byte
	Type      string // for Content-Type
	Immutable bool   // it may be cached for ever
}

// File returns the file at a C2SP tlog-tiles path below the log's prefix, such
// as "checkpoint", "tile/0/x001/067" or "tile/entries/000.p/12". What is not, or
// not yet, published gives db.ErrNotFound.
func (l *Ledger) File(ctx context.Context, path string) (File, error) {
	if path == "checkpoint" {
		c, err := l.Latest(ctx)
		return File{c.Note, "text/plain; charset=utf-8", false}, err
	}
	t, err := parsePath(path)
	if err != nil {
		return File{}, err
	}
	var body []byte
	if t.L < 0 {
		body, err = l.EntriesTile(ctx, t.N, t.W)
	} else {
		body, err = l.Tile(ctx, t.L, t.N, t.W)
	}
	return File{body, "application/octet-stream", true}, err
}

// parsePath reads "tile/<L>/<N>[.p/<W>]", or the same with "entries" as level,
// which it gives as -1. There is one path for each tile.
func parsePath(path string) (tlog.Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || strings.HasPrefix(rest, "data/") {
		return tlog.Tile{}, db.ErrNotFound
	}
	if n, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = "data/" + n
	}
	t, err := tlog.ParseTilePath(fmt.Sprintf("tile/%d/%s", Height, rest))
	if err != nil {
		return t, errors.Join(db.ErrNotFound, err)
	}
	return t, nil
}

// Path returns the path of a tile below the log's prefix; l is -1 for entries.
func Path(l int, n int64, w int) string {
	p := tlog.Tile{H: Height, L: l, N: n, W: w}.Path()
	p = strings.Replace(p, fmt.Sprintf("tile/%d/", Height), "tile/", 1)
	return strings.Replace(p, "tile/data/", "tile/entries/", 1)
}

// published reports whether the first w places of a tile are within a tree.
func published(size int64, l int, n int64, w int) bool {
	return l >= 0 && l < 8 && n >= 0 && n < 1<<40 && w >= 1 && w <= width && n*width+int64(w) <= size>>(Height*l)
}

// Tile returns the first w hashes (256 of a full tile) of tile n at level lev,
// as far as the published checkpoint goes; else db.ErrNotFound.
func (l *Ledger) Tile(ctx context.Context, lev int, n int64, w int) (body []byte, err error) {
	err = l.db.View(ctx, func(tx *db.Tx) error {
		c, err := latest(ctx, tx)
		if err != nil {
			return err
		}
		if !published(c.Size, lev, n, w) {
			return db.ErrNotFound
		}
		body, err = tlog.ReadTileData(tlog.Tile{H: Height, L: lev, N: n, W: w}, stored(ctx, tx))
		return err
	})
	return body, err
}

// EntriesTile returns the first w entries of bundle n, each after its length in
// two bytes, as far as the published checkpoint goes; else db.ErrNotFound.
func (l *Ledger) EntriesTile(ctx context.Context, n int64, w int) ([]byte, error) {
	var b bytes.Buffer
	err := l.db.View(ctx, func(tx *db.Tx) error {
		c, err := latest(ctx, tx)
		if err != nil {
			return err
		}
		if !published(c.Size, 0, n, w) {
			return db.ErrNotFound
		}
		es, err := activity.Since(ctx, tx, n*width, w)
		if err != nil {
			return err
		}
		if len(es) != w || es[w-1].Seq != n*width+int64(w) {
			return fmt.Errorf("entries %d to %d are not all there", n*width+1, n*width+int64(w))
		}
		for i := range es {
			leaf := es[i].Envelope()
			if len(leaf) > 1<<16-1 {
				return fmt.Errorf("entry %d is too long for a bundle", es[i].Seq)
			}
			b.Write(binary.BigEndian.AppendUint16(nil, uint16(len(leaf))))
			b.Write(leaf)
		}
		return nil
	})
	return b.Bytes(), err
}
