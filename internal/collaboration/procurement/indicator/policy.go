package indicator

import (
	"maps"
	"slices"
)

// What a distribution needs before anything is judged by it. Cardinal judges by
// any: of 22 real processes of Armenia it flags each of the 19 tenderers.
const (
	MinObservations = 30
	MinDistinct     = 5
)

// Reason is why a distribution is no ground for a judgement.
type Reason string

// The reasons.
const (
	FewObservations Reason = "observations" // fewer than MinObservations
	FewValues       Reason = "distinct"     // fewer different values than MinDistinct
	NoSpread        Reason = "spread"       // the quartiles are the same
)

// side is where the suspicious values lie.
type side int

const (
	below side = iota
	above
)

// limit is what flags a value, once it is known.
type limit struct {
	side    side
	at      float64
	exact   bool // a value at the limit is beyond it
	nothing bool // nothing is flagged
}

// beyond reports whether a value is flagged.
func (l limit) beyond(v float64) bool {
	switch {
	case l.nothing:
		return false
	case l.exact && v == l.at:
		return true
	case l.side == below:
		return v < l.at
	default:
		return v > l.at
	}
}

// fence finds the limit of a distribution, unless one was set, and notes the
// figures behind it under prefix. With our own rules a distribution that is too
// small flags nothing and is noted as such; a value at the fence is none beyond
// it. A threshold that somebody set is met by its own value in both.
func (f *fold) fence(code Code, group Group, prefix string, s side, set *float64, values map[string]float64) limit {
	if f.out.Measured[code] == nil {
		f.out.Measured[code] = map[Group]map[string]float64{}
	}
	f.out.Measured[code][group] = values
	l := limit{side: s, exact: true}
	var q1 float64
	if set != nil {
		l.at, q1 = *set, 1
	} else {
		var q3 float64
		q1, q3 = quartiles(slices.Collect(maps.Values(values)))
		f.note(code, prefix+"q1", q1)
		f.note(code, prefix+"q3", q3)
		l.exact = f.Cardinal
		if l.at = upperFence(q1, q3); s == below {
			l.at = lowerFence(q1, q3)
		}
		l.nothing = !f.Cardinal && f.insufficient(code, group, q3-q1, values)
	}
	name := "upper_fence"
	if s == below {
		name = "lower_fence"
	}
	f.note(code, prefix+name, l.at)
	// Where three of four are 0 the fence is 0 as well, and would flag them all.
	if code != "R048" && !(l.at > 0) || s == below && !(q1 > 0) {
		l.nothing = true
	}
	return l
}

// insufficient says whether a distribution is too small, and notes it.
func (f *fold) insufficient(code Code, group Group, iqr float64, values map[string]float64) bool {
	distinct := map[float64]bool{}
	shown := map[string]Decimal{}
	for id, v := range values {
		distinct[v] = true
		shown[id] = Decimal(v)
	}
	var why []Reason
	if len(values) < MinObservations {
		why = append(why, FewObservations)
	}
	if len(distinct) < MinDistinct {
		why = append(why, FewValues)
	}
	if !(iqr > 0) {
		why = append(why, NoSpread)
	}
	if why == nil {
		return false
	}
	f.out.Insufficient = append(f.out.Insufficient, Insufficient{
		Indicator: code, Group: group, N: len(values), Distinct: len(distinct), IQR: Decimal(iqr), Why: why, Values: shown,
	})
	return true
}
