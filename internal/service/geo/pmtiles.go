package geo

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// WriteBasemap writes the layers as one PMTiles 3 file: every tile that is not
// empty from zoom 0 to maxZoom (at most 14). A phone keeps the file and needs no
// server; a server answers ranges of it. The same data gives the same bytes.
func WriteBasemap(ctx context.Context, w io.Writer, name string, maxZoom int, layers ...Layer) error {
	set := NewTileSet(name, "", layers...)
	set.MinZoom, set.MaxZoom = 0, min(maxZoom, LastCellZoom)
	var a archive
	for z := range set.MaxZoom + 1 {
		nw := maptile.At(orb.Point{set.Bounds[0], set.Bounds[3]}, maptile.Zoom(z))
		se := maptile.At(orb.Point{set.Bounds[2], set.Bounds[1]}, maptile.Zoom(z))
		for x := nw.X; x <= se.X; x++ {
			for y := nw.Y; y <= se.Y; y++ {
				tile, err := MapTile(ctx, z, int(x), int(y), layers...)
				if err != nil {
					return err
				}
				if tile.Data != nil {
					a.tiles = append(a.tiles, storedTile{id: hilbertID(z, x, y), data: tile.Data})
				}
			}
		}
	}
	return a.write(w, set)
}

// archive gathers the tiles of a PMTiles file.
type archive struct {
	tiles []storedTile
}

// storedTile is a tile and where its bytes are in the file's data section.
type storedTile struct {
	id     uint64
	data   []byte
	run    uint64 // how many tiles in a row are the same
	offset uint64
}

// rootLimit is how many bytes the root directory may have: a reader fetches the
// first 16 KiB of the file, header and all.
const rootLimit = 16_384 - headerSize

const headerSize = 127

func (a *archive) write(w io.Writer, set TileSet) error {
	addressed := len(a.tiles)
	data, contents := a.lay()
	root, leaves := directories(a.tiles)
	meta, err := json.Marshal(map[string]any{"name": set.Name, "attribution": set.Attribution, "vector_layers": set.VectorLayers})
	if err != nil {
		return err
	}
	metadata := zipped(meta)
	h := header3{
		rootLength: len(root), metadataLength: len(metadata), leafLength: len(leaves), dataLength: len(data),
		addressed: addressed, entries: len(a.tiles), contents: contents, set: set,
	}
	for _, part := range [][]byte{h.bytes(), root, metadata, leaves, data} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// lay puts the tiles in the order of their ids, joins runs of equal ones, and
// returns the data section with each content once, and how many there are.
func (a *archive) lay() (data []byte, contents int) {
	slices.SortFunc(a.tiles, func(x, y storedTile) int { return int(int64(x.id) - int64(y.id)) })
	at := map[string]uint64{}
	var out []storedTile
	for _, t := range a.tiles {
		offset, known := at[string(t.data)]
		if !known {
			offset = uint64(len(data))
			at[string(t.data)] = offset
			data = append(data, t.data...)
		}
		if n := len(out); known && n > 0 && out[n-1].offset == offset && out[n-1].id+out[n-1].run == t.id {
			out[n-1].run++
			continue
		}
		t.offset, t.run = offset, 1
		out = append(out, t)
	}
	a.tiles = out
	return data, len(at)
}

// directories returns the root directory and, when all entries do not fit into
// it, the leaves that it points to.
func directories(entries []storedTile) (root, leaves []byte) {
	if root = directory(entries); len(root) <= rootLimit {
		return root, nil
	}
	for size := 4096; ; size *= 2 {
		var pointers []storedTile
		leaves = nil
		for leaf := range slices.Chunk(entries, size) {
			b := directory(leaf)
			// run 0 marks a pointer to a leaf; only the length of data counts.
			pointers = append(pointers, storedTile{id: leaf[0].id, data: b, offset: uint64(len(leaves))})
			leaves = append(leaves, b...)
		}
		if root = directory(pointers); len(root) <= rootLimit {
			return root, leaves
		}
	}
}

// directory writes entries as PMTiles does: their number, then column by column
// the steps between ids, the runs, the lengths and the offsets, 0 for "right
// after the one before".
func directory(entries []storedTile) []byte {
	b := binary.AppendUvarint(nil, uint64(len(entries)))
	last := uint64(0)
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.run)
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(len(e.data)))
	}
	for i, e := range entries {
		if i > 0 && e.offset == entries[i-1].offset+uint64(len(entries[i-1].data)) {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, e.offset+1)
	}
	return zipped(b)
}

// header3 is what the header of version 3 says.
type header3 struct {
	rootLength, metadataLength, leafLength, dataLength int
	addressed, entries, contents                       int
	set                                                TileSet
}

func (h header3) bytes() []byte {
	const gz, vector = 2, 1
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			binary.Write(&b, binary.LittleEndian, v) // to memory: cannot fail
		}
	}
	at := uint64(headerSize)
	section := func(length int) {
		put(at, uint64(length))
		at += uint64(length)
	}
	b.WriteString("PMTiles")
	put(uint8(3))
	section(h.rootLength)
	section(h.metadataLength)
	section(h.leafLength)
	section(h.dataLength)
	put(uint64(h.addressed), uint64(h.entries), uint64(h.contents), uint8(1), uint8(gz), uint8(gz), uint8(vector))
	put(uint8(h.set.MinZoom), uint8(h.set.MaxZoom))
	for _, degrees := range h.set.Bounds {
		put(e7(degrees))
	}
	put(uint8(min(7, h.set.MaxZoom)), e7(h.set.Center[0]), e7(h.set.Center[1]))
	if b.Len() != headerSize {
		panic(fmt.Sprintf("geo: a PMTiles header of %d bytes", b.Len()))
	}
	return b.Bytes()
}

func e7(degrees float64) int32 { return int32(math.Round(degrees * 1e7)) }

// hilbertID numbers the tiles of all zooms, those of one zoom along a Hilbert
// curve.
func hilbertID(z int, x, y uint32) uint64 { return (uint64(1)<<(2*z)-1)/3 + Hilbert(z, x, y) }

// Hilbert is how far along the Hilbert curve of an order, which fills a square
// of 2^order by 2^order cells, the cell x, y lies: cells that are near on the
// curve are near in the square.
func Hilbert(order int, x, y uint32) (d uint64) {
	for s := uint32(1) << order >> 1; s > 0; s >>= 1 {
		var rx, ry uint64
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d += uint64(s) * uint64(s) * (3*rx ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = s-1-x&(s-1), s-1-y&(s-1)
			}
			x, y = y, x
		}
		x, y = x&(s-1), y&(s-1)
	}
	return d
}
