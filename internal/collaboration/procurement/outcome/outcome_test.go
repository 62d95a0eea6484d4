package outcome_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/outcome"
)

// TestDigestVector: the digest is SHA-256 of length and text, one after the
// other, so that others can compute it.
func TestDigestVector(t *testing.T) {
	sum := sha256.Sum256([]byte("\x04name\x01a\x00\x02bc\x05"))
	got := outcome.NewDigest("name").Add("a", "", "bc").AddInt(-3).Sum()
	if want := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestDigestKeepsTextsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.StringN(0, 2000, -1))
		a, b := texts.Draw(t, "a"), texts.Draw(t, "b")
		same := outcome.NewDigest("x").Add(a...).Sum() == outcome.NewDigest("x").Add(b...).Sum()
		if same != slices.Equal(a, b) {
			t.Errorf("same digest: %v", same)
		}
		mixed := slices.Clone(a)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		if outcome.AnyOrder("x", a) != outcome.AnyOrder("x", mixed) {
			t.Error("the order matters")
		}
	})
}

func sound() outcome.Finding {
	return outcome.Finding{
		Rule: "R", Version: 1, Outcome: outcome.Flag, Subject: outcome.Subject{Kind: "payee", ID: "p"},
		From: "2026-01-01", To: "2026-01-02", ParamsHash: strings.Repeat("0", outcome.HexDigits),
	}
}

func TestFault(t *testing.T) {
	f := sound()
	if s := f.Fault(); s != "" {
		t.Error(s)
	}
	over := 1.5
	for want, spoil := range map[string]func(*outcome.Finding){
		"no rule or version":    func(f *outcome.Finding) { f.Version = 0 },
		"no such outcome":       func(f *outcome.Finding) { f.Outcome = "guilty" },
		"no subject":            func(f *outcome.Finding) { f.Subject.Kind = "" },
		"does not say why":      func(f *outcome.Finding) { f.Outcome = outcome.Insufficient },
		"a flag with an excuse": func(f *outcome.Finding) { f.Why = "few" },
		"no probability":        func(f *outcome.Finding) { f.P = &over },
		"ends before it begins": func(f *outcome.Finding) { f.To = "2025-01-01" },
		"a negative number":     func(f *outcome.Finding) { f.N = -1 },
		"no digest":             func(f *outcome.Finding) { f.ParamsHash = "" },
	} {
		f := sound()
		if spoil(&f); f.Fault() != want {
			t.Errorf("%q, want %q", f.Fault(), want)
		}
	}
}

func TestPublicDropsWhatIsPersonal(t *testing.T) {
	f := sound()
	f.Evidence = []outcome.Evidence{{At: "1", Field: "role", Value: "clerk"}, {At: "1", Field: "person", Value: "p-7", Personal: true}}
	public := f.Public()
	if len(public.Evidence) != 1 || public.Evidence[0].Field != "role" || len(f.Evidence) != 2 {
		t.Errorf("%v, and left %v", public.Evidence, f.Evidence)
	}
	if public.ID() != f.ID() {
		t.Error("the public form has another id")
	}
}

func TestIDIsThatOfTheSubject(t *testing.T) {
	f, g := sound(), sound()
	g.Outcome, g.N, g.InputDigest = outcome.Clear, 7, f.ParamsHash
	if f.ID() != g.ID() {
		t.Error("what was found changes the id")
	}
	g.Subject.By = "unit"
	if f.ID() == g.ID() {
		t.Error("another subject has the same id")
	}
}

func TestSort(t *testing.T) {
	a, b, c := sound(), sound(), sound()
	b.From, c.Rule = "2026-01-02", "S"
	all := []outcome.Finding{c, b, a}
	outcome.Sort(all)
	if all[0].From != a.From || all[2].Rule != "S" {
		t.Error(all)
	}
}

func TestKeys(t *testing.T) {
	r := outcome.Rule{Words: "spending.bz01.", Doubts: 2}
	if got := strings.Join(append(r.InnocentKeys(), r.Key(outcome.Asks)), " "); got != "spending.bz01.innocent1 spending.bz01.innocent2 spending.bz01.asks" {
		t.Error(got)
	}
}
