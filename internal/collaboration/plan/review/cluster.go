package review

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Cluster is a group of commitments that share a policy objective or a reform:
// it is rated once, and its members inherit what it is rated.
type Cluster struct {
	ID         string
	Assessment string
	Name       string // CL1
	Title      string
	Area       string            // the policy area that all share, by OGP's headings
	Reason     string            // what they have in common
	Members    db.JSON[[]string] // ids of commitments, at least two
	Made       db.Time
	By         string
	Split      db.Time // when it was taken apart
	SplitWhy   string
}

const clusterColumns = `id, assessment, name, title, area, reason, members, made, by, split, split_why`

func clusterFields(c *Cluster) []any {
	return []any{&c.ID, &c.Assessment, &c.Name, &c.Title, &c.Area, &c.Reason, &c.Members, &c.Made, &c.By, &c.Split, &c.SplitWhy}
}

// Clusters returns the clusters of an assessment that were not taken apart.
func Clusters(ctx context.Context, tx *db.Tx, assessment string) ([]Cluster, error) {
	return db.List(ctx, tx, clusterFields, `SELECT `+clusterColumns+` FROM assessment_cluster WHERE assessment = $1 AND split IS NULL ORDER BY made, id`, assessment)
}

// Cluster groups commitments. What they were coded before is taken back, as the
// cluster is rated as one.
func (r *Reviews) Cluster(ctx context.Context, actor who.Actor, in Cluster) (out Cluster, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := mine(ctx, tx, actor, in.Assessment)
		if err != nil {
			return err
		}
		in.Title, in.Reason = strings.TrimSpace(in.Title), strings.TrimSpace(in.Reason)
		slices.Sort(in.Members.V)
		in.Members.V = slices.Compact(in.Members.V)
		if err := in.check(ctx, tx, actor, a); err != nil {
			return err
		}
		if err := impartial(ctx, tx, actor, a, in.Members.V); err != nil {
			return err
		}
		n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM assessment_cluster WHERE assessment = $1`, a.ID)
		if err != nil {
			return err
		}
		in.ID, in.Name, in.Made, in.By = id.New(tx.Now), "CL"+strconv.Itoa(n+1), db.Time{Time: tx.Now}, actor.ID
		if err := in.insert(ctx, tx); err != nil {
			return err
		}
		out = in
		if err := a.takeBack(ctx, tx, actor, in.Members.V, "clustered", func(Code) bool { return true }); err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, "assessment.clustered", in.Reason, map[string]any{"cluster": in.Name, "title": in.Title, "area": in.Area, "commitments": in.Members.V})
	})
	return out, err
}

func (c *Cluster) insert(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO assessment_cluster (`+clusterColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID, c.Assessment, c.Name, c.Title, c.Area, c.Reason, c.Members, c.Made, c.By, c.Split, c.SplitWhy)
	return err
}

func (c *Cluster) check(ctx context.Context, tx *db.Tx, actor who.Actor, a Assessment) error {
	var f fault.Fields
	f.Require("title", c.Title)
	f.MaxLen("title", c.Title, MaxTitle)
	f.Require("cluster_reason", c.Reason)
	f.MaxLen("cluster_reason", c.Reason, maxReason)
	if _, ok := ogpfile.TagOf(ogpfile.Column(c.Area)); !ok {
		f.Add("area", "fault.choice")
	}
	if len(c.Members.V) < 2 {
		f.Add("members", "planreview.two_members")
	}
	if err := f.Err(); err != nil {
		return err
	}
	for _, m := range c.Members.V {
		if _, _, err := subjects(ctx, tx, actor, a, m); err != nil {
			return err
		}
		x, _, err := plan.SeeCommitment(ctx, tx, actor, m)
		if err != nil {
			return err
		}
		if !within(x, c.Area) {
			return fault.Fields{{Name: "area", Key: "planreview.other_area", Args: []any{"title", x.Title}}}
		}
	}
	return nil
}

// within reports whether a commitment is of a policy area. One to which the
// plan gave no area at all is of whichever the reviewer says.
func within(c plan.Commitment, area string) bool {
	return len(c.Tags.V) == 0 || slices.Contains(ogpfile.WithParents(columnsOf(c.Tags.V)), ogpfile.Column(area))
}

func columnsOf(tags []string) (out []ogpfile.Column) {
	for _, t := range tags {
		out = append(out, ogpfile.Column(t))
	}
	return out
}

// Split takes a cluster apart. Its members lose what they inherited and have to
// be rated again.
func (r *Reviews) Split(ctx context.Context, actor who.Actor, assessment, cluster, reason string) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := mine(ctx, tx, actor, assessment)
		if err != nil {
			return err
		}
		c, err := db.Get(ctx, tx, clusterFields, `SELECT `+clusterColumns+` FROM assessment_cluster WHERE id = $1 AND assessment = $2 AND split IS NULL`, cluster, a.ID)
		if err != nil {
			return err
		}
		var f fault.Fields
		f.Require("reason", reason)
		f.MaxLen("reason", reason, maxReason)
		if err := f.Err(); err != nil {
			return err
		}
		if err := impartial(ctx, tx, actor, a, c.Members.V); err != nil {
			return err
		}
		if err := tx.MustChange(ctx, `UPDATE assessment_cluster SET split = $2, split_why = $3 WHERE id = $1 AND split IS NULL`, c.ID, tx.Now.UnixMicro(), reason); err != nil {
			return err
		}
		if err := a.takeBack(ctx, tx, actor, c.Members.V, "split", func(x Code) bool { return x.Cluster == c.ID }); err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, "assessment.split", reason, map[string]any{"cluster": c.Name, "commitments": c.Members.V})
	})
}

// takeBack takes codes of commitments back.
func (a *Assessment) takeBack(ctx context.Context, tx *db.Tx, actor who.Actor, members []string, why string, which func(Code) bool) error {
	codes, err := CodesOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		for _, c := range codes[m] {
			if c.Value == "" || !which(c) {
				continue
			}
			if err := a.write(ctx, tx, actor, Code{Subject: m, Variable: c.Variable, Rationale: why, Version: c.Version + 1}); err != nil {
				return err
			}
		}
	}
	return nil
}
