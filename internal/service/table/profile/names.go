package profile

import (
	"slices"
	"strings"

	"ceiba/internal/ground/id"
)

var (
	latNames = wordSet("lat", "latitude", "latitud", "lat dd", "y", "latitude dd", "gps lat", "gps latitude", "y coord", "coord y", "geo lat")
	lonNames = wordSet("lon", "lng", "long", "longitude", "longitud", "lon dd", "long dd", "x", "longitude dd", "gps lon", "gps long", "gps longitude", "x coord", "coord x", "geo lon", "geo lng")
)

// nameWords folds the name of a column to words joined by single blanks:
// "GPS_Latitude" and "gps latitude" are the same.
func nameWords(name string) string {
	return strings.Join(strings.FieldsFunc(id.Fold(name), func(r rune) bool {
		return r == '_' || r == ' ' || r == '-' || r == '.' || r == '(' || r == ')' || r == '/'
	}), " ")
}

func nameHas(name string, words ...string) bool {
	for w := range strings.SplitSeq(nameWords(name), " ") {
		if slices.Contains(words, w) {
			return true
		}
	}
	return false
}

func wordSet(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
