package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"ceiba/internal/ground/fault"
)

const (
	// maxStreams is how many pages are told of progress at once; the others ask
	// again every few seconds, as they do where events do not arrive.
	maxStreams = 200
	// maxStreamsFrom is how many of them may be of one network address, which a
	// ministry or a village may share.
	maxStreamsFrom = 40
	// streamEvery is how often what is told is looked at anew: once for all who
	// watch the same thing.
	streamEvery = 400 * time.Millisecond
	// lookTime is how long one look may take.
	lookTime = 10 * time.Second
	// streamFor is how long one stream lives; the page asks again after it.
	streamFor = 15 * time.Minute
	// streamBeat is how long a stream may be silent, so that nothing on the way
	// takes it for dead. As often it is asked whether the reader still may.
	streamBeat = 15 * time.Second
)

// Stream is what a page watches as it changes.
type Stream[T any] struct {
	// Thing names what is watched. All who watch it share one look.
	Thing string
	// May returns nil if this reader may be told. It is asked at first and
	// every now and then.
	May func(ctx context.Context) error
	// Look reads the state, for nobody in particular, and says whether there
	// will be no other.
	Look func(ctx context.Context) (state T, over bool, err error)
	// Say puts the state into this reader's words.
	Say func(ctx context.Context, state T) any
}

// EndStreams ends all streams of events, for a server that is about to stop.
func (s *Server) EndStreams() { s.hub.end() }

// Events sends a stream as server-sent events, each as JSON and only when it
// differs from the one before, until the thing is over, the reader leaves or
// the server stops. An error of the first look is returned; a later one ends
// the stream, and the page asks by itself. The route must be marked with
// Streams.
func Events[T any](w http.ResponseWriter, r *http.Request, s Stream[T]) error {
	h, _ := r.Context().Value(hubKey{}).(*hub)
	if h == nil || !h.enter(Address(r)) {
		return fault.New(fault.Unavailable, "web.streams_full").After(5 * time.Second)
	}
	defer h.leave(Address(r))
	ctx, cancel := context.WithTimeout(r.Context(), streamFor)
	defer cancel()
	if err := s.May(ctx); err != nil {
		return err
	}
	watched, release := h.watch(s.Thing, func(ctx context.Context) (any, bool, error) { return s.Look(ctx) })
	defer release()
	now, changed, err := watched.first(ctx)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("X-Accel-Buffering", "no") // nginx would hold the events back
	return s.tell(ctx, w, h, watched, now, changed)
}

// tell writes what is new until the stream ends.
func (s Stream[T]) tell(ctx context.Context, w http.ResponseWriter, h *hub, watched *watched, now news, changed <-chan struct{}) error {
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	out, last := http.NewResponseController(w), ""
	for {
		if now.err != nil {
			return nil // the headers are gone: the page asks, and hears why
		}
		state, _ := now.state.(T) // nil where T is an interface
		text, err := json.Marshal(s.Say(ctx, state))
		if err != nil {
			return err
		}
		if string(text) != last {
			last = string(text)
			fmt.Fprintf(w, "data: %s\n\n", text)
		}
		if out.Flush() != nil || now.over {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.over:
			return nil
		case <-changed:
			now, changed = watched.look()
		case <-beat.C:
			if s.May(ctx) != nil {
				return nil
			}
			fmt.Fprint(w, ":\n\n")
		}
	}
}
