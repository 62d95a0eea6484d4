package procurement

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/needtest"
)

// BenchmarkImport takes real releases in, each as a process of its own.
//
// target: 5,000 releases/s
func BenchmarkImport(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(needtest.Data(b), "ocds", "real-releases", "*"))
	var lines [][]byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		for l := range bytes.Lines(text) {
			if bytes.Contains(l, []byte(`"ocid":"`)) {
				lines = append(lines, l)
			}
		}
	}
	d := dbtest.Open(b, dbtest.SQLite(b), schemas...)
	r, w := io.Pipe()
	go func() {
		for i := range b.N {
			w.Write(bytes.Replace(lines[i%len(lines)], []byte(`"ocid":"`), fmt.Appendf(nil, `"ocid":"x%d-`, i), 1))
		}
		w.Close()
	}()
	b.ResetTimer()
	got, err := Import(b.Context(), d, system(), Source{Name: "bench"}, r, nil)
	if err != nil || got.Fresh != int64(b.N) {
		b.Fatal(got, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "releases/s")
}
