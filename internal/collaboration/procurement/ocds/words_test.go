package ocds_test

import (
	"encoding/json"
	"testing"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/check"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

// TestWords: every kind of fault and warning has its sentence.
func TestWords(t *testing.T) {
	text, err := ocds.Words.ReadFile("locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	for prefix, kinds := range map[string][]string{
		"ocds.read.": {
			read.Twice, read.Encoding, read.Control, read.Escape, read.Word, read.Number, read.Digits, read.Deep, read.Large, read.Many,
			read.Stranger, read.Syntax, read.Broken, read.GzipShort, read.Gzip, read.Bomb, read.Input,
		},
		"ocds.merge.": {merge.NoObject, merge.NoDate, merge.NullDate, merge.OtherDate, merge.Inconsistent, merge.Duplicate, merge.Hidden, merge.Mixed, merge.DateOrder},
		"ocds.check.": check.Sentences,
	} {
		for _, k := range kinds {
			if words[prefix+k] == nil {
				t.Errorf("no sentence %s%s", prefix, k)
			}
		}
	}
}
