package agreement_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/evaluation/agreement"
)

// near fails unless two values are the same to so many decimals.
func near(t *testing.T, what string, got, want float64, decimals int) {
	t.Helper()
	if !(math.Abs(got-want) <= 0.5000001*math.Pow10(-decimals)) {
		t.Errorf("%s: %.9f, want %.*f", what, got, decimals, want)
	}
}

// reference is testdata/reference.json.
type reference struct {
	Krippendorff []struct {
		Name      string
		Data      [][]*float64 // one row a rater
		Published map[string]float64
		Computed  map[string]float64 `json:"computed_here"`
	}
	Cohen []struct {
		Table      [][]int
		R2, R3     []float64
		Unweighted json.RawMessage
		Linear     json.RawMessage
		Equal      float64
		Squared    float64
	}
	Anxiety []float64 `json:"anxiety_20x3_column_major"`
	Fleiss  []struct {
		Counts [][]int
		Kappa  float64
		Z      float64
		Alpha  float64 `json:"krippendorff_nominal_computed_here"`
	}
	Gwet []struct {
		Table  [][]int
		Cohen  float64
		AC1    float64 `json:"ac1"`
		Source string
	} `json:"gwet_ac1"`
}

func load(t *testing.T) (out reference) {
	t.Helper()
	text, err := os.ReadFile("testdata/reference.json")
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// byUnit turns rows of raters into rows of units.
func byUnit(raters [][]*float64) agreement.Ratings {
	out := make(agreement.Ratings, len(raters[0]))
	for _, row := range raters {
		for u, v := range row {
			if v == nil {
				out[u] = append(out[u], agreement.None())
			} else {
				out[u] = append(out[u], *v)
			}
		}
	}
	return out
}

func TestKrippendorff(t *testing.T) {
	for _, c := range load(t).Krippendorff {
		r := byUnit(c.Data)
		for level, want := range c.Computed {
			got, err := agreement.Krippendorff(r, agreement.Level(level))
			if err != nil {
				t.Fatal(err)
			}
			near(t, c.Name+" "+level, got.Value, want, 6)
			if published := c.Published[level]; published != 0 {
				near(t, c.Name+" "+level, got.Value, published, 3)
			}
		}
	}
}

func TestWhatAlphaRestsOn(t *testing.T) {
	a, err := agreement.Krippendorff(byUnit(load(t).Krippendorff[0].Data), agreement.Nominal)
	if err != nil {
		t.Fatal(err)
	}
	if a.Units != 12 || a.Scores != 26 {
		t.Errorf("%d units, %d scores", a.Units, a.Scores)
	}
	near(t, "missing", a.Missing, 18.0/45, 9)
}

func TestReading(t *testing.T) {
	for alpha, want := range map[float64]agreement.Reading{
		1: agreement.Reliable, 0.8: agreement.Reliable, 0.79999: agreement.Tentative,
		0.667: agreement.Tentative, 0.66699: agreement.DoNotAggregate, -0.2: agreement.DoNotAggregate,
	} {
		if got := (agreement.Alpha{Value: alpha}).Reading(); got != want {
			t.Errorf("%v: %s, want %s", alpha, got, want)
		}
	}
}

// reason fails unless an error is that of a statistic without a value.
func reason(t *testing.T, err error, want agreement.Reason) {
	t.Helper()
	var u *agreement.Undefined
	if !errors.As(err, &u) || u.Reason != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestUndefinedAlpha(t *testing.T) {
	none := agreement.None()
	for _, c := range []struct {
		r     agreement.Ratings
		level agreement.Level
		want  agreement.Reason
	}{
		{nil, agreement.Nominal, agreement.NoPairs},
		{agreement.Ratings{{1, none}, {none, 2}}, agreement.Nominal, agreement.NoPairs},
		{agreement.Ratings{{1, 1}, {1, 1, none}}, agreement.Ordinal, agreement.NoVariation},
		{agreement.Ratings{{1, 1}, {2, none}}, agreement.Interval, agreement.NoVariation},
		{agreement.Ratings{{1, math.Inf(1)}}, agreement.Interval, agreement.NotFinite},
		{agreement.Ratings{{1, -1}}, agreement.Ratio, agreement.Negative},
		{agreement.Ratings{{1, 2}}, "fine", agreement.UnknownLevel},
	} {
		_, err := agreement.Krippendorff(c.r, c.level)
		reason(t, err, c.want)
		_, err = agreement.Bootstrap{}.Interval(c.r, c.level)
		reason(t, err, c.want)
	}
}

func TestCohen(t *testing.T) {
	ref := load(t)
	type printed struct{ Kappa, ASE, Low, High, ASE0, Z, P2 float64 }
	for w, text := range map[agreement.Weights]json.RawMessage{
		agreement.Unweighted: ref.Cohen[0].Unweighted, agreement.Linear: ref.Cohen[0].Linear,
	} {
		var want printed
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		got, err := agreement.Cohen(ref.Cohen[0].Table, w)
		if err != nil {
			t.Fatal(err)
		}
		for i, pair := range [][2]float64{
			{got.Value, want.Kappa},
			{got.ASE, want.ASE},
			{got.Low, want.Low},
			{got.High, want.High},
			{got.ASE0, want.ASE0},
			{got.Z, want.Z},
			{got.P, want.P2},
		} {
			near(t, string(w)+" "+string(rune('0'+i)), pair[0], pair[1], 4)
		}
	}
}

// columns makes ratings of two raters from runs: how often which value.
func columns(a, b [][2]int) agreement.Ratings {
	var sides [2][]float64
	for i, runs := range [][][2]int{a, b} {
		for _, run := range runs {
			sides[i] = append(sides[i], slices.Repeat([]float64{float64(run[1])}, run[0])...)
		}
	}
	out := make(agreement.Ratings, len(sides[0]))
	for u := range out {
		out[u] = []float64{sides[0][u], sides[1][u]}
	}
	return out
}

func TestCohenOfLists(t *testing.T) {
	first := [][2]int{{46, 0}, {44, 1}, {10, 2}}
	anxiety := load(t).Cohen[4]
	irr := make(agreement.Ratings, len(anxiety.R2))
	for u := range irr {
		irr[u] = []float64{anxiety.R2[u], anxiety.R3[u]}
	}
	for _, c := range []struct {
		name     string
		r        agreement.Ratings
		w        agreement.Weights
		want     float64
		decimals int
	}{
		{"40/60", columns([][2]int{{40, 0}, {60, 1}}, [][2]int{{20, 0}, {20, 1}, {10, 0}, {50, 1}}), agreement.Unweighted, 0.348, 3},
		{"52/32/16", columns(first, [][2]int{{52, 0}, {32, 1}, {16, 2}}), agreement.Unweighted, 0.8013, 4},
		{"50/40/10", columns(first, [][2]int{{50, 0}, {40, 1}, {10, 2}}), agreement.Unweighted, 0.9315, 4},
		{"50/40/10", columns(first, [][2]int{{50, 0}, {40, 1}, {10, 2}}), agreement.Linear, 0.9412, 4},
		{"50/40/10", columns(first, [][2]int{{50, 0}, {40, 1}, {10, 2}}), agreement.Quadratic, 0.9541, 4},
		{"anxiety", irr, agreement.Unweighted, -0.006289308, 9},
		{"anxiety", irr, agreement.Linear, 0.1459075, 7},
		{"anxiety", irr, agreement.Quadratic, 0.2520325, 7},
	} {
		got, err := agreement.Cohen(c.r.Cross(c.r.Values()), c.w)
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.name+" "+string(c.w), got.Value, c.want, c.decimals)
	}
}

// diagnoses are those of 30 patients by six psychiatrists each, Fleiss 1971.
var diagnoses = []string{
	"444444", "222555", "233335", "555555", "222444", "113333", "333355", "113334", "114444", "555555",
	"144444", "124444", "222333", "144444", "224445", "333335", "111455", "111112", "224444", "133555",
	"555555", "244444", "224555", "114444", "144445", "222224", "111155", "224444", "133333", "555555",
}

func TestFleiss(t *testing.T) {
	ref := load(t)
	got, err := agreement.Fleiss(ref.Fleiss[0].Counts)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Wikipedia", got.Value, ref.Fleiss[0].Kappa, 6)

	r := make(agreement.Ratings, len(diagnoses))
	for u, row := range diagnoses {
		for _, digit := range row {
			r[u] = append(r[u], float64(digit-'0'))
		}
	}
	if got, err = agreement.Fleiss(r.Counts(r.Values())); err != nil {
		t.Fatal(err)
	}
	near(t, "Fleiss 1971", got.Value, ref.Fleiss[1].Kappa, 7)
	near(t, "z", got.Z, ref.Fleiss[1].Z, 5)
	alpha, err := agreement.Krippendorff(r, agreement.Nominal)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "alpha of Fleiss 1971", alpha.Value, ref.Fleiss[1].Alpha, 7)
}

func TestGwet(t *testing.T) {
	c := load(t).Gwet[0]
	var counts [][]int
	for i, row := range c.Table {
		for j, n := range row {
			one := make([]int, 2)
			one[i]++
			one[j]++
			for range n {
				counts = append(counts, one)
			}
		}
	}
	got, err := agreement.Gwet(counts)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "AC1", got.Value, c.AC1, 4)
	kappa, err := agreement.Cohen(c.Table, agreement.Unweighted)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "kappa", kappa.Value, c.Cohen, 4)
}

func TestUndefinedKappa(t *testing.T) {
	cohen := func(table [][]int) error { _, err := agreement.Cohen(table, agreement.Unweighted); return err }
	fleiss := func(counts [][]int) error { _, err := agreement.Fleiss(counts); return err }
	gwet := func(counts [][]int) error { _, err := agreement.Gwet(counts); return err }
	reason(t, cohen([][]int{{5, 0}, {0, 0}}), agreement.NoVariation)
	reason(t, cohen([][]int{{0, 0}, {0, 0}}), agreement.NoPairs)
	reason(t, cohen(nil), agreement.NoPairs)
	reason(t, cohen([][]int{{1, 2}}), agreement.NotSquare)
	reason(t, cohen([][]int{{1, -2}, {0, 1}}), agreement.Negative)
	reason(t, fleiss([][]int{{3, 0}, {3, 0}}), agreement.NoVariation)
	reason(t, fleiss([][]int{{3, 0}, {1, 1}}), agreement.UnequalRows)
	reason(t, fleiss([][]int{{1, 0}, {0, 1}}), agreement.NoPairs)
	reason(t, fleiss(nil), agreement.NoPairs)
	reason(t, gwet([][]int{{3}}), agreement.NoVariation)
	reason(t, gwet([][]int{{0, 1}, {0, 0}}), agreement.NoPairs)
	_, err := agreement.Cohen([][]int{{1, 1}, {1, 1}}, "cubic")
	reason(t, err, agreement.UnknownLevel)
}

func TestInterval(t *testing.T) {
	r := byUnit(load(t).Krippendorff[0].Data)
	one, err := agreement.Bootstrap{Seed: 7, Workers: 1}.Interval(r, agreement.Ordinal)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 3, 8, 5000} {
		many, err := agreement.Bootstrap{Seed: 7, Workers: workers}.Interval(r, agreement.Ordinal)
		if err != nil || many != one {
			t.Errorf("%d workers: %+v, want %+v (%v)", workers, many, one, err)
		}
	}
	a, _ := agreement.Krippendorff(r, agreement.Ordinal)
	if !(one.Low < a.Value && a.Value < one.High) || one.Resamples != agreement.Resamples {
		t.Errorf("%v is not in %+v", a.Value, one)
	}
	// What every machine gets: it changes only if the numbers drawn do.
	near(t, "low", one.Low, goldenLow, 12)
	near(t, "high", one.High, goldenHigh, 12)
}

func TestIntervalNeedsVariation(t *testing.T) {
	_, err := agreement.Bootstrap{}.Interval(agreement.Ratings{{1, 1}, {1, 1}, {1, 2}}, agreement.Nominal)
	reason(t, err, agreement.FewResamples)
}

// TestProperties: what holds of any scores.
func TestProperties(t *testing.T) {
	value := rapid.Custom(func(t *rapid.T) float64 {
		if v := rapid.IntRange(-1, 4).Draw(t, "value"); v >= 0 {
			return float64(v)
		}
		return agreement.None()
	})
	levels := []agreement.Level{agreement.Nominal, agreement.Ordinal, agreement.Interval, agreement.Ratio}
	rapid.Check(t, func(t *rapid.T) {
		r := agreement.Ratings(rapid.SliceOfN(rapid.SliceOfN(value, 0, 4), 0, 8).Draw(t, "ratings"))
		level := rapid.SampledFrom(levels).Draw(t, "level")
		a, err := agreement.Krippendorff(r, level)
		if err != nil {
			return
		}
		if math.IsNaN(a.Value) || a.Value > 1 || a.Missing < 0 || a.Missing > 1 {
			t.Fatalf("%+v", a)
		}
		shuffled := slices.Clone(r)
		for u, row := range shuffled {
			shuffled[u] = slices.Clone(row)
			slices.Reverse(shuffled[u])
		}
		slices.Reverse(shuffled)
		b, err := agreement.Krippendorff(shuffled, level)
		if err != nil || math.Abs(a.Value-b.Value) > 1e-12 {
			t.Fatalf("the order matters: %v, %v (%v)", a.Value, b.Value, err)
		}
		within := slices.IndexFunc(r, disagrees)
		if same := within < 0; same != (a.Value == 1) {
			t.Fatalf("alpha %v, all units agree: %v", a.Value, same)
		}
	})
}

func disagrees(row []float64) bool { return len(agreement.Ratings{row}.Values()) > 1 }

func FuzzCohen(f *testing.F) {
	f.Add([]byte{0, 4, 1, 0, 8, 0, 0, 1, 5})
	f.Fuzz(func(t *testing.T, cells []byte) {
		side := int(math.Sqrt(float64(len(cells))))
		table := make([][]int, side)
		for i := range table {
			for _, c := range cells[i*side : (i+1)*side] {
				table[i] = append(table[i], int(c))
			}
		}
		for _, w := range []agreement.Weights{agreement.Unweighted, agreement.Linear, agreement.Quadratic} {
			k, err := agreement.Cohen(table, w)
			if err == nil && (math.IsNaN(k.Value+k.ASE+k.ASE0+k.Z+k.P) || k.Value > 1) {
				t.Errorf("%v: %+v", table, k)
			}
		}
	})
}

func BenchmarkInterval(b *testing.B) {
	r := make(agreement.Ratings, 210)
	for u := range r {
		r[u] = []float64{float64(u % 4), float64(u * 7 % 4), float64(u * u % 4)}
	}
	for b.Loop() {
		if _, err := (agreement.Bootstrap{Seed: 1}).Interval(r, agreement.Ordinal); err != nil {
			b.Fatal(err)
		}
	}
}

// The ordinal interval of the first reference with seed 7.
const (
	goldenLow  = 0.409424026034702
	goldenHigh = 1.0
)
