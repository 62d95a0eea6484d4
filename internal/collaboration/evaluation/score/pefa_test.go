package score_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/evaluation/score"
)

// heads makes ordinary heads of budgets and actual amounts.
func heads(budget, actual []int64) (out []score.Head) {
	for i := range budget {
		out = append(out, score.Head{ID: fmt.Sprint(i), Budget: budget[i], Actual: actual[i]})
	}
	return out
}

// threeYears gives the same heads to three years, then changes some.
func threeYears(h []score.Head) []score.Year {
	return []score.Year{{2022, h}, {2023, h}, {2024, h}}
}

// TestVector: the vector of the specification.
func TestVector(t *testing.T) {
	in := threeYears(heads([]int64{100, 200, 300, 400}, []int64{110, 190, 330, 420}))
	out := score.ExpenditureOutturn(in)
	if out.Years[0].Percent != 105 || out.Code != "A" {
		t.Errorf("PI-1: %+v", out)
	}
	byHead := score.CompositionByHead(in)
	year := byHead.Years[0]
	if math.Abs(year.Percent-3.8095) > 5e-5 || byHead.Code != "A" {
		t.Errorf("PI-2.1: %+v", byHead)
	}
	sum := 0.0
	for i, want := range []float64{105, 210, 315, 420} {
		if year.Lines[i].Adjusted != want {
			t.Errorf("line %d: %+v, want %v", i, year.Lines[i], want)
		}
		sum += year.Lines[i].Deviation
	}
	if sum != 40 {
		t.Errorf("deviations come to %v", sum)
	}
}

// single makes three years of one head with a budget of 10,000.
func single(actual ...int64) (out []score.Year) {
	for i, a := range actual {
		out = append(out, score.Year{Year: 2022 + i, Heads: heads([]int64{10000}, []int64{a})})
	}
	return out
}

func TestOutturns(t *testing.T) {
	for _, c := range []struct {
		of     func([]score.Year) score.Computed
		actual []int64
		want   string
	}{
		{score.ExpenditureOutturn, []int64{9500, 10500, 1}, "A"},
		{score.ExpenditureOutturn, []int64{9499, 10500, 1}, "B"},
		{score.ExpenditureOutturn, []int64{9499, 10501, 10000}, "B"},
		{score.ExpenditureOutturn, []int64{9000, 11000, 1}, "B"},
		{score.ExpenditureOutturn, []int64{8500, 11500, 1}, "C"},
		{score.ExpenditureOutturn, []int64{8499, 11500, 1}, "D"},
		{score.ExpenditureOutturn, []int64{10000, 10000}, "D*"},
		{score.RevenueOutturn, []int64{9700, 10600, 1}, "A"},
		{score.RevenueOutturn, []int64{9699, 10600, 1}, "B"},
		{score.RevenueOutturn, []int64{9400, 11200, 1}, "B"},
		{score.RevenueOutturn, []int64{9200, 11600, 1}, "C"},
		{score.RevenueOutturn, []int64{9200, 11601, 1}, "D"},
	} {
		if got := c.of(single(c.actual...)); got.Code != c.want {
			t.Errorf("%s %v: %s, want %s", got.Rule, c.actual, got.Code, c.want)
		}
	}
}

// TestKinds: which lines each rule counts.
func TestKinds(t *testing.T) {
	in := threeYears([]score.Head{
		{ID: "1", Budget: 500, Actual: 500},
		{ID: "2", Budget: 300, Actual: 300},
		{ID: "debt", Kind: score.Interest, Budget: 150, Actual: 250},
		{ID: "c", Kind: score.Contingency, Budget: 50, Actual: 30},
		{ID: "s", Kind: score.Suspense, Actual: 100},
	})
	if got := score.ExpenditureOutturn(in); got.Years[0].Percent != 108 {
		t.Errorf("PI-1 counts contingency and interest, not suspense: %+v", got.Years[0])
	}
	if got := score.CompositionByHead(in); got.Years[0].Percent != 0 || len(got.Years[0].Lines) != 2 {
		t.Errorf("PI-2.1 counts neither contingency nor interest: %+v", got.Years[0])
	}
	if got := score.CompositionByType(in); got.Years[0].Percent == 0 || len(got.Years[0].Lines) != 3 {
		t.Errorf("PI-2.2 counts interest: %+v", got.Years[0])
	}
	if got := score.ContingencyShare(in); *got.Percent != 3 || got.Code != "B" {
		t.Errorf("PI-2.3: %+v", got)
	}
}

func TestSuspense(t *testing.T) {
	for suspense, want := range map[int64]string{100: "A", 101: "D"} {
		in := threeYears([]score.Head{{ID: "1", Budget: 900, Actual: 900}})
		in[1].Heads = append(heads([]int64{900}, []int64{1000 - suspense}), score.Head{ID: "s", Kind: score.Suspense, Actual: suspense})
		got := score.CompositionByHead(in)
		if got.Code != want || (want == "D") != (got.Why == score.WhySuspense) {
			t.Errorf("%d of 1000: %+v", suspense, got)
		}
	}
}

func TestContingency(t *testing.T) {
	for charged, want := range map[int64]string{0: "A", 299: "A", 300: "B", 600: "B", 601: "C", 999: "C", 1000: "D"} {
		in := threeYears([]score.Head{{ID: "1", Budget: 9000, Actual: 9000}, {ID: "c", Kind: score.Contingency, Budget: 1000, Actual: charged}})
		if got := score.ContingencyShare(in); got.Code != want {
			t.Errorf("%d of 10000: %s, want %s", charged, got.Code, want)
		}
	}
}

func TestLargestHeads(t *testing.T) {
	var many []score.Head
	for i := range 30 {
		many = append(many, score.Head{ID: fmt.Sprintf("%02d", i), Budget: 100, Actual: 100})
	}
	lines := score.CompositionByHead(threeYears(many)).Years[0].Lines
	if len(lines) != 24 || lines[23].Head != score.Rest || lines[23].Budget != 700 {
		t.Errorf("%d lines, the last %+v", len(lines), lines[len(lines)-1])
	}
	many[29].Budget, many[29].Actual = 100000, 100000
	lines = score.CompositionByHead(threeYears(many)).Years[0].Lines
	if len(lines) != 21 || lines[0].Head != "29" || lines[20].Budget != 1000 {
		t.Errorf("%d lines, the last %+v", len(lines), lines[len(lines)-1])
	}
	if got := score.CompositionByHead(threeYears(many[:20])); len(got.Years[0].Lines) != 20 {
		t.Errorf("%d lines", len(got.Years[0].Lines))
	}
}

func TestNoBudget(t *testing.T) {
	for _, got := range []score.Computed{
		score.ExpenditureOutturn(threeYears(nil)), score.CompositionByHead(threeYears(nil)),
		score.ContingencyShare(threeYears(nil)), score.CompetitiveShare(nil, "open"),
	} {
		if got.Code != "D*" || got.State != score.Insufficient || got.Why != score.WhyBudget {
			t.Errorf("%+v", got)
		}
	}
	if got := score.ContingencyShare(nil); got.Why != score.WhyYears {
		t.Errorf("%+v", got)
	}
}

// TestComposition: PI-2 is its weakest dimension.
func TestComposition(t *testing.T) {
	at := func(rule, code string) score.Computed {
		return score.Computed{Rule: rule, State: score.Scored, Code: code}
	}
	clouded := func(rule string) score.Computed {
		c := at(rule, "D")
		c.Why = score.WhySuspense
		return c
	}
	lacking := score.Computed{Rule: score.PI22, State: score.Insufficient, Code: "D*"}
	for _, c := range []struct {
		step score.Step
		want string
	}{
		{score.Composition(at(score.PI21, "A"), at(score.PI22, "A"), at(score.PI23, "C")), "C+"},
		{score.Composition(at(score.PI21, "B"), at(score.PI22, "B"), at(score.PI23, "B")), "B"},
		{score.Composition(clouded(score.PI21), clouded(score.PI22), at(score.PI23, "A")), "D"},
		{score.Composition(at(score.PI21, "B"), lacking, at(score.PI23, "B")), "D+"},
	} {
		if c.step.Result.Code != c.want {
			t.Errorf("%+v, want %s", c.step, c.want)
		}
	}
}

func TestCompetitiveShare(t *testing.T) {
	share := func(open, direct, unknown int64) score.Computed {
		return score.CompetitiveShare([]score.Contract{{"open", open}, {"direct", direct}, {"", unknown}}, "open", "selective")
	}
	for _, c := range []struct {
		got  score.Computed
		want string
	}{
		{share(80, 20, 0), "A"},
		{share(7999, 2001, 0), "B"},
		{share(59, 41, 0), "D"},
		{share(85, 10, 5), "A"},
		{share(78, 17, 5), "D*"}, // 78 to 83 %: B or A
		{share(0, 0, 0), "D*"},
	} {
		if c.got.Code != c.want {
			t.Errorf("%+v, want %s", c.got, c.want)
		}
	}
}

// TestVariance: it does not depend on the unit, is zero if all heads grow
// alike, and never above 200 %.
func TestVariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 1e12)
		n := rapid.IntRange(1, 20).Draw(t, "heads")
		budget, actual := rapid.SliceOfN(amount, n, n).Draw(t, "budget"), rapid.SliceOfN(amount, n, n).Draw(t, "actual")
		got := score.CompositionByHead(threeYears(heads(budget, actual)))
		if got.State == score.Insufficient {
			return
		}
		if p := got.Years[0].Percent; p < 0 || p > 200 {
			t.Fatalf("%v %%", p)
		}
		for i := range budget {
			budget[i] *= 100
		}
		if again := score.CompositionByHead(threeYears(heads(budget, actual))); again.Years[0].Percent != got.Years[0].Percent {
			t.Fatalf("%v, then %v", got.Years[0].Percent, again.Years[0].Percent)
		}
		if same := score.CompositionByHead(threeYears(heads(budget, budget))); same.Years[0].Percent != 0 {
			t.Fatalf("%v %%", same.Years[0].Percent)
		}
	})
}
