package ui

import "context"

// Step is one kind of link in the evidence chain, in the order a promise takes
// from a need to what people saw.
type Step string

// The steps.
const (
	StepProblem    Step = "problem"
	StepInput      Step = "input"
	StepCommitment Step = "commitment"
	StepBudget     Step = "budget"
	StepContract   Step = "contract"
	StepPlace      Step = "place"
	StepSeen       Step = "seen"
)

// Steps are all steps in their order.
var Steps = [...]Step{StepProblem, StepInput, StepCommitment, StepBudget, StepContract, StepPlace, StepSeen}

// ChainItem is a record that stands at a step.
type ChainItem struct {
	Title string // short
	Href  string // empty for the record whose page this is
	Tone  Tone
	State string // the word for how it stands
}

// ChainLink is one step of the chain: the records that stand there, or what is
// missing. Two records are shown; the rest is one link.
type ChainLink struct {
	Step     Step
	Items    []ChainItem
	More     int    // how many records stand here besides Items
	MoreHref string // where they are listed
	Missing  string // what is missing; "No contract linked yet" and the like when empty
	Who      string // who can add it
	AddHref  string // where the reader can, if they may
}

// Chain is the strip under the title of every record: problem, input,
// commitment, budget, contract, place, seen. A kind outside the chain gives
// LinkedFrom instead of Current, and shows nothing when that is empty.
type Chain struct {
	Current    Step        // where the record of this page stands
	Links      []ChainLink // any order; a step that is not given is missing
	LinkedFrom []ChainItem
	Label      string // names the strip where a page has several; its own words when empty
}

func (c Chain) link(s Step) ChainLink {
	for _, l := range c.Links {
		if l.Step == s {
			return l
		}
	}
	return ChainLink{Step: s}
}

// toward says how the line to the next step is drawn: solid when both ends are
// known.
func (c Chain) toward(i int) string {
	if i+1 < len(Steps) && len(c.link(Steps[i]).Items) > 0 && len(c.link(Steps[i+1]).Items) > 0 {
		return "joined"
	}
	return "open"
}

func (c Chain) known() int {
	sum := 0
	for _, s := range Steps {
		if len(c.link(s).Items) > 0 {
			sum++
		}
	}
	return sum
}

func (l ChainLink) missing(ctx context.Context) string {
	if l.Missing != "" {
		return l.Missing
	}
	return t(ctx, "chain.missing."+string(l.Step))
}

func (l ChainLink) tone() Tone {
	if len(l.Items) == 0 {
		return Plain
	}
	return l.Items[0].Tone
}
