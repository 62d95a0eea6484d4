package app

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapFloor is by how much the heap may grow at least between two collections,
// in bytes. What a server holds is small (10 MB), and Go would collect whenever
// as much again was allocated, twenty times a second under load: a tenth of its
// work. With a large heap, as while a file is built, the floor changes nothing.
const heapFloor = 48 << 20

// keepHeapFloor adapts the collector after each collection, unless the
// environment says how it should be.
func keepHeapFloor() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	last := 100
	var watch func(*collected)
	watch = func(*collected) { // runs once its object has been collected
		metrics.Read(live)
		if p := percentFor(live[0].Value.Uint64()); p != last {
			debug.SetGCPercent(p)
			last = p
		}
		runtime.SetFinalizer(&collected{}, watch)
	}
	watch(nil)
}

// collected is an object that nothing refers to. It has a size, as objects
// without one are never collected.
type collected struct{ _ [16]byte }

// percentFor is the growth that is at least the floor, in steps, so that it
// does not change with every collection.
func percentFor(live uint64) int {
	percent := 100 * heapFloor / max(live, 1)
	return int(min(max(percent/25*25, 100), 1000))
}
