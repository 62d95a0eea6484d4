package catalog

import (
	"context"
	"net/http"

	"ceiba/internal/face/web"
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
	u, err := blob.Announced(r)
	if err != nil {
		return err
	}
	if is := blob.Promised(u.Name); is != "" && r.URL.Query().Get("for") == "table" && !Tabular(blob.Ref{Type: is}, u.Name) {
		return fault.New(fault.Invalid, "catalog.not_a_table")
	}
	u.Owner, u.Kinds = who.From(r.Context()).ID, fileKinds
	return c.Blob.ServeBegin(w, r, u, maxUpload, "/uploads/")
}

// upload tells how far an upload has come, adds to it, or ends it.
func (c *Catalog) upload(w http.ResponseWriter, r *http.Request) error {
	return c.Blob.ServeUpload(w, r, r.PathValue("id"), who.From(r.Context()).ID)
}

// arrived takes the file of an upload that is complete. One that is not, or is
// gone, or is refused, is a problem of the form's field, and the form forgets it;
// one that waits for the store is kept.
func (c *Catalog) arrived(ctx context.Context, v *addView) (blob.Ref, error) {
	file, name, again, err := c.Blob.Arrived(ctx, v.Upload, who.From(ctx).ID, blob.PutOptions{Max: maxUpload, Kinds: fileKinds})
	if v.Name = name; !again {
		v.Upload = ""
	}
	return file, err
}
