package shelf

import (
	"context"
	"io"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/personal"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
)

// sampleForPersonal is how many rows are looked at for personal data. A column
// of telephone numbers shows itself in the first ones.
const sampleForPersonal = 2000

// notePersonal adds a note to each column whose values look like personal data,
// so that nobody makes it public without having been asked.
func notePersonal(ctx context.Context, path string, o source.Options, p *profile.Profile) error {
	in, err := open.File(ctx, path, o)
	if err != nil {
		return err
	}
	defer in.Close()
	samples := make([][]string, len(in.Info().Names))
	for range sampleForPersonal {
		row, err := in.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		for i, c := range row.Cells {
			if len(c) > 0 && i < len(samples) {
				samples[i] = append(samples[i], string(c))
			}
		}
	}
	info := in.Info()
	for _, c := range personal.Columns(info.Labels, samples) {
		if name := info.Names[c.Column]; !counted(p, name, c.Kind) {
			p.Notes = append(p.Notes, table.Note{Column: name, Key: "table.personal." + string(c.Kind)})
		}
	}
	return nil
}

// counted reports whether a column only counts what its title speaks of: a
// number of patients or births is nobody's record.
func counted(p *profile.Profile, name string, kind personal.Kind) bool {
	c, _ := p.Column(name)
	if c == nil || !c.Type.Numeric() {
		return false
	}
	switch kind {
	case personal.Health, personal.Birth, personal.Name, personal.Address:
		return true
	}
	return false
}
