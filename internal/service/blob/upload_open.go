package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"time"

	cloud "gocloud.dev/blob"

	"ceiba/internal/ground/fault"
)

const (
	// maxOpen is how many uploads one owner may have open.
	maxOpen = 20
	// resting is how long nothing has arrived in an upload that may make room.
	resting = time.Hour
)

// openKey is the mark of an open upload under its owner, so that one owner's are
// found without reading everybody's. An owner's name is no name of a folder.
func openKey(u Upload) string { return openFolder(u.Owner) + u.ID }

func openFolder(owner string) string {
	sum := sha256.Sum256([]byte(owner))
	return "open/" + hex.EncodeToString(sum[:16]) + "/"
}

// makeRoom sees to it that owner may open one more upload. Where there are too
// many the one that rests the longest goes: its sender may have lost the
// address, and could not end it. If none rests the answer is fault.TooMany.
func (s *Store) makeRoom(ctx context.Context, owner string) error {
	var open []string
	if err := s.each(ctx, openFolder(owner), func(o *cloud.ListObject) { open = append(open, path.Base(o.Key)) }); err != nil {
		return err
	}
	if len(open) < maxOpen {
		return nil
	}
	oldest, since := "", s.now()
	for _, uploadID := range open {
		var last time.Time // of a mark without an upload: never
		if err := s.each(ctx, "uploads/"+uploadID+"/", func(o *cloud.ListObject) {
			if o.ModTime.After(last) {
				last = o.ModTime
			}
		}); err != nil {
			return err
		}
		if last.Before(since) {
			oldest, since = uploadID, last
		}
	}
	if rests := s.now().Sub(since); oldest == "" || rests < resting {
		return fault.New(fault.TooMany, "blob.upload_many", "max", maxOpen).After(resting - rests)
	}
	return s.Abandon(ctx, Upload{ID: oldest, Owner: owner})
}

// each visits the objects whose keys begin with prefix.
func (s *Store) each(ctx context.Context, prefix string, visit func(*cloud.ListObject)) error {
	list := s.bucket.List(&cloud.ListOptions{Prefix: prefix})
	for o, err := list.Next(ctx); err != io.EOF; o, err = list.Next(ctx) {
		if err != nil {
			return sayAway(err)
		}
		visit(o)
	}
	return nil
}

// Expire ends the uploads in which nothing has arrived for idle, finished ones
// included, empties quarantine of what is older, and returns how many files it
// removed. A schedule calls it.
func (s *Store) Expire(ctx context.Context, idle time.Duration) (int, error) {
	before := s.now().Add(-idle)
	young := map[string]bool{}
	var old []string
	for _, prefix := range []string{"uploads/", "quarantine/", "open/"} {
		list := s.bucket.List(&cloud.ListOptions{Prefix: prefix})
		for o, err := list.Next(ctx); err != io.EOF; o, err = list.Next(ctx) {
			if err != nil {
				return 0, sayAway(err)
			}
			if o.ModTime.After(before) {
				young[path.Dir(o.Key)] = prefix == "uploads/"
			} else {
				old = append(old, o.Key)
			}
		}
	}
	n := 0
	for _, k := range old {
		if young[path.Dir(k)] || strings.HasPrefix(k, "open/") && young["uploads/"+path.Base(k)] {
			continue
		}
		if err := s.remove(ctx, k); err != nil {
			return n, err
		}
		n++
	}
	return n, errors.Join(s.removeEmptyFolders(), s.sweepTemp(false))
}

// removeEmptyFolders clears away what the file driver leaves of ended uploads.
func (s *Store) removeEmptyFolders() error {
	if s.folder == "" {
		return nil
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, in := range []string{"uploads", "open"} {
		d, err := root.Open(in)
		if err != nil {
			continue // nobody ever uploaded
		}
		names, err := d.Readdirnames(-1)
		d.Close()
		if err != nil {
			return err
		}
		for _, n := range names {
			root.Remove(path.Join(in, n)) // fails on what is not empty, as it should
		}
	}
	return nil
}
