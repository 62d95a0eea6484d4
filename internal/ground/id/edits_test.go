package id

import "testing"

func TestEdits(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want int
	}{
		{"garifna", "garifuna", 1},
		{"garifnua", "garifuna", 1},
		{"water", "water", 0},
		{"water", "later", 1},
		{"abc", "xyz", 3},
		{"ab", "abcdef", 3},
		{"abcdef", "ab", 3},
		{"", "ab", 2},
		{"", "", 0},
		{"ab", "ba", 1},
		{"abcd", "badc", 2},
		{"año", "ano", 1},
	} {
		if got := Edits(x.a, x.b, 2); got != x.want {
			t.Errorf("%s to %s: %d, want %d", x.a, x.b, got, x.want)
		}
	}
}
