package indicator

import (
	"io"
	"math"
	"runtime"
	"slices"

	"ceiba/internal/collaboration/procurement/indicator/lines"
	"ceiba/internal/collaboration/procurement/indicator/settings"
)

// Options say what is computed, and how.
type Options struct {
	settings.Settings

	Cardinal bool // Cardinal's own rules, without our policy for small samples
	Maps     bool // with Result.Maps
	Workers  int  // 0 is one for each core; the result is the same
}

// Compute reads compiled releases, one a line, and computes the indicators.
// Lines that are no JSON are named in the result. An error is one of reading.
func Compute(r io.Reader, o Options) (*Result, error) { return compute(r, o, scan) }

func compute(r io.Reader, o Options, parse func([]byte) (process, error)) (*Result, error) {
	f := newFold(o)
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	skips, err := lines.Each(r, o.Workers, parse, func(_ int, p process) error {
		f.add(&p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	f.out.Skips = skips
	return f.finish(), nil
}

// fold gathers what the indicators need, one process after another.
type fold struct {
	Options
	out *Result

	excluded map[string]bool
	prices   map[string]bool // if any, the only procurementMethodDetails whose prices are compared
	noPrices map[string]bool

	priced   bool                 // a price was seen, so that the main currency is known
	ratios   map[string]float64   // how far the second price lies above the winner's, by ocid
	pairs    map[string][2]string // winner and second, by ocid
	tenders  map[string]share     // processes won of those bid for, by tenderer
	refused  map[Group]map[string]share
	supplies map[string]*supply // by supplier
}

// share is a part of a whole.
type share struct {
	part, whole int
	processes   int // in which the whole was counted
}

func (s share) ratio() float64 { return float64(s.part) / float64(s.whole) }

func plus(m map[string]share, id string, by share) {
	was := m[id]
	m[id] = share{was.part + by.part, was.whole + by.whole, was.processes + by.processes}
}

// supply is what a supplier won.
type supply struct {
	processes int
	kinds     map[string]bool // beginnings of classifications
}

func newFold(o Options) *fold {
	f := &fold{
		Options: o, excluded: among(o.Excluded), prices: among(o.PriceComparison), noPrices: among(o.NoPriceComparison),
		ratios: map[string]float64{}, pairs: map[string][2]string{}, tenders: map[string]share{}, supplies: map[string]*supply{},
		refused: map[Group]map[string]share{Buyer: {}, ProcuringEntity: {}, Tenderer: {}},
		out:     &Result{Values: map[Group]map[string]Measures{}, Meta: map[Code]Facts{}, Measured: map[Code]map[Group]map[string]float64{}, Currency: o.Currency, cardinal: o.Cardinal},
	}
	if !o.Cardinal {
		f.out.Insufficient = []Insufficient{}
	}
	if o.Maps {
		f.out.Maps = &Maps{
			Buyers: map[string]string{}, Entities: map[string]string{}, Tenderers: Pairs{},
			R024: Pairs{}, R028: Pairs{}, R030: Pairs{}, R035: Pairs{}, R058: Pairs{},
		}
	}
	return f
}

func among(list []string) map[string]bool {
	m := map[string]bool{}
	for _, s := range list {
		m[s] = true
	}
	return m
}

// add looks at one process. Cancelled ones, and those without an ocid, are left
// out.
func (f *fold) add(p *process) {
	if !p.ocid.ok || p.status.is("cancelled") || !matches(p.details, nil, f.excluded) {
		return
	}
	f.out.Processes++
	if f.out.Maps != nil && (f.R025 != nil || f.R038 != nil || f.R048 != nil) {
		f.mapTenderers(p)
	}
	comparable := matches(p.details, f.prices, f.noPrices)
	if comparable && (f.R024 != nil || f.R058 != nil) {
		f.secondPrice(p)
	}
	f.r003(p)
	f.r018(p)
	f.r025(p)
	if comparable {
		f.r028(p)
	}
	f.r030(p)
	f.r035(p)
	if comparable {
		f.r036(p)
	}
	f.r038(p)
	f.r048(p)
}

// matches reports whether a text is let through: by a list of those that are,
// if there is one, or else by a list of those that are not.
func matches(t text, include, exclude map[string]bool) bool {
	if len(include) > 0 {
		return t.ok && include[t.s]
	}
	return !t.ok || !exclude[t.s]
}

// finish computes what needs all processes.
func (f *fold) finish() *Result {
	if f.R024 != nil {
		f.flagPrices("R024", below, f.R024.Threshold, 2)
	}
	f.finishR025()
	f.finishR038()
	f.finishR048()
	if f.R058 != nil {
		f.flagPrices("R058", above, f.R058.Threshold, 1)
	}
	return f.out
}

// flag notes a result.
func (f *fold) flag(code Code, g Group, id string, v float64) {
	byID := f.out.Values[g]
	if byID == nil {
		byID = map[string]Measures{}
		f.out.Values[g] = byID
	}
	if byID[id] == nil {
		byID[id] = Measures{}
	}
	byID[id][code] = Decimal(v)
}

// note keeps a figure that explains results.
func (f *fold) note(code Code, name string, v float64) {
	f.out.Meta[code] = append(f.out.Meta[code], Fact{name, Decimal(math.Round(v*10_000) / 10_000)})
}

// pair notes in a map that a process concerns a tenderer.
func (f *fold) pair(of func(*Maps) Pairs, ocid, id string) {
	if f.out.Maps == nil {
		return
	}
	m := of(f.out.Maps)
	if m[ocid] == nil {
		m[ocid] = set{}
	}
	m[ocid][id] = true
}

func (f *fold) mapTenderers(p *process) {
	for _, b := range p.bids {
		for _, id := range b.tenderers {
			if b.submitted() && id.ok {
				f.pair(func(m *Maps) Pairs { return m.Tenderers }, p.ocid.s, id.s)
			}
		}
	}
}

// ids gives those of the list that are there, sorted, each once.
func ids(list []text) (out []string) {
	for _, t := range list {
		if t.ok {
			out = append(out, t.s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
