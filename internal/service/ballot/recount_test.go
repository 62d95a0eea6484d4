package ballot

import (
	"fmt"
	"math/big"
	"slices"
	"sort"
)

// recount is a second implementation of Count, for TestRecount.
func recount(t Tally) string {
	votes := map[string]int{}
	perBloc := map[string]int{}
	for _, p := range t.Piles {
		for i, c := range p.Choices {
			if t.Terms.Method == STV && i > 0 {
				break
			}
			votes[c]++
			perBloc[p.Bloc+c]++
		}
	}
	var list []OptionVotes
	for _, o := range t.Terms.Options {
		list = append(list, OptionVotes{o.ID, votes[o.ID]})
	}
	switch t.Terms.Method {
	case STV:
		return fmt.Sprint(recountSTV(t), false, list)
	case YesNo:
		adopted := votes[Yes] > votes[No] && perBloc["csyes"] > perBloc["csno"] && perBloc["govyes"] > perBloc["govno"]
		return fmt.Sprint([]string{}, adopted, list)
	}
	return fmt.Sprint(mostVotes(t, list), false, list)
}

// mostVotes elects whoever has fewer than seats options above or beside them,
// and for what is left asks the lot.
func mostVotes(t Tally, list []OptionVotes) (won []string) {
	all := slices.Clone(list)
	sort.SliceStable(all, func(i, j int) bool { return all[i].Votes > all[j].Votes })
	var rest []OptionVotes
	for _, o := range all {
		above, equal := 0, 0
		for _, x := range all {
			if x.Votes > o.Votes {
				above++
			} else if x.Votes == o.Votes {
				equal++
			}
		}
		switch {
		case o.Votes == 0:
		case above+equal <= t.Terms.Seats:
			won = append(won, o.Option)
		case above < t.Terms.Seats:
			rest = append(rest, o)
		}
	}
	sort.Slice(rest, func(i, j int) bool { return rank(t.Seed, rest[i].Option) < rank(t.Seed, rest[j].Option) })
	for _, o := range rest[:min(len(rest), t.Terms.Seats-len(won))] {
		won = append(won, o.Option)
	}
	return won
}

// paper is one ballot, which moves by itself, and its worth as a fraction.
type paper struct {
	choices []string
	at      string
	worth   *big.Rat
}

// slowSTV counts ballot by ballot, in fractions, and adds everything up anew
// whenever it wants to know.
type slowSTV struct {
	t       Tally
	papers  []*paper
	quota   *big.Rat
	done    map[string]*big.Rat // votes of those whose papers have gone on
	out     map[string]bool
	won     []string
	history []map[string]*big.Rat
}

func recountSTV(t Tally) []string {
	s := &slowSTV{t: t, done: map[string]*big.Rat{}, out: map[string]bool{}}
	for _, p := range t.Piles {
		if len(p.Choices) > 0 {
			s.papers = append(s.papers, &paper{p.Choices, p.Choices[0], big.NewRat(1, 1)})
		}
	}
	if len(s.papers) == 0 {
		return nil
	}
	s.quota = big.NewRat(int64(len(s.papers)/(t.Terms.Seats+1)+1), 1)
	s.settle()
	for len(s.won) < t.Terms.Seats {
		rest := s.running()
		if len(rest) <= t.Terms.Seats-len(s.won) {
			sort.SliceStable(rest, func(i, j int) bool { return s.total(rest[i]).Cmp(s.total(rest[j])) > 0 })
			return append(s.won, rest...)
		}
		s.stage(rest)
		s.settle()
	}
	return s.won
}

// stage passes on one surplus, or the papers of whoever has the fewest.
func (s *slowSTV) stage(rest []string) {
	var over []string
	for _, o := range s.won {
		if s.done[o] == nil && s.total(o).Cmp(s.quota) > 0 {
			over = append(over, o)
		}
	}
	if len(over) == 0 {
		from := s.pick(rest, -1)
		s.out[from] = true
		s.pass(from, func(w *big.Rat) *big.Rat { return w })
		s.done[from] = new(big.Rat)
		return
	}
	from := s.pick(over, 1)
	had := s.total(from)
	surplus := new(big.Rat).Sub(had, s.quota)
	s.pass(from, func(w *big.Rat) *big.Rat { return cut(new(big.Rat).Quo(new(big.Rat).Mul(surplus, w), had)) })
	s.done[from] = s.quota
}

func (s *slowSTV) total(o string) *big.Rat {
	if s.done[o] != nil {
		return s.done[o]
	}
	sum := new(big.Rat)
	for _, p := range s.papers {
		if p.at == o {
			sum.Add(sum, p.worth)
		}
	}
	return sum
}

func (s *slowSTV) running() (list []string) {
	for _, o := range s.t.Terms.Options {
		if !s.out[o.ID] && !slices.Contains(s.won, o.ID) {
			list = append(list, o.ID)
		}
	}
	return list
}

// settle notes the votes after a stage and who has reached the quota.
func (s *slowSTV) settle() {
	totals := map[string]*big.Rat{}
	for _, o := range s.t.Terms.Options {
		totals[o.ID] = s.total(o.ID)
	}
	var reach []string
	for _, o := range s.running() {
		if totals[o].Cmp(s.quota) >= 0 {
			reach = append(reach, o)
		}
	}
	sort.SliceStable(reach, func(i, j int) bool { return totals[reach[i]].Cmp(totals[reach[j]]) > 0 })
	s.won = append(s.won, reach...)
	s.history = append(s.history, totals)
}

// pick returns whoever has the most (sign 1) or the fewest (-1): now, else in
// the earliest stage that tells, else by lot.
func (s *slowSTV) pick(among []string, sign int) string {
	for _, totals := range append([]map[string]*big.Rat{s.history[len(s.history)-1]}, s.history...) {
		best := among[0]
		for _, o := range among {
			if totals[o].Cmp(totals[best])*sign > 0 {
				best = o
			}
		}
		among = slices.DeleteFunc(slices.Clone(among), func(o string) bool { return totals[o].Cmp(totals[best]) != 0 })
	}
	sort.Slice(among, func(i, j int) bool { return rank(s.t.Seed, among[i]) < rank(s.t.Seed, among[j]) })
	return among[0]
}

// pass moves the papers of an option to the next that still runs.
func (s *slowSTV) pass(from string, worth func(*big.Rat) *big.Rat) {
	open := s.running()
	for _, p := range s.papers {
		if p.at != from {
			continue
		}
		p.at = ""
		for _, o := range p.choices[slices.Index(p.choices, from)+1:] {
			if slices.Contains(open, o) {
				p.at, p.worth = o, worth(p.worth)
				break
			}
		}
	}
}

// cut leaves five decimals and drops the rest.
func cut(r *big.Rat) *big.Rat {
	n := new(big.Int).Mul(r.Num(), big.NewInt(100000))
	n.Quo(n, r.Denom())
	return new(big.Rat).SetFrac(n, big.NewInt(100000))
}
