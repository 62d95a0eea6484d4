package blob

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Taken is what a camera wrote into a picture. It is read before the picture is
// cleaned, for callers who keep it privately with the person's consent; it is
// never part of what is published.
type Taken struct {
	Lat, Lon float64 // degrees; meaningful only where Place is true
	Place    bool
	When     string // civil time by the camera's clock, YYYY-MM-DDTHH:MM:SS; "" if unknown
	turn     int    // Exif orientation, 1 to 8; 1 is upright
}

// readTaken finds the Exif block of a JPEG, PNG or WebP file. What it cannot
// read is as good as absent: cameras write many things.
func readTaken(file []byte, b body) Taken {
	t := Taken{turn: 1}
	var block []byte
	switch b {
	case "jpeg":
		block = exifOfJPEG(file)
	case "png":
		block = exifOfChunks(file, 8, binary.BigEndian, "eXIf", 4)
	case "webp":
		block = exifOfChunks(file, 12, binary.LittleEndian, "EXIF", 0)
	}
	x, ok := openTIFF(bytes.TrimPrefix(block, []byte("Exif\x00\x00")))
	if !ok {
		return t
	}
	root := x.fields(x.u32(4))
	if f, ok := root[0x0112]; ok {
		if o := int(x.u16(f.at)); o >= 1 && o <= 8 {
			t.turn = o
		}
	}
	if f, ok := root[0x8769]; ok {
		t.When = x.time(x.fields(x.u32(f.at))[0x9003])
	}
	if f, ok := root[0x8825]; ok {
		t.Lat, t.Lon, t.Place = x.place(x.fields(x.u32(f.at)))
	}
	return t
}

// exifOfJPEG walks the segments before the first scan.
func exifOfJPEG(file []byte) []byte {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, n := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0xda || n < 2 || at+2+n > len(file) {
			return nil
		}
		body := file[at+4 : at+2+n]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return body
		}
		at += 2 + n
	}
	return nil
}

// exifOfChunks walks a file of chunks: PNG puts the length before the name and
// a checksum (tail) behind, RIFF the name first and pads to even lengths.
func exifOfChunks(file []byte, at int, order binary.ByteOrder, name string, tail int) []byte {
	for at+8 <= len(file) {
		tag, size := file[at:at+4], file[at+4:at+8]
		if tail > 0 {
			tag, size = size, tag
		}
		n := int(order.Uint32(size))
		if n < 0 || at+8+n > len(file) {
			return nil
		}
		if string(tag) == name {
			return file[at+8 : at+8+n]
		}
		at += 8 + n + tail
		if tail == 0 {
			at += n & 1
		}
	}
	return nil
}

// tiff reads the directory structure that Exif shares with TIFF. Reads outside
// the block give zero.
type tiff struct {
	b     []byte
	order binary.ByteOrder
}

type tiffField struct {
	kind  uint16
	count uint32
	at    uint32 // of the value, in the block
}

func openTIFF(b []byte) (tiff, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		return tiff{b, binary.LittleEndian}, true
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		return tiff{b, binary.BigEndian}, true
	}
	return tiff{}, false
}

func (x tiff) slice(at, n uint32) []byte {
	if uint64(at)+uint64(n) > uint64(len(x.b)) {
		return make([]byte, min(n, 64))
	}
	return x.b[at : at+n]
}

func (x tiff) u16(at uint32) uint16 { return x.order.Uint16(x.slice(at, 2)) }
func (x tiff) u32(at uint32) uint32 { return x.order.Uint32(x.slice(at, 4)) }

// fields reads one directory.
func (x tiff) fields(at uint32) map[uint16]tiffField {
	out := map[uint16]tiffField{}
	if at == 0 {
		return out
	}
	for i := range min(uint32(x.u16(at)), 512) {
		e := at + 2 + 12*i
		f := tiffField{kind: x.u16(e + 2), count: x.u32(e + 4), at: e + 8}
		if size := uint64(f.count) * uint64(tiffSize(f.kind)); size > 4 {
			f.at = x.u32(e + 8)
		}
		out[x.u16(e)] = f
	}
	return out
}

func tiffSize(kind uint16) int {
	return map[uint16]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}[kind]
}

// time turns "2026:11:23 08:15:00" into a civil time.
func (x tiff) time(f tiffField) string {
	if f.kind != 2 || f.count < 19 {
		return ""
	}
	s := string(x.slice(f.at, 19))
	var y, mo, d, h, mi, sec int
	if n, err := fmt.Sscanf(s, "%4d:%2d:%2d %2d:%2d:%2d", &y, &mo, &d, &h, &mi, &sec); err != nil || n != 6 || y < 1990 || mo < 1 || mo > 12 {
		return ""
	}
	return strings.Replace(s[:10], ":", "-", 2) + "T" + s[11:]
}

// place reads latitude and longitude as degrees.
func (x tiff) place(gps map[uint16]tiffField) (lat, lon float64, ok bool) {
	lat, ok1 := x.degrees(gps[2], gps[1], 'S')
	lon, ok2 := x.degrees(gps[4], gps[3], 'W')
	ok = ok1 && ok2 && math.Abs(lat) <= 90 && math.Abs(lon) <= 180 && (lat != 0 || lon != 0)
	if !ok {
		return 0, 0, false
	}
	return lat, lon, true
}

func (x tiff) degrees(f, ref tiffField, negative byte) (float64, bool) {
	if f.kind != 5 || f.count != 3 || ref.kind != 2 {
		return 0, false
	}
	var sum float64
	for i, scale := range []float64{1, 60, 3600} {
		num, den := x.u32(f.at+uint32(8*i)), x.u32(f.at+uint32(8*i)+4)
		if den == 0 {
			return 0, false
		}
		sum += float64(num) / float64(den) / scale
	}
	if x.slice(ref.at, 1)[0] == negative {
		sum = -sum
	}
	return sum, true
}
