package table

import (
	"strings"

	"ceiba/internal/ground/fault"
)

// UnknownColumn is the fault for a column that is not there.
func UnknownColumn(name string) error {
	return fault.New(fault.Invalid, "table.unknown_column", "column", Shorten(name, 80))
}

// Shorten shortens what a stranger wrote before it is shown in a message.
func Shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return strings.ToValidUTF8(s, "�")
}
