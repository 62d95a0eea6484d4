package require

// Sector is one of those who sit at the table. Only the two that OGP names by
// themselves matter to the rules.
type Sector string

// The sectors that the rules ask for.
const (
	Government   Sector = "government"
	CivilSociety Sector = "civil_society"
)

// Facts are what was on record about a plan and its process at some moment.
// Every fact carries the reference of the record that shows it, "kind/id",
// which becomes the evidence of a verdict.
type Facts struct {
	Preparing  Span // co-creation: from its announced beginning to delivery or its announced end
	Keeping    Span // implementation: the period of the plan
	Delivered  Day  // when the plan was delivered; "" if it was not
	Years      int  // duration, 2 or 4 today
	Refreshed  Day  // when the refresh of a four-year plan was delivered; "" if it was not
	Previous   Day  // last day of the plan before; "" if there was none
	Website    []Look
	Listed     map[string]bool // what the public page names: "contact", "plan", "repository"
	Terms      []Term
	Rules      []Paper // rules on participation, by the day they were published
	Meetings   []Meeting
	Papers     []Paper // what the repository holds
	Timelines  []Timeline
	Outreach   []Outreach
	Calls      []Call
	Inputs     []Input
	Milestones []Milestone
}

// Term is somebody's time in a seat of the forum.
type Term struct {
	Ref    string
	Sector Sector
	Span
}

// Paper is a document or an update in the repository.
type Paper struct {
	Ref   string
	On    Day    // published, by the server
	Phase Phase  // what it is evidence of
	Of    string // the commitment it is about; "" for the plan
}

// Meeting is a meeting of the forum that was held.
type Meeting struct {
	Ref       string
	On        Day
	By        map[Sector]int // members who attended
	Review    bool           // held to present results of the implementation
	Presented bool           // results were presented
	Comments  int            // that were collected
}

// both reports whether government and civil society were at the meeting: one
// of officials alone is no dialogue.
func (m Meeting) both() bool { return m.By[Government] > 0 && m.By[CivilSociety] > 0 }

// Timeline is a published version of the co-creation timeline.
type Timeline struct {
	Ref           string
	On            Day // published, by the server
	Start         Day // of co-creation, as it announces
	Opportunities int // ways of taking part that it lists
}

// Outreach is something done to make the process known.
type Outreach struct {
	Ref      string
	On       Day
	District string
}

// Call is a way of handing in inputs.
type Call struct {
	Ref           string
	Opens, Closes Day
}

// Input is what somebody handed in.
type Input struct {
	Ref      string
	On       Day
	Sector   string
	Answered Day // when an outcome with its reason was published; "" if it was not
}

// Milestone is how far a milestone of the plan is known to be.
type Milestone struct {
	Ref, Commitment string
	Begun           bool // some progress is shown: limited, substantial or complete
	Said            Day  // when something was last reported; "" if nothing was
}

// Look is one visit to the public page of the process, made without signing in.
type Look struct {
	On Day
	OK bool
}
