package open

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"

	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/json"
	"ceiba/internal/service/table/source/raw"
)

// kind is what a file is by its content.
type kind struct {
	format string
	gzip   bool
}

// kindOf tells what the file is, or refuses it with the way to save it again.
func kindOf(f raw.File, o source.Options) (kind, error) {
	head, err := headOf(f)
	if err != nil {
		return kind{}, err
	}
	var k kind
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		f.Gzip, k.gzip = true, true
		if head, err = headOf(f); err != nil {
			return kind{}, err
		}
		if len(head) == 0 {
			return kind{}, source.Refuse("empty")
		}
	}
	if o.Format != "" && !slices.Contains([]string{source.CSV, source.XLSX, source.GeoJSON, source.JSON, source.NDJSON}, o.Format) {
		return kind{}, source.Refuse("format", "format", o.Format)
	}
	k.format, err = formatOf(f, head, k.gzip)
	if err == nil && o.Format != "" && k.format != source.XLSX && o.Format != source.XLSX {
		k.format = o.Format
	}
	return k, err
}

// headOf returns the first bytes, inflated where the file is compressed.
func headOf(f raw.File) ([]byte, error) {
	s, err := f.Open(1 << 20)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	b := make([]byte, 64<<10)
	n, err := io.ReadFull(s, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return b[:n], err
}

// magics are the first bytes of files that hold no table we read, and the
// refusal that names each.
var magics = []struct{ bytes, code string }{
	{"%PDF-", "pdf"},
	{"\x89PNG", "image"},
	{"\xff\xd8\xff", "image"},
	{"GIF8", "image"},
	{"II*\x00", "image"},
	{"MM\x00*", "image"},
	{"BM", ""},
	{"Rar!", "archive"},
	{"7z\xbc\xaf", "archive"},
	{"BZh", "archive"},
	{"\xfd7zXZ", "archive"},
	{"\x28\xb5\x2f\xfd", "archive"},
	{"PAR1", "parquet"},
	{"SQLite format 3\x00", "database"},
	{"\x00\x00\x27\x0a", "shapefile"},
	{"{\\rtf", "document"},
}

func formatOf(f raw.File, head []byte, gz bool) (string, error) {
	for _, m := range magics {
		if m.code != "" && bytes.HasPrefix(head, []byte(m.bytes)) {
			return "", source.Refuse(m.code)
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		if gz {
			return "", source.Refuse("archive")
		}
		return zipFormat(f)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return "", compound(f)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(text) == 0 && int64(len(head)) == f.Size:
		return "", source.Refuse("empty")
	case markup(text):
		return "", source.Refuse("markup")
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		return json.Kind(text), nil
	case binary(head):
		return "", source.Refuse("binary")
	}
	return source.CSV, nil
}

// markup reports that text is HTML or another XML.
func markup(text []byte) bool {
	low := bytes.ToLower(text[:min(len(text), 512)])
	for _, tag := range []string{"<!doctype", "<html", "<?xml", "<table", "<head", "<body", "<div", "<svg", "<kml", "<!--", "<rdf"} {
		if bytes.HasPrefix(low, []byte(tag)) {
			return true
		}
	}
	return false
}

// binary reports control characters that no text has. NUL is left to the
// encodings: it may be half of a character.
func binary(head []byte) bool {
	n := 0
	for _, c := range head {
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0 && c != 0x1a && c != 0x1b) || c == 0x7f {
			n++
		}
	}
	return n > 8 && n > len(head)/100 && !raw.Wide(head)
}

// zipFormat tells an XLSX from other ZIP files.
func zipFormat(f raw.File) (string, error) {
	z, err := zip.OpenReader(f.Path)
	if err != nil {
		return "", source.Refuse("damaged").Wrap(err)
	}
	defer z.Close()
	code := "zip"
	for _, e := range z.File {
		name := strings.ToLower(e.Name)
		switch {
		case name == "xl/workbook.xml":
			return source.XLSX, nil
		case name == "xl/workbook.bin":
			code = "xlsb"
		case name == "mimetype" && e.UncompressedSize64 < 200:
			if t, err := readAll(e, 200); err == nil && bytes.Contains(t, []byte("opendocument")) {
				code = "ods"
			}
		case strings.HasSuffix(name, ".shp"):
			code = "shapefile"
		case name == "word/document.xml" || name == "ppt/presentation.xml":
			code = "document"
		case strings.HasSuffix(name, ".kml"):
			code = "markup"
		}
		if e.Flags&1 != 0 && code == "zip" {
			code = "password"
		}
	}
	return "", source.Refuse(code)
}

func readAll(e *zip.File, most int64) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most))
}

// compound refuses an OLE2 file: a workbook with a password, an .xls, or a
// document. The names of its streams are UTF-16.
func compound(f raw.File) error {
	s, err := f.Open(f.Size)
	if err != nil {
		return err
	}
	defer s.Close()
	b, err := io.ReadAll(io.LimitReader(s, 64<<20))
	if err != nil {
		return err
	}
	switch {
	case bytes.Contains(b, utf16Text("EncryptedPackage")):
		return source.Refuse("password")
	case bytes.Contains(b, utf16Text("Workbook")), bytes.Contains(b, utf16Text("Book")):
		return source.Refuse("xls")
	}
	return source.Refuse("document")
}

func utf16Text(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}
