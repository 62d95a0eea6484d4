package blob

import (
	"io"
	"net/http"
	"strconv"
	"time"

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
