package ui

import (
	"bytes"
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
)

// The rows of a table are most of a list page, so they are written by hand:
// templ's class lists cost four times as much as all the rest of a row.

// signs are the icons of all tones, drawn once.
var signs = sync.OnceValue(func() map[Tone]string {
	out := map[Tone]string{}
	for _, tone := range []Tone{Plain, Going, Done, Attention, Late, Wrong} {
		var b bytes.Buffer
		if err := icon(tone.icon()).Render(context.Background(), &b); err != nil {
			panic(err) // a buffer takes everything
		}
		out[tone] = b.String()
	}
	return out
})

// tableRows writes rows, each cell with its column's label, which a narrow
// screen shows beside it.
func tableRows(columns []Column, rows [][]Cell) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		heads := make([]string, len(columns))
		for i, c := range columns {
			heads[i] = c.cellHead()
		}
		var b bytes.Buffer
		for _, row := range rows {
			b.WriteString(`<tr role="row">`)
			for i, cell := range row[:min(len(row), len(columns))] {
				if err := writeCell(ctx, &b, columns[i], heads[i], cell); err != nil {
					return err
				}
			}
			b.WriteString("</tr>")
		}
		_, err := w.Write(b.Bytes())
		return err
	})
}

// cellHead is the start tag of a column's cells, up to the names of its class.
func (c Column) cellHead() string {
	tag := `<td role="cell"`
	if c.RowHead {
		tag = `<th scope="row" role="rowheader"`
	}
	return tag + ` data-label="` + templ.EscapeString(c.Label) + `" class="` + c.class()
}

func writeCell(ctx context.Context, b *bytes.Buffer, c Column, head string, cell Cell) error {
	b.WriteString(head)
	if cell.blank() && !c.RowHead {
		b.WriteString(" none")
	}
	b.WriteString(`">`)
	if err := cell.write(ctx, b); err != nil {
		return err
	}
	if c.RowHead {
		b.WriteString("</th>")
	} else {
		b.WriteString("</td>")
	}
	return nil
}

func (c Cell) write(ctx context.Context, b *bytes.Buffer) error {
	switch {
	case c.View != nil:
		_, said := c.View.(Said)
		if said { // on a phone the parts of a cell stand below one another: a sentence is one part
			b.WriteString("<span>")
		}
		if err := c.View.Render(ctx, b); err != nil {
			return err
		}
		if said {
			b.WriteString("</span>")
		}
	case c.State:
		b.WriteString(`<span class="badge tone-` + c.Tone.class() + `">` + signs()[c.Tone])
		b.WriteString(templ.EscapeString(c.Text) + "</span>")
	case c.Href != "":
		b.WriteString(`<a href="` + templ.EscapeString(string(templ.URL(c.Href))) + `">` + templ.EscapeString(c.Text) + "</a>")
	default:
		b.WriteString(templ.EscapeString(c.Text))
	}
	if c.Note != "" {
		b.WriteString(` <span class="small">` + templ.EscapeString(c.Note) + "</span>")
	}
	if c.Says.None() {
		return nil
	}
	b.WriteString(` <span class="small">`)
	if err := c.Says.Render(ctx, b); err != nil {
		return err
	}
	b.WriteString("</span>")
	return nil
}
