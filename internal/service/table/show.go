package table

import "time"

// show turns what a database returns into what people and programs get: text,
// int64, float64, bool or nil; dates and times as ISO 8601 text.
func show(c *Column, v any) any {
	switch x := v.(type) {
	case nil:
		return nil
	case []byte:
		return string(x)
	case time.Time:
		return showTime(c, x.UnixMicro())
	case int64:
		return showInt(c, x)
	}
	return v
}

func showTime(c *Column, us int64) string {
	var b [40]byte
	switch c.Type.form() {
	case formDate:
		return string(appendDate(b[:0], floorDiv(us, day)))
	case formTime:
		return string(appendTime(b[:0], us-floorDiv(us, day)*day))
	}
	return string(appendStamp(b[:0], us, c.UTC))
}

func showInt(c *Column, n int64) any {
	var b [40]byte
	switch c.Type.form() {
	case formDate:
		return string(appendDate(b[:0], n))
	case formStamp:
		return string(appendStamp(b[:0], n, c.UTC))
	case formTime:
		return string(appendTime(b[:0], n))
	case formBool:
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
