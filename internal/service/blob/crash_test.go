package blob

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

// TestMain lets this program be its own victim: with CEIBA_BLOB_VICTIM it
// stores files in that folder until it is killed, and says each hash once Put
// has returned.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CEIBA_BLOB_VICTIM"); dir != "" {
		storeForEver(dir)
	}
	os.Exit(m.Run())
}

func storeForEver(dir string) {
	s, err := Open(context.Background(), dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		file := bytes.Repeat([]byte(fmt.Sprintln(os.Getpid(), i)), 1+i*997%40_000)
		ref, err := s.Put(context.Background(), bytes.NewReader(file), PutOptions{})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(ref.SHA256)
	}
}

// Killed at any moment, a store has every file it acknowledged, and nothing
// under a hash that is not its own.
func TestKilledInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	var acked []string
	for round := range 4 {
		acked = append(acked, killAfter(t, dir, 5+round*7)...)
	}
	s := openStore(t, dir)
	for _, sha := range acked {
		readWhole(t, s, sha)
	}
	for f, err := range s.Walk(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		readWhole(t, s, f.SHA256)
	}
}

func readWhole(t *testing.T, s *Store, sha string) {
	t.Helper()
	r, err := s.Open(t.Context(), sha)
	if err != nil {
		t.Fatalf("%s: %v", sha, err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Errorf("%s: %v", sha, err)
	}
}

func killAfter(t *testing.T, dir string, n int) (acked []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CEIBA_BLOB_VICTIM="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for len(acked) < n && lines.Scan() {
		acked = append(acked, lines.Text())
	}
	cmd.Process.Kill()
	cmd.Wait()
	if len(acked) < n {
		t.Fatalf("the victim ended after %d files", len(acked))
	}
	return acked
}
