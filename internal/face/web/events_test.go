package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/fault"
)

// watch is a stream that anybody may read as it is.
func watch(thing string, look func(context.Context) (any, bool, error)) web.Stream[any] {
	return web.Stream[any]{
		Thing: thing, May: func(context.Context) error { return nil }, Look: look,
		Say: func(_ context.Context, state any) any { return state },
	}
}

// TestEvents reads a stream as a browser does: what differs comes once, and the
// stream ends when the work does or the server stops.
func TestEvents(t *testing.T) {
	var looks atomic.Int64
	routes := &web.Routes{}
	routes.Get("/work", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, watch("work", func(context.Context) (any, bool, error) {
			n := looks.Add(1)
			return map[string]int64{"done": n / 2}, n >= 4, nil
		}))
	}, web.Streams)
	routes.Get("/forever", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, watch("forever", func(context.Context) (any, bool, error) { return "going", false, nil }))
	}, web.Streams)
	routes.Get("/broken", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, watch("broken", func(context.Context) (any, bool, error) { return nil, false, errors.New("gone") }))
	}, web.Streams)
	s, err := web.NewServer(configOf(t), routes)
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(s)
	defer site.Close()
	get := func(path string) *http.Response {
		t.Helper()
		res, err := site.Client().Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	if res := get("/broken"); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("a first look that fails: %d", res.StatusCode)
	}
	res := get("/work")
	var lines []string
	for in := bufio.NewScanner(res.Body); in.Scan(); {
		if in.Text() != "" {
			lines = append(lines, in.Text())
		}
	}
	if got := strings.Join(lines, "|"); got != `data: {"done":0}|data: {"done":1}|data: {"done":2}` || res.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("told %s, %v", got, res.Header)
	}
	endless := bufio.NewReader(get("/forever").Body)
	if line, err := endless.ReadString('\n'); line != "data: \"going\"\n" {
		t.Fatal(line, err)
	}
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := endless.ReadString('\n'); err != nil {
				ended <- err
				return
			}
		}
	}()
	s.EndStreams()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the server stops and the stream goes on")
	}
}

// TestEventsShareLooks has many readers of one thing, which is looked at as if
// for one; they are told in their own words, who may not is not told, and an
// address has so many streams and no more.
func TestEventsShareLooks(t *testing.T) {
	const readers = 30
	var looks, asked atomic.Int64
	var ended atomic.Bool
	routes := &web.Routes{}
	routes.Get("/job/{reader}", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, web.Stream[string]{
			Thing: "work",
			May: func(context.Context) error {
				asked.Add(1)
				if r.PathValue("reader") == "stranger" {
					return fault.New(fault.Denied, "who.denied", "action", "work")
				}
				return nil
			},
			Look: func(context.Context) (string, bool, error) {
				looks.Add(1)
				return "done", ended.Load(), nil
			},
			Say: func(_ context.Context, state string) any { return r.PathValue("reader") + " " + state },
		})
	}, web.Streams)
	s, err := web.NewServer(configOf(t), routes)
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(s)
	defer site.Close()
	open := func(reader string) *http.Response {
		t.Helper()
		res, err := site.Client().Get(site.URL + "/job/" + reader)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	if res := open("stranger"); res.StatusCode != http.StatusForbidden || looks.Load() > 0 {
		t.Errorf("a stranger: %d, %d looks", res.StatusCode, looks.Load())
	}
	begun := time.Now()
	var in []*bufio.Reader
	for n := range readers {
		name := fmt.Sprint("r", n)
		in = append(in, bufio.NewReader(open(name).Body))
		if line, err := in[n].ReadString('\n'); line != "data: \""+name+" done\"\n" {
			t.Fatal(line, err)
		}
	}
	if most := 2 + int64(time.Since(begun)/(400*time.Millisecond)); looks.Load() > most || asked.Load() != readers+1 {
		t.Errorf("%d looks for %d readers, at most %d expected; %d asked whether they may", looks.Load(), readers, most, asked.Load())
	}
	full := 0
	for n := range 20 {
		if open(fmt.Sprint("more", n)).StatusCode == http.StatusServiceUnavailable {
			full++
		}
	}
	if full != readers+20-40 {
		t.Errorf("%d of %d streams of one address were refused", full, readers+20)
	}
	ended.Store(true)
	for _, r := range in {
		if _, err := io.ReadAll(r); err != nil {
			t.Error(err)
		}
	}
	if res := open("late"); res.StatusCode != http.StatusOK {
		t.Errorf("after they ended: %d", res.StatusCode)
	}
}

// TestEventsSurviveAPanic answers 500 and serves on.
func TestEventsSurviveAPanic(t *testing.T) {
	routes := &web.Routes{}
	routes.Get("/bad", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, watch("bad", func(context.Context) (any, bool, error) { panic("nobody expects this") }))
	}, web.Streams)
	s, err := web.NewServer(configOf(t), routes)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/bad", nil))
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}
