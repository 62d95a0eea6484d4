package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"iter"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	cloud "gocloud.dev/blob"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// Ref names a stored file.
type Ref struct {
	SHA256 string `json:"sha256"` // 64 lower-case hexadecimal digits
	Size   int64  `json:"size"`   // bytes
	Type   string `json:"type"`   // media type, found in the content
}

// PutOptions says what may be stored.
type PutOptions struct {
	Max   int64  // bytes; 0 is no limit
	Name  string // the name that the file came with; "" where it has none
	Kinds []Kind // what it may be; nil takes anything
	Ours  bool   // made by Ceiba itself: not scanned for viruses
}

// Put stores what r gives and returns once it would survive a power cut.
// Storing the same bytes again changes nothing.
//
// A file over o.Max ends in fault.TooLarge, a cut one in r's error, one that
// is not what its name or o.Kinds say in fault.Invalid; nothing is stored then.
func (s *Store) Put(ctx context.Context, r io.Reader, o PutOptions) (Ref, error) {
	t, err := s.receive(ctx, r, o.Max)
	if err != nil {
		return Ref{}, err
	}
	defer t.discard()
	return s.admit(ctx, t, o)
}

// temp is a file that has arrived, not yet flushed and under no name.
type temp struct {
	*os.File
	sha  string
	size int64
}

func (t *temp) discard() {
	t.Close()
	os.Remove(t.Name())
}

// receive copies r to a temporary file while hashing it.
func (s *Store) receive(ctx context.Context, r io.Reader, max int64) (*temp, error) {
	f, err := os.CreateTemp(s.tmp, "put-*")
	if err != nil {
		return nil, sayFull(err)
	}
	t := &temp{File: f}
	if max > 0 {
		r = io.LimitReader(r, max+1)
	}
	sum := sha256.New()
	// The wrappers keep io.Copy on our one buffer.
	t.size, err = io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(f, sum)}, untilDone{ctx, r}, make([]byte, 256<<10))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		err = tooLarge(tooLong.Limit)
	case err == nil && max > 0 && t.size > max:
		err = tooLarge(max)
	}
	if err != nil {
		t.discard()
		return nil, sayFull(err)
	}
	t.sha = hex.EncodeToString(sum.Sum(nil))
	return t, nil
}

func tooLarge(max int64) error {
	return fault.New(fault.TooLarge, "blob.too_large", "max", megabytes(max))
}

// megabytes rounds up, so that a limit is never told as 0.
func megabytes(n int64) int64 { return (n + 1<<20 - 1) >> 20 }

// untilDone reads until its context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read reads, or says why the context ended.
func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// admit judges a received file and stores it.
func (s *Store) admit(ctx context.Context, t *temp, o PutOptions) (Ref, error) {
	format, err := Detect(t, t.size, o.Name, o.Kinds...)
	if err != nil {
		return Ref{}, err
	}
	if s.scan != nil && !o.Ours {
		if err := s.inspect(ctx, t); err != nil {
			return Ref{}, err
		}
	}
	ref := Ref{SHA256: t.sha, Size: t.size, Type: format.Type}
	return ref, s.settle(ctx, t, ref)
}

// settle gives a received file its name, unless it has it already.
func (s *Store) settle(ctx context.Context, t *temp, ref Ref) error {
	have, err := s.bucket.Attributes(ctx, key(ref.SHA256))
	switch {
	case err == nil && have.Size == ref.Size:
		return s.touch(ref.SHA256)
	case err != nil:
		if err := sayAway(err); !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	if err := errors.Join(t.Chmod(0o400), t.Sync()); err != nil {
		return sayFull(err)
	}
	if err := s.keep(ctx, t.Name(), key(ref.SHA256), ref.Type, false); err != nil {
		return err
	}
	if s.folder == "" {
		return s.cache.adopt(ref.SHA256, t.Name(), ref.Size)
	}
	return nil
}

// touch renews the age of a file that came again, so that whoever clears away
// unused files by age (see Walk) leaves it, and makes sure its name is on disk:
// whoever stored it first may not have got so far yet.
func (s *Store) touch(sha string) error {
	if s.folder == "" {
		return nil
	}
	path := s.path(sha)
	now := s.now()
	if err := os.Chtimes(path, now, now); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// key is where a blob lives in the bucket.
func key(sha string) string { return "sha256/" + sha[:2] + "/" + sha }

// path is where a blob lives on a folder store.
func (s *Store) path(sha string) string { return filepath.Join(s.folder, filepath.FromSlash(key(sha))) }

// Valid reports whether sha has the form of a blob's name. What does not is
// not found, wherever it came from.
func Valid(sha string) bool {
	return len(sha) == 64 && strings.Trim(sha, "0123456789abcdef") == ""
}

// Open reads a whole file. Its last Read returns ErrCorrupt instead of io.EOF
// when the bytes do not match sha. A missing file is db.ErrNotFound.
func (s *Store) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	r, err := s.Range(ctx, sha, 0, -1)
	if err != nil {
		return nil, err
	}
	return &checked{ReadCloser: r, sum: sha256.New(), want: sha}, nil
}

type checked struct {
	io.ReadCloser
	sum  hash.Hash
	want string
}

// Read reads and hashes; at the end it compares.
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.sum.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		return n, ErrCorrupt
	}
	return n, err
}

// Range reads length bytes from offset, or to the end where length is negative.
func (s *Store) Range(ctx context.Context, sha string, offset, length int64) (io.ReadCloser, error) {
	if !Valid(sha) {
		return nil, db.ErrNotFound
	}
	r, err := s.bucket.NewRangeReader(ctx, key(sha), offset, length, nil)
	if err != nil {
		return nil, sayAway(err)
	}
	return r, nil
}

// Stat returns what is known of a file without its name: on a folder the type
// is found in its first bytes.
func (s *Store) Stat(ctx context.Context, sha string) (Ref, error) {
	if !Valid(sha) {
		return Ref{}, db.ErrNotFound
	}
	a, err := s.bucket.Attributes(ctx, key(sha))
	if err != nil {
		return Ref{}, sayAway(err)
	}
	ref := Ref{SHA256: sha, Size: a.Size, Type: a.ContentType}
	if s.folder != "" {
		f, err := os.Open(s.path(sha))
		if err != nil {
			return Ref{}, err
		}
		defer f.Close()
		format, err := Detect(f, a.Size, "")
		if err != nil {
			return Ref{}, err
		}
		ref.Type = format.Type
	}
	return ref, nil
}

// Delete removes a file for good. It is no error if there is none.
func (s *Store) Delete(ctx context.Context, sha string) error {
	if !Valid(sha) {
		return nil
	}
	s.cache.forget(sha)
	err := sayAway(s.bucket.Delete(ctx, key(sha)))
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// Stored is one file that Walk comes by.
type Stored struct {
	SHA256 string
	Size   int64
	When   time.Time // it arrived, or on a folder came again
}

// Walk visits every file in the order of their names. Whoever deletes what no
// record refers to must spare files younger than the longest time between
// storing a file and recording it.
func (s *Store) Walk(ctx context.Context) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		const hexDigits = "0123456789abcdef"
		for i := range 256 { // by folder: fileblob reads all of a listing for each page
			prefix := "sha256/" + string([]byte{hexDigits[i>>4], hexDigits[i&15]}) + "/"
			if !s.walkShard(ctx, prefix, yield) {
				return
			}
		}
	}
}

func (s *Store) walkShard(ctx context.Context, prefix string, yield func(Stored, error) bool) bool {
	list := s.bucket.List(&cloud.ListOptions{Prefix: prefix})
	for {
		o, err := list.Next(ctx)
		if err == io.EOF {
			return true
		}
		if err != nil {
			yield(Stored{}, sayAway(err))
			return false
		}
		if sha := path.Base(o.Key); Valid(sha) && !yield(Stored{sha, o.Size, o.ModTime}, nil) {
			return false
		}
	}
}
