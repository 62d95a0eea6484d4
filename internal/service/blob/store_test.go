package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob/s3test"
)

// each runs a test on a folder and on a real S3 server.
func each(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Run("folder", func(t *testing.T) { f(t, folderStore(t)) })
	t.Run("s3", func(t *testing.T) {
		f(t, openStore(t, s3test.Start(t), CacheIn(t.TempDir(), 1<<30)))
	})
}

func folderStore(t *testing.T, opts ...Option) *Store { return openStore(t, t.TempDir(), opts...) }

func openStore(t *testing.T, where string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(context.Background(), where, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t *testing.T, s *Store, text string) Ref {
	t.Helper()
	ref, err := s.Put(context.Background(), strings.NewReader(text), PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func wantKind(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != kind || f.Key != key {
		t.Fatalf("got %v, want %s", err, key)
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(b)
	return b
}

func TestPutReadDelete(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		text := "name,place\nBridge,Dangriga\n"
		ref := put(t, s, text)
		sum := sha256.Sum256([]byte(text))
		if ref != (Ref{hex.EncodeToString(sum[:]), int64(len(text)), "text/plain"}) {
			t.Fatalf("%+v", ref)
		}
		if again := put(t, s, text); again != ref {
			t.Fatalf("the same bytes gave %+v", again)
		}
		r, err := s.Open(ctx, ref.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != text || err != nil {
			t.Fatalf("%q %v", got, err)
		}
		r.Close()
		part, err := s.Range(ctx, ref.SHA256, 5, 5)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(part); string(got) != "place" {
			t.Fatalf("%q", got)
		}
		part.Close()
		if got, err := s.Stat(ctx, ref.SHA256); got != ref || err != nil {
			t.Fatalf("%+v %v", got, err)
		}
		for range 2 {
			if err := s.Delete(ctx, ref.SHA256); err != nil {
				t.Fatal(err)
			}
		}
		wantGone(t, s, ref.SHA256)
	})
}

func wantGone(t *testing.T, s *Store, sha string) {
	t.Helper()
	ctx := context.Background()
	_, open := s.Open(ctx, sha)
	_, stat := s.Stat(ctx, sha)
	_, _, local := s.Local(ctx, sha)
	_, _, dir := s.GetDir(ctx, sha)
	serve := s.Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil), Ref{SHA256: sha}, Serving{})
	for i, err := range []error{open, stat, local, dir, serve} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestNamesThatLeadElsewhere(t *testing.T) {
	s := folderStore(t)
	secret := filepath.Join(filepath.Dir(s.folder), "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sha := range []string{"", "..", "../../secret", strings.Repeat("../", 21) + "x", strings.Repeat("A", 64), strings.Repeat("0", 63), strings.Repeat("0", 64) + "/.."} {
		wantGone(t, s, sha)
		if err := s.Delete(context.Background(), sha); err != nil {
			t.Errorf("%q: %v", sha, err)
		}
		if _, err := s.Find(context.Background(), sha, ""); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%q: %v", sha, err)
		}
	}
	if _, err := os.Stat(secret); err != nil {
		t.Fatal(err)
	}
}

func TestTooLargeLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		_, err := s.Put(ctx, bytes.NewReader(noise(1001)), PutOptions{Max: 1000})
		wantKind(t, err, fault.TooLarge, "blob.too_large")
		rec := httptest.NewRecorder()
		_, err = s.Put(ctx, http.MaxBytesReader(rec, io.NopCloser(bytes.NewReader(noise(1001))), 1000), PutOptions{})
		wantKind(t, err, fault.TooLarge, "blob.too_large")
		if _, err = s.Put(ctx, iotest.TimeoutReader(bytes.NewReader(noise(1<<20))), PutOptions{}); !errors.Is(err, iotest.ErrTimeout) {
			t.Fatal(err)
		}
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err = s.Put(stopped, bytes.NewReader(noise(10)), PutOptions{}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if _, err := s.Put(ctx, bytes.NewReader(noise(1000)), PutOptions{Max: 1000}); err != nil {
			t.Fatal(err)
		}
		if n := count(t, s); n != 1 {
			t.Fatalf("%d files stored, want 1", n)
		}
		if left, _ := os.ReadDir(s.tmp); len(left) != 0 {
			t.Fatalf("left behind: %v", left)
		}
	})
}

func count(t *testing.T, s *Store) int {
	t.Helper()
	n := 0
	for _, err := range s.Walk(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestWalkSeesEveryFile(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		want := map[string]int64{}
		for i := range 40 {
			ref := put(t, s, fmt.Sprint("file ", i))
			want[ref.SHA256] = ref.Size
		}
		last := ""
		for f, err := range s.Walk(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if want[f.SHA256] != f.Size || f.SHA256 <= last || f.When.IsZero() {
				t.Fatalf("%+v", f)
			}
			last = f.SHA256
			delete(want, f.SHA256)
		}
		if len(want) > 0 {
			t.Fatalf("missed %d", len(want))
		}
	})
}

// Memory must not grow with the file: 64 MB pass through under 8 MB allocated.
func TestConstantMemory(t *testing.T) {
	s := folderStore(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := s.Put(context.Background(), io.LimitReader(rand.NewChaCha8([32]byte{1}), 64<<20), PutOptions{Max: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Fatalf("allocated %d bytes for a file of 64 MB", grown)
	}
}

func TestSameFileAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		file := noise(200_000)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := s.Put(context.Background(), bytes.NewReader(file), PutOptions{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := count(t, s); n != 1 {
			t.Fatalf("%d files", n)
		}
	})
}

func TestBitRotIsNoticed(t *testing.T) {
	s := folderStore(t)
	ref := put(t, s, "as it was")
	os.Chmod(s.path(ref.SHA256), 0o600)
	if err := os.WriteFile(s.path(ref.SHA256), []byte("as it wa5"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(context.Background(), ref.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

// A file cut short by bad luck is replaced when it comes again.
func TestTornFileIsMended(t *testing.T) {
	s := folderStore(t)
	ref := put(t, s, "whole")
	if err := os.Truncate(s.path(ref.SHA256), 2); err != nil {
		t.Fatal(err)
	}
	put(t, s, "whole")
	if b, _ := os.ReadFile(s.path(ref.SHA256)); string(b) != "whole" {
		t.Fatalf("%q", b)
	}
}

func TestComingAgainRenewsAge(t *testing.T) {
	s := folderStore(t)
	ref := put(t, s, "x")
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.path(ref.SHA256), old, old); err != nil {
		t.Fatal(err)
	}
	put(t, s, "x")
	for f := range s.Walk(context.Background()) {
		if !f.When.After(old.Add(time.Minute)) {
			t.Fatalf("%v", f.When)
		}
	}
}

func TestStoreAway(t *testing.T) {
	url := "s3://ceiba?endpoint=http://127.0.0.1:1&region=us-east-1"
	t.Setenv("AWS_ACCESS_KEY_ID", "x")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	s := openStore(t, url)
	_, err := s.Open(context.Background(), strings.Repeat("0", 64))
	wantKind(t, err, fault.Unavailable, "blob.away")
}

func TestOldTempIsSwept(t *testing.T) {
	dir := t.TempDir()
	openStore(t, dir).Close()
	old, young := filepath.Join(dir, "tmp", "put-1"), filepath.Join(dir, "tmp", "put-2")
	for _, p := range []string{old, young} {
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Chtimes(old, time.Unix(0, 0), time.Now().Add(-48*time.Hour))
	openStore(t, "file://"+dir)
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Error("old left")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("young gone")
	}
	alone, err := Open(context.Background(), dir, Alone())
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	if _, err := os.Stat(young); !os.IsNotExist(err) {
		t.Error("young left, though nobody else can need it")
	}
}
