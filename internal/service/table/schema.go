package table

// TableSchema describes a table as Table Schema of Data Package v2
// (https://datapackage.org/standard/table-schema/), so that frictionless and
// others read the exports with the right types.
type TableSchema struct {
	Profile    string        `json:"$schema"`
	Fields     []SchemaField `json:"fields"`
	PrimaryKey []string      `json:"primaryKey,omitempty"`
}

// SchemaField is one column of a TableSchema.
type SchemaField struct {
	Name        string             `json:"name"`
	Type        string             `json:"type"`
	Format      string             `json:"format,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Unit        string             `json:"unit,omitempty"`    // ours: currency or %
	Meaning     string             `json:"rdfType,omitempty"` // what a number or text stands for
	Constraints *SchemaConstraints `json:"constraints,omitempty"`
}

// SchemaConstraints say what holds for all values of a column.
type SchemaConstraints struct {
	Required bool     `json:"required,omitempty"`
	Unique   bool     `json:"unique,omitempty"`
	Minimum  any      `json:"minimum,omitempty"`
	Maximum  any      `json:"maximum,omitempty"`
	Enum     []string `json:"enum,omitempty"`
}

const schemaProfile = "https://datapackage.org/profiles/2.0/tableschema.json"

// schemaTypes are the names that Table Schema has for our types, with formats.
var schemaTypes = map[Type][2]string{
	Text: {"string"}, Integer: {"integer"}, Number: {"number"}, Boolean: {"boolean"}, Date: {"date"}, Timestamp: {"datetime"}, Time: {"time"},
	Latitude: {"number"}, Longitude: {"number"}, Point: {"string"}, District: {"string"}, Geometry: {"geojson"}, JSON: {"any"}, URL: {"string", "uri"},
}

var schemaMeanings = map[Type]string{
	Latitude:  "http://www.w3.org/2003/01/geo/wgs84_pos#lat",
	Longitude: "http://www.w3.org/2003/01/geo/wgs84_pos#long",
	District:  "http://www.w3.org/ns/locn#adminUnitL2",
}

// Schema describes what the exports of a version hold.
func (m *Manifest) Schema() TableSchema {
	s := SchemaOf(m.Columns, m.Key)
	for i := range s.Fields {
		c, st := m.Columns[i], m.Stats[i]
		k := SchemaConstraints{Required: st.Nulls == 0 && m.Rows > 0, Unique: c.Name == m.Key}
		if f := c.Type.Form(); f != FormText && f != FormBool {
			k.Minimum, k.Maximum = st.Min, st.Max
		}
		if c.Type == District && st.TopAll {
			for _, b := range st.Top {
				if name, ok := b.Value.(string); ok {
					k.Enum = append(k.Enum, name)
				}
			}
		}
		s.Fields[i].Constraints = &k
	}
	return s
}

// SchemaOf describes columns by their types alone.
func SchemaOf(columns []Column, key string) TableSchema {
	s := TableSchema{Profile: schemaProfile, Fields: []SchemaField{}}
	for _, c := range columns {
		t := schemaTypes[c.Type]
		s.Fields = append(s.Fields, SchemaField{Name: c.Name, Type: t[0], Format: t[1], Title: c.Label, Unit: c.Unit, Meaning: schemaMeanings[c.Type]})
	}
	if key != "" {
		s.PrimaryKey = []string{key}
	}
	return s
}
