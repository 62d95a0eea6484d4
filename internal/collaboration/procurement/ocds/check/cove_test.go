package check_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ceiba/internal/collaboration/procurement/ocds/check"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/needtest"
)

// coves is what lib-cove-ocds 0.17.0 says of a file.
type coves struct {
	Standard   schema.Version `json:"standard"` // whose rules it was told to use
	Count      int            `json:"count"`
	OCIDs      int            `json:"ocids"`
	Invalid    map[string]int `json:"validation_errors"` // by type, field, and name of what is missing
	Types      map[string]int `json:"types"`             // by type alone, where there are too many
	Deprecated []string       `json:"deprecated"`
	Closed     map[string]int `json:"closed"` // how many different codes
	Open       map[string]int `json:"open"`
	Empty      int            `json:"empty"`
	Prefixes   int            `json:"prefixes"`
	Additional map[string]int `json:"additional"`
	NoID       int            `json:"missing_ids"`
}

// translated is what lib-cove-ocds takes for a field in another language,
// whatever the schema says.
var translated = regexp.MustCompile(`_([A-Za-z]{2,8}|x-[A-Za-z0-9]{1,8})$`)

// mistaken are fields whose names begin with the name of another additional
// field, which lib-cove-ocds therefore takes for fields within that one.
var mistaken = map[string]bool{"fechaActualizacion": true, "causeDescription": true}

// ours says the same by our report.
func ours(rep *check.Report) coves {
	c := coves{
		Count: rep.Releases + rep.Records, OCIDs: rep.OCIDs,
		Invalid: map[string]int{}, Deprecated: []string{}, Closed: map[string]int{}, Open: map[string]int{}, Additional: map[string]int{},
	}
	for _, g := range rep.Groups(check.Kinds...) {
		base := g.Field[strings.LastIndexByte(g.Field, '/')+1:]
		switch g.Kind {
		case check.Invalid:
			key := g.Type() + " " + g.Field
			if g.Rule == "required" {
				key += " " + g.Name
			}
			c.Invalid[key] += g.Count
		case check.Deprecated:
			if !slices.Contains(c.Deprecated, base) {
				c.Deprecated = append(c.Deprecated, base)
			}
		case check.ClosedCode:
			if n := codes(g); n > 0 {
				c.Closed[g.Field] = n
			}
		case check.OpenCode:
			c.Open[g.Field] = codes(g)
		case check.Empty:
			c.Empty += g.Count
		case check.Conformance:
			c.Prefixes += g.Count
		case check.Additional:
			if g.Rule != "below" && !translated.MatchString(base) && !mistaken[base] {
				c.Additional["/"+g.Field] = g.Count
			}
		case check.NoID:
			if !strings.HasPrefix(g.Field, "records/releases/") { // where lib-cove-ocds does not look
				c.NoID += g.Count
			}
		}
	}
	slices.Sort(c.Deprecated)
	return c
}

// codes counts those of a group, but for empty ones, which lib-cove-ocds passes
// over.
func codes(g *check.Group) (n int) {
	for _, c := range g.Codes {
		if c.Text() != "" {
			n++
		}
	}
	return n
}

// again opens a text as often as it is wanted.
func again(text []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
}

func checked(t testing.TB, o check.Options, text []byte) *check.Report {
	t.Helper()
	rep := &check.Report{}
	if err := check.New(o).File("", bytes.NewReader(text), again(text), rep, nil); err != nil {
		t.Fatal(err)
	}
	return rep
}

// packed makes a package of JSON lines.
func packed(lines []byte) []byte {
	b := []byte(`{"uri":"http://x.org/1","version":"1.1","publisher":{"name":"x"},"publishedDate":"2020-01-01T00:00:00Z","releases":[`)
	b = append(b, bytes.ReplaceAll(bytes.TrimSpace(lines), []byte("\n"), []byte(","))...)
	return append(b, "]}"...)
}

func byType(all map[string]int) map[string]int {
	types := map[string]int{}
	for key, n := range all {
		name, _, _ := strings.Cut(key, " ")
		types[name] += n
	}
	return types
}

// TestAsCove compares with what lib-cove-ocds says of the real releases, of the
// examples and, where they are, of its own fixtures.
func TestAsCove(t *testing.T) {
	text, err := os.ReadFile("testdata/cove.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]coves
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	absent := 0
	for name, want := range all {
		text, err := os.ReadFile(filepath.Join(needtest.Data(t), "ocds", name))
		if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, "cove-fixtures/") {
			absent++
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			if strings.HasSuffix(name, ".jsonl") {
				text = packed(text)
			}
			got := ours(checked(t, check.Options{Standard: want.Standard}, text))
			got.Standard = want.Standard
			if want.Types != nil {
				got.Types, got.Invalid = byType(got.Invalid), map[string]int{}
			}
			delete(want.Additional, "/_id/$oid") // it takes _id for a translation
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
	if absent > 0 {
		t.Logf("%d fixtures of lib-cove-ocds (tests/fixtures at 477b523) are not in the test data, under ocds/cove-fixtures", absent)
	}
}
