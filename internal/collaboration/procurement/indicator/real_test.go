package indicator_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/indicator/coverage"
	"ceiba/internal/collaboration/procurement/indicator/prepare"
	"ceiba/internal/collaboration/procurement/indicator/settings"
	"ceiba/internal/ground/needtest"
)

// armenia is the real file, with its codes mapped to OCDS's.
func armenia(t testing.TB) []byte {
	t.Helper()
	in := content(t, filepath.Join(needtest.Data(t), "ocds", "real-releases", "armenia-armeps.jsonl"))
	codes := map[string]string{"qualified": "valid", "not-qualified": "disqualified"}
	var out, issues bytes.Buffer
	if _, err := prepare.Run(bytes.NewReader(in), settings.Prepare{BidStatuses: codes}, &out, &issues, 0); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// count counts the results of each indicator, by group.
func count(r *indicator.Result) map[string]int {
	out := map[string]int{}
	for g, byID := range r.Values {
		for _, m := range byID {
			for code := range m {
				out[fmt.Sprintf("%s %s", code, g)]++
			}
		}
	}
	return out
}

// The figures are those that the evaluation report, 2.4, has from a port of its
// own: three indicators flag everybody, since the quartiles are the same.
func TestFewProcessesAreNoGroundForAJudgement(t *testing.T) {
	in := armenia(t)
	got := map[bool]map[string]int{}
	for _, cardinal := range []bool{true, false} {
		r, err := indicator.Compute(bytes.NewReader(in), indicator.Options{Settings: settings.All(), Cardinal: cardinal})
		if err != nil {
			t.Fatal(err)
		}
		got[cardinal] = count(r)
		if cardinal {
			won := 0
			for _, m := range r.Values[indicator.Tenderer] {
				if v, ok := m["R025"]; ok && v == 1 {
					won++
				}
			}
			if won != 16 {
				t.Errorf("%d tenderers that always won are flagged, want 16", won)
			}
			continue
		}
		var codes []string
		for _, i := range r.Insufficient {
			codes = append(codes, fmt.Sprintf("%s %s %d %d %v", i.Indicator, i.Group, i.N, i.Distinct, i.Why))
		}
		want := []string{
			"R024 OCID 1 1 [observations distinct spread]",
			"R025 Tenderer 19 2 [observations distinct spread]",
			"R038 Buyer 4 1 [observations distinct spread]",
			"R038 ProcuringEntity 4 1 [observations distinct spread]",
			"R038 Tenderer 6 2 [observations distinct]",
			"R048 Tenderer 0 0 [observations distinct spread]",
			"R058 OCID 1 1 [observations distinct spread]",
		}
		if !slices.Equal(codes, want) {
			t.Errorf("insufficient: got %q, want %q", codes, want)
		}
	}
	for name, want := range map[string]int{"R003 OCID": 22, "R018 OCID": 1, "R024 OCID": 1, "R058 OCID": 1, "R025 Tenderer": 19} {
		if got[true][name] != want {
			t.Errorf("Cardinal's rules: %s has %d, want %d", name, got[true][name], want)
		}
		if strings.HasPrefix(name, "R003") || strings.HasPrefix(name, "R018") {
			if got[false][name] != want {
				t.Errorf("our rules: %s has %d, want %d", name, got[false][name], want)
			}
		} else if got[false][name] != 0 {
			t.Errorf("our rules: %s has %d, want none", name, got[false][name])
		}
	}
}

// distribution is n tenderers that each bid in so many processes, and win so
// many of them.
func distribution(bids func(i int) (all, won int), n int) string {
	var b strings.Builder
	for i := range n {
		all, won := bids(i)
		for j := range all {
			winner := "other"
			if j < won {
				winner = fmt.Sprintf("T%02d", i)
			}
			fmt.Fprintf(&b, `{"ocid":"%d-%d","bids":{"details":[{"status":"valid","tenderers":[{"id":"T%02d"}]}]},"awards":[{"status":"active","suppliers":[{"id":%q}]}]}`+"\n", i, j, i, winner)
		}
	}
	return b.String()
}

func TestJudgesByADistributionThatIsLargeEnough(t *testing.T) {
	mixed := func(i int) (int, int) {
		if i == 0 {
			return 20, 1 // far below the others
		}
		return 20, 10 + i%5
	}
	for n, want := range map[int]int{29: 0, 30: 1} {
		r, err := indicator.Compute(strings.NewReader(distribution(mixed, n)), indicator.Options{Settings: settings.Settings{R025: &settings.R025{Percentile: 75}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := count(r)["R025 Tenderer"]; got != want || (len(r.Insufficient) == 0) != (want == 1) {
			t.Errorf("%d tenderers: %d flagged, want %d; insufficient %v", n, got, want, r.Insufficient)
		}
	}
}

// A threshold that somebody set needs no distribution, and is met by its own
// value.
func TestAThresholdNeedsNoDistribution(t *testing.T) {
	at := 0.5
	in := distribution(func(int) (int, int) { return 4, 2 }, 2)
	r, err := indicator.Compute(strings.NewReader(in), indicator.Options{Settings: settings.Settings{R025: &settings.R025{Percentile: 75, Threshold: &at}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := count(r)["R025 Tenderer"]; got != 2 || len(r.Insufficient) != 0 {
		t.Errorf("%d flagged, want 2; insufficient %v", got, r.Insufficient)
	}
}

// Cardinal's code counts bids where its documentation says processes.
func TestR038CountsProcesses(t *testing.T) {
	in := `{"ocid":"1","buyer":{"id":"B"},"bids":{"details":[{"status":"disqualified"},{"status":"disqualified"}]}}`
	at := 0.5
	s := settings.Settings{R038: &settings.R038{Threshold: &at, MinimumBids: 2, MinimumProcesses: 2}}
	for cardinal, want := range map[bool]int{true: 1, false: 0} {
		r, err := indicator.Compute(strings.NewReader(in), indicator.Options{Settings: s, Cardinal: cardinal})
		if err != nil {
			t.Fatal(err)
		}
		if got := count(r)["R038 Buyer"]; got != want {
			t.Errorf("Cardinal's rules %v: %d buyers flagged, want %d", cardinal, got, want)
		}
	}
}

// Prices as Moldova and Colombia write them are prices for us, not for Cardinal.
func TestReadsPricesOfRealPublishers(t *testing.T) {
	in := `{"ocid":"1","bids":{"details":[` +
		`{"status":"valid","tenderers":[{"id":"A"}],"value":{"amount":"15890000000","currency":"COP"}},` +
		`{"status":"valid","tenderers":[{"id":"B"}],"value":{"amount":{"$numberLong":"15890000000"},"currency":"COP"}},` +
		`{"status":"valid","tenderers":[{"id":"C"}],"value":{"amount":"much","currency":"COP"}}]}}`
	for cardinal, want := range map[bool]int{true: 0, false: 2} {
		r, err := indicator.Compute(strings.NewReader(in), indicator.Options{Settings: settings.Settings{R028: &settings.Plain{}}, Cardinal: cardinal})
		if err != nil {
			t.Fatal(err)
		}
		if got := count(r)["R028 Tenderer"]; got != want {
			t.Errorf("Cardinal's rules %v: %d tenderers flagged, want %d", cardinal, got, want)
		}
	}
}

// The nine real files are read to their ends, and give the same bytes on one
// worker and on several.
func TestRealFilesGiveTheSameBytesOnAnyWorkers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "real-releases", "*.jsonl"))
	if err != nil || len(files) != 9 {
		t.Fatalf("%d files, want 9: %v", len(files), err)
	}
	var all []byte
	for _, file := range files {
		all = append(all, bytes.TrimRight(content(t, file), "\n")...)
		all = append(all, '\n')
	}
	for range 2 { // beyond one chunk
		all = append(all, all...)
	}
	releases := bytes.Count(all, []byte{'\n'})
	for _, cardinal := range []bool{true, false} {
		var first []byte
		for _, workers := range []int{1, 3} {
			r, err := indicator.Compute(bytes.NewReader(all), indicator.Options{Settings: settings.All(), Cardinal: cardinal, Maps: true, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			if r.Skips.N != 0 || r.Processes == 0 || r.Processes > releases {
				t.Errorf("%d of %d releases, %d skipped", r.Processes, releases, r.Skips.N)
			}
			got := printed(t, r)
			if first == nil {
				first = got
			}
			if !bytes.Equal(first, got) {
				t.Errorf("%d workers print other bytes than 1", workers)
			}
		}
	}
	counts, skips, err := coverage.Count(bytes.NewReader(all), 3)
	if err != nil || skips.N != 0 || counts[""] != releases || counts["/ocid"] != releases {
		t.Errorf("coverage: %d lines of %d, %d skipped, %v", counts[""], releases, skips.N, err)
	}
}
