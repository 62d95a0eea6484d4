package build

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
)

// batchRows is how many rows travel together from the reader to DuckDB: the
// size of one of its vectors.
const batchRows = 2048

// batch is a piece of a table by columns, typed, in load order.
type batch struct {
	rows  int
	first int64 // _id of the first row
	cols  []vector
	bytes []byte // canonical encoding of the rows, for the digest
}

// vector is one column of a batch.
type vector struct {
	form   table.Form
	valid  [batchRows]bool
	ints   []int64
	floats []float64
	text   []byte
	ends   []uint32 // where each text stops
}

func newBatch(shape []table.Form) *batch {
	b := &batch{cols: make([]vector, len(shape))}
	for i, f := range shape {
		v := &b.cols[i]
		v.form = f
		switch f {
		case table.FormText:
			v.ends = make([]uint32, batchRows)
		case table.FormFloat:
			v.floats = make([]float64, batchRows)
		default:
			v.ints = make([]int64, batchRows)
		}
	}
	return b
}

func (b *batch) reset(first int64) {
	b.rows, b.first, b.bytes = 0, first, b.bytes[:0]
	for i := range b.cols {
		b.cols[i].text = b.cols[i].text[:0]
	}
}

// set stores a value, or none, in row n of the vector. Rows come in order.
func (v *vector) set(n int, x *cell.Value, ok bool) {
	v.valid[n] = ok
	switch v.form {
	case table.FormText:
		if ok {
			if utf8.Valid(x.Text) {
				v.text = append(v.text, x.Text...)
			} else {
				v.text = appendValid(v.text, x.Text)
			}
		}
		v.ends[n] = uint32(len(v.text))
	case table.FormFloat:
		v.floats[n] = x.Float
	default:
		v.ints[n] = x.Int
	}
}

// appendValid copies s with a replacement character for what is no UTF-8.
func appendValid(dst, s []byte) []byte {
	for _, r := range string(s) {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

func (v *vector) textAt(n int) []byte {
	from := uint32(0)
	if n > 0 {
		from = v.ends[n-1]
	}
	return v.text[from:v.ends[n]]
}

// encode appends the canonical form of row n of the first columns to b.bytes:
// per cell 0 for no value, or 1 and the value, little-endian, texts with their
// length before them. Digests and row hashes are made of it.
func (b *batch) encode(n, columns int) {
	out := b.bytes
	for i := range b.cols[:columns] {
		v := &b.cols[i]
		if !v.valid[n] {
			out = append(out, 0)
			continue
		}
		out = append(out, 1)
		switch v.form {
		case table.FormText:
			s := v.textAt(n)
			out = binary.AppendUvarint(out, uint64(len(s)))
			out = append(out, s...)
		case table.FormFloat:
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v.floats[n]))
		default:
			out = binary.LittleEndian.AppendUint64(out, uint64(v.ints[n]))
		}
	}
	b.bytes = out
}
