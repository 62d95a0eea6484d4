package review

import (
	"context"
	"slices"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// process is the subject of the roll-up, and acted its variable: whether the
// plan was made and kept according to OGP's process.
const process, acted = "process", "acted"

// Judged is a requirement in a phase as the reviewer and the computer see it.
type Judged struct {
	Requirement string         `json:"requirement"` // as OGP counts: "1.1"; "process" for the roll-up
	Phase       require.Phase  `json:"phase"`       // empty for the roll-up
	Code        Code           `json:"code"`
	Computed    require.Status `json:"computed"` // the worst of its rules on that day; empty for the roll-up
	Differs     bool           `json:"differs"`
}

// Variable is the name of the code of the judgement.
func (j Judged) Variable() string {
	if j.Requirement == process {
		return acted
	}
	return string(j.Phase)
}

// Field is the name of its field in a form: a dot would separate it from what is
// beside it.
func (j Judged) Field() string { return j.Requirement + "_" + j.Variable() }

// phaseOf is the part of the process that a product judges; "" for none.
func phaseOf(p codebook.Product) require.Phase {
	switch p {
	case codebook.Review:
		return require.CoCreation
	case codebook.Midterm, codebook.Results:
		return require.Implementation
	}
	return ""
}

// asked are the requirements that a product judges, as OGP counts them.
func asked(p codebook.Product) (out []string) {
	phase := phaseOf(p)
	for _, rule := range require.All {
		if slices.Contains(rule.Phases, phase) && !slices.Contains(out, rule.Parent) {
			out = append(out, rule.Parent)
		}
	}
	return out
}

// Judgements returns what an assessment says of the process, with what the
// rules of package require say as of a day beside it, the roll-up last. A brief
// judges nothing.
func (r *Reviews) Judgements(ctx context.Context, tx *db.Tx, a Assessment, pl plan.Plan, codes Codes, on string) ([]Judged, error) {
	phase := phaseOf(a.Product)
	if phase == "" {
		return nil, nil
	}
	m, err := r.Plans.Monitor(ctx, tx, pl, on)
	if err != nil {
		return nil, err
	}
	computed := require.Roll(slices.DeleteFunc(slices.Clone(m.Verdicts), func(v require.Verdict) bool { return v.Phase != phase }))
	var out []Judged
	for _, name := range asked(a.Product) {
		j := Judged{Requirement: name, Phase: phase, Code: codes[name][string(phase)], Computed: computed[name]}
		met := j.Computed == require.Met || j.Computed == require.Warned
		j.Differs = j.Code.Value == "yes" && j.Computed == require.NotMet || j.Code.Value == "no" && met
		out = append(out, j)
	}
	return append(out, Judged{Requirement: process, Code: codes[process][acted]}), nil
}

// Judge stores what a reviewer says of requirements, by field (Judged.Field). A
// process with a requirement that is not met, or not judged yet, was not
// according to OGP's. Whoever is tied to the office that leads it cannot judge it.
func (r *Reviews) Judge(ctx context.Context, actor who.Actor, assessment string, in map[string]Entry) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := mine(ctx, tx, actor, assessment)
		if err != nil {
			return err
		}
		pl, err := plan.See(ctx, tx, actor, a.Plan)
		if err != nil {
			return err
		}
		if err := untied(ctx, tx, actor, a, pl.Org); err != nil {
			return err
		}
		codes, err := CodesOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		all, err := r.Judgements(ctx, tx, a, pl, codes, plan.Today(tx))
		if err != nil {
			return err
		}
		papers, err := paperIDs(ctx, tx, a.Plan)
		if err != nil {
			return err
		}
		news, err := judgements(all, in, papers)
		if err != nil || len(news) == 0 {
			return err
		}
		for _, c := range news {
			if err := a.write(ctx, tx, actor, c); err != nil {
				return err
			}
		}
		return a.tell(ctx, tx, actor, "assessment.judged", "", map[string]any{"requirements": saidOf(news)})
	})
}

func saidOf(news []Code) map[string]any {
	out := map[string]any{}
	for _, c := range news {
		out[c.Subject] = said([]Code{c})
	}
	return out
}

func judgements(all []Judged, in map[string]Entry, papers map[string]bool) (news []Code, err error) {
	var f fault.Fields
	blocked := false
	for _, j := range all {
		name := j.Field()
		e := in[name].tidy()
		value := j.Code.Value
		if !e.empty() && !e.same(j.Code) {
			if e.Seen != j.Code.Version {
				return nil, db.ErrConflict
			}
			if e.Value != "yes" && e.Value != "no" {
				f.Add(name, "fault.choice")
			}
			e.checkGrounds(&f, name, papers)
			value = e.Value
			c := e.code(j.Variable())
			c.Subject, c.Version = j.Requirement, j.Code.Version+1
			news = append(news, c)
		}
		switch {
		case j.Requirement != process:
			blocked = blocked || value != "yes"
		case value == "yes" && blocked && e.Value == "yes" && !e.same(j.Code):
			f.Add(name, "planreview.roll_up")
		case value == "yes" && blocked: // what it stood on is gone
			news = append(news, Code{Subject: process, Variable: acted, Rationale: "roll_up", Version: j.Code.Version + 1})
		}
	}
	return news, f.Err()
}

// Outcome is what the last final assessment of a plan's process says.
type Outcome struct {
	Assessment string // its id; empty if there is none
	Acted      bool   // according to OGP's process
	At         db.Time
}

// Process returns what the last assessment of a plan that was final at a moment
// says of its process. It is the IRM's word on reason 2 of the Procedural
// Review, where there is a reviewer.
func Process(ctx context.Context, tx *db.Tx, planID string, asOf time.Time) (Outcome, error) {
	type row struct {
		Outcome
		value string
	}
	got, err := db.List(ctx, tx, func(x *row) []any { return []any{&x.Assessment, &x.At, &x.value} }, `SELECT a.id, a.finished, c.value
		FROM assessment a JOIN assessment_code c ON c.assessment = a.id AND c.subject = 'process' AND c.variable = 'acted'
		WHERE a.plan = $1 AND a.state = 'final' AND a.finished <= $2 ORDER BY a.finished DESC, a.id DESC, c.version DESC LIMIT 1`, planID, asOf.UnixMicro())
	if err != nil || len(got) == 0 {
		return Outcome{}, err
	}
	got[0].Acted = got[0].value == "yes"
	return got[0].Outcome, nil
}
