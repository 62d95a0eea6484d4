package blob

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// zipOf makes a ZIP file; a value that starts with "repeat:" gives that many
// zero bytes.
func zipOf(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(files[i+1])
		var n int
		if _, err := fmt.Sscanf(files[i+1], "repeat:%d", &n); err == nil {
			body = make([]byte, n)
		}
		w.Write(body)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wide(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }

const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func TestDetect(t *testing.T) {
	xlsx := zipOf(t, "[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>")
	pad := strings.Repeat("\x00", 600)
	for _, c := range []struct {
		name, content string
		kinds         []Kind
		want          string // a format's name, or the key of the refusal
	}{
		{"photo.jpg", "\xff\xd8\xff\xe0", []Kind{Image}, "JPEG"},
		{"PHOTO.JPEG", "\xff\xd8\xff\xe1", []Kind{Image}, "JPEG"},
		{"", "\x89PNG\r\n\x1a\n", []Kind{Image}, "PNG"},
		{"a.png", "\xff\xd8\xff\xe0", []Kind{Image}, "blob.mismatch"},
		{"a.jpg", "<script>alert(1)</script>", []Kind{Image}, "blob.mismatch"},
		{"a.jpg", "<html>", []Kind{Image}, "blob.web_page"},
		{"a.svg", "<svg xmlns='http://www.w3.org/2000/svg'>", []Kind{Image}, "blob.svg"},
		{"a.png", "<?xml version='1.0'?>\n<!-- c --><svg>", []Kind{Image}, "blob.svg"},
		{"a.heic", "\x00\x00\x00\x18ftypheic", []Kind{Image}, "blob.heic"},
		{"a.jpg", "\x00\x00\x00\x18ftypheic", []Kind{Image}, "blob.heic"},
		{"a.csv", "a,b\n1,2\n", []Kind{Table}, "CSV"},
		{"a.csv", "<script>,b\n", []Kind{Table}, "CSV"},
		{"a.csv", "{a},b\n", []Kind{Table}, "CSV"},
		{"a.csv", "BM,Name\n1,x\n", []Kind{Table}, "CSV"},
		{"a.csv", "MZ,Name\n1,x\n", []Kind{Table}, "CSV"},
		{"a.csv", "a,b\n1,\x002\n", []Kind{Table}, "CSV"},
		{"a.csv", "\xff\xfe" + wide("a,b\r\n1,2"), []Kind{Table}, "CSV"},
		{"a.csv", "prix,\xe9t\xe9\n", []Kind{Table}, "CSV"},
		{"a.csv", "", []Kind{Table}, "CSV"},
		{"a.csv", xlsx, []Kind{Table}, "blob.mismatch"},
		{"a.csv", "\xef\xbb\xbf <!DOCTYPE html><html>", []Kind{Table}, "blob.web_page"},
		{"a.csv", "%PDF-1.7", []Kind{Table}, "blob.mismatch"},
		{"a.csv", string(noise(2000)), []Kind{Table}, "blob.mismatch"},
		{"a.xlsx", xlsx, []Kind{Table}, "Excel (XLSX)"},
		{"a.xlsx", "a,b\n", []Kind{Table}, "blob.mismatch"},
		{"a.xlsx", zipOf(t, "xl/vbaProject.bin", "x"), []Kind{Table}, "blob.macro"},
		{"a.xlsx", ole + pad + wide("EncryptedPackage"), []Kind{Table}, "blob.password"},
		{"a.xlsx", ole + strings.Repeat(pad, 600) + wide("EncryptedPackage"), []Kind{Table}, "blob.password"},
		{"a.xls", ole + pad + wide("Workbook"), []Kind{Table}, "blob.kind.table"},
		{"a.xls", ole + pad + wide("Workbook"), []Kind{Document}, "Excel 97 (XLS)"},
		{"a.xlsx", ole + pad + wide("Workbook"), []Kind{Table}, "blob.mismatch"},
		{"a.ods", zipOf(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet"), []Kind{Table}, "blob.kind.table"},
		{"a.odt", zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text"), []Kind{Document}, "OpenDocument (ODT)"},
		{"a.docx", zipOf(t, "[Content_Types].xml", "", "word/document.xml", ""), []Kind{Document}, "Word (DOCX)"},
		{"a.pdf", "%PDF-1.4\n", []Kind{Document}, "PDF"},
		{"a.pdf", "MZ\x90\x00\x03\x00", []Kind{Document}, "blob.mismatch"},
		{"a.exe", "MZ\x90\x00\x03\x00", []Kind{Document}, "blob.kind.document"},
		{"a.geojson", "\n {\"type\":\"FeatureCollection\"}", []Kind{Map}, "GeoJSON"},
		{"a.kml", "<?xml version='1.0'?><kml><description><![CDATA[<html>]]>", []Kind{Map}, "KML"},
		{"a.kml", "<kml>", []Kind{Map}, "KML"},
		{"a.xml", "<?xml version='1.0'?><!DOCTYPE svg><x/>", []Kind{Document}, "blob.svg"},
		{"a.kmz", zipOf(t, "doc.kml", "<kml/>"), []Kind{Map}, "KMZ"},
		{"a.zip", zipOf(t, "a.shp", "x"), []Kind{Map}, "ZIP"},
		{"a.zip", zipOf(t, "../a.shp", "x"), []Kind{Map}, "blob.archive_name"},
		{"a.xlsx", zipOf(t, "[Content_Types].xml", "", "xl/a.xml", "repeat:30000000"), []Kind{Table}, "blob.archive_ratio"},
		{"a.docx", zipOf(t, "META-INF/MANIFEST.MF", "x"), []Kind{Document}, "blob.mismatch"},
		{"notes.unknown", "hello", nil, "text"},
		{"v", "RIFF\x00\x00\x00\x00WEBPVP8 ", nil, "WebP"},
		{"v.wav", "RIFF\x00\x00\x00\x00WAVE", []Kind{Media}, "WAV"},
		{"v.mp4", "\x00\x00\x00\x18ftypisom", []Kind{Media}, "MP4"},
		{"v.sqlite", "SQLite format 3\x00", nil, "SQLite"},
		{"", string(noise(2000)), nil, "binary"},
		{"", "", nil, "empty"},
		{"empty.png", "", []Kind{Image}, "blob.mismatch"},
	} {
		f, err := Detect(strings.NewReader(c.content), int64(len(c.content)), c.name, c.kinds...)
		got := f.Name
		if err != nil {
			got = keyOf(err)
		}
		if got != c.want {
			t.Errorf("%s %.20q %v: got %s (%v), want %s", c.name, c.content, c.kinds, got, err, c.want)
		}
	}
}

func keyOf(err error) string {
	if f, ok := err.(*fault.Error); ok {
		return f.Key
	}
	return "error: " + err.Error()
}

func TestEveryBodyHasAFormat(t *testing.T) {
	source, err := os.ReadFile("detect.go")
	if err != nil {
		t.Fatal(err)
	}
	bodies := regexp.MustCompile(`, "([a-z0-9]+)"\}|return "([a-z0-9]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(bodies) < 20 {
		t.Fatalf("found only %d", len(bodies))
	}
	for _, b := range bodies {
		if f := byBody(body(b[1] + b[2])); f.Name == "" {
			t.Errorf("%s has no name", b[0])
		}
	}
}

func TestPutRefusesByKind(t *testing.T) {
	s := folderStore(t)
	ctx := context.Background()
	_, err := s.Put(ctx, strings.NewReader("<html>"), PutOptions{Name: "budget.csv", Kinds: []Kind{Table}})
	wantKind(t, err, fault.Invalid, "blob.web_page")
	if n := count(t, s); n != 0 {
		t.Fatalf("%d stored", n)
	}
	ref, err := s.Put(ctx, strings.NewReader("a,b\n"), PutOptions{Name: "budget.csv", Kinds: []Kind{Table}})
	if err != nil || ref.Type != "text/csv" {
		t.Fatal(ref, err)
	}
}

// Every sentence that the code names is written in both languages.
func TestWords(t *testing.T) {
	if err := i18n.NewCatalog().Add("blob", Words); err != nil {
		t.Fatal(err)
	}
	words := map[string]map[string]string{}
	for _, lang := range []string{"en", "es"} {
		text, err := Words.ReadFile("locale/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		words[lang] = m
	}
	used := map[string]bool{}
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		text, _ := os.ReadFile(f)
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`"(blob\.[a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	for _, k := range []Kind{Image, Table, Document, Map, Archive, Media} {
		used["blob.kind."+string(k)] = true
	}
	for k := range used {
		if words["en"][k] == "" || words["es"][k] == "" {
			t.Errorf("%s is not written", k)
		}
	}
	for k := range words["en"] {
		if !used[k] {
			t.Errorf("%s is not used", k)
		}
	}
}

func TestArchives(t *testing.T) {
	many := make([]string, 0, 2*10_001)
	for i := range 10_001 {
		many = append(many, fmt.Sprint("f", i), "")
	}
	quine := zipOf(t, "a", "x", "b", "x")
	for name, c := range map[string]struct {
		file   string
		limits ArchiveLimits
		want   string
	}{
		"good":      {zipOf(t, "dir/", "", "dir/a.csv", "a,b", "é.csv", "x"), ArchiveLimits{}, ""},
		"many":      {zipOf(t, many...), ArchiveLimits{}, "blob.archive_entries"},
		"parent":    {zipOf(t, "a/../../b", "x"), ArchiveLimits{}, "blob.archive_name"},
		"absolute":  {zipOf(t, "/etc/passwd", "x"), ArchiveLimits{}, "blob.archive_name"},
		"backslash": {zipOf(t, `a\..\..\b`, "x"), ArchiveLimits{}, "blob.archive_name"},
		"drive":     {zipOf(t, "C:/a", "x"), ArchiveLimits{}, "blob.archive_name"},
		"nul":       {zipOf(t, "a\x00b", "x"), ArchiveLimits{}, "blob.archive_name"},
		"twice":     {zipOf(t, "a.csv", "x", "A.csv", "y"), ArchiveLimits{}, "blob.archive_twice"},
		"nested":    {zipOf(t, "in.zip", "x"), ArchiveLimits{}, "blob.archive_nested"},
		"nested ok": {zipOf(t, "in.zip", "x"), ArchiveLimits{Nested: true}, ""},
		"bomb":      {zipOf(t, "a", "repeat:50000000"), ArchiveLimits{}, "blob.archive_ratio"},
		"big":       {zipOf(t, "a", string(noise(3<<20))), ArchiveLimits{Total: 2 << 20}, "blob.archive_size"},
		"cut":       {quine[:len(quine)-10], ArchiveLimits{}, "blob.archive_broken"},
		"not":       {"PK\x03\x04 and nothing", ArchiveLimits{}, "blob.archive_broken"},
		"link":      {linkZip(t), ArchiveLimits{}, "blob.archive_name"},
		"password":  {flagged(quine), ArchiveLimits{}, "blob.password"},
		"overlap":   {overlapping(t), ArchiveLimits{}, "blob.archive_ratio"},
	} {
		_, err := ReadArchive(strings.NewReader(c.file), int64(len(c.file)), c.limits)
		got := ""
		if err != nil {
			got = keyOf(err)
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func linkZip(t testing.TB) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "link"}
	h.SetMode(os.ModeSymlink | 0o777)
	w, err := z.CreateHeader(h)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("/etc/passwd"))
	z.Close()
	return b.String()
}

// flagged marks the first entry as locked with a password.
func flagged(z string) string {
	b := []byte(z)
	b[bytes.Index(b, []byte("PK\x01\x02"))+8] |= 1
	return string(b)
}

// overlapping has 50 directory entries for one block of data, as the bombs of
// David Fifield do.
func overlapping(t testing.TB) string {
	one := zipOf(t, "a0", string(noise(100_000)))
	dir := strings.Index(one, "PK\x01\x02")
	end := strings.Index(one, "PK\x05\x06")
	entry := one[dir:end]
	var all strings.Builder
	for i := range 50 {
		e := []byte(entry)
		copy(e[46:], fmt.Sprintf("%c%c", 'a'+i/26, 'a'+i%26))
		all.Write(e)
	}
	tail := []byte(one[end:])
	binary.LittleEndian.PutUint16(tail[8:], 50)
	binary.LittleEndian.PutUint16(tail[10:], 50)
	binary.LittleEndian.PutUint32(tail[12:], uint32(all.Len()))
	return one[:dir] + all.String() + string(tail)
}

// An entry that unpacks to more than it says ends in an error.
func TestEntryThatLies(t *testing.T) {
	b := []byte(zipOf(t, "a", "repeat:900000"))
	at := bytes.Index(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[at+24:], 10)
	z, err := ReadArchive(bytes.NewReader(b), int64(len(b)), ArchiveLimits{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := f.Read(make([]byte, 1<<20)); err == nil && n > 10 {
		if _, err = f.Read(make([]byte, 1<<20)); err == nil {
			t.Fatalf("%d bytes and no error", n)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte(zipOf(f, "mimetype", "x")), "a.zip")
	f.Add([]byte(ole), "a.xls")
	f.Add([]byte("<?xml <!-- --"), "a.svg")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		format, err := Detect(bytes.NewReader(content), int64(len(content)), name, Image, Table)
		if err == nil && !format.Is(Image, Table) {
			t.Fatalf("%s taken", format.Name)
		}
		ReadArchive(bytes.NewReader(content), int64(len(content)), ArchiveLimits{})
	})
}
