package app

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ceiba/internal/app/offline"
	"ceiba/internal/service/i18n"
)

// sum is the digest of a text, in hexadecimal.
func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// sendPaper sends the form of a document, with a file unless its name is empty.
func (h *house) sendPaper(v *visitor, path, name, content string, fields map[string]string) gateReply {
	h.t.Helper()
	body, typ := multi(h.t, name, []byte(content), fields)
	return h.ask(v, ask{method: "POST", path: path, body: body, typ: typ})
}

// TestRepositoryOfFiles takes documents in as files, as people do: a form that
// is wrong keeps what was typed and the file, a newer version takes the place of
// the former, whose address stays, and what was taken out is gone with a reason.
func TestRepositoryOfFiles(t *testing.T) {
	eachEngine(t, func(t *testing.T, h *house) {
		v, anybody := h.as("secretariat"), h.as("nobody")
		plan := h.one(`SELECT id FROM plan WHERE title LIKE 'Demonstration: a plan that is being kept'`)
		to := "/plan/" + plan + "/papers"

		wrong := h.sendPaper(v, to, "minutes.md", "# Minutes\n", map[string]string{"title": "", "phase": "co_creation", "step": "ideas", "dated.day": "31", "dated.month": "2", "dated.year": "2026"})
		if said := alerts(wrong.body); wrong.status != 422 || !strings.Contains(said, "Title") || !strings.Contains(said, "Day on the document") {
			t.Fatalf("%d: %s", wrong.status, said)
		}
		if !strings.Contains(wrong.body, "minutes.md") || !strings.Contains(wrong.body, `value="31"`) {
			t.Error("the form forgot what was typed, or the file")
		}
		upload := regexp.MustCompile(`name="upload" value="([^"]+)"`).FindStringSubmatch(wrong.body)
		if upload == nil {
			t.Fatal("the form does not keep the file")
		}
		other := h.sendPaper(h.as("administrator"), to, "", "", map[string]string{"title": "Minutes", "phase": "co_creation", "upload": upload[1]})
		if other.status != 422 || !strings.Contains(alerts(other.body), "no longer here") {
			t.Errorf("another person used the file: %d %s", other.status, alerts(other.body))
		}
		made := h.sendPaper(v, to, "", "", map[string]string{"title": "Minutes of the first workshop", "phase": "co_creation", "step": "ideas", "upload": upload[1]})
		if made.status != 303 {
			t.Fatalf("%d %s", made.status, alerts(made.body))
		}
		first := made.header.Get("Location")
		if got := h.get(anybody, first+"/file"); got.body != "# Minutes\n" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("the file: %d %q %v", got.status, got.body, got.header)
		}
		refusals(t, h, v, to)
		inPieces(t, h, v, to)

		again := h.sendPaper(v, first+"/replace", "minutes.md", "# Minutes, corrected\n", map[string]string{"title": "Minutes of the first workshop", "phase": "co_creation", "step": "ideas", "note": "A name was wrong"})
		if again.status != 303 {
			t.Fatalf("%d %s", again.status, alerts(again.body))
		}
		second := again.header.Get("Location")
		late := h.sendPaper(v, first+"/replace", "minutes.md", "# Minutes, by another\n", map[string]string{"title": "Minutes by another", "phase": "co_creation"})
		if late.status != http.StatusConflict || !strings.Contains(late.body, "Minutes by another") || !strings.Contains(late.body, `action="`+second+`/replace"`) {
			t.Errorf("a version that was outrun: %d", late.status)
		}
		if page := h.get(v, second+"/replace").body; !strings.Contains(page, "minutes.md stays") {
			t.Error("the form does not say that the file stays")
		}
		list := h.get(anybody, "/plan/"+plan+"/documents?phase=co_creation&step=ideas&kind=file").body
		if strings.Contains(list, first+`"`) || !strings.Contains(list, second) || !strings.Contains(list, "MD, 21 B") || !strings.Contains(said(list), "1 document") {
			t.Errorf("the repository: %s", visible(list))
		}
		if strings.Contains(h.get(anybody, "/plan/"+plan+"/documents?phase=implementation").body, second) {
			t.Error("the filter shows what it leaves out")
		}
		if page := h.get(anybody, first).body; !strings.Contains(page, "There is a newer version") || !strings.Contains(page, second) || !strings.Contains(page, sum("# Minutes\n")) {
			t.Errorf("the former version: %s", visible(page))
		}
		var api struct {
			Documents []struct{ ID, SHA256, File string }
		}
		must(t, json.Unmarshal([]byte(h.get(anybody, "/api/v1/plans/"+plan+"/documents?kind=file").body), &api))
		if len(api.Documents) != 1 || api.Documents[0].SHA256 != sum("# Minutes, corrected\n") || !strings.HasSuffix(api.Documents[0].File, second+"/file") {
			t.Errorf("%+v", api)
		}
		bundleWithFile(t, h, plan)

		h.done(v, first+"/remove", url.Values{"reason": {"It names a child"}})
		if gone := h.get(anybody, first+"/file"); gone.status != 410 || !strings.Contains(gone.body, "It names a child") {
			t.Errorf("what was taken out: %d %s", gone.status, visible(gone.body))
		}
		if there := h.get(anybody, second); there.status != 200 || !strings.Contains(there.body, "It names a child") {
			t.Errorf("the version that stays: %d", there.status)
		}
	})
}

// refusals are files that are no documents.
func refusals(t *testing.T, h *house, v *visitor, to string) {
	t.Helper()
	before := h.one(`SELECT CAST(count(*) AS TEXT) FROM plan_paper`)
	for _, x := range []struct{ name, content string }{{"run.exe", "MZ\x90\x00"}, {"minutes.pdf", "<html><script>alert(1)</script></html>"}, {"", ""}} {
		r := h.sendPaper(v, to, x.name, x.content, map[string]string{"title": "Kept words", "phase": "co_creation"})
		if r.status != 422 || alerts(r.body) == "" || !strings.Contains(r.body, "Kept words") || strings.Contains(r.body, `name="upload" value="0`) {
			t.Errorf("%s: %d %s", x.name, r.status, alerts(r.body))
		}
	}
	if after := h.one(`SELECT CAST(count(*) AS TEXT) FROM plan_paper`); after != before {
		t.Errorf("%s documents before, %s after", before, after)
	}
}

// inPieces sends a file before its form, in two pieces, and takes it out again.
func inPieces(t *testing.T, h *house, v *visitor, to string) {
	t.Helper()
	begun := h.ask(v, ask{method: "POST", path: "/plans/uploads", header: map[string]string{"Upload-Length": "8", "Upload-Metadata": "filename bm90ZXMubWQ="}})
	at := begun.header.Get("Location")
	for i, piece := range []string{"# No", "tes\n"} {
		r := h.ask(v, ask{method: "PATCH", path: at, body: []byte(piece), typ: "application/offset+octet-stream", header: map[string]string{"Upload-Offset": strconv.Itoa(4 * i)}})
		if r.status != 204 {
			t.Fatalf("piece %d at %q: %d %s", i, at, r.status, r.body)
		}
	}
	r := h.sendPaper(v, to, "", "", map[string]string{"title": "Notes", "phase": "implementation", "upload": strings.TrimPrefix(at, "/plans/uploads/")})
	if got := h.get(v, r.header.Get("Location")+"/file").body; got != "# Notes\n" {
		t.Errorf("%d %s: %q", r.status, alerts(r.body), got)
	}
	h.done(v, r.header.Get("Location")+"/remove", url.Values{"reason": {"A test"}})
}

// bundleWithFile takes the evidence of the repository's rule: the file is in it,
// and the command finds the file, its list and the ledger in agreement.
func bundleWithFile(t *testing.T, h *house, plan string) {
	t.Helper()
	h.quiet()
	h.until("every entry to be numbered", func() bool { return h.one(`SELECT CAST(count(*) AS TEXT) FROM activity WHERE seq IS NULL`) == "0" })
	_, err := h.Ledger.Publish(t.Context())
	must(t, err)
	res, err := client.Do(h.request(h.as("nobody"), ask{path: "/plan/" + plan + "/requirements/2.2a/pack.zip"}))
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	check := func(change func(name string, data []byte) []byte) error {
		_, err := verifies(t, h, forged(t, body, change))
		return err
	}
	found := false
	if err := check(func(_ string, data []byte) []byte {
		found = found || string(data) == "# Minutes, corrected\n"
		return data
	}); err != nil || !found {
		t.Errorf("the bundle: %v, with the file: %v", err, found)
	}
	fake := "# Minutes, as I like them\n"
	if err := check(func(name string, data []byte) []byte {
		switch {
		case string(data) == "# Minutes, corrected\n":
			return []byte(fake)
		case name == "documents.json":
			return bytes.ReplaceAll(data, []byte(sum("# Minutes, corrected\n")), []byte(sum(fake)))
		}
		return data
	}); err == nil || !strings.Contains(err.Error(), "not what was published") {
		t.Errorf("another file with a manifest of its own: %v", err)
	}
	forgeries(t, h, body)
}

// forgeries are bundles that somebody made up of true proofs and a manifest that
// fits: each is refused, by name.
func forgeries(t *testing.T, h *house, body []byte) {
	t.Helper()
	const original, fake = "# Minutes, corrected\n", "# As I like them\n"
	swap := func(name string, data []byte) []byte {
		switch {
		case string(data) == original:
			return []byte(fake)
		case name == "documents.json":
			return bytes.ReplaceAll(data, []byte(sum(original)), []byte(sum(fake)))
		}
		return data
	}
	without := func(left func(name string) bool) func(string, []byte) []byte {
		return func(name string, data []byte) []byte {
			if left(name) {
				return nil
			}
			return data
		}
	}
	for _, x := range []struct {
		name   string
		change func(name string, data []byte) []byte
		says   string
	}{
		{"the list of documents left out", without(func(n string) bool { return n == "documents.json" }), "does not list"},
		{"the proofs left out", without(func(n string) bool { return strings.HasPrefix(n, "ledger/") }), "no proof of a ledger"},
		{"a proof that says that more is coming", func(name string, data []byte) []byte {
			return bytes.Replace(swap(name, data), []byte(`"pending": 0`), []byte(`"pending": 1`), 1)
		}, "not what was published"},
		{"another title", func(name string, data []byte) []byte {
			if name == "documents.json" {
				return bytes.Replace(data, []byte("Minutes of the first workshop"), []byte("Minutes that everybody signed"), 1)
			}
			return data
		}, "not what was published"},
		{"a document of its own", func(name string, data []byte) []byte {
			if name == "documents.json" {
				return bytes.Replace(data, []byte(`"documents": [`), []byte(`"documents": [{"id": "1", "title": "Mine", "address": "https://example.org"},`), 1)
			}
			return bytes.Replace(data, []byte(`"pending": 0`), []byte(`"pending": 1`), 1)
		}, "no entry of the ledger names Mine"},
	} {
		if _, err := verifies(t, h, forged(t, body, x.change)); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", x.name, err)
		}
	}
	if _, err := verifies(t, h, doubled(t, body, original, fake)); err == nil || !strings.Contains(err.Error(), "there twice") {
		t.Errorf("a second file of the same name: %v", err)
	}
}

// verifies runs the command on a bundle.
func verifies(t *testing.T, h *house, bundle []byte) (string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "evidence.zip")
	must(t, os.WriteFile(name, bundle, 0o600))
	var out bytes.Buffer
	err := (&VerifyCommand{Pack: name, Key: h.Ledger.Key()}).pack(&console{Console: offline.Console{Out: &out, Err: io.Discard}}, i18n.From(t.Context()))
	return out.String(), err
}

// doubled is a bundle in which a file is followed by another of its name, as some
// programs that unpack would take it; the manifest names it twice.
func doubled(t *testing.T, body []byte, original, fake string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	must(t, err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	add := func(name string, data []byte) {
		w, err := out.Create(name)
		must(t, err)
		_, err = w.Write(data)
		must(t, err)
	}
	var manifest struct {
		Files []map[string]any `json:"files"`
	}
	for _, f := range in.File {
		data, err := zipped(in, f.Name)
		must(t, err)
		if f.Name == "manifest.json" {
			must(t, json.Unmarshal(data, &manifest))
			continue
		}
		add(f.Name, data)
		if string(data) == original {
			add(f.Name, []byte(fake))
			manifest.Files = append(manifest.Files, map[string]any{"name": f.Name, "sha256": sum(original)})
		}
	}
	text, err := json.Marshal(manifest)
	must(t, err)
	add("manifest.json", text)
	must(t, out.Close())
	return b.Bytes()
}

// forged is a bundle in which files were changed, with a manifest that fits.
func forged(t *testing.T, body []byte, change func(name string, data []byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	must(t, err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	var files []map[string]string
	add := func(name string, data []byte) {
		w, err := out.Create(name)
		must(t, err)
		_, err = w.Write(data)
		must(t, err)
	}
	for _, f := range in.File {
		if f.Name == "manifest.json" {
			continue
		}
		data, err := zipped(in, f.Name)
		must(t, err)
		if data = change(f.Name, data); data == nil {
			continue // left out
		}
		files = append(files, map[string]string{"name": f.Name, "sha256": sum(string(data))})
		add(f.Name, data)
	}
	manifest, err := json.Marshal(map[string]any{"files": files})
	must(t, err)
	add("manifest.json", manifest)
	must(t, out.Close())
	return b.Bytes()
}
