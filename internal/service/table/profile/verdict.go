package profile

import (
	"maps"
	"slices"
	"strings"

	"ceiba/internal/service/table"
)

// verdict decides the type of one column from its tally.
type verdict struct {
	t         *tally
	col       *table.Column
	commaFile bool
	declared  Declared
	notes     []table.Note
}

// fitting is a type that a column might have and how many cells it would hold.
type fitting struct {
	kind table.Type
	fit  int64
	ok   bool // further conditions hold
}

func (v *verdict) decide() {
	c, t, d := v.col, v.t, v.declared
	c.Filled, c.Empty, c.Distinct = t.filled, t.rows-t.filled, t.different()
	c.NullWords = d.NullWords
	if d.Label != "" {
		c.Label = d.Label
	}
	v.readings()
	found, fit := v.best()
	if d.Type != "" {
		found, c.Declared = d.Type, true
		fit = v.fitOf(d.Type)
	}
	c.Type = found
	if c.Type == table.Text {
		c.Misfit, c.Nulls = 0, 0
	} else {
		c.Nulls = t.nulls
		c.Misfit = t.filled - t.nulls - fit
	}
	v.forget()
	v.tell()
}

// forget clears the readings that say nothing about the chosen type.
func (v *verdict) forget() {
	c := v.col
	c.DayFirst = c.DayFirst && c.Type.Temporal()
	c.UTC = c.UTC && c.Type == table.Timestamp
	c.LonFirst = c.LonFirst && c.Type == table.Point
	if !c.Type.Numeric() {
		c.DecimalComma, c.Unit = false, ""
	}
}

// readings fixes the order of dates, the decimal mark and the order of pairs.
func (v *verdict) readings() {
	c, t, d := v.col, v.t, v.declared
	c.DayFirst = t.dayFirst.fit >= t.monthFirst.fit
	if d.DayFirst != nil {
		c.DayFirst = *d.DayFirst
	}
	c.DecimalComma = t.comma.fit > t.point.fit || t.comma.fit == t.point.fit && v.commaFile
	if d.DecimalComma != nil {
		c.DecimalComma = *d.DecimalComma
	}
	c.LonFirst = t.lonFirst*2 > t.pair
	c.UTC = t.zoned > 0
	c.Unit = v.unit()
}

// unit is the one currency or sign that stood by the numbers; BZ$ and $ count
// as one, two others are none.
func (v *verdict) unit() string {
	if v.declared.Unit != "" {
		return v.declared.Unit
	}
	names := slices.Sorted(maps.Keys(v.t.units))
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) == 2 && names[0] == "$" && strings.HasSuffix(names[1], "$"):
		return names[1]
	}
	return ""
}

// mixedUnits reports amounts in two currencies, which must not be added up.
func (v *verdict) mixedUnits() bool { return len(v.t.units) > 1 && v.unit() == "" }

func (v *verdict) numbers() style {
	if v.col.DecimalComma {
		return v.t.comma
	}
	return v.t.point
}

func (v *verdict) dates() calendar {
	if v.col.DayFirst {
		return v.t.dayFirst
	}
	return v.t.monthFirst
}

// fittings lists the candidates, the stricter before the looser.
func (v *verdict) fittings() []fitting {
	t, n, d := v.t, v.numbers(), v.dates()
	plain := t.padded == 0 && !v.mixedUnits()
	return []fitting{
		{table.Boolean, t.yes + t.no, t.yes > 0 && t.no > 0},
		{table.Integer, n.integral, plain && n.integral == n.fit && v.col.Unit == ""},
		{table.Number, n.fit, plain},
		{table.Date, d.fit, d.timed == 0},
		{table.Timestamp, d.fit, d.timed > 0},
		{table.Time, t.time, true},
		{table.Point, t.pair, true},
		{table.Geometry, t.shape, true},
		{table.JSON, t.json, true},
		{table.District, t.district, v.manyDistricts()},
		{table.URL, t.url, true},
	}
}

// manyDistricts keeps a column of countries, all "Belize", from being taken
// for districts.
func (v *verdict) manyDistricts() bool {
	if nameHas(v.col.Name, "country", "pais", "nation", "nacionalidad") {
		return false
	}
	return v.col.Distinct > 1 || nameHas(v.col.Name, "district", "distrito")
}

func (v *verdict) best() (table.Type, int64) {
	n := v.t.filled - v.t.nulls
	if n == 0 {
		return table.Text, 0
	}
	for _, f := range v.fittings() {
		if f.ok && f.fit*100 >= n*99 && n-f.fit <= maxMisfits {
			return f.kind, f.fit
		}
	}
	return table.Text, v.t.filled
}

// fitOf is how many cells fit a type that the publisher declared.
func (v *verdict) fitOf(k table.Type) int64 {
	switch k {
	case table.Text:
		return v.t.filled
	case table.Latitude, table.Longitude:
		return v.numbers().fit
	}
	for _, f := range v.fittings() {
		if f.kind == k {
			return f.fit
		}
	}
	return 0
}

func (v *verdict) note(key string, args ...any) {
	v.notes = append(v.notes, table.Note{Column: v.col.Name, Key: key, Args: args})
}

// tell notes what a publisher should look at twice.
func (v *verdict) tell() {
	c, t := v.col, v.t
	d := v.dates()
	if c.Type.Temporal() && v.declared.DayFirst == nil && d.fit > d.sure && t.dayFirst.fit == t.monthFirst.fit {
		v.note("table.note.ambiguous_dates", "n", d.fit-d.sure)
	}
	if (c.Type == table.Number || c.Type == table.Integer) && v.declared.DecimalComma == nil && t.grouped > 0 && t.point.fit == t.comma.fit {
		v.note("table.note.ambiguous_numbers", "n", t.grouped)
	}
	if c.Type == table.District && t.misspelt > 0 {
		v.note("table.note.district_spelling", "n", t.misspelt)
	}
	if c.Type == table.Text && t.padded > 0 && t.point.fit*100 >= (t.filled-t.nulls)*99 {
		v.note("table.note.leading_zeros", "n", t.padded)
	}
	if c.Type == table.Text && v.mixedUnits() {
		v.note("table.note.mixed_units", "units", strings.Join(slices.Sorted(maps.Keys(t.units)), ", "))
	}
	if c.Type != table.Text && c.Nulls > 0 {
		v.note("table.note.null_words", "n", c.Nulls, "words", strings.Join(slices.Sorted(maps.Keys(t.nullSeen)), ", "))
	}
	if c.Misfit > 0 {
		v.note("table.note.misfits", "n", c.Misfit)
	}
	if c.Type.Temporal() && t.zoned > 0 && t.zoned < d.fit {
		v.note("table.note.mixed_zones", "n", d.fit-t.zoned)
	}
}
