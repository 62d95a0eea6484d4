package paragraph

// Pair is a paragraph in two versions of a text. Old is nil for a new one, Now
// for one that is gone.
type Pair struct {
	Old, Now *Paragraph
	Fate     Fate
}

// ID is the paragraph's number.
func (p Pair) ID() string {
	if p.Now != nil {
		return p.Now.ID
	}
	return p.Old.ID
}

// Pairs sets two numbered versions beside each other, in the order of the later
// one; what is gone stands where it stood, after the paragraph before it.
func Pairs(former, now []Paragraph) (out []Pair) {
	place, gone := map[string]int{}, map[int][]int{} // gone: by the place of the one before that is still there, -1 for none
	for i, p := range former {
		place[p.ID] = i
	}
	from, still := make([]int, len(now)), map[int]bool{}
	for j, p := range now {
		from[j] = -1
		if i, ok := place[p.ID]; ok {
			from[j], still[i] = i, true
		}
	}
	before := -1
	for i := range former {
		if still[i] {
			before = i
		} else {
			gone[before] = append(gone[before], i)
		}
	}
	leave := func(i int) {
		for _, g := range gone[i] {
			out = append(out, Pair{Old: &former[g], Fate: Gone})
		}
	}
	leave(-1)
	stays := longestRising(from)
	for j := range now {
		pair := Pair{Now: &now[j], Fate: New}
		if i := from[j]; i >= 0 {
			pair.Old = &former[i]
			switch {
			case former[i].SHA != now[j].SHA:
				pair.Fate = Changed
			case stays[j]:
				pair.Fate = Same
			default:
				pair.Fate = Moved
			}
		}
		out = append(out, pair)
		if from[j] >= 0 {
			leave(from[j])
		}
	}
	return out
}
