package blob

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ceiba/internal/ground/db"
)

// manifestType is the media type of the blob that stands for a folder.
const manifestType = "application/vnd.ceiba.folder+json"

// File is one file of a stored folder.
type File struct {
	Name string `json:"name"` // relative, with forward slashes
	Ref
}

type manifest struct {
	Files []File `json:"files"` // in the order of their names
}

// PutDir stores every regular file below dir and a manifest, whose Ref stands
// for the folder. The same files give the same Ref. Only Ceiba's own folders
// are stored so: nothing in them is judged.
func (s *Store) PutDir(ctx context.Context, dir string) (Ref, error) {
	var m manifest
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		f, err := s.putPath(ctx, dir, path)
		m.Files = append(m.Files, f)
		return err
	})
	if err != nil {
		return Ref{}, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return Ref{}, err
	}
	ref, err := s.Put(ctx, bytes.NewReader(text), PutOptions{Ours: true})
	ref.Type = manifestType
	return ref, err
}

func (s *Store) putPath(ctx context.Context, dir, path string) (File, error) {
	name, err := filepath.Rel(dir, path)
	if err != nil {
		return File{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	ref, err := s.Put(ctx, f, PutOptions{Ours: true})
	return File{filepath.ToSlash(name), ref}, err
}

// Files lists what PutDir stored under sha, for whoever counts references.
func (s *Store) Files(ctx context.Context, sha string) ([]File, error) {
	r, err := s.Open(ctx, sha)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, 64<<20))
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read the manifest %s: %w", sha, err)
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(f.Name) || strings.ContainsAny(f.Name, "\\\x00") || !Valid(f.SHA256) {
			return nil, fmt.Errorf("read the manifest %s: %q is no file of a folder", sha, f.Name)
		}
	}
	return m.Files, nil
}

// GetDir returns the path of a folder on this machine that holds what PutDir
// stored under sha. Nothing in it may be written to. It stays until release is
// called.
func (s *Store) GetDir(ctx context.Context, sha string) (path string, release func(), err error) {
	if !Valid(sha) {
		return "", nil, db.ErrNotFound
	}
	return s.cache.get(ctx, dirPrefix+sha, func(ctx context.Context, dst string) error {
		files, err := s.Files(ctx, sha)
		if err != nil {
			return err
		}
		if err := os.Mkdir(dst, 0o700); err != nil {
			return err
		}
		for _, f := range files {
			if err := s.placeFile(ctx, dst, f); err != nil {
				return fmt.Errorf("fetch %s: %w", f.Name, err)
			}
		}
		return nil
	})
}

func (s *Store) placeFile(ctx context.Context, dir string, f File) error {
	path := filepath.Join(dir, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return s.fetch(ctx, f.SHA256, path)
}
