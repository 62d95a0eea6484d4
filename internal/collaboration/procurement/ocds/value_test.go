package ocds_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/ocds"
)

// TestCanonical compares with exact fractions: two numbers have one text if and
// only if they are the same.
func TestCanonical(t *testing.T) {
	number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,3}0{0,3})(\.[0-9]{1,3})?([eE][+-]?0?[0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if same := ocds.Canonical(json.Number(a)) == ocds.Canonical(json.Number(b)); same != (x.Cmp(y) == 0) {
			t.Fatalf("%s and %s: %v", a, b, same)
		}
		if c := ocds.Canonical(json.Number(a)); ocds.Canonical(json.Number(c)) != c {
			t.Fatalf("%s gives %s, which gives another", a, c)
		}
	})
	if got := ocds.Canonical("1e999999999999999999999"); got != "1E999999999999999999999" {
		t.Error(got)
	}
}

func TestObject(t *testing.T) {
	var o ocds.Object
	for i := range 40 {
		o.Set(strings.Repeat("k", i), json.Number("1"))
	}
	o.Set("kkk", "three")
	if o.Text("kkk") != "three" || len(o.Fields) != 40 || o.Fields[3].Key != "kkk" || o.Text("none") != "" {
		t.Errorf("%d fields, %q", len(o.Fields), o.Fields[3])
	}
	o.Remove("kk")
	o.Remove("none")
	if v, there := o.Get("kk"); there || o.Text("kkk") != "three" || len(o.Fields) != 39 {
		t.Errorf("%v is still there, %d fields", v, len(o.Fields))
	}
	o.Set("kk", nil)
	if v, there := o.Get("kk"); !there || v != nil || o.Fields[39].Key != "kk" {
		t.Error("it was not put last")
	}
	few := ocds.Object{Fields: []ocds.Field{{Key: "a"}, {Key: "b"}, {Key: "c"}}}
	few.Remove("b")
	if got := string(ocds.Append(nil, &few)); got != `{"a":null,"c":null}` {
		t.Error(got)
	}
	if got := string(ocds.Append(nil, []any{nil, true, json.Number("1.10"), "\"\\\n\x01é<", &ocds.Object{}})); got != `[null,true,1.10,"\"\\\n\u0001é<",{}]` {
		t.Error(got)
	}
	if got := ocds.Pointer("a/b", "0", "~"); got != "/a~1b/0/~0" {
		t.Error(got)
	}
}
