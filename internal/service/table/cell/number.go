package cell

import (
	"bytes"
	"math"
	"strconv"
)

// Numeral is a number as it stood in a cell.
type Numeral struct {
	Float    float64
	Int      int64  // meaningful when integral
	Integral bool   // digits only, perhaps grouped: 12, 1,200, -3
	Padded   bool   // begins with a zero that a number would lose: 007
	Comma    bool   // a comma stood in it
	Point    bool   // a point stood in it
	Unit     string // currency or %
}

// currencies that may stand before or after an amount. Longer ones first.
var currencies = []string{"BZ$", "US$", "MX$", "CA$", "BZD", "USD", "EUR", "GBP", "MXN", "GTQ", "$", "€", "£"}

// ParseNumber reads a cell as a number, with decimal comma or point. It knows
// signs, parentheses for negative amounts, groups of three digits, currencies
// and per cent. It refuses integers over 18 digits: they are identifiers.
func ParseNumber(b []byte, decimalComma bool) (n Numeral, ok bool) {
	neg, b := stripSign(b)
	b, n.Unit = stripUnit(b)
	if !neg && n.Unit != "" {
		neg, b = stripSign(b)
	}
	if len(b) == 0 || len(b) > 40 {
		return n, false
	}
	var digits [48]byte // cleaned: digits, one point, exponent
	d := digits[:0]
	if d, ok = cleanNumber(d, b, decimalComma, &n); !ok {
		return n, false
	}
	return finishNumber(d, neg, n)
}

func stripSign(b []byte) (neg bool, rest []byte) {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > 2 && b[0] == '(' && b[len(b)-1] == ')':
		return true, bytes.TrimSpace(b[1 : len(b)-1])
	case len(b) > 1 && b[0] == '-':
		return true, b[1:]
	case len(b) > 1 && b[0] == '+':
		return false, b[1:]
	case bytes.HasPrefix(b, []byte("−")): // U+2212, the typographic minus
		return true, b[3:]
	}
	return false, b
}

func stripUnit(b []byte) (rest []byte, unit string) {
	if len(b) < 2 || (b[0] >= '0' && b[0] <= '9' && b[len(b)-1] >= '0' && b[len(b)-1] <= '9') {
		return b, ""
	}
	if b[len(b)-1] == '%' {
		return bytes.TrimSpace(b[:len(b)-1]), "%"
	}
	for _, c := range currencies {
		if len(b) > len(c) && string(b[:len(c)]) == c {
			return bytes.TrimSpace(b[len(c):]), c
		}
		if len(b) > len(c) && string(b[len(b)-len(c):]) == c {
			return bytes.TrimSpace(b[:len(b)-len(c)]), c
		}
	}
	return b, ""
}

// cleanNumber copies the digits of b to d with a point for the decimal mark,
// checking the groups on the way.
func cleanNumber(d, b []byte, decimalComma bool, n *Numeral) ([]byte, bool) {
	mark, group := byte('.'), byte(',')
	if decimalComma {
		mark, group = ',', '.'
	}
	run, groups, marked := 0, 0, false
	var sep byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		n.Comma, n.Point = n.Comma || c == ',', n.Point || c == '.'
		switch {
		case c >= '0' && c <= '9':
			run++
			d = append(d, c)
		case c == mark && !marked:
			if groups > 0 && run != 3 || run == 0 && groups > 0 {
				return d, false
			}
			marked, run = true, 0
			d = append(d, '.')
		case (c == group || c == ' ' || c == '\'' || c == 0xC2 && i+1 < len(b) && b[i+1] == 0xA0) && !marked:
			if c == 0xC2 {
				i++
			}
			if run == 0 || run > 3 || groups > 0 && (run != 3 || c != sep) {
				return d, false
			}
			sep, run, groups = c, 0, groups+1
		case (c == 'e' || c == 'E') && len(d) > 0 && i+1 < len(b):
			return cleanExponent(d, b[i+1:], groups)
		default:
			return d, false
		}
	}
	if groups > 0 && !marked && run != 3 || len(d) == 0 || len(d) == 1 && d[0] == '.' {
		return d, false
	}
	n.Integral = !marked
	whole := bytes.IndexByte(d, '.')
	if whole < 0 {
		whole = len(d)
	}
	n.Padded = whole > 1 && d[0] == '0'
	return d, true
}

func cleanExponent(d, b []byte, groups int) ([]byte, bool) {
	d = append(d, 'e')
	if b[0] == '-' || b[0] == '+' {
		d, b = append(d, b[0]), b[1:]
	}
	if len(b) == 0 || len(b) > 3 || groups > 0 {
		return d, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return d, false
		}
	}
	return append(d, b...), true
}

var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// finishNumber turns cleaned digits into a value. Up to 15 digits, one division
// is exact (Clinger's fast path); beyond, strconv rounds correctly.
func finishNumber(d []byte, neg bool, n Numeral) (Numeral, bool) {
	if n.Integral && len(d) > 18 {
		return n, false
	}
	mantissa, after, fast := int64(0), -1, true
	for _, c := range d {
		switch {
		case c == '.':
			after = 0
			continue
		case c < '0' || c > '9':
			fast = false
		}
		if after >= 0 {
			after++
		}
		mantissa = mantissa*10 + int64(c-'0')
		if mantissa > 1e17 && !n.Integral {
			fast = false
		}
		if !fast {
			break
		}
	}
	switch {
	case n.Integral:
		n.Int, n.Float = mantissa, float64(mantissa)
	case fast && mantissa < 1<<53 && after <= 15:
		n.Float = float64(mantissa) / tens[max(after, 0)]
	default:
		f, err := strconv.ParseFloat(string(d), 64)
		if err != nil || math.IsInf(f, 0) {
			return n, false
		}
		n.Float = f
	}
	if neg {
		n.Int, n.Float = -n.Int, -n.Float
	}
	if n.Float == 0 {
		n.Float = 0 // no negative zero
	}
	return n, true
}
