package tree_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator/tree"
)

func TestKeepsOrderAndDigits(t *testing.T) {
	for in, want := range map[string]string{
		`{"b":1.50,"a":[1e5,{},[],null,true,"é\u00e9\u2028\u0001\n<&>"]}`: `{"b":1.50,"a":[1e5,{},[],null,true,"éé` + "\u2028" + `\u0001\n<&>"]}`,
		`{"a":1,"b":2,"a":3}`:      `{"a":3,"b":2}`,
		` "x" `:                    `"x"`,
		`12345678901234567890.10 `: `12345678901234567890.10`,
	} {
		v, err := tree.Parse([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got := string(tree.Append(nil, v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, in := range []string{``, `{`, `[1,]`, `{} {}`, `nul`} {
		if v, err := tree.Parse([]byte(in)); err == nil {
			t.Errorf("%q is read as %v", in, v)
		}
	}
}

func FuzzWritesTheSame(f *testing.F) {
	f.Add([]byte(`{"b":1.50,"a":[1e5,{},[],null,true,"é\u0001\n"],"a":2}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := tree.Parse(in)
		if (err == nil) != json.Valid(in) {
			t.Fatalf("%q: %v", in, err)
		}
		if err != nil {
			return
		}
		once := tree.Append(nil, v)
		again, err := tree.Parse(once)
		if err != nil || string(tree.Append(nil, again)) != string(once) {
			t.Fatalf("%q becomes %q: %v", in, once, err)
		}
	})
}

func TestChangesMembers(t *testing.T) {
	v, err := tree.Parse([]byte(`{"a":1,"b":2,"c":3}`))
	if err != nil {
		t.Fatal(err)
	}
	o := v.(*tree.Object)
	o.Remove("a")
	o.Remove("none")
	o.Set("b", "x")
	o.Set("d", nil)
	if got := string(tree.Append(nil, o)); got != `{"b":"x","c":3,"d":null}` {
		t.Errorf("got %s", got)
	}
	if _, there := o.Get("a"); there || strings.Contains(string(tree.Append(nil, o)), `"a"`) {
		t.Error("a is still there")
	}
}
