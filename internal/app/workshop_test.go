package app

import (
	"os"
	"path/filepath"
	"testing"
)

// Where several processes build beside each other, a new one removes the folder
// of one that died and leaves those of the living.
func TestWorkshopOfTheDead(t *testing.T) {
	dir := t.TempDir()
	alive, leave, err := ownFolder(dir)
	must(t, err)
	dead := filepath.Join(dir, "node-dead")
	must(t, os.MkdirAll(filepath.Join(dead, "work"), 0o700))
	next, leaveNext, err := ownFolder(dir)
	must(t, err)
	for path, want := range map[string]bool{alive: true, next: true, dead: false} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", filepath.Base(path), err == nil, want)
		}
	}
	must(t, leave())
	must(t, leaveNext())
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d folders are left", len(left))
	}
}
