package secret

import (
	"strings"
	"testing"
)

func TestCodeIsHeardAsPeopleSayIt(t *testing.T) {
	if got := Heard(" 1L-o5 X"); got != "1105x" {
		t.Errorf("heard %q", got)
	}
	for range 200 {
		if c := Code(); Heard(strings.ToUpper(c)) != c {
			t.Fatalf("%q is not heard as itself", c)
		}
	}
}

// RFC 6238, appendix B, cut to six figures.
func TestTOTPVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := At(secret, at/30); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestBox(t *testing.T) {
	x := NewBox([]byte("a key of the tests, 32 bytes long"[:32]))
	sealed, err := x.Seal([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := x.Unseal(sealed); err != nil || string(got) != "secret" || strings.Contains(sealed, "secret") {
		t.Errorf("%q opens to %q, %v", sealed, got, err)
	}
	for _, bad := range []string{"", "x", sealed[:8], "A" + sealed[1:], sealed + "AAAA"} {
		if got, err := x.Unseal(bad); err == nil && bad != sealed {
			t.Errorf("%q opens to %q", bad, got)
		}
	}
	if _, err := NewBox([]byte("another key of the tests, 32 byte"[:32])).Unseal(sealed); err == nil {
		t.Error("opens with another key")
	}
}
