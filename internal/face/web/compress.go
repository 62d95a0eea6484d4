package web

import (
	"net/http"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"ceiba/internal/ground/fault"
)

var errMaking = fault.New(fault.Internal, "web.internal")

// acceptEncoding returns the best coding that the client takes: br, gzip or "".
func acceptEncoding(r *http.Request) string {
	best := ""
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.Contains(q, "q=0") && !strings.Contains(q, "q=0.") {
			continue
		}
		switch name {
		case "br":
			return "br"
		case "gzip":
			best = "gzip"
		}
	}
	return best
}

func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	switch t {
	case "text/html", "text/css", "text/csv", "text/plain", "text/javascript", "application/javascript", "application/json",
		"application/problem+json", "application/geo+json", "application/x-ndjson", "application/xml", "application/atom+xml",
		"application/feed+json", "application/ld+json", "image/svg+xml", "application/manifest+json", "text/calendar",
		"application/vnd.mapbox-vector-tile":
		return true
	}
	return false
}

// compressor gzips an answer on its way out, if its type gains from it and its
// handler has not coded it already. Level 4: on a 40 KB page 0.25 ms for a
// fifth of the size.
type compressor struct {
	http.ResponseWriter
	accepts bool
	decided bool
	z       *gzip.Writer
}

var gzips = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, 4) // a constant level: cannot fail
	return z
}}

func compress(w http.ResponseWriter, r *http.Request) *compressor {
	return &compressor{ResponseWriter: w, accepts: acceptEncoding(r) != "" && r.Method != http.MethodHead && r.Header.Get("Range") == ""}
}

func (c *compressor) WriteHeader(status int) {
	c.decide(status)
	c.ResponseWriter.WriteHeader(status)
}

func (c *compressor) decide(status int) {
	if c.decided {
		return
	}
	c.decided = true
	h := c.Header()
	if !compressible(h.Get("Content-Type")) || h.Get("Content-Encoding") != "" {
		return
	}
	if !strings.Contains(h.Get("Vary"), "Accept-Encoding") {
		h.Add("Vary", "Accept-Encoding")
	}
	if !c.accepts || status == http.StatusNoContent || status == http.StatusNotModified || status == http.StatusPartialContent {
		return
	}
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("ETag", "W/"+tag)
	}
	h.Del("Content-Length")
	h.Set("Content-Encoding", "gzip")
	c.z = gzips.Get().(*gzip.Writer)
	c.z.Reset(c.ResponseWriter)
}

func (c *compressor) Write(p []byte) (int, error) {
	c.decide(http.StatusOK)
	if c.z != nil {
		return c.z.Write(p)
	}
	return c.ResponseWriter.Write(p)
}

// Flush sends what is buffered, for answers that come bit by bit.
func (c *compressor) Flush() {
	if c.z != nil {
		c.z.Flush()
	}
	http.NewResponseController(c.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// Close ends the compressed stream.
func (c *compressor) Close() {
	if c.z != nil {
		c.z.Close()
		gzips.Put(c.z)
		c.z = nil
	}
}
