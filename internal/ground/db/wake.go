package db

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// wakes tells waiting goroutines that something they watch may have changed.
// On PostgreSQL the news also travels to the other nodes by NOTIFY, sent in
// batches from one goroutine: NOTIFY inside each transaction would make every
// commit wait for one global lock.
type wakes struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool
	hearing sync.Map    // of func(any), by topic
	out     chan string // topics to NOTIFY; nil on SQLite
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// Waiting returns a channel that receives when a transaction that called
// Tx.Wake(topic) commits, and a function that ends it. Hints that come close
// together become one; some may be lost, so waiters also look now and then.
func (d *DB) Waiting(topic string) (<-chan struct{}, func()) {
	w := &d.wakes
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting == nil {
		w.waiting = map[string]map[chan struct{}]bool{}
	}
	if w.waiting[topic] == nil {
		w.waiting[topic] = map[chan struct{}]bool{}
	}
	w.waiting[topic][ch] = true
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[topic], ch)
	}
}

// told is a value for those who hear a topic.
type told struct {
	topic string
	value any
}

// Hear calls fn with what committed transactions tell of a topic (see Tx.Tell). fn
// must be quick and may be called by several goroutines at once. A topic has one
// that hears; the last counts.
func (d *DB) Hear(topic string, fn func(any)) { d.wakes.hearing.Store(topic, fn) }

func (w *wakes) said(t told) {
	if fn, ok := w.hearing.Load(t.topic); ok {
		fn.(func(any))(t.value)
	}
}

func (w *wakes) tell(topic string) {
	w.local(topic)
	if w.out != nil {
		select {
		case w.out <- topic:
		default: // the sender is behind; waiters look by themselves now and then
		}
	}
}

func (w *wakes) local(topic string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.waiting[topic] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// everybody wakes whoever waits on anything: after a time without a connection
// nobody knows what was missed.
func (w *wakes) everybody() {
	w.mu.Lock()
	topics := slices.Collect(maps.Keys(w.waiting))
	w.mu.Unlock()
	for _, t := range topics {
		w.local(t)
	}
}

func (w *wakes) listen(d *DB, cfg *pgx.ConnConfig) {
	ctx, stop := context.WithCancel(context.Background())
	w.out, w.stop = make(chan string, 256), stop
	w.done.Go(func() { w.send(ctx, d) })
	w.done.Go(func() {
		for ctx.Err() == nil {
			w.receive(ctx, cfg)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
}

// send notifies other nodes at most 50 times a second per topic.
func (w *wakes) send(ctx context.Context, d *DB) {
	for {
		topics := map[string]bool{}
		select {
		case <-ctx.Done():
			return
		case t := <-w.out:
			topics[t] = true
		}
		time.Sleep(20 * time.Millisecond)
		for len(w.out) > 0 {
			topics[<-w.out] = true
		}
		for t := range topics {
			d.pool.ExecContext(ctx, `SELECT pg_notify('ceiba', $1)`, t) // a hint: failure costs a delay
		}
	}
}

func (w *wakes) receive(ctx context.Context, cfg *pgx.ConnConfig) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN ceiba`); err != nil {
		return
	}
	w.everybody()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return
		}
		w.local(n.Payload)
	}
}

func (w *wakes) close() {
	if w.stop != nil {
		w.stop()
		w.done.Wait()
	}
}
