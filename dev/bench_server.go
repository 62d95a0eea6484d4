package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A server is a program under load, on a port of its own on loopback.
type server struct {
	cmd     *exec.Cmd
	addr    string // host:port
	started time.Duration
	stop    func()
}

// freePort asks the system for a port that nobody uses.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// startServer starts a program and waits until path answers 200. What it logs
// goes into a file, straight: a pipe would make the generator read it.
func startServer(ctx context.Context, addr, path string, limit time.Duration, cmd *exec.Cmd) (*server, error) {
	s := &server{cmd: cmd, addr: addr}
	said, err := os.CreateTemp("", "ceiba-bench-log-")
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = nil, said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	s.stop = func() {
		defer os.Remove(said.Name())
		defer said.Close()
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(15 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
	}
	for time.Since(begun) < limit && ctx.Err() == nil {
		if answers("http://" + addr + path) {
			s.started = time.Since(begun)
			return s, nil
		}
		select {
		case err := <-ended:
			defer os.Remove(said.Name())
			return nil, fmt.Errorf("%s ended: %v\n%s", cmd.Path, err, tail(said.Name()))
		case <-time.After(2 * time.Millisecond):
		}
	}
	last := tail(said.Name())
	s.stop()
	return nil, fmt.Errorf("%s does not answer %s within %s\n%s", cmd.Path, path, limit, last)
}

// tail is the end of a log.
func tail(file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return text[max(0, len(text)-2000):]
}

func answers(url string) bool {
	r, err := http.Get(url)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// cpu is the processor time that the server has used.
func (s *server) cpu() time.Duration {
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

// memory is what the server holds now, in MB.
func (s *server) memory() float64 {
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

// get reads one answer whole.
func (s *server) get(path string) (string, error) {
	r, err := http.Get("http://" + s.addr + path)
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

// asks writes a GET request.
func asks(s *server, path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + s.addr + "\r\nAccept: application/json\r\n\r\n")
}

// posts writes a POST request with a JSON body.
func posts(s *server, path, headers, body string) []byte {
	return []byte("POST " + path + " HTTP/1.1\r\nHost: " + s.addr + "\r\nContent-Type: application/json\r\n" + headers +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}
