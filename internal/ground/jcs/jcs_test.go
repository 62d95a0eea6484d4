package jcs_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/ground/jcs"
)

// TestRFC: the examples of RFC 8785, sections 3.2.2 and 3.2.3.
func TestRFC(t *testing.T) {
	for in, want := range map[string]string{
		`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`: `{"\r":"Carriage Return","1":"One","` + "\u0080" +
			`":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`,
	} {
		got, err := jcs.Canonical([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s\n%v\nwant\n%s", got, err, want)
		}
	}
}

// TestNumbers: appendix B of the RFC.
func TestNumbers(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0", 0x8000000000000000: "0",
		0x0000000000000001: "5e-324", 0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308", 0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992", 0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22", 0x44b52d02c7e14af6: "1e+23", 0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000", 0x444b1ae4d6e2ef4f: "999999999999999900000", 0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7", 0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332", 0x41b3de4355555554: "333333333.33333325", 0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334", 0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333", 0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		got, err := jcs.Marshal(math.Float64frombits(bits))
		if err != nil || string(got) != want {
			t.Errorf("%x: %s %v, want %s", bits, got, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{
		"", "{", "1 2", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "\"\xff\"", `"\ud800"`, `"\udc00\ud800"`, `"\ud800\u0041"`, `"\ud83d \ude00"`,
		"1e400", "NaN", strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
	} {
		if got, err := jcs.Canonical([]byte(text)); err == nil {
			t.Errorf("%.40q gave %s", text, got)
		}
	}
}

func TestKept(t *testing.T) {
	for _, s := range []string{"<&>\u2028\u2029\x7f", "e\u0301 is not \u00e9", "\u0000\u001f\b\f", "\ufffd", `\ud800`} {
		text, err := jcs.Marshal(s)
		var back string
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back != s {
			t.Errorf("%q came back as %q (%v)", s, back, err)
		}
	}
}

// TestProperties: the form means the same as the text, and is its own.
func TestProperties(t *testing.T) {
	one := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return strings.ToValidUTF8(s, "?") }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
	)
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.MapOf(rapid.Map(rapid.String(), func(s string) string { return strings.ToValidUTF8(s, "?") }), rapid.SliceOf(one)).Draw(t, "value")
		text, err := json.Marshal(in)
		if err != nil {
			t.Skip("no JSON")
		}
		once, err := jcs.Canonical(text)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := jcs.Canonical(once)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s, then %s (%v)", once, twice, err)
		}
		var a, b any
		if json.Unmarshal(text, &a) != nil || json.Unmarshal(once, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("%s is not %s", once, text)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`{"b":[1,"\u20ac"],"a":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		once, err := jcs.Canonical(text)
		if err != nil {
			return
		}
		twice, err := jcs.Canonical(once)
		if err != nil || string(once) != string(twice) {
			t.Errorf("%q gave %q, then %q (%v)", text, once, twice, err)
		}
	})
}
