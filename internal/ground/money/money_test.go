package money

import "testing"

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"12,500": "12500.00 BZD", "BZ$12,500.50": "12500.50 BZD", "US$ 3.1": "3.10 USD", "-0.05": "-0.05 BZD", "0": "0.00 BZD",
	} {
		a, err := Parse(in)
		if got := a.Decimal() + " " + a.Currency; err != nil || got != want {
			t.Errorf("Parse(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "abc", "12,50", "1.234", "1,2,3", "12.500,00", "99999999999999999999", ",500", "$"} {
		if a, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", in, a)
		}
	}
}
