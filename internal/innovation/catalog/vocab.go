package catalog

import (
	"ceiba/internal/service/geo"
	"ceiba/internal/service/record"
)

// Licence is a licence that a dataset may have.
type Licence struct {
	ID   string // SPDX identifier where there is one
	Name string
	URL  string
	Open bool // conforms to the Open Definition
}

// Licences are those offered, the usual one first.
var Licences = []Licence{
	{"CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/", true},
	{"CC0-1.0", "Creative Commons Zero 1.0 (public domain)", "https://creativecommons.org/publicdomain/zero/1.0/", true},
	{"CC-BY-SA-4.0", "Creative Commons Attribution-ShareAlike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/", true},
	{"ODbL-1.0", "Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", true},
	{"ODC-By-1.0", "Open Data Commons Attribution 1.0", "https://opendatacommons.org/licenses/by/1-0/", true},
	{"PDDL-1.0", "Public Domain Dedication and License 1.0", "https://opendatacommons.org/licenses/pddl/1-0/", true},
}

// LicenceOf returns the licence with an identifier.
func LicenceOf(id string) (Licence, bool) {
	for _, l := range Licences {
		if l.ID == id {
			return l, true
		}
	}
	return Licence{}, false
}

// Themes are the EU data themes (MDR authority table data-theme) by our words
// for them; the value is the authority's code.
var Themes = []struct{ ID, Code string }{
	{"agriculture", "AGRI"},
	{"economy", "ECON"},
	{"education", "EDUC"},
	{"energy", "ENER"},
	{"environment", "ENVI"},
	{"government", "GOVE"},
	{"health", "HEAL"},
	{"international", "INTR"},
	{"justice", "JUST"},
	{"regions", "REGI"},
	{"population", "SOCI"},
	{"science", "TECH"},
	{"transport", "TRAN"},
}

// Frequencies say how often a dataset is renewed (MDR authority table
// frequency).
var Frequencies = []struct{ ID, Code string }{
	{"continuous", "CONT"},
	{"daily", "DAILY"},
	{"weekly", "WEEKLY"},
	{"monthly", "MONTHLY"},
	{"quarterly", "QUARTERLY"},
	{"half_yearly", "ANNUAL_2"},
	{"annual", "ANNUAL"},
	{"irregular", "IRREG"},
	{"never", "NEVER"},
	{"unknown", "UNKNOWN"},
}

func isTheme(id string) bool {
	for _, t := range Themes {
		if t.ID == id {
			return true
		}
	}
	return false
}

func isFrequency(id string) bool {
	for _, f := range Frequencies {
		if f.ID == id {
			return true
		}
	}
	return false
}

// placeOf is the middle of a district, for a record that is about all of it.
func placeOf(code string) *record.Place {
	d, ok := geo.DistrictByCode(code)
	if !ok {
		return nil
	}
	return &record.Place{Lat: d.Label.Lat, Lon: d.Label.Lon, District: code}
}
