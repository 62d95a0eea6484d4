package law_test

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
)

const head = "name,value,unit,valid_from,valid_to,basis,legal_ref,source,url,verified,note\n"

func day(s string) civil.Date {
	d, ok := civil.Parse(s)
	if !ok {
		panic(s)
	}
	return d
}

func book(t *testing.T, lines ...string) *law.Book {
	t.Helper()
	b, err := law.Read([]byte(head + strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBelize: each line says where it is from, or that it is a choice of ours;
// no law was read, so none says it was.
func TestBelize(t *testing.T) {
	b := law.Belize()
	for _, name := range b.Names() {
		for _, l := range b.Lines(name) {
			if l.Legal.Source == "" || l.Legal.Note == "" || l.Basis != law.Choice && l.Legal.Ref == "" {
				t.Errorf("%s: no source, reference or note", name)
			}
			if l.Basis == law.Choice && !l.Known {
				t.Errorf("%s: a choice without a value", name)
			}
		}
	}
	if l, ok := b.At("verbal_limit", day("2018-04-01")); !ok || l.Value.Cents() != 1000000 || l.Unit != "BZD" {
		t.Error(l)
	}
	if _, ok := b.At("verbal_limit", day("2018-03-31")); ok {
		t.Error("in force before it was")
	}
	if l, ok := b.At("fara_open", day("2026-01-01")); ok || l.Name != "fara_open" {
		t.Error("a value nobody could read")
	}
}

// TestNewLine: a change of law is a new line.
func TestNewLine(t *testing.T) {
	old := book(t, "a,10000,BZD,2018-04-01,,law,x,s,,no,n")
	changed := book(t, "a,25000,BZD,2027-01-01,,law,y,s,,no,n", "a,10000,BZD,2018-04-01,2026-12-31,law,x,s,,no,n")
	for d, want := range map[string]string{"2026-12-31": "10000", "2027-01-01": "25000"} {
		if l, ok := changed.At("a", day(d)); !ok || l.Value.String() != want {
			t.Errorf("%s: %v", d, l.Value)
		}
	}
	names := []string{"a"}
	before := changed.Hash(names, day("2026-01-01"), day("2026-12-31"))
	if before != changed.Hash(names, day("2025-01-01"), day("2025-01-01")) {
		t.Error("two days under one line have different hashes")
	}
	if before == changed.Hash(names, day("2026-12-31"), day("2027-01-01")) || before == changed.Hash(names, day("2027-01-01"), day("2027-01-01")) {
		t.Error("the new line has no hash of its own")
	}
	if old.Hash(names, day("2017-01-01"), day("2017-01-01")) == old.Hash(names, day("2018-04-01"), day("2018-04-01")) {
		t.Error("no line in force, and one in force, have one hash")
	}
}

// TestHashIsOfTheLinesInForce compares cached hashes with those of a fresh book.
func TestHashIsOfTheLinesInForce(t *testing.T) {
	lines := []string{
		"a,1,count,,2001-12-31,choice,,s,,no,n", "a,2,count,2003-01-01,2003-12-31,choice,,s,,no,n", "a,3,count,2004-01-01,,choice,,s,,no,n",
		"b,4,count,2002-06-01,,choice,,s,,no,n", "c,,count,,,choice,,s,,no,n",
	}
	kept := book(t, lines...)
	rapid.Check(t, func(r *rapid.T) {
		span := rapid.IntRange(int(day("2001-06-01")), int(day("2004-06-01")))
		from, to := civil.Date(span.Draw(r, "from")), civil.Date(span.Draw(r, "to"))
		from, to = min(from, to), max(from, to)
		names := []string{"a", "b", "c"}
		if fresh := book(t, lines...); fresh.Hash(names, from, to) != kept.Hash(names, from, to) {
			t.Errorf("%v to %v", from, to)
		}
	})
}

func TestRefuses(t *testing.T) {
	for why, line := range map[string]string{
		"two lines in force":     "a,1,BZD,2018-01-01,,law,x,s,,no,n\na,2,BZD,2019-01-01,,law,x,s,,no,n",
		"is in BZD and in USD":   "a,1,BZD,,2018-01-01,law,x,s,,no,n\na,2,USD,2019-01-01,,law,x,s,,no,n",
		"is no value in share":   "a,1.5,share,,,choice,,s,,no,n",
		"is no value in BZD":     "a,1.005,BZD,,,choice,,s,,no,n",
		"is no value in count":   "a,-1,count,,,choice,,s,,no,n",
		"valid_from":             "a,1,count,2018-02-30,,choice,,s,,no,n",
		"basis is":               "a,1,count,,,rumour,,s,,no,n",
		"verified is":            "a,1,count,,,choice,,s,,perhaps,n",
		"a name and a unit":      ",1,count,,,choice,,s,,no,n",
		"wrong number of fields": "a,1",
	} {
		if _, err := law.Read([]byte(head + line + "\n")); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := law.Read(nil); err == nil {
		t.Error("an empty table")
	}
}

// TestNumbers compares arithmetic with fractions of any size.
func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := law.Number(rapid.Int64Range(0, 1000*10000).Draw(t, "n"))
		if back, err := law.ParseNumber(n.String()); err != nil || back != n {
			t.Errorf("%v came back as %v, %v", n, back, err)
		}
		part, whole := rapid.Int64Range(0, 1<<62).Draw(t, "part"), rapid.Int64Range(0, 1<<62).Draw(t, "whole")
		want := new(big.Rat).SetInt64(part).Cmp(new(big.Rat).Mul(big.NewRat(int64(n), 10000), new(big.Rat).SetInt64(whole)))
		if n.Compare(part, whole) != want {
			t.Errorf("%v of %d is %d", n, whole, part)
		}
		cents := rapid.Int64Range(0, 1e11).Draw(t, "cents")
		at := n.Times(cents)
		if n.Compare(at, cents) < 0 || at > 0 && n.Compare(at-1, cents) >= 0 {
			t.Errorf("%v times %d is not %d", n, cents, at)
		}
	})
}
