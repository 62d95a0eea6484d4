package csv

import (
	"testing"

	"pgregory.net/rapid"
)

// Guard leaves nothing that a spreadsheet runs, and Unguard gives back what was
// there.
func TestGuard(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+5": "'+5", "-x": "'-x", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", " =1": "' =1", "\n=1": "'\n=1", "＝1": "'＝1",
		"": "", "plain": "plain", "a=b": "a=b", "'quoted": "'quoted", "'": "'", "'=1": "''=1",
	} {
		if got := Guard(text); got != want {
			t.Errorf("Guard(%q) = %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`['=+@\-\t\r \n]{0,4}[a-z]{0,3}`)).Draw(t, "text")
		guarded := Guard(text)
		if formula(guarded) {
			t.Fatalf("%q is run", guarded)
		}
		if back := Unguard(guarded); back != text {
			t.Fatalf("%q became %q", text, back)
		}
	})
}
