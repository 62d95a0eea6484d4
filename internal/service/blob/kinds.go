package blob

import (
	"slices"
	"strings"
)

// Kind is what somebody may be asked for: "a picture", "a table".
type Kind string

// The kinds. A format may be of several: GeoJSON is a table and a map.
const (
	Image    Kind = "image"
	Table    Kind = "table"
	Document Kind = "document"
	Map      Kind = "map"
	Archive  Kind = "archive"
	Media    Kind = "media" // sound and film
)

// Format is one kind of file that Ceiba knows.
type Format struct {
	Name  string   // as people call it, the same in every language: "PDF", "Excel (XLSX)"
	Type  string   // media type
	Exts  []string // of file names, lower case without the dot, the usual one first
	Kinds []Kind
	body  body
}

// Is reports whether the format is of one of the kinds, or kinds is empty.
func (f Format) Is(kinds ...Kind) bool {
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k Kind) bool { return slices.Contains(f.Kinds, k) })
}

// body is what the content alone tells. Several formats share one: CSV and
// Markdown are both text.
type body string

// formats lists what Ceiba takes, and what it knows well enough to refuse by
// name (without Kinds). The first with a body is what a file without a name is.
var formats = []Format{
	{"JPEG", "image/jpeg", []string{"jpg", "jpeg", "jpe", "jfif"}, []Kind{Image}, "jpeg"},
	{"PNG", "image/png", []string{"png"}, []Kind{Image}, "png"},
	{"GIF", "image/gif", []string{"gif"}, []Kind{Image}, "gif"},
	{"WebP", "image/webp", []string{"webp"}, []Kind{Image}, "webp"},
	{"HEIC", "image/heic", []string{"heic", "heif", "avif"}, nil, "heic"},
	{"SVG", "image/svg+xml", []string{"svg"}, nil, "svg"},
	{"TIFF", "image/tiff", []string{"tif", "tiff"}, nil, "tiff"},
	{"BMP", "image/bmp", []string{"bmp"}, nil, "bmp"},
	{"text", "text/plain", []string{"txt", "text", "log"}, []Kind{Document}, "text"},
	{"CSV", "text/csv", []string{"csv"}, []Kind{Table}, "text"},
	{"TSV", "text/tab-separated-values", []string{"tsv", "tab"}, []Kind{Table}, "text"},
	{"Markdown", "text/markdown", []string{"md", "markdown"}, []Kind{Document}, "text"},
	{"iCalendar", "text/calendar", []string{"ics"}, []Kind{Document}, "text"},
	{"JSON", "application/json", []string{"json"}, []Kind{Table}, "json"},
	{"GeoJSON", "application/geo+json", []string{"geojson"}, []Kind{Table, Map}, "json"},
	{"NDJSON", "application/x-ndjson", []string{"ndjson", "jsonl"}, []Kind{Table}, "json"},
	{"XML", "application/xml", []string{"xml"}, []Kind{Document}, "xml"},
	{"KML", "application/vnd.google-earth.kml+xml", []string{"kml"}, []Kind{Map}, "xml"},
	{"GPX", "application/gpx+xml", []string{"gpx"}, []Kind{Map}, "xml"},
	{"HTML", "text/html", []string{"html", "htm", "xhtml"}, nil, "html"},
	{"PDF", "application/pdf", []string{"pdf"}, []Kind{Document}, "pdf"},
	{"Excel (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{"xlsx"}, []Kind{Table, Document}, "xlsx"},
	{"Word (DOCX)", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{"docx"}, []Kind{Document}, "docx"},
	{"PowerPoint (PPTX)", "application/vnd.openxmlformats-officedocument.presentationml.presentation", []string{"pptx"}, []Kind{Document}, "pptx"},
	{"OpenDocument (ODT)", "application/vnd.oasis.opendocument.text", []string{"odt"}, []Kind{Document}, "odt"},
	{"OpenDocument (ODS)", "application/vnd.oasis.opendocument.spreadsheet", []string{"ods"}, []Kind{Document}, "ods"},
	{"OpenDocument (ODP)", "application/vnd.oasis.opendocument.presentation", []string{"odp"}, []Kind{Document}, "odp"},
	{"Excel 97 (XLS)", "application/vnd.ms-excel", []string{"xls"}, []Kind{Document}, "xls"},
	{"Word 97 (DOC)", "application/msword", []string{"doc"}, []Kind{Document}, "doc"},
	{"PowerPoint 97 (PPT)", "application/vnd.ms-powerpoint", []string{"ppt"}, []Kind{Document}, "ppt"},
	{"RTF", "application/rtf", []string{"rtf"}, []Kind{Document}, "rtf"},
	{"ZIP", "application/zip", []string{"zip"}, []Kind{Archive, Map}, "zip"},
	{"KMZ", "application/vnd.google-earth.kmz", []string{"kmz"}, []Kind{Map}, "zip"},
	{"EPUB", "application/epub+zip", []string{"epub"}, []Kind{Document}, "epub"},
	{"GeoPackage", "application/geopackage+sqlite3", []string{"gpkg"}, []Kind{Map}, "sqlite"},
	{"SQLite", "application/vnd.sqlite3", []string{"sqlite", "db"}, nil, "sqlite"},
	{"Parquet", "application/vnd.apache.parquet", []string{"parquet"}, nil, "parquet"},
	{"DuckDB", "application/vnd.duckdb.file", []string{"duckdb"}, nil, "duckdb"},
	{"GZIP", "application/gzip", []string{"gz", "tgz"}, nil, "gzip"},
	{"7z", "application/x-7z-compressed", []string{"7z"}, nil, "7z"},
	{"RAR", "application/vnd.rar", []string{"rar"}, nil, "rar"},
	{"MP3", "audio/mpeg", []string{"mp3"}, []Kind{Media}, "mp3"},
	{"Ogg", "application/ogg", []string{"ogg", "oga", "opus"}, []Kind{Media}, "ogg"},
	{"WAV", "audio/wav", []string{"wav"}, []Kind{Media}, "wav"},
	{"MP4", "video/mp4", []string{"mp4", "m4a", "m4v", "mov"}, []Kind{Media}, "mp4"},
	{"WebM", "video/webm", []string{"webm"}, []Kind{Media}, "webm"},
	{"Windows program", "application/vnd.microsoft.portable-executable", []string{"exe", "dll", "scr"}, nil, "exe"},
	{"Linux program", "application/x-elf", []string{"elf", "so"}, nil, "elf"},
	{"Java program", "application/java-archive", []string{"jar", "apk"}, nil, "jar"},
	{"Office file with macros", "application/vnd.ms-office", []string{"xlsm", "docm", "pptm"}, nil, "macro"},
	{"Office file with a password", "application/x-ole-storage", nil, nil, "locked"},
	{"OLE", "application/x-ole-storage", nil, nil, "ole"},
	{"empty", "application/octet-stream", nil, nil, "empty"},
	{"binary", "application/octet-stream", []string{"bin", "dat"}, nil, "binary"},
}

// byExt returns the format that a file name promises.
func byExt(name string) (Format, bool) {
	_, ext, ok := lastCut(name, ".")
	if !ok {
		return Format{}, false
	}
	i := slices.IndexFunc(formats, func(f Format) bool { return slices.Contains(f.Exts, strings.ToLower(ext)) })
	if i < 0 {
		return Format{}, false
	}
	return formats[i], true
}

// byBody returns the format of content without a name.
func byBody(b body) Format {
	return formats[slices.IndexFunc(formats, func(f Format) bool { return f.body == b })]
}

func lastCut(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
