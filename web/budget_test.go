package assets

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"strings"
	"testing"
)

// sizeOf is the size of a file in dist as a browser fetches it.
func sizeOf(t *testing.T, name string) int {
	t.Helper()
	text, err := fs.ReadFile(Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".woff2") {
		return len(text) // compressed by its own format
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// The first view may weigh 60 KB with its HTML; half is left to the HTML.
func TestBudget(t *testing.T) {
	for _, x := range []struct {
		what  string
		files []string
		most  int
	}{
		{"styles", []string{"app.css"}, 12_000},
		{"script of a reading page", []string{"app.js"}, 10_000},
		{"script of a page with forms", []string{"app.js", "form.js"}, 25_000},
		{"a first view with forms, without its HTML", []string{"app.css", "app.js", "form.js", "mark.svg"}, 30_000},
		{"typeface", []string{"bitter.woff2"}, 25_000},
		{"script of a page that takes large files", []string{"app.js", "form.js", "upload.js"}, 10_000},
		{"subscribing to messages", []string{"push.js", "sw.js"}, 3_000},
		{"the map that moves", []string{"map.js", "map.css"}, 130_000},
	} {
		sum := 0
		for _, f := range x.files {
			sum += sizeOf(t, f)
		}
		if sum > x.most {
			t.Errorf("%s: %d bytes compressed, budget %d", x.what, sum, x.most)
		}
		t.Logf("%s: %d of %d bytes", x.what, sum, x.most)
	}
}

// Nothing may come from elsewhere, and scripts must pass a strict policy.
func TestNothingFromElsewhere(t *testing.T) {
	for _, name := range []string{"app.css", "app.js", "form.js", "map.css", "map.js", "passkey.js", "push.js", "sw.js", "upload.js"} {
		text, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"url(http", "url(//", "@import", "eval(", "new Function", "sourceMappingURL"} {
			if bytes.Contains(text, []byte(bad)) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
	}
}

func TestPathCarriesTheVersion(t *testing.T) {
	if got := Path("app.css"); got != Base+"app.css?v="+Version("app.css") || len(Version("app.css")) != 8 {
		t.Errorf("Path(app.css) = %q", got)
	}
	if got := Path("none.css"); got != Base+"none.css" {
		t.Errorf("Path(none.css) = %q", got)
	}
}
