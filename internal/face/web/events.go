package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ceiba/internal/ground/fault"
)

const (
	// maxStreams is how many pages are told of progress at once; the others ask
	// again every few seconds, as they do where events do not arrive.
	maxStreams = 200
	// streamEvery is how often what is told is looked at anew.
	streamEvery = 400 * time.Millisecond
	// streamFor is how long one stream lives; the page asks again after it.
	streamFor = 15 * time.Minute
	// streamBeat is how long a stream may be silent, so that nothing on the way
	// takes it for dead.
	streamBeat = 15 * time.Second
)

// ending is closed when the server stops: streams then end, so that stopping
// does not wait for them.
type ending struct {
	once    sync.Once
	over    chan struct{}
	streams atomic.Int64
}

type endingKey struct{}

// EndStreams ends all streams of events, for a server that is about to stop.
func (s *Server) EndStreams() { s.ending.once.Do(func() { close(s.ending.over) }) }

// Events sends what look returns as server-sent events, each as JSON and only
// when it differs from the one before, until look says that it is over, the
// reader leaves or the server stops. An error of the first look is returned;
// a later one ends the stream, and the page asks by itself. The route must be
// marked with Streams.
func Events(w http.ResponseWriter, r *http.Request, look func(context.Context) (state any, over bool, err error)) error {
	end, _ := r.Context().Value(endingKey{}).(*ending)
	if end == nil || end.streams.Add(1) > maxStreams {
		if end != nil {
			end.streams.Add(-1)
		}
		return fault.New(fault.Unavailable, "web.streams_full").After(5 * time.Second)
	}
	defer end.streams.Add(-1)
	ctx, cancel := context.WithTimeout(r.Context(), streamFor)
	defer cancel()
	state, over, err := look(ctx)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no") // nginx would hold the events back
	tick := time.NewTicker(streamEvery)
	defer tick.Stop()
	out, last, told := http.NewResponseController(w), "", time.Now()
	for {
		text, err := json.Marshal(state)
		if err != nil {
			return err
		}
		switch {
		case string(text) != last:
			last, told = string(text), time.Now()
			fmt.Fprintf(w, "data: %s\n\n", text)
		case time.Since(told) > streamBeat:
			told = time.Now()
			fmt.Fprint(w, ":\n\n")
		}
		if out.Flush() != nil || over {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-end.over:
			return nil
		case <-tick.C:
		}
		if state, over, err = look(ctx); err != nil {
			return nil // the headers are gone: the page asks, and hears why
		}
	}
}
