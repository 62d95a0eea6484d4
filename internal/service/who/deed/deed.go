// Package deed lets go of who did what. Many tables say of a row who wrote,
// changed or decided it: once that person is erased, they say nothing.
//
// The log tells a person what they did, so such columns add nothing to the export
// of their data. What is said about a person, and not only done by them, belongs
// to a who.Personal of its module.
package deed

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"ceiba/internal/ground/db"
)

// Columns is the who.Personal of a module that keeps no more about people than
// who did what: columns, each written "table.column", that hold the id of whoever
// wrote, changed or decided a row. Erase empties them; Export has nothing to add.
func Columns(name string, columns ...string) Kept { return Kept{name, columns} }

// Kept is what Columns makes.
type Kept struct {
	name    string
	columns []string
}

// Name names the module's part.
func (d Kept) Name() string { return d.name }

// Export returns nothing.
func (d Kept) Export(context.Context, *db.Tx, string) (any, error) { return nil, nil }

// Erase empties the columns of a person's id.
func (d Kept) Erase(ctx context.Context, tx *db.Tx, person string) error {
	return LetGo(ctx, tx, person, d.columns...)
}

var tableColumn = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)

// LetGo empties columns, each written "table.column", of a person's id: for the
// Erase of a module that keeps more than who did what.
func LetGo(ctx context.Context, tx *db.Tx, person string, columns ...string) error {
	for _, c := range columns {
		if !tableColumn.MatchString(c) {
			return fmt.Errorf("%q is no column: write table.column", c)
		}
		table, column, _ := strings.Cut(c, ".")
		if _, err := tx.Exec(ctx, `UPDATE `+table+` SET `+column+` = '' WHERE `+column+` = $1`, person); err != nil {
			return err
		}
	}
	return nil
}
