package indicator

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/indicator/lines"
)

// Code is the number of an indicator in Open Contracting's guide, such as R024.
type Code string

// Group is what a result is about.
type Group string

// The groups, with the field that has their ids.
const (
	OCID            Group = "OCID"            // ocid
	Buyer           Group = "Buyer"           // buyer/id
	ProcuringEntity Group = "ProcuringEntity" // tender/procuringEntity/id
	Tenderer        Group = "Tenderer"        // bids/details/tenderers/id
)

// groups is the order in which they are written.
var groups = []Group{OCID, Buyer, ProcuringEntity, Tenderer}

// Decimal is a number that is written as Cardinal writes it: with a point, or
// an exponent where that is shorter; null where there is no number.
type Decimal float64

// MarshalJSON writes the shortest digits that give the number again.
func (d Decimal) MarshalJSON() ([]byte, error) {
	f := float64(d)
	size := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return []byte("null"), nil
	case f != 0 && (size < 1e-5 || size >= 1e16):
		s := strconv.FormatFloat(f, 'e', -1, 64)
		s = strings.NewReplacer("e+0", "e", "e+", "e", "e-0", "e-").Replace(s)
		return []byte(s), nil
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return []byte(s), nil
}

// Measures are the results of one thing, by indicator.
type Measures map[Code]Decimal

// Fact is a figure that explains results: a quartile, or a fence.
type Fact struct {
	Name  string
	Value Decimal // rounded to four decimals, as Cardinal does
}

// Facts are in the order in which they were computed.
type Facts []Fact

// MarshalJSON writes an object.
func (f Facts) MarshalJSON() ([]byte, error) {
	var o members
	for _, one := range f {
		o.add(one.Name, one.Value)
	}
	return o.done()
}

// Pairs say which organisations belong to which process.
type Pairs map[string]set

// set is a set of ids.
type set map[string]bool

// MarshalJSON writes a list in the order of its bytes.
func (s set) MarshalJSON() ([]byte, error) { return marshal(slices.Sorted(maps.Keys(s))) }

// Maps are Cardinal's maps from processes to organisations.
type Maps struct {
	Buyers    map[string]string `json:"ocid_buyer_r038"`           // of processes with a disqualified bid
	Entities  map[string]string `json:"ocid_procuringentity_r038"` // the same for procuring entities
	Tenderers Pairs             `json:"ocid_tenderer"`             // that submitted bids
	R024      Pairs             `json:"ocid_tenderer_r024"`        // the flagged ones of a flagged process
	R028      Pairs             `json:"ocid_tenderer_r028"`
	R030      Pairs             `json:"ocid_tenderer_r030"`
	R035      Pairs             `json:"ocid_tenderer_r035"`
	R058      Pairs             `json:"ocid_tenderer_r058"`
}

// Result is what was computed.
type Result struct {
	Values map[Group]map[string]Measures // what was flagged, by group and id
	Meta   map[Code]Facts
	Maps   *Maps // nil unless it was asked for

	// Measured are the values that a distribution was made of, flagged or not.
	Measured map[Code]map[Group]map[string]float64

	Insufficient  []Insufficient // distributions that are too small to judge by; none with Cardinal's own rules
	Currency      string         // in which prices were compared; empty if none was
	OtherCurrency int            // bids whose price was left out, for it is in another
	Processes     int            // that were looked at
	Skips         lines.Skips    // lines that could not be read

	cardinal bool
}

// Insufficient is an indicator that nothing can be said by, since there are too
// few observations or too little difference between them.
type Insufficient struct {
	Indicator Code               `json:"indicator"`
	Group     Group              `json:"group"`
	N         int                `json:"observations"`
	Distinct  int                `json:"distinct_values"`
	IQR       Decimal            `json:"interquartile_range"`
	Why       []Reason           `json:"reasons"`
	Values    map[string]Decimal `json:"values"`                // what was measured, by id; no judgement
	Exact     []Exact            `json:"exact_tests,omitempty"` // where it is a part of a whole
}

// WithoutMeta is the result without the figures that explain it.
func (r *Result) WithoutMeta() *Result {
	bare := *r
	bare.Meta = nil
	return &bare
}

// MarshalJSON writes the object that Cardinal prints: groups that have results,
// Meta, and Maps if asked for. With our own rules it has "Insufficient" as well,
// and "Currency".
func (r *Result) MarshalJSON() ([]byte, error) {
	var o members
	for _, g := range groups {
		if len(r.Values[g]) > 0 {
			o.add(string(g), r.Values[g])
		}
	}
	if r.Meta != nil {
		o.add("Meta", r.Meta)
	}
	if r.Maps != nil {
		o.add("Maps", r.Maps)
	}
	if !r.cardinal {
		o.add("Insufficient", r.Insufficient)
		if r.Currency != "" {
			o.add("Currency", r.Currency)
		}
	}
	return o.done()
}

// members writes an object whose members stay in order.
type members struct {
	text bytes.Buffer
	err  error
}

func (o *members) add(name string, v any) {
	if o.text.Len() > 0 {
		o.text.WriteByte(',')
	}
	for _, part := range []any{name, v} {
		text, err := marshal(part)
		if err != nil && o.err == nil {
			o.err = err
		}
		o.text.Write(text)
		o.text.WriteByte(':')
	}
	o.text.Truncate(o.text.Len() - 1)
}

func (o *members) done() ([]byte, error) {
	return slices.Concat([]byte{'{'}, o.text.Bytes(), []byte{'}'}), o.err
}

// marshal is json.Marshal that leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}
