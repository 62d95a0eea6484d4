package blob

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func serve(t *testing.T, s *Store, ref Ref, how Serving, head ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "/file", nil)
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	rec := httptest.NewRecorder()
	if err := s.Serve(rec, r, ref, how); err != nil {
		t.Fatal(err)
	}
	return rec.Result()
}

func TestServe(t *testing.T) {
	each(t, func(t *testing.T, s *Store) {
		file := noise(100_000)
		ref, err := s.Put(context.Background(), bytes.NewReader(file), PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		res := serve(t, s, ref, Serving{Name: "data.bin", Public: true})
		var got bytes.Buffer
		got.ReadFrom(res.Body)
		if res.StatusCode != 200 || !bytes.Equal(got.Bytes(), file) {
			t.Fatal(res.Status, got.Len())
		}
		for k, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "ETag": `"` + ref.SHA256 + `"`, "Accept-Ranges": "bytes", "Content-Length": "100000",
			"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": "application/octet-stream",
		} {
			if res.Header.Get(k) != want {
				t.Errorf("%s: %s", k, res.Header.Get(k))
			}
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || !strings.Contains(csp, "object-src 'none'") {
			t.Error(csp)
		}
		res = serve(t, s, ref, Serving{}, "Range", "bytes=500-599")
		got.Reset()
		got.ReadFrom(res.Body)
		if res.StatusCode != 206 || !bytes.Equal(got.Bytes(), file[500:600]) || res.Header.Get("Cache-Control") != "private, no-store" {
			t.Error(res.Status, got.Len(), res.Header)
		}
		if res = serve(t, s, ref, Serving{}, "If-None-Match", `"`+ref.SHA256+`"`); res.StatusCode != 304 {
			t.Error(res.Status)
		}
		if res = serve(t, s, ref, Serving{}, "Range", "bytes=200000-"); res.StatusCode != 416 {
			t.Error(res.Status)
		}
	})
}

// What could run in a page is never served as what it is, nor in place.
func TestHostileTypesAreHarmless(t *testing.T) {
	s := folderStore(t)
	for typ, want := range map[string]string{
		"image/svg+xml": "application/octet-stream", "text/html": "application/octet-stream", "application/xhtml+xml": "application/octet-stream",
		"application/xml": "application/octet-stream", "text/plain": "text/plain; charset=utf-8", "application/pdf": "application/pdf",
	} {
		ref := put(t, s, typ)
		ref.Type = typ
		res := serve(t, s, ref, Serving{Name: "x", Inline: true})
		if got := res.Header.Get("Content-Type"); got != want {
			t.Errorf("%s: %s", typ, got)
		}
		if d := res.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
			t.Errorf("%s: %s", typ, d)
		}
	}
	ref := put(t, s, "p")
	ref.Type = "image/png"
	if d := serve(t, s, ref, Serving{Inline: true}).Header.Get("Content-Disposition"); !strings.HasPrefix(d, "inline") {
		t.Error(d)
	}
	if d := serve(t, s, ref, Serving{}).Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
		t.Error(d)
	}
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"budget.csv":                       "budget.csv",
		"Presupuesto 2026 – año.csv":       "Presupuesto 2026 – año.csv",
		"Garífuna “song”.mp3":              "Garífuna “song”.mp3",
		`a"; filename="evil.exe`:           `a_; filename=_evil.exe`,
		"a\r\nSet-Cookie: x=1":             "aSet-Cookie_ x=1",
		"../../etc/passwd":                 "passwd",
		`C:\Users\me\plan.pdf`:             "plan.pdf",
		"exe.\u202efdp.scr":                "exe.fdp.scr",
		"":                                 "file",
		"...":                              "file",
		".htaccess":                        "htaccess",
		"100%.csv":                         "100%.csv",
		strings.Repeat("é", 300) + ".xlsx": strings.Repeat("é", 140) + ".xlsx",
		"\xff\xfe.csv":                     "csv",
	} {
		header := Disposition(false, name)
		if strings.ContainsAny(header, "\r\n") {
			t.Errorf("%q breaks the header", name)
		}
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || params["filename"] != want {
			t.Errorf("%q: %q %v %v", name, header, params, err)
		}
	}
}

func FuzzDisposition(f *testing.F) {
	f.Add("a\"; filename*=UTF-8''x")
	f.Fuzz(func(t *testing.T, name string) {
		_, params, err := mime.ParseMediaType(Disposition(false, name))
		if err != nil || params["filename"] == "" || strings.ContainsAny(params["filename"], "/\\\r\n\x00\"") {
			t.Fatalf("%q: %v %v", name, params, err)
		}
	})
}
