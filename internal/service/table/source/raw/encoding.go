package raw

import (
	"bytes"
	"io"
	"unicode/utf8"

	"github.com/saintfish/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"ceiba/internal/service/table/source"
)

// Decoder is how the bytes of a file become UTF-8.
type Decoder struct {
	Name  string
	enc   encoding.Encoding // nil: UTF-8 already
	bom   int               // bytes to skip
	Guess bool              // by likelihood, not by proof
	Bad   bool              // UTF-8 with some bytes that are not
	Nul   bool              // zero bytes that are no half of a character
}

// survey is what all bytes of a file say about its encoding.
type survey struct {
	head     []byte // the first bytes
	high     []byte // some lines with bytes over 0x7f
	multi    int64  // valid multi-byte sequences
	broken   int64  // bytes of invalid sequences
	c1       int64  // bytes 0x80 to 0x9f outside valid sequences
	unused   int64  // of these, the five that windows-1252 leaves out
	nul      int64
	size     int64
	carry    []byte
	cutAtEnd bool // the last sequence is cut off
}

// Decoder decides the encoding by reading the file once, or takes the one the
// publisher named.
func (f File) Decoder(o source.Options) (Decoder, error) {
	v, err := f.survey(o.MaxInflated)
	if err != nil {
		return Decoder{}, err
	}
	d := v.decide()
	if o.Encoding == "" {
		return d, nil
	}
	enc, name := charset.Lookup(o.Encoding)
	if enc == nil {
		return d, source.Refuse("encoding", "encoding", o.Encoding)
	}
	if name == d.Name {
		d.Guess = false
		return d, nil
	}
	named := Decoder{Name: name, enc: enc, Nul: d.Nul}
	if name == "utf-8" {
		named.enc, named.Bad = nil, v.broken > 0
	}
	return named, nil
}

func (f File) survey(most int64) (*survey, error) {
	s, err := f.Open(most)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	v := &survey{}
	buf := make([]byte, 512<<10)
	for {
		if err := f.Ctx.Err(); err != nil {
			return nil, err
		}
		k := copy(buf, v.carry)
		n, err := s.Read(buf[k:])
		v.size += int64(n)
		v.add(buf[:k+n], err != nil)
		if err == io.EOF {
			return v, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// add counts one piece; a sequence that is cut off at its end is carried over.
func (v *survey) add(b []byte, last bool) {
	if len(v.head) < 64<<10 {
		v.head = append(v.head, b[len(v.carry):]...)
	}
	v.nul += int64(bytes.Count(b[len(v.carry):], []byte{0}))
	v.carry = v.carry[:0]
	seen := 0 // end of the last line kept in high
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i += ascii(b[i:])
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			if !utf8.FullRune(b[i:]) {
				if !last {
					v.carry = append(v.carry, b[i:]...)
					return
				}
				v.cutAtEnd = true
			}
			v.broken++
			v.control(b[i])
		} else {
			v.multi++
		}
		if i >= seen && len(v.high) < 128<<10 {
			v.high = append(v.high, line(b, i)...)
			seen = i + lineEnd(b[i:])
		}
		i += n
	}
}

func (v *survey) control(c byte) {
	if c < 0x80 || c > 0x9f {
		return
	}
	v.c1++
	switch c {
	case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
		v.unused++
	}
}

// ascii returns how many bytes at the start of b are ASCII.
func ascii(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if (b[i]|b[i+1]|b[i+2]|b[i+3]|b[i+4]|b[i+5]|b[i+6]|b[i+7])&0x80 != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// line returns the text around b[i] up to its line ends.
func line(b []byte, i int) []byte {
	from := max(bytes.LastIndexByte(b[:i], '\n')+1, i-512)
	return b[from : i+lineEnd(b[i:])]
}

func lineEnd(b []byte) int {
	b = b[:min(len(b), 1024)]
	if k := bytes.IndexByte(b, '\n'); k >= 0 {
		return k + 1
	}
	return len(b)
}

var (
	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// decide names the encoding: by its mark, by zero bytes, by being valid UTF-8,
// then by likelihood.
func (v *survey) decide() Decoder {
	h := v.head
	switch {
	case bytes.HasPrefix(h, []byte("\xef\xbb\xbf")):
		return Decoder{Name: "utf-8", bom: 3, Bad: v.broken > 0, Nul: v.nul > 0}
	case bytes.HasPrefix(h, []byte("\xff\xfe\x00\x00")):
		return Decoder{Name: "utf-32le", enc: utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), bom: 4}
	case bytes.HasPrefix(h, []byte("\xff\xfe")):
		return Decoder{Name: "utf-16le", enc: utf16le, bom: 2}
	case bytes.HasPrefix(h, []byte("\xfe\xff")):
		return Decoder{Name: "utf-16be", enc: utf16be, bom: 2}
	case Wide(h) && zeros(h, 1) > zeros(h, 0):
		return Decoder{Name: "utf-16le", enc: utf16le, Guess: true}
	case Wide(h):
		return Decoder{Name: "utf-16be", enc: utf16be, Guess: true}
	}
	d := Decoder{Name: "utf-8", Nul: v.nul > 0}
	if v.broken == 0 {
		return d
	}
	if v.multi > 10*v.broken || (v.multi > 0 && v.cutAtEnd && v.broken <= 3) {
		d.Bad = true
		return d
	}
	one := v.likely()
	one.Nul, one.Guess = d.Nul, true
	return one
}

// zeros counts the zero bytes at even or odd places.
func zeros(b []byte, odd int) int {
	n := 0
	for i := odd; i < len(b); i += 2 {
		if b[i] == 0 {
			n++
		}
	}
	return n
}

// Wide reports that b is UTF-16 without a mark: of mostly Latin text, every
// other byte is zero and the rest are not.
func Wide(b []byte) bool {
	b = b[:min(len(b), 8<<10)]
	even, odd := zeros(b, 0), zeros(b, 1)
	most, least := max(even, odd), min(even, odd)
	return len(b) >= 4 && most*10 > len(b)*3 && least*20 <= most
}

// likely chooses among the one-byte and East Asian encodings. Western text is
// windows-1252 unless it uses a byte that windows-1252 leaves out.
func (v *survey) likely() Decoder {
	western := Decoder{Name: "windows-1252", enc: charmap.Windows1252}
	if v.unused > 0 {
		western = Decoder{Name: "iso-8859-1", enc: charmap.ISO8859_1}
	}
	best, err := chardet.NewTextDetector().DetectBest(v.high)
	if err != nil || best.Confidence < 30 || (best.Language == "" && best.Confidence < 60) {
		return western
	}
	switch best.Charset {
	case "ISO-8859-1", "windows-1252", "UTF-8", "UTF-16LE", "UTF-16BE", "ISO-8859-2", "windows-1250", "ISO-8859-9", "windows-1254":
		if best.Charset != "ISO-8859-2" && best.Charset != "windows-1250" || best.Confidence < 60 {
			return western
		}
	}
	enc, name := charset.Lookup(best.Charset)
	if enc == nil || enc == encoding.Nop || enc == encoding.Replacement || !reads(enc, v.high) {
		return western
	}
	return Decoder{Name: name, enc: enc}
}

// reads reports that b decodes without more than a few wrong characters.
func reads(enc encoding.Encoding, b []byte) bool {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return false
	}
	wrong := bytes.Count(out, []byte("\uFFFD"))
	return wrong*100 <= utf8.RuneCount(out)
}

// Reader gives the text of s as UTF-8. Zero bytes are left in for the cells to
// report; bytes that are no UTF-8 likewise.
func (d Decoder) Reader(s *Stream) (io.Reader, error) {
	if d.bom > 0 {
		if _, err := io.CopyN(io.Discard, s, int64(d.bom)); err != nil && err != io.EOF {
			return nil, err
		}
	}
	if d.enc == nil {
		return s, nil
	}
	return transform.NewReader(s, d.enc.NewDecoder()), nil
}

// Mend makes valid UTF-8 of b: bytes that are not are read as windows-1252,
// zero bytes become U+FFFD.
func Mend(b []byte) []byte {
	out := make([]byte, 0, len(b)+16)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			r = charmap.Windows1252.DecodeByte(b[i])
		case r == 0:
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out
}
