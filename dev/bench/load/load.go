// Package load drives an HTTP server as hard as it can over a fixed number of
// kept connections, and tells how long the answers took.
//
// It is one generator for every server that is compared, and it does little:
// requests are bytes made by the caller, of an answer only the status and the
// length are read. So what it costs is the same on both sides and small
// (about 10 µs of processor time for a request), though on a machine that it
// shares with the server it does cost requests per second; the server's own
// processor time for a request, which the caller measures, does not depend on it.
//
// It speaks HTTP/1.1 over TCP with Content-Length or chunked bodies, and no
// more than that.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Plan says what to send.
type Plan struct {
	Addr    string        // host:port
	Conns   int           // connections, each with one request at a time
	For     time.Duration // how long
	Status  int           // what every answer must have
	Request func(conn, n int) []byte
}

// Result is what came back.
type Result struct {
	Requests int     // answered with the right status
	Wrong    int     // answered otherwise, or not at all
	First    string  // the first wrong answer
	Seconds  float64 // measured
	P50, P99 time.Duration
}

// PerSecond is the rate of right answers.
func (r Result) PerSecond() float64 { return float64(r.Requests) / r.Seconds }

// Run sends what the plan says until its time is over or ctx ends.
func Run(ctx context.Context, p Plan) Result {
	ctx, cancel := context.WithTimeout(ctx, p.For)
	defer cancel()
	clients := make([]client, p.Conns)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() { clients[i].run(ctx, p, i) })
	}
	wg.Wait()
	r := Result{Seconds: time.Since(start).Seconds()}
	var took []time.Duration
	for i := range clients {
		c := &clients[i]
		took = append(took, c.took...)
		r.Wrong += c.wrong
		if r.First == "" {
			r.First = c.first
		}
	}
	slices.Sort(took)
	if r.Requests = len(took); r.Requests > 0 {
		r.P50, r.P99 = took[len(took)/2], took[len(took)*99/100]
	}
	return r
}

type client struct {
	took  []time.Duration
	wrong int
	first string
}

// run keeps one connection busy, and opens another when it breaks.
func (c *client) run(ctx context.Context, p Plan, number int) {
	for n := 0; ctx.Err() == nil; {
		conn, err := net.DialTimeout("tcp", p.Addr, 5*time.Second)
		if err == nil {
			n, err = c.talk(ctx, conn, p, number, n)
			conn.Close()
		}
		if err != nil && ctx.Err() == nil {
			c.fault(err.Error())
			if c.wrong > 100 {
				return
			}
		}
	}
}

func (c *client) fault(words string) {
	c.wrong++
	if c.first == "" {
		c.first = words
	}
}

func (c *client) talk(ctx context.Context, conn net.Conn, p Plan, number, n int) (int, error) {
	r := bufio.NewReaderSize(conn, 64<<10)
	for ; ctx.Err() == nil; n++ {
		request := p.Request(number, n)
		begun := time.Now()
		if _, err := conn.Write(request); err != nil {
			return n, err
		}
		status, body, err := answer(r, p.Status)
		if err != nil {
			return n, err
		}
		if status != p.Status {
			c.fault(fmt.Sprintf("status %d: %.300s", status, body))
			continue
		}
		c.took = append(c.took, time.Since(begun))
	}
	return n, nil
}

var errAnswer = errors.New("not an HTTP answer")

// answer reads one answer; the body only if the status is not the wanted one.
func answer(r *bufio.Reader, want int) (status int, body []byte, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, errAnswer
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, errAnswer
	}
	length, err := headers(r)
	if err != nil {
		return 0, nil, err
	}
	var keep io.Writer = io.Discard
	var text bytes.Buffer
	if status != want {
		keep = &text
	}
	if length >= 0 {
		_, err = io.CopyN(keep, r, int64(length))
	} else {
		err = chunks(r, keep)
	}
	return status, text.Bytes(), err
}

// headers returns the Content-Length, or -1 for a body in chunks.
func headers(r *bufio.Reader) (length int, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, errAnswer
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = -1
		}
	}
}

func chunks(r *bufio.Reader, keep io.Writer) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 32)
		if err != nil {
			return errAnswer
		}
		if _, err := io.CopyN(keep, r, size); err != nil {
			return err
		}
		if _, err := r.Discard(2); err != nil { // the line's end
			return err
		}
		if size == 0 {
			return nil
		}
	}
}
