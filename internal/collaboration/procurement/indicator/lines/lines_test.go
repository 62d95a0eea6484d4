package lines_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"ceiba/internal/collaboration/procurement/indicator/lines"
)

func echo(line []byte) (string, error) {
	if string(line) == "bad" {
		return "", errors.New("is bad")
	}
	return string(line), nil
}

func read(t *testing.T, r io.Reader, workers int) (out []string, skips lines.Skips, err error) {
	t.Helper()
	skips, err = lines.Each(r, workers, echo, func(n int, s string) error {
		out = append(out, fmt.Sprintf("%d %s", n, s))
		return nil
	})
	return out, skips, err
}

func TestKeepsOrderAndNumbers(t *testing.T) {
	for workers := range 4 {
		out, skips, err := read(t, strings.NewReader("a\r\n\n \t\nbad\n\xff\nb"), workers)
		if want := []string{"1 a", "6 b"}; err != nil || !slices.Equal(out, want) {
			t.Errorf("got %q, want %q; %v", out, want, err)
		}
		if want := []lines.Skip{{Line: 4, Why: "is bad"}, {Line: 5, Why: "not UTF-8"}}; skips.N != 2 || !slices.Equal(skips.First, want) {
			t.Errorf("skipped %+v, want %+v", skips, want)
		}
	}
}

func TestCutsChunksAtEndsOfLines(t *testing.T) {
	long := strings.Repeat("x", 5<<20) // more than one chunk
	var all strings.Builder
	for i := range 4 {
		fmt.Fprintf(&all, "%d%s\n%d\n", i, long, i)
	}
	out, _, err := read(t, iotest.HalfReader(strings.NewReader(all.String())), 3)
	if err != nil || len(out) != 8 {
		t.Fatalf("%d lines, want 8: %v", len(out), err)
	}
	for i, line := range out {
		if want := fmt.Sprintf("%d %d", i+1, i/2); !strings.HasPrefix(line, want) {
			t.Errorf("line %d begins with %q, want %q", i+1, line[:8], want)
		}
	}
}

func TestEndsWithTheErrorOfReaderAndTaker(t *testing.T) {
	broken := errors.New("broken")
	if _, _, err := read(t, iotest.ErrReader(broken), 2); !errors.Is(err, broken) {
		t.Errorf("a reader that breaks: %v", err)
	}
	many := strings.Repeat(strings.Repeat("y", 1<<20)+"\n", 20)
	_, err := lines.Each(strings.NewReader(many), 2, echo, func(int, string) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("a taker that breaks: %v", err)
	}
	if _, _, err := read(t, strings.NewReader(strings.Repeat("z", 69<<20)), 2); err == nil {
		t.Error("a line of 69 MB is read")
	}
}

func TestALineMayHave64MB(t *testing.T) {
	for n, fits := range map[int]bool{64 << 20: true, 64<<20 + 1: false} {
		for _, end := range []string{"", "\n", "\nb\n"} {
			r := strings.NewReader("a\n" + strings.Repeat("x", n) + end)
			skips, err := lines.Each(r, 1, func(line []byte) (int, error) { return len(line), nil }, func(int, int) error { return nil })
			if (err == nil) != fits || skips.N != 0 {
				t.Errorf("%d bytes and %q: %v", n, end, err)
			}
		}
	}
}
