package evaluation_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ceiba/internal/collaboration/evaluation"
	"ceiba/internal/collaboration/evaluation/agreement"
	"ceiba/internal/collaboration/evaluation/assign"
	"ceiba/internal/collaboration/evaluation/round"
)

// words reads the English sentences.
func words(t *testing.T) map[string]string {
	t.Helper()
	text, err := evaluation.Words.ReadFile("locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]string
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWords: every reason has its sentence.
func TestWords(t *testing.T) {
	said := words(t)
	var keys []string
	for _, r := range []agreement.Reason{
		agreement.NoVariation, agreement.NoPairs, agreement.NotFinite, agreement.Negative,
		agreement.UnknownLevel, agreement.NotSquare, agreement.UnequalRows, agreement.FewResamples,
	} {
		keys = append(keys, (&agreement.Undefined{Reason: r}).Key())
	}
	for _, alpha := range []float64{0.8, 0.7, 0.1} {
		keys = append(keys, agreement.Read(alpha).Key())
	}
	for _, k := range []round.Kind{round.HumanVsHuman, round.HumanVsComputed, round.Applicability, round.LowAgreement, round.Disputed} {
		keys = append(keys, round.Discrepancy{Kind: k}.Key())
	}
	for _, side := range []assign.Side{assign.OfCivilSociety, assign.OfGovernment, assign.OfOthers, assign.Anybody} {
		keys = append(keys, assign.Reason{Lack: assign.OfSide, Role: assign.Scorer, Side: side}.Key())
	}
	for _, r := range []assign.Reason{{Lack: assign.OfSide, Role: assign.Moderator}, {Lack: assign.OfPeople}, {Lack: assign.OfRoom}} {
		keys = append(keys, r.Key())
	}
	for _, r := range []assign.Rule{assign.ByBody, assign.ByInterest, assign.ByEvidence, assign.ByRole, assign.ByCapacity} {
		keys = append(keys, assign.ExcludedKey(r))
	}
	for _, k := range keys {
		if said[k] == "" {
			t.Errorf("no sentence %s", k)
		}
	}
}

var key = regexp.MustCompile(`"(evaluation\.[a-z0-9_.]*[a-z0-9])"`)

// TestKeys: every key that code names has its sentence.
func TestKeys(t *testing.T) {
	said := words(t)
	files, err := filepath.Glob("*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range key.FindAllStringSubmatch(string(text), -1) {
			if said[m[1]] == "" {
				t.Errorf("%s: no sentence %s", name, m[1])
			}
		}
	}
}
