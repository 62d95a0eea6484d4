package query

import (
	"ceiba/internal/service/table"
)

// Rejects returns up to limit rejects of the version, after the first skip.
func (v *Version) Rejects(skip, limit int) ([]table.Reject, error) {
	return table.ReadRejects(v.path(table.RejectsFile), max(skip, 0), min(limit, table.MaxRejects))
}
