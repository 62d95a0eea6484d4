package geo

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Index holds points in memory for layers that are read far more often than
// they change: 20 to 60 times faster than the database, for about 100 bytes a
// point. It is safe for concurrent use, and answers as Near and InBox do.
type Index[T any] struct {
	mu   sync.RWMutex
	tree rtree.RTreeG[*Entry[T]] // of pointers: it compares them to delete
	byID map[string]*Entry[T]
}

// Entry is one point of an Index with whatever belongs to it.
type Entry[T any] struct {
	ID    string
	Point Point
	Value T
}

// Found is an Entry and its distance from the point asked for, in metres.
type Found[T any] struct {
	Entry[T]
	Metres float64
}

// NewIndex returns an empty index.
func NewIndex[T any]() *Index[T] { return &Index[T]{byID: map[string]*Entry[T]{}} }

// Put adds an entry, or replaces the one with its id. A point that is not on
// the Earth is left out, and the old entry goes.
func (x *Index[T]) Put(e Entry[T]) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(e.ID)
	if !e.Point.Valid() {
		return
	}
	x.tree.Insert(corner(e.Point), corner(e.Point), &e)
	x.byID[e.ID] = &e
}

// Remove takes the entry with an id out, if there is one.
func (x *Index[T]) Remove(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index[T]) remove(id string) {
	if e, ok := x.byID[id]; ok {
		x.tree.Delete(corner(e.Point), corner(e.Point), e)
		delete(x.byID, id)
	}
}

// Len returns how many entries there are.
func (x *Index[T]) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.tree.Len()
}

func corner(p Point) [2]float64 { return [2]float64{p.Lon, p.Lat} }

// Near returns the k entries nearest to p, nearest first, then by id; with a
// radius above 0 only those within that many metres.
func (x *Index[T]) Near(p Point, k int, radius float64) []Found[T] {
	if k <= 0 || !p.Valid() {
		return nil
	}
	if radius <= 0 {
		radius = farthest
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []Found[T]
	x.tree.Nearby(distanceFrom[T](p), func(_, _ [2]float64, e *Entry[T], metres float64) bool {
		if metres > radius || len(out) >= k && metres > out[len(out)-1].Metres {
			return false
		}
		out = append(out, Found[T]{*e, metres})
		return true
	})
	slices.SortFunc(out, func(a, b Found[T]) int {
		return cmp.Or(cmp.Compare(a.Metres, b.Metres), strings.Compare(a.ID, b.ID))
	})
	return out[:min(k, len(out))]
}

// distanceFrom gives the tree the distance of an item, and for the box of a
// branch a bound that no item in it is nearer than.
func distanceFrom[T any](p Point) func(low, high [2]float64, _ *Entry[T], item bool) float64 {
	return func(low, high [2]float64, _ *Entry[T], item bool) float64 {
		if item {
			return Distance(p, Point{low[1], low[0]})
		}
		return boxBound(p, Box{South: low[1], West: low[0], North: high[1], East: high[0]})
	}
}

// boxBound returns a distance in metres that every point of b is at least away
// from p: the larger of the way to its latitudes and the way to its meridians.
// It gives a millimetre away, so that rounding never makes it too large.
func boxBound(p Point, b Box) float64 {
	if b.Contains(p) {
		return 0
	}
	north := max(0, b.South-p.Lat, p.Lat-b.North) * radian
	east := 0.0
	if p.Lon < b.West || p.Lon > b.East {
		dLon := min(turn(b.West-p.Lon), turn(b.East-p.Lon)) * radian
		east = math.Pi/2 - math.Abs(p.Lat)*radian // over the pole
		if dLon < math.Pi/2 {
			east = math.Asin(math.Cos(p.Lat*radian) * math.Sin(dLon))
		}
	}
	return max(0, max(north, east)*EarthRadius*(1-1e-9)-0.001)
}

// turn returns the angle between two meridians, in degrees from 0 to 180.
func turn(degrees float64) float64 {
	d := math.Abs(math.Mod(degrees, 360))
	return min(d, 360-d)
}

// InBox returns the entries in a box, edges included, in the order of geo.InBox:
// south to north, west to east, by id. limit 0 means all.
func (x *Index[T]) InBox(b Box, limit int) ([]Entry[T], error) {
	if err := b.Check(); err != nil {
		return nil, err
	}
	var out []Entry[T]
	x.mu.RLock()
	x.tree.Search([2]float64{b.West, b.South}, [2]float64{b.East, b.North}, func(_, _ [2]float64, e *Entry[T]) bool {
		out = append(out, *e)
		return true
	})
	x.mu.RUnlock()
	slices.SortFunc(out, func(a, b Entry[T]) int {
		return cmp.Or(cmp.Compare(a.Point.Lat, b.Point.Lat), cmp.Compare(a.Point.Lon, b.Point.Lon), strings.Compare(a.ID, b.ID))
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// crowded reports whether the box holds more than n entries.
func (x *Index[T]) crowded(b Box, n int) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	x.tree.Search([2]float64{b.West, b.South}, [2]float64{b.East, b.North}, func(_, _ [2]float64, _ *Entry[T]) bool {
		n--
		return n >= 0
	})
	return n < 0
}

// counted puts the entries of a box together by the cells of a grid, each at its
// entry with the smallest id, in the order of those.
func (x *Index[T]) counted(b Box) []Feature {
	type cell struct{ x, y int }
	high, wide := max(b.North-b.South, 1e-9)/gridSide, max(b.East-b.West, 1e-9)/gridSide
	cells := map[cell]Feature{}
	x.mu.RLock()
	x.tree.Search([2]float64{b.West, b.South}, [2]float64{b.East, b.North}, func(_, _ [2]float64, e *Entry[T]) bool {
		at := cell{int((e.Point.Lon - b.West) / wide), int((e.Point.Lat - b.South) / high)}
		f, there := cells[at]
		if !there || e.ID < f.ID {
			f.ID, f.Shape = e.ID, orb.Point{e.Point.Lon, e.Point.Lat}
		}
		f.Count++
		cells[at] = f
		return true
	})
	x.mu.RUnlock()
	return slices.SortedFunc(maps.Values(cells), func(a, b Feature) int { return strings.Compare(a.ID, b.ID) })
}
