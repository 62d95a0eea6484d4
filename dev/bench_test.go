package main

import (
	"strings"
	"testing"
	"time"
)

// A benchmark may state several targets, for parts of it, and leave the limit
// to the name of each part.
func TestTargetsOfParts(t *testing.T) {
	text := "// BenchmarkQueries asks.\n//\n// target: ns/op <= [name] ready/\n// target: peak-MB <= 600\nfunc BenchmarkQueries(b *testing.B) {\n"
	got, err := targetsIn("internal/a/a_test.go", text)
	if err != nil || len(got) != 2 || got[0].part != "ready/" || got[1].limit != 600 {
		t.Fatalf("%+v %v", got, err)
	}
	measured := figuresIn("BenchmarkQueries/ready/key_[5ms]-2 10 4000000 ns/op\nBenchmarkQueries/pending/key_[5ms]-2 10 9000000 ns/op\n" +
		"BenchmarkQueries/ready/free-2 10 9e9 ns/op\nBenchmarkQueries-2 1 5 ns/op 700 peak-MB\n")
	var out strings.Builder
	if !got[0].row(&out, measured) {
		t.Errorf("4 ms of 5: %s", &out)
	}
	if got[1].row(&out, measured) || !strings.Contains(out.String(), "FALLS SHORT") {
		t.Errorf("700 MB of 600: %s", &out)
	}
	slow := figuresIn("BenchmarkQueries/ready/key_[5ms]-2 10 5000001 ns/op\n")
	if got[0].row(&out, slow) {
		t.Error("over 5 ms")
	}
}

// A ratio counts if either the requests or the processor time keeps it; every
// other bound must hold.
func TestJudge(t *testing.T) {
	ours := measured{perSecond: 3000, cpu: 100 * time.Microsecond, p99: 20 * time.Millisecond}
	theirs := measured{perSecond: 2000, cpu: 400 * time.Microsecond}
	both := func(int, int) []byte { return nil }
	for _, x := range []struct {
		c    contest
		good int
	}{
		{contest{theirs: both, ratio: 4}, 1},
		{contest{theirs: both, ratio: 4.5}, 0},
		{contest{theirs: both, ratio: 4, p99: 15 * time.Millisecond}, 0},
		{contest{cpu: 80 * time.Microsecond}, 0},
		{contest{perSecond: 3000, cpu: 100 * time.Microsecond}, 1},
	} {
		var out strings.Builder
		s := &sideBySide{table: newTable(&out)}
		s.judge(x.c, ours, theirs)
		if s.good != x.good || s.good+s.bad != 1 {
			t.Errorf("%+v: %d kept, %d not", x.c, s.good, s.bad)
		}
	}
}
