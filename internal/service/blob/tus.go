package blob

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// tusVersion is the protocol that ServeUpload speaks.
const tusVersion = "1.0.0"

// stall is how long an upload may send nothing before the connection is given
// up; the sender comes back and goes on.
const stall = time.Minute

// ServeUpload speaks the core of tus 1.0 for one upload: HEAD tells how far it
// has come (Upload-Offset of Upload-Length), PATCH adds bytes at Upload-Offset,
// DELETE abandons it. Beginning (Begin) and finishing (Finish) are the caller's,
// who knows what the file is for. A PATCH may last as long as it sends: the
// server's own time limit for reading is pushed on while bytes come.
//
// Errors are returned before anything is written: db.ErrNotFound for an upload
// that is not owner's, fault.Conflict with Upload-Offset set where to go on.
func (s *Store) ServeUpload(w http.ResponseWriter, r *http.Request, uploadID, owner string) error {
	u, err := s.Find(r.Context(), uploadID, owner)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Cache-Control", "no-store")
	h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	switch r.Method {
	case http.MethodPatch:
		return s.servePatch(w, r, u)
	case http.MethodDelete:
		if err := s.Abandon(r.Context(), u); err != nil {
			return err
		}
	default:
		h.Set("Upload-Offset", strconv.FormatInt(u.Offset, 10))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Store) servePatch(w http.ResponseWriter, r *http.Request, u Upload) error {
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 || r.Header.Get("Content-Type") != "application/offset+octet-stream" {
		return fault.New(fault.Malformed, "blob.upload_patch")
	}
	at, err := s.Append(r.Context(), u, offset, patient{r.Body, http.NewResponseController(w)})
	w.Header().Set("Upload-Offset", strconv.FormatInt(at, 10))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// patient pushes the server's read deadline on before each read.
type patient struct {
	io.Reader
	c *http.ResponseController
}

// Read reads, waiting up to stall.
func (p patient) Read(b []byte) (int, error) {
	_ = p.c.SetReadDeadline(time.Now().Add(stall)) // not every writer can: then the server's limit holds
	return p.Reader.Read(b)
}

// Announced reads what the request that begins an upload by tus says of the
// file: its size, and its name and SHA-256 where the sender gives them.
func Announced(r *http.Request) (Upload, error) {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		return Upload{}, fault.New(fault.Malformed, "blob.upload_begin")
	}
	meta := uploadMeta(r.Header.Get("Upload-Metadata"))
	return Upload{Name: meta["filename"], SHA256: meta["sha256"], Size: size}, nil
}

// uploadMeta reads pairs of a key and a value in base64. What is no base64 is
// left out, as a name is a convenience only.
func uploadMeta(header string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if text, err := base64.StdEncoding.DecodeString(value); err == nil && key != "" {
			out[key] = string(text)
		}
	}
	return out
}

// ServeBegin begins an announced upload and says where its pieces go: to an
// address below base.
func (s *Store) ServeBegin(w http.ResponseWriter, r *http.Request, u Upload, max int64, base string) error {
	u, err := s.Begin(r.Context(), u, max)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Location", base+u.ID)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// Take keeps a file that came whole with a form as an upload of its owner, so
// that it need not be sent again when another field of the form is wrong.
func (s *Store) Take(ctx context.Context, u Upload, max int64, r io.Reader) (Upload, error) {
	u, err := s.Begin(ctx, u, max)
	if err == nil {
		u.Offset, err = s.Append(ctx, u, 0, r)
	}
	return u, err
}

// Arrived takes the file of a complete upload that a form names. One that is
// gone or not complete is a problem of the form's field "file". again is false
// when the form had better forget the upload, as it will never do; one that
// only waits for the store is kept.
func (s *Store) Arrived(ctx context.Context, uploadID, owner string, o PutOptions) (ref Ref, name string, again bool, err error) {
	u, err := s.Find(ctx, uploadID, owner)
	if err == nil {
		o.Name = u.Name
		if ref, err = s.Finish(ctx, u, o); err == nil {
			return ref, u.Name, true, nil
		}
	}
	var f *fault.Error
	switch {
	case errors.Is(err, db.ErrNotFound):
		return ref, u.Name, false, fault.Fields{{Name: "file", Key: "blob.upload_gone"}}
	case errors.As(err, &f) && f.Kind == fault.Conflict:
		return ref, u.Name, false, fault.Fields{{Name: "file", Key: f.Key, Args: f.Args}}
	case errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge):
		return ref, u.Name, false, err
	}
	return ref, u.Name, true, err
}
