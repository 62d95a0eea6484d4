package law

import (
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// Number is a decimal number in ten-thousandths: 0.95 is 9500.
type Number int64

// one is the number 1.
const one = 10000

// largest is the largest number of a table: a milliard.
const largest = 1e9 * one

// ErrNumber is returned for what is no number of at most four places.
var ErrNumber = errors.New("not a number of at most four places, from 0 to 1000000000")

// ParseNumber reads digits, with a point and up to four more.
func ParseNumber(s string) (Number, error) {
	whole, part, point := strings.Cut(s, ".")
	if whole == "" || len(whole) > 10 || len(part) > 4 || point && part == "" || strings.Trim(whole+part, "0123456789") != "" {
		return 0, ErrNumber
	}
	n, err := strconv.ParseInt(whole+(part + "0000")[:4], 10, 64)
	if err != nil || n > largest {
		return 0, ErrNumber
	}
	return Number(n), nil
}

// String writes the number without zeros at its end.
func (n Number) String() string {
	s := strconv.FormatInt(int64(n)/one, 10)
	part := strconv.FormatInt(one+int64(n)%one, 10)[1:]
	if part = strings.TrimRight(part, "0"); part != "" {
		s += "." + part
	}
	return s
}

// fits tells whether a number can be a value in a unit.
func (n Number) fits(u Unit) bool {
	whole := n%one == 0
	switch u {
	case Count, Days, Edges:
		return whole && n <= 1e6*one
	case Month:
		return whole && n >= one && n <= 12*one
	case Factor:
		return n <= 1000*one
	case Share:
		return n <= one
	}
	return n%100 == 0 // cents
}

// Int is the whole part.
func (n Number) Int() int { return int(n / one) }

// Cents is an amount in hundredths.
func (n Number) Cents() int64 { return int64(n) / 100 }

// Times is how many whole cents an amount of cents times the number is at
// least: 5 times 999, or 0.9 times 1001 which is 901. For amounts of a table.
func (n Number) Times(cents int64) int64 {
	hi, lo := bits.Mul64(uint64(n), uint64(cents))
	lo, carry := bits.Add64(lo, one-1, 0)
	q, _ := bits.Div64((hi+carry)%one, lo, one)
	return int64(q)
}

// Compare compares part with the number times whole, exactly: below 0 if it is
// less, above 0 if it is more. Neither may be negative.
func (n Number) Compare(part, whole int64) int {
	ahi, alo := bits.Mul64(uint64(part), one)
	bhi, blo := bits.Mul64(uint64(whole), uint64(n))
	switch {
	case ahi != bhi:
		return sign(ahi > bhi)
	case alo != blo:
		return sign(alo > blo)
	}
	return 0
}

func sign(more bool) int {
	if more {
		return 1
	}
	return -1
}
