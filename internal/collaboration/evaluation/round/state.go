package round

import (
	"slices"
	"time"

	"ceiba/internal/ground/fault"
)

// State is where a round stands.
type State string

// The states, in their order.
const (
	Draft         State = "draft"
	Open          State = "open"           // scores are committed, nobody sees them
	ScoringLocked State = "scoring_locked" // no more commitments in time; nonces are handed in
	Revealed      State = "revealed"
	Moderation    State = "moderation"
	Reply         State = "reply" // the evaluated body answers
	Adjudication  State = "adjudication"
	Published     State = "published"
	Corrected     State = "corrected"
)

// States are all states in their order.
var States = []State{Draft, Open, ScoringLocked, Revealed, Moderation, Reply, Adjudication, Published, Corrected}

// Facts are what the guards look at.
type Facts struct {
	Now            time.Time
	ScoreDeadline  time.Time
	RevealDeadline time.Time // zero: the same as ScoreDeadline
	ReplyDeadline  time.Time
	PublishAt      time.Time // zero: as soon as it can be

	Protocol    string // hash of the published protocol
	Criteria    int    // that are to be scored
	Assigned    int    // of which all scorers are assigned
	Government  int    // people of the team who work for government
	Independent int    // who don't

	Expected int // scores
	Commits  int // in time or late
	Reveals  int

	Compulsory int // criteria that must be moderated
	Moderated  int // of those

	RepliesAsked int // from evaluated bodies
	Replies      int
	Adjudicated  int // of those

	Sealed     int    // items in the tree of the publication that would come next
	Items      int    // that it must hold
	Correction string // why a published round is changed
}

// allIn reports whether all scores are committed, or can't be in time anymore.
func (f Facts) allIn() bool { return f.Commits >= f.Expected || after(f.Now, f.ScoreDeadline) }

// after reports whether a deadline is set and has passed.
func after(now, deadline time.Time) bool { return !deadline.IsZero() && now.After(deadline) }

// Next is the state after another; that after "corrected" is the same.
func Next(s State) (State, bool) {
	at := slices.Index(States, s)
	if at < 0 {
		return "", false
	}
	return States[min(at+1, len(States)-1)], true
}

// Move checks a step. The error is a fault: the first of [Blockers], or
// "evaluation.round.not_next" if the states don't follow each other.
func Move(from, to State, f Facts) error {
	if next, ok := Next(from); !ok || next != to {
		return fault.New(fault.Conflict, "evaluation.round.not_next", "from", string(from), "to", string(to))
	}
	if b := Blockers(from, f); len(b) > 0 {
		return b[0]
	}
	return nil
}

// Blockers are what keeps a round from the next state, each a fault.Conflict
// that says what is lacking. There are none if it may go.
func Blockers(from State, f Facts) []*fault.Error {
	var out blockers
	switch from {
	case Draft:
		out.unless(f.Protocol != "", "evaluation.round.no_protocol")
		out.unless(f.Criteria > 0, "evaluation.round.no_criteria")
		out.unless(f.Assigned >= f.Criteria, "evaluation.round.unassigned", "n", f.Criteria-f.Assigned)
		out.unless(f.Government > 0 && f.Independent > 0, "evaluation.round.one_sided")
		out.unless(!f.ScoreDeadline.IsZero() && f.ScoreDeadline.After(f.Now), "evaluation.round.no_deadline")
	case Open:
		out.unless(f.allIn(), "evaluation.round.scores", "n", f.Expected-f.Commits)
	case ScoringLocked:
		out.unless(f.allIn(), "evaluation.round.scores", "n", f.Expected-f.Commits)
		out.unless(f.Reveals >= f.Commits || after(f.Now, f.revealBy()), "evaluation.round.reveals", "n", f.Commits-f.Reveals)
	case Moderation:
		out.unless(f.Moderated >= f.Compulsory, "evaluation.round.unmoderated", "n", f.Compulsory-f.Moderated)
		out.unless(f.ReplyDeadline.After(f.Now), "evaluation.round.no_reply_deadline")
	case Reply:
		out.unless(f.Replies >= f.RepliesAsked || after(f.Now, f.ReplyDeadline), "evaluation.round.replies", "n", f.RepliesAsked-f.Replies)
	case Adjudication:
		out.unless(f.Adjudicated >= f.Replies, "evaluation.round.undecided", "n", f.Replies-f.Adjudicated)
		out.unless(f.Government > 0 && f.Independent > 0, "evaluation.round.one_sided")
		out.unless(f.Items > 0 && f.Sealed == f.Items, "evaluation.round.unsealed")
		out.unless(!f.Now.Before(f.PublishAt), "evaluation.round.too_early")
	case Published, Corrected:
		out.unless(f.Correction != "", "evaluation.round.no_correction")
		out.unless(f.Items > 0 && f.Sealed == f.Items, "evaluation.round.unsealed")
	}
	return out
}

func (f Facts) revealBy() time.Time {
	if f.RevealDeadline.IsZero() {
		return f.ScoreDeadline
	}
	return f.RevealDeadline
}

// blockers collects what is lacking.
type blockers []*fault.Error

func (b *blockers) unless(ok bool, key string, args ...any) {
	if !ok {
		*b = append(*b, fault.New(fault.Conflict, key, args...))
	}
}
