// Package logs writes the program's log: JSON lines that say what happened, never
// who did it with what.
//
// Lines of a server that is busy go out together: one system call for each of
// 9,000 requests a second is a fiftieth of its work. What warns goes out at once,
// with everything before it; the rest within a tenth of a second. A process that
// is killed loses no more than that.
package logs

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// within is how long a line may wait, and full how many bytes do not.
const (
	within = 100 * time.Millisecond
	full   = 32 << 10
)

// New returns a logger that writes lines of a level ("debug", "info", "warn",
// "error"; any other is "info") and above to w as they come.
func New(w io.Writer, level string) *slog.Logger {
	return slog.New(handler(w, level))
}

// Buffered is New for a server. flush writes what waits; the caller does so last.
func Buffered(w io.Writer, level string) (l *slog.Logger, flush func()) {
	b := &buffer{to: w}
	return slog.New(&late{handler(b, level), b}), b.flush
}

func handler(w io.Writer, level string) slog.Handler {
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelInfo
	}
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})
}

// late hands lines to a buffer, and empties it after one that cannot wait.
type late struct {
	slog.Handler
	buffer *buffer
}

func (l *late) Handle(ctx context.Context, r slog.Record) error {
	err := l.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		l.buffer.flush()
	}
	return err
}

func (l *late) WithAttrs(as []slog.Attr) slog.Handler {
	return &late{l.Handler.WithAttrs(as), l.buffer}
}

func (l *late) WithGroup(name string) slog.Handler { return &late{l.Handler.WithGroup(name), l.buffer} }

type buffer struct {
	mu    sync.Mutex
	to    io.Writer
	lines bytes.Buffer
	timed bool // flush will be called
}

// Write takes one line.
func (b *buffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines.Write(line)
	if b.lines.Len() >= full {
		return len(line), b.out()
	}
	if !b.timed {
		b.timed = true
		time.AfterFunc(within, b.flush)
	}
	return len(line), nil
}

func (b *buffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timed = false
	b.out() // a log that cannot be written has nowhere to say so
}

func (b *buffer) out() error {
	_, err := b.to.Write(b.lines.Bytes())
	b.lines.Reset()
	return err
}
