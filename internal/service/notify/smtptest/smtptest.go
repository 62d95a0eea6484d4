// Package smtptest gives tests a real SMTP server that keeps what it gets.
//
// It runs aiosmtpd (Debian's package python3-aiosmtpd) on loopback, without any
// right, over a temporary Maildir. Where it is missing the test is skipped with
// a word, or fails where CI is set.
package smtptest

import (
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/needtest"
)

// Server is a running server.
type Server struct {
	Address string // HOST:PORT
	dir     string
	cmd     *exec.Cmd
	ended   chan struct{}
}

// Start runs a server until the test ends. args are further options of
// aiosmtpd, such as "--size", "1000".
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	program, err := exec.LookPath("aiosmtpd")
	if err != nil {
		needtest.Missing(t, "no SMTP server: install Debian's python3-aiosmtpd, or use make test")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), dir: filepath.Join(t.TempDir(), "mail"), ended: make(chan struct{})}
	l.Close()
	for _, sub := range []string{"new", "cur", "tmp"} {
		if err := os.MkdirAll(filepath.Join(s.dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	args = append([]string{"--nosetuid", "--smtputf8", "--listen", s.Address, "--class", "aiosmtpd.handlers.Mailbox"}, args...)
	s.cmd = exec.Command(program, append(args, s.dir)...)
	var out strings.Builder
	s.cmd.Stdout, s.cmd.Stderr = &out, &out
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.cmd.Wait(); close(s.ended) }()
	t.Cleanup(s.Stop)
	if !s.await() {
		s.Stop()
		t.Fatalf("aiosmtpd did not start: %s", out.String())
	}
	return s
}

// await waits until the server takes connections, or has ended.
func (s *Server) await() bool {
	for range 400 {
		conn, err := net.DialTimeout("tcp", s.Address, time.Second)
		if err == nil {
			conn.Close()
			return true
		}
		select {
		case <-s.ended:
			return false
		case <-time.After(25 * time.Millisecond):
		}
	}
	return false
}

// Stop ends the server, as a power cut would.
func (s *Server) Stop() {
	s.cmd.Process.Kill()
	<-s.ended
}

// Letters returns what has arrived, in the order of arrival, with the raw text
// of each.
func (s *Server) Letters(t testing.TB) (letters []*mail.Message, raw []string) {
	t.Helper()
	type file struct {
		path string
		at   time.Time
	}
	var files []file
	entries, err := os.ReadDir(filepath.Join(s.dir, "new"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{filepath.Join(s.dir, "new", e.Name()), info.ModTime()})
	}
	slices.SortFunc(files, func(a, b file) int { return a.at.Compare(b.at) })
	for _, f := range files {
		text, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		letters, raw = append(letters, m), append(raw, string(text))
	}
	return letters, raw
}
