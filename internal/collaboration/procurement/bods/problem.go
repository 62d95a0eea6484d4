package bods

import (
	"embed"
	"fmt"
	"time"
)

// Words are the sentences of this package and those below it.
//
//go:embed locale
var Words embed.FS

// Family is who found a problem.
type Family string

// The families.
const (
	BySchema Family = "schema"
	ByCheck  Family = "check"
)

// Problem is something wrong with a statement.
type Problem struct {
	Family    Family `json:"family"`
	Kind      string `json:"kind"`      // keyword of the schema, or id of the check
	Pointer   string `json:"pointer"`   // into the file's array (RFC 6901)
	Statement string `json:"statement"` // statementId, as far as there is one
	Value     string `json:"value,omitempty"`
	Want      string `json:"want,omitempty"` // what the schema asks for
}

// Key is the key of the sentence for people, with places pointer, value and
// want.
func (p *Problem) Key() string {
	if p.Family == ByCheck {
		return "bods.check." + p.Kind
	}
	return "bods.schema." + p.Kind
}

// Args are what goes into the sentence's places.
func (p *Problem) Args() []any {
	return []any{"pointer", p.Pointer, "value", p.Value, "want", p.Want}
}

// Error gives the text for the log.
func (p *Problem) Error() string {
	return fmt.Sprintf("%s at %s: %s", p.Kind, p.Pointer, p.Value)
}

// Short cuts a value of the file for a sentence.
func Short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
