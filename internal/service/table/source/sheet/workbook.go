package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/raw"
)

// Limits of an XLSX file beside Options.MaxInflated. Real sheets inflate ten to
// thirty times; a part that is large and inflates more than maxRatio is a bomb.
// The shared strings are held in memory.
const (
	maxRatio      = 300
	ratioFrom     = 32 << 20
	maxShared     = 160 << 20
	maxSharedN    = 6 << 20
	maxMerges     = 100_000
	maxSheetParts = 100_000
)

// workbook is an open XLSX file.
type workbook struct {
	zip    *zip.ReadCloser
	parts  map[string]*zip.File
	sheets []sheetPart
	epoch  bool // days are counted from 1904
	dates  []shown
	shared stringStore
	limit  int64
}

// sheetPart is one worksheet.
type sheetPart struct {
	name   string
	part   *zip.File
	hidden bool
	merges []merge
	hideN  int // hidden rows
	first  int // first hidden row
}

// merge is a range of cells that show as one.
type merge struct{ top, left, bottom, right int }

// stringStore holds many strings in few pieces of memory.
type stringStore struct {
	chunks [][]byte
	refs   []uint64 // chunk, offset, length packed: 12, 22, 30 bits
	size   int
}

const chunkSize = 1 << 20

func (s *stringStore) add(b []byte) bool {
	last := len(s.chunks) - 1
	if last < 0 || len(s.chunks[last])+len(b) > cap(s.chunks[last]) {
		s.chunks = append(s.chunks, make([]byte, 0, max(chunkSize, len(b))))
		last++
	}
	c := s.chunks[last]
	s.refs = append(s.refs, uint64(last)<<52|uint64(len(c))<<30|uint64(len(b)))
	s.chunks[last] = append(c, b...)
	s.size += len(b)
	return s.size <= maxShared && len(s.refs) <= maxSharedN && last < 1<<12-1
}

func (s *stringStore) get(i int) []byte {
	if i < 0 || i >= len(s.refs) {
		return nil
	}
	r := s.refs[i]
	c, off, n := r>>52, r>>30&(1<<22-1), r&(1<<30-1)
	return s.chunks[c][off : off+n : off+n]
}

// openWorkbook reads everything but the cells.
func openWorkbook(f raw.File, o source.Options) (*workbook, error) {
	z, err := zip.OpenReader(f.Path)
	if err != nil {
		return nil, source.Refuse("damaged").Wrap(err)
	}
	w := &workbook{zip: z, parts: map[string]*zip.File{}, limit: o.MaxInflated}
	if err := w.open(); err != nil {
		z.Close()
		return nil, err
	}
	return w, nil
}

func (w *workbook) open() error {
	if len(w.zip.File) > maxSheetParts {
		return fault.New(fault.TooLarge, "table.read.bomb")
	}
	var sum uint64
	for _, p := range w.zip.File {
		w.parts[strings.TrimPrefix(strings.ToLower(path.Clean("/"+p.Name)), "/")] = p
		sum += p.UncompressedSize64
		if p.UncompressedSize64 > ratioFrom && p.UncompressedSize64/max(1, p.CompressedSize64) > maxRatio {
			return fault.New(fault.TooLarge, "table.read.bomb")
		}
	}
	if sum > uint64(w.limit) {
		return fault.New(fault.TooLarge, "table.read.bomb")
	}
	for _, step := range []func() error{w.readWorkbook, w.readStyles, w.readShared} {
		if err := step(); err != nil {
			return err
		}
	}
	if len(w.sheets) == 0 {
		return source.Refuse("no_sheet")
	}
	return nil
}

// part opens a part; reading more than its directory entry says is refused.
func (w *workbook) part(p *zip.File) (io.ReadCloser, error) {
	r, err := p.Open()
	if err != nil {
		return nil, source.Refuse("damaged").Wrap(err)
	}
	return struct {
		io.Reader
		io.Closer
	}{&measured{r, int64(p.UncompressedSize64)}, r}, nil
}

type measured struct {
	r    io.Reader
	left int64
}

func (m *measured) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	if m.left -= int64(n); m.left < 0 {
		return 0, fault.New(fault.TooLarge, "table.read.bomb")
	}
	if err != nil && err != io.EOF {
		err = source.Refuse("damaged").Wrap(err)
	}
	return n, err
}

// scan calls each for every tag and text of a part, if it is there.
func (w *workbook) scan(name string, each func(x *xmlScan) error) error {
	p := w.parts[name]
	if p == nil {
		return nil
	}
	r, err := w.part(p)
	if err != nil {
		return err
	}
	defer r.Close()
	x := newXMLScan(r)
	for {
		err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = each(x)
		}
		if err != nil {
			return err
		}
	}
}

func (w *workbook) readWorkbook() error {
	rels := map[string]string{}
	err := w.scan("xl/_rels/workbook.xml.rels", func(x *xmlScan) error {
		if x.is("Relationship") {
			target := strings.ToLower(string(x.get("Target")))
			if !strings.HasPrefix(target, "/") {
				target = "/xl/" + target
			}
			rels[string(x.get("Id"))] = strings.TrimPrefix(path.Clean(target), "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.scan("xl/workbook.xml", func(x *xmlScan) error {
		switch {
		case x.is("workbookPr"):
			w.epoch = x.truth("date1904")
		case x.is("sheet"):
			s := sheetPart{name: string(x.get("name")), hidden: bytes.HasSuffix(bytes.ToLower(x.get("state")), []byte("hidden"))}
			s.part = w.parts[rels[string(idOf(x))]]
			if s.part != nil && strings.Contains(strings.ToLower(s.part.Name), "worksheets/") {
				w.sheets = append(w.sheets, s)
			}
		}
		return nil
	})
}

// idOf is the r:id of a sheet, beside its sheetId.
func idOf(x *xmlScan) []byte {
	k := bytes.Index(x.attr, []byte(":id="))
	if k < 0 || k+6 > len(x.attr) {
		return x.get("id")
	}
	v := x.attr[k+4:]
	if end := bytes.IndexByte(v[1:], v[0]); end >= 0 {
		return v[1 : 1+end]
	}
	return nil
}

// readStyles finds out which cell formats show a date or a time.
func (w *workbook) readStyles() error {
	custom := map[int]shown{}
	inCells := false
	return w.scan("xl/styles.xml", func(x *xmlScan) error {
		switch {
		case x.is("numFmt"):
			custom[x.number("numFmtId", 0)] = shownBy(string(x.get("formatCode")))
		case string(x.tag) == "cellXfs":
			inCells = !x.shut
		case inCells && x.is("xf"):
			id := x.number("numFmtId", 0)
			s, ok := custom[id]
			if !ok {
				s = builtin(id)
			}
			w.dates = append(w.dates, s)
		}
		return nil
	})
}

func (w *workbook) readShared() error {
	var item []byte
	depth, phonetic, inText := false, false, false
	return w.scan("xl/sharedstrings.xml", func(x *xmlScan) error {
		switch {
		case x.is("si"):
			depth, item = true, item[:0]
		case x.is("rPh"):
			phonetic = true
		case x.is("t"):
			inText = !x.self
		case len(x.tag) == 0 && depth && inText && !phonetic:
			item = append(item, x.text...)
		}
		switch {
		case x.closes("rPh"):
			phonetic = false
		case x.closes("t"):
			inText = false
		case x.closes("si"):
			depth = false
			if !w.shared.add(unescapeX(item)) {
				return fault.New(fault.TooLarge, "table.read.too_much_text")
			}
		}
		return nil
	})
}

// unescapeX resolves _x000D_ and its like, by which Excel writes control
// characters; carriage returns are dropped before line feeds.
func unescapeX(b []byte) []byte {
	for from := 0; ; {
		k := bytes.Index(b[from:], []byte("_x"))
		if k < 0 {
			return b
		}
		k += from
		from = k + 2
		if k+7 > len(b) || b[k+6] != '_' {
			continue
		}
		n, err := strconv.ParseUint(string(b[k+2:k+6]), 16, 16)
		if err != nil {
			continue
		}
		r := []byte(string(rune(n)))
		if n == '\r' {
			r = nil
		}
		b = slices.Replace(b, k, k+7, r...)
		from = k + len(r)
	}
}
