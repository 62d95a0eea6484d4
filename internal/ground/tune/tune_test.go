package tune

import "testing"

func TestHeapFloor(t *testing.T) {
	for live, want := range map[uint64]int{0: 1000, 4 << 20: 1000, 10 << 20: 625, 32 << 20: 200, 500 << 20: 100} {
		if got := percentFor(live); got != want {
			t.Errorf("%d MB live: grows by %d %%, want %d", live>>20, got, want)
		}
	}
}
