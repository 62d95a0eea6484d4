package logs

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// page is a writer that counts how often it was written to.
type page struct {
	mu    sync.Mutex
	text  strings.Builder
	times int
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times++
	return p.text.Write(b)
}

func (p *page) read() (string, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String(), p.times
}

func TestBuffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		l, flush := Buffered(p, "info")
		l.Debug("below the level")
		l.Info("first")
		l.With("n", 1).Info("second")
		if _, times := p.read(); times != 0 {
			t.Error("lines did not wait for one another")
		}
		time.Sleep(within + time.Millisecond)
		synctest.Wait()
		if text, times := p.read(); times != 1 || strings.Count(text, "\n") != 2 || !strings.Contains(text, `"msg":"second","n":1`) {
			t.Errorf("after a while, written %d times: %s", times, text)
		}
		l.Info("third")
		l.WithGroup("g").Warn("fourth", "n", 2)
		if text, times := p.read(); times != 2 || strings.Index(text, "third") > strings.Index(text, "fourth") {
			t.Errorf("a warning goes out at once, in its place, written %d times: %s", times, text)
		}
		for range 1000 {
			l.Info("many")
		}
		flush()
		if text, times := p.read(); strings.Count(text, "many") != 1000 || times > 10 {
			t.Errorf("%d of 1000 lines in %d writes", strings.Count(text, "many"), times)
		}
		time.Sleep(time.Second) // timers that are left find nothing to do
		synctest.Wait()
	})
}

func TestNew(t *testing.T) {
	p := &page{}
	New(p, "no such level").Info("now")
	New(p, "warn").Info("not said")
	if text, times := p.read(); times != 1 || !strings.Contains(text, `"msg":"now"`) {
		t.Errorf("written %d times: %s", times, text)
	}
}
