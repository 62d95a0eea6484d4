package blob

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/bits"
	"strings"
	"sync"
	"testing"

	"ceiba/internal/ground/fault"
)

// scene is red in the upper left quarter, blue elsewhere.
func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{20, 40, 200, 255}
			if x < w/2 && y < h/2 {
				c = color.NRGBA{220, 30, 30, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exifBlock is what a phone writes: orientation, maker, a serial number, the
// time and the place 17°15'N 88°46'12"W (Belmopan).
func exifBlock(order binary.AppendByteOrder, turn int) []byte {
	var b []byte
	u16 := func(v int) { b = order.AppendUint16(b, uint16(v)) }
	u32 := func(v int) { b = order.AppendUint32(b, uint32(v)) }
	entry := func(tag, kind, count, value int) {
		u16(tag)
		u16(kind)
		u32(count)
		if kind == 3 {
			u16(value)
			u16(0)
			return
		}
		u32(value)
	}
	letter := func(tag int, c byte) {
		u16(tag)
		u16(2)
		u32(2)
		b = append(b, c, 0, 0, 0)
	}
	const exifAt, gpsAt, dataAt = 8 + 2 + 4*12 + 4, 8 + 2 + 4*12 + 4 + 2 + 12 + 4, 8 + 2 + 4*12 + 4 + 2 + 12 + 4 + 2 + 4*12 + 4
	const serialAt, timeAt, latAt, lonAt = dataAt, dataAt + 12, dataAt + 32, dataAt + 56
	b = append(b, map[binary.AppendByteOrder]string{binary.LittleEndian: "II", binary.BigEndian: "MM"}[order]...)
	u16(42)
	u32(8)
	u16(4)
	entry(0x0112, 3, 1, turn)
	entry(0x8769, 4, 1, exifAt)
	entry(0x8825, 4, 1, gpsAt)
	entry(0xa431, 2, 10, serialAt)
	u32(0)
	u16(1)
	entry(0x9003, 2, 20, timeAt)
	u32(0)
	u16(4)
	letter(1, 'N')
	entry(2, 5, 3, latAt)
	letter(3, 'W')
	entry(4, 5, 3, lonAt)
	u32(0)
	b = append(b, "SECRET123\x00\x00\x00"...)
	b = append(b, "2026:11:23 08:15:00\x00"...)
	for _, v := range []int{17, 1, 15, 1, 0, 1, 88, 1, 46, 1, 1200, 100} {
		u32(v)
	}
	return b
}

func withExif(jpg []byte, order binary.AppendByteOrder, turn int) []byte {
	body := append([]byte("Exif\x00\x00"), exifBlock(order, turn)...)
	seg := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	out := append([]byte{}, jpg[:2]...)
	out = append(append(out, seg...), body...)
	return append(out, jpg[2:]...)
}

func TestPhotoLosesWhatTheCameraKnew(t *testing.T) {
	s := folderStore(t)
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		file := withExif(jpegOf(t, scene(600, 400)), order, 6)
		p, err := s.Image(context.Background(), bytes.NewReader(file), PictureOptions{Thumbs: []int{100, 30}})
		if err != nil {
			t.Fatal(err)
		}
		if p.Width != 400 || p.Height != 600 || p.Type != "image/jpeg" {
			t.Fatalf("%d x %d %s", p.Width, p.Height, p.Type)
		}
		for _, x := range append(p.Thumbs, p) {
			for _, secret := range []string{"Exif", "SECRET123", "2026:11", "II*\x00", "MM\x00*"} {
				if bytes.Contains(x.Data, []byte(secret)) {
					t.Errorf("%q is in the picture of %d", secret, x.Width)
				}
			}
		}
		if got := p.Taken; !got.Place || math.Abs(got.Lat-17.25) > 1e-9 || math.Abs(got.Lon+88.77) > 1e-9 || got.When != "2026-11-23T08:15:00" {
			t.Errorf("%+v", got)
		}
		if a, b := p.Thumbs[0], p.Thumbs[1]; a.Width != 67 || a.Height != 100 || b.Width != 20 || b.Height != 30 {
			t.Errorf("%d x %d, %d x %d", a.Width, a.Height, b.Width, b.Height)
		}
	}
}

// The red corner must come to where the eye saw it, for each of the eight ways
// to hold a camera: stored upper left means upper left only when upright.
func TestUpright(t *testing.T) {
	for turn, corner := range map[int]string{1: "left top", 2: "right top", 3: "right bottom", 4: "left bottom", 5: "left top", 6: "right top", 7: "right bottom", 8: "left bottom"} {
		m := upright(scene(80, 40), turn)
		w, h := m.Rect.Dx(), m.Rect.Dy()
		if want := map[bool]int{true: 40, false: 80}[turn >= 5]; w != want {
			t.Errorf("turn %d: width %d", turn, w)
		}
		for name, at := range map[string]image.Point{"left top": {2, 2}, "right top": {w - 3, 2}, "left bottom": {2, h - 3}, "right bottom": {w - 3, h - 3}} {
			if red := m.NRGBAAt(at.X, at.Y).R > 128; red != (name == corner) {
				t.Errorf("turn %d: %s is red: %v", turn, name, red)
			}
		}
	}
}

// pngHead is a PNG that says it is w by h and holds nothing: decoding it would
// allocate first.
func pngHead(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 6, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

func TestPictureBombsAreRefusedUndecoded(t *testing.T) {
	s := folderStore(t)
	for _, size := range [][2]uint32{{10_000, 10_000}, {1 << 20, 1 << 20}, {24_000_001, 1}, {1, 0x7fffffff}} {
		allocs := testing.AllocsPerRun(1, func() {
			_, err := clean(pngHead(size[0], size[1]), "png", PictureOptions{}.orDefault())
			wantKind(t, err, fault.Invalid, "blob.pixels")
		})
		if allocs > 100 {
			t.Errorf("%v: %v allocations", size, allocs)
		}
	}
	_, err := s.Image(context.Background(), bytes.NewReader(noise(5000)), PictureOptions{MaxBytes: 4000})
	wantKind(t, err, fault.TooLarge, "blob.too_large")
	_, err = s.Image(context.Background(), strings.NewReader("<svg/>"), PictureOptions{})
	wantKind(t, err, fault.Invalid, "blob.svg")
	_, err = s.Image(context.Background(), bytes.NewReader(jpegOf(t, scene(90, 90))[:300]), PictureOptions{})
	wantKind(t, err, fault.Invalid, "blob.image_broken")
	_, err = s.Image(context.Background(), bytes.NewReader(pngHead(0, 9)), PictureOptions{})
	wantKind(t, err, fault.Invalid, "blob.image_broken")
}

func TestFormatsAndSizes(t *testing.T) {
	var flat, seeThrough, anim bytes.Buffer
	png.Encode(&flat, scene(3000, 1000))
	glass := scene(64, 64)
	glass.SetNRGBA(40, 40, color.NRGBA{0, 255, 0, 0})
	png.Encode(&seeThrough, glass)
	pal := image.NewPaletted(image.Rect(0, 0, 50, 20), color.Palette{color.Black, color.White})
	gif.EncodeAll(&anim, &gif.GIF{Image: []*image.Paletted{pal, pal}, Delay: []int{1, 1}})
	gray := image.NewGray16(image.Rect(0, 0, 10, 10))
	for name, c := range map[string]struct {
		file []byte
		typ  string
		w, h int
	}{
		"wide flat PNG":   {flat.Bytes(), "image/png", 2048, 683},
		"see-through PNG": {seeThrough.Bytes(), "image/png", 64, 64},
		"GIF":             {anim.Bytes(), "image/png", 50, 20},
		"gray JPEG":       {jpegOf(t, gray), "image/jpeg", 10, 10},
		"one pixel":       {jpegOf(t, scene(1, 1)), "image/jpeg", 1, 1},
		"line":            {jpegOf(t, scene(5000, 1)), "image/jpeg", 2048, 1},
	} {
		s := folderStore(t)
		p, err := s.PutImage(context.Background(), bytes.NewReader(c.file), PictureOptions{Thumbs: []int{10}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Type != c.typ || p.Width != c.w || p.Height != c.h || len(p.Thumbs) != 1 {
			t.Errorf("%s: %+v", name, p)
		}
		r, err := s.Open(context.Background(), p.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(r)
		r.Close()
		if cfg, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || cfg.Width != c.w {
			t.Errorf("%s: %v %v", name, cfg, err)
		}
	}
}

func TestColoursSurvive(t *testing.T) {
	m := shrink(scene(1000, 700), 101)
	near := func(c color.NRGBA, r, g, b int) bool {
		return max(math.Abs(float64(int(c.R)-r)), math.Abs(float64(int(c.G)-g)), math.Abs(float64(int(c.B)-b))) <= 2
	}
	if c := m.NRGBAAt(10, 10); !near(c, 220, 30, 30) {
		t.Errorf("%v", c)
	}
	if c := m.NRGBAAt(90, 60); !near(c, 20, 40, 200) {
		t.Errorf("%v", c)
	}
}

func TestLikeness(t *testing.T) {
	ramp := func(w, h int, f func(x, y float64) float64) *image.NRGBA {
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				v := uint8(f(float64(x)/float64(w), float64(y)/float64(h)) * 255)
				m.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
			}
		}
		return m
	}
	wave := func(x, y float64) float64 { return 0.5 + 0.5*math.Sin(9*x+3*y) }
	other := func(x, y float64) float64 { return 0.5 + 0.5*math.Cos(5*x-11*y) }
	a, b, c := likeness(ramp(800, 600, wave)), likeness(ramp(333, 250, wave)), likeness(ramp(800, 600, other))
	if d := bits.OnesCount64(a ^ b); d > 6 {
		t.Errorf("the same scene differs in %d bits", d)
	}
	if d := bits.OnesCount64(a ^ c); d < 16 {
		t.Errorf("another scene differs in only %d bits", d)
	}
}

// One picture is decoded at a time: with the only place taken, the next waits,
// and gives up with its context.
func TestOneDecodeAtATime(t *testing.T) {
	s := folderStore(t)
	file := jpegOf(t, scene(50, 50))
	if err := s.decode.Acquire(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { _, errs[i] = s.Image(ctx, bytes.NewReader(file), PictureOptions{}) })
	}
	cancel()
	all.Wait()
	for _, err := range errs {
		if err == nil {
			t.Error("decoded beside another")
		}
	}
	s.decode.Release(1)
	if _, err := s.Image(context.Background(), bytes.NewReader(file), PictureOptions{}); err != nil {
		t.Fatal(err)
	}
}

func FuzzExif(f *testing.F) {
	f.Add(exifBlock(binary.LittleEndian, 6))
	f.Add(exifBlock(binary.BigEndian, 3))
	f.Fuzz(func(t *testing.T, block []byte) {
		file := append([]byte("\x89PNG\r\n\x1a\n"), binary.BigEndian.AppendUint32(nil, uint32(len(block)))...)
		file = append(append(append(file, "eXIf"...), block...), 0, 0, 0, 0)
		got := readTaken(file, "png")
		if got.turn < 1 || got.turn > 8 || math.Abs(got.Lat) > 90 || math.Abs(got.Lon) > 180 {
			t.Fatalf("%+v", got)
		}
		readTaken(block, "jpeg")
		readTaken(block, "webp")
	})
}

func BenchmarkPhoto12MP(b *testing.B) {
	file := withExif(jpegOf(b, scene(4000, 3000)), binary.LittleEndian, 6)
	for b.Loop() {
		if _, err := clean(file, "jpeg", PictureOptions{Thumbs: []int{640, 160}}.orDefault()); err != nil {
			b.Fatal(err)
		}
	}
}
