package build

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/stored"
	"ceiba/internal/service/table/tabletest"
)

// BenchmarkLoad profiles and builds the million rows: opendata T6, goal
// 60,000 rows/s and 600 MB.
//
// target: rows/s >= 60000
// target: peak-MB <= 600
func BenchmarkLoad(b *testing.B) {
	n := tabletest.BenchRows()
	path := tabletest.RequestsFile(b, n, tabletest.Spoil{Ragged: 500_000, NA: 700_000})
	ctx := context.Background()
	cpu := tabletest.CPUSeconds()
	for i := 0; b.Loop(); i++ {
		p, err := profile.File(ctx, path, profile.Options{}, nil)
		if err != nil {
			b.Fatal(err)
		}
		read := b.Elapsed().Seconds()
		b.ReportMetric(tabletest.PeakMB(), "profile-peak-MB")
		m, err := Version(ctx, path, p, filepath.Join(b.TempDir(), fmt.Sprint(i)), nil)
		if err != nil {
			b.Fatal(err)
		}
		if m.Rows != int64(n) || n >= 700_000 && m.Rejects.Total != 2 {
			b.Fatalf("%d rows, %d rejects", m.Rows, m.Rejects.Total)
		}
		b.ReportMetric(read, "profile-s")
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric((tabletest.CPUSeconds()-cpu)/float64(b.N), "cpu-s")
	b.ReportMetric(tabletest.PeakMB(), "peak-MB")
}

// BenchmarkLoaders compares the ways into DuckDB for the million rows: whole
// vectors through its C interface, and its own reader over a clean CSV with
// explicit types. Both fill the same table.
func BenchmarkLoaders(b *testing.B) {
	path := tabletest.RequestsFile(b, tabletest.BenchRows(), tabletest.Spoil{})
	p, err := profile.File(context.Background(), path, profile.Options{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("vectors", func(b *testing.B) {
		cpu := tabletest.CPUSeconds()
		for i := 0; b.Loop(); i++ {
			m := &table.Manifest{Columns: slices.Clone(p.Columns), Geo: p.Geo}
			work := b.TempDir()
			x, err := newBuilder(m, work)
			if err != nil {
				b.Fatal(err)
			}
			if err := x.load(context.Background(), path, p.Source, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric((tabletest.CPUSeconds()-cpu)/float64(b.N), "cpu-s")
	})
	b.Run("read_csv", func(b *testing.B) { // without the reading and checking that "vectors" includes
		cpu := tabletest.CPUSeconds()
		var cols []string
		for i, c := range p.Columns {
			cols = append(cols, fmt.Sprintf("%s: %s", stored.QuoteText(stored.Column(i)), stored.QuoteText(stored.Duck.Type(c.Type.Form()))))
		}
		for b.Loop() {
			l := &loader{}
			if err := l.connect(filepath.Join(b.TempDir(), "x.duckdb"), stored.Limits{MemoryMB: buildMemoryMB, Threads: 2, Temp: b.TempDir()}); err != nil {
				b.Fatal(err)
			}
			q := "CREATE TABLE rows AS SELECT * FROM read_csv(" + stored.QuoteText(path) + ", auto_detect=false, header=true, delim=',', quote='\"', columns={" + strings.Join(cols, ", ") + "})"
			for _, s := range []string{q, "CHECKPOINT"} {
				if err := l.exec(s); err != nil {
					b.Fatal(err)
				}
			}
			l.close()
		}
		b.ReportMetric((tabletest.CPUSeconds()-cpu)/float64(b.N), "cpu-s")
	})
}
