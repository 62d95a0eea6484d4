package app

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n/overlay"
)

// command runs the command line and returns what it wrote and its status.
func command(t *testing.T, args ...string) (out, said string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = Main(args, &stdout, &stderr)
	return stdout.String(), stderr.String(), status
}

func TestVerifyFindsAChange(t *testing.T) {
	data := filepath.Join(t.TempDir(), "site")
	if _, said, status := command(t, "verify", "--data", data); status != 1 || !strings.Contains(said, "no site") {
		t.Errorf("no site: %d %s", status, said)
	}
	if _, said, status := command(t, "user", "add", "ann@test.example", "--role", "administrator", "--data", data); status != 0 {
		t.Fatalf("user add: %s", said)
	}
	out, said, status := command(t, "verify", "--data", data)
	if status != 0 || !strings.HasPrefix(out, "size ") || strings.HasPrefix(out, "size 0\n") || !strings.Contains(out, "\nroot ") {
		t.Fatalf("verify: %d %s %s", status, out, said)
	}
	d, err := db.Open(t.Context(), filepath.Join(data, "ceiba.db"))
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		return tx.MustChange(t.Context(), `UPDATE activity SET actor = 'somebody else' WHERE seq = 2`)
	})
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	if out, said, status := command(t, "verify", "--data", data); status != 1 || !strings.Contains(said, "Line 2") || strings.Contains(out, "root") {
		t.Errorf("a changed line: %d %q %q", status, out, said)
	}
	if _, _, status := command(t, "verify", "--key", "x", "--data", data); status != 2 {
		t.Errorf("--key alone: %d", status)
	}
}

func TestWordsThereAndBack(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "site")
	out, said, status := command(t, "words", "export", "cab", "--data", data)
	if status != 0 {
		t.Fatalf("export: %s", said)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) < 100 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	file := filepath.Join(dir, "cab.csv")
	write := func(rows [][]string) {
		var b bytes.Buffer
		csv.NewWriter(&b).WriteAll(rows)
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write([][]string{rows[0], {"app.place", "other", "Belize", "Baleyse"}, {"no.such", "other", "x", "y"}})
	if out, said, status := command(t, "words", "import", file, "--data", data); status != 1 || !strings.Contains(out, "1 sentences in cab") || !strings.Contains(said, "line 3") {
		t.Errorf("import: %d %q %q", status, out, said)
	}
	if out, _, _ := command(t, "words", "export", "cab", "--data", data); !strings.Contains(out, "app.place,other,Belize,Baleyse") {
		t.Error("the sentence is not said")
	}
	// What no longer fits keeps nothing from starting.
	if err := os.WriteFile(overlay.Path(data, "cab"), []byte(`{"app": {"app.place": "Baleyse {gone}", "app.gone": "x"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, status := command(t, "migrate", "--data", data); status != 0 || strings.Count(said, "is left out") != 2 {
		t.Errorf("stale sentences: %d %s", status, said)
	}
	if _, _, status := command(t, "words", "export", "xx", "--data", data); status != 2 {
		t.Errorf("an unknown language: %d", status)
	}
}
