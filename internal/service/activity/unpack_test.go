package activity

import (
	"encoding/json"
	"strings"
	"testing"
)

// The short way to a title and a note says what encoding/json says, for
// everything that Append writes.
func TestUnpack(t *testing.T) {
	texts := []string{"", "Road", `says "no"`, `back\slash`, "two\nlines", "Garífuna <b>&", `","note":"x`, "}", `"title":"`, "\u2028"}
	for _, title := range texts {
		for _, note := range texts {
			for _, change := range []any{nil, map[string]string{"title": "inner", "note": "inner"}} {
				body, err := marshal(payload{title, note, nil, change})
				if err != nil {
					t.Fatal(err)
				}
				var want struct{ Title, Note string }
				if err := json.Unmarshal(body, &want); err != nil {
					t.Fatal(err)
				}
				e := Event{salt: "00", body: string(body)}
				if e.unpack(); e.Title != want.Title || e.Note != want.Note || e.Erased {
					t.Errorf("%s: %q %q", body, e.Title, e.Note)
				}
			}
		}
	}
	var erased Event
	if erased.unpack(); !erased.Erased {
		t.Error("without a salt it is erased")
	}
}

func BenchmarkUnpack(b *testing.B) {
	body, _ := marshal(payload{"Option B because of drainage", "", nil, map[string]string{"notes": strings.Repeat("words ", 100)}})
	e := Event{salt: "00", body: string(body)}
	for b.Loop() {
		e.unpack()
	}
}
