package build

import (
	"ceiba/internal/service/table"
)

const (
	maxPairs  = 3
	pairRows  = 20_000 // below, reading along one index is quick enough
	pairFew   = 200    // values that a first column has at most
	pairKinds = 50     // … times as many has the second
)

// choosePairs chooses the columns worth an index together: the first indexed
// column of times, or else of numbers, with many values, behind those with few.
func choosePairs(m *table.Manifest) (out []table.Pair) {
	if m.Rows < pairRows {
		return nil
	}
	along := alongColumn(m)
	if along == "" {
		return nil
	}
	_, at := m.Column(along)
	for _, name := range m.Index {
		_, i := m.Column(name)
		if n := m.Stats[i].Distinct; name != along && n > 1 && n <= pairFew && m.Stats[at].Distinct >= n*pairKinds && len(out) < maxPairs {
			out = append(out, table.Pair{Equal: name, Along: along})
		}
	}
	return out
}

func alongColumn(m *table.Manifest) string {
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
