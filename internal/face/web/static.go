package web

import (
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"

	"ceiba/internal/ground/fault"
	assets "ceiba/web"
)

// staticFile is one embedded file with its compressed forms, made at start.
type staticFile struct {
	contentType   string
	etag          string
	plain, gz, br []byte
}

// Static returns the handler of /static/{name}. Files whose address names
// their version are kept by browsers for a year; others are asked for again.
func Static() (Handler, error) {
	files := map[string]*staticFile{}
	err := fs.WalkDir(assets.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(assets.Files(), name)
		if err != nil {
			return err
		}
		f := &staticFile{contentType: typeOf(name), etag: assets.Version(name), plain: text}
		if compressible(f.contentType) && len(text) > 500 {
			f.gz, f.br = gzipped(text), brotlied(text)
		}
		files[name] = f
		return nil
	})
	return func(w http.ResponseWriter, r *http.Request) error {
		f, ok := files[r.PathValue("name")]
		if !ok {
			return fault.New(fault.NotFound, "web.not_found")
		}
		f.send(w, r)
		return nil
	}, err
}

func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "text/plain; charset=utf-8"
}

func (f *staticFile) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "public, no-cache")
	if f.contentType == "font/woff2" {
		// Styles name it without a version, and a typeface that must be asked for
		// again comes too late to be shown (font-display: optional).
		h.Set("Cache-Control", "public, max-age=604800")
	}
	if r.URL.RawQuery == "v="+f.etag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, coding := f.plain, ""
	switch accepts := acceptEncoding(r); {
	case accepts == "br" && f.br != nil:
		body, coding = f.br, "br"
	case accepts != "" && f.gz != nil:
		body, coding = f.gz, "gzip"
	}
	if f.gz != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	etag := `"` + f.etag + coding + `"`
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	w.Write(body)
}
