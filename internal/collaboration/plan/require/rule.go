package require

// Phase is a part of the process.
type Phase string

// The phases in which requirements are assessed.
const (
	CoCreation     Phase = "co_creation"
	Implementation Phase = "implementation"
)

// Status is the outcome of a rule for a phase.
type Status string

// The outcomes. Warned is met, but not as well as this site asks for.
const (
	Met    Status = "met"
	Warned Status = "warned"
	Waits  Status = "waits" // it can still be met in time
	NotMet Status = "not_met"
	NotYet Status = "not_yet" // the phase has not begun
)

// Said is a sentence: a key of locale/ below "plan.require." and its values.
type Said struct {
	Key  string
	Args []any
	// Rows are what the numbers among Args were worked out from, "kind/id" by the
	// number's name.
	Rows map[string][]string
}

// Verdict is a rule's outcome for a phase as of a day.
type Verdict struct {
	Rule     Rule
	Phase    Phase
	Status   Status
	Words    Said
	Due      Day      // until when the next thing has to happen; "" if nothing has to
	Left     int      // days from the day asked about until Due; negative when it is past
	Evidence []string // "kind/id" of what shows it, in order of time
}

// Rule is one of the eleven.
type Rule struct {
	ID     string // "1.1a"
	Parent string // the requirement as OGP counts it: "1.1"
	Phases []Phase
	judge  func(Facts, Phase, Day) Verdict
}

// Word is the last part of the key of the rule's name in locale/.
func (r Rule) Word() string { return r.ID }

var bothPhases = []Phase{CoCreation, Implementation}

// All are the eleven rules in their order.
var All = []Rule{
	{"1.1a", "1.1", bothPhases, dialogue},
	{"1.1b", "1.1", bothPhases, meets},
	{"1.1c", "1.1", bothPhases, rulesPublic},
	{"2.1", "2.1", bothPhases, website},
	{"2.2a", "2.2", bothPhases, repository},
	{"2.2b", "2.2", bothPhases, updated},
	{"3.1", "3.1", []Phase{CoCreation}, announced},
	{"3.2", "3.2", []Phase{CoCreation}, outreach},
	{"3.3", "3.3", []Phase{CoCreation}, inputs},
	{"4.1", "4.1", []Phase{CoCreation}, answered},
	{"5.1", "5.1", []Phase{Implementation}, presented},
}

// Judge returns the verdict of every rule in every phase that it applies to, as
// of the end of a day.
func Judge(f Facts, on Day) []Verdict {
	var out []Verdict
	for _, r := range All {
		for _, p := range r.Phases {
			v := Verdict{Status: NotYet, Words: Said{Key: "not_begun"}}
			if span, begun := f.span(p).upTo(on); begun {
				v = r.judge(f, p, span.End)
			} else if r.early(p) {
				v = r.judge(f, p, on)
			}
			v.Rule, v.Phase = r, p
			if v.Due != "" {
				v.Left = on.Until(v.Due)
			}
			out = append(out, v)
		}
	}
	return out
}

// early reports whether a rule asks for something before its phase begins.
func (r Rule) early(p Phase) bool { return r.ID == "3.1" && p == CoCreation }

func (f Facts) span(p Phase) Span {
	if p == CoCreation {
		return f.Preparing
	}
	return f.Keeping
}

// Roll is the sum of many verdicts: the worst of a requirement, as OGP counts
// them.
func Roll(vs []Verdict) map[string]Status {
	rank := map[Status]int{NotYet: 0, Met: 1, Warned: 2, Waits: 3, NotMet: 4}
	out := map[string]Status{}
	for _, v := range vs {
		if s, seen := out[v.Rule.Parent]; !seen || rank[v.Status] > rank[s] {
			out[v.Rule.Parent] = v.Status
		}
	}
	return out
}

func met(evidence ...string) Verdict {
	return Verdict{Status: Met, Words: Said{Key: "met"}, Evidence: evidence}
}

func fails(key string, args ...any) Verdict {
	return Verdict{Status: NotMet, Words: Said{Key: key, Args: args}}
}

func waits(due Day, key string, args ...any) Verdict {
	return Verdict{Status: Waits, Due: due, Words: Said{Key: key, Args: args}}
}

func (v Verdict) with(evidence []string) Verdict { v.Evidence = evidence; return v }
func (v Verdict) until(due Day) Verdict          { v.Due = due; return v }

// from says what a number of the verdict's sentence was worked out from.
func (v Verdict) from(number string, rows []string) Verdict {
	if v.Words.Rows == nil {
		v.Words.Rows = map[string][]string{}
	}
	v.Words.Rows[number] = rows
	return v
}

func (v Verdict) warned(key string, args ...any) Verdict {
	v.Status, v.Words = Warned, Said{Key: key, Args: args}
	return v
}
