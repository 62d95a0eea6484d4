// Package brief remembers things for less than a second.
package brief

import (
	"sync"
	"time"
)

// Cache remembers for less than a second what a key stands for, such as who a
// token belongs to. A page with its parts then asks the database once.
//
// An entry lives For from the moment its reading began, so that what was taken
// back is believed no longer than that on any node even if no hint arrives. A
// hint empties the cache at once. What was read before a change and arrives
// after it is not kept: the generation has moved on.
type Cache[T any] struct {
	now   func() time.Time
	hints <-chan struct{}

	mu         sync.Mutex
	generation int
	entries    map[string]entry[T]
}

type entry[T any] struct {
	value T
	until time.Time
}

// For is how long an entry lives.
const For = 900 * time.Millisecond

const most = 20_000 // entries

// New returns an empty cache that a hint empties again; hints may be nil.
func New[T any](now func() time.Time, hints <-chan struct{}) *Cache[T] {
	return &Cache[T]{now: now, hints: hints, entries: map[string]entry[T]{}}
}

// Mark is when a reading began, for Put.
type Mark struct {
	at         time.Time
	generation int
}

// Get returns what is known of a key, or the mark of the reading that now
// begins.
func (c *Cache[T]) Get(key string) (value T, known bool, m Mark) {
	m.at = c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.hints:
		c.empty()
	default:
	}
	m.generation = c.generation
	e, known := c.entries[key]
	if known && m.at.Before(e.until) {
		return e.value, true, m
	}
	return value, false, m
}

// Put keeps what a reading found, unless something changed since it began.
func (c *Cache[T]) Put(key string, value T, m Mark) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.generation != c.generation {
		return
	}
	if len(c.entries) >= most {
		c.entries = map[string]entry[T]{}
	}
	c.entries[key] = entry[T]{value, m.at.Add(For)}
}

// Forget empties the cache.
func (c *Cache[T]) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.empty()
}

func (c *Cache[T]) empty() {
	c.generation++
	clear(c.entries)
}
