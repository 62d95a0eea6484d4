package geo

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
)

// million returns points as Belize's reports would lie: crowded around a
// hundred settlements, the rest spread.
func million(n int) []Hit {
	r := rand.New(rand.NewPCG(11, 11))
	towns := scatter(100, 9)
	hits := scatter(n, 10)
	for i := range hits {
		t := towns[r.IntN(len(towns))].Point
		hits[i].ID = hits[i].ID + "x"
		hits[i].Point = Point{t.Lat + r.NormFloat64()*0.02, t.Lon + r.NormFloat64()*0.02}
	}
	return hits
}

func benchEngines(b *testing.B, n int, f func(b *testing.B, d *db.DB, hits []Hit)) {
	for _, e := range []struct {
		name string
		dsn  func(testing.TB) string
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(e.name, func(b *testing.B) {
			hits := million(n)
			d := dbtest.Open(b, e.dsn(b), spotSchema)
			store(b, d, hits)
			b.ResetTimer()
			f(b, d, hits)
		})
	}
}

// BenchmarkMillion finds the nearest 10 and reads the first 100 rows of a box
// 5 km wide, among a million points (acceptance test 32: 15 and 10 ms at the
// 95th percentile).
//
// Measured on two busy cores, mean and 95th percentile: nearest 0.74 and 1.8 ms on
// SQLite, 2.3 and 8.2 on PostgreSQL; box 0.73 and 1.2, 1.4 and 5.2.
//
// target: p95-ms <= 15 /near
// target: p95-ms <= 10 /box
func BenchmarkMillion(b *testing.B) {
	benchEngines(b, 1_000_000, func(b *testing.B, d *db.DB, hits []Hit) {
		b.Run("near", func(b *testing.B) {
			eachPoint(b, d, hits, func(ctx context.Context, tx *db.Tx, p Point) error {
				_, err := Near(ctx, tx, spots, p, 10, 0)
				return err
			})
		})
		b.Run("box", func(b *testing.B) {
			eachPoint(b, d, hits, func(ctx context.Context, tx *db.Tx, p Point) error {
				_, _, err := InBox(ctx, tx, spots, Around(p, 2500), 100, "")
				return err
			})
		})
	})
}

// eachPoint runs f at one point after another and reports the 95th percentile.
func eachPoint(b *testing.B, d *db.DB, hits []Hit, f func(context.Context, *db.Tx, Point) error) {
	ctx := context.Background()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := d.View(ctx, func(tx *db.Tx) error { return f(ctx, tx, hits[i*7919%len(hits)].Point) }); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}

// BenchmarkIndexNear finds the nearest 10 of 200,000 points in memory.
//
// Measured on two busy cores: 0.09 ms.
func BenchmarkIndexNear(b *testing.B) {
	x := NewIndex[int]()
	hits := million(200_000)
	for i, h := range hits {
		x.Put(Entry[int]{h.ID, h.Point, i})
	}
	for i := 0; b.Loop(); i++ {
		x.Near(hits[i*7919%len(hits)].Point, 10, 0)
	}
}

// BenchmarkMapTile makes tiles around Cayo: the districts, and 200,000 points in
// memory.
//
// Measured on two busy cores: districts at zoom 8, 2.5 ms and 1.0 kB; points at
// zoom 8 (82,000 of them, counted) 112 ms and 36 kB, at zoom 12, 14 to 19 ms and
// 12 kB.
func BenchmarkMapTile(b *testing.B) {
	ctx := context.Background()
	points := crowdLayer(200_000)
	for _, c := range []struct {
		name   string
		zoom   int
		layers []Layer
	}{{"districts/z8", 8, []Layer{DistrictLayer{}}}, {"points/z8", 8, []Layer{points}}, {"points/z12", 12, []Layer{points}}} {
		b.Run(c.name, func(b *testing.B) {
			at := maptile.At(orb.Point{-88.55, 17.2}, maptile.Zoom(c.zoom))
			b.ReportAllocs()
			for b.Loop() {
				tile, err := MapTile(ctx, c.zoom, int(at.X), int(at.Y), c.layers...)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(tile.Data)), "gzipped-bytes")
			}
		})
	}
}

// BenchmarkDistrictAt looks up points all over Belize and its sea.
//
// Measured on two busy cores: 0.028 ms.
func BenchmarkDistrictAt(b *testing.B) {
	hits := scatter(1000, 12)
	for i := 0; b.Loop(); i++ {
		DistrictAt(hits[i%1000].Point)
	}
}

// BenchmarkSVG draws the country.
//
// Measured on two busy cores: 0.39 ms.
func BenchmarkSVG(b *testing.B) {
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := SVG(&out, Map{Title: "Belize", Labels: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch finds places in a gazetteer of the test data: by the beginning
// of a name, and misspelt.
//
// Measured on two busy cores, 474 places: 2.1 and 0.8 ms.
func BenchmarkSearch(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), Schema)
	gazetteer(b, d)
	for name, text := range map[string]string{"beginning": "san", "misspelt": "plasencia"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				view(b, d, func(ctx context.Context, tx *db.Tx) error {
					_, err := Search(ctx, tx, text, 10)
					return err
				})
			}
		})
	}
}
