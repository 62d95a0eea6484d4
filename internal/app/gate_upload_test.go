package app

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/net/html"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/shelf"
)

// handed is a file of the upload corpus and what must come of it.
type handed struct {
	what, name string
	content    []byte
	rows       int    // of the table that it becomes; -1 where it becomes none
	sentence   string // the key of what its publisher is told; "" for none
	cells      string // what its rows must hold
}

// corpus is what people upload by mistake or malice.
func corpus(t testing.TB) []handed {
	wide := "c0"
	for i := range 9_999 {
		wide += fmt.Sprintf(",c%d", i+1)
	}
	bomb := bombWorkbook(t)
	return []handed{
		{"an empty file", "empty.csv", nil, -1, "table.read.empty", ""},
		{"only line breaks", "blank.csv", []byte("\n\n\r\n"), -1, "table.read.empty", ""},
		{"a header and no row", "header.csv", []byte("name,amount\n"), 0, "", ""},
		{"10,000 columns", "wide.csv", []byte(wide + "\n" + strings.Repeat("1,", 9_999) + "1\n"), -1, "table.read.too_wide", ""},
		{"semicolons and decimal commas", "es.csv", []byte("lugar;monto\nBelmopán;1,5\nDangriga;2,25\n"), 2, "", "1.5"},
		{"windows-1252", "latin.csv", []byte("name,amount\nBelmop\xe1n,1\nGar\xedfuna,2\n"), 2, "", "Belmopán"},
		{"UTF-16", "wide16.csv", utf16File("name,amount\nBelmopán,1\nDangriga,2\n"), 2, "", "Belmopán"},
		{"zero bytes", "nul.csv", []byte("name,amount\nBel\x00mopan,1\nDangriga,2\n"), 2, "", "Dangriga"},
		{"ragged rows", "ragged.csv", []byte("a,b,c\n1,2,3\n4,5\n6,7,8,9\n"), 3, "", `"a":4`},
		{"equal and empty headers", "names.csv", []byte("a,a,,a\n1,2,3,4\n5,6,7,8\n"), 2, "", ""},
		{"markup in cells", "markup.csv", []byte("name,amount\n<script>alert(1)</script>,1\n\"\"\"><svg onload=x>\",2\n"), 2, "", ""},
		{"formulas in cells", "formula.csv", []byte("name,amount\n=1+1,1\n@SUM(A1),2\n"), 2, "", "=1+1"},
		{"a name that climbs", "../../../etc/passwd.csv", []byte("a,b\n1,2\n"), 1, "", ""},
		{"a name with a line break", "a\r\nSet-Cookie: x=1.csv", []byte("a,b\n1,2\n"), 1, "", ""},
		{"a name that is too long", strings.Repeat("x", 3000) + ".csv", []byte("a,b\n1,2\n"), 1, "", ""},
		{"a web page called a table", "page.csv", []byte("<!doctype html><html><body><h1>404</h1></body></html>"), -1, "blob.web_page", ""},
		{"a web page", "page.html", []byte("<!doctype html><script>alert(1)</script>"), -1, "refused", ""},
		{"an SVG drawing", "map.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`), -1, "blob.svg", ""},
		{"a picture called a table", "table.csv", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"), -1, "blob.mismatch", ""},
		{"a table called a workbook", "really.xlsx", []byte("a,b\n1,2\n"), -1, "blob.mismatch", ""},
		{"a program", "run.exe", append([]byte("MZ\x90\x00\x03"), make([]byte, 512)...), -1, "refused", ""},
		{"a workbook with a password", "secret.xlsx", lockedWorkbook(), -1, "blob.password", ""},
		{"a workbook that bursts", "bomb.xlsx", bomb, -1, "refused", ""},
		{"a workbook cut in the middle", "cut.xlsx", bomb[:800], -1, "refused", ""},
		{"broken JSON", "broken.json", []byte(`[{"a":1},{"a":`), 2, "", `"a":1`},
		{"JSON nested ten thousand deep", "deep.json", []byte(strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)), -1, "table.read.json_too_deep", ""},
	}
}

func utf16File(s string) []byte {
	var b bytes.Buffer
	b.Write([]byte{0xff, 0xfe})
	for _, u := range utf16.Encode([]rune(s)) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.Bytes()
}

// lockedWorkbook is the outside of a workbook that Excel encrypted: a compound
// file with the streams that hold its keys.
func lockedWorkbook() []byte {
	b := make([]byte, 4096)
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	at := 1024
	for _, name := range []string{"Root Entry", "EncryptionInfo", "EncryptedPackage"} {
		for i, u := range utf16.Encode([]rune(name)) {
			b[at+2*i], b[at+2*i+1] = byte(u), byte(u>>8)
		}
		at += 128
	}
	b[24], b[26], b[28], b[30], b[32] = 0x3e, 3, 0xfe, 9, 6
	b[29] = 0xff
	return b
}

// bombWorkbook is a workbook whose sheet would be 60 MB.
func bombWorkbook(t testing.TB) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":                `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	} {
		f, err := w.Create(name)
		must(t, err)
		_, err = io.WriteString(f, text)
		must(t, err)
	}
	f, err := w.Create("xl/worksheets/sheet1.xml")
	must(t, err)
	_, err = io.WriteString(f, `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c t="inlineStr"><is><t>`)
	must(t, err)
	for range 60 {
		_, err = f.Write(bytes.Repeat([]byte("a"), 1<<20))
		must(t, err)
	}
	_, err = io.WriteString(f, `</t></is></c></row></sheetData></worksheet>`)
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

// TestGateUploads hands the corpus in through the form. Each file becomes the
// right table or is answered by a sentence in both languages; afterwards the
// site answers as before, and nothing of what failed is public (issue 2, 6).
func TestGateUploads(t *testing.T) {
	wholeOnEach(t, func(t *testing.T, h *house) {
		v := h.as("editor")
		dataset := h.dataset(v, h.org, "corpus")
		files := corpus(t)
		for _, f := range files {
			h.handIn(v, dataset, f)
			if r := h.get(h.as("nobody"), "/datasets"); r.status != 200 {
				t.Fatalf("after %s the site answers %d", f.what, r.status)
			}
		}
		h.cutOff(v, dataset)
		h.nothingHalf()
		t.Logf("figure: %d files", len(files)+2)
	})
}

// handIn uploads one file and follows it to its end.
func (h *house) handIn(v *visitor, dataset string, f handed) {
	h.t.Helper()
	body, typ := multi(h.t, f.name, f.content, map[string]string{"title": "File " + f.what[:min(len(f.what), 20)]})
	a := ask{method: "POST", path: "/dataset/" + dataset + "/add", body: body, typ: typ}
	r := h.ask(v, a)
	for _, c := range r.header.Values("Set-Cookie") {
		if strings.HasPrefix(c, "x=1") {
			h.t.Errorf("%s sets a cookie", f.what)
		}
	}
	if r.status == 303 && strings.HasSuffix(r.header.Get("Location"), "/work") {
		h.taken(v, between(h.t, r, "/resource/", "/work"), f)
		return
	}
	if f.sentence == "" || r.status < 400 || r.status >= 500 {
		h.t.Errorf("%s: status %d, Location %q, want a table with %d rows\n%s", f.what, r.status, r.header.Get("Location"), f.rows, alerts(r.body))
		return
	}
	a.header = map[string]string{"Cookie": "ceiba_lang=es; ceiba_dev=" + v.token}
	h.twoTongues(f, alerts(r.body), alerts(h.ask(&visitor{kind: v.kind, address: v.address}, a).body))
	h.promised(f, alerts(r.body))
}

// promised checks that the sentence is the one that helps.
func (h *house) promised(f handed, said string) {
	h.t.Helper()
	if f.sentence == "refused" {
		return
	}
	want := strings.SplitN(h.Words.For("en").T(f.sentence), "{", 2)[0]
	if !strings.Contains(said, want[:min(len(want), 30)]) {
		h.t.Errorf("%s: the publisher reads %q, not %q", f.what, said, want)
	}
}

// taken follows a file that was taken as a table.
func (h *house) taken(v *visitor, resource string, f handed) {
	h.t.Helper()
	var version shelf.Version
	h.until(f.what+" to be read", func() bool {
		must(h.t, h.DB.View(h.t.Context(), func(tx *db.Tx) (err error) {
			id, err := db.Get(h.t.Context(), tx, db.One[string], `SELECT id FROM shelf_version WHERE owner = $1 ORDER BY created DESC LIMIT 1`, resource)
			if err == nil {
				version, err = shelf.Get(h.t.Context(), tx, id)
			}
			return err
		}))
		return version.State == shelf.Profiled || version.State == shelf.Failed
	})
	if version.State == shelf.Failed {
		said := version.Fault.V
		if f.sentence == "" {
			h.t.Errorf("%s: %s, want a table of %d rows", f.what, said.Key, f.rows)
			return
		}
		en, es := h.Words.For("en").T(said.Key, said.Args...), h.Words.For("es").T(said.Key, said.Args...)
		h.twoTongues(f, en, es)
		h.promised(f, en)
		if page := text(h.get(v, "/resource/"+resource+"/work").body); !strings.Contains(page, en) {
			h.t.Errorf("%s: the page does not say %q", f.what, en)
		}
		return
	}
	if f.sentence != "" {
		h.t.Errorf("%s: was read as a table of %d rows, want %s", f.what, version.Profile.V.Rows, f.sentence)
		return
	}
	h.publishedAs(v, resource, f)
}

// publishedAs publishes a table and reads its rows back.
func (h *house) publishedAs(v *visitor, resource string, f handed) {
	h.t.Helper()
	if f.rows == 0 {
		return
	}
	h.release(v, resource)
	r := h.get(v, "/api/v1/resources/"+resource+"/rows?total=true")
	if !strings.Contains(r.body, fmt.Sprintf(`"total":%d`, f.rows)) || f.cells != "" && !strings.Contains(r.body, f.cells) {
		h.t.Errorf("%s: want %d rows with %q, and the API says %d %.400s", f.what, f.rows, f.cells, r.status, r.body)
	}
	down := h.get(v, "/resource/"+resource+"/download?format=csv")
	if d := down.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || strings.Contains(d, "..") || strings.ContainsAny(d, "\r\n/") {
		h.t.Errorf("%s: is served as %.200q", f.what, d)
	}
	cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(down.body, "\ufeff"))).ReadAll()
	if err != nil {
		h.t.Errorf("%s: the CSV cannot be read again: %v", f.what, err)
	}
	for _, row := range cells {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+@\t\r", rune(cell[0])) {
				h.t.Errorf("%s: a spreadsheet would run %q", f.what, cell)
			}
		}
	}
}

// twoTongues checks a sentence in both languages.
func (h *house) twoTongues(f handed, en, es string) {
	h.t.Helper()
	switch {
	case strings.TrimSpace(en) == "" || strings.TrimSpace(es) == "":
		h.t.Errorf("%s: refused without a word (en %q, es %q)", f.what, en, es)
	case en == es:
		h.t.Errorf("%s: says the same in both languages: %q", f.what, en)
	case rawKey.MatchString(en + es):
		h.t.Errorf("%s: shows a key, no sentence: %q / %q", f.what, en, es)
	}
}

var rawKey = regexp.MustCompile(`\b(table|blob|catalog|shelf|web|fault|who)\.[a-z_]+(\.[a-z_]+)*\b|\{[a-z_]+\}|%!`)

// alerts is what a page says where it says what is wrong.
func alerts(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return ""
	}
	var out []string
	var walk func(n *html.Node, in bool)
	walk = func(n *html.Node, in bool) {
		for _, a := range n.Attr {
			in = in || a.Key == "role" && a.Val == "alert" || n.Data == "p" && a.Key == "class" && a.Val == "lead"
		}
		if n.Type == html.TextNode && in {
			out = append(out, strings.TrimSpace(n.Data))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(root, false)
	return strings.TrimSpace(strings.Join(out, " "))
}

// text is what a page says, without its marks.
func text(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			out.Write(z.Text())
		}
	}
}

// cutOff sends the first part of a file and breaks off, and a file that is
// larger than it may be: neither leaves anything.
func (h *house) cutOff(v *visitor, dataset string) {
	h.t.Helper()
	before := h.one(`SELECT CAST(count(*) AS TEXT) FROM resource`)
	body, typ := multi(h.t, "cut.csv", bytes.Repeat([]byte("1,2,3\n"), 200_000), nil)
	read, write := io.Pipe()
	req := h.request(v, ask{method: "POST", path: "/dataset/" + dataset + "/add"})
	req.Body, req.ContentLength = read, int64(len(body))
	req.Header.Set("Content-Type", typ)
	go func() {
		write.Write(body[:len(body)/2])
		time.Sleep(50 * time.Millisecond)
		write.CloseWithError(io.ErrClosedPipe)
	}()
	if res, err := client.Do(req); err == nil {
		res.Body.Close()
		h.t.Errorf("half an upload was answered with %d", res.StatusCode)
	}
	h.tooLong(v, dataset)
	h.until("the site to answer", func() bool { return h.get(h.as("nobody"), "/readyz").status == 200 })
	if after := h.one(`SELECT CAST(count(*) AS TEXT) FROM resource`); after != before {
		h.t.Errorf("uploads that failed left something: %s resources before, %s after", before, after)
	}
}

// tooLong announces more than the form takes.
func (h *house) tooLong(v *visitor, dataset string) {
	h.t.Helper()
	r := h.ask(v, ask{method: "POST", path: "/dataset/" + dataset + "/edit", form: url.Values{"title": {strings.Repeat("x", 2<<20)}}})
	if r.status != http.StatusRequestEntityTooLarge || alerts(r.body) == "" {
		h.t.Errorf("a form of 2 MB: status %d, %q", r.status, alerts(r.body))
	}
}

// nothingHalf looks at everything public: no version without files, no address
// of the corpus.
func (h *house) nothingHalf() {
	h.t.Helper()
	if n := h.one(`SELECT CAST(count(*) AS TEXT) FROM shelf_version WHERE state <> 'published' AND (n IS NOT NULL OR files IS NOT NULL)`); n != "0" {
		h.t.Errorf("%s versions are half published", n)
	}
	if n := h.one(`SELECT CAST(count(*) AS TEXT) FROM shelf_version WHERE state = 'published' AND (n IS NULL OR coalesce(files, '') = '')`); n != "0" {
		h.t.Errorf("%s published versions have no files", n)
	}
	list := h.get(h.as("nobody"), "/api/v1/datasets").body
	if strings.Contains(list, "corpus") {
		h.t.Errorf("the list shows what was never published: %s", cmp.Or(around(list, "corpus"), list))
	}
}
