package tabletest

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// File writes text to a CSV file and returns its path.
func File(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// RequestsFile writes a file of n service requests and returns its path.
func RequestsFile(t testing.TB, n int, spoil Spoil) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "requests.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Requests(f, n, spoil); err != nil {
		t.Fatal(err)
	}
	return path
}

// BenchRows is how many rows benchmarks ask about: a million, or
// CEIBA_BENCH_ROWS.
func BenchRows() int {
	if n, err := strconv.Atoi(os.Getenv("CEIBA_BENCH_ROWS")); err == nil {
		return n
	}
	return 1_000_000
}

// PeakMB is the most memory this process has held, in MB.
func PeakMB() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if v, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// CPUSeconds is the processor time this process has used: on a busy machine it
// tells more than the clock.
func CPUSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
