package scan_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/procurement/flag/scan"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/outcome"
)

// some are releases of few buyers, suppliers and classes, so that they meet.
func some(t *rapid.T) []string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	who := func() string { return pick("who", "A", "B", "C") }
	var out []string
	for i := range rapid.IntRange(0, 40).Draw(t, "n") {
		price := pick("price", "1", "10", "44999.99", "45000", "49999.99", "50000", "0", `"12"`, `{"$numberLong":"7"}`, "-5", "null")
		day := pick("day", "2026-01-01", "2026-01-20", "2026-01-31", "2026-02-30", "")
		out = append(out, fmt.Sprintf(`{"ocid":"p%03d",`, i)+strings.Join([]string{
			by(pick("buyer", "X", "Y", "")), tender(pick("method", open_, direct, `"procurementMethod":7`), starts(day), value(price), class(pick("class", "1111", "2222", ""))),
			bids(who()+" valid 10 "+day, who()+" "+pick("status", "valid", "disqualified", "pending", "odd")+" 11 2026-01-02"),
			award(who(), day, price), contract(value(price), pick("more", amended, `"x":1`, `"dateSigned":"2026-01-15"`)),
		}, ",")+"}\n")
	}
	return out
}

// TestOrderDoesNotMatter: any order and any number of workers give the same
// bytes, and every finding is sound.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := some(t)
		results := map[string]bool{}
		for range 3 {
			var all []outcome.Finding
			report, err := scan.Scan(strings.NewReader(strings.Join(lines, "")), scan.Options{Workers: rapid.IntRange(1, 4).Draw(t, "workers")}, func(f *outcome.Finding) error {
				if fault := f.Fault(); fault != "" {
					t.Fatalf("%s: %+v", fault, f)
				}
				all = append(all, *f)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			outcome.Sort(all)
			results[written(t, all)+written(t, report.Matrix)] = true
			rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		}
		if len(results) != 1 {
			t.Errorf("%d results of one input", len(results))
		}
	})
}

// TestMatrixAddsUp: processes are counted once, and where nothing is missing
// every process can be judged.
func TestMatrixAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := some(t)
		report, err := scan.Scan(strings.NewReader(strings.Join(lines, "")), scan.Options{}, func(*outcome.Finding) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, c := range report.Matrix {
			total += c.Processes
			for _, f := range c.Flags {
				most := 0
				for _, n := range f.Missing {
					most = max(most, n)
				}
				if f.Possible+most > c.Processes || len(f.Missing) == 0 && f.Possible != c.Processes || len(c.Flags) != 73 {
					t.Errorf("%+v of %d", f, c.Processes)
				}
			}
		}
		if total != len(lines) || report.Processes != len(lines) {
			t.Errorf("%d of %d", total, len(lines))
		}
	})
}

// TestMatrix: what a buyer's releases lack in a year.
func TestMatrix(t *testing.T) {
	_, report := found(t, `{"ocid":"1",`+by("B")+","+tender(open_, starts("2025-05-01"), bidders(2))+"}\n"+
		`{"ocid":"2",`+by("B")+","+tender(open_, starts("2025-06-01"))+"}\n"+
		`{"ocid":"3",`+tender(open_, starts("2026-06-01"))+"}\n", scan.Options{})
	if len(report.Matrix) != 2 || report.Matrix[0].Buyer != "" || report.Matrix[1].Year != 2025 || report.Matrix[1].Processes != 2 {
		t.Fatalf("%+v", report.Matrix)
	}
	single := report.Matrix[1].Flags[17]
	if single.Code != "R018" || single.Possible != 1 || single.Missing["tender/numberOfTenderers|tender/tenderers/id|bids/details/tenderers/id"] != 1 {
		t.Errorf("%+v", single)
	}
}

// TestLookAt: a release that was read before gives what its line gives.
func TestLookAt(t *testing.T) {
	line := `{"ocid":"1",` + by("B") + "," + tender(open_, starts("2025-05-01"), bidders(1)) + "}"
	v, err := read.Value([]byte(line), read.Usual)
	if err != nil {
		t.Fatal(err)
	}
	s := scan.New(scan.Options{})
	seen, err := s.LookAt(v.(*ocds.Object))
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Take(seen)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(func(f *outcome.Finding) error {
		all = append(all, *f)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	outcome.Sort(all)
	want, _ := found(t, line, scan.Options{})
	if written(t, all) != written(t, want) {
		t.Error("other findings")
	}
}

// FuzzScan: nothing that is read makes it panic, and what comes out is sound.
func FuzzScan(f *testing.F) {
	f.Add(one(tender(open_, period, value("1")), bids("A valid 1", "B disqualified 2"), award("A", "2026-02-01", "1"), contract(amended)))
	f.Add(`{"ocid":"x","tender":[],"awards":{"suppliers":{"id":1}},"contracts":[null,1,{"status":"active","items":7}],"parties":{"roles":"buyer"},"bids":{"details":{"value":{"amount":"1e400"}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p := scan.New(scan.Options{})
		sound := func(found *outcome.Finding) error {
			if fault := found.Fault(); fault != "" {
				t.Errorf("%s: %+v", fault, found)
			}
			return nil
		}
		for line := range strings.Lines(text) {
			seen, err := p.Look([]byte(line))
			if err != nil {
				continue
			}
			all, err := p.Take(seen)
			for i := range all {
				_ = sound(&all[i])
			}
			if err != nil && !errors.Is(err, scan.ErrTwice) {
				t.Fatal(err)
			}
		}
		_ = p.Finish(sound)
	})
}
