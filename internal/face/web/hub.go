package web

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"sync"
	"time"
)

// hub knows the streams that are open and what they watch, so that however many
// pages watch a thing, the database is asked about it once.
type hub struct {
	once sync.Once
	over chan struct{} // closed when the server stops: streams then end, so that stopping does not wait for them

	mu      sync.Mutex
	streams int
	from    map[string]int // by network address
	watched map[string]*watched
}

type hubKey struct{}

func newHub() *hub {
	return &hub{over: make(chan struct{}), from: map[string]int{}, watched: map[string]*watched{}}
}

func (h *hub) end() { h.once.Do(func() { close(h.over) }) }

// enter counts a stream, unless there are too many.
func (h *hub) enter(address string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.streams >= maxStreams || h.from[address] >= maxStreamsFrom {
		return false
	}
	h.streams++
	h.from[address]++
	return true
}

func (h *hub) leave(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.streams--
	if h.from[address]--; h.from[address] == 0 {
		delete(h.from, address)
	}
}

// news is what one look found.
type news struct {
	state any
	over  bool
	err   error
}

// watched is a thing that one goroutine looks at while somebody watches it.
type watched struct {
	readers int // guarded by the hub
	stop    context.CancelFunc

	mu      sync.Mutex
	now     news
	looked  bool
	changed chan struct{} // closed when now becomes another
}

// watch joins those who watch a thing, or begins to look at it. release leaves;
// the last to leave ends the looking.
func (h *hub) watch(thing string, look func(context.Context) (any, bool, error)) (w *watched, release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w = h.watched[thing]
	if w == nil {
		ctx, stop := context.WithCancel(context.Background())
		w = &watched{stop: stop, changed: make(chan struct{})}
		h.watched[thing] = w
		go func() {
			w.run(ctx, look)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.forget(thing, w) // who comes now looks anew
		}()
	}
	w.readers++
	return w, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if w.readers--; w.readers == 0 {
			h.forget(thing, w)
		}
	}
}

// forget ends the looking at a thing; those who still watch have its last news.
// The hub is locked.
func (h *hub) forget(thing string, w *watched) {
	if h.watched[thing] == w {
		delete(h.watched, thing)
	}
	w.stop()
}

// run looks until the thing is over, a look fails or nobody watches.
func (w *watched) run(ctx context.Context, look func(context.Context) (any, bool, error)) {
	tick := time.NewTicker(streamEvery)
	defer tick.Stop()
	for {
		n := once(ctx, look)
		w.set(n)
		if n.over || n.err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// once looks once. What panics is an error: nobody else would catch it here.
func once(ctx context.Context, look func(context.Context) (any, bool, error)) (n news) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			n.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	n.state, n.over, n.err = look(ctx)
	return n
}

func (w *watched) set(n news) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.looked && reflect.DeepEqual(n, w.now) {
		return
	}
	w.now, w.looked = n, true
	close(w.changed)
	w.changed = make(chan struct{})
}

// look returns the last news and a channel that is closed when there are
// others.
func (w *watched) look() (news, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.changed
}

// first waits for the first look, whose error is the answer to the request.
func (w *watched) first(ctx context.Context) (news, <-chan struct{}, error) {
	for {
		w.mu.Lock()
		now, looked, changed := w.now, w.looked, w.changed
		w.mu.Unlock()
		if looked {
			return now, changed, now.err
		}
		select {
		case <-ctx.Done():
			return news{}, nil, ctx.Err()
		case <-changed:
		}
	}
}
