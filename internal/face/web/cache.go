package web

import (
	"bytes"
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"ceiba/internal/service/i18n"
)

// sharedCache keeps whole answers of Shared routes, each with its compressed
// forms, under the version of the site's records they were made from. Any
// public change makes a new version, so nothing stale is served; least recently
// used answers go first when the room is full.
type sharedCache struct {
	mu      sync.Mutex
	room    int
	used    int
	entries map[string]*list.Element
	order   *list.List // front: most recently used
	making  map[string]*making
}

type answer struct {
	key, version string
	status       int
	header       http.Header
	etag         string
	plain        []byte

	hits   atomic.Int32
	once   sync.Once
	packed atomic.Pointer[packed]
}

// packed are the compressed forms of an answer, made when it is asked for a
// second time: an answer that is never asked for again is not worth them.
type packed struct{ gz, br []byte }

type making struct {
	done chan struct{}
	a    *answer
	err  error
}

func newSharedCache(room int) *sharedCache {
	return &sharedCache{room: room, entries: map[string]*list.Element{}, order: list.New(), making: map[string]*making{}}
}

// serve answers from the cache, or makes the answer once however many wait.
func (c *sharedCache) serve(s *Server, rt Route, w http.ResponseWriter, r *http.Request) error {
	if _, err := r.Cookie(flashCookie); err == nil {
		w.Header().Set("Cache-Control", "no-store")
		return rt.Handler(w, r)
	}
	version := s.Version()
	if rt.Daily {
		version += " " + s.today()
	}
	key := i18n.LangOf(r.Context()) + " " + r.Host + r.URL.RequestURI() + " " + kindOfAccept(r)
	a := c.get(key, version)
	if a == nil {
		var err error
		if a, err = c.make(key, version, rt, r); err != nil {
			return err
		}
	}
	a.send(w, r)
	return nil
}

func kindOfAccept(r *http.Request) string {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		return "h"
	}
	return "o"
}

func (c *sharedCache) get(key, version string) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return nil
	}
	a := e.Value.(*answer)
	if a.version != version {
		c.remove(e)
		return nil
	}
	c.order.MoveToFront(e)
	return a
}

func (c *sharedCache) make(key, version string, rt Route, r *http.Request) (*answer, error) {
	flight := key + " " + version
	c.mu.Lock()
	if m, ok := c.making[flight]; ok {
		c.mu.Unlock()
		select {
		case <-m.done:
			return m.a, m.err
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	m := &making{done: make(chan struct{})}
	c.making[flight] = m
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.making, flight)
		c.mu.Unlock()
		if m.a == nil && m.err == nil {
			m.err = errMaking // the handler panicked: the others are told too
		}
		close(m.done)
	}()
	// It is made for everybody who waits: not only as long as the first stays.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTime)
	defer cancel()
	m.a, m.err = record(key, version, rt, r.WithContext(ctx))
	if m.err == nil && m.a.status == http.StatusOK {
		c.put(m.a)
	}
	return m.a, m.err
}

func record(key, version string, rt Route, r *http.Request) (*answer, error) {
	b := &buffered{header: http.Header{}}
	if err := rt.Handler(b, r); err != nil {
		return nil, err
	}
	if b.status == 0 {
		b.status = http.StatusOK
	}
	sum := sha256.Sum256(b.body.Bytes())
	a := &answer{key: key, version: version, status: b.status, header: b.header, etag: hex.EncodeToString(sum[:12]), plain: b.body.Bytes()}
	a.header.Del("Set-Cookie")
	return a, nil
}

func (c *sharedCache) put(a *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[a.key]; ok {
		c.remove(e)
	}
	if a.size() > c.room/8 {
		return
	}
	c.entries[a.key] = c.order.PushFront(a)
	for c.used += a.size(); c.used > c.room; {
		c.remove(c.order.Back())
	}
}

func (c *sharedCache) remove(e *list.Element) {
	a := c.order.Remove(e).(*answer)
	delete(c.entries, a.key)
	c.used -= a.size()
}

// size counts the compressed forms as a third of the plain one.
func (a *answer) size() int { return len(a.plain)*4/3 + len(a.key) + 500 }

// pack returns the compressed forms, or nil for the first reader.
func (a *answer) pack() *packed {
	if a.hits.Add(1) < 2 || len(a.plain) < 1000 || !compressible(a.header.Get("Content-Type")) {
		return nil
	}
	a.once.Do(func() { a.packed.Store(&packed{gzipped(a.plain), brotlied(a.plain)}) })
	return a.packed.Load()
}

func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	h.Set("Vary", "Accept-Encoding, Accept, Accept-Language, Cookie")
	h.Set("Cache-Control", "private, no-cache") // the browser asks again, and mostly hears 304
	body, coding := a.plain, ""
	if p := a.pack(); p != nil {
		switch acceptEncoding(r) {
		case "br":
			body, coding = p.br, "br"
		case "gzip":
			body, coding = p.gz, "gzip"
		}
	}
	etag := `"` + a.etag + `"`
	if coding != "" {
		etag = "W/" + etag // the same content in another coding
	}
	h.Set("ETag", etag)
	if a.status == http.StatusOK && matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	w.WriteHeader(a.status)
	w.Write(body)
}

// matches reports whether an If-None-Match list names the tag.
func matches(list, etag string) bool {
	for t := range strings.SplitSeq(list, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == strings.TrimPrefix(etag, "W/") || t == "*" {
			return true
		}
	}
	return false
}

// buffered holds an answer while it is made.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header { return b.header }
func (b *buffered) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }

func gzipped(p []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, 6) // a constant level: cannot fail
	z.Write(p)
	z.Close()
	return b.Bytes()
}

func brotlied(p []byte) []byte {
	var b bytes.Buffer
	z := brotli.NewWriterLevel(&b, 5)
	z.Write(p)
	z.Close()
	return b.Bytes()
}

// today is the civil day in Belize.
func (s *Server) today() string {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	return now().In(i18n.Belize).Format(time.DateOnly)
}
