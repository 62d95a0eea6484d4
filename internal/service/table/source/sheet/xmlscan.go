package sheet

import (
	"bytes"
	"io"
	"strconv"
	"unicode/utf8"

	"ceiba/internal/service/table/source"
)

// maxTag is the longest tag or text of an XML part that is read.
const maxTag = 4 << 20

// xmlScan reads the tags and texts of an Office XML part. It knows the five
// entities and numbers, and no document types: nothing in a part can make it
// grow. encoding/xml does the same ten times slower.
type xmlScan struct {
	src  io.Reader
	buf  []byte
	pos  int
	end  int
	err  error
	tag  []byte // name of the current tag without its prefix; "" for text
	attr []byte // what follows the name inside the tag
	shut bool   // </tag>
	self bool   // <tag/>
	text []byte // of the current text, decoded
	work []byte
}

func newXMLScan(r io.Reader) *xmlScan { return &xmlScan{src: r, buf: make([]byte, 64<<10)} }

func (x *xmlScan) fill() error {
	if x.err != nil {
		return x.err
	}
	if x.pos > 0 {
		copy(x.buf, x.buf[x.pos:x.end])
		x.end -= x.pos
		x.pos = 0
	}
	if x.end == len(x.buf) {
		if len(x.buf) >= maxTag {
			return source.Refuse("damaged")
		}
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	var n int
	n, x.err = x.src.Read(x.buf[x.end:])
	x.end += n
	if n > 0 {
		return nil
	}
	return x.err
}

// until returns the bytes up to sep, and takes them and sep.
func (x *xmlScan) until(sep string) ([]byte, error) {
	from := 0
	for {
		if k := bytes.Index(x.buf[x.pos+from:x.end], []byte(sep)); k >= 0 {
			b := x.buf[x.pos : x.pos+from+k]
			x.pos += from + k + len(sep)
			return b, nil
		}
		from = max(0, x.end-x.pos-len(sep))
		if err := x.fill(); err != nil {
			return nil, err
		}
	}
}

// next goes on to the next tag or text; io.EOF at the end.
func (x *xmlScan) next() error {
	x.tag, x.text = nil, nil
	for x.pos == x.end {
		if err := x.fill(); err != nil {
			return err
		}
	}
	if x.buf[x.pos] != '<' {
		b, err := x.chars()
		x.text = x.decode(b)
		return err
	}
	x.pos++
	for x.end-x.pos < 9 {
		if err := x.fill(); err != nil {
			break
		}
	}
	switch rest := x.buf[x.pos:x.end]; {
	case bytes.HasPrefix(rest, []byte("!--")):
		return x.skip("-->")
	case bytes.HasPrefix(rest, []byte("![CDATA[")):
		x.pos += 8
		b, err := x.until("]]>")
		x.text = b
		return err
	case bytes.HasPrefix(rest, []byte("?")):
		return x.skip("?>")
	}
	b, err := x.until(">")
	if err != nil {
		return err
	}
	x.named(b)
	return nil
}

func (x *xmlScan) skip(sep string) error {
	if _, err := x.until(sep); err != nil {
		return err
	}
	return x.next()
}

// chars takes the text up to the next tag or the end.
func (x *xmlScan) chars() ([]byte, error) {
	from := 0
	for {
		if k := bytes.IndexByte(x.buf[x.pos+from:x.end], '<'); k >= 0 {
			b := x.buf[x.pos : x.pos+from+k]
			x.pos += from + k
			return b, nil
		}
		from = x.end - x.pos
		err := x.fill()
		if err == io.EOF {
			b := x.buf[x.pos:x.end]
			x.pos = x.end
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (x *xmlScan) named(b []byte) {
	x.shut = len(b) > 0 && b[0] == '/'
	if x.shut {
		b = b[1:]
	}
	x.self = len(b) > 0 && b[len(b)-1] == '/'
	if x.self {
		b = b[:len(b)-1]
	}
	n := bytes.IndexAny(b, " \t\r\n")
	if n < 0 {
		n = len(b)
	}
	x.tag, x.attr = b[:n], b[n:]
	if k := bytes.LastIndexByte(x.tag, ':'); k >= 0 {
		x.tag = x.tag[k+1:]
	}
	if len(x.tag) == 0 {
		x.tag = []byte("?")
	}
}

// is reports an opening tag of that name.
func (x *xmlScan) is(name string) bool { return !x.shut && string(x.tag) == name }

// closes reports a closing tag of that name, or one that closes itself.
func (x *xmlScan) closes(name string) bool {
	return (x.shut || x.self) && string(x.tag) == name
}

// get returns the value of an attribute of the current tag, by its name with
// or without a prefix.
func (x *xmlScan) get(name string) []byte {
	for b := x.attr; ; {
		eq := bytes.IndexByte(b, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimSpace(b[:eq])
		b = bytes.TrimLeft(b[eq+1:], " \t\r\n")
		if len(b) == 0 {
			return nil
		}
		end := bytes.IndexByte(b[1:], b[0])
		if end < 0 {
			return nil
		}
		if k := bytes.LastIndexByte(key, ':'); string(key) == name || k >= 0 && string(key[k+1:]) == name {
			return x.decode(b[1 : 1+end])
		}
		b = b[end+2:]
	}
}

func (x *xmlScan) number(name string, otherwise int) int {
	n, err := strconv.Atoi(string(x.get(name)))
	if err != nil {
		return otherwise
	}
	return n
}

func (x *xmlScan) truth(name string) bool {
	v := string(x.get(name))
	return v == "1" || v == "true"
}

// decode resolves entities; the result lives until the next call.
func (x *xmlScan) decode(b []byte) []byte {
	if bytes.IndexByte(b, '\r') >= 0 { // XML 1.0, 2.11: a line end is one line feed
		b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	if bytes.IndexByte(b, '&') < 0 {
		return b
	}
	out := x.work[:0]
	for len(b) > 0 {
		k := bytes.IndexByte(b, '&')
		if k < 0 {
			break
		}
		out = append(out, b[:k]...)
		b = b[k:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r := rune(-1)
		if end > 0 {
			r = entity(string(b[1:end]))
		}
		if r < 0 {
			out, b = append(out, '&'), b[1:]
			continue
		}
		out, b = utf8.AppendRune(out, r), b[end+1:]
	}
	x.work = append(out, b...)
	return x.work
}

func entity(s string) rune {
	switch s {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if len(s) < 2 || s[0] != '#' {
		return -1
	}
	base, digits := 10, s[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil {
		return -1
	}
	return rune(n)
}
