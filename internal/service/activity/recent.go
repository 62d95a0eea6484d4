package activity

import (
	"sync"
	"time"
)

// recent keeps the last events in memory, each at the place of its number. Under
// load reading them again was a fifteenth of a write's processor time, and each of
// the listeners reads them all.
type recent struct {
	mu    sync.Mutex
	slots [recentEvents]kept
}

type kept struct {
	event Event
	until time.Time
}

// recentEvents is how many are kept at most. Listeners under load are as far
// behind as the writes of one pace, some 500.
const recentEvents = 2048

// fresh is for how long they serve: what changes an event, its erasure, must
// reach every listener soon.
const fresh = 300 * time.Millisecond

// recentBytes is how long a payload may be to be kept.
const recentBytes = 4 << 10

func (r *recent) add(e Event) {
	if len(e.body) > recentBytes {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots[e.Seq%recentEvents] = kept{e, time.Now().Add(fresh)}
}

// after returns the events that follow a number without a gap, at most limit.
func (r *recent) after(seq int64, limit int) []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, n := time.Now(), 0
	for ; n < limit; n++ {
		if k := r.slot(seq, n); k.event.Seq != seq+1+int64(n) || now.After(k.until) {
			break
		}
	}
	events := make([]Event, n)
	for i := range events {
		events[i] = r.slot(seq, i).event
	}
	return events
}

// slot is where the i-th event after a number would be.
func (r *recent) slot(seq int64, i int) *kept { return &r.slots[(seq+1+int64(i))%recentEvents] }
