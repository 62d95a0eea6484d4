package bods_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/ground/needtest"
)

var small = read.Limits{Bytes: 100, Values: 20, Depth: 5, Digits: 20}

// told gives what Items says of a text.
func told(r io.Reader) (out []string) {
	for item, err := range bods.Items(r, small) {
		var f *bods.Fault
		switch {
		case item != nil:
			out = append(out, item.Pointer+" "+item.Object.Text("a"))
		case errors.As(err, &f) && f.Fatal:
			out = append(out, f.Kind+" END")
		case errors.As(err, &f):
			out = append(out, fmt.Sprint(f.Kind, " ", f.Index))
		}
	}
	return out
}

func TestItems(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", []string{"broken END"}},
		{"none", " [ ] ", nil},
		{"two", "\ufeff[{\"a\":\"1\"} ,\n{\"a\":\"[}\\\"\"}]", []string{"/0 1", `/1 [}"`}},
		{"lines", "{\"a\":\"1\"}\n{\"a\":\"2\"}", []string{"array 0", "/0 1", "/1 2"}},
		{"one", `{"a":"1"}`, []string{"array 0", "/0 1"}},
		{"strangers", `[1,"x",null,[{}],{"a":"1"}]`, []string{"stranger 0", "stranger 1", "stranger 2", "stranger 3", "/4 1"}},
		{"too large", `[{"b":"` + long + `"},{"a":"1"}]`, []string{"large 0", "/1 1"}},
		{"too deep", `[{"b":[[[[[[]]]]]]},{"a":"1"}]`, []string{"element 0", "/1 1"}},
		{"twice", `[{"a":"1","a":"2"},{"a":"1"}]`, []string{"element 0", "/1 1"}},
		{"no number", `[{"b":NaN},{"a":"1"}]`, []string{"element 0", "/1 1"}},
		{"cut off", `[{"a":"1"},{"a":`, []string{"/0 1", "broken END"}},
		{"cut off behind", `[{"a":"1"}`, []string{"/0 1", "broken END"}},
		{"no comma", `[{"a":"1"}{"a":"2"}]`, []string{"/0 1", "syntax END"}},
		{"a comma too many", `[{"a":"1"},]`, []string{"/0 1", "syntax END"}},
		{"something behind", `[{"a":"1"}] x`, []string{"/0 1", "syntax END"}},
		{"closed twice", `[}]`, []string{"syntax END"}},
	} {
		if got := told(strings.NewReader(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := told(iotest.OneByteReader(strings.NewReader(c.text))); !slices.Equal(got, c.want) {
			t.Errorf("%s, byte by byte: %q", c.name, got)
		}
	}
	if got := told(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(`[{"a":"1"}]`)))); got[len(got)-1] != "input END" {
		t.Error(got)
	}
}

// TestTolerant: what has the wrong type is left out, and the rest is there.
func TestTolerant(t *testing.T) {
	all, _ := bods.All([]byte(`[{"statementId":7,"recordId":"r","recordType":"relationship","recordDetails":{"isComponent":"no","subject":5,"interestedParty":{"reason":"unknown"},"interests":[{"type":"shareholding","share":{"exact":"12.5","minimum":"lots","maximum":1e99}},"x"]}}]`))
	s := bods.Of(all[0])
	if s.ID != "" || s.Record != "r" || s.Details.Owned == nil || s.Details.Owned.Record != "" || s.Details.Owner.Reason.Reason != "unknown" {
		t.Errorf("%+v", s)
	}
	if i := s.Details.Interests; len(i) != 2 || *i[0].Share != (bods.Share{Exact: "12.5"}) {
		t.Errorf("%+v", i)
	}
}

// TestKinds: every kind of fault and problem has its sentence.
func TestKinds(t *testing.T) {
	text, err := bods.Words.ReadFile("locale/es.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]string
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{bods.NoArray, bods.Stranger, bods.Large, bods.Element, bods.Syntax, bods.Broken, bods.Input} {
		if f := (bods.Fault{Kind: k}); words[f.Key()] == "" {
			t.Error(k)
		}
	}
}

const somebody = `[{"statementId":"s","recordId":"p","recordType":"person","declarationSubject":"c","annotations":[{"statementPointerTarget":"/recordDetails/birthDate","transformedContent":"1980-02-03"}],"x":1,
"recordDetails":{"isComponent":false,"personType":"knownPerson","names":[{"fullName":"Some Body","tel":"600-0000"}],"birthDate":"1980-02-03","deathDate":"2020","taxResidencies":[{"name":"Belize"}],
"identifiers":[{"scheme":"BLZ-PASSPORT","id":"P0012345"}],"addresses":[{"type":"residence","address":"1 First Street","postCode":"00123","country":{"name":"Belize"}}],
"placeOfBirth":{"address":"Some Town","country":{"name":"Belize"}},"politicalExposure":{"status":"isPep","details":[{"reason":"minister","source":{"description":"letter"}}]},"phone":"600-0000"}}]`

func TestPublic(t *testing.T) {
	all, _ := bods.All([]byte(somebody))
	public, err := bods.Public(all[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"statementId":"s","recordId":"p","recordType":"person","declarationSubject":"c","recordDetails":{"isComponent":false,"personType":"knownPerson","names":[{"fullName":"Some Body"}],"birthDate":"1980-02","deathDate":"2020","placeOfBirth":{"country":{"name":"Belize"}},"addresses":[{"type":"residence","country":{"name":"Belize"}}],"politicalExposure":{"status":"isPep","details":[{"reason":"minister"}]}}}`
	if got := string(ocds.Append(nil, public)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	leaking, _ := bods.All([]byte(strings.Replace(somebody, `"recordId":"p"`, `"recordId":"BLZ-P0012345"`, 1)))
	if _, err := bods.Public(leaking[0]); !errors.Is(err, bods.ErrPersonal) {
		t.Error("a passport number as the id of a record is published")
	}
	strange, _ := bods.All([]byte(strings.Replace(somebody, `"recordType":"person"`, `"recordType":"human"`, 1)))
	if o, _ := bods.Public(strange[0]); strings.Contains(string(ocds.Append(nil, o)), "Some Body") {
		t.Error("a statement of no type is published")
	}
}

// TestPublicHidesAny draws what is personal, and looks for it.
func TestPublicHidesAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Z0-9]{8,12}`)
		number, street, day := secret.Draw(t, "number"), secret.Draw(t, "street"), rapid.IntRange(10, 28).Draw(t, "day")
		all, _ := bods.All([]byte(fmt.Sprintf(`[{"recordType":"person","recordDetails":{"birthDate":"1980-02-%d","identifiers":[{"id":%q}],"addresses":[{"address":%q,"more":%q}],%q:%q}}]`, day, number, street, street, rapid.StringMatching(`[a-z]{3,9}`).Draw(t, "key"), number)))
		if len(all) == 0 {
			t.Skip()
		}
		public, err := bods.Public(all[0])
		if err != nil {
			return
		}
		text := string(ocds.Append(nil, public))
		for _, s := range []string{number, street, fmt.Sprintf("1980-02-%d", day)} {
			if strings.Contains(text, s) {
				t.Errorf("%s has %s", text, s)
			}
		}
	})
}

// FuzzRead reads anything, takes it as statements, and writes the public view.
func FuzzRead(f *testing.F) {
	f.Add([]byte(somebody))
	f.Add([]byte("{\"a\":\"\\\"}\n[1,"))
	if dir := os.Getenv("CEIBA_TESTDATA"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(needtest.Data(f), "ocds", "related", "bods-0.4", "examples", "*.json"))
		for _, name := range files {
			if text, err := os.ReadFile(name); err == nil {
				f.Add(text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, _ := bods.All(text)
		for _, o := range all {
			s := bods.Of(o)
			if again := bods.Of(s.Object()); again.ID != s.ID || again.Record != s.Record || len(again.Details.Interests) != len(s.Details.Interests) {
				t.Errorf("written and read again it is another: %+v", s)
			}
			if public, err := bods.Public(o); err == nil && public == nil {
				t.Error("neither view nor error")
			}
		}
	})
}
