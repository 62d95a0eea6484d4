package blob

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"path"
	"strings"

	"ceiba/internal/ground/fault"
)

// ArchiveLimits say how much an archive may hold. A zero field takes its
// default.
type ArchiveLimits struct {
	Entries int   // files and folders; 10,000
	Total   int64 // bytes when unpacked; 2 GB
	Ratio   int64 // unpacked to packed, for entries over 1 MB; 200
	Nested  bool  // archives inside are allowed
}

const maxEntries = 10_000

func (l ArchiveLimits) orDefault() ArchiveLimits {
	if l.Entries == 0 {
		l.Entries = maxEntries
	}
	if l.Total == 0 {
		l.Total = 2 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	return l
}

// ReadArchive opens a ZIP file after looking at its directory only: nothing is
// unpacked. It refuses too many entries, too much when unpacked, a ratio that
// only a bomb has, entries that overlap, names that lead out of the folder or
// twice to one file, links, passwords and archives within archives; each with
// a sentence of kind fault.Invalid.
//
// An entry that is longer than it says ends in an error when it is read, since
// archive/zip counts.
func ReadArchive(r io.ReaderAt, size int64, l ArchiveLimits) (*zip.Reader, error) {
	l = l.orDefault()
	if countEntries(r, size, l.Entries) > l.Entries {
		return nil, fault.New(fault.Invalid, "blob.archive_entries", "max", l.Entries)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "blob.archive_broken").Wrap(err)
	}
	var total, packed uint64
	seen := map[string]bool{}
	for _, f := range z.File {
		if err := checkEntry(f, l, seen); err != nil {
			return nil, err
		}
		total += f.UncompressedSize64
		packed += f.CompressedSize64
		if total > uint64(l.Total) || f.UncompressedSize64 > uint64(l.Total) {
			return nil, fault.New(fault.Invalid, "blob.archive_size", "max", megabytes(l.Total))
		}
	}
	if packed > uint64(size) {
		return nil, fault.New(fault.Invalid, "blob.archive_ratio")
	}
	return z, nil
}

func checkEntry(f *zip.File, l ArchiveLimits, seen map[string]bool) error {
	switch {
	case !safeName(f.Name), f.Mode()&(fs.ModeSymlink|fs.ModeDevice|fs.ModeNamedPipe) != 0:
		return fault.New(fault.Invalid, "blob.archive_name", "name", shown(f.Name))
	case seen[strings.ToLower(path.Clean(f.Name))]:
		return fault.New(fault.Invalid, "blob.archive_twice", "name", shown(f.Name))
	case f.Flags&1 != 0:
		return fault.New(fault.Invalid, "blob.password")
	case f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/uint64(l.Ratio) > f.CompressedSize64:
		return fault.New(fault.Invalid, "blob.archive_ratio")
	case !l.Nested && isArchiveName(f.Name):
		return fault.New(fault.Invalid, "blob.archive_nested", "name", shown(f.Name))
	}
	seen[strings.ToLower(path.Clean(f.Name))] = true
	return nil
}

// safeName reports whether a name stays below the folder it is unpacked in, on
// any system.
func safeName(name string) bool {
	return name != "" && fs.ValidPath(path.Clean(strings.TrimSuffix(name, "/"))) &&
		!strings.Contains("/"+name+"/", "/../") && !strings.ContainsAny(name, "\\:\x00")
}

func isArchiveName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".jar":
		return true
	}
	return false
}

// shown cuts a stranger's file name to what fits in a sentence.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 32 || r == 0x7f {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
	if r := []rune(name); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return name
}

// countEntries walks a ZIP file's directory without keeping any of it, and
// stops beyond max: archive/zip would build a record for each of ten million
// entries first. It returns 0 for what is no ZIP file; archive/zip says so.
func countEntries(r io.ReaderAt, size int64, max int) int {
	start, ok := directoryStart(r, size)
	if !ok {
		return 0
	}
	const headLen = 46
	head := make([]byte, headLen)
	n := 0
	for at := start; n <= max; n++ {
		if _, err := r.ReadAt(head, at); err != nil || !bytes.HasPrefix(head, []byte("PK\x01\x02")) {
			return n
		}
		le := binary.LittleEndian
		at += headLen + int64(le.Uint16(head[28:])) + int64(le.Uint16(head[30:])) + int64(le.Uint16(head[32:]))
	}
	return n
}

// directoryStart finds where the directory begins, in old and 64-bit archives.
func directoryStart(r io.ReaderAt, size int64) (int64, bool) {
	tail := make([]byte, min(size, 22+65535+20))
	base := size - int64(len(tail))
	if _, err := r.ReadAt(tail, base); err != nil && err != io.EOF {
		return 0, false
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || i+22 > len(tail) {
		return 0, false
	}
	le := binary.LittleEndian
	end, length := base+int64(i), int64(le.Uint32(tail[i+12:]))
	if le.Uint32(tail[i+16:]) != 0xffffffff && length != 0xffffffff {
		return end - length, true
	}
	if i < 20 || !bytes.HasPrefix(tail[i-20:], []byte("PK\x06\x07")) {
		return 0, false
	}
	rec := make([]byte, 56)
	at := int64(le.Uint64(tail[i-20+8:]))
	if _, err := r.ReadAt(rec, at); err != nil || !bytes.HasPrefix(rec, []byte("PK\x06\x06")) {
		return 0, false
	}
	return at - int64(le.Uint64(rec[40:])), true
}
