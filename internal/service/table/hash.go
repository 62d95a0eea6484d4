package table

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// hash64 mixes b into 64 bits, the same on every machine and run. It only
// counts different values; where a collision would matter, the database looks
// again.
func hash64(b []byte) uint64 {
	h := uint64(len(b))*0x9e3779b97f4a7c15 ^ 0xa0761d6478bd642f
	for len(b) >= 8 {
		h = fold64(h^binary.LittleEndian.Uint64(b), 0xe7037ed1a0b428db)
		b = b[8:]
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = fold64(h^binary.LittleEndian.Uint64(tail[:]), 0x8ebc6af09c88c6e3)
	}
	return fold64(h^0x589965cc75374cc3, 0x9e3779b97f4a7c15)
}

func fold64(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

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
