// Package tune sets what a server does otherwise than Go's default: how many threads
// run, and when memory is collected. It is no place for what a program should do.
package tune

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
const heapFloor = 64 << 20

// threads is how many threads may run Go at least. One that is inside SQLite for
// more than some microseconds lets another have its place, and on two processors
// the one writer then stands in the queue behind every request that came
// meanwhile: of 50 writers the slowest hundredth waited 18 ms, and 12 with four.
const threads = 4

// Server tunes this process as a server, unless the environment says how it should
// be (GOMAXPROCS, GOGC).
func Server() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(threads, runtime.GOMAXPROCS(0)))
	}
	if os.Getenv("GOGC") == "" {
		keepHeapFloor()
	}
}

// keepHeapFloor adapts the collector after each collection.
func keepHeapFloor() {
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
