// Package s3test gives tests a real S3 server.
//
// CEIBA_TEST_S3 names one (an s3:// address as blob.Open takes it, with the
// credentials in the environment). Without it, versitygw is started on
// loopback over a temporary folder, if it is in the PATH or where `make test`
// builds it: bin/tools/versitygw below the root of the repository. Without
// either the test is skipped with a word, or fails where CI is set.
package s3test

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ceiba/internal/ground/needtest"
)

// Start returns the address of an empty place on an S3 server: its own bucket,
// or its own prefix on the server that CEIBA_TEST_S3 names. It ends with the
// test.
func Start(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("CEIBA_TEST_S3"); url != "" {
		sep := "?"
		if strings.Contains(url, "?") {
			sep = "&"
		}
		return url + sep + "prefix=" + strings.ToLower(rand.Text()) + "/"
	}
	program := find()
	if program == "" {
		needtest.Missing(t, "no S3 server: set CEIBA_TEST_S3, or use make test, which builds versitygw")
	}
	return start(t, program)
}

func find() string {
	if p, err := exec.LookPath("versitygw"); err == nil {
		return p
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		p := filepath.Join(dir, "bin", "tools", "versitygw")
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() {
			return p
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// start runs versitygw until the test ends.
func start(t testing.TB, program string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "ceiba"), 0o755); err != nil { // a folder is a bucket
		t.Fatal(err)
	}
	address := freeAddress(t)
	cmd := exec.Command(program, "--access", "test", "--secret", "testsecret", "--port", address, "--quiet",
		"posix", "--sidecar", t.TempDir(), root)
	out, err := os.CreateTemp(t.TempDir(), "versitygw-*.log")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		out.Close()
	})
	if !waitFor(address, ended) {
		text, _ := os.ReadFile(out.Name())
		t.Fatalf("versitygw did not start: %s", text)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "testsecret")
	return fmt.Sprintf("s3://ceiba?endpoint=http://%s&region=us-east-1", address)
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// waitFor waits until the server takes connections, or has ended.
func waitFor(address string, ended chan error) bool {
	for range 200 {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			conn.Close()
			return true
		}
		select {
		case err := <-ended:
			ended <- err
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}
