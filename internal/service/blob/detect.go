package blob

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"ceiba/internal/ground/fault"
)

// Detect finds the format of a file of size bytes by its content. The name, if
// there is one, decides between formats that look alike (CSV and Markdown are
// both text); a name that promises something else is refused, and so is what is
// of none of the kinds. The refusals are of kind fault.Invalid and say in words
// what the file is and what to do.
func Detect(r io.ReaderAt, size int64, name string, kinds ...Kind) (Format, error) {
	b, err := sniff(r, size)
	if err != nil {
		return Format{}, err
	}
	f, err := judge(b, name, kinds)
	if err != nil {
		return Format{}, err
	}
	return f, checkContainer(r, size, f, kinds)
}

// judge finds the format of content b with a name.
func judge(b body, name string, kinds []Kind) (Format, error) {
	f, promised := byExt(name)
	switch {
	case promised && !f.fits(b):
		if err := refuseBody(b); err != nil && len(kinds) > 0 {
			return Format{}, err
		}
		if b == "html" {
			return Format{}, fault.New(fault.Invalid, "blob.web_page", "ext", f.Exts[0])
		}
		return Format{}, fault.New(fault.Invalid, "blob.mismatch", "want", f.Name, "is", byBody(b).Name)
	case !promised:
		f = byBody(b)
	}
	return f, f.refuse(b, kinds)
}

// refuse says why a file of the format and with content b is not taken where
// one of kinds is asked for; nil if it is.
func (f Format) refuse(b body, kinds []Kind) error {
	if f.Is(kinds...) {
		return nil
	}
	if err := refuseBody(b); err != nil {
		return err
	}
	if len(kinds) > 1 {
		return fault.New(fault.Invalid, "blob.not_taken", "is", f.Name)
	}
	return fault.New(fault.Invalid, "blob.kind."+string(kinds[0]), "is", f.Name)
}

// judgeName refuses a file of which nothing but the name is known yet, if the
// name promises what is of none of the kinds.
func judgeName(name string, kinds []Kind) error {
	if f, promised := byExt(name); promised {
		return f.refuse(f.body, kinds)
	}
	return nil
}

// judgeHead refuses an upload by its first bytes. What the rest must tell (the
// end of a ZIP archive, the streams of an old office file) is let pass.
func judgeHead(r io.ReaderAt, u Upload) error {
	if len(u.Kinds) == 0 {
		return nil
	}
	head := make([]byte, sniffed)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	b := sniffHead(head[:n])
	if n < sniffed || b == "zip" || b == "ole" {
		return nil
	}
	_, err = judge(b, u.Name, u.Kinds)
	return err
}

// Promised returns the media type that a file name promises, or "".
func Promised(name string) string {
	f, _ := byExt(name)
	return f.Type
}

// fits reports whether content b can be of the format. Text formats take text
// that happens to begin like JSON, and NDJSON and empty files are text as well.
func (f Format) fits(b body) bool {
	switch {
	case f.body == b:
		return true
	case f.body == "text":
		return b == "json" || b == "empty"
	case f.body == "json":
		return b == "empty"
	}
	return false
}

// refuseBody says what is wrong with content that no kind takes and for which
// there is a way out.
func refuseBody(b body) error {
	switch b {
	case "locked":
		return fault.New(fault.Invalid, "blob.password")
	case "macro":
		return fault.New(fault.Invalid, "blob.macro")
	case "heic":
		return fault.New(fault.Invalid, "blob.heic")
	case "svg":
		return fault.New(fault.Invalid, "blob.svg")
	}
	return nil
}

// checkContainer looks into what is a ZIP archive inside.
func checkContainer(r io.ReaderAt, size int64, f Format, kinds []Kind) error {
	if len(kinds) == 0 || !slices.Contains([]body{"zip", "xlsx", "docx", "pptx", "odt", "ods", "odp", "epub"}, f.body) {
		return nil
	}
	_, err := ReadArchive(r, size, ArchiveLimits{})
	return err
}

// magic are the first bytes of formats, tried in turn.
var magic = []struct {
	at    int
	bytes string
	body  body
}{
	{0, "\xff\xd8\xff", "jpeg"},
	{0, "\x89PNG\r\n\x1a\n", "png"},
	{0, "GIF87a", "gif"},
	{0, "GIF89a", "gif"},
	{0, "II*\x00", "tiff"},
	{0, "MM\x00*", "tiff"},
	{0, "BM", "bmp"},
	{0, "%PDF-", "pdf"},
	{0, "{\\rtf", "rtf"},
	{0, "PK\x03\x04", "zip"},
	{0, "PK\x05\x06", "zip"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"},
	{0, "SQLite format 3\x00", "sqlite"},
	{0, "PAR1", "parquet"},
	{8, "DUCK", "duckdb"},
	{0, "\x1f\x8b", "gzip"},
	{0, "7z\xbc\xaf\x27\x1c", "7z"},
	{0, "Rar!\x1a\x07", "rar"},
	{0, "ID3", "mp3"},
	{0, "\xff\xfb", "mp3"},
	{0, "\xff\xf3", "mp3"},
	{0, "OggS", "ogg"},
	{0, "\x1aE\xdf\xa3", "webm"},
	{0, "MZ", "exe"},
	{0, "\x7fELF", "elf"},
}

// sniffed is how many bytes of a file's beginning tell what it is.
const sniffed = 4096

// sniff tells what the content is, with the name out of sight.
func sniff(r io.ReaderAt, size int64) (body, error) {
	head := make([]byte, sniffed)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = head[:n]
	switch b := sniffHead(head); b {
	case "zip":
		return sniffZip(r, size), nil
	case "ole":
		return sniffOLE(r, size)
	default:
		return b, nil
	}
}

func sniffHead(head []byte) body {
	if len(head) == 0 {
		return "empty"
	}
	for _, m := range magic {
		if len(head) >= m.at+len(m.bytes) && string(head[m.at:m.at+len(m.bytes)]) == m.bytes && !shortMagic(m.body, head) {
			return m.body
		}
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" {
		switch string(head[8:12]) {
		case "WEBP":
			return "webp"
		case "WAVE":
			return "wav"
		}
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch brand := string(head[8:12]); brand {
		case "heic", "heix", "hevc", "mif1", "msf1", "avif":
			return "heic"
		}
		return "mp4"
	}
	return sniffText(head)
}

// shortMagic reports whether two letters that begin a format ("BM", "MZ") only
// begin a text: the formats have NUL bytes close by.
func shortMagic(b body, head []byte) bool {
	return (b == "bmp" || b == "exe" || b == "mp3") && bytes.IndexByte(head[:min(len(head), 64)], 0) < 0
}

// sniffText tells markup, JSON, other text and binary apart.
func sniffText(head []byte) body {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	low := strings.ToLower(string(text))
	if strings.HasPrefix(low, "<?xml") || strings.HasPrefix(low, "<!--") {
		return sniffXML(low)
	}
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if strings.HasPrefix(low, tag) {
			return "html"
		}
	}
	switch {
	case strings.HasPrefix(low, "<svg"), strings.HasPrefix(low, "<!doctype svg"):
		return "svg"
	case strings.HasPrefix(low, "<kml"), strings.HasPrefix(low, "<gpx"), strings.HasPrefix(low, "<rdf:"):
		return "xml"
	case !looksText(head):
		return "binary"
	case strings.HasPrefix(low, "{"), strings.HasPrefix(low, "["):
		return "json"
	}
	return "text"
}

// sniffXML looks at the first element behind declarations and comments.
func sniffXML(low string) body {
	for {
		low = strings.TrimLeft(low, " \t\r\n")
		end := ">"
		switch {
		case strings.HasPrefix(low, "<!--"):
			end = "-->"
		case strings.HasPrefix(low, "<!doctype html"), strings.HasPrefix(low, "<html"):
			return "html"
		case strings.HasPrefix(low, "<svg"), strings.HasPrefix(low, "<!doctype svg"):
			return "svg"
		case !strings.HasPrefix(low, "<?") && !strings.HasPrefix(low, "<!"):
			return "xml"
		}
		_, rest, ok := strings.Cut(low, end)
		if !ok {
			return "xml"
		}
		low = rest
	}
}

// looksText reports whether at most one byte in fifty is a control character.
// NUL does not count, since UTF-16 and broken exports are full of it, nor do
// bytes above 127, which are letters in some encoding.
func looksText(head []byte) bool {
	odd := 0
	for _, c := range head {
		if c < 32 && c != 0 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b && c != 0x1a {
			odd++
		}
	}
	return odd*50 <= len(head)
}

// sniffZip tells office files and others apart by the names inside.
func sniffZip(r io.ReaderAt, size int64) body {
	if countEntries(r, size, maxEntries) > maxEntries {
		return "zip" // ReadArchive refuses it
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return "zip"
	}
	has := func(match func(string) bool) bool {
		return slices.ContainsFunc(z.File, func(f *zip.File) bool { return match(f.Name) })
	}
	under := func(dir string) bool { return has(func(n string) bool { return strings.HasPrefix(n, dir) }) }
	switch {
	case has(func(n string) bool { return strings.HasSuffix(n, "vbaProject.bin") }):
		return "macro"
	case has(func(n string) bool { return n == "[Content_Types].xml" }) && under("xl/"):
		return "xlsx"
	case under("word/"):
		return "docx"
	case under("ppt/"):
		return "pptx"
	case under("META-INF/MANIFEST.MF"), under("AndroidManifest.xml"):
		return "jar"
	}
	return sniffOpenDocument(z)
}

func sniffOpenDocument(z *zip.Reader) body {
	if len(z.File) == 0 || z.File[0].Name != "mimetype" {
		return "zip"
	}
	f, err := z.File[0].Open()
	if err != nil {
		return "zip"
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 100)) // a broken entry is just a ZIP
	for _, k := range []struct{ suffix, is string }{{".text", "odt"}, {".spreadsheet", "ods"}, {".presentation", "odp"}, {"epub+zip", "epub"}} {
		if strings.HasSuffix(string(text), k.suffix) {
			return body(k.is)
		}
	}
	return "zip"
}

// sniffOLE looks through a compound file for the names of its streams, which
// are UTF-16 and can stand anywhere.
func sniffOLE(r io.ReaderAt, size int64) (body, error) {
	wide := func(s string) []byte { return []byte(strings.Join(strings.Split(s, ""), "\x00")) }
	names := []struct {
		name []byte
		is   body
	}{{wide("EncryptedPackage"), "locked"}, {wide("WordDocument"), "doc"}, {wide("PowerPoint Document"), "ppt"}, {wide("Workbook"), "xls"}}
	const overlap = 64
	buf := make([]byte, 256<<10)
	for at := int64(0); at < min(size, 64<<20); at += int64(len(buf) - overlap) {
		n, err := r.ReadAt(buf, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		for _, x := range names {
			if bytes.Contains(buf[:n], x.name) {
				return x.is, nil
			}
		}
	}
	return "ole", nil
}
