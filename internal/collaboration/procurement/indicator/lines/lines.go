// Package lines reads files of JSON texts, one a line, on all cores, and hands
// on what was read in the order of the file, so that a result never depends on
// how many cores there are.
//
// A line that holds white space alone is passed over silently, as Cardinal does
// (cardinal-rs 0.0.8, src/lib.rs, fold_reduce). One that is not UTF-8, or that
// its reader refuses, is counted, and the first of them are named.
//
// It stops at lines of 64 MB.
package lines

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"unicode/utf8"

	jsonread "ceiba/internal/collaboration/procurement/ocds/read"
)

const (
	chunkBytes = 4 << 20  // what one worker reads at a time
	maxLine    = 64 << 20 // beyond this a file is no file of lines
	namedSkips = 100      // how many lines that could not be read are named
)

var errJSON = errors.New("not JSON")

// whole are the limits of a line: those of serde_json, which Cardinal uses.
var whole = jsonread.Limits{Bytes: maxLine, Values: math.MaxInt, Depth: 127, Digits: maxLine, Repeats: true}

// Value reads a line that is one JSON value, which keeps the order of
// properties, and numbers as they were written. Of a property that comes twice
// the last value counts, at the place of the first, as in serde_json with
// preserve_order.
func Value(line []byte) (any, error) {
	v, err := jsonread.Value(line, whole)
	if err != nil {
		return nil, errJSON
	}
	return v, nil
}

// Skip is a line that could not be read.
type Skip struct {
	Line int    // counted from 1
	Why  string // in English
}

// Skips are the lines that could not be read.
type Skips struct {
	N     int
	First []Skip // at most a hundred
}

func (s *Skips) add(line int, why error) {
	s.N++
	if len(s.First) < namedSkips {
		s.First = append(s.First, Skip{line, why.Error()})
	}
}

// errUTF8 is why a line is skipped whose bytes are no text.
var errUTF8 = errors.New("not UTF-8")

// job is a run of whole lines, and where what was read of them arrives.
type job[T any] struct {
	text  []byte
	first int // number of the first line
	done  chan []read[T]
}

// read is what came of one line.
type read[T any] struct {
	line  int
	value T
	err   error
}

// Each reads r. Parse gets one line without its end, on any of the workers (at
// least one), and must not keep it. Take gets what parse made of it, one after
// another in the order of the file; an error of its own ends the work.
func Each[T any](r io.Reader, workers int, parse func(line []byte) (T, error), take func(line int, v T) error) (Skips, error) {
	workers = max(workers, 1)
	var (
		work  = make(chan job[T])
		order = make(chan job[T], workers)
		stop  = make(chan struct{})
		free  sync.Pool // of *[]byte: chunks that were read
		group sync.WaitGroup
		ended error // of the reader; read once order is closed
	)
	defer group.Wait()
	defer close(stop)
	for range workers {
		group.Go(func() {
			for j := range work {
				j.done <- parseAll(j, parse)
				free.Put(&j.text)
			}
		})
	}
	group.Go(func() {
		defer close(order)
		defer close(work)
		ended = chunks(r, &free, func(text []byte, first int) bool {
			j := job[T]{text, first, make(chan []read[T], 1)}
			for _, to := range []chan job[T]{order, work} {
				select {
				case to <- j:
				case <-stop:
					return false
				}
			}
			return true
		})
	})
	var skips Skips
	for j := range order {
		if err := takeAll(<-j.done, &skips, take); err != nil {
			return skips, err
		}
	}
	return skips, ended
}

func takeAll[T any](all []read[T], skips *Skips, take func(int, T) error) error {
	for _, one := range all {
		if one.err != nil {
			skips.add(one.line, one.err)
		} else if err := take(one.line, one.value); err != nil {
			return err
		}
	}
	return nil
}

func parseAll[T any](j job[T], parse func([]byte) (T, error)) (out []read[T]) {
	n := j.first
	for line := range bytes.Lines(j.text) {
		if line = bytes.TrimRight(line, "\r\n"); !blank(line) {
			one := read[T]{line: n, err: errUTF8}
			if utf8.Valid(line) {
				one.value, one.err = parse(line)
			}
			out = append(out, one)
		}
		n++
	}
	return out
}

// blank reports whether a line is white space alone, as Rust's
// u8::is_ascii_whitespace means it.
func blank(line []byte) bool {
	return len(bytes.Trim(line, " \t\n\f\r")) == 0
}

// chunks cuts r at ends of lines, until give says that nobody listens.
func chunks(r io.Reader, free *sync.Pool, give func(text []byte, first int) bool) error {
	first := 1
	var rest []byte
	for {
		more := max(chunkBytes, len(rest)) // a long line is copied few times
		buf := buffer(free, len(rest)+min(more, maxLine+1-len(rest)))
		copy(buf, rest)
		n, err := io.ReadFull(r, buf[len(rest):])
		buf = buf[:len(rest)+n]
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("read line %d and after: %w", first, err)
		}
		end := len(buf)
		if err == nil {
			end = bytes.LastIndexByte(buf, '\n') + 1
		}
		next := first + bytes.Count(buf[:end], []byte{'\n'})
		rest = append(rest[:0:0], buf[end:]...) // who is given the rest of buf may use it again
		if end > 0 && !give(buf[:end], first) {
			return nil
		}
		if err != nil {
			return nil // the end of the file
		}
		if first = next; len(rest) > maxLine {
			return fmt.Errorf("line %d is longer than 64 MB", first)
		}
	}
}

// buffer gives n bytes, used ones where there are enough.
func buffer(free *sync.Pool, n int) []byte {
	if used, ok := free.Get().(*[]byte); ok && cap(*used) >= n {
		return (*used)[:n]
	}
	return make([]byte, n, n+chunkBytes/8) // the rest of a chunk seldom has the same length
}
