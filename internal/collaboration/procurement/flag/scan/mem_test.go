package scan_test

import (
	"runtime"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/flag/scan"
)

// TestKeepsLittle: of a process 1.4 kB are kept, with what package indicator keeps
// of it.
func TestKeepsLittle(t *testing.T) {
	const n = 4000
	text := drawn(n)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	p := scan.New(scan.Options{})
	for line := range strings.Lines(text) {
		seen, err := p.Look([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Take(seen); err != nil {
			t.Fatal(err)
		}
	}
	each := (heap() - before) / n
	t.Logf("%d bytes a process", each)
	if each > 1500 {
		t.Errorf("%d bytes a process", each)
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(text)
}
