package derive_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// BenchmarkDerive makes the derived files of the million rows; goal 60 s.
//
// target: ns/op <= 60e9
// target: peak-MB <= 600
func BenchmarkDerive(b *testing.B) {
	dir, m := versiontest.Build(b, tabletest.RequestsFile(b, tabletest.BenchRows(), tabletest.Spoil{}), profile.Options{})
	for b.Loop() {
		b.StopTimer()
		for _, f := range []string{table.LookupFile, table.ParquetFile, table.CSVFile} {
			os.Remove(filepath.Join(dir, f))
		}
		b.StartTimer()
		if err := derive.Files(context.Background(), dir, func(s table.Step) {
			if s.Done == 0 || s.Done == m.Rows {
				b.Log(b.Elapsed(), s.Stage)
			}
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(tabletest.PeakMB(), "peak-MB")
	for _, f := range []string{table.RowsFile, table.LookupFile, table.ParquetFile, table.CSVFile} {
		st, _ := os.Stat(filepath.Join(dir, f))
		b.ReportMetric(float64(st.Size())/1e6, f+"-MB")
	}
}
