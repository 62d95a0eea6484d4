// Package coverage counts how often each field of a file of JSON lines is
// filled, as the command coverage of Cardinal does (cardinal-rs 0.0.8,
// src/lib.rs, Coverage::add).
//
// Empty are "", [], {} and null, and what holds only these. The path "" is a
// line; one that ends with / is an object, one that ends with [] an element of
// an array, any other a member of an object. So a member named "a[]" counts
// under the path of the elements of "a", as it does in Cardinal.
package coverage

import (
	"io"
	"runtime"

	"ceiba/internal/collaboration/procurement/indicator/lines"
	"ceiba/internal/collaboration/procurement/ocds"
)

// Counts say how often a path is filled.
type Counts map[string]int

// Count reads r, on as many goroutines as there are workers; 0 is one for each
// core.
func Count(r io.Reader, workers int) (Counts, lines.Skips, error) {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	all := Counts{}
	skips, err := lines.Each(r, workers, lines.Value, func(_ int, v any) error {
		all.add(v, "")
		return nil
	})
	return all, skips, err
}

// add counts a value under its path, and reports whether it is filled.
func (c Counts) add(v any, path string) (filled bool) {
	switch v := v.(type) {
	case nil:
	case []any:
		for _, one := range v {
			filled = c.add(one, path+"[]") || filled
		}
	case *ocds.Object:
		for _, m := range v.Fields {
			filled = c.add(m.Value, path+"/"+m.Key) || filled
		}
		if filled {
			c[path+"/"]++
		}
	case string:
		filled = v != ""
	default: // numbers and booleans
		filled = true
	}
	if filled {
		c[path]++
	}
	return filled
}
