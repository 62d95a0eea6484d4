package profile

import (
	"math"
	"math/bits"
)

// sketch estimates how many different hashes it has seen (HyperLogLog with
// 2,048 registers: within about 2.3 %).
type sketch [2048]uint8

func (s *sketch) add(h uint64) {
	i := h >> 53
	if n := uint8(bits.LeadingZeros64(h<<11|1<<10) + 1); n > s[i] {
		s[i] = n
	}
}

func (s *sketch) estimate() int64 {
	const m = float64(len(s))
	sum, empty := 0.0, 0
	for _, r := range s {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	e := 0.7213 / (1 + 1.079/m) * m * m / sum
	if e <= 2.5*m && empty > 0 {
		e = m * math.Log(m/float64(empty))
	}
	return int64(e + 0.5)
}
