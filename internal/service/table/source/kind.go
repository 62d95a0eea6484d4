package source

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"ceiba/internal/ground/fault"

	"github.com/klauspost/compress/gzip"
)

// file is the publisher's file on disk.
type file struct {
	ctx  context.Context
	path string
	size int64
	gzip bool
}

// kind is what a file is by its content.
type kind struct {
	format string
	gzip   bool
}

// stream reads a file from its start, inflated where it is compressed.
type stream struct {
	io.Reader
	disk *os.File
	read atomic.Int64 // bytes taken from disk
	left int64        // inflated bytes still allowed
	z    *gzip.Reader
}

// open starts to read f. More than most inflated bytes are refused.
func (f file) open(most int64) (*stream, error) {
	disk, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	s := &stream{disk: disk, left: most}
	s.Reader = counted{s}
	if !f.gzip {
		return s, nil
	}
	if s.z, err = gzip.NewReader(counted{s}); err != nil {
		disk.Close()
		return nil, refuse("damaged").Wrap(err)
	}
	s.Reader = inflated{s}
	return s, nil
}

func (s *stream) close() error {
	err := s.disk.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

type counted struct{ s *stream }

func (c counted) Read(b []byte) (int, error) {
	n, err := c.s.disk.Read(b)
	c.s.read.Add(int64(n))
	return n, err
}

type inflated struct{ s *stream }

func (i inflated) Read(b []byte) (int, error) {
	n, err := i.s.z.Read(b)
	i.s.left -= int64(n)
	switch {
	case i.s.left < 0:
		return 0, fault.New(fault.TooLarge, "table.read.bomb")
	case err != nil && err != io.EOF:
		return n, refuse("damaged").Wrap(err)
	}
	return n, err
}

// kind tells what the file is, or refuses it with the way to save it again.
func (f file) kind(o Options) (kind, error) {
	head, err := f.head()
	if err != nil {
		return kind{}, err
	}
	var k kind
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		f.gzip, k.gzip = true, true
		if head, err = f.head(); err != nil {
			return kind{}, err
		}
		if len(head) == 0 {
			return kind{}, refuse("empty")
		}
	}
	if o.Format != "" && !slices.Contains([]string{CSV, XLSX, GeoJSON, JSON, NDJSON}, o.Format) {
		return kind{}, refuse("format", "format", o.Format)
	}
	k.format, err = f.format(head, k.gzip)
	if err == nil && o.Format != "" && k.format != XLSX && o.Format != XLSX {
		k.format = o.Format
	}
	return k, err
}

// head returns the first bytes, inflated where the file is compressed.
func (f file) head() ([]byte, error) {
	s, err := f.open(1 << 20)
	if err != nil {
		return nil, err
	}
	defer s.close()
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

func (f file) format(head []byte, gz bool) (string, error) {
	for _, m := range magics {
		if m.code != "" && bytes.HasPrefix(head, []byte(m.bytes)) {
			return "", refuse(m.code)
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		if gz {
			return "", refuse("archive")
		}
		return f.zipFormat()
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return "", f.compound()
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(text) == 0 && int64(len(head)) == f.size:
		return "", refuse("empty")
	case markup(text):
		return "", refuse("markup")
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		return jsonKind(text), nil
	case binary(head):
		return "", refuse("binary")
	}
	return CSV, nil
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
	return n > 8 && n > len(head)/100 && !wide(head)
}

// zipFormat tells an XLSX from other ZIP files.
func (f file) zipFormat() (string, error) {
	z, err := zip.OpenReader(f.path)
	if err != nil {
		return "", refuse("damaged").Wrap(err)
	}
	defer z.Close()
	code := "zip"
	for _, e := range z.File {
		name := strings.ToLower(e.Name)
		switch {
		case name == "xl/workbook.xml":
			return XLSX, nil
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
	return "", refuse(code)
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
func (f file) compound() error {
	s, err := f.open(f.size)
	if err != nil {
		return err
	}
	defer s.close()
	b, err := io.ReadAll(io.LimitReader(s, 64<<20))
	if err != nil {
		return err
	}
	switch {
	case bytes.Contains(b, utf16Text("EncryptedPackage")):
		return refuse("password")
	case bytes.Contains(b, utf16Text("Workbook")), bytes.Contains(b, utf16Text("Book")):
		return refuse("xls")
	}
	return refuse("document")
}

func utf16Text(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, s[i], 0)
	}
	return b
}
