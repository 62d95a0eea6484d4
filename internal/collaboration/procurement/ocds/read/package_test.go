package read_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds/read"
)

const packages = `{"version":"1.1","releases":[{"ocid":"a"},7,{"ocid":"b"}],"extensions":["x"]}
[{"records":[],"uri":"u"},
{"releases":[{"url":"l"}],"ocid":"c","x":[{"version":"9"}]}]
{"ocid":"d","version":"no package"}
{"x":{"n":1,"n":2},"records":[{"ocid":"e"}],"version":"1.0"}
`

// TestPackagesAfterItems: a package comes after its items, with what it says and
// how much it held; a record whose releases came first is no package.
func TestPackagesAfterItems(t *testing.T) {
	limits := read.Usual
	limits.Packages = true
	var got []string
	for item, err := range read.Items(strings.NewReader(packages), limits) {
		switch {
		case err != nil:
			got = append(got, strings.Fields(err.Error())[0])
		case item.Kind == read.Pack:
			got = append(got, fmt.Sprintf("package %d %q %s %v", item.Line, item.Pointer, item.Package.Version(), item.Package.Lists))
		default:
			got = append(got, fmt.Sprintf("%s %s %d %v", item.Kind, item.Object.Text("ocid"), item.Size, item.Rest))
		}
	}
	if d := cmp.Diff([]string{
		"release a 12 false", "stranger", "release b 12 false", `package 1 "" 1.1 map[releases:3]`,
		`package 2 "/0" 1.0 map[records:0]`, "link  11 false", "record c 59 true", "release d 35 false",
		"record e 12 false", `package 5 "" 1.0 map[records:1]`, "twice",
	}, got); d != "" {
		t.Error(d)
	}
}

// TestPackagesAlone: what packages say is there without their items.
func TestPackagesAlone(t *testing.T) {
	var got []string
	for p := range read.Packages(strings.NewReader(packages), read.Usual) {
		v, _ := p.About.Get("extensions")
		got = append(got, fmt.Sprintf("%d %q %s %s %v", p.Offset, p.Pointer, p.About.Text("version"), p.About.Text("ocid"), v))
	}
	if d := cmp.Diff([]string{`0 "" 1.1  [x]`, `79 "/0"   <nil>`, `105 "/1"  c <nil>`, `202 "" 1.0  <nil>`}, got); d != "" {
		t.Error(d)
	}
	for range read.Packages(strings.NewReader(packages), read.Usual) {
		break
	}
	for p := range read.Packages(strings.NewReader(`{"releases":[{`), read.Usual) {
		t.Error(p)
	}
}
