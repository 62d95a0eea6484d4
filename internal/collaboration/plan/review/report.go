package review

import (
	"context"
	"maps"
	"slices"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Glance is the block "At a glance" that stands before every report of the IRM.
// Shares are of the number of commitments, members of clusters each counted.
type Glance struct {
	Since       string           `json:"participating_since"`
	Start       string           `json:"plan_start"`
	End         string           `json:"plan_end"`
	Product     codebook.Product `json:"product"`
	Commitments int              `json:"commitments"`
	Lens        int              `json:"open_government_lens"`
	Substantial int              `json:"substantial_potential"`
	Promising   int              `json:"promising"`
	Areas       []string         `json:"policy_areas"`               // by OGP's headings
	Acted       string           `json:"acted_according_to_process"` // yes, no, or empty while it is not judged
}

// Percent is a share of the commitments in whole percent.
func (g Glance) Percent(n int) int { return percent(n, g.Commitments) }

// Row is a commitment in the annex.
type Row struct {
	Commitment string          `json:"commitment"`
	Number     string          `json:"number"`
	Title      string          `json:"title"`
	Text       string          `json:"text"`
	Lead       string          `json:"lead"` // name at that time
	Supporting []string        `json:"supporting"`
	Start      string          `json:"start_date"`
	End        string          `json:"end_date"`
	Tags       []string        `json:"policy_areas"`
	Cluster    string          `json:"cluster"`     // its name; empty for none
	With       []string        `json:"cluster_ids"` // all members of the cluster
	Codes      map[string]Code `json:"codes"`       // by variable
	Missing    []string        `json:"not_coded"`   // variables that are still to be coded
	Featured   bool            `json:"featured"`
}

// Sheet is how the commitment is coded.
func (r Row) Sheet() codebook.Sheet { return Codes{"": r.Codes}.Sheet("") }

// Group is a cluster in a report.
type Group struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Area    string   `json:"policy_area"`
	Reason  string   `json:"reason"`
	Members []string `json:"commitments"`
}

// Told is a commitment or cluster of which the report tells by itself.
type Told struct {
	Subject string   `json:"subject"`
	Title   string   `json:"title"`
	Members []string `json:"commitments"`
	Early   bool     `json:"significant"` // it is told because it turned out significant
	Texts   Telling  `json:"texts"`
	Version int      `json:"-"`
}

// Report is an assessment as it is read, made from what is on record. When an
// assessment becomes final its report is kept as it is then.
type Report struct {
	Year        int      `json:"year_of_submission"`
	Number      int      `json:"plan_number"`
	Level       string   `json:"level"`
	Duration    int      `json:"duration_years"`
	Glance      Glance   `json:"at_a_glance"`
	Rows        []Row    `json:"commitments"`
	Clusters    []Group  `json:"clusters"`
	Promising   []Told   `json:"promising"`
	Process     []Judged `json:"process"`
	Milestones  []Voices `json:"milestone_voices"`
	Commitments []Voices `json:"commitment_voices"`
}

// ReportOf returns the report of an assessment: what was kept if it is final,
// else what is on record now.
func (r *Reviews) ReportOf(ctx context.Context, tx *db.Tx, a Assessment) (Report, error) {
	if a.State == Final {
		kept, err := db.Get(ctx, tx, db.One[db.JSON[Report]], `SELECT report FROM assessment WHERE id = $1`, a.ID)
		return kept.V, err
	}
	return r.build(ctx, tx, a)
}

// build makes the report from what is on record.
func (r *Reviews) build(ctx context.Context, tx *db.Tx, a Assessment) (out Report, err error) {
	pl, err := plan.See(ctx, tx, who.System(reading, "review"), a.Plan)
	if err != nil {
		return out, err
	}
	cs, err := Assessable(ctx, tx, pl)
	if err != nil {
		return out, err
	}
	codes, err := CodesOf(ctx, tx, a.ID)
	if err != nil {
		return out, err
	}
	out.Year, out.Number, out.Level, out.Duration = a.Year, pl.Number, string(pl.Level), pl.Years
	if a.Product != codebook.Brief {
		if err := r.annex(ctx, tx, a, cs, codes, &out); err != nil {
			return out, err
		}
		if out.Milestones, out.Commitments, err = Compare(ctx, tx, pl, cs, codes); err != nil {
			return out, err
		}
	}
	if out.Process, err = r.Judgements(ctx, tx, a, pl, codes, plan.Today(tx)); err != nil {
		return out, err
	}
	out.Glance = glance(out, a, pl)
	return out, nil
}

// reading is the policy under which the program itself reads plans.
var reading = who.MustPolicy(plan.Rules...)

// annex fills in the commitments, the clusters, and of what the report tells.
func (r *Reviews) annex(ctx context.Context, tx *db.Tx, a Assessment, cs []plan.Commitment, codes Codes, out *Report) error {
	clusters, err := Clusters(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	passages, err := Passages(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	vars := a.Variables()
	told := map[string]bool{}
	for _, c := range cs {
		row, err := rowOf(ctx, tx, c)
		if err != nil {
			return err
		}
		row.Codes = maps.Clone(codes[c.ID])
		maps.DeleteFunc(row.Codes, func(_ string, x Code) bool { return x.Value == "" })
		sheet := row.Sheet()
		for _, v := range sheet.Needed(vars) {
			row.Missing = append(row.Missing, v.ID)
		}
		row.Featured = sheet.Featured()
		one := Told{Subject: c.ID, Title: c.Title, Members: []string{c.ID}}
		if i := slices.IndexFunc(clusters, func(x Cluster) bool { return slices.Contains(x.Members.V, c.ID) }); i >= 0 {
			x := clusters[i]
			row.Cluster, row.With = x.Name, x.Members.V
			one = Told{Subject: x.ID, Title: x.Title, Members: x.Members.V}
		}
		out.Rows = append(out.Rows, row)
		if row.Featured && !told[one.Subject] {
			told[one.Subject] = true
			p := passages[one.Subject]
			one.Texts, one.Version, one.Early = p.Texts.V, p.Version, sheet["promising"] != "yes"
			out.Promising = append(out.Promising, one)
		}
	}
	for _, x := range clusters {
		out.Clusters = append(out.Clusters, Group{x.ID, x.Name, x.Title, x.Area, x.Reason, x.Members.V})
	}
	return nil
}

// rowOf is what the plan says of a commitment, with the names of those who
// answer for it.
func rowOf(ctx context.Context, tx *db.Tx, c plan.Commitment) (Row, error) {
	parties, err := plan.Parties(ctx, tx, c.ID)
	if err != nil {
		return Row{}, err
	}
	orgs := []string{c.Lead}
	for _, p := range parties {
		if p.Left.IsZero() && p.Org != c.Lead {
			orgs = append(orgs, p.Org)
		}
	}
	names, err := org.Names(ctx, tx, "en", orgs)
	row := Row{
		Commitment: c.ID, Number: c.Number, Title: c.Title, Text: c.Texts.V.Short(), Lead: names[c.Lead], Start: c.Start, End: c.End,
	}
	for _, t := range ogpfile.WithParents(columnsOf(c.Tags.V)) {
		row.Tags = append(row.Tags, string(t))
	}
	for _, o := range orgs[1:] {
		row.Supporting = append(row.Supporting, names[o])
	}
	return row, err
}

// glance counts.
func glance(r Report, a Assessment, pl plan.Plan) Glance {
	g := Glance{Since: a.Since, Start: pl.Start, End: pl.End, Product: a.Product, Commitments: len(r.Rows)}
	areas := map[string]bool{}
	for _, row := range r.Rows {
		s := row.Sheet()
		count := func(n *int, is bool) {
			if is {
				*n++
			}
		}
		count(&g.Lens, s.Relevant())
		count(&g.Substantial, s["potential"] == "substantial")
		count(&g.Promising, s["promising"] == "yes")
		for _, t := range row.Tags {
			if tag, ok := ogpfile.TagOf(ogpfile.Column(t)); ok && tag.Parent == "" {
				areas[t] = true
			}
		}
	}
	for _, c := range r.Clusters {
		areas[c.Area] = true
	}
	g.Areas = slices.Sorted(maps.Keys(areas))
	for _, j := range r.Process {
		if j.Requirement == process {
			g.Acted = j.Code.Value
		}
	}
	return g
}

// complete refuses an assessment in which something is not coded or judged yet,
// or of what it should tell nothing is written.
func (r *Reviews) complete(ctx context.Context, tx *db.Tx, a Assessment) error {
	report, err := r.build(ctx, tx, a)
	if err != nil {
		return err
	}
	coded := 0
	for _, row := range report.Rows {
		if len(row.Missing) == 0 {
			coded++
		}
	}
	if coded < len(report.Rows) {
		return fault.New(fault.Invalid, "planreview.not_coded", "n", len(report.Rows)-coded, "of", len(report.Rows))
	}
	for _, j := range report.Process {
		if j.Code.Value == "" {
			return fault.New(fault.Invalid, "planreview.not_judged")
		}
	}
	for _, t := range report.Promising {
		if !t.Texts.Enough() {
			return fault.New(fault.Invalid, "planreview.not_told", "title", t.Title)
		}
	}
	if a.Texts.V.Recommendations == "" || a.Texts.V.Overview == "" || a.Texts.V.Sources == "" {
		return fault.New(fault.Invalid, "planreview.not_written")
	}
	return mixed(ctx, tx, a)
}

// mixed refuses a report whose reviewers all belong to government alone
// (specification of OGP rules, 7: evaluations are coordinated). Who belongs to no
// organisation speaks for no government.
func mixed(ctx context.Context, tx *db.Tx, a Assessment) error {
	people, err := Reviewers(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, p := range people {
		grants, err := who.GrantsOf(ctx, tx, p)
		if err != nil {
			return err
		}
		var orgs []string
		for _, g := range grants {
			if g.Org != "" {
				orgs = append(orgs, g.Org)
			}
		}
		kinds, err := org.KindsOf(ctx, tx, orgs)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(orgs, func(o string) bool { return plan.Governs(kinds[o]) }) || slices.ContainsFunc(orgs, func(o string) bool { return !plan.Governs(kinds[o]) }) {
			return nil
		}
	}
	return fault.New(fault.Denied, "planreview.government_alone")
}
