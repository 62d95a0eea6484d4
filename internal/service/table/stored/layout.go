package stored

import (
	"fmt"
	"strings"

	"ceiba/internal/service/table"
)

// Engine is a database that holds the rows of a version.
type Engine uint8

// The engines: the rows by column, which every version has, and the look-ups.
const (
	Duck Engine = iota
	Lite
)

// Type is the type of a column that holds values of a form.
func (e Engine) Type(f table.Form) string {
	if e == Lite {
		return [...]string{"TEXT", "INTEGER", "REAL", "INTEGER", "INTEGER", "INTEGER", "INTEGER"}[f]
	}
	return [...]string{"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIME"}[f]
}

// Column is the name of the column at position i in the files.
func Column(i int) string { return fmt.Sprintf("c%d", i) }

// Folded is the name of the folded copy of the column at position i.
func Folded(i int) string { return fmt.Sprintf("f%d", i) }

// foldNames names the folded copies of columns.
func foldNames(m *table.Manifest) []string {
	var out []string
	for i := range m.Columns {
		if m.Columns[i].Folded {
			out = append(out, Folded(i))
		}
	}
	return out
}

// Name is the name of a column in the files.
func Name(m *table.Manifest, name string) string {
	if name == "_id" {
		return "_id"
	}
	_, i := m.Column(name)
	return Column(i)
}

// LatLon names the stored columns that hold a row's place.
func LatLon(m *table.Manifest) (lat, lon string) {
	if m.Geo.Lat == "" {
		return "_lat", "_lon"
	}
	_, i := m.Column(m.Geo.Lat)
	_, j := m.Column(m.Geo.Lon)
	return Column(i), Column(j)
}

// Edges names the stored columns that bound a row's place.
func Edges(m *table.Manifest) (south, west, north, east string) {
	if m.Geo.Shape != "" {
		return "_south", "_west", "_north", "_east"
	}
	lat, lon := LatLon(m)
	return lat, lon, lat, lon
}

// PairIndex is the pair's index in the look-up file.
func PairIndex(m *table.Manifest, p table.Pair) string {
	return "by_" + Name(m, p.Equal) + "_" + Name(m, p.Along)
}

// maxWordColumns is how many text columns are searched by word.
const maxWordColumns = 64

// WordColumns lists the positions of the columns that full text covers.
func WordColumns(m *table.Manifest) []int {
	var out []int
	for i := range m.Columns {
		if m.Columns[i].Type.Textual() && m.Stats[i].Count > 0 && len(out) < maxWordColumns {
			out = append(out, i)
		}
	}
	return out
}

// CreateTable declares the table of rows. Columns are called c0, c1, … so that
// no name a publisher chose can clash with another or with ours. Folded copies
// are in DuckDB only.
func CreateTable(m *table.Manifest, on Engine) string {
	defs, folds := []string{"_id BIGINT NOT NULL"}, foldNames(m)
	if on == Lite {
		defs, folds = []string{"_id INTEGER PRIMARY KEY"}, nil
	}
	for i, c := range m.Columns {
		defs = append(defs, Column(i)+" "+on.Type(c.Type.Form()))
	}
	for _, h := range m.Geo.Hidden() {
		defs = append(defs, h+" "+on.Type(table.FormFloat))
	}
	for _, t := range folds {
		defs = append(defs, t+" "+on.Type(table.FormText))
	}
	return "CREATE TABLE rows (" + strings.Join(defs, ", ") + ")"
}

// Public selects stored columns under their public names: the named
// ones, or all.
func Public(m *table.Manifest, names []string) []string {
	if names == nil {
		names = m.Names()
	}
	var out []string
	for _, n := range names {
		if n == "_id" {
			out = append(out, "_id")
			continue
		}
		_, i := m.Column(n)
		out = append(out, Column(i)+" AS "+quoteName(n))
	}
	return out
}

// Qualified says that c0, c1 … are the table's columns, not those of the
// full-text index beside it. Conditions hold nothing but names of ours,
// operators and question marks.
func Qualified(sql string) string {
	var out strings.Builder
	for i := 0; i < len(sql); i++ {
		start := i == 0 || !nameByte(sql[i-1])
		if start && sql[i] == 'c' && i+1 < len(sql) && sql[i+1] >= '0' && sql[i+1] <= '9' {
			out.WriteString("rows.")
		}
		out.WriteByte(sql[i])
	}
	return out.String()
}

func nameByte(c byte) bool { return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// quoteName writes a name in SQL.
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// QuoteText writes a text in SQL.
func QuoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// URIPath escapes a path for SQLite's file: addresses.
func URIPath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}
