package geo

import (
	"strings"

	"ceiba/internal/ground/id"
)

// districtNames lists how people and files write the six, folded, besides the
// name itself and the ISO code: codes of FIPS, HASC, the abbreviations
// of Belizean spreadsheets, and spellings that a typing error does not explain.
var districtNames = map[string][]string{
	"BZ-BZ":  {"bz", "bze", "bzd", "bz.bz", "bh01", "belice", "bileez"},
	"BZ-CY":  {"cy", "cyo", "bz.cy", "bh02", "kayo"},
	"BZ-CZL": {"cz", "czl", "bz.cr", "bz.cz", "bh03", "corosal", "korozal"},
	"BZ-OW":  {"ow", "owk", "bz.ow", "bh04", "orangewalk", "orange wlk"},
	"BZ-SC":  {"sc", "stc", "bz.sc", "bh05", "stan creek", "stanncreek", "stan krik"},
	"BZ-TOL": {"to", "tol", "tld", "bz.to", "bh06"},
}

// ParseDistrict reads a district from text as people write it: its code, its
// name in English or Spanish, with or without the word for district, a usual
// abbreviation, or the name with one wrong letter (two in a long name). It
// returns false for anything else: "Belize City" and "Orange Walk Town" are
// places, not districts.
func ParseDistrict(text string) (District, bool) {
	want := bareDistrict(text)
	if want == "" {
		return District{}, false
	}
	for _, d := range atlas().districts {
		if d.named(want) {
			return d, true
		}
	}
	for _, d := range atlas().districts {
		if name := id.Fold(d.Name); len(want) >= 5 && id.Edits(want, name, 2) <= (len(name)-1)/5 {
			return d, true
		}
	}
	return District{}, false
}

// named reports whether folded text is exactly a code, name or alias of d.
func (d District) named(folded string) bool {
	if folded == id.Fold(d.Name) || folded == strings.ToLower(d.Code) {
		return true
	}
	for _, alias := range districtNames[d.Code] {
		if folded == alias {
			return true
		}
	}
	return false
}

// bareDistrict folds text and takes away the word for district and what stands
// around it.
func bareDistrict(text string) string {
	s := strings.Join(strings.FieldsFunc(id.Fold(text), func(r rune) bool {
		return r == ' ' || r == '\t' || r == ',' || r == '(' || r == ')' || r == '_' || r == '\u00a0'
	}), " ")
	for _, word := range []string{"the ", "district of ", "distrito de ", "distrito ", "dist. ", "district "} {
		s = strings.TrimPrefix(s, word)
	}
	for _, word := range []string{" district", " distrito", " dist.", " dist", " dis."} {
		s = strings.TrimSuffix(s, word)
	}
	return strings.TrimSuffix(s, ".")
}
