package job

import (
	"encoding/json"
	"errors"
	"strings"

	"ceiba/internal/ground/fault"
)

// text is the phrase as the database keeps it.
func (p Phrase) text() string {
	if p.Key == "" {
		return ""
	}
	b, err := json.Marshal(p)
	if err != nil {
		b, _ = json.Marshal(Phrase{Key: p.Key}) // an argument that JSON cannot hold costs the arguments only
	}
	return string(b)
}

// parsePhrase reads what text wrote. Whole numbers come back as int64, so that
// they are shown without decimals.
func parsePhrase(s string) Phrase {
	var p Phrase
	if s == "" {
		return p
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		return Phrase{Key: "job.failed"} // only a hand in the database writes such
	}
	for i, v := range p.Args {
		if n, ok := v.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				p.Args[i] = whole
			} else {
				p.Args[i], _ = n.Float64()
			}
		}
	}
	return p
}

// why says a failure to everybody: a fault has its own sentence, anything else
// is ours to mend.
func why(err error) Phrase {
	var e *fault.Error
	var f fault.Fields
	switch {
	case errors.As(err, &e):
		return Phrase{e.Key, e.Args}
	case errors.As(err, &f) && len(f) > 0:
		return Phrase{f[0].Key, f[0].Args}
	}
	return Phrase{Key: "job.failed"}
}
