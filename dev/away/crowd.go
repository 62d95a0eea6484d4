package away

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// crowd are the people and programs that use a site while its database comes
// and goes, and what they were told.
type crowd struct {
	s      *siege
	client *http.Client
	stop   func()
	pages  []string

	mu      sync.Mutex
	acked   map[string]string // id by key
	open    int               // writes that were begun and never acknowledged
	served  int               // pages
	refused int               // answers of 503 with a sentence
	slowest time.Duration
	faults  []string // answers that nobody should get
}

// patience is how long an answer may take. The server gives up sooner.
const patience = 45 * time.Second

// gather sends readers and writers to the site until leave.
func (s *siege) gather(ctx context.Context) *crowd {
	c := &crowd{s: s, client: &http.Client{Timeout: patience}, acked: map[string]string{}, pages: []string{
		"/", "/datasets", "/api/v1/datasets", "/resource/" + s.tables[0], "/api/v1/resources/" + s.tables[0] + "/rows?limit=5", "/search?q=table",
		"/activity", "/activity.atom", "/ledger", "/sign-in", "/resource/" + s.tables[0] + "/download?format=csv",
	}}
	var at sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	for i := range 2 {
		at.Go(func() { c.read(ctx, i) })
		at.Go(func() { c.write(ctx, i) })
	}
	c.stop = sync.OnceFunc(func() { cancel(); at.Wait() })
	return c
}

// leave ends the crowd once those in the middle of something have their answer.
func (c *crowd) leave() { c.stop() }

// read asks for one page after the other. A word in each address that changes
// makes that not everything comes from the cache.
func (c *crowd) read(ctx context.Context, reader int) {
	for i := reader; ctx.Err() == nil; i++ {
		path := c.pages[i%len(c.pages)]
		if mark := "?"; i%3 == 0 {
			if strings.Contains(path, mark) {
				mark = "&"
			}
			path += fmt.Sprintf("%scrowd=%d", mark, i)
		}
		c.status(path)
		nap(ctx, 20*time.Millisecond)
	}
}

// write makes datasets, each under a key that it repeats until it hears that
// the dataset is there, as a phone's outbox does.
func (c *crowd) write(ctx context.Context, writer int) {
	for i := 0; ctx.Err() == nil; i++ {
		key := fmt.Sprintf("away-%d-%d", writer, i)
		c.note(func() { c.open++ })
		for ctx.Err() == nil {
			id, _, err := c.create(context.WithoutCancel(ctx), key)
			if err == nil && id != "" {
				c.note(func() { c.acked[key] = id; c.open-- })
				break
			}
			nap(ctx, 100*time.Millisecond)
		}
		nap(ctx, 20*time.Millisecond)
	}
}

func nap(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (c *crowd) note(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// create asks for a dataset under a key and returns its id, or "" with what was
// answered instead.
func (c *crowd) create(ctx context.Context, key string) (id string, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+c.s.Addr+"/api/v1/datasets",
		strings.NewReader(fmt.Sprintf(`{"org":%q,"title":%q}`, c.s.org, key)))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.s.key)
	req.Header.Set("Idempotency-Key", key)
	status, body, err := c.send(req)
	if err != nil || status != http.StatusCreated {
		return "", status, err
	}
	var made struct{ ID string }
	err = json.Unmarshal([]byte(body), &made)
	return made.ID, status, err
}

// status asks for a page and returns its status, 0 where there was no answer.
func (c *crowd) status(path string) int {
	req, err := http.NewRequest("GET", "http://"+c.s.Addr+path, nil)
	if err != nil {
		return 0
	}
	req.Header.Set("Accept", "text/html,application/json;q=0.9")
	status, _, _ := c.send(req)
	return status
}

// send sends a request and judges the answer.
func (c *crowd) send(req *http.Request) (status int, body string, err error) {
	begun := time.Now()
	req.Header.Set("Accept-Language", "en")
	res, err := c.client.Do(req)
	var text []byte
	if err == nil {
		defer res.Body.Close()
		status = res.StatusCode
		text, err = io.ReadAll(res.Body)
	}
	body = string(text)
	what := wrong(status, body, err)
	c.note(func() {
		c.slowest = max(c.slowest, time.Since(begun))
		switch {
		case what != "":
			c.faults = append(c.faults, fmt.Sprintf("%s %s after %.1f s: %s", req.Method, req.URL.RequestURI(), time.Since(begun).Seconds(), what))
		case status >= 400:
			c.refused++
		default:
			c.served++
		}
	})
	return status, body, err
}

// sentences are what people may read while the database is away; the second
// where it went away in the middle of a commit.
var sentences = []string{"Our database does not answer at the moment.", "Our database stopped answering while it was saving."}

// wrong says what is wrong with an answer, or nothing.
func wrong(status int, body string, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case strings.Contains(body, "goroutine ") || strings.Contains(body, ".go:"):
		return "the answer shows the program's inside: " + body[:min(len(body), 300)]
	case status == http.StatusServiceUnavailable && !slices.ContainsFunc(sentences, func(s string) bool { return strings.Contains(body, s) }):
		return "503 without the sentence: " + body[:min(len(body), 300)]
	case status == http.StatusGatewayTimeout && strings.Contains(body, "took longer than we allow"):
		return "" // frozen, PostgreSQL does not even refuse
	case status >= 400 && status != http.StatusServiceUnavailable:
		return fmt.Sprintf("status %d: %s", status, body[:min(len(body), 300)])
	}
	return ""
}

// told returns how often somebody read that the database is away.
func (c *crowd) told() (n int) {
	c.note(func() { n = c.refused })
	return n
}

// progress waits until pages are served and writes acknowledged again.
func (c *crowd) progress(ctx context.Context, when string) error {
	var served, acked int
	c.note(func() { served, acked = c.served, len(c.acked) })
	return within(ctx, time.Minute, "pages and writes "+when, func() (ok bool) {
		c.note(func() { ok = c.served > served+5 && len(c.acked) > acked+5 })
		return ok
	})
}

// complaint returns the answers that nobody should get.
func (c *crowd) complaint() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.faults) == 0 {
		return nil
	}
	return fmt.Errorf("%d answers were wrong:\n%s\nthe site's log ends with\n%s", len(c.faults),
		strings.Join(c.faults[:min(len(c.faults), 20)], "\n"), c.s.Tail())
}

func (c *crowd) String() string {
	return fmt.Sprintf("%d writes acknowledged, LOST 0, DUP 0; %d answers, %d told that the database is away, the slowest after %.1f s",
		len(c.acked), c.served+c.refused, c.refused, c.slowest.Seconds())
}
