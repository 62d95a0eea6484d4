package ballot

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var double = Terms{
	Method: YesNo, Majority: Double, Blocs: []string{"cs", "gov"}, Quorum: Quorum{Num: 1, Den: 2, Over: true, BlocNum: 1, BlocDen: 3},
	Options: []Option{{ID: Yes}, {ID: No}, {ID: Abstain}},
}

func piles(bloc string, yes, no, abstain int) []Pile {
	return []Pile{{bloc, []string{Yes}, yes}, {bloc, []string{No}, no}, {bloc, []string{Abstain}, abstain}}
}

// T7.1: what passes overall and fails in one bloc is not adopted; abstentions
// are no votes given, and count for the quorum.
func TestMajorities(t *testing.T) {
	base := map[string]int{"gov": 8, "cs": 8}
	for _, c := range []struct {
		name     string
		gov, cs  []Pile
		majority Majority
		quorate  bool
		adopted  bool
	}{
		{"in both", piles("gov", 5, 2, 0), piles("cs", 4, 3, 0), Double, true, true},
		{"overall, not in one bloc", piles("gov", 8, 0, 0), piles("cs", 3, 4, 0), Double, true, false},
		{"the same by the simple majority", piles("gov", 8, 0, 0), piles("cs", 3, 4, 0), Simple, true, true},
		{"a bloc that is even is not for", piles("gov", 8, 0, 0), piles("cs", 3, 3, 1), Double, true, false},
		{"a bloc that only abstains is not for", piles("gov", 8, 0, 0), piles("cs", 0, 0, 8), Double, true, false},
		{"abstentions make the quorum", piles("gov", 1, 0, 7), piles("cs", 1, 0, 7), Double, true, true},
		{"half is not more than half", piles("gov", 3, 1, 0), piles("cs", 3, 1, 0), Double, false, false},
		{"too few of a bloc", piles("gov", 8, 0, 0), piles("cs", 2, 0, 0), Double, false, false},
		{"a third of a bloc is enough", piles("gov", 8, 0, 0), piles("cs", 3, 0, 0), Double, true, true},
	} {
		terms := double
		terms.Majority = c.majority
		r := Count(Tally{Terms: terms, Base: base, Piles: append(c.gov, c.cs...)})
		if r.Quorate != c.quorate || r.Adopted != c.adopted {
			t.Errorf("%s: quorate %t, adopted %t", c.name, r.Quorate, r.Adopted)
		}
	}
}

// T7.2: the quorum is of those who are not recused.
func TestQuorumBase(t *testing.T) {
	terms := double
	terms.Majority = Simple
	ps := append(piles("gov", 3, 0, 0), piles("cs", 2, 0, 0)...)
	if r := Count(Tally{Terms: terms, Base: map[string]int{"gov": 5, "cs": 5}, Piles: ps}); r.Quorate {
		t.Error("5 of 10 are not more than half")
	}
	if r := Count(Tally{Terms: terms, Base: map[string]int{"gov": 4, "cs": 5}, Piles: ps}); !r.Quorate {
		t.Error("5 of 9 are more than half")
	}
}

func TestTieByLot(t *testing.T) {
	tally := Tally{Terms: Terms{Method: Plurality, Seats: 2, Options: roads(4)}, Base: map[string]int{"": 9}, Piles: []Pile{
		{"", []string{"a"}, 3}, {"", []string{"b"}, 2}, {"", []string{"c"}, 2}, {"", []string{"d"}, 2},
	}}
	if r := Count(tally); !r.Undrawn || fmt.Sprint(r.Elected) != "[a]" || len(r.Ties) != 1 {
		t.Errorf("without a seed: %+v", r)
	}
	tally.Seed = SeedOf("dice: 4 1 6, said aloud")
	r := Count(tally)
	// For each option: printf '%s' b | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%s' 'dice: 4 1 6, said aloud' | sha256sum | cut -c1-64)
	want := slices.MinFunc([]string{"b", "c", "d"}, func(a, b string) int { return cmpStrings(rank(tally.Seed, a), rank(tally.Seed, b)) })
	if r.Undrawn || fmt.Sprint(r.Elected) != "[a "+want+"]" || !r.Ties[0].ByLot {
		t.Errorf("with a seed: %+v", r)
	}
}

func cmpStrings(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// TestSTVByHand is a count done with pencil and paper by SSI 2007/42: 19 valid
// ballots, two seats, quota 19/3+1 = 7. a has 9; its surplus of 2 goes on at
// 2×1/9 = 0.22222: six papers to b (1.33332), three to c (0.66666). Then d (2) is
// excluded: two papers to c, which has 6.66666; b has 5.33332. Nobody reaches 7:
// b is excluded, and c is the last.
func TestSTVByHand(t *testing.T) {
	r := Count(Tally{Terms: Terms{Method: STV, Seats: 2, Options: roads(4)}, Base: map[string]int{"": 20}, Piles: []Pile{
		{"", []string{"a", "b"}, 6}, {"", []string{"a", "c"}, 3}, {"", []string{"b"}, 4}, {"", []string{"c"}, 4}, {"", []string{"d", "c"}, 2},
	}})
	if r.Quota != 7*Unit {
		t.Errorf("quota %d", r.Quota)
	}
	if fmt.Sprint(r.Elected) != "[a c]" || len(r.Rounds) != 5 {
		t.Fatalf("elected %v in %d rounds: %+v", r.Elected, len(r.Rounds), r.Rounds)
	}
	want := [][]int64{{900000, 400000, 400000, 200000}, {700000, 533332, 466666, 200000}, {700000, 533332, 666666, 0}, {700000, 0, 666666, 0}, {700000, 0, 666666, 0}}
	for i, round := range r.Rounds {
		for j, v := range round.Votes {
			if v.Units != want[i][j] {
				t.Errorf("round %d, %s: %d and not %d", i+1, v.Option, v.Units, want[i][j])
			}
		}
	}
	if r.Rounds[1].Lost != 2 || r.Rounds[3].Lost != 1900000-700000-666666 {
		t.Errorf("lost: %d, %d", r.Rounds[1].Lost, r.Rounds[3].Lost)
	}
}

// ballotsOf draws ballots for a method.
func ballotsOf(t *rapid.T, terms Terms) (ps []Pile) {
	ids := terms.ids()
	for range rapid.IntRange(0, 40).Draw(t, "ballots") {
		order := rapid.Permutation(ids).Draw(t, "order")
		n := rapid.IntRange(0, min(terms.most(), len(ids))).Draw(t, "length")
		ps = append(ps, Pile{rapid.SampledFrom([]string{"cs", "gov", ""}).Draw(t, "bloc"), order[:n], 1})
	}
	return ps
}

// TestRecount counts random ballots with a second implementation, which was
// written from the rules and shares nothing with the first but the lot.
func TestRecount(t *testing.T) {
	for _, m := range Methods {
		t.Run(string(m), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				n := rapid.IntRange(1, 6).Draw(t, "options")
				terms := Terms{Method: m, Options: roads(n), Seats: rapid.IntRange(1, n).Draw(t, "seats"), Max: n, Majority: Double, Blocs: []string{"cs", "gov"}}
				if m == YesNo {
					terms.Options = double.Options
				}
				tally := Tally{Terms: terms, Base: map[string]int{"cs": 20, "gov": 20, "": 20}, Piles: ballotsOf(t, terms), Seed: SeedOf("x")}
				got, again := Count(tally), recount(tally)
				if fmt.Sprint(got.Elected, got.Adopted, got.PerOption) != again {
					t.Fatalf("%v, and counted again %s\n%+v", fmt.Sprint(got.Elected, got.Adopted, got.PerOption), again, got.Rounds)
				}
			})
		})
	}
}

// TestMerge: no published cell of bloc and district holds fewer than five
// ballots, unless the whole bloc that it stands for does.
func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := []string{}
		if rapid.Bool().Draw(t, "double") {
			keep = []string{"cs", "gov"}
		}
		var bs []Listed
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			bs = append(bs, Listed{Bloc: rapid.SampledFrom([]string{"cs", "gov", "private", "media", ""}).Draw(t, "bloc"), District: rapid.SampledFrom([]string{"BZ-CY", "BZ-TOL", "BZ-BZ", ""}).Draw(t, "district")})
		}
		merge(bs, keep)
		cells, blocs := map[[2]string]int{}, map[string]int{}
		for _, b := range bs {
			cells[[2]string{b.Bloc, b.District}]++
			blocs[b.Bloc]++
		}
		for c, n := range cells {
			if n < leastCell && blocs[c[0]] != n {
				t.Fatalf("cell %v holds %d: %v", c, n, cells)
			}
		}
		for b, n := range blocs {
			if n < leastCell && !slices.Contains(keep, b) && len(blocs) > 1 && len(keep) == 0 {
				t.Fatalf("bloc %q holds %d: %v", b, n, blocs)
			}
		}
	})
}

func TestReceiptForm(t *testing.T) {
	code := ReceiptOf("poll", "token")
	if len(code) != 10 || code != ReceiptOf("poll", "token") || code == ReceiptOf("poll2", "token") {
		t.Errorf("receipt %q", code)
	}
	if CleanReceipt(" OIL7x-abcde ") != "0117xabcde" {
		t.Errorf("cleaned: %q", CleanReceipt(" OIL7x-abcde "))
	}
}
