package grid

import (
	"bytes"
	"slices"
	"strings"

	"ceiba/internal/service/table/source"
)

// class is what a cell looks like, as far as telling headers from rows needs it.
type class uint8

const (
	unseen class = iota // no value in the sample
	wordy
	numeric
	dated
	boolish
)

// classify looks at one cell that is not blank.
func classify(b []byte) class {
	b = bytes.TrimSpace(b)
	if len(b) > 40 {
		return wordy
	}
	switch strings.ToLower(string(b)) {
	case "true", "false", "yes", "no":
		return boolish
	}
	digits, letters, marks := 0, 0, 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80:
			letters++
		case c == '/' || c == ':' || c == '-' && digits > 0:
			marks++
		}
	}
	switch {
	case digits == 0:
		return wordy
	case letters == 0 && marks == 0:
		return numeric
	case marks > 0 && digits >= 3 && letters <= 4:
		return dated
	case letters <= 3 && digits > letters && money(b):
		return numeric
	}
	return wordy
}

// Wordy reports a cell that is no number, no date and no yes or no.
func Wordy(b []byte) bool { return classify(b) == wordy }

// money reports a number with a currency or a unit around it.
func money(b []byte) bool {
	low := strings.ToLower(strings.Trim(string(b), "0123456789.,+-() $%'"))
	return slices.Contains([]string{"", "bz", "bzd", "us", "usd", "eur", "€", "£", "gbp", "e", "°"}, low)
}

func year(b []byte) bool {
	b = bytes.TrimSpace(b)
	return len(b) == 4 && (string(b[:2]) == "19" || string(b[:2]) == "20") && classify(b) == numeric
}

// nullWord reports the usual words for "no value".
func nullWord(b []byte, more []string) bool {
	w := strings.ToLower(strings.TrimSpace(string(b)))
	switch w {
	case "-", "--", "---", ".", "..", "...", "*", "x", "?", "n/a", "na", "n.a.", "n.d.", "nd", "s/d", "null", "none", "nil", "nan", "nr", "tbd", "tbc", "unknown", "#n/a":
		return true
	}
	return strings.Trim(w, "*-. ") == "" || slices.ContainsFunc(more, func(m string) bool { return strings.EqualFold(m, w) })
}

// classes tells for each column what at least four of five of its values look
// like.
func classes(body []Record, width int, o source.Options) []class {
	type tally struct{ n [boolish + 1]int }
	counts := make([]tally, width)
	for i := range body {
		for c := range min(width, len(body[i].Cells)) {
			if v := body[i].Cells[c]; !Blank(v) && !nullWord(v, o.NullWords) {
				counts[c].n[classify(v)]++
			}
		}
	}
	out := make([]class, width)
	for c, t := range counts {
		all := 0
		for _, n := range t.n {
			all += n
		}
		for k, n := range t.n {
			if n > 0 && n*5 >= all*4 {
				out[c] = class(k)
			}
		}
		if all > 0 && out[c] == unseen {
			out[c] = wordy
		}
	}
	return out
}
