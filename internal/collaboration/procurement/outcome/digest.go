package outcome

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
)

// HexDigits is how long a digest is as text.
const HexDigits = 2 * sha256.Size

// Digest is a SHA-256 over texts, each with its length before it, so that no
// two lists of texts run into one another.
type Digest struct {
	hash hash.Hash
	buf  []byte
}

// NewDigest begins one. The name keeps digests of different things apart.
func NewDigest(name string) *Digest {
	d := &Digest{hash: sha256.New()}
	return d.Add(name)
}

// Add takes texts in their order.
func (d *Digest) Add(texts ...string) *Digest {
	for _, s := range texts {
		d.buf = binary.AppendUvarint(d.buf, uint64(len(s)))
		d.buf = append(d.buf, s...)
	}
	return d.drain()
}

// AddInt takes a number.
func (d *Digest) AddInt(n int64) *Digest {
	d.buf = binary.AppendVarint(d.buf, n)
	return d.drain()
}

// drain hands on what has come together, in large pieces.
func (d *Digest) drain() *Digest {
	if len(d.buf) >= 1<<10 {
		d.hash.Write(d.buf)
		d.buf = d.buf[:0]
	}
	return d
}

// Sum ends the digest: 64 hexadecimal digits. More may be added afterwards.
func (d *Digest) Sum() string {
	d.hash.Write(d.buf)
	d.buf = d.buf[:0]
	return hex.EncodeToString(d.hash.Sum(nil))
}

// AnyOrder is a digest of texts that come in no order.
func AnyOrder(name string, texts []string) string {
	return NewDigest(name).Add(slices.Sorted(slices.Values(texts))...).Sum()
}
