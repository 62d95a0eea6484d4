package catalog

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/who"
)

// A file can arrive in pieces, over a line that breaks, before the form that
// says what it is: by the protocol tus 1.0 at /uploads, whose answer to POST is
// an address to which the pieces go. The last part of it is the upload's id,
// which the form takes in its field "upload" instead of a file.

// resumeRoutes are the addresses of uploads.
func (c *Catalog) resumeRoutes(r *web.Routes) {
	may := web.Needs("dataset.write")
	r.Post("/uploads", may, c.beginUpload)
	r.Method(http.MethodHead, "/uploads/{id}", may, c.upload)
	r.Method(http.MethodPatch, "/uploads/{id}", may, c.upload, web.Body(maxUpload+1), web.Streams)
	r.Method(http.MethodDelete, "/uploads/{id}", may, c.upload)
}

// beginUpload takes the size and the name of a file and says where it goes. A
// file of the wrong kind is refused here if its name tells: for=table asks for
// what can be the next version of a table.
func (c *Catalog) beginUpload(w http.ResponseWriter, r *http.Request) error {
	size, err := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64)
	if err != nil {
		return fault.New(fault.Malformed, "blob.upload_begin")
	}
	meta := uploadMeta(r.Header.Get("Upload-Metadata"))
	name := meta["filename"]
	if is := blob.Promised(name); is != "" && r.URL.Query().Get("for") == "table" && !Tabular(blob.Ref{Type: is}, name) {
		return fault.New(fault.Invalid, "catalog.not_a_table")
	}
	u, err := c.Blob.Begin(r.Context(), blob.Upload{Owner: who.From(r.Context()).ID, Name: name, Size: size, SHA256: meta["sha256"], Kinds: fileKinds}, maxUpload)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Tus-Resumable", "1.0.0")
	h.Set("Location", "/uploads/"+u.ID)
	w.WriteHeader(http.StatusCreated)
	return nil
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

// upload tells how far an upload has come, adds to it, or ends it.
func (c *Catalog) upload(w http.ResponseWriter, r *http.Request) error {
	return c.Blob.ServeUpload(w, r, r.PathValue("id"), who.From(r.Context()).ID)
}

// arrived takes the file of an upload that is complete. One that is not, or is
// gone, or is refused, is a problem of the form's field, and the form forgets it;
// one that waits for the store is kept.
func (c *Catalog) arrived(ctx context.Context, v *addView) (blob.Ref, error) {
	u, err := c.Blob.Find(ctx, v.Upload, who.From(ctx).ID)
	if err == nil {
		v.Name = u.Name
		var file blob.Ref
		if file, err = c.Blob.Finish(ctx, u, blob.PutOptions{Max: maxUpload, Name: u.Name, Kinds: fileKinds}); err == nil {
			return file, nil
		}
	}
	var f *fault.Error
	switch {
	case errors.Is(err, db.ErrNotFound):
		err = fault.Fields{{Name: "file", Key: "catalog.upload_gone"}}
	case errors.As(err, &f) && f.Kind == fault.Conflict:
		err = fault.Fields{{Name: "file", Key: f.Key, Args: f.Args}}
	case errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge):
	default:
		return blob.Ref{}, err
	}
	v.Upload = ""
	return blob.Ref{}, err
}
