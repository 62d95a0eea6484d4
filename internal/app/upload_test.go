package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	ceiba "ceiba/internal/app"
	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// office is a site with one editor, whose program holds a key.
type office struct {
	t       *testing.T
	app     *ceiba.App
	http    *httptest.Server
	key     string
	works   string // the organisation
	dataset string
}

func openOffice(t *testing.T) *office {
	t.Helper()
	ctx := t.Context()
	a, err := ceiba.Open(ctx, config.Store{Data: t.TempDir()}, config.Serve{Listen: "127.0.0.1:8080"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	o := &office{t: t, app: a, http: httptest.NewServer(a.Server)}
	t.Cleanup(o.http.Close)
	works, _, err := org.EnsureByName(ctx, a.DB, a.System(), "Works", org.National)
	o.check(err)
	d, err := catalog.Create(ctx, a.DB, a.System(), catalog.Dataset{Org: works.ID, Title: "Roads"})
	o.check(err)
	o.dataset, o.works, o.key = d.ID, works.ID, o.keyOf("ana@example.org", works.ID)
	return o
}

func (o *office) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// keyOf adds an editor and returns a key of theirs.
func (o *office) keyOf(email, org string) string {
	o.t.Helper()
	p, _, err := o.app.Who.AddPerson(o.t.Context(), o.app.System(), email, "", who.Grant{Role: who.Editor, Org: org})
	o.check(err)
	key, err := o.app.Who.MakeKeyFor(o.t.Context(), o.app.System(), p.ID, "test", time.Hour)
	o.check(err)
	return key
}

// send is a request with the key, and what came back.
func (o *office) send(method, path string, body io.Reader, headers ...string) *http.Response {
	o.t.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(o.t.Context()), method, o.http.URL+path, body)
	o.check(err)
	r.Header.Set("Authorization", "Bearer "+o.key)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	o.check(err)
	text, err := io.ReadAll(res.Body)
	o.check(err)
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(text))
	return res
}

// begin announces a file and returns the address for its pieces.
func (o *office) begin(name string, size int) string {
	o.t.Helper()
	res := o.send("POST", "/uploads", nil, "Upload-Length", strconv.Itoa(size), "Tus-Resumable", "1.0.0",
		"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))
	if res.StatusCode != 201 || !strings.HasPrefix(res.Header.Get("Location"), "/uploads/") {
		o.t.Fatal(res.Status, res.Header)
	}
	return res.Header.Get("Location")
}

// offset asks how far an upload has come.
func (o *office) offset(path string) int {
	o.t.Helper()
	res := o.send("HEAD", path, nil)
	n, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
	if res.StatusCode != 204 || err != nil {
		o.t.Fatal(res.Status, res.Header)
	}
	return n
}

func (o *office) patch(path string, at int, rest []byte) *http.Response {
	o.t.Helper()
	return o.send("PATCH", path, bytes.NewReader(rest), "Upload-Offset", strconv.Itoa(at), "Content-Type", "application/offset+octet-stream")
}

// add sends the form of a dataset with an upload instead of a file.
func (o *office) add(upload string) *http.Response {
	o.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	o.check(form.WriteField("title", "All roads"))
	o.check(form.WriteField("upload", strings.TrimPrefix(upload, "/uploads/")))
	o.check(form.Close())
	return o.send("POST", "/dataset/"+o.dataset+"/add", &b, "Content-Type", form.FormDataContentType())
}

// cut sends the first bytes of a file and then hangs up, as a line does.
func (o *office) cut(path string, file []byte, after int) {
	o.t.Helper()
	conn, err := net.Dial("tcp", o.http.Listener.Addr().String())
	o.check(err)
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n", path, o.key, len(file))
	_, err = conn.Write(file[:after])
	o.check(err)
	o.check(conn.Close())
}

// bigTable makes a CSV of about 50 MB.
func bigTable() []byte {
	var b bytes.Buffer
	b.WriteString("district,km,note\n")
	for i := 0; b.Len() < 50<<20; i++ {
		fmt.Fprintf(&b, "Cayo,%d,\"%s\"\n", i, strings.Repeat("mud and stones ", 6))
	}
	return b.Bytes()
}

// TestUploadGoesOn cuts the line in the middle of a file of 50 MB. The sender
// asks how far it came and sends the rest; the form then takes the whole.
func TestUploadGoesOn(t *testing.T) {
	o := openOffice(t)
	file := bigTable()
	path := o.begin("roads.csv", len(file))
	o.cut(path, file, 30<<20)
	if res := o.add(path); res.StatusCode != 422 {
		t.Fatalf("the form took half a file: %s", res.Status)
	}
	sent := 0
	for range 20 { // the server may still be storing what came before the cut
		at := o.offset(path)
		if at == len(file) {
			break
		}
		res := o.patch(path, at, file[at:])
		if res.StatusCode == 204 {
			sent = len(file) - at
		} else if res.StatusCode != 409 {
			t.Fatal(res.Status)
		}
	}
	if sent == 0 || sent > len(file)-8<<20 {
		t.Errorf("%d of %d bytes were sent after the cut: what had arrived was not kept", sent, len(file))
	}
	res := o.add(path)
	if res.StatusCode != 303 || !strings.HasPrefix(res.Header.Get("Location"), "/resource/") {
		text, _ := io.ReadAll(res.Body)
		t.Fatalf("the form: %s\n%s", res.Status, text)
	}
	type row struct {
		blob, name string
		bytes      int64
	}
	var got row
	o.check(o.app.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		got, err = db.Get(t.Context(), tx, func(r *row) []any { return []any{&r.blob, &r.name, &r.bytes} }, `SELECT blob, name, bytes FROM resource WHERE dataset = $1`, o.dataset)
		return err
	}))
	sum := sha256.Sum256(file)
	if got.blob != hex.EncodeToString(sum[:]) || got.bytes != int64(len(file)) || got.name != "roads.csv" {
		t.Errorf("kept %+v", got)
	}
}

// submit sends a form in which an upload stands instead of a file.
func (o *office) submit(to, upload string) *http.Response {
	o.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	o.check(form.WriteField("upload", strings.TrimPrefix(upload, "/uploads/")))
	o.check(form.Close())
	return o.send("POST", to, &b, "Content-Type", form.FormDataContentType())
}

// whole sends a file at once and returns its address.
func (o *office) whole(name, text string) string {
	o.t.Helper()
	path := o.begin(name, len(text))
	if res := o.patch(path, 0, []byte(text)); res.StatusCode != 204 {
		o.t.Fatal(res.Status)
	}
	return path
}

// TestUploadInBothForms hands a table in, and then its next version, each under
// a name with letters that a header cannot carry as they are.
func TestUploadInBothForms(t *testing.T) {
	o := openOffice(t)
	const name = "Caminos de Belmopán – año 2026.csv"
	res := o.submit("/dataset/"+o.dataset+"/add", o.whole(name, "district,km\nCayo,12\n"))
	work := res.Header.Get("Location")
	if res.StatusCode != 303 || !strings.HasSuffix(work, "/work") {
		t.Fatal(res.Status, work)
	}
	var kept string
	o.check(o.app.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		kept, err = db.Get(t.Context(), tx, db.One[string], `SELECT name FROM resource WHERE dataset = $1`, o.dataset)
		return err
	}))
	if kept != name {
		t.Errorf("its name is %q", kept)
	}
	replace := strings.TrimSuffix(work, "/work") + "/replace"
	if res := o.submit(replace, o.whole("caminos.csv", "district,km\nCayo,13\n")); res.StatusCode != 303 || res.Header.Get("Location") != work {
		text, _ := io.ReadAll(res.Body)
		t.Fatalf("the next version: %s\n%s", res.Status, text)
	}
	for upload, words := range map[string]string{"": "File is needed", o.whole("plan.pdf", "%PDF-1.7\n"): "must be a table too"} {
		res := o.submit(replace, upload)
		if text, _ := io.ReadAll(res.Body); res.StatusCode != 422 || !strings.Contains(string(text), words) || strings.Contains(string(text), "plan.pdf") {
			t.Errorf("without a table: %s\n%s", res.Status, text)
		}
	}
}

// TestUploadRefusedEarly shows what is said before a file has cost anything, and
// that another site cannot send, change or end one.
func TestUploadRefusedEarly(t *testing.T) {
	o := openOffice(t)
	ask := func(to, name string, headers ...string) (int, string) {
		res := o.send("POST", to, nil, append([]string{
			"Upload-Length", "9000000", "Accept", "application/json",
			"Upload-Metadata", "filename " + base64.StdEncoding.EncodeToString([]byte(name)),
		}, headers...)...)
		text, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(text)
	}
	for _, c := range []struct{ to, name, words string }{
		{"/uploads", "setup.exe", "Files of this kind"},
		{"/uploads", "map.svg", "SVG"},
		{"/uploads?for=table", "plan.pdf", "must be a table too"},
	} {
		if status, text := ask(c.to, c.name); status != 422 || !strings.Contains(text, c.words) {
			t.Errorf("%s: %d %s", c.name, status, text)
		}
	}
	if status, text := ask("/uploads?for=table", "roads.txt"); status != 201 {
		t.Errorf("a text that may be a table: %d %s", status, text)
	}
	path := o.begin("roads.csv", 9000)
	for _, method := range []string{"PATCH", "DELETE"} {
		if res := o.send(method, path, nil, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream", "Sec-Fetch-Site", "cross-site"); res.StatusCode != 403 {
			t.Errorf("%s from another site: %s", method, res.Status)
		}
	}
	if status, _ := ask("/uploads", "roads.csv", "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("POST from another site: %d", status)
	}
	if res := o.send("HEAD", path, nil); res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Upload-Offset") != "0" {
		t.Error(res.Header)
	}
	if res := o.patch(path, 0, append([]byte("%PDF-1.7\n"), make([]byte, 5000)...)); res.StatusCode != 422 {
		t.Errorf("a PDF called CSV: %s", res.Status)
	}
	if res := o.send("HEAD", path, nil); res.StatusCode != 404 {
		t.Errorf("a refused upload is still there: %s", res.Status)
	}
}

// TestUploadIsItsOwners shows that an upload is nothing to anybody else, and
// what is said of one that is not there.
func TestUploadIsItsOwners(t *testing.T) {
	o := openOffice(t)
	path := o.begin("roads.csv", 20)
	mine := o.key
	o.key = o.keyOf("eve@example.org", o.works)
	for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
		if res := o.send(method, path, nil, "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"); res.StatusCode != 404 {
			t.Errorf("%s by somebody else: %s", method, res.Status)
		}
	}
	o.key = mine
	if res := o.patch(path, 0, []byte("district,km\nCayo,12\n")); res.StatusCode != 204 {
		t.Fatal(res.Status)
	}
	if res := o.send("DELETE", path, nil); res.StatusCode != 204 {
		t.Error(res.Status)
	}
	res := o.add(path)
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != 422 || !strings.Contains(string(text), "no longer here") {
		t.Errorf("the form with an upload that is gone: %s", res.Status)
	}
	for _, size := range []string{"", "-1", "x", strconv.Itoa(2 << 30)} {
		if res := o.send("POST", "/uploads", nil, "Upload-Length", size); res.StatusCode != 400 && res.StatusCode != 413 {
			t.Errorf("an upload of %q bytes: %s", size, res.Status)
		}
	}
	o.key = "nonsense"
	if res := o.send("POST", "/uploads", nil, "Upload-Length", "5"); res.StatusCode != 401 {
		t.Errorf("by nobody: %s", res.Status)
	}
}
