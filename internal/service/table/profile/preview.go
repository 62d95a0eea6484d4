package profile

import (
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
)

// Cell is a cell of a preview: as it stands in the file and as it will be.
type Cell struct {
	Raw   string `json:"raw"`
	Value any    `json:"value"`          // nil: no value
	Code  string `json:"code,omitempty"` // why Value is nil although something stands there
}

// Preview shows the first rows as they will be read when the version is built.
func (p *Profile) Preview() [][]Cell {
	out := make([][]Cell, len(p.Sample))
	for n, row := range p.Sample {
		out[n] = make([]Cell, len(p.Columns))
		for i := range p.Columns {
			if i < len(row) && row[i] != nil {
				out[n][i] = preview(&p.Columns[i], *row[i])
			}
		}
	}
	return out
}

func preview(c *table.Column, raw string) Cell {
	var v cell.Value
	out := Cell{Raw: raw}
	switch cell.NewReader(c).Read([]byte(raw), &v) {
	case cell.Nulled:
		out.Code = table.CodeNullWord
	case cell.Bad:
		out.Code = table.CodeBadValue
	case cell.Kept:
		switch c.Type.Form() {
		case table.FormText:
			out.Value = string(v.Text)
		case table.FormFloat:
			out.Value = v.Float
		default:
			out.Value = cell.ShowInt(c, v.Int)
		}
	}
	return out
}
