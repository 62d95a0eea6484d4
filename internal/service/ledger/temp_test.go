package ledger

import (
	"os"
	"path/filepath"
	"testing"
)

// What a killed process was writing is swept; what a living one writes is not.
func TestSweep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.key")
	dead := filepath.Join(filepath.Dir(path), tempPrefix+"1")
	if err := os.WriteFile(dead, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	living, done, err := writeTemp(path, []byte("whole"))
	if err != nil {
		t.Fatal(err)
	}
	if err := sweep(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("left by a dead process: %v", err)
	}
	if text, err := os.ReadFile(living); err != nil || string(text) != "whole" {
		t.Errorf("being written: %q, %v", text, err)
	}
	done()
	if _, err := os.Stat(living); !os.IsNotExist(err) {
		t.Errorf("after it was done: %v", err)
	}
}
