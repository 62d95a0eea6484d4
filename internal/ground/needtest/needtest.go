// Package needtest says what a test does without something it needs: on a
// developer's machine it is skipped with a word, in CI it fails, for there
// nothing may be skipped.
package needtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Missing ends a test that lacks something: what it is and how to get it.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what + "; in CI nothing may be skipped")
	}
	t.Skip(what)
}

// Data returns the folder of the shared test data: CEIBA_TESTDATA, or the
// folder beside the checkout. A test without it is Missing it, but skipped even
// in CI where CEIBA_TESTDATA is "none": somebody who has no data has said so.
func Data(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("CEIBA_TESTDATA")
	switch dir {
	case "none":
		t.Skip("no test data: CEIBA_TESTDATA is none")
	case "":
		dir = filepath.Join(Root(t), "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		Missing(t, "no test data: set CEIBA_TESTDATA")
	}
	return dir
}

// Root returns the folder of this module.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}
