package spending

import (
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"ceiba/internal/collaboration/procurement/outcome"
)

// Ledger applies all rules to what is in memory. The number of workers changes
// how long it takes and nothing else; below one it is one. The payments may come
// in any order and are not changed.
func (j *Judge) Ledger(payments []Payment, contracts []Contract, workers int) []outcome.Finding {
	groups := byPayee(payments)
	workers = max(1, min(workers, len(groups)))
	results := make([][]outcome.Finding, workers)
	tallies := make([]*Tally, workers)
	var next atomic.Int64
	var all sync.WaitGroup
	for w := range workers {
		tallies[w] = j.NewTally()
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(groups)); i = next.Add(1) - 1 {
				results[w] = append(results[w], j.payee(groups[i], tallies[w])...)
			}
		})
	}
	all.Wait()
	for _, t := range tallies[1:] {
		tallies[0].Merge(t)
	}
	out := slices.Concat(append(results, tallies[0].Findings())...)
	for i := range contracts {
		out = append(out, j.Contract(&contracts[i])...)
	}
	outcome.Sort(out)
	return out
}

// byPayee takes payments apart by payee.
func byPayee(payments []Payment) [][]*Payment {
	at := map[string]int{}
	var sizes []int
	which := make([]int32, len(payments))
	for i := range payments {
		n, ok := at[payments[i].Payee]
		if !ok {
			n = len(sizes)
			at[payments[i].Payee] = n
			sizes = append(sizes, 0)
		}
		sizes[n]++
		which[i] = int32(n)
	}
	all := make([]*Payment, len(payments))
	groups := make([][]*Payment, len(sizes))
	begin := 0
	for n, size := range sizes {
		groups[n] = all[begin : begin : begin+size]
		begin += size
	}
	for i, n := range which {
		groups[n] = append(groups[n], &payments[i])
	}
	return groups
}

// Stream applies the rules of Payee and Tally to rows that come with all
// payments of a payee one after the other, such as a query ordered by payee. It
// hands on each finding as it is made, those of the tally last, and holds no
// more than one payee's rows. It ends with the first error of rows or keep.
func (j *Judge) Stream(rows iter.Seq2[Payment, error], keep func(outcome.Finding) error) error {
	t := j.NewTally()
	var group []Payment
	hand := func(all []outcome.Finding) error {
		for _, f := range all {
			if err := keep(f); err != nil {
				return err
			}
		}
		return nil
	}
	for p, err := range rows {
		if err != nil {
			return err
		}
		if len(group) > 0 && group[0].Payee != p.Payee {
			if err := hand(j.Payee(group, t)); err != nil {
				return err
			}
			group = group[:0]
		}
		group = append(group, p)
	}
	if err := hand(j.Payee(group, t)); err != nil {
		return err
	}
	return hand(t.Findings())
}
