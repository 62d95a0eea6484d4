// Package money holds amounts as whole minor units with their currency, so
// that no cent is lost to a floating point.
package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount is a sum of money: Minor hundredths (cents) of Currency, an ISO 4217
// code. All currencies Ceiba meets have two decimals or are kept with two.
type Amount struct {
	Minor    int64
	Currency string
}

// ErrSyntax is returned by Parse for text that is no amount.
var ErrSyntax = errors.New("not an amount of money")

// Parse reads "12,500", "BZ$12,500.50" or "12500.5". Commas group thousands;
// a decimal comma is refused rather than guessed. The currency is BZD unless
// the text starts with US$.
func Parse(s string) (Amount, error) {
	s = strings.TrimSpace(s)
	a := Amount{Currency: "BZD"}
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	switch {
	case strings.HasPrefix(s, "BZ$"):
		s = s[3:]
	case strings.HasPrefix(s, "US$"):
		s, a.Currency = s[3:], "USD"
	case strings.HasPrefix(s, "$"):
		s = s[1:]
	}
	whole, frac, _ := strings.Cut(strings.TrimSpace(s), ".")
	if groups := strings.Split(whole, ","); len(groups) > 1 {
		for i, g := range groups {
			if len(g) != 3 && (i > 0 || len(g) == 0 || len(g) > 3) {
				return Amount{}, ErrSyntax
			}
		}
		whole = strings.Join(groups, "")
	}
	if len(frac) > 2 || whole == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return Amount{}, ErrSyntax
	}
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil {
		return Amount{}, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if neg {
		n = -n
	}
	a.Minor = n
	return a, nil
}

// FromFloat rounds f major units to the nearest minor unit.
func FromFloat(f float64, currency string) Amount {
	return Amount{int64(math.Round(f * 100)), currency}
}

// Decimal returns the amount as plain text such as "12500.50", for data files.
func (a Amount) Decimal() string {
	sign, n := "", a.Minor
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}
