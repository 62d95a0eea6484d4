package cell

import (
	"encoding/binary"
	"math/bits"
)

// Hash mixes b into 64 bits, the same on every machine and run. It only
// counts different values; where a collision would matter, the database looks
// again.
func Hash(b []byte) uint64 {
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
