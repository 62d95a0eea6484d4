// Package server runs a program that answers HTTP in a process of its own, on
// a port of loopback: for the benchmarks, and for gates that watch a whole site
// from outside.
package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a program has to end after it was asked to.
const patience = 30 * time.Second

// A Server is a program that runs.
type Server struct {
	Addr    string        // host:port
	Started time.Duration // how long it took to answer
	cmd     *exec.Cmd
	log     string // the file of what it logs
	ended   chan struct{}
	end     error // how it ended, once ended is closed
}

// FreePort asks the system for an address that nobody uses.
func FreePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// Start starts a program, which listens on addr, and waits until path answers
// 200, at most limit. What it logs goes into a file, straight: a pipe would
// make this process read it.
func Start(ctx context.Context, addr, path string, limit time.Duration, cmd *exec.Cmd) (*Server, error) {
	said, err := os.CreateTemp("", "ceiba-server-log-")
	if err != nil {
		return nil, err
	}
	defer said.Close()
	s := &Server{Addr: addr, cmd: cmd, log: said.Name(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = nil, said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		os.Remove(s.log)
		return nil, err
	}
	go func() { s.end = cmd.Wait(); close(s.ended) }()
	for time.Since(begun) < limit && ctx.Err() == nil {
		if s.Answers(path) {
			s.Started = time.Since(begun)
			return s, nil
		}
		select {
		case <-s.ended:
			defer os.Remove(s.log)
			return nil, fmt.Errorf("%s ended: %v\n%s", cmd.Path, s.end, s.Tail())
		case <-time.After(2 * time.Millisecond):
		}
	}
	last := s.Tail()
	s.Stop()
	return nil, fmt.Errorf("%s does not answer %s within %s\n%s", cmd.Path, path, limit, last)
}

// Stop asks the program to end, kills it if it does not, and takes its log away.
func (s *Server) Stop() {
	defer os.Remove(s.log)
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.cmd.Process.Kill()
		<-s.ended
	}
}

// Name is the name of the program.
func (s *Server) Name() string { return filepath.Base(s.cmd.Path) }

// Answers reports whether a path gives 200.
func (s *Server) Answers(path string) bool {
	r, err := http.Get("http://" + s.Addr + path)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// Get reads one answer whole; one that is not 200 is an error that tells it.
func (s *Server) Get(path string) (string, error) {
	r, err := http.Get("http://" + s.Addr + path)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %.300s", path, r.Status, b)
	}
	return string(b), err
}

// Tail is the end of what it logged.
func (s *Server) Tail() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return ""
	}
	return string(text[max(0, len(text)-2000):])
}

// CPU is the processor time that the program has used.
func (s *Server) CPU() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold anything
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts in hundredths of a second
}

// Memory is what the program holds now, in MB.
func (s *Server) Memory() float64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for line := bufio.NewScanner(f); line.Scan(); {
		if v, ok := strings.CutPrefix(line.Text(), "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb / 1024
		}
	}
	return 0
}
