package api

import "testing"

func TestWithoutNUL(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"x\u0000y"}`:       `{"a":"xy"}`,
		`{"a":"x\\u0000y"}`:      `{"a":"x\\u0000y"}`, // a backslash and six letters
		`{"a":"\\\u0000\u0001"}`: `{"a":"\\\u0001"}`,
		`{"a":"\u00001\`:         `{"a":"1\`,
	} {
		if got := string(withoutNUL([]byte(text))); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
