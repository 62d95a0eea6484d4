package indicator_test

import (
	"bytes"
	"testing"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/indicator/settings"
)

// TestAPassIsCompute: processes one at a time give what a file gives, and each
// alone gives the flags that need no other.
func TestAPassIsCompute(t *testing.T) {
	in := armenia(t)
	o := indicator.Options{Settings: settings.All()}
	want, err := indicator.Compute(bytes.NewReader(in), o)
	if err != nil {
		t.Fatal(err)
	}
	p := indicator.NewPass(o)
	alone := 0
	for line := range bytes.Lines(in) {
		one, err := indicator.Read(bytes.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		p.Add(&one)
		if _, ok := indicator.Alone(&one, o.Settings)["R003"]; ok {
			alone++
		}
	}
	got := p.Result()
	if !bytes.Equal(printed(t, got), printed(t, want)) || alone != 22 {
		t.Errorf("other results; %d short periods, want 22", alone)
	}
	if n := len(got.Measured["R025"][indicator.Tenderer]); n != 19 {
		t.Errorf("%d tenderers were measured, want 19", n)
	}
}

// TestSpreadOf: the policy for small samples at its limits.
func TestSpreadOf(t *testing.T) {
	of := func(n, distinct int) (out []float64) {
		for i := range n {
			out = append(out, float64(i%distinct))
		}
		return out
	}
	for want, values := range map[indicator.Reason][]float64{
		"": of(30, 5), indicator.FewObservations: of(29, 5), indicator.FewValues: of(30, 4), indicator.NoSpread: append(make([]float64, 30), 1, 2, 3, 4),
	} {
		if got := indicator.SpreadOf(values); got.Why != want {
			t.Errorf("want %q, got %+v", want, got)
		}
	}
}
