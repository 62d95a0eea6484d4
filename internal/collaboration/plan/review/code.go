package review

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Evidence is something that shows why a code is right: an address, a document
// of the plan's repository, or in words something that has neither (an
// interview, a visit).
type Evidence struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	Paper string `json:"paper"` // id of a document in the plan's repository
}

// Code is what a reviewer says of one thing: a variable of a commitment, or a
// requirement in a phase.
type Code struct {
	Subject   string              `json:"subject"`
	Variable  string              `json:"variable"`
	Value     string              `json:"value"` // empty if it was taken back
	Rationale string              `json:"rationale"`
	Evidence  db.JSON[[]Evidence] `json:"-"`
	Shown     []Evidence          `json:"evidence"`
	Cluster   string              `json:"cluster"` // by which it was rated
	Version   int                 `json:"version"`
	By        string              `json:"-"` // empty once erased
	At        db.Time             `json:"at"`
}

const codeColumns = `subject, variable, value, rationale, evidence, cluster, version, by, at`

func codeFields(c *Code) []any {
	return []any{&c.Subject, &c.Variable, &c.Value, &c.Rationale, &c.Evidence, &c.Cluster, &c.Version, &c.By, &c.At}
}

// Codes are the codes of an assessment by subject and variable.
type Codes map[string]map[string]Code

// Sheet is how a commitment is coded.
func (c Codes) Sheet(subject string) codebook.Sheet {
	out := codebook.Sheet{}
	for name, x := range c[subject] {
		if x.Value != "" {
			out[name] = x.Value
		}
	}
	return out
}

// CodesOf returns the present codes of an assessment; also those that were taken
// back, with an empty value.
func CodesOf(ctx context.Context, tx *db.Tx, assessment string) (Codes, error) {
	all, err := db.List(ctx, tx, codeFields, `SELECT `+codeColumns+` FROM (SELECT `+codeColumns+`,
		row_number() OVER (PARTITION BY subject, variable ORDER BY version DESC) AS nth
		FROM assessment_code WHERE assessment = $1) c WHERE nth = 1`, assessment)
	out := Codes{}
	for _, c := range all {
		if out[c.Subject] == nil {
			out[c.Subject] = map[string]Code{}
		}
		c.Shown = c.Evidence.V
		out[c.Subject][c.Variable] = c
	}
	return out, err
}

// History returns every version of the codes of a commitment, the newest first.
func History(ctx context.Context, tx *db.Tx, assessment, subject string) ([]Code, error) {
	return db.List(ctx, tx, codeFields, `SELECT `+codeColumns+` FROM assessment_code WHERE assessment = $1 AND subject = $2
		ORDER BY at DESC, variable, version DESC`, assessment, subject)
}

// Entry is a code as a reviewer hands it in.
type Entry struct {
	Value     string
	Rationale string
	Evidence  []Evidence
	Seen      int // the version of the code that was there; 0 for none
}

// same reports whether the entry says nothing new.
func (e Entry) same(c Code) bool {
	return e.Value == c.Value && e.Rationale == c.Rationale && slices.Equal(e.Evidence, c.Evidence.V)
}

// Coding is what a reviewer hands in about one commitment, or about a cluster.
type Coding struct {
	Assessment string
	Subject    string // id of a commitment or of a cluster
	Entries    map[string]Entry
}

// Assessable returns the commitments of a plan that are assessed: those that it
// promised, not what became part of another before it was delivered.
func Assessable(ctx context.Context, tx *db.Tx, pl plan.Plan) ([]plan.Commitment, error) {
	all, err := plan.Commitments(ctx, tx, pl.ID)
	return slices.DeleteFunc(all, func(c plan.Commitment) bool {
		switch c.State {
		case plan.Merged, plan.Split:
			return true
		case plan.Withdrawn:
			return pl.Delivered.IsZero() || c.Changed.Before(pl.Delivered.Time)
		}
		return !c.State.Promised()
	}), err
}

// Code stores codes of a commitment, or of all members of a cluster at once:
// all of them or none. A code whose grounds another one takes away is taken
// back. db.ErrConflict says that somebody coded what the reviewer had not seen.
func (r *Reviews) Code(ctx context.Context, actor who.Actor, in Coding) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := mine(ctx, tx, actor, in.Assessment)
		if err != nil {
			return err
		}
		members, cluster, err := subjects(ctx, tx, actor, a, in.Subject)
		if err != nil {
			return err
		}
		if err := impartial(ctx, tx, actor, a, members); err != nil {
			return err
		}
		codes, err := CodesOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		papers, err := paperIDs(ctx, tx, a.Plan)
		if err != nil {
			return err
		}
		now := codes[members[0]]
		news, err := a.judge(codes.Sheet(members[0]), now, in.Entries, papers)
		if err != nil || len(news) == 0 {
			return err
		}
		for _, m := range members {
			for _, c := range news {
				c.Subject, c.Cluster = m, cluster
				c.Version = codes[m][c.Variable].Version + 1
				if err := a.write(ctx, tx, actor, c); err != nil {
					return err
				}
			}
		}
		return a.tell(ctx, tx, actor, "assessment.coded", "", map[string]any{"commitments": members, "cluster": cluster, "codes": said(news)})
	})
}

// said is what the log keeps of codes.
func said(news []Code) map[string]any {
	out := map[string]any{}
	for _, c := range news {
		out[c.Variable] = map[string]any{"value": c.Value, "rationale": c.Rationale, "evidence": c.Evidence.V}
	}
	return out
}

// subjects returns the commitments that a coding is about, and the cluster if it
// is one.
func subjects(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment, subject string) (members []string, cluster string, err error) {
	pl, err := plan.See(ctx, tx, actor, a.Plan)
	if err != nil {
		return nil, "", err
	}
	clusters, err := Clusters(ctx, tx, a.ID)
	if err != nil {
		return nil, "", err
	}
	for _, c := range clusters {
		if c.ID == subject {
			return c.Members.V, c.ID, nil
		}
		if slices.Contains(c.Members.V, subject) {
			return nil, "", fault.New(fault.Invalid, "planreview.in_cluster", "cluster", c.Name)
		}
	}
	all, err := Assessable(ctx, tx, pl)
	if err == nil && !slices.ContainsFunc(all, func(c plan.Commitment) bool { return c.ID == subject }) {
		err = db.ErrNotFound
	}
	return []string{subject}, "", err
}

// judge checks what was handed in against the code-book and returns the codes
// that are new, with those that have to be taken back.
func (a *Assessment) judge(sheet codebook.Sheet, now map[string]Code, in map[string]Entry, papers map[string]bool) (news []Code, err error) {
	var f fault.Fields
	vars := a.Variables()
	for name := range in {
		if !slices.ContainsFunc(vars, func(v codebook.Variable) bool { return v.ID == name }) {
			f.Add(name, "planreview.not_coded_here")
		}
	}
	for _, v := range vars {
		e, asked := in[v.ID]
		e = e.tidy()
		if !asked || e.empty() || e.same(now[v.ID]) {
			continue
		}
		if e.Seen != now[v.ID].Version {
			return nil, db.ErrConflict
		}
		e.check(&f, v, papers)
		sheet[v.ID] = e.Value
		news = append(news, e.code(v.ID))
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	for name, why := sheet.Conflict(); name != ""; name, why = sheet.Conflict() {
		if slices.ContainsFunc(news, func(c Code) bool { return c.Variable == name }) {
			return nil, fault.Fields{{Name: name, Key: "planreview." + why}}
		}
		delete(sheet, name)
		news = append(news, Code{Variable: name, Rationale: why})
	}
	return news, nil
}

func (e Entry) code(variable string) Code {
	return Code{Variable: variable, Value: e.Value, Rationale: e.Rationale, Evidence: db.JSON[[]Evidence]{V: e.Evidence}}
}

func (e Entry) tidy() Entry {
	e.Rationale = strings.TrimSpace(e.Rationale)
	var kept []Evidence
	for _, x := range e.Evidence {
		x.Title, x.URL = strings.TrimSpace(x.Title), strings.TrimSpace(x.URL)
		if x != (Evidence{}) {
			kept = append(kept, x)
		}
	}
	e.Evidence = kept
	return e
}

// empty reports whether nothing was filled in.
func (e Entry) empty() bool { return e.Value == "" && e.Rationale == "" && len(e.Evidence) == 0 }

// check notes what is wrong with an entry. A code has a rationale and at least
// one thing that shows it; what is missing (ND, NR, NA) has a rationale; and
// "complete" is shown by something that everybody can open.
func (e Entry) check(f *fault.Fields, v codebook.Variable, papers map[string]bool) {
	if !v.Allows(e.Value) {
		f.Add(v.ID, "fault.choice")
	}
	e.checkGrounds(f, v.ID, papers)
	if v.ID == "completion" || v.ID == "completion_progress" {
		if e.Value == "complete" && !slices.ContainsFunc(e.Evidence, func(x Evidence) bool { return x.Paper != "" || webAddress(x.URL) }) {
			f.Add("evidence."+v.ID, "planreview.complete_public")
		}
	}
}

const maxEvidence = 20

func (e Entry) checkGrounds(f *fault.Fields, name string, papers map[string]bool) {
	f.Require("rationale."+name, e.Rationale)
	f.MaxLen("rationale."+name, e.Rationale, maxReason)
	switch {
	case len(e.Evidence) == 0 && !codebook.Missing(e.Value):
		f.Add("evidence."+name, "planreview.evidence_needed")
	case len(e.Evidence) > maxEvidence:
		f.Add("evidence."+name, "planreview.evidence_many", "max", maxEvidence)
	}
	for _, x := range e.Evidence {
		switch {
		case x.Paper != "" && !papers[x.Paper]:
			f.Add("paper."+name, "fault.choice")
		case x.URL != "" && !webAddress(x.URL):
			f.Add("evidence."+name, "fault.url")
		case len(x.Title) > 1000:
			f.MaxLen("evidence."+name, x.Title, 500)
		}
	}
}

// webAddress reports whether s is an absolute http or https address.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(s) <= 2000
}

func paperIDs(ctx context.Context, tx *db.Tx, planID string) (map[string]bool, error) {
	all, err := plan.Papers(ctx, tx, planID)
	out := map[string]bool{}
	for _, p := range all {
		out[p.ID] = true
	}
	return out, err
}

// write stores a code as a new version. Two who write the same version meet in
// the table's key.
func (a *Assessment) write(ctx context.Context, tx *db.Tx, actor who.Actor, c Code) error {
	if c.Evidence.V == nil {
		c.Evidence.V = []Evidence{}
	}
	return tx.MustChange(ctx, `INSERT INTO assessment_code (id, assessment, `+codeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT DO NOTHING`, id.New(tx.Now), a.ID, c.Subject, c.Variable, c.Value, c.Rationale, c.Evidence, c.Cluster, c.Version, actor.ID,
		tx.Now.UnixMicro())
}
