package brief

import (
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	now := time.Unix(0, 0)
	hints := make(chan struct{}, 1)
	c := New[string](func() time.Time { return now }, hints)
	_, known, m := c.Get("k")
	if known {
		t.Fatal("knows what nobody said")
	}
	c.Put("k", "v", m)
	if v, known, _ := c.Get("k"); !known || v != "v" {
		t.Errorf("%q %t", v, known)
	}
	now = now.Add(For)
	if _, known, _ := c.Get("k"); known {
		t.Error("believed for too long")
	}
	_, _, m = c.Get("k")
	c.Put("k", "v", m)
	hints <- struct{}{}
	if _, known, _ := c.Get("k"); known {
		t.Error("outlived a hint")
	}
}

// What was read before a change and arrives after it is not kept.
func TestNothingStale(t *testing.T) {
	c := New[string](time.Now, nil)
	_, _, m := c.Get("k")
	c.Forget()
	c.Put("k", "old", m)
	if _, known, _ := c.Get("k"); known {
		t.Error("a reading from before the change was kept")
	}
}

func TestBounded(t *testing.T) {
	c := New[int](time.Now, nil)
	_, _, m := c.Get("")
	for i := range most + 10 {
		c.Put(time.Duration(i).String(), i, m)
	}
	if len(c.entries) > most {
		t.Errorf("%d entries", len(c.entries))
	}
}
