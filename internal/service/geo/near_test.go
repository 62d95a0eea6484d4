package geo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
)

var spots = Points{Table: "spot", ID: "id", Lat: "lat", Lon: "lon"}

var spotSchema = db.Schema{Module: "spot", Files: fstest.MapFS{"sql/0001_spot.sql": &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE spot (id TEXT COLLATE "C" PRIMARY KEY, lat DOUBLE PRECISION, lon DOUBLE PRECISION, class TEXT NOT NULL);
CREATE INDEX spot_where ON spot (lat, lon);`)}}}

// scatter makes n points, most of them crowded around a few towns, some alone,
// a hundred in one spot and some at sea, so that every branch of Near is taken.
func scatter(n int, seed uint64) []Hit {
	r := rand.New(rand.NewPCG(seed, 1))
	hits := make([]Hit, n)
	for i := range hits {
		p := Point{Belize.South + r.Float64()*(Belize.North-Belize.South), Belize.West + r.Float64()*(Belize.East-Belize.West)}
		switch {
		case i%2 == 0:
			p = Point{17.5 + r.NormFloat64()*0.01, -88.2 + r.NormFloat64()*0.01}
		case i < n/4:
			p = Point{17.25, -88.77} // one spot: ties are broken by id
		}
		hits[i] = Hit{ID: fmt.Sprintf("s%05d", (i*7919)%n), Point: p}
	}
	return hits
}

func store(t testing.TB, d *db.DB, hits []Hit) {
	t.Helper()
	ctx := context.Background()
	for chunk := range slices.Chunk(hits, 200) {
		var marks []string
		var args []any
		for _, h := range chunk {
			n := len(args)
			marks = append(marks, fmt.Sprintf("($%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4))
			args = append(args, h.ID, h.Point.Lat, h.Point.Lon, string(h.ID[len(h.ID)-1]))
		}
		err := d.Update(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO spot (id, lat, lon, class) VALUES `+strings.Join(marks, ", "), args...)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// brute is the plain answer: every distance, sorted.
func brute(hits []Hit, p Point, k int, radius float64, keep func(Hit) bool) []Hit {
	var out []Hit
	for _, h := range hits {
		h.Metres = Distance(p, h.Point)
		if keep(h) && (radius <= 0 || h.Metres <= radius) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, byDistance)
	return out[:min(k, len(out))]
}

func all(Hit) bool { return true }

func drawPoint(t *rapid.T, hits []Hit) Point {
	if rapid.Bool().Draw(t, "on a point") {
		return hits[rapid.IntRange(0, len(hits)-1).Draw(t, "which")].Point
	}
	return Point{rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")}
}

// TestNearEqualsBruteForce is acceptance test 29: 10,000 points, both engines
// and memory, results identical in order.
func TestNearEqualsBruteForce(t *testing.T) {
	hits := scatter(10_000, 1)
	memory := NewIndex[int]()
	for i, h := range hits {
		memory.Put(Entry[int]{h.ID, h.Point, i})
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		store(t, d, hits)
		ctx := context.Background()
		rapid.Check(t, func(t *rapid.T) {
			p, k := drawPoint(t, hits), rapid.SampledFrom([]int{1, 10, 60, 3000}).Draw(t, "k")
			radius := rapid.SampledFrom([]float64{0, 0, 50, 5000, 80_000}).Draw(t, "radius")
			class := rapid.SampledFrom([]string{"", "3"}).Draw(t, "class")
			table, keep := spots, all
			if class != "" {
				table.Where, table.Args = "class = $1", []any{class}
				keep = func(h Hit) bool { return strings.HasSuffix(h.ID, class) }
			}
			want := brute(hits, p, k, radius, keep)
			var got []Hit
			err := d.View(ctx, func(tx *db.Tx) (err error) {
				got, err = Near(ctx, tx, table, p, k, radius)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			sameHits(t, "database", want, got)
			if class == "" {
				sameHits(t, "memory", want, asHits(memory.Near(p, k, radius)))
			}
		})
	}, spotSchema)
}

func asHits(found []Found[int]) []Hit {
	var out []Hit
	for _, f := range found {
		out = append(out, Hit{f.ID, f.Point, f.Metres})
	}
	return out
}

func sameHits(t *rapid.T, where string, want, got []Hit) {
	t.Helper()
	if len(want) == 0 && len(got) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-brute force +answer):\n%s", where, diff)
	}
}

func TestInBox(t *testing.T) {
	hits := scatter(3000, 2)
	memory := NewIndex[int]()
	for i, h := range hits {
		memory.Put(Entry[int]{h.ID, h.Point, i})
	}
	boxes := map[string]Box{
		"a district": districtBox("BZ-CY"), "no size": {17.25, -88.77, 17.25, -88.77}, "nothing there": {10, -80, 11, -79},
		"wider than Belize": {0, -120, 40, -60}, "the Earth": Earth,
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		store(t, d, hits)
		for name, b := range boxes {
			want := 0
			for _, h := range hits {
				if b.Contains(h.Point) {
					want++
				}
			}
			got := walkBox(t, d, b)
			entries, err := memory.InBox(b, 0)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, e := range entries {
				ids = append(ids, e.ID)
			}
			if len(got) != want || !slices.Equal(ids, got) {
				t.Errorf("%s: %d by pages, %d in memory, want %d, in one order", name, len(got), len(ids), want)
			}
			if n := countIn(t, d, b); n != int64(want) {
				t.Errorf("%s: counted %d, want %d", name, n, want)
			}
		}
	}, spotSchema)
}

func districtBox(code string) Box {
	d, _ := DistrictByCode(code)
	return d.Bounds
}

// walkBox reads a box page by page and returns the ids.
func walkBox(t *testing.T, d *db.DB, b Box) []string {
	t.Helper()
	ctx := context.Background()
	var ids []string
	cursor := ""
	for {
		err := d.View(ctx, func(tx *db.Tx) error {
			hits, next, err := InBox(ctx, tx, spots, b, 170, cursor)
			for _, h := range hits {
				ids = append(ids, h.ID)
			}
			cursor = next
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if cursor == "" {
			return ids
		}
	}
}

func countIn(t *testing.T, d *db.DB, b Box) (n int64) {
	t.Helper()
	ctx := context.Background()
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		n, err = CountInBox(ctx, tx, spots, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWrongBoxIsMalformed(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		d.View(ctx, func(tx *db.Tx) error {
			for name, b := range map[string]Box{
				"upside down": {18, -89, 16, -88}, "inside out": {16, -88, 18, -89}, "beyond the pole": {16, -89, 91, -88},
			} {
				if _, _, err := InBox(ctx, tx, spots, b, 10, ""); fault.KindOf(err) != fault.Malformed {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, _, err := InBox(ctx, tx, spots, Belize, 10, "nonsense"); fault.KindOf(err) != fault.Malformed {
				t.Errorf("a cursor of another list: %v", err)
			}
			if _, err := Near(ctx, tx, spots, Point{99, 0}, 1, 0); fault.KindOf(err) != fault.Malformed {
				t.Errorf("a point beyond the Earth: %v", err)
			}
			return nil
		})
	}, spotSchema)
}

func TestIndexReplacesAndRemoves(t *testing.T) {
	x := NewIndex[map[string]string]() // values that cannot be compared
	x.Put(Entry[map[string]string]{"a", Point{17, -88}, map[string]string{"n": "1"}})
	x.Put(Entry[map[string]string]{"b", Point{17, -88}, nil})
	x.Put(Entry[map[string]string]{"a", Point{18, -88}, nil})
	if got := x.Near(Point{17, -88}, 5, 10); len(got) != 1 || got[0].ID != "b" {
		t.Errorf("at the old place: %v", got)
	}
	x.Remove("b")
	x.Remove("never there")
	if x.Len() != 1 || len(x.Near(Point{17, -88}, 5, 0)) != 1 {
		t.Errorf("%d entries, want 1", x.Len())
	}
	x.Put(Entry[map[string]string]{ID: "a", Point: Point{Lat: 999}})
	if x.Len() != 0 {
		t.Error("an entry moved off the Earth is still there")
	}
}
