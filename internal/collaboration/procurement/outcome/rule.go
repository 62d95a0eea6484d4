package outcome

import "strconv"

// Stage is the part of a process that a rule looks at, as OCDS has them.
type Stage string

// The stages.
const (
	Planning       Stage = "planning"
	Tender         Stage = "tender"
	Award          Stage = "award"
	Contract       Stage = "contract"
	Implementation Stage = "implementation" // payments among them
)

// Need is a kind of data that a rule cannot do without, such as "payments".
type Need string

// Rule describes a rule to readers. What it does is code in its own package.
type Rule struct {
	ID      string
	Version int // grows when formula or code change what comes out
	Stage   Stage
	Subject string   // kind of the subjects it speaks of
	Cases   []string // its parts, if it has several
	Needs   []Need
	Params  []string // names of the parameters that it reads
	Words   string   // beginning of the keys of its sentences
	Doubts  int      // how many innocent explanations its words name
	Legal   []Legal

	// First and last civil date for which the rule makes sense, YYYY-MM-DD;
	// empty where there is no such limit.
	ValidFrom, ValidTo string
}

// Legal is what a rule or parameter stands on.
type Legal struct {
	Ref       string `json:"ref"` // as it is cited
	Source    string `json:"source,omitempty"`
	URL       string `json:"url,omitempty"`
	ValidFrom string `json:"valid_from,omitempty"` // civil dates; empty if not known or not ended
	ValidTo   string `json:"valid_to,omitempty"`
	Verified  bool   `json:"verified"` // the text itself was read, rather than what others write of it
	Note      string `json:"note,omitempty"`
}

// The sentences of a rule, by what their keys end with.
const (
	Title    = "title"
	Asks     = "asks"     // the question, which accuses nobody
	Formula  = "formula"  // in one sentence
	NeedsKey = "needs"    // what data it takes
	Innocent = "innocent" // with a number from 1 to Rule.Doubts: what else could explain it
)

// Key is the key of one of a rule's sentences.
func (r *Rule) Key(sentence string) string { return r.Words + sentence }

// InnocentKeys are the keys of what else could explain a flag.
func (r *Rule) InnocentKeys() []string {
	out := make([]string, r.Doubts)
	for i := range out {
		out[i] = r.Words + Innocent + strconv.Itoa(i+1)
	}
	return out
}
