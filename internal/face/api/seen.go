package api

import (
	"hash/maphash"
	"sync"
)

// seen remembers roughly which keys came lately, to save new ones a look into the
// database. What it forgets, or says of a key by mistake, costs time and nothing
// else.
type seen struct {
	mu         sync.Mutex
	seed       maphash.Seed
	newer, old map[uint64]struct{}
}

// seenKeys is how many keys one of the two halves holds: together at least the
// last 30,000, in about 2 MB.
const seenKeys = 30_000

var seenLately = &seen{seed: maphash.MakeSeed(), newer: map[uint64]struct{}{}}

// again notes the key of an actor, and reports whether it was noted before.
func (s *seen) again(actor, key string) bool {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(actor)
	h.WriteByte(0)
	h.WriteString(key)
	sum := h.Sum64()
	s.mu.Lock()
	defer s.mu.Unlock()
	_, is := s.newer[sum]
	if !is {
		_, is = s.old[sum]
	}
	if len(s.newer) >= seenKeys {
		s.old, s.newer = s.newer, make(map[uint64]struct{}, seenKeys)
	}
	s.newer[sum] = struct{}{}
	return is
}
