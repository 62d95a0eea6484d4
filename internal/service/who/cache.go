package who

import (
	"sync"
	"time"

	"ceiba/internal/ground/db"
)

// cache remembers for less than a second who a token belongs to. A page with
// its parts then asks the database once.
//
// An entry lives cacheFor from the moment its reading began, so that somebody
// who is suspended is out within a second on every node even if no hint
// arrives. A hint empties the cache at once. What was read before a change and
// arrives after it is not kept: the generation has moved on.
type cache struct {
	now   func() time.Time
	hints <-chan struct{}

	mu         sync.Mutex
	generation int
	entries    map[string]cached
}

type cached struct {
	actor Actor
	until time.Time
}

const (
	cacheFor  = 900 * time.Millisecond
	cacheSize = 20_000
)

func newCache(d *db.DB) *cache {
	hints, _ := d.Waiting(Topic) // for the life of the process, like the cache
	return &cache{now: time.Now, hints: hints, entries: map[string]cached{}}
}

// get returns what is known of a key, and otherwise the moment and the
// generation to give to put.
func (c *cache) get(key string) (a Actor, ok bool, at time.Time, generation int) {
	at = c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.hints:
		c.empty()
	default:
	}
	e, ok := c.entries[key]
	if ok && at.Before(e.until) {
		return e.actor, true, at, c.generation
	}
	return Actor{}, false, at, c.generation
}

func (c *cache) put(key string, a Actor, at time.Time, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if len(c.entries) >= cacheSize {
		c.entries = map[string]cached{}
	}
	c.entries[key] = cached{a, at.Add(cacheFor)}
}

// forget empties the cache.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.empty()
}

func (c *cache) empty() {
	c.generation++
	clear(c.entries)
}
