package table

// Pair is an index over two columns, for the question that readers ask most:
// the newest rows of one district, of one state. Along an index of the time
// alone a page of them reads as many rows as the share of the district is
// small; along the pair it reads those that it shows.
type Pair struct {
	Equal string `json:"equal"` // of few values
	Along string `json:"along"` // in whose order the rows stand
}

const (
	maxPairs  = 3
	pairRows  = 20_000 // below, reading along one index is quick enough
	pairFew   = 200    // values that a first column has at most
	pairKinds = 50     // … times as many has the second
)

// pairs chooses the columns worth an index together: the first indexed column
// of times, or else of numbers, with many values, behind those with few.
func (m *Manifest) pairs() (out []Pair) {
	if m.Rows < pairRows {
		return nil
	}
	along := m.alongColumn()
	if along == "" {
		return nil
	}
	_, at := m.Column(along)
	for _, name := range m.Index {
		_, i := m.Column(name)
		if n := m.Stats[i].Distinct; name != along && n > 1 && n <= pairFew && m.Stats[at].Distinct >= n*pairKinds && len(out) < maxPairs {
			out = append(out, Pair{name, along})
		}
	}
	return out
}

func (m *Manifest) alongColumn() string {
	number := ""
	for _, name := range m.Index {
		c, i := m.Column(name)
		if c == nil || m.Stats[i].Distinct < pairFew {
			continue
		}
		if c.Type.Temporal() {
			return name
		}
		if number == "" && c.Type.Numeric() && name != m.Key {
			number = name
		}
	}
	return number
}

// name is the pair's index in the look-up file.
func (p Pair) name(m *Manifest) string { return "by_" + m.stored(p.Equal) + "_" + m.stored(p.Along) }
