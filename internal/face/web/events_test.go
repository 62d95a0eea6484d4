package web_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/face/web"
)

// TestEvents reads a stream as a browser does: what differs comes once, and the
// stream ends when the work does or the server stops.
func TestEvents(t *testing.T) {
	var looks atomic.Int64
	routes := &web.Routes{}
	routes.Get("/work", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, func(context.Context) (any, bool, error) {
			n := looks.Add(1)
			return map[string]int64{"done": n / 2}, n >= 4, nil
		})
	}, web.Streams)
	routes.Get("/forever", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, func(context.Context) (any, bool, error) { return "going", false, nil })
	}, web.Streams)
	routes.Get("/broken", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return web.Events(w, r, func(context.Context) (any, bool, error) { return nil, false, errors.New("gone") })
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
