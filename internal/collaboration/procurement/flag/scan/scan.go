package scan

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/indicator/lines"

	cardinal "ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
)

// Errors of a line that is no compiled release to be judged.
var (
	ErrObject = errors.New("not a JSON object")
	ErrOCID   = errors.New("no ocid")
	ErrTwice  = errors.New("an ocid that was seen before")
)

// Options say what is judged by what.
type Options struct {
	Own, Law *law.Book // parameters: Params() and law.Belize() if nil
	Currency string    // in which prices of different processes are compared; BZD if empty
	Workers  int       // 0 is one for each core; the result is the same
}

// Pass judges compiled releases that come one at a time. Look may be called by
// many at once, the others by one goroutine.
type Pass struct {
	flag.Settings
	currency string
	workers  int
	rules    []flag.Rule
	hashes   []string // of the parameters of each rule, on no day
	byDay    []bool   // rules whose parameters depend on the day
	onDay    sync.Map // hashes by rule and day
	cardinal cardinal.Settings

	names     names
	seen      map[string]bool // ocids
	rows      []row
	published map[int32]uint64 // what a publisher publishes, by bit of the rule of absence
	prices    *indicator.Pass
	matrix    matrix
	all       string // digest of everything
}

// New begins a pass.
func New(o Options) *Pass {
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	s := &Pass{
		Settings: flag.Settings{Own: o.Own, Law: o.Law}.Filled(), currency: cmp.Or(o.Currency, "BZD"), rules: flag.Rules(), workers: o.Workers, seen: map[string]bool{},
		names: names{of: map[string]int32{}}, published: map[int32]uint64{}, matrix: newMatrix(),
	}
	for i := range s.rules {
		r := &s.rules[i]
		s.hashes = append(s.hashes, s.Hash(r, 1, 1))
		s.byDay = append(s.byDay, slices.ContainsFunc(r.Params, func(name string) bool { return len(s.Own.Lines(name)) == 0 }))
	}
	s.cardinal = s.cardinalSettings()
	s.prices = indicator.NewPass(indicator.Options{Settings: s.cardinal, Workers: 1})
	return s
}

// hashOn is the hash of a rule's parameters on a day.
func (s *Pass) hashOn(rule int, d civil.Date) string {
	if d == 0 || !s.byDay[rule] {
		return s.hashes[rule]
	}
	key := [2]int{rule, int(d)}
	if known, ok := s.onDay.Load(key); ok {
		return known.(string)
	}
	hash := s.Hash(&s.rules[rule], d, d)
	s.onDay.Store(key, hash)
	return hash
}

// Seen is what was found in one release.
type Seen struct {
	process  *flag.Process
	cardinal indicator.Process
	findings []outcome.Finding
	digest   string
	bits     present

	later, absent, shows uint64
	absentAt             [flag.Flagging]string
	near                 flag.Nearness
	disparity            float64
	order                string
}

// Look reads a compiled release, as a line of JSON, and judges what can be
// judged by it alone.
func (s *Pass) Look(line []byte) (*Seen, error) {
	limits := read.Usual
	limits.Repeats = true
	v, err := read.Value(line, limits)
	if err != nil {
		return nil, err
	}
	o, ok := v.(flag.Obj)
	if !ok {
		return nil, ErrObject
	}
	return s.look(line, o)
}

// LookAt is Look for a release that was read before. Its input digest is that of
// the release as ocds.Append writes it.
func (s *Pass) LookAt(o *ocds.Object) (*Seen, error) { return s.look(ocds.Append(nil, o), o) }

func (s *Pass) look(line []byte, o flag.Obj) (*Seen, error) {
	if strings.TrimSpace(o.Text("ocid")) == "" {
		return nil, ErrOCID
	}
	c, err := indicator.Read(line)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bytes.TrimSpace(line))
	seen := &Seen{cardinal: c, digest: hex.EncodeToString(sum[:]), process: flag.Take(s.Settings, o), bits: s.matrix.look(o)}
	s.judge(seen)
	return seen, nil
}

// Take counts what was seen, and gives the findings that are final. The others
// come with Finish.
func (s *Pass) Take(seen *Seen) ([]outcome.Finding, error) {
	p := seen.process
	if s.seen[p.OCID] {
		return nil, ErrTwice
	}
	r := s.rowOf(seen)
	s.seen[r.ocid] = true
	s.rows = append(s.rows, r)
	s.published[r.publisher] |= r.shows
	s.prices.Add(&seen.cardinal)
	s.matrix.take(p, r.buyer, seen.bits)
	return seen.findings, nil
}

// Report is what a scan says beside its findings.
type Report struct {
	Processes int
	Repeated  int         // releases whose ocid was seen before, which were left out
	Skips     lines.Skips // lines that could not be read
	Matrix    []Coverage
}

// Scan reads compiled releases, one a line, and gives each finding to yield:
// those of a release together, in the order of the file, and then those that
// need all releases, by rule. An error of yield ends it.
func Scan(r io.Reader, o Options, yield func(*outcome.Finding) error) (*Report, error) {
	s, report := New(o), &Report{}
	skips, err := lines.Each(r, s.workers, s.Look, func(_ int, seen *Seen) error {
		found, err := s.Take(seen)
		if errors.Is(err, ErrTwice) {
			report.Repeated++
			return nil
		}
		for i := range found {
			if err := yield(&found[i]); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	report.Skips, report.Processes = skips, len(s.rows)
	if err := s.Finish(yield); err != nil {
		return nil, err
	}
	report.Matrix = s.Matrix()
	return report, nil
}

// judge applies the rules about a process.
func (s *Pass) judge(seen *Seen) {
	p := seen.process
	flagged := indicator.Alone(&seen.cardinal, s.cardinal)
	seen.findings = make([]outcome.Finding, 0, len(flag.Alone)+len(flag.ByCardinals)+2)
	for i := range s.rules {
		code := s.rules[i].ID
		var v flag.Verdict
		if f := flag.Alone[code]; f != nil {
			v = f(p)
		} else if f := flag.ByCardinals[code]; f != nil {
			v = f(p, flagged)
		} else if f := flag.Awaiting[code]; f != nil {
			if v = f(p); v.Outcome == "" {
				seen.later |= 1 << i
				continue
			}
		} else {
			continue
		}
		if at, ok := flag.Absences[code]; ok && v.Absent {
			seen.absent |= flag.BitOf(code)
			if at < flag.Flagging {
				seen.absentAt[at] = strings.TrimPrefix(v.Evidence[0].At, "/")
			}
			continue
		}
		seen.findings = append(seen.findings, flag.Finding(&s.rules[i], &v, outcome.Subject{Kind: "process", ID: p.OCID}, s.hashOn(i, v.Day), seen.digest))
	}
	seen.shows = p.Shows()
	seen.near = p.Nearness()
	seen.disparity, _ = flag.Disparity(p)
	seen.order = p.Order(p.Number("order_bidders").Int())
}

// cardinalSettings are those of package indicator, from our table.
func (s *Pass) cardinalSettings() cardinal.Settings {
	n := func(name string) int { return s.Number(name).Int() }
	c := cardinal.All()
	c.Currency = s.currency
	c.R003.Threshold = int64(n("submission_days"))
	c.R025.Percentile = n("often_percentile")
	c.R035.Threshold = n("disqualified_others")
	c.R038.MinimumBids, c.R038.MinimumProcesses = n("disqualified_bids"), n("disqualified_processes")
	c.R048.Digits, c.R048.MinimumProcesses = n("supplier_digits"), n("supplier_processes")
	return c
}
