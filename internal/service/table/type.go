package table

import "slices"

// Type is what the cells of a column mean. It decides how they are read, how
// they are stored, what may be asked of them and how they are shown.
type Type string

// The types. Latitude and Longitude are numbers in degrees, District is text
// in its canonical spelling, Geometry and JSON are JSON text.
const (
	Text      Type = "text"
	Integer   Type = "integer"
	Number    Type = "number"
	Boolean   Type = "boolean"
	Date      Type = "date"
	Timestamp Type = "timestamp"
	Time      Type = "time"
	Latitude  Type = "latitude"
	Longitude Type = "longitude"
	Point     Type = "point"
	District  Type = "district"
	Geometry  Type = "geometry"
	JSON      Type = "json"
	URL       Type = "url"
)

// Types lists every type, in the order a publisher chooses from.
var Types = []Type{Text, Integer, Number, Boolean, Date, Timestamp, Time, Latitude, Longitude, Point, District, Geometry, JSON, URL}

// Known reports whether t is one of Types.
func (t Type) Known() bool { return slices.Contains(Types, t) }

// Numeric reports whether values of t can be added up.
func (t Type) Numeric() bool { return t.Form() == FormInt || t.Form() == FormFloat }

// Temporal reports whether values of t lie on the calendar.
func (t Type) Temporal() bool { return t == Date || t == Timestamp }

// Textual reports whether values of t are words, which full text finds.
func (t Type) Textual() bool { return t == Text || t == District || t == URL }

// Form is how the values of a type are held in memory and on disk.
type Form uint8

const (
	FormText  Form = iota // UTF-8; VARCHAR, TEXT
	FormInt               // int64; BIGINT, INTEGER
	FormFloat             // float64; DOUBLE, REAL
	FormBool              // 0 or 1; BOOLEAN, INTEGER
	FormDate              // days since 1970-01-01; DATE, INTEGER
	FormStamp             // microseconds since 1970-01-01T00:00:00; TIMESTAMP, INTEGER
	FormTime              // microseconds since midnight; TIME, INTEGER
)

var forms = map[Type]Form{
	Integer: FormInt, Number: FormFloat, Latitude: FormFloat, Longitude: FormFloat,
	Boolean: FormBool, Date: FormDate, Timestamp: FormStamp, Time: FormTime,
}

// Form is how values of t are held.
func (t Type) Form() Form { return forms[t] }

// Column is one column of a table: what it is called, what it means, and how
// its cells are read.
type Column struct {
	Name  string `json:"name"`            // unique in the table; used in queries and exports
	Label string `json:"label,omitempty"` // as the publisher wrote it
	Type  Type   `json:"type"`

	DayFirst     bool     `json:"dayFirst,omitempty"`     // 03/04/2026 is the 3rd of April
	DecimalComma bool     `json:"decimalComma,omitempty"` // 1.234,5 is a little over a thousand
	LonFirst     bool     `json:"lonFirst,omitempty"`     // points are written longitude, latitude
	Unit         string   `json:"unit,omitempty"`         // currency or % that stood by the numbers
	UTC          bool     `json:"utc,omitempty"`          // timestamps carried a zone and are kept in UTC
	NullWords    []string `json:"nullWords,omitempty"`    // declared to mean "no value"; they make no reject
	Declared     bool     `json:"declared,omitempty"`     // the type is the publisher's, not inferred

	Filled int64 `json:"filled"`          // cells that are not empty
	Empty  int64 `json:"empty"`           // empty cells
	Nulls  int64 `json:"nulls,omitempty"` // cells with a null word such as N/A
	Misfit int64 `json:"misfit"`          // cells that cannot be read as Type
	Unique bool  `json:"unique,omitempty"`
	// Folded says that a copy without case and accents is stored beside the
	// texts, so that Contains reads a million of them in tens of milliseconds.
	Folded bool `json:"folded,omitempty"`
	// Distinct is the number of different values, exact up to 1,000 and
	// within about 3 % above.
	Distinct int64 `json:"distinct"`
}

// Geo says where the rows of a table are on the ground. One of three holds:
// Lat and Lon name two number columns; Point names a column of pairs; Shape
// names a column of GeoJSON geometries.
type Geo struct {
	Lat   string `json:"lat,omitempty"`
	Lon   string `json:"lon,omitempty"`
	Point string `json:"point,omitempty"`
	Shape string `json:"shape,omitempty"`
}

// Hidden names the extra columns that a table with this Geo stores.
func (g *Geo) Hidden() []string {
	switch {
	case g == nil || g.Lat != "":
		return nil
	case g.Point != "":
		return []string{"_lat", "_lon"}
	}
	return []string{"_lat", "_lon", "_south", "_west", "_north", "_east"}
}

// ColumnNamed returns the column called name and its position, or nil and -1.
func ColumnNamed(cols []Column, name string) (*Column, int) {
	for i := range cols {
		if cols[i].Name == name {
			return &cols[i], i
		}
	}
	return nil, -1
}
