package exchange

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Options say how a file is taken in.
type Options struct {
	Plan       string `json:"plan"`        // code, address or id of a plan of this site; a code that it has not makes one
	Title      string `json:"title"`       // of a plan that is made; empty for what the file says
	Org        string `json:"org"`         // name, address or id of the office that leads a plan that is made
	Lang       string `json:"lang"`        // of texts that do not say theirs
	CreateOrgs bool   `json:"create_orgs"` // make organisations that are not there, where the file says of what kind they are
	DryRun     bool   `json:"dry_run"`     // find out everything and write nothing
}

// Result is what an import did.
type Result struct {
	Source      Source    `json:"source"`
	Plans       int       `json:"plans"` // made
	Commitments int       `json:"commitments"`
	Milestones  int       `json:"milestones"`
	Reference   Tally     `json:"reference"`
	Skipped     int       `json:"skipped"` // commitments that were here already
	Refused     int       `json:"refused"` // plans that could not be taken; the problems say why
	Made        []Made    `json:"made"`
	Problems    []Problem `json:"-"`
	DryRun      bool      `json:"dry_run"`
}

// Tally counts reference rows.
type Tally struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

// Made is a plan that got commitments.
type Made struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	New   bool   `json:"new"`
}

// errDry undoes a transaction that was only to be tried.
var errDry = errors.New("tried, not written")

// atOnce is how many rows of reference go into one transaction.
const atOnce = 200

// bring writes what a file holds: reference in batches, each plan in one
// transaction. step is told of progress; it may be nil.
func (x *Exchange) bring(ctx context.Context, actor who.Actor, c content, imported string, o Options, step func(done, total int)) (Result, error) {
	res := Result{Source: c.source, Problems: slices.Clone(c.problems), Made: []Made{}, DryRun: o.DryRun}
	if err := actor.Must("plan.import", who.Site); err != nil {
		return res, err
	}
	if c.source == Canada && o.Plan != "" {
		return res, fault.Fields{{Name: "plan", Key: "planexchange.foreign"}}
	}
	if len(c.plans) > 1 && o.Plan != "" {
		c.plans = slices.DeleteFunc(c.plans, func(in incoming) bool { return in.key != o.Plan })
		if len(c.plans) == 0 {
			return res, fault.Fields{{Name: "plan", Key: "planexchange.no_such_plan"}}
		}
	}
	total := len(c.reference) + len(c.plans)
	tell := func(done int) {
		if step != nil {
			step(done, total)
		}
	}
	records := map[string]string{} // commitments by the file's own id
	for i := range c.plans {
		tell(i)
		got, err := x.bringPlan(ctx, actor, c.source, c.plans[i], o)
		if told := faults(err, 0, c.plans[i].key); len(told) > 0 && !o.hopeless(err) {
			res.Refused++
			res.Problems = append(res.Problems, told...)
			continue
		}
		if err != nil {
			return res, err
		}
		res.add(got)
		for k, v := range got.records {
			records[k] = v
		}
	}
	for i := 0; i < len(c.reference); i += atOnce {
		batch := c.reference[i:min(i+atOnce, len(c.reference))]
		if err := x.bringReference(ctx, imported, batch, records, o, &res.Reference); err != nil {
			return res, err
		}
		tell(len(c.plans) + i + len(batch))
	}
	return res, nil
}

// hopeless reports whether an error is about what was asked for and not about
// a plan of the file.
func (o Options) hopeless(err error) bool {
	var f fault.Fields
	if !errors.As(err, &f) {
		return errors.Is(err, db.ErrNotFound)
	}
	return slices.ContainsFunc(f, func(p fault.Field) bool { return p.Name == "office" || p.Name == "plan" })
}

func (r *Result) add(b brought) {
	if b.new {
		r.Plans++
	}
	r.Commitments += b.commitments
	r.Milestones += b.milestones
	r.Skipped += b.skipped
	r.Problems = append(r.Problems, b.problems...)
	r.Made = append(r.Made, Made{b.plan.ID, b.plan.Title, b.new})
}

func (x *Exchange) bringReference(ctx context.Context, imported string, batch []Reference, records map[string]string, o Options, t *Tally) error {
	var now Tally
	err := x.DB.Update(ctx, func(tx *db.Tx) error {
		now = Tally{}
		for _, r := range batch {
			r.Import, r.Record = imported, records[r.Key]
			fresh, changed, err := r.keep(ctx, tx)
			switch {
			case err != nil:
				return err
			case fresh:
				now.Added++
			case changed:
				now.Changed++
			default:
				now.Same++
			}
		}
		if o.DryRun {
			return errDry
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDry) {
		return err
	}
	t.Added, t.Changed, t.Same = t.Added+now.Added, t.Changed+now.Changed, t.Same+now.Same
	return nil
}

// brought is what became of one plan of a file.
type brought struct {
	plan                             plan.Plan
	new                              bool
	commitments, milestones, skipped int
	problems                         []Problem
	records                          map[string]string // commitments by the file's own id
}

func (x *Exchange) bringPlan(ctx context.Context, actor who.Actor, s Source, in incoming, o Options) (out brought, err error) {
	err = x.DB.Update(ctx, func(tx *db.Tx) error {
		out = brought{records: map[string]string{}}
		if err := x.place(ctx, tx, actor, s, in, o, &out); err != nil {
			return err
		}
		for _, d := range in.drafts {
			if err := x.bringDraft(ctx, tx, actor, s, d, o, &out); err != nil {
				return err
			}
		}
		if o.DryRun {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

// place finds the plan that commitments go to, or makes it.
func (x *Exchange) place(ctx context.Context, tx *db.Tx, actor who.Actor, s Source, in incoming, o Options, out *brought) (err error) {
	found, err := x.planFor(ctx, tx, s, in, o)
	if err != nil {
		return err
	}
	if found != "" {
		out.plan, err = plan.See(ctx, tx, actor, found)
		return err
	}
	p := in.plan
	if planCode.MatchString(o.Plan) {
		p.Code = o.Plan
	}
	if s == Table && p.Code != "" && o.Title == "" && p.Title == "" {
		p.Title = p.Code
	}
	p.Title = either(o.Title, p.Title)
	if p.Org, err = x.office(ctx, tx, actor, in, o); err != nil {
		return err
	}
	if out.plan, err = plan.CreateIn(ctx, tx, actor, p); err != nil {
		return err
	}
	out.new = true
	return remember(ctx, tx, "plan", s, x.planKey(s, in, out.plan), out.plan.ID)
}

// planKey is how a file's plan is known again. A spreadsheet has no identifier
// of its own: its plan is known by its code, or by its title.
func (x *Exchange) planKey(s Source, in incoming, p plan.Plan) string {
	if s == Table {
		return either(p.Code, p.Title)
	}
	return in.key
}

// planFor finds the plan of this site that a file's plan is, by what the import
// asks for, by an earlier import, by its id or by its code.
func (x *Exchange) planFor(ctx context.Context, tx *db.Tx, s Source, in incoming, o Options) (string, error) {
	if o.Plan != "" && !planCode.MatchString(o.Plan) {
		ref, _, err := record.Resolve(ctx, tx, "plan", o.Plan)
		if errors.Is(err, db.ErrNotFound) {
			return "", fault.Fields{{Name: "plan", Key: "planexchange.no_such_plan"}}
		}
		return ref.ID, err
	}
	code := either(o.Plan, in.plan.Code)
	if code != "" && !strings.HasPrefix(code, "AP_"+x.Country.Code) {
		return "", fault.Fields{{Name: "plan", Key: "planexchange.foreign"}}
	}
	title := either(o.Title, in.plan.Title)
	p := plan.Plan{Code: code, Title: title}
	if got, err := origin(ctx, tx, "plan", s, x.planKey(s, in, p)); err != nil || got != "" {
		return got, err
	}
	got, err := db.List(ctx, tx, db.One[string], `SELECT id FROM plan WHERE id = $1 OR code = $2 AND code <> '' ORDER BY id LIMIT 1`, in.key, code)
	if err != nil || len(got) == 0 {
		return "", err
	}
	return got[0], nil
}

// office is the organisation that leads a plan that is made.
func (x *Exchange) office(ctx context.Context, tx *db.Tx, actor who.Actor, in incoming, o Options) (string, error) {
	p := in.leader
	if o.Org != "" {
		p = partner{name: o.Org, kind: org.National}
	}
	if p.name == "" {
		return "", fault.Fields{{Name: "office", Key: "planexchange.office_needed"}}
	}
	got, err := match(ctx, tx, actor, p, o)
	if err == nil && got == "" {
		err = fault.Fields{{Name: "office", Key: "planexchange.office_unknown", Args: []any{"name", p.name}}}
	}
	return got, err
}

// match finds the organisation that a file names; "" if there is none. One is
// made only if that was asked for and the file says of what kind it is.
func match(ctx context.Context, tx *db.Tx, actor who.Actor, p partner, o Options) (string, error) {
	got, err := org.ByName(ctx, tx, p.name)
	switch {
	case err == nil:
		return got.ID, nil
	case !errors.Is(err, db.ErrNotFound):
		return "", err
	case !o.CreateOrgs || p.kind == "":
		return "", nil
	}
	made, _, err := org.EnsureByNameIn(ctx, tx, actor, p.name, p.kind)
	return made.ID, err
}

// bringDraft writes a commitment, unless an earlier import did.
func (x *Exchange) bringDraft(ctx context.Context, tx *db.Tx, actor who.Actor, s Source, d draft, o Options, out *brought) error {
	key := d.key
	if s == Table {
		key = out.plan.ID + "/" + d.key
	}
	was, err := origin(ctx, tx, "commitment", s, key)
	if err != nil {
		return err
	}
	if was == "" && s == Ceiba { // the site that wrote the file
		if ids, err := db.List(ctx, tx, db.One[string], `SELECT id FROM commitment WHERE id = $1`, key); err != nil {
			return err
		} else if len(ids) > 0 {
			was = ids[0]
		}
	}
	if was != "" {
		out.skipped++
		out.records[d.key] = was
		return nil
	}
	found, err := d.meet(ctx, tx, actor, o)
	if err != nil {
		return err
	}
	d.c.Plan, d.c.Lead = out.plan.ID, found.lead
	made, err := plan.DraftWhole(ctx, tx, actor, d.c, d.ms)
	if err != nil {
		return d.blame(err)
	}
	for _, p := range found.parties {
		p.Commitment = made.ID
		if _, err := plan.AddPartyIn(ctx, tx, actor, p); err != nil {
			return err
		}
	}
	out.commitments++
	out.milestones += len(d.ms)
	out.problems = append(out.problems, found.problems...)
	out.records[d.key] = made.ID
	return remember(ctx, tx, "commitment", s, key, made.ID)
}

// blame says of which commitment a refusal is. A closed plan is no fault of
// its commitments.
func (d *draft) blame(err error) error {
	var fields fault.Fields
	if !errors.As(err, &fields) {
		return err
	}
	for i := range fields {
		fields[i].Name = d.key + ": " + fields[i].Name
	}
	return fields
}

// met is who takes part in a commitment, as far as this site knows them.
type met struct {
	lead     string
	parties  []plan.Party
	problems []Problem
}

// meet looks for the organisations that a draft names. Those that are not here
// stay text, below the additional information.
func (d *draft) meet(ctx context.Context, tx *db.Tx, actor who.Actor, o Options) (m met, err error) {
	rest := template.Commitment{Milestones: make([]template.Milestone, len(d.ms))}
	d.ms = slices.Clone(d.ms) // Update may run this more than once
	for i, p := range d.leads {
		id, err := match(ctx, tx, actor, p, o)
		switch {
		case err != nil:
			return m, err
		case id == "":
			rest.Lead = joined("; ", rest.Lead, p.name)
			m.unknown(d, "lead", p.name)
		case m.lead == "":
			m.lead = id
		default:
			d.partners = append(slices.Clone(d.partners), d.leads[i])
			d.partners[len(d.partners)-1].role = "co_lead"
		}
	}
	named := map[string]bool{}
	for _, p := range d.partners {
		id, err := match(ctx, tx, actor, p, o)
		if err != nil {
			return m, err
		}
		if id == "" {
			at := p.place(&rest)
			*at = joined("; ", *at, p.name)
			m.unknown(d, "supporting", p.name)
			continue
		}
		if !named[id] {
			named[id], m.parties = true, append(m.parties, plan.Party{Org: id, Role: p.role})
		}
	}
	for i, lead := range d.stepLead {
		if lead == "" {
			continue
		}
		if d.ms[i].Lead, err = match(ctx, tx, actor, partner{name: lead, kind: org.National}, o); err != nil {
			return m, err
		}
		if d.ms[i].Lead == "" {
			rest.Milestones[i].Lead = lead
			m.unknown(d, "milestone_lead", lead)
		}
	}
	d.c.Texts.V.Additional = joined("\n\n", d.c.Texts.V.Additional, template.Pack(rest))
	return m, nil
}

// place is where a partner that this site does not know stays as text.
func (p partner) place(rest *template.Commitment) *string {
	switch p.kind {
	case org.National, org.Subnational:
		return &rest.Government
	case org.CivilSociety:
		return &rest.CivilSociety
	}
	return &rest.Other
}

func (m *met) unknown(d *draft, column, name string) {
	m.problems = append(m.problems, Problem{Row: d.row, ID: d.key, Column: column, Value: name, Key: "planexchange.unknown_org"})
}

// origin is the record that an earlier import made of something; "" if none did.
func origin(ctx context.Context, tx *db.Tx, kind string, s Source, key string) (string, error) {
	got, err := db.List(ctx, tx, db.One[string], `SELECT record FROM plan_origin WHERE kind = $1 AND source = $2 AND key = $3`, kind, s, key)
	if err != nil || len(got) == 0 {
		return "", err
	}
	return got[0], nil
}

func remember(ctx context.Context, tx *db.Tx, kind string, s Source, key, made string) error {
	_, err := tx.Exec(ctx, `INSERT INTO plan_origin (kind, source, key, record, imported) VALUES ($1, $2, $3, $4, $5)`, kind, s, key, made, tx.Now.UnixMicro())
	return err
}
