package grid

import (
	"strconv"
	"strings"

	"ceiba/internal/ground/id"
)

// Names makes unique identifiers of labels: lower-case ASCII letters, digits
// and underscores, starting with a letter, at most 60 bytes. An empty label
// gives col_N; a name that is taken gets _2, _3 and so on.
func Names(labels []string) []string {
	out := make([]string, len(labels))
	taken := make(map[string]bool, len(labels))
	for i, l := range labels {
		base := identifier(l)
		if base == "" {
			base = "col_" + strconv.Itoa(i+1)
		}
		name := base
		for n := 2; taken[name]; n++ {
			name = base + "_" + strconv.Itoa(n)
		}
		taken[name] = true
		out[i] = name
	}
	return out
}

// symbols stand for words in labels.
var symbols = strings.NewReplacer("%", " percent ", "€", " eur ", "£", " gbp ", "°", " ", "&", " and ", "½", " half ", "²", "2", "³", "3", "#", " number ")

func identifier(label string) string {
	const longest = 60
	var b strings.Builder
	gap := false
	for _, r := range id.Fold(symbols.Replace(label)) {
		switch {
		case r == '\'':
			continue
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
		if b.Len() >= longest {
			break
		}
	}
	s := b.String()
	if s != "" && s[0] <= '9' {
		s = "c_" + s
	}
	return s
}

// repeated lists the labels that stand more than once, for a note.
func repeated(labels []string) []string {
	seen := map[string]int{}
	var out []string
	for _, l := range labels {
		if l == "" {
			continue
		}
		if seen[l]++; seen[l] == 2 {
			out = append(out, l)
		}
	}
	return out
}
