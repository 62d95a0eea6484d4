package exchange

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/org"
)

// whole is a plan with all that its text consists of.
type whole struct {
	Plan        plan.Plan
	Commitments []plan.Commitment
	Milestones  map[string][]plan.Milestone
	Parties     map[string][]plan.Party
	Orgs        map[string]org.Org
	OGP         map[string]string // identifiers that OGP gave to commitments
}

// gather reads a plan that its reader may see.
func gather(ctx context.Context, tx *db.Tx, p plan.Plan) (w whole, err error) {
	w.Plan = p
	if w.Commitments, err = plan.Commitments(ctx, tx, p.ID); err != nil {
		return w, err
	}
	if w.Milestones, err = plan.MilestonesOf(ctx, tx, p.ID); err != nil {
		return w, err
	}
	if w.Parties, err = plan.PartiesOf(ctx, tx, p.ID); err != nil {
		return w, err
	}
	type known struct{ record, key string }
	ids, err := db.List(ctx, tx, func(k *known) []any { return []any{&k.record, &k.key} },
		`SELECT o.record, o.key FROM plan_origin o JOIN commitment c ON c.id = o.record WHERE o.kind = 'commitment' AND o.source = 'ogp' AND c.plan = $1`, p.ID)
	if err != nil {
		return w, err
	}
	w.OGP = map[string]string{}
	for _, k := range ids {
		if !strings.Contains(k.key, "/") { // made up where OGP gave none
			w.OGP[k.record] = k.key
		}
	}
	return w, w.organisations(ctx, tx)
}

func (w *whole) organisations(ctx context.Context, tx *db.Tx) error {
	w.Orgs = map[string]org.Org{}
	ids := []string{w.Plan.Org}
	for _, c := range w.Commitments {
		ids = append(ids, c.Lead)
		for _, m := range w.Milestones[c.ID] {
			ids = append(ids, m.Lead)
		}
		for _, p := range w.Parties[c.ID] {
			ids = append(ids, p.Org)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		o, err := org.Get(ctx, tx, id)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		w.Orgs[id] = o
	}
	return nil
}

// promised are the commitments that a plan as a document holds: those that are
// drafted or agreed and did not leave it.
func (w whole) promised() (out []plan.Commitment) {
	for _, c := range w.Commitments {
		switch c.State {
		case plan.Idea, plan.Proposed, plan.Shortlisted, plan.Withdrawn, plan.Merged, plan.Split:
		default:
			out = append(out, c)
		}
	}
	return out
}

// document is the plan in canonical form.
func (x *Exchange) document(w whole) template.Plan {
	p := w.Plan
	t := p.Texts.V
	out := template.Plan{
		Title: p.Title, Country: x.Country.Name, Start: p.Start, End: p.End, Introduction: t.Introduction, Efforts: t.Efforts,
		Process: t.Process, Vision: t.Vision,
	}
	for _, c := range w.promised() {
		out.Commitments = append(out.Commitments, x.form(c, w.Milestones[c.ID], w.Parties[c.ID], w.Orgs))
	}
	return out
}

// rows is the plan in the shape of OGP's table: its identity and its tags. The
// codes are for OGP's reviewers to give.
func (x *Exchange) rows(w whole, view template.View) ([]ogpfile.Commitment, error) {
	p := w.Plan
	var out []ogpfile.Commitment
	for _, c := range w.promised() {
		f := x.form(c, w.Milestones[c.ID], w.Parties[c.ID], w.Orgs)
		var text strings.Builder
		if err := template.RenderCommitment(&text, template.PlainText, f, template.Options{View: view}); err != nil {
			return nil, err
		}
		o := ogpfile.Commitment{
			ID: w.OGP[c.ID], Member: x.Country.Name, Code: x.Country.Code, Region: x.Country.Region, Level: "National", Plan: p.Number,
			Number: f.Number, EndYear: year(p.End), Duration: p.Years, Title: f.Title, Text: text.String(), Start: dayTime(c.Start), End: dayTime(c.End),
			Lead: ogpfile.SplitNames(f.Lead), Supporting: ogpfile.SplitNames(joined("; ", f.Government, f.CivilSociety, f.Other)),
		}
		if p.Level == plan.Local {
			o.Level = "Local"
		}
		if o.Submitted = year(p.Start); !p.Delivered.IsZero() {
			o.Submitted = year(plan.DayOf(p.Delivered.Time))
		}
		for _, t := range c.Tags.V {
			o.Tags = append(o.Tags, ogpfile.Column(t))
		}
		out = append(out, o)
	}
	return out, nil
}

// year is that of a civil day; 0 if there is none.
func year(day string) int {
	n, _ := strconv.Atoi(day[:min(4, len(day))])
	return n
}

func dayTime(day string) time.Time {
	t, _ := time.Parse(time.DateOnly, day) // the zero time for none
	return t
}

// writeCSV writes the plan as OGP's table.
func (x *Exchange) writeCSV(w io.Writer, all whole, view template.View) error {
	rows, err := x.rows(all, view)
	if err != nil {
		return err
	}
	return ogpfile.WriteCommitments(w, rows)
}
