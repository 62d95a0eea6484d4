package require

// PublishWithin is within how many months after the last plan ended the next
// has to be there: Procedural Review, "no action plan within one year".
const PublishWithin = 12

// RefreshAt is after how many months a plan of four years has to be refreshed.
const RefreshAt = 24

// Clock is how a member stands with the Procedural Review.
type Clock struct {
	Contrary []int // reasons that hold: 1 no plan in time, 2 requirements not met, 3 no progress on any commitment
	PlanDue  Day   // until when the next plan is due; "" once it is there or if no plan came before
	PlanLeft int   // days until then; negative when it is past
	// RefreshDue is until when a plan of four years needs its refresh, and
	// RefreshLate whether that has passed without one.
	RefreshDue  Day
	RefreshLate bool
}

// Contrary reports how a plan and its process stand as of the end of a day, in
// the light of the verdicts of that day. Reason 2 is OGP's to state by its own
// assessment; here it says that a requirement is not met.
func Contrary(f Facts, vs []Verdict, on Day) Clock {
	var c Clock
	there := f.Delivered != "" && f.Delivered <= on
	if f.Previous != "" && !there {
		c.PlanDue = f.Previous.AddMonths(PublishWithin)
		c.PlanLeft = on.Until(c.PlanDue)
		if on > c.PlanDue {
			c.Contrary = append(c.Contrary, 1)
		}
	}
	for _, v := range vs {
		if v.Status == NotMet {
			c.Contrary = append(c.Contrary, 2)
			break
		}
	}
	if there && f.Keeping.End != "" && on >= f.Keeping.End && !f.begun() {
		c.Contrary = append(c.Contrary, 3)
	}
	if f.Years == 4 && f.Keeping.Start != "" && there {
		c.RefreshDue = f.Keeping.Start.AddMonths(RefreshAt)
		c.RefreshLate = on >= c.RefreshDue && (f.Refreshed == "" || f.Refreshed > on)
	}
	return c
}

// begun reports whether there is progress on any milestone.
func (f Facts) begun() bool {
	for _, m := range f.Milestones {
		if m.Begun {
			return true
		}
	}
	return false
}
