package grid

import (
	"slices"
	"strings"
	"testing"
)

// TestNames makes unique safe names.
func TestNames(t *testing.T) {
	got := Names([]string{"Año", "ano", "", "2024", "% of total", "Cost (BZ$)", "select", "国人", strings.Repeat("long ", 40)})
	want := []string{"ano", "ano_2", "col_3", "c_2024", "percent_of_total", "cost_bz", "select", "col_8"}
	if !slices.Equal(got[:8], want) || len(got[8]) > 64 {
		t.Errorf("%q", got)
	}
}
