package db

import (
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrCursor is returned for a cursor that was not made here or belongs to
// another order.
var ErrCursor = errors.New("not a cursor of this list")

// Keyset pages through a list by the values of its last row, which stays fast
// and steady however deep one goes and whatever is inserted meanwhile. Columns
// end with a unique one; all go the same way.
type Keyset struct {
	Columns []string
	Desc    bool
}

// OrderBy returns the ORDER BY clause.
func (k Keyset) OrderBy() string {
	dir := ""
	if k.Desc {
		dir = " DESC"
	}
	return "ORDER BY " + strings.Join(k.Columns, dir+", ") + dir
}

// After returns a condition that holds for the rows after cursor, with its
// arguments numbered from n, or "TRUE" for the empty cursor.
func (k Keyset) After(cursor string, n int) (string, []any, error) {
	if cursor == "" {
		return "TRUE", nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", nil, ErrCursor
	}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var values []any
	if err := dec.Decode(&values); err != nil || len(values) != len(k.Columns) {
		return "", nil, ErrCursor
	}
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = fmt.Sprintf("$%d", n+i)
		switch x := v.(type) {
		case json.Number:
			if whole, err := x.Int64(); err == nil {
				values[i] = whole
			} else if values[i], err = x.Float64(); err != nil {
				return "", nil, ErrCursor
			}
		case string, bool:
		default:
			return "", nil, ErrCursor
		}
	}
	op := ">"
	if k.Desc {
		op = "<"
	}
	for i, v := range values {
		values[i] = keyValue{v}
	}
	return "(" + strings.Join(k.Columns, ", ") + ") " + op + " (" + strings.Join(marks, ", ") + ")", values, nil
}

// keyValue is an argument that came with a cursor: anybody can write one, with
// values that are not of the columns' types.
type keyValue struct{ v any }

// Value gives it to the database as it is.
func (k keyValue) Value() (driver.Value, error) { return k.v, nil }

// ofCursor turns the failure of a query into ErrCursor where the engine could not
// take a value, and values of a cursor are among its arguments.
func ofCursor(err error, args []any) error {
	var e *pgconn.PgError
	refused := strings.Contains(err.Error(), "failed to encode args")
	if errors.As(err, &e) {
		refused = strings.HasPrefix(e.Code, "22") // data exception
	}
	if refused && slices.ContainsFunc(args, func(a any) bool { _, ok := a.(keyValue); return ok }) {
		return fmt.Errorf("%w: %w", ErrCursor, err)
	}
	return err
}

// Cursor makes the cursor that stands after a row with these key values:
// strings, whole numbers, floats or booleans.
func Cursor(values ...any) string {
	for i, v := range values {
		if t, ok := v.(Time); ok {
			values[i] = t.UnixMicro()
		}
	}
	raw, err := json.Marshal(values)
	if err != nil {
		panic(err) // a programming error: key values are plain
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}
