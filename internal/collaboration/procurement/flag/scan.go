package flag

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

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/indicator/lines"
	cardinal "ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
)

// obj is short for an object of a release.
type obj = *ocds.Object

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
	settings
	currency string
	rules    []Rule
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
	s := &Pass{
		settings: settings{o.Own, o.Law}.filled(), currency: cmp.Or(o.Currency, "BZD"), rules: Rules(), seen: map[string]bool{},
		names: names{of: map[string]int32{}}, published: map[int32]uint64{}, matrix: newMatrix(),
	}
	for i := range s.rules {
		r := &s.rules[i]
		s.hashes = append(s.hashes, s.hash(r, 1, 1))
		s.byDay = append(s.byDay, slices.ContainsFunc(r.Params, func(name string) bool { return len(s.own.Lines(name)) == 0 }))
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
	hash := s.hash(&s.rules[rule], d, d)
	s.onDay.Store(key, hash)
	return hash
}

// Seen is what was found in one release.
type Seen struct {
	process  *process
	cardinal indicator.Process
	findings []outcome.Finding
	digest   string
	bits     present

	later, absent, shows uint64
	absentAt             [flagging]string
	near                 nearness
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
	o, ok := v.(obj)
	if !ok {
		return nil, ErrObject
	}
	return s.look(line, o)
}

// LookAt is Look for a release that was read before. Its input digest is that of
// the release as ocds.Append writes it.
func (s *Pass) LookAt(o *ocds.Object) (*Seen, error) { return s.look(ocds.Append(nil, o), o) }

func (s *Pass) look(line []byte, o obj) (*Seen, error) {
	if strings.TrimSpace(o.Text("ocid")) == "" {
		return nil, ErrOCID
	}
	c, err := indicator.Read(line)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bytes.TrimSpace(line))
	seen := &Seen{cardinal: c, digest: hex.EncodeToString(sum[:]), process: take(s.settings, o), bits: s.matrix.look(o)}
	s.judge(seen)
	return seen, nil
}

// Take counts what was seen, and gives the findings that are final. The others
// come with Finish.
func (s *Pass) Take(seen *Seen) ([]outcome.Finding, error) {
	p := seen.process
	if s.seen[p.ocid] {
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
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	skips, err := lines.Each(r, o.Workers, s.Look, func(_ int, seen *Seen) error {
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

// alone are the rules that a release is judged by alone.
var alone = map[string]func(*process) verdict{
	"R001": planned, "R004": announced, "R005": documented, "R008": fees, "R010": reasoned, "R014": openedSoon, "R015": evaluatedLate,
	"R020": complained, "R023": multiples, "R031": estimated, "R032": owned, "R033": held, "R037": unsupported, "R039": unanswered,
	"R042": odd, "R043": shares(true), "R044": shares(false), "R054": grown, "R059": differs, "R060": signedLate,
	"R061": decided("decision_short", true), "R062": decided("decision_long", false), "R063": published, "R064": modified,
	"R065": quantities(false), "R066": quantities(true), "R067": delivered, "R068": overpaid, "R069": dearer, "R071": passedOn,
}

// byCardinals are those of them that package indicator computes.
var byCardinals = map[string]func(*process, indicator.Measures) verdict{
	"R003": short, "R018": single, "R028": byCardinal("R028"), "R030": byCardinal("R030"), "R035": byCardinal("R035"), "R036": byCardinal("R036"),
}

// awaiting are the rules about a process that need others, with what keeps a
// process from being judged.
var awaiting = map[string]func(*process) verdict{
	"R011": splittable, "R016": sized, "R017": priced, "R022": func(p *process) verdict { _, v := disparity(p); return v },
	"R024": comparable, "R034": ordered, "R057": rotating, "R058": comparable,
}

// judge applies the rules about a process.
func (s *Pass) judge(seen *Seen) {
	p := seen.process
	flagged := indicator.Alone(&seen.cardinal, s.cardinal)
	seen.findings = make([]outcome.Finding, 0, len(alone)+len(byCardinals)+2)
	for i := range s.rules {
		code := s.rules[i].ID
		var v verdict
		if f := alone[code]; f != nil {
			v = f(p)
		} else if f := byCardinals[code]; f != nil {
			v = f(p, flagged)
		} else if f := awaiting[code]; f != nil {
			if v = f(p); v.outcome == "" {
				seen.later |= 1 << i
				continue
			}
		} else {
			continue
		}
		if at, ok := absences[code]; ok && v.absent {
			seen.absent |= bitOf(code)
			if at < flagging {
				seen.absentAt[at] = strings.TrimPrefix(v.evidence[0].At, "/")
			}
			continue
		}
		seen.findings = append(seen.findings, finding(&s.rules[i], &v, outcome.Subject{Kind: "process", ID: p.ocid}, s.hashOn(i, v.day), seen.digest))
	}
	seen.shows = p.shows()
	seen.near = p.nearness()
	seen.disparity, _ = disparity(p)
	seen.order = p.order(p.number("order_bidders").Int())
}

func bitOf(code string) uint64 { return 1 << absences[code] }

// shows are the kinds of things a process shows that its publisher publishes.
func (p *process) shows() (bits uint64) {
	typed := func(o obj) bool {
		for _, d := range each(o, "documents") {
			if d.Text("documentType") != "" {
				return true
			}
		}
		return false
	}
	if typed(field.Object(p.release, "planning")) {
		bits |= bitOf("R001")
	}
	for _, d := range each(p.tender, "documents") {
		switch kind := d.Text("documentType"); {
		case kind == "tenderNotice":
			bits |= bitOf("R004")
		case slices.Contains(bidding, kind):
			bits |= bitOf("R005")
		}
	}
	if field.First(p.tender.Text("procurementMethodRationale")) != "" {
		bits |= bitOf("R010")
	}
	if p.hasBidDocuments() {
		bits |= bitOf("R037")
	}
	for i := range p.contracts {
		if amended(&p.contracts[i]) {
			for _, code := range []string{"R054", "R064", "R065", "R066", "R069"} {
				bits |= bitOf(code)
			}
		}
		for _, d := range each(p.contracts[i].Object, "documents") {
			if kind := d.Text("documentType"); kind == "contractSigned" || kind == "contractText" || kind == "contractNotice" {
				bits |= bitOf("R063")
			}
		}
	}
	return bits
}

// cardinalSettings are those of package indicator, from our table.
func (s *Pass) cardinalSettings() cardinal.Settings {
	n := func(name string) int { return s.number(name).Int() }
	c := cardinal.All()
	c.Currency = s.currency
	c.R003.Threshold = int64(n("submission_days"))
	c.R025.Percentile = n("often_percentile")
	c.R035.Threshold = n("disqualified_others")
	c.R038.MinimumBids, c.R038.MinimumProcesses = n("disqualified_bids"), n("disqualified_processes")
	c.R048.Digits, c.R048.MinimumProcesses = n("supplier_digits"), n("supplier_processes")
	return c
}
