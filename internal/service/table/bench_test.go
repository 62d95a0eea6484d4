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
