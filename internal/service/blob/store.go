package blob

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	cloud "gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // registers s3://
	"golang.org/x/sync/semaphore"
)

// Words are the sentences of this package, for the catalogue.
//
//go:embed locale/*.json
var Words embed.FS

// ErrCorrupt is returned when stored bytes are not what their hash says.
var ErrCorrupt = errors.New("blob: stored bytes do not match their hash")

// Store keeps files under their SHA-256. It is safe for concurrent use.
type Store struct {
	bucket *cloud.Bucket
	folder string // of the file driver, absolute; empty on S3
	tmp    string // on the same file system as folder
	cache  *cache
	scan   Scanner
	log    *slog.Logger
	decode *semaphore.Weighted // one picture is decoded at a time
	drop   string              // a temporary cache to remove at Close
	now    func() time.Time
}

// Option changes how a store is opened.
type Option func(*settings)

type settings struct {
	cacheDir   string
	cacheBytes int64
	scan       Scanner
	log        *slog.Logger
	now        func() time.Time
	alone      bool
}

// CacheIn keeps files fetched from S3 in dir, at most max bytes of them beyond
// those in use. Without it a temporary folder holds up to 10 GB.
func CacheIn(dir string, max int64) Option {
	return func(s *settings) { s.cacheDir, s.cacheBytes = dir, max }
}

// ScanWith has every file from outside looked at before it is stored.
func ScanWith(sc Scanner) Option { return func(s *settings) { s.scan = sc } }

// LogTo writes what operators should know to l instead of slog's default.
func LogTo(l *slog.Logger) Option { return func(s *settings) { s.log = l } }

// Alone says that no other process uses the store's folders: what Open finds in
// the temporary one was left by a process that died, and goes at once.
func Alone() Option { return func(s *settings) { s.alone = true } }

// Clock replaces the clock that upload sessions expire by.
func Clock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// Open opens the store at where: the path of a folder (or file:// and its
// path), which is made if it does not exist, or
//
//	s3://BUCKET?endpoint=https://HOST&region=REGION&prefix=PREFIX/
//
// with the credentials in the environment (AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY). With an endpoint, the bucket's name goes in the path,
// as MinIO and versitygw want it; further parameters are those of gocloud.
func Open(ctx context.Context, where string, opts ...Option) (*Store, error) {
	set := settings{cacheBytes: 10 << 30, log: slog.Default(), now: time.Now}
	for _, o := range opts {
		o(&set)
	}
	s := &Store{scan: set.scan, log: set.log, decode: semaphore.NewWeighted(1), now: set.now}
	var err error
	if strings.HasPrefix(where, "s3://") {
		err = s.openS3(ctx, where, &set)
	} else {
		err = s.openFolder(where, &set)
	}
	if err != nil {
		return nil, fmt.Errorf("open the file store: %w", err)
	}
	if s.cache, err = openCache(set.cacheDir, set.cacheBytes); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, s.sweepTemp(set.alone)
}

func (s *Store) openFolder(where string, set *settings) error {
	if strings.HasPrefix(where, "file://") {
		u, err := url.Parse(where)
		if err != nil {
			return err
		}
		where = u.Path
	}
	root, err := filepath.Abs(where)
	if err != nil {
		return err
	}
	s.folder, s.tmp = filepath.Join(root, "objects"), filepath.Join(root, "tmp")
	if set.cacheDir == "" {
		set.cacheDir = filepath.Join(root, "cache")
	}
	if err := os.MkdirAll(s.tmp, 0o700); err != nil {
		return err
	}
	if err := makeShards(s.folder); err != nil {
		return err
	}
	s.bucket, err = fileblob.OpenBucket(s.folder, &fileblob.Options{Metadata: fileblob.MetadataDontWrite, NoTempDir: true})
	return err
}

func (s *Store) openS3(ctx context.Context, where string, set *settings) error {
	u, err := url.Parse(where)
	if err != nil {
		return err
	}
	q := u.Query()
	prefix := q.Get("prefix")
	q.Del("prefix")
	if q.Get("endpoint") != "" && q.Get("use_path_style") == "" {
		q.Set("use_path_style", "true")
	}
	u.RawQuery = q.Encode()
	if set.cacheDir == "" {
		if set.cacheDir, err = os.MkdirTemp("", "ceiba-files-"); err != nil {
			return err
		}
		s.drop = set.cacheDir
	}
	s.tmp = filepath.Join(set.cacheDir, "tmp")
	if err := os.MkdirAll(s.tmp, 0o700); err != nil {
		return err
	}
	if s.bucket, err = cloud.OpenBucket(ctx, u.String()); err != nil {
		return err
	}
	if prefix != "" {
		s.bucket = cloud.PrefixedBucket(s.bucket, prefix)
	}
	return nil
}

// sweepTemp removes what a process that died left in the temporary folder.
// What is younger than a day may belong to a living one, unless all is said to
// go.
func (s *Store) sweepTemp(all bool) error {
	entries, err := os.ReadDir(s.tmp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if all || err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.RemoveAll(filepath.Join(s.tmp, e.Name()))
		}
	}
	return nil
}

// Close ends the store. Paths from Local stay readable on a folder store only.
func (s *Store) Close() error {
	var err error
	if s.bucket != nil {
		err = s.bucket.Close()
	}
	if s.drop != "" {
		err = errors.Join(err, os.RemoveAll(s.drop))
	}
	return err
}
