package derive

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"ceiba/internal/service/geo"
	"ceiba/internal/service/table/stored"
)

// boxed is a row with a place: its bounds in 32-bit degrees, rounded outwards,
// and its position on a Hilbert curve over the extent.
type boxed struct {
	curve                    uint32
	id                       uint32
	west, east, south, north float32
}

// An R*Tree as SQLite documents it ("The SQLite R*Tree Module", section 5,
// shadow tables): nodes of at most 51 cells, each cell an 8-byte id and
// four big-endian floats; the root is node 1 and says how deep the tree is.
const (
	treeCells    = 51
	treeCellSize = 8 + 4*4
	treeNodeSize = 4 + treeCells*treeCellSize
)

// places builds the R*Tree "box" over the coordinates. The nodes are packed
// along a Hilbert curve and written as they are: a million points take about a
// second, inserting them one by one takes twelve, and the packed tree is
// smaller and quicker to search. Tests let SQLite's own rtreecheck judge it.
func (d *deriver) places(ctx context.Context, l *lite) error {
	if d.m.Extent == nil || d.m.Rows > math.MaxUint32 {
		return nil
	}
	d.tell("table.stage.places", 0)
	all, err := d.boxes(l)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b boxed) int { return cmp.Or(cmp.Compare(a.curve, b.curve), cmp.Compare(a.id, b.id)) })
	if err := l.exec("CREATE VIRTUAL TABLE box USING rtree(id, west, east, south, north)"); err != nil {
		return err
	}
	if err := l.exec("DELETE FROM box_node"); err != nil {
		return err
	}
	return (&treeWriter{l: l}).write(ctx, all)
}

// boxes reads the places of all rows back from the file being written.
func (d *deriver) boxes(l *lite) ([]boxed, error) {
	lat, lon := stored.LatLon(d.m)
	s, w, n, e := lat, lon, lat, lon
	if d.m.Geo.Shape != "" {
		s, w, n, e = "_south", "_west", "_north", "_east"
	}
	all := make([]boxed, 0, d.m.Extent.Rows)
	x := d.m.Extent
	err := l.each(fmt.Sprintf("SELECT _id, %s, %s, %s, %s FROM rows WHERE %s IS NOT NULL AND %s IS NOT NULL", w, e, s, n, lat, lon), func(v []driver.Value) error {
		west, east, south, north := v[1].(float64), v[2].(float64), v[3].(float64), v[4].(float64)
		all = append(all, boxed{
			curve: uint32(geo.Hilbert(16, unit16((west+east)/2, x.West, x.East), unit16((south+north)/2, x.South, x.North))), // order 16 has 2^32 cells
			id:    uint32(v[0].(int64)),
			west:  below(west), east: above(east), south: below(south), north: above(north),
		})
		return nil
	})
	return all, err
}

// below and above round to 32 bits, away from the box's middle.
func below(x float64) float32 {
	f := float32(x)
	if float64(f) > x {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func above(x float64) float32 {
	f := float32(x)
	if float64(f) < x {
		f = math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

// unit16 places x between lo and hi on 0 … 65535.
func unit16(x, lo, hi float64) uint32 {
	if hi <= lo {
		return 0
	}
	return uint32(math.Max(0, math.Min(65535, (x-lo)/(hi-lo)*65535)))
}

// treeWriter packs sorted boxes into nodes, level by level.
type treeWriter struct {
	l       *lite
	nodes   *inserter
	parents *inserter
	next    int64 // number of the next node; 1 is kept for the root
}

func (t *treeWriter) write(ctx context.Context, all []boxed) (err error) {
	if t.nodes, err = t.l.inserter("box_node", 2); err != nil {
		return err
	}
	if t.parents, err = t.l.inserter("box_parent", 2); err != nil {
		return err
	}
	t.next = 2
	leafOf := make([]uint32, len(all)) // by position along the curve
	var level []boxed
	depth := 0
	for cells := all; ; cells, depth = level, depth+1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(cells) <= treeCells {
			if err := t.root(cells, depth, leafOf); err != nil {
				return err
			}
			break
		}
		above := make([]boxed, 0, len(cells)/treeCells+1)
		for from := 0; from < len(cells); from += treeCells {
			group := cells[from:min(from+treeCells, len(cells))]
			node, err := t.node(group, depth, leafOf, from)
			if err != nil {
				return err
			}
			above = append(above, node)
		}
		level = above
	}
	if err := t.nodes.close(); err != nil {
		return err
	}
	if err := t.parents.close(); err != nil {
		return err
	}
	return t.rowids(all, leafOf)
}

// node writes one node and returns the cell that stands for it one level up.
func (t *treeWriter) node(cells []boxed, depth int, leafOf []uint32, from int) (boxed, error) {
	id := t.next
	t.next++
	up := cells[0]
	up.id = uint32(id)
	for i, c := range cells {
		up.west, up.east = min(up.west, c.west), max(up.east, c.east)
		up.south, up.north = min(up.south, c.south), max(up.north, c.north)
		if depth == 0 {
			leafOf[from+i] = uint32(id)
		}
	}
	return up, t.put(id, cells, 0, depth)
}

func (t *treeWriter) root(cells []boxed, depth int, leafOf []uint32) error {
	if depth == 0 {
		for i := range cells {
			leafOf[i] = 1
		}
	}
	return t.put(1, cells, depth, depth)
}

// put stores a node. Only the root carries the depth of the tree.
func (t *treeWriter) put(id int64, cells []boxed, mark, depth int) error {
	data := make([]byte, treeNodeSize)
	binary.BigEndian.PutUint16(data, uint16(mark))
	binary.BigEndian.PutUint16(data[2:], uint16(len(cells)))
	at := data[4:]
	for _, c := range cells {
		binary.BigEndian.PutUint64(at, uint64(c.id))
		for i, f := range []float32{c.west, c.east, c.south, c.north} {
			binary.BigEndian.PutUint32(at[8+4*i:], math.Float32bits(f))
		}
		at = at[treeCellSize:]
		if depth > 0 {
			if err := t.parents.add([]driver.Value{int64(c.id), id}); err != nil {
				return err
			}
		}
	}
	return t.nodes.add([]driver.Value{id, data})
}

// rowids tells SQLite in which leaf each row is, in the order of the rows.
func (t *treeWriter) rowids(all []boxed, leafOf []uint32) error {
	for i := range all {
		all[i].curve = leafOf[i]
	}
	slices.SortFunc(all, func(a, b boxed) int { return cmp.Compare(a.id, b.id) })
	ins, err := t.l.inserter("box_rowid", 2)
	if err != nil {
		return err
	}
	for _, b := range all {
		if err := ins.add([]driver.Value{int64(b.id), int64(b.curve)}); err != nil {
			return err
		}
	}
	return ins.close()
}
