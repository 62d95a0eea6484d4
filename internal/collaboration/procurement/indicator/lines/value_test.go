package lines_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"ceiba/internal/collaboration/procurement/indicator/lines"
	"ceiba/internal/collaboration/procurement/ocds"
)

func TestValueKeepsOrderAndDigits(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1.50,"a":[1e5,{},[],null,true,"é\u00e9\u2028\u0001\n\r\b<&>"]}`: `{"b":1.50,"a":[1e5,{},[],null,true,"éé` + "\u2028" + `\u0001\n\r\b<&>"]}`,
		`{"a":1,"b":2,"a":3}`:      `{"a":3,"b":2}`,
		` "x" `:                    `"x"`,
		`12345678901234567890.10 `: `12345678901234567890.10`,
		strings.Repeat("7", 5000):  strings.Repeat("7", 5000),
		strings.Repeat("[", 127) + strings.Repeat("]", 127): strings.Repeat("[", 127) + strings.Repeat("]", 127),
	} {
		v, err := lines.Value([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got := string(ocds.Append(nil, v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, in := range []string{``, `{`, `[1,]`, `{} {}`, `nul`, "\ufeff{}", `"\ud83d"`, strings.Repeat("[", 128) + strings.Repeat("]", 128)} {
		if v, err := lines.Value([]byte(in)); err == nil {
			t.Errorf("%q is read as %v", in, v)
		}
	}
}

// FuzzValue: what is read is JSON, and is written so that it is read as the same.
// JSON is refused only for what serde_json refuses too: nesting, and halves of
// surrogate pairs.
func FuzzValue(f *testing.F) {
	f.Add([]byte(`{"b":1.50,"a":[1e5,{},[],null,true,"é\u0001\n"],"a":2}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := lines.Value(in)
		if err != nil {
			deep := bytes.Count(in, []byte("["))+bytes.Count(in, []byte("{")) > 127
			if halves := bytes.Contains(bytes.ToLower(in), []byte(`\ud`)); json.Valid(in) && utf8.Valid(in) && !deep && !halves {
				t.Fatalf("%q: %v", in, err)
			}
			return
		}
		if !json.Valid(in) {
			t.Fatalf("%q is read as %v", in, v)
		}
		once := ocds.Append(nil, v)
		again, err := lines.Value(once)
		if err != nil || string(ocds.Append(nil, again)) != string(once) {
			t.Fatalf("%q becomes %q: %v", in, once, err)
		}
	})
}
