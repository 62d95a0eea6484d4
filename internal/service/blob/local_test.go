package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/service/blob/s3test"
)

func TestLocalAndFolders(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		ref := put(t, s, "rows")
		path, release, err := s.Local(ctx, ref.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); string(b) != "rows" || err != nil {
			t.Fatalf("%q %v", b, err)
		}
		release()
		release()

		dir := t.TempDir()
		os.MkdirAll(filepath.Join(dir, "sub"), 0o700)
		os.WriteFile(filepath.Join(dir, "rows.sqlite"), noise(5000), 0o600)
		os.WriteFile(filepath.Join(dir, "sub", "words"), []byte("rows"), 0o600)
		folder, err := s.PutDir(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.PutDir(ctx, dir); again != folder || err != nil {
			t.Fatalf("%v %v", again, err)
		}
		files, err := s.Files(ctx, folder.SHA256)
		if err != nil || len(files) != 2 || files[1].Name != "sub/words" || files[1].Ref.SHA256 != ref.SHA256 {
			t.Fatalf("%+v %v", files, err)
		}
		got, release, err := s.GetDir(ctx, folder.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		if b, err := os.ReadFile(filepath.Join(got, "rows.sqlite")); !bytes.Equal(b, noise(5000)) || err != nil {
			t.Fatal(len(b), err)
		}
		if b, err := os.ReadFile(filepath.Join(got, "sub", "words")); string(b) != "rows" || err != nil {
			t.Fatalf("%q %v", b, err)
		}
	})
}

func TestFolderManifestCannotEscape(t *testing.T) {
	s := folderStore(t)
	ref := put(t, s, `{"files":[{"name":"../../evil","sha256":"`+put(t, s, "x").SHA256+`","size":1}]}`)
	if _, _, err := s.GetDir(context.Background(), ref.SHA256); err == nil {
		t.Fatal("taken")
	}
}

func TestAnotherNodeFetchesAndChecks(t *testing.T) {
	url := s3test.Start(t)
	ctx := context.Background()
	a := openStore(t, url, CacheIn(t.TempDir(), 1<<20))
	b := openStore(t, url, CacheIn(t.TempDir(), 1<<20))
	file := noise(100_000)
	ref, err := a.Put(ctx, bytes.NewReader(file), PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	path, release, err := b.Local(ctx, ref.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); !bytes.Equal(got, file) || err != nil {
		t.Fatal(len(got), err)
	}
	release()
	// A file that the store gives back changed is not let in.
	if err := a.bucket.WriteAll(ctx, key(ref.SHA256), noise(100_001), nil); err != nil {
		t.Fatal(err)
	}
	b.cache.forget(ref.SHA256)
	if _, _, err := b.Local(ctx, ref.SHA256); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

func fillWith(n int, calls *atomic.Int32) func(context.Context, string) error {
	return func(_ context.Context, dst string) error {
		calls.Add(1)
		return os.WriteFile(dst, noise(n), 0o600)
	}
}

func name64(c byte) string { return string(bytes.Repeat([]byte{c}, 64)) }

func TestCacheFillsOnceAndForgetsTheOldest(t *testing.T) {
	c, err := openCache(t.TempDir(), 250)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var calls atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, release, err := c.get(ctx, name64('a'), fillWith(100, &calls))
			if err != nil {
				t.Error(err)
				return
			}
			release()
		})
	}
	all.Wait()
	if calls.Load() != 1 {
		t.Fatalf("filled %d times", calls.Load())
	}
	held, release, _ := c.get(ctx, name64('a'), nil)
	for _, n := range []byte("bcd") {
		_, done, err := c.get(ctx, name64(n), fillWith(100, &calls))
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if _, err := os.Stat(held); err != nil {
		t.Fatal("what is held was removed")
	}
	for n, want := range map[byte]bool{'b': false, 'c': false, 'd': true} {
		if _, err := os.Stat(filepath.Join(c.dir, name64(n))); (err == nil) != want {
			t.Errorf("%c: %v", n, err)
		}
	}
	if c.total != 200 {
		t.Fatalf("%d bytes", c.total)
	}
	release()
}

func TestCacheLargerThanAllowedStillServes(t *testing.T) {
	c, _ := openCache(t.TempDir(), 10)
	var calls atomic.Int32
	path, release, err := c.get(context.Background(), name64('a'), fillWith(100, &calls))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	release()
	if _, err := os.Stat(path); err == nil || c.total != 0 {
		t.Fatal("kept beyond its limit")
	}
}

func TestCacheSurvivesRestartAndEmptying(t *testing.T) {
	dir := t.TempDir()
	c, _ := openCache(dir, 1000)
	var calls atomic.Int32
	_, release, _ := c.get(context.Background(), name64('a'), fillWith(100, &calls))
	release()
	os.Mkdir(filepath.Join(dir, fillPrefix+"1"), 0o700) // a fill that died
	c, err := openCache(dir, 1000)
	if err != nil || c.total != 100 {
		t.Fatal(c.total, err)
	}
	if _, err := os.Stat(filepath.Join(dir, fillPrefix+"1")); err == nil {
		t.Fatal("half a fill was kept")
	}
	os.Remove(filepath.Join(dir, name64('a')))
	path, _, err := c.get(context.Background(), name64('a'), fillWith(100, &calls))
	if err != nil || calls.Load() != 2 {
		t.Fatal(calls.Load(), err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
}

// TestCacheIsShared opens a folder again and again while another cache, as of a
// second process, fills it: no fill is lost.
func TestCacheIsShared(t *testing.T) {
	dir := t.TempDir()
	c, err := openCache(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	stop, swept := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				swept <- nil
				return
			default:
			}
			if _, err := openCache(dir, 1<<20); err != nil {
				swept <- err
				return
			}
		}
	}()
	var calls atomic.Int32
	slow := func(ctx context.Context, dst string) error {
		time.Sleep(time.Millisecond)
		return fillWith(100, &calls)(ctx, dst)
	}
	for n := range 200 {
		name := fmt.Sprintf("%064x", n)
		_, release, err := c.get(t.Context(), name, slow)
		if err != nil {
			t.Fatalf("fill %d: %v", n, err)
		}
		release()
	}
	close(stop)
	if err := <-swept; err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, fillPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCacheCallerGoesFillGoesOn(t *testing.T) {
	c, _ := openCache(t.TempDir(), 1000)
	ctx, cancel := context.WithCancel(context.Background())
	started, finish := make(chan struct{}), make(chan struct{})
	slow := func(ctx context.Context, dst string) error {
		close(started)
		<-finish
		return errors.Join(ctx.Err(), os.WriteFile(dst, noise(10), 0o600))
	}
	gone := make(chan error)
	go func() {
		_, _, err := c.get(ctx, name64('a'), slow)
		gone <- err
	}()
	<-started
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(finish)
	for { // the fill that nobody waits for ends in its own time
		if _, release, ok := c.pin(name64('a')); ok {
			release()
			return
		}
		runtime.Gosched()
	}
}
