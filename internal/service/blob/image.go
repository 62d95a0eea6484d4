package blob

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"ceiba/internal/ground/fault"
)

// Picture is a clean picture: upright, re-encoded, without metadata.
type Picture struct {
	Type          string // image/jpeg or image/png
	Width, Height int
	Data          []byte
	Thumbs        []Picture // one per PictureOptions.Thumbs, in that order
	Likeness      uint64    // perceptual hash: few bits differ between pictures that look alike
	Taken         Taken     // what the camera had written; private
}

// PictureOptions say what is taken and made. A zero field takes its default.
type PictureOptions struct {
	MaxBytes  int64 // of the upload; 15 MB
	MaxPixels int   // width x height, read before decoding; 24 million
	Side      int   // longest side of the result; 2,048, at most 4,000 (12 MP at 4:3)
	Thumbs    []int // longest sides of small ones
}

func (o PictureOptions) orDefault() PictureOptions {
	if o.MaxBytes == 0 {
		o.MaxBytes = 15 << 20
	}
	if o.MaxPixels == 0 {
		o.MaxPixels = 24_000_000
	}
	if o.Side == 0 {
		o.Side = 2048
	}
	o.Side = min(o.Side, 4000)
	return o
}

// Image makes a clean picture from a JPEG, PNG, GIF (first frame) or WebP file.
// The file waits on disk for its turn: one picture is decoded at a time, so that
// memory stays at one picture however many arrive. What is no picture, has too
// many pixels or is broken is fault.Invalid.
func (s *Store) Image(ctx context.Context, r io.Reader, o PictureOptions) (Picture, error) {
	o = o.orDefault()
	t, err := s.receive(ctx, r, o.MaxBytes)
	if err != nil {
		return Picture{}, err
	}
	defer t.discard()
	format, err := Detect(t, t.size, "", Image)
	if err != nil {
		return Picture{}, err
	}
	if s.scan != nil {
		if err := s.inspect(ctx, t); err != nil {
			return Picture{}, err
		}
	}
	if err := s.decode.Acquire(ctx, 1); err != nil {
		return Picture{}, err
	}
	defer s.decode.Release(1)
	file, err := os.ReadFile(t.Name())
	if err != nil {
		return Picture{}, err
	}
	return clean(file, format.body, o)
}

// StoredPicture is a picture whose bytes are in the store.
type StoredPicture struct {
	Ref
	Width, Height int
	Thumbs        []StoredPicture
	Likeness      uint64
	Taken         Taken
}

// PutImage makes a clean picture and stores it with its small ones. The file
// that came is not kept.
func (s *Store) PutImage(ctx context.Context, r io.Reader, o PictureOptions) (StoredPicture, error) {
	p, err := s.Image(ctx, r, o)
	if err != nil {
		return StoredPicture{}, err
	}
	out, err := s.putPicture(ctx, p)
	if err != nil {
		return StoredPicture{}, err
	}
	for _, small := range p.Thumbs {
		t, err := s.putPicture(ctx, small)
		if err != nil {
			return StoredPicture{}, err
		}
		out.Thumbs = append(out.Thumbs, t)
	}
	return out, nil
}

func (s *Store) putPicture(ctx context.Context, p Picture) (StoredPicture, error) {
	ref, err := s.Put(ctx, bytes.NewReader(p.Data), PutOptions{Ours: true})
	return StoredPicture{Ref: ref, Width: p.Width, Height: p.Height, Likeness: p.Likeness, Taken: p.Taken}, err
}

type codec struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// codecOf names decoders one by one: image.Decode would take whatever format
// some library has registered.
func codecOf(b body) codec {
	switch b {
	case "png":
		return codec{png.DecodeConfig, png.Decode}
	case "gif":
		return codec{gif.DecodeConfig, gif.Decode}
	case "webp":
		return codec{webp.DecodeConfig, webp.Decode}
	}
	return codec{jpeg.DecodeConfig, jpeg.Decode}
}

func clean(file []byte, b body, o PictureOptions) (Picture, error) {
	c := codecOf(b)
	cfg, err := c.config(bytes.NewReader(file))
	if err != nil {
		return Picture{}, fault.New(fault.Invalid, "blob.image_broken").Wrap(err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > o.MaxPixels/cfg.Height {
		return Picture{}, fault.New(fault.Invalid, "blob.pixels",
			"width", cfg.Width, "height", cfg.Height, "max", o.MaxPixels/1_000_000)
	}
	src, err := c.decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, fault.New(fault.Invalid, "blob.image_broken").Wrap(err)
	}
	taken := readTaken(file, b)
	whole := upright(shrink(src, o.Side), taken.turn)
	p, err := encode(whole, b)
	if err != nil {
		return Picture{}, err
	}
	p.Taken, p.Likeness = taken, likeness(whole)
	for _, side := range o.Thumbs {
		small, err := encode(shrink(whole, side), b)
		if err != nil {
			return Picture{}, err
		}
		p.Thumbs = append(p.Thumbs, small)
	}
	return p, nil
}

// encode writes JPEG, or PNG where the picture is see-through or, coming from
// a drawing format, gets no larger by it.
func encode(m *image.NRGBA, from body) (Picture, error) {
	p := Picture{Type: "image/jpeg", Width: m.Rect.Dx(), Height: m.Rect.Dy()}
	var lossy, exact bytes.Buffer
	clear := !m.Opaque()
	if clear || from == "png" || from == "gif" {
		if err := png.Encode(&exact, m); err != nil {
			return Picture{}, err
		}
	}
	if !clear {
		if err := jpeg.Encode(&lossy, m, &jpeg.Options{Quality: 82}); err != nil {
			return Picture{}, err
		}
	}
	p.Data = lossy.Bytes()
	if clear || exact.Len() > 0 && exact.Len() <= lossy.Len() {
		p.Type, p.Data = "image/png", exact.Bytes()
	}
	return p, nil
}

// shrink scales a picture down so that its longest side is at most side; it
// never enlarges. Whole factors are averaged strip by strip and the rest is
// interpolated, since the good kernels of x/image/draw need 32 bytes for each
// pixel of width by source height.
func shrink(src image.Image, side int) *image.NRGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	longest := max(w, h)
	if longest <= side {
		return average(src, 1)
	}
	dw, dh := max(1, (w*side+longest/2)/longest), max(1, (h*side+longest/2)/longest)
	mid := average(src, max(1, longest/side))
	if mid.Rect.Dx() == dw && mid.Rect.Dy() == dh {
		return mid
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh)) // for which Scale has a fast way
	draw.ApproxBiLinear.Scale(dst, dst.Rect, mid, mid.Rect, draw.Src, nil)
	return average(dst, 1)
}

// average makes one pixel of each k by k; what is left over at the right and
// lower edge (less than k pixels) goes.
func average(src image.Image, k int) *image.NRGBA {
	b := src.Bounds()
	w, h := max(1, b.Dx()/k), max(1, b.Dy()/k)
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	kw, kh := min(k, b.Dx()), min(k, b.Dy())
	strip := image.NewRGBA(image.Rect(0, 0, w*kw, kh))
	for y := range h {
		draw.Draw(strip, strip.Rect, src, image.Pt(b.Min.X, b.Min.Y+y*kh), draw.Src)
		for x := range w {
			dst.SetNRGBA(x, y, mean(strip, x*kw, kw, kh))
		}
	}
	return dst
}

// mean averages colours weighted by how solid they are, which is what
// premultiplied sums do.
func mean(strip *image.RGBA, x0, kw, kh int) color.NRGBA {
	var r, g, b, a uint32
	for y := range kh {
		row := strip.Pix[y*strip.Stride+4*x0:]
		for i := 0; i < 4*kw; i += 4 {
			r, g, b, a = r+uint32(row[i]), g+uint32(row[i+1]), b+uint32(row[i+2]), a+uint32(row[i+3])
		}
	}
	if a == 0 {
		return color.NRGBA{}
	}
	n := uint32(kw * kh)
	share := func(v uint32) uint8 { return uint8(min(255, (uint64(v)*255+uint64(a)/2)/uint64(a))) }
	return color.NRGBA{share(r), share(g), share(b), uint8((a + n/2) / n)}
}

// upright undoes the eight ways to hold a camera (Exif orientation).
func upright(m *image.NRGBA, turn int) *image.NRGBA {
	if turn <= 1 || turn > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	from := map[int]func(x, y int) (int, int){ // where the pixel at x, y of the result comes from
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, h - 1 - x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return w - 1 - y, x },
	}[turn]
	if turn >= 5 {
		w, h = h, w
	}
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	if turn >= 5 {
		w, h = h, w // the functions see the source's sides
	}
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			sx, sy := from(x, y)
			copy(dst.Pix[dst.PixOffset(x, y):][:4], m.Pix[m.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}

// likeness is the difference hash: for each of 8 x 8 places, whether it gets
// brighter to the right.
func likeness(m *image.NRGBA) uint64 {
	small := image.NewGray(image.Rect(0, 0, 9, 8))
	m = shrink(m, 256)
	draw.BiLinear.Scale(small, small.Rect, m, m.Rect, draw.Src, nil)
	var hash uint64
	for y := range 8 {
		for x := range 8 {
			hash <<= 1
			if small.GrayAt(x, y).Y < small.GrayAt(x+1, y).Y {
				hash |= 1
			}
		}
	}
	return hash
}
