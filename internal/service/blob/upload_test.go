package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
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
)

func begin(t *testing.T, s *Store, u Upload) Upload {
	t.Helper()
	u, err := s.Begin(context.Background(), u, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func find(t *testing.T, s *Store, u Upload) Upload {
	t.Helper()
	u, err := s.Find(context.Background(), u.ID, u.Owner)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// cutAt gives what r gives up to n bytes, then breaks as a lost line does.
func cutAt(r io.Reader, n int64) io.Reader {
	return io.MultiReader(io.LimitReader(r, n), iotest.ErrReader(io.ErrUnexpectedEOF))
}

func TestUploadGoesOnAfterCuts(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		file := noise(3*pieceSize/2 + 17)
		sum := sha256.Sum256(file)
		u := begin(t, s, Upload{Owner: "me", Name: "dir/plan.bin", Size: int64(len(file)), SHA256: hex.EncodeToString(sum[:])})
		for _, cut := range []int64{1000, pieceSize + 5, 0} {
			u = find(t, s, u)
			gone, cancel := context.WithCancel(ctx) // the request ends with the line
			at, err := s.Append(gone, u, u.Offset, cutAt(bytes.NewReader(file[u.Offset:]), cut))
			cancel()
			if !errors.Is(err, io.ErrUnexpectedEOF) || at != u.Offset+cut {
				t.Fatalf("cut at %d: %d %v", cut, at, err)
			}
		}
		u = find(t, s, u)
		if u.Offset != 1000+pieceSize+5 || u.Name != "plan.bin" {
			t.Fatalf("%+v", u)
		}
		if _, err := s.Finish(ctx, u, PutOptions{}); fault.KindOf(err) != fault.Conflict {
			t.Fatal(err)
		}
		if _, err := s.Append(ctx, u, u.Offset, bytes.NewReader(file[u.Offset:])); err != nil {
			t.Fatal(err)
		}
		ref, err := s.Finish(ctx, find(t, s, u), PutOptions{})
		if err != nil || ref.SHA256 != u.SHA256 {
			t.Fatal(ref, err)
		}
		if again, err := s.Finish(ctx, find(t, s, u), PutOptions{}); again != ref || err != nil {
			t.Fatal(again, err)
		}
		if left, _ := s.pieces(ctx, u.ID); len(left) != 0 {
			t.Fatalf("%d pieces left", len(left))
		}
	})
}

// Several small pieces that end cleanly are as good as one stream.
func TestUploadInChunks(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		text := strings.Repeat("a,b\n", 100)
		u := begin(t, s, Upload{Name: "a.csv", Size: int64(len(text))})
		for u.Offset < u.Size {
			end := min(u.Offset+123, u.Size)
			if _, err := s.Append(context.Background(), u, u.Offset, strings.NewReader(text[u.Offset:end])); err != nil {
				t.Fatal(err)
			}
			u = find(t, s, u)
		}
		ref, err := s.Finish(context.Background(), u, PutOptions{Kinds: []Kind{Table}})
		if err != nil || ref.Type != "text/csv" {
			t.Fatal(ref, err)
		}
	})
}

// Two connections send the same upload: the pieces of one win, the other is
// told where to go on, and the file is right.
func TestUploadTwoConnections(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		file := noise(5000)
		u := begin(t, s, Upload{Size: int64(len(file))})
		var all sync.WaitGroup
		won := make(chan int64, 4)
		for i := range 4 {
			all.Go(func() {
				_, err := s.Append(ctx, u, 0, cutAt(bytes.NewReader(file), int64(1000+500*i)))
				switch {
				case errors.Is(err, io.ErrUnexpectedEOF):
					won <- int64(1000 + 500*i)
				case fault.KindOf(err) != fault.Conflict:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(won) != 1 {
			t.Fatalf("%d connections won", len(won))
		}
		u = find(t, s, u)
		if want := <-won; u.Offset != want {
			t.Fatalf("stands at %d, want %d", u.Offset, want)
		}
		if _, err := s.Append(ctx, u, u.Offset, bytes.NewReader(file[u.Offset:])); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(file)
		if ref, err := s.Finish(ctx, find(t, s, u), PutOptions{}); err != nil || ref.SHA256 != hex.EncodeToString(sum[:]) {
			t.Fatal(ref, err)
		}
	})
}

func TestUploadRefusals(t *testing.T) {
	s := folderStore(t)
	ctx := context.Background()
	_, err := s.Begin(ctx, Upload{Size: 11}, 10)
	wantKind(t, err, fault.TooLarge, "blob.too_large")
	_, err = s.Begin(ctx, Upload{Size: -1}, 10)
	wantKind(t, err, fault.Malformed, "blob.upload_begin")
	_, err = s.Begin(ctx, Upload{Size: 1, SHA256: "../x"}, 10)
	wantKind(t, err, fault.Malformed, "blob.upload_begin")

	u := begin(t, s, Upload{Owner: "me", Size: 4, SHA256: strings.Repeat("0", 64)})
	if _, err := s.Find(ctx, u.ID, "you"); !errors.Is(err, db.ErrNotFound) {
		t.Fatal(err)
	}
	_, err = s.Append(ctx, u, 2, strings.NewReader("cd"))
	wantKind(t, err, fault.Conflict, "blob.upload_offset")
	_, err = s.Append(ctx, u, 0, strings.NewReader("abcde"))
	wantKind(t, err, fault.TooLarge, "blob.upload_size")
	if u = find(t, s, u); u.Offset != 0 {
		t.Fatalf("stands at %d", u.Offset)
	}
	if _, err = s.Append(ctx, u, 0, strings.NewReader("abcd")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Append(ctx, u, 0, strings.NewReader("abcd"))
	wantKind(t, err, fault.Conflict, "blob.upload_offset")
	_, err = s.Finish(ctx, find(t, s, u), PutOptions{})
	var f *fault.Error
	if !errors.As(err, &f) || f.Key != "blob.upload_hash" {
		t.Fatal(err)
	}
	if _, err := s.Find(ctx, u.ID, "me"); !errors.Is(err, db.ErrNotFound) {
		t.Fatalf("a refused upload is still there: %v", err)
	}
}

// What is of the wrong kind is refused by its name at once, and by its first
// bytes as soon as they are there; what only its end tells is let pass.
func TestUploadOfTheWrongKind(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		kinds := []Kind{Table, Document}
		_, err := s.Begin(ctx, Upload{Name: "setup.exe", Size: 9000, Kinds: kinds}, 1<<20)
		wantKind(t, err, fault.Invalid, "blob.not_taken")
		_, err = s.Begin(ctx, Upload{Name: "photo.HEIC", Size: 9000, Kinds: kinds}, 1<<20)
		wantKind(t, err, fault.Invalid, "blob.heic")
		for _, c := range []struct{ name, head, key string }{
			{"roads.csv", "%PDF-1.7\n", "blob.mismatch"},
			{"roads.csv", "<!doctype html>", "blob.web_page"},
			{"roads", "SQLite format 3\x00", "blob.not_taken"},
			{"roads.csv", "district,km\n", ""},
			{"roads.xlsx", "PK\x03\x04", ""},
		} {
			u := begin(t, s, Upload{Name: c.name, Size: 9000, Kinds: kinds})
			at, err := s.Append(ctx, u, 0, strings.NewReader(c.head+strings.Repeat(" ", 5000-len(c.head))))
			_, gone := s.Find(ctx, u.ID, "")
			if c.key == "" {
				if err != nil || at != 5000 || gone != nil {
					t.Errorf("%s: %d %v %v", c.head, at, err, gone)
				}
				continue
			}
			wantKind(t, err, fault.Invalid, c.key)
			if !errors.Is(gone, db.ErrNotFound) {
				t.Errorf("%s: a refused upload is still there: %v", c.head, gone)
			}
		}
	})
}

// A file that one form took is judged again where the sender names it in another:
// this may take less.
func TestUploadForAnotherForm(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		text := "district,km\nCayo,12\n"
		u := begin(t, s, Upload{Owner: "me", Name: "roads.csv", Size: int64(len(text))})
		if _, err := s.Append(ctx, u, 0, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
		ref, _, again, err := s.Arrived(ctx, u.ID, "me", PutOptions{Kinds: []Kind{Table}})
		if err != nil || !again {
			t.Fatal(ref, err)
		}
		_, _, _, err = s.Arrived(ctx, u.ID, "me", PutOptions{Kinds: []Kind{Image}})
		wantKind(t, err, fault.Invalid, "blob.kind.image")
		_, _, _, err = s.Arrived(ctx, u.ID, "me", PutOptions{Max: 5})
		wantKind(t, err, fault.TooLarge, "blob.too_large")
		if again, _, _, err := s.Arrived(ctx, u.ID, "me", PutOptions{Kinds: []Kind{Table}}); err != nil || again != ref {
			t.Errorf("the form that took it: %v %v", again, err)
		}
	})
}

// Nobody fills the store with what they never finish: the upload that rests the
// longest makes room, and none that is being sent.
func TestUploadsOfOneOwner(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		var all []Upload
		for range maxOpen {
			all = append(all, begin(t, s, Upload{Owner: "me", Size: 4}))
		}
		_, err := s.Begin(ctx, Upload{Owner: "me", Size: 4}, 10)
		wantKind(t, err, fault.TooMany, "blob.upload_many")
		begin(t, s, Upload{Owner: "you", Size: 4})

		for _, u := range all[:2] { // one that is finished and one that is ended count no more
			if _, err := s.Append(ctx, u, 0, strings.NewReader("abcd")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Finish(ctx, find(t, s, all[0]), PutOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := s.Abandon(ctx, all[1]); err != nil {
			t.Fatal(err)
		}
		all = append(all[2:], begin(t, s, Upload{Owner: "me", Size: 4}), begin(t, s, Upload{Owner: "me", Size: 4}))

		late := *s
		late.now = func() time.Time { return time.Now().Add(2 * resting) }
		last := begin(t, &late, Upload{Owner: "me", Size: 4})
		find(t, s, last)
		gone := 0
		for _, u := range all {
			if _, err := s.Find(ctx, u.ID, "me"); errors.Is(err, db.ErrNotFound) {
				gone++
			}
		}
		if gone != 1 {
			t.Errorf("%d uploads made room for one", gone)
		}
	})
}

func TestEmptyUpload(t *testing.T) {
	s := folderStore(t)
	ref, err := s.Finish(context.Background(), find(t, s, begin(t, s, Upload{Name: "a.csv"})), PutOptions{})
	if err != nil || ref.Size != 0 {
		t.Fatal(ref, err)
	}
}

func TestExpire(t *testing.T) {
	s := folderStore(t)
	ctx := context.Background()
	old, young := begin(t, s, Upload{Size: 4}), begin(t, s, Upload{Size: 4})
	for _, u := range []Upload{old, young} {
		if _, err := s.Append(ctx, u, 0, strings.NewReader("ab")); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-48 * time.Hour)
	files, _ := filepath.Glob(filepath.Join(s.folder, "uploads", old.ID, "*"))
	files = append(files, filepath.Join(s.folder, "uploads", young.ID, "upload.json")) // begun long ago, but goes on
	for _, f := range files {
		if err := os.Chtimes(f, past, past); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Expire(ctx, 24*time.Hour); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := s.Find(ctx, old.ID, ""); !errors.Is(err, db.ErrNotFound) {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(s.folder, "uploads", old.ID)); !os.IsNotExist(err) {
		t.Fatal("its folder is left")
	}
	if u := find(t, s, young); u.Offset != 2 {
		t.Fatalf("%+v", u)
	}
	for _, u := range []Upload{old, young} {
		if err := os.Chtimes(filepath.Join(s.folder, openKey(u)), past, past); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Expire(ctx, 24*time.Hour); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := os.Stat(filepath.Join(s.folder, openKey(young))); err != nil {
		t.Fatal("an upload that goes on is counted no more")
	}
}

// Nothing of a piece is kept in memory: 64 MB pass under 8 MB allocated.
func TestUploadConstantMemory(t *testing.T) {
	s := folderStore(t)
	u := begin(t, s, Upload{Size: 64 << 20})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	at, err := s.Append(context.Background(), u, 0, io.LimitReader(rand.NewChaCha8([32]byte{1}), u.Size))
	if err != nil || at != u.Size {
		t.Fatal(at, err)
	}
	if _, err := s.Finish(context.Background(), find(t, s, u), PutOptions{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Fatalf("allocated %d bytes for a file of 64 MB", grown)
	}
}
