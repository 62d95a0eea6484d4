package schema_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/schema"
	"ceiba/internal/ground/needtest"
)

func folder(t testing.TB) string {
	return filepath.Join(needtest.Data(t), "ocds", "related", "bods-0.4", "tests", "data")
}

// judged reads a file of the conformance suite and validates its statements.
func judged(t testing.TB, name string) (problems []bods.Problem, faults []*bods.Fault) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	statements, faults := bods.All(text)
	for i, o := range statements {
		problems = append(problems, schema.Validate(o, i)...)
	}
	return problems, faults
}

// TestValid: each valid file of the standard is accepted.
func TestValid(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder(t), "valid-statements", "*.json"))
	if err != nil || len(files) != 111 {
		t.Fatal(len(files), err)
	}
	for _, name := range files {
		problems, faults := judged(t, name)
		for _, p := range problems {
			t.Errorf("%s: %v", filepath.Base(name), p)
		}
		if len(faults) > 0 {
			t.Error(filepath.Base(name), faults)
		}
	}
}

// kinds are the keywords of the schema by the kinds of ours.
var kinds = map[string]string{
	"type": "type", "required": "required", "enum": "enum", "format": "format", "anyOf": "choice oneneeded", "oneOf": "choice",
	"minimum": "minimum", "maximum": "maximum", "minLength": "minlength", "maxLength": "maxlength", "const": "const", "pattern": "pattern",
}

// TestInvalid: each invalid file is rejected, for the reason that the standard
// says and at its place.
func TestInvalid(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder(t), "invalid-statements", "*.json"))
	if err != nil || len(files) != 192 {
		t.Fatal(len(files), err)
	}
	words := sentences(t)
	expected := expectations(t)
	for _, name := range files {
		base := filepath.Base(name)
		problems, faults := judged(t, name)
		if len(problems)+len(faults) == 0 {
			t.Errorf("%s is accepted", base)
			continue
		}
		for _, p := range problems {
			if words[p.Key()] == "" || !strings.HasPrefix(p.Pointer, "/0") {
				t.Errorf("%s: no sentence %s, or no place %q", base, p.Key(), p.Pointer)
			}
		}
		want, ok := expected[base]
		if !ok || want.keyword == "type" && want.pointer == "" {
			continue // the array itself
		}
		if !fulfilled(problems, want) {
			t.Errorf("%s: want %s at %s, got %v", base, want.keyword, want.pointer, problems)
		}
	}
}

type expectation struct{ keyword, pointer string }

func fulfilled(problems []bods.Problem, want expectation) bool {
	for _, p := range problems {
		for _, k := range strings.Fields(kinds[want.keyword]) {
			if p.Kind == k && p.Pointer == want.pointer {
				return true
			}
		}
	}
	return false
}

var step = regexp.MustCompile(`\[(\d+)\]|\.?([^.\[\]$]+)`)

func expectations(t *testing.T) map[string]expectation {
	f, err := os.Open(filepath.Join(folder(t), "invalid-statements", "expected_errors.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]expectation{}
	for _, r := range rows {
		pointer := ""
		for _, m := range step.FindAllStringSubmatch(strings.TrimSpace(r[2]), -1) {
			pointer += "/" + m[1] + m[2]
		}
		out[r[0]] = expectation{strings.TrimSpace(r[1]), pointer}
	}
	return out
}

func sentences(t *testing.T) (words map[string]string) {
	text, err := bods.Words.ReadFile("locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	return words
}

// TestExamples: the standard's worked examples are valid.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "related", "bods-0.4", "examples", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, name := range files {
		if problems, faults := judged(t, name); len(problems)+len(faults) > 0 {
			t.Errorf("%s: %v %v", filepath.Base(name), problems, faults)
		}
	}
}

// TestHugeNumber: a number that would fill the memory is a problem.
func TestHugeNumber(t *testing.T) {
	for _, n := range []string{"1e999999999", "1e-999999999", "1e99999999999999999999", "9E301"} {
		statements, _ := bods.All([]byte(`[{"statementId":` + n + `}]`))
		found := false
		for _, p := range schema.Validate(statements[0], 0) {
			found = found || p.Kind == "number" && p.Pointer == "/0/statementId"
		}
		if !found {
			t.Errorf("%s passes", n)
		}
	}
}

func TestCodes(t *testing.T) {
	if n := len(schema.Codes("interestType")); n != 23 {
		t.Errorf("%d interests", n)
	}
	if schema.Codes("../statement") != nil {
		t.Error("no such list")
	}
}

// FuzzValidate: no statement makes the validator panic, and what a problem
// points at is in the statement.
func FuzzValidate(f *testing.F) {
	f.Add([]byte(`{"statementId":"x","recordType":"person","recordDetails":{"birthDate":"1990-1","names":[{}]}}`))
	f.Add([]byte(`{"recordType":"relationship","recordDetails":{"subject":{"reason":1},"interests":[{"share":{"exact":1e400}}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		statements, _ := bods.All(text)
		for i, o := range statements {
			for _, p := range schema.Validate(o, i) {
				if !strings.HasPrefix(p.Pointer, "/") || p.Kind == "" {
					t.Errorf("%v", p)
				}
			}
		}
	})
}
