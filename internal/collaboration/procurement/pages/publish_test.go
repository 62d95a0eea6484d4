package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/who"
)

// ours are limits for what we publish.
var ours = func() read.Limits {
	l := read.Usual
	l.Bytes *= 6
	l.Repeats = true
	return l
}()

// What we publish of the real files merges, by the rules of the standard, into the
// compiled releases that we publish; releases come out byte by byte as they are kept;
// packages have what OCDS 1.1.5 asks for.
func TestPublishedMergesIntoPublished(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.takeReal()
		trouble, merged := map[string]bool{}, 0
		for _, r := range s.csv("/contracting.csv") {
			trouble[r["ocid"]] = r["trouble"] != ""
			w := s.ask("/api/v1/ocds/records/" + url.PathEscape(r["ocid"]))
			s.packaged(w.Body.Bytes(), "records", r["ocid"])
			if !trouble[r["ocid"]] && s.merges(w.Body.Bytes()) {
				merged++
			}
		}
		if merged < 200 {
			t.Errorf("%d processes merged", merged)
		}
		seen := 0
		for at := "/api/v1/ocds/records?limit=40"; at != ""; {
			var p OCDSRecordPackage
			s.must(json.Unmarshal(s.ask(at).Body.Bytes(), &p))
			seen += len(p.Records)
			at = strings.TrimPrefix(p.Links.Next, s.Base())
		}
		if seen != len(trouble) {
			t.Errorf("%d records of %d processes", seen, len(trouble))
		}
	}, schemas...)
}

// packaged checks what the schema of packages asks for.
func (s *site) packaged(body []byte, list, ocid string) {
	s.t.Helper()
	var p map[string]json.RawMessage
	s.must(json.Unmarshal(body, &p))
	for _, name := range []string{"uri", "version", "publishedDate", "publisher", list} {
		if len(p[name]) == 0 {
			s.t.Errorf("%s: the package has no %s: %.200s", ocid, name, body)
		}
	}
	for name := range p {
		if !strings.Contains(" uri version publishedDate publisher license links extensions packages "+list+" ", " "+name+" ") {
			s.t.Errorf("%s: the package says %s", ocid, name)
		}
	}
}

// merges merges the releases of a record package, and compares.
func (s *site) merges(body []byte) bool {
	s.t.Helper()
	for item, err := range read.Items(bytes.NewReader(body), ours) {
		if err != nil || item.Kind != read.Record {
			s.t.Errorf("%.200s: %v", body, err)
			return false
		}
		releases, _ := item.Object.Get("releases")
		compiled, _ := item.Object.Get("compiledRelease")
		version := schema.V11
		if bytes.Contains(body[:min(len(body), 400)], []byte(`"version":"1.0"`)) {
			version = schema.V10
		}
		got, err := merge.Compiled(merge.Standard(version), releases.([]any))
		if err != nil || !ocds.Equal(got.Release, compiled) {
			s.t.Errorf("%s does not merge into what is published: %v", item.Object.Text("ocid"), err)
			return false
		}
	}
	return true
}

// exported is a file of an export.
type exported struct{ bytes.Buffer }

func (*exported) Close() error { return nil }

// The files that hold everything say the same to browsers, compressed or not, and in
// the export.
func TestBulk(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.must(s.Demo(t.Context(), who.System(s.policy, "test")))
		files := map[string]*exported{}
		s.must(s.export(t.Context(), func(name string) (module.Writer, error) {
			files[strings.TrimPrefix(name, "contracting/")] = &exported{}
			return files[strings.TrimPrefix(name, "contracting/")], nil
		}))
		for name, lines := range map[string]int{"compiled.jsonl": 5, "releases.jsonl": 11, "processes.csv": 6} {
			r := httptest.NewRequest("GET", "/ocds/"+name, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			w := httptest.NewRecorder()
			s.server.ServeHTTP(w, r)
			z, err := gzip.NewReader(w.Body)
			s.must(err)
			body, err := io.ReadAll(z)
			s.must(err)
			if got := strings.Count(string(body), "\n"); got != lines || w.Code != 200 || files[name].String() != string(body) || s.ask("/ocds/"+name).Body.String() != string(body) {
				t.Errorf("%s: status %d, %d lines, %d in the export", name, w.Code, got, strings.Count(files[name].String(), "\n"))
			}
		}
		var p OCDSReleasePackage
		body := s.ask("/api/v1/ocds/releases/ocds-demo00-drains").Body.Bytes()
		s.packaged(body, "releases", "drains")
		s.must(json.Unmarshal(body, &p))
		rows := s.csv("/contracting-releases.csv?process=ocds-demo00-drains")
		if len(p.Releases) != 5 || len(rows) != 5 || p.Version != "1.1" || p.License == "" || p.Publisher.Name != "Ceiba" {
			t.Errorf("%+v", p.OCDSPackage)
		}
		for i, r := range p.Releases { // the list has the latest first
			sum := sha256.Sum256(r)
			if hex.EncodeToString(sum[:]) != rows[len(rows)-1-i]["digest"] {
				t.Errorf("release %d came out changed", i)
			}
		}
		s.page("/contracting", 200, "/ocds/compiled.jsonl", "/ocds/releases.jsonl", "/ocds/processes.csv")
		s.page("/api/v1/ocds/records/none", 404)
		s.page("/api/v1/ocds/records?cursor=bad", 400)
	}, schemas...)
}
