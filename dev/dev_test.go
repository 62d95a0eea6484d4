package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// fakes are stages that do as they are told.
func fakes(ran *[]string) []stage {
	make := func(name string, t tally, err error) stage {
		return stage{name, func(_ context.Context, _ *checkout, w io.Writer) (tally, error) {
			*ran = append(*ran, name)
			io.WriteString(w, "details of "+name+"\n")
			return t, err
		}}
	}
	return []stage{
		make("good", tally{figure: "7 files"}, nil),
		make("tests", tally{passed: 5, skips: []skip{{"a.TestX", "no server"}}}, nil),
		make("machine", tally{}, cannot{"no browser"}),
		make("bad", tally{passed: 3, failed: 2}, errors.New("2 failed")),
		make("last", tally{}, nil),
	}
}

func TestStages(t *testing.T) {
	for _, c := range []struct {
		name   string
		ci     bool
		keepOn bool
		ran    string
		wants  []string
	}{
		{"stops at the first failure", false, false, "good tests machine bad", []string{
			"ok    good", "7 files", "ok    machine", "skipped: no browser", "FAIL  bad", "details of bad",
			"SKIPPED machine: no browser", "SKIPPED a.TestX: no server", "NOT REACHED last", "\n9 passed, 2 failed, 2 skipped\n",
		}},
		{"goes on if asked", false, true, "good tests machine bad last", []string{"ok    last", "\n10 passed, 2 failed, 2 skipped\n"}},
		{"skips nothing in CI", true, true, "good tests machine bad last", []string{
			"FAIL  tests", "skipped a.TestX: no server", "FAIL  machine", "in CI nothing may be skipped", "\n5 passed, 4 failed, 2 skipped\n",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ran []string
			var out bytes.Buffer
			sum := runStages(context.Background(), &checkout{ci: c.ci}, &out, fakes(&ran), c.keepOn)
			sum.print(&out)
			if got := strings.Join(ran, " "); got != c.ran {
				t.Errorf("ran %q, want %q", got, c.ran)
			}
			for _, want := range c.wants {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out.String())
				}
			}
		})
	}
}

func TestChooseStages(t *testing.T) {
	got, err := choose(stages(), "unit,format")
	if err != nil || len(got) != 2 || got[0].name != "unit" {
		t.Errorf("got %v %v", got, err)
	}
	if _, err := choose(stages(), "nonsense"); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "staticcheck") {
		t.Errorf("an unknown stage: %v, want the list", err)
	}
}

// events is what go test -json says of a run with every outcome.
const events = `{"Action":"run","Package":"ceiba/internal/a","Test":"TestGood"}
{"Action":"pass","Package":"ceiba/internal/a","Test":"TestGood"}
{"Action":"output","Package":"ceiba/internal/a","Test":"TestBoth/postgres","Output":"    dbtest.go:60: no PostgreSQL: set CEIBA_TEST_POSTGRES\n"}
{"Action":"skip","Package":"ceiba/internal/a","Test":"TestBoth/postgres"}
{"Action":"pass","Package":"ceiba/internal/a","Test":"TestBoth/sqlite"}
{"Action":"pass","Package":"ceiba/internal/a","Test":"TestBoth"}
{"Action":"output","Package":"ceiba/internal/a","Test":"TestBad/case","Output":"    a_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"ceiba/internal/a","Test":"TestBad/case"}
{"Action":"fail","Package":"ceiba/internal/a","Test":"TestBad"}
{"Action":"fail","Package":"ceiba/internal/a"}
{"Action":"output","Package":"ceiba/internal/d","Test":"TestGateX","Output":"    x_test.go:9: the rest runs with CEIBA_GATE=full\n"}
{"Action":"skip","Package":"ceiba/internal/d","Test":"TestGateX"}
{"ImportPath":"ceiba/internal/b [ceiba/internal/b.test]","Action":"build-output","Output":"internal/b/b.go:3:1: syntax error\n"}
{"ImportPath":"ceiba/internal/b [ceiba/internal/b.test]","Action":"build-fail"}
{"Action":"output","Package":"ceiba/internal/b","Output":"FAIL\tceiba/internal/b [build failed]\n"}
{"Action":"fail","Package":"ceiba/internal/b"}
{"Action":"output","Package":"ceiba/internal/c","Output":"panic: at the start\n"}
{"Action":"fail","Package":"ceiba/internal/c"}
`

func TestReadsGoTest(t *testing.T) {
	r := newTestReport()
	if err := r.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	want := []string{"internal/a.TestBad/case", "internal/b [ceiba/internal/b.test]", "internal/c"}
	if !slices.Equal(r.failed, want) {
		t.Errorf("failed %q, want %q", r.failed, want)
	}
	var out bytes.Buffer
	r.write(&out)
	for _, want := range []string{"got 1, want 2", "syntax error", "panic: at the start"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	got := r.tally(false)
	if got.passed != 2 || len(got.skips) != 1 || got.skips[0].why != "no PostgreSQL: set CEIBA_TEST_POSTGRES" {
		t.Errorf("got %+v, want 2 passed and the skip with its reason", got)
	}
}

func TestDiffering(t *testing.T) {
	want, have := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		want + "/same.js": "1", have + "/same.js": "1", want + "/old.js": "2", have + "/old.js": "1",
		want + "/new.js": "3", have + "/left.js": "4",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := differing(want, have, "web/dist/")
	if err != nil || !slices.Equal(got, []string{"web/dist/new.js", "web/dist/old.js", "web/dist/left.js (nothing makes it)"}) {
		t.Errorf("got %q %v", got, err)
	}
	if got, err := differing(want, filepath.Join(have, "none"), ""); err != nil || len(got) != 3 {
		t.Errorf("without a folder: %q %v, want all three", got, err)
	}
}

func TestKebab(t *testing.T) {
	for camel, want := range map[string]string{"RoleMatrix": "role-matrix", "RFC4180": "rfc4180", "SSRFTable": "ssrf-table", "Read": "read"} {
		if got := kebab(camel); got != want {
			t.Errorf("%s: got %s, want %s", camel, got, want)
		}
	}
}

func TestPlaceless(t *testing.T) {
	a, b := placeless([]byte("FileName: `internal/face/ui/a.templ`, Line: 1")), placeless([]byte("FileName: `a.templ`, Line: 1"))
	if !bytes.Equal(a, b) || bytes.Equal(a, placeless([]byte("FileName: `a.templ`, Line: 2"))) {
		t.Errorf("%s and %s", a, b)
	}
}

func TestGoFlags(t *testing.T) {
	t.Setenv("GOFLAGS", "-mod=mod -tags=other")
	c := &checkout{root: t.TempDir(), env: os.Environ()}
	if err := c.prepare(); err != nil {
		t.Fatal(err)
	}
	if got := c.get("GOFLAGS"); got != "-mod=mod -tags=sqlite_fts5 -trimpath -buildvcs=false" {
		t.Errorf("GOFLAGS %q", got)
	}
}

func TestTargets(t *testing.T) {
	text := "// target: ns/op <= 30e6\n// BenchmarkGroup groups.\nfunc BenchmarkGroup(b *testing.B) {\n\n// target: rows/s >= 60000\nfunc BenchmarkLoad(b *testing.B) {\n"
	got, err := targetsIn("internal/a/a_test.go", text)
	if err != nil || len(got) != 2 || got[0].pkg != "./internal/a" || got[0].limit != 30e6 || got[1].atMost {
		t.Fatalf("got %+v %v", got, err)
	}
	measured := figuresIn("goos: linux\nBenchmarkGroup/sqlite-2   100   2.9e+07 ns/op   12 allocs/op\nBenchmarkGroup/postgres-2 10 31000000 ns/op\nBenchmarkLoad-2 1 5 ns/op 61000 rows/s\n")
	var out bytes.Buffer
	if got[0].row(&out, measured) || !strings.Contains(out.String(), "FALLS SHORT") {
		t.Errorf("31 ms against 30: %s", &out)
	}
	if !got[1].row(&out, measured) {
		t.Errorf("61,000 rows against 60,000: %s", &out)
	}
	if (target{name: "BenchmarkGone", unit: "ns/op"}).row(&out, measured) || !strings.Contains(out.String(), "NOT MEASURED") {
		t.Errorf("a benchmark that did not run: %s", &out)
	}
}

func TestProofs(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "internal", "app")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	text := "func TestGateRoleMatrix(t *testing.T) {}\nfunc FuzzRead(f *testing.F) {}\nfunc TestOther(t *testing.T) {}\n"
	if err := os.WriteFile(filepath.Join(dir, "x_test.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := proofs(&checkout{root: root})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ask  []string
		want string
	}{
		{[]string{"role-matrix", "disk-full"}, "role-matrix disk-full"},
		{[]string{"fuzz-"}, "fuzz-app-read"},
		{[]string{"fuzz"}, "fuzz-app-read"},
		{[]string{"all"}, "crash-loop power-cut disk-full postgres-away role-matrix fuzz-app-read"},
		{[]string{"unknown"}, ""},
	} {
		chosen, err := chooseProofs(all, c.ask)
		var names []string
		for _, p := range chosen {
			names = append(names, p.name)
		}
		if got := strings.Join(names, " "); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %q %v, want %q", c.ask, got, err, c.want)
		}
	}
}

func TestFuzzTime(t *testing.T) {
	for _, c := range []struct {
		asked string
		small bool
		want  time.Duration
	}{{"", true, 8 * time.Second}, {"", false, 10 * time.Minute}, {"2", false, 2 * time.Second}, {"2", true, 2 * time.Second}, {"0", true, 0}, {"1m", false, 0}} {
		got, err := fuzzTime(&checkout{env: []string{fuzzSeconds + "=" + c.asked}}, c.small)
		if got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("%q, small %t: %s %v, want %s", c.asked, c.small, got, err, c.want)
		}
	}
	if n := inputs("fuzz: elapsed: 3s, execs: 120 (40/sec)\nfuzz: elapsed: 6s, execs: 310 (63/sec)\nPASS"); n != 310 {
		t.Errorf("%d inputs, want 310", n)
	}
}

func TestVerdict(t *testing.T) {
	if err := (verdict{Acked: 5, Rows: 5, Integrity: "ok"}).whole(); err != nil {
		t.Error(err)
	}
	for _, v := range []verdict{{Lost: 1, Integrity: "ok"}, {Dup: 1, Integrity: "ok"}, {Integrity: "row 7 missing from index"}} {
		if v.whole() == nil {
			t.Errorf("%+v passes as whole", v)
		}
	}
}

// TestWriterIsChecked shows that the check of the reliability gates sees a lost
// write: a key that was never written, given as acknowledged.
func TestWriterIsChecked(t *testing.T) {
	c, err := open()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	bin, err := c.buildWriter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "a.db")
	v, err := c.startWriter(ctx, bin, file)
	if err != nil {
		t.Fatal(err)
	}
	err = v.acks(ctx, 50)
	acked := v.kill()
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.checkWriter(ctx, bin, file, append(acked, "never-written"))
	if err != nil || found.Lost != 1 || found.Dup != 0 || found.Integrity != "ok" || found.Examples[0] != "never-written" {
		t.Errorf("got %+v %v, want exactly one lost", found, err)
	}
}

func TestOutOfTime(t *testing.T) {
	for out, want := range map[string]bool{
		"--- FAIL: FuzzX (9.02s)\n        context deadline exceeded\n    FAIL\n":                                                                           true,
		"--- FAIL: FuzzX (1s)\n    --- FAIL: FuzzX (0s)\n    x_test.go:9: context deadline exceeded\n    Failing input written to testdata/fuzz/FuzzX/1\n": false,
		"ok": false,
	} {
		if got := outOfTime(out); got != want {
			t.Errorf("%q: %v", out, got)
		}
	}
}
