package table

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ceiba/internal/service/table/tabletest"
)

// benchRows is a million, or CEIBA_BENCH_ROWS.
func benchRows() int {
	if n, err := strconv.Atoi(os.Getenv("CEIBA_BENCH_ROWS")); err == nil {
		return n
	}
	return 1_000_000
}

// peakMB is the most memory this process has held, in MB.
func peakMB() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if v, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// BenchmarkLoad profiles and builds the million rows: opendata T6, goal
// 60,000 rows/s and 600 MB.
func BenchmarkLoad(b *testing.B) {
	n := benchRows()
	path := requestsFile(b, n, tabletest.Spoil{Ragged: 500_000, NA: 700_000})
	ctx := context.Background()
	for i := 0; b.Loop(); i++ {
		p, err := ProfileFile(ctx, path, Options{}, nil)
		if err != nil {
			b.Fatal(err)
		}
		read := b.Elapsed().Seconds()
		m, err := Build(ctx, path, p, filepath.Join(b.TempDir(), fmt.Sprint(i)), nil)
		if err != nil {
			b.Fatal(err)
		}
		if m.Rows != int64(n) || n >= 700_000 && m.Rejects.Total != 2 {
			b.Fatalf("%d rows, %d rejects", m.Rows, m.Rejects.Total)
		}
		b.ReportMetric(read, "profile-s")
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(peakMB(), "peak-MB")
}

// BenchmarkDerive makes the derived files of the million rows; goal 60 s.
func BenchmarkDerive(b *testing.B) {
	dir, m := build(b, requestsFile(b, benchRows(), tabletest.Spoil{}), Options{})
	for b.Loop() {
		b.StopTimer()
		for _, f := range []string{LookupFile, ParquetFile, CSVFile} {
			os.Remove(filepath.Join(dir, f))
		}
		b.StartTimer()
		if err := Derive(context.Background(), dir, func(s Step) {
			if s.Done == 0 || s.Done == m.Rows {
				b.Log(b.Elapsed(), s.Stage)
			}
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(peakMB(), "peak-MB")
	for _, f := range []string{RowsFile, LookupFile, ParquetFile, CSVFile} {
		st, _ := os.Stat(filepath.Join(dir, f))
		b.ReportMetric(float64(st.Size())/1e6, f+"-MB")
	}
}
