package cell

import (
	"math"
	"strconv"
	"time"

	"ceiba/internal/service/table"
)

// Show turns what a database returns into what people and programs get: text,
// int64, float64, bool or nil; dates and times as ISO 8601 text.
func Show(c *table.Column, v any) any {
	switch x := v.(type) {
	case nil:
		return nil
	case []byte:
		return string(x)
	case time.Time:
		return showTime(c, x.UnixMicro())
	case int64:
		return ShowInt(c, x)
	}
	return v
}

func showTime(c *table.Column, us int64) string {
	var b [40]byte
	switch c.Type.Form() {
	case table.FormDate:
		return string(appendDate(b[:0], floorDiv(us, Day)))
	case table.FormTime:
		return string(appendTime(b[:0], us-floorDiv(us, Day)*Day))
	}
	return string(appendStamp(b[:0], us, c.UTC))
}

// ShowInt is Show for a value as it is stored.
func ShowInt(c *table.Column, n int64) any {
	var b [40]byte
	switch c.Type.Form() {
	case table.FormDate:
		return string(appendDate(b[:0], n))
	case table.FormStamp:
		return string(appendStamp(b[:0], n, c.UTC))
	case table.FormTime:
		return string(appendTime(b[:0], n))
	case table.FormBool:
		return n != 0
	}
	return n
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// AppendPlain writes a value that is no text; nothing for no value.
func AppendPlain(b []byte, v any) []byte {
	switch x := v.(type) {
	case int64:
		return strconv.AppendInt(b, x, 10)
	case float64:
		if math.Abs(x) < 1e15 {
			return strconv.AppendFloat(b, x, 'f', -1, 64)
		}
		return strconv.AppendFloat(b, x, 'g', -1, 64)
	case bool:
		return strconv.AppendBool(b, x)
	}
	return b
}
