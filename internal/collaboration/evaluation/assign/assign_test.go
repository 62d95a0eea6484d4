package assign_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"ceiba/internal/collaboration/evaluation/assign"
	"ceiba/internal/ground/fault"
)

var seed = assign.SeedOf([]byte("the protocol"))

// people makes somebody of each kind that is named, each with the same room.
func people(capacity int, kinds ...assign.Kind) (out []assign.Person) {
	for i, k := range kinds {
		out = append(out, assign.Person{ID: fmt.Sprintf("p%02d", i), Kind: k, Capacity: capacity, Moderates: true})
	}
	return out
}

func criteria(n int) (out []assign.Criterion) {
	for i := range n {
		out = append(out, assign.Criterion{ID: fmt.Sprintf("c%02d", i)})
	}
	return out
}

// six are two of each side.
var six = []assign.Kind{assign.Government, assign.CivilSociety, assign.Academia, assign.Government, assign.CivilSociety, assign.Business}

// random makes a small problem, easy or hard.
func random(r *rand.Rand) assign.Problem {
	p := assign.Problem{Rules: assign.Standard, Criteria: criteria(1 + r.IntN(5))}
	p.Rules.Scorers += r.IntN(2)
	p.Rules.Moderators = r.IntN(2)
	kinds := []assign.Kind{assign.Government, assign.CivilSociety, assign.Academia, assign.Business, assign.Auditor, assign.CitizenPanel}
	for i := range 3 + r.IntN(10) {
		one := assign.Person{ID: fmt.Sprintf("p%02d", i), Kind: kinds[r.IntN(len(kinds))], Capacity: r.IntN(6), Moderates: r.IntN(2) == 0}
		if r.IntN(8) == 0 {
			one.Organisation, p.Body = "ministry", "ministry"
		}
		if r.IntN(3) == 0 {
			one.Fields = []string{"budget"}
		}
		p.People = append(p.People, one)
	}
	for range r.IntN(3) {
		p.Interests = append(p.Interests, assign.Conflict{Person: p.People[r.IntN(len(p.People))].ID})
	}
	for range r.IntN(5) {
		p.Supplied = append(p.Supplied, assign.Conflict{Person: p.People[r.IntN(len(p.People))].ID, Criterion: p.Criteria[r.IntN(len(p.Criteria))].ID})
	}
	if r.IntN(2) == 0 {
		p.Criteria[0].Fields = []string{"budget"}
	}
	return p
}

// forbidden looks for a pair that must not be, without the package's help.
func forbidden(p assign.Problem, places []assign.Place) string {
	seen := map[assign.Conflict]bool{}
	for _, place := range places {
		for _, one := range p.People {
			if one.ID == place.Person && (p.Body != "" && one.Organisation == p.Body || place.Role == assign.Moderator && !one.Moderates) {
				return fmt.Sprint(place)
			}
		}
		for _, c := range slices.Concat(p.Interests, p.Supplied) {
			if c.Person == place.Person && (c.Criterion == "" || c.Criterion == place.Criterion) {
				return fmt.Sprint(place, c)
			}
		}
		pair := assign.Conflict{Person: place.Person, Criterion: place.Criterion}
		if seen[pair] {
			return fmt.Sprint("twice ", place)
		}
		seen[pair] = true
	}
	return ""
}

// roomy gives everybody who takes anything room for everything.
func roomy(p assign.Problem) assign.Problem {
	p.People = slices.Clone(p.People)
	for i := range p.People {
		if p.People[i].Capacity > 0 {
			p.People[i].Capacity = len(p.Criteria)
		}
	}
	return p
}

// TestNothingForbidden: of 10,000 random problems none is solved against the
// rules, and each that is not solved says why.
func TestNothingForbidden(t *testing.T) {
	solved := 0
	for i := range uint64(10_000) {
		p := random(rand.New(rand.NewPCG(i, 1)))
		got, err := assign.Solve(p, seed)
		var none *assign.Infeasible
		switch {
		case errors.As(err, &none):
			if len(none.Reasons) == 0 {
				t.Fatalf("problem %d: no reason", i)
			}
			room := none.Reasons[0].Lack == assign.OfRoom
			if _, err := assign.Solve(roomy(p), seed); room != (err == nil) {
				t.Fatalf("problem %d: more room helps: %v, said %v", i, err == nil, none)
			}
		case err != nil:
			t.Fatalf("problem %d: %v", i, err)
		default:
			solved++
			if what := forbidden(p, got.Places); what != "" {
				t.Fatalf("problem %d: %s", i, what)
			}
			if v := assign.Verify(p, got.Places); len(v) > 0 {
				t.Fatalf("problem %d: %v", i, v)
			}
		}
	}
	if solved < 1000 || solved > 9000 {
		t.Errorf("%d of 10,000 were solved: the problems are too easy or too hard", solved)
	}
}

// number is the seed's for a place, as the package's comment defines it.
func number(p assign.Place) (n int64) {
	sum := sha256.Sum256([]byte(string(seed[:]) + "\x00" + p.Criterion + "\x00" + p.Person + "\x00" + string(p.Role)))
	for _, b := range sum[:5] {
		n = n<<8 | int64(b)
	}
	return n
}

func numbers(places []assign.Place) (sum int64) {
	for _, place := range places {
		sum += number(place)
	}
	return sum
}

// brute tries everything, and finds the least worth, and of those that are as
// good the least sum of numbers.
type brute struct {
	assign.Problem
	best, tie int64
	found     bool
}

func (b *brute) criterion(at int, places []assign.Place) {
	if at == len(b.Criteria) {
		if len(assign.Verify(b.Problem, places)) == 0 {
			if w, n := b.worth(places), numbers(places); !b.found || w < b.best || w == b.best && n < b.tie {
				b.best, b.tie, b.found = w, n, true
			}
		}
		return
	}
	b.fill(at, 0, b.Rules.Scorers, b.Rules.Moderators, places)
}

// fill decides for each person in turn: nothing, scorer or moderator.
func (b *brute) fill(at, person, scorers, moderators int, places []assign.Place) {
	if scorers+moderators == 0 {
		b.criterion(at+1, places)
		return
	}
	if person == len(b.People) {
		return
	}
	b.fill(at, person+1, scorers, moderators, places)
	place := assign.Place{Criterion: b.Criteria[at].ID, Person: b.People[person].ID, Role: assign.Scorer}
	if scorers > 0 {
		b.fill(at, person+1, scorers-1, moderators, append(slices.Clone(places), place))
	}
	if moderators > 0 {
		place.Role = assign.Moderator
		b.fill(at, person+1, scorers, moderators-1, append(slices.Clone(places), place))
	}
}

func (b *brute) worth(places []assign.Place) (sum int64) {
	loads := map[string]int64{}
	for _, place := range places {
		loads[place.Person]++
		one := b.People[slices.IndexFunc(b.People, func(one assign.Person) bool { return one.ID == place.Person })]
		c := b.Criteria[slices.IndexFunc(b.Criteria, func(c assign.Criterion) bool { return c.ID == place.Criterion })]
		if place.Role == assign.Scorer && len(c.Fields) > 0 && !slices.Equal(one.Fields, c.Fields) {
			sum += int64(b.Rules.Bonus)
		}
	}
	for _, n := range loads {
		sum += n * n
	}
	return sum
}

// TestBruteForce: of small problems, those are solved that can be, and as well
// as they can be.
func TestBruteForce(t *testing.T) {
	solved, unsolved := 0, 0
	for i := uint64(0); solved+unsolved < 300; i++ {
		p := random(rand.New(rand.NewPCG(i, 2)))
		if len(p.People) > 7 || len(p.Criteria) > 2 {
			continue
		}
		if i%4 > 0 { // most of them a little easier
			p.Interests, p.Body = nil, ""
			for at := range p.People {
				p.People[at].Kind = six[at%len(six)]
				p.People[at].Capacity++
			}
		}
		b := brute{Problem: p}
		b.criterion(0, nil)
		got, err := assign.Solve(p, seed)
		if (err == nil) != b.found || err == nil && (got.Worth != b.best || numbers(got.Places) != b.tie) {
			t.Fatalf("problem %d: %+v\nsolver %d (%v), trying everything %d (%v)", i, p, got.Worth, err, b.best, b.found)
		}
		if b.found {
			solved++
		} else {
			unsolved++
		}
	}
	if solved < 50 || unsolved < 50 {
		t.Errorf("%d solved, %d not", solved, unsolved)
	}
}

// big is a problem of ordinary size.
func big() assign.Problem {
	p := assign.Problem{Rules: assign.Standard, Body: "ministry", Criteria: criteria(55)}
	p.People = people(12, slices.Repeat(six, 5)...)
	p.People[0].Organisation = "ministry"
	for i := range p.Criteria {
		p.Criteria[i].Fields = []string{fmt.Sprint("f", i%4)}
	}
	for i := range p.People {
		p.People[i].Fields = []string{fmt.Sprint("f", i%4)}
	}
	p.Interests = []assign.Conflict{{Person: "p01"}}
	p.Supplied = []assign.Conflict{{Person: "p02", Criterion: "c00"}, {Person: "p04", Criterion: "c07"}}
	return p
}

// TestSameEverywhere: the order of the input doesn't matter, and the result is
// what it was on other machines.
func TestSameEverywhere(t *testing.T) {
	p := big()
	first, err := assign.Solve(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		q := big()
		r.Shuffle(len(q.People), func(i, j int) { q.People[i], q.People[j] = q.People[j], q.People[i] })
		r.Shuffle(len(q.Criteria), func(i, j int) { q.Criteria[i], q.Criteria[j] = q.Criteria[j], q.Criteria[i] })
		slices.Reverse(q.Supplied)
		again, err := assign.Solve(q, seed)
		if err != nil || again.Input != first.Input || !slices.Equal(again.Places, first.Places) {
			t.Fatalf("another order gives another result (%v)", err)
		}
	}
	text := fmt.Sprint(first.Places, first.Worth)
	if got := assign.SeedOf([]byte(text)).String()[:16]; got != golden {
		t.Errorf("%s, elsewhere %s", got, golden)
	}
	other, err := assign.Solve(p, assign.SeedOf([]byte("another protocol")))
	if err != nil || other.Worth != first.Worth || slices.Equal(other.Places, first.Places) {
		t.Errorf("another seed must give another assignment that is as good: %d, %d (%v)", other.Worth, first.Worth, err)
	}
}

const golden = "3441258184ebae45"

func TestFair(t *testing.T) {
	p := assign.Problem{Rules: assign.Standard, Criteria: criteria(6), People: people(6, six...)}
	got, err := assign.Solve(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	loads := map[string]int{}
	for _, place := range got.Places {
		loads[place.Person]++
	}
	for id, n := range loads {
		if n != 4 {
			t.Errorf("%s has %d of 24 tasks among six", id, n)
		}
	}
}

func TestExpertise(t *testing.T) {
	p := assign.Problem{Rules: assign.Standard, Criteria: criteria(1), People: people(1, six...)}
	p.Rules.Moderators = 0
	p.Criteria[0].Fields = []string{"law"}
	for _, i := range []int{3, 4, 5} {
		p.People[i].Fields = []string{"law", "music"}
	}
	got, err := assign.Solve(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range got.Places {
		if place.Person < "p03" {
			t.Errorf("%s scores, though there are experts", place.Person)
		}
	}
}

// TestRecusal: when somebody drops out, the others keep their tasks.
func TestRecusal(t *testing.T) {
	p := assign.Problem{Rules: assign.Standard, Criteria: criteria(3), People: people(3, append(six, six...)...)}
	first, err := assign.Solve(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	gone := first.Places[0].Person
	p.Interests = []assign.Conflict{{Person: gone}}
	p.Keep = slices.DeleteFunc(slices.Clone(first.Places), func(place assign.Place) bool { return place.Person == gone })
	second, err := assign.Solve(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range p.Keep {
		if !slices.Contains(second.Places, place) {
			t.Errorf("%v was taken away", place)
		}
	}
	if v := assign.Verify(p, second.Places); len(v) > 0 || len(second.Places) != len(first.Places) {
		t.Errorf("%v", v)
	}
}

func TestKeepRefused(t *testing.T) {
	p := assign.Problem{Rules: assign.Standard, Criteria: criteria(1), People: people(1, six...)}
	for key, keep := range map[string][]assign.Place{
		"keep":      {{Criterion: "c00", Person: "p00", Role: assign.Scorer}, {Criterion: "c00", Person: "p00", Role: assign.Moderator}},
		"keep_many": {{Criterion: "c00", Person: "p00", Role: assign.Scorer}, {Criterion: "c00", Person: "p03", Role: assign.Scorer}},
	} {
		p.Keep = keep
		_, err := assign.Solve(p, seed)
		var f *fault.Error
		if !errors.As(err, &f) || f.Key != "evaluation.assign."+key {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// TestInfeasible: the reason is named, with who is kept away by what.
func TestInfeasible(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*assign.Problem)
		key    string
		check  func(assign.Reason) bool
	}{
		{
			"interests", func(p *assign.Problem) { p.Interests = []assign.Conflict{{Person: "p01"}, {Person: "p04"}} },
			"side.civil_society", func(r assign.Reason) bool { return r.Have == 0 && r.Need == 1 && r.Excluded[assign.ByInterest] == 2 },
		},
		{
			"evaluated body", func(p *assign.Problem) {
				p.Body, p.People[0].Organisation, p.People[3].Organisation = "ministry", "ministry", "ministry"
			},
			"side.government", func(r assign.Reason) bool { return r.Excluded[assign.ByBody] == 2 },
		},
		{
			"evidence", func(p *assign.Problem) {
				p.Supplied = []assign.Conflict{{Person: "p02", Criterion: "c01"}, {Person: "p05", Criterion: "c01"}}
			},
			"side.others", func(r assign.Reason) bool { return r.Criterion == "c01" && r.Excluded[assign.ByEvidence] == 2 },
		},
		{
			"moderators", func(p *assign.Problem) {
				for i := range p.People {
					p.People[i].Moderates = false
				}
			},
			"moderator", func(r assign.Reason) bool { return r.Excluded[assign.ByRole] == 6 },
		},
		{
			"more scorers than people", func(p *assign.Problem) { p.Rules.Scorers = 6 },
			"people", func(r assign.Reason) bool { return r.Need == 7 && r.Have == 6 },
		},
		{
			"capacity", func(p *assign.Problem) { p.People[1].Capacity, p.People[4].Capacity = 1, 0 },
			"capacity", func(r assign.Reason) bool {
				return r.Need == 1 && r.Have == 1 && slices.Equal(r.People, []string{"p01"}) && len(r.Criteria) == 2
			},
		},
	} {
		p := assign.Problem{Rules: assign.Standard, Criteria: criteria(2), People: people(2, six...)}
		c.change(&p)
		_, err := assign.Solve(p, seed)
		var none *assign.Infeasible
		if !errors.As(err, &none) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r := none.Reasons[0]; r.Key() != "evaluation.assign.lack."+c.key || !c.check(r) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestCheck(t *testing.T) {
	p := assign.Problem{Rules: assign.Rules{Scorers: 2, Government: 3}, Criteria: criteria(1), People: people(1, "alien", assign.Business)}
	p.People[1].ID, p.People[1].Capacity = "p00", -1
	p.Supplied = []assign.Conflict{{Person: "p00"}}
	p.Interests = []assign.Conflict{{Person: "nobody"}}
	p.Keep = []assign.Place{{Criterion: "c00", Person: "p00", Role: "guest"}}
	_, err := assign.Solve(p, seed)
	var found fault.Fields
	if !errors.As(err, &found) {
		t.Fatal(err)
	}
	for _, path := range []string{"rules", "people[0].kind", "people[1].id", "people[1].capacity", "supplied[0]", "interests[0]", "keep[0]"} {
		if _, ok := found.Of(path); !ok {
			t.Errorf("nothing at %s in %v", path, found)
		}
	}
}

func BenchmarkSolve(b *testing.B) {
	for b.Loop() {
		if _, err := assign.Solve(big(), seed); err != nil {
			b.Fatal(err)
		}
	}
}
