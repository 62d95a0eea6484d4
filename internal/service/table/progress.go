package table

// Progress hears how far a long step is. It is called some times a second
// from one goroutine.
type Progress func(Step)

// Step is a moment in a long piece of work. Stage is a key in locale/; Done
// and Total are bytes of the source while reading, rows afterwards.
type Step struct {
	Stage       string
	Done, Total int64
}

// Tell reports a step, if anybody listens.
func (p Progress) Tell(stage string, done, total int64) {
	if p != nil {
		p(Step{stage, done, total})
	}
}

// Note is something the publisher should know about how a file was read. Key
// is a sentence in locale/, Args its names and values in turn.
type Note struct {
	Column string `json:"column,omitempty"`
	Key    string `json:"key"`
	Args   []any  `json:"args,omitempty"`
}
