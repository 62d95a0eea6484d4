package table

// ColumnStats is what was counted once about a column.
type ColumnStats struct {
	Count         int64    `json:"count"` // cells with a value
	Nulls         int64    `json:"nulls"`
	Distinct      int64    `json:"distinct"`
	DistinctExact bool     `json:"distinctExact"` // false: within about 3 %
	Min           any      `json:"min,omitempty"` // as in rows: numbers, or text for dates
	Max           any      `json:"max,omitempty"`
	Sum           *float64 `json:"sum,omitempty"`
	Mean          *float64 `json:"mean,omitempty"`
	StdDev        *float64 `json:"stddev,omitempty"` // of the sample
	// Quantiles are the 5th, 25th, 50th, 75th and 95th percentile.
	Quantiles []float64 `json:"quantiles,omitempty"`
	MinLength int64     `json:"minLength,omitempty"` // characters, of texts
	MaxLength int64     `json:"maxLength,omitempty"`
	Top       []Bucket  `json:"top,omitempty"`         // most frequent values first
	TopAll    bool      `json:"topComplete,omitempty"` // Top holds every value
	Histogram []Bin     `json:"histogram,omitempty"`
}

// Bucket is a value and how many rows have it. A nil Value stands for rows
// without one.
type Bucket struct {
	Value any   `json:"value"`
	Count int64 `json:"count"`
}

// Bin is a range of values, From included and To not (except in the last bin),
// and how many rows fall in it.
type Bin struct {
	From  any   `json:"from"`
	To    any   `json:"to"`
	Count int64 `json:"count"`
}

// Pair is an index over two columns, for the question that readers ask most:
// the newest rows of one district, of one state. Along an index of the time
// alone a page of them reads as many rows as the share of the district is
// small; along the pair it reads those that it shows.
type Pair struct {
	Equal string `json:"equal"` // of few values
	Along string `json:"along"` // in whose order the rows stand
}

// HistogramBins is how many bins a histogram has unless somebody asks for more.
const HistogramBins = 30
