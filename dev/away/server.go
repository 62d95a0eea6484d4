package away

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// A server is the site in a process of its own, on a port of loopback.
type server struct {
	addr  string
	log   string // the file of what it logs
	ended chan struct{}
	stop  func()
}

// freePort asks the system for an address that nobody uses.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// serve starts the site and waits until it is ready. The process stays the same
// to the end: that it needs no other is what the gate is about.
func serve(ctx context.Context, addr string, cmd *exec.Cmd) (*server, error) {
	said, err := os.CreateTemp("", "ceiba-away-log-")
	if err != nil {
		return nil, err
	}
	defer said.Close()
	s := &server{addr: addr, log: said.Name(), ended: make(chan struct{})}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { cmd.Wait(); close(s.ended) }()
	s.stop = func() {
		defer os.Remove(s.log)
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-s.ended:
		case <-time.After(30 * time.Second):
			cmd.Process.Kill()
			<-s.ended
		}
	}
	if err := within(ctx, time.Minute, "the site to start", func() bool { return s.answers("/readyz") }); err != nil {
		err = fmt.Errorf("%w\n%s", err, s.tail())
		s.stop()
		return nil, err
	}
	return s, nil
}

// answers reports whether a path gives 200.
func (s *server) answers(path string) bool {
	r, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// get reads one answer whole.
func (s *server) get(path string) (string, error) {
	r, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return string(b), err
}

// tail is the end of its log.
func (s *server) tail() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return ""
	}
	return string(text[max(0, len(text)-2000):])
}
