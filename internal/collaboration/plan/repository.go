package plan

import (
	"context"
	"strconv"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// paperOf returns a version of a document, removed or not, that actor may see.
func paperOf(ctx context.Context, tx *db.Tx, actor who.Actor, paper string) (Paper, Plan, error) {
	p, err := db.Get(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE id = $1`, paper)
	if err != nil {
		return Paper{}, Plan{}, err
	}
	pl, err := See(ctx, tx, actor, p.Plan)
	return p, pl, err
}

// SeePaper returns a version of a document that actor may see, and its plan.
// One that was taken out is a fault.Gone that gives the reason.
func SeePaper(ctx context.Context, tx *db.Tx, actor who.Actor, paper string) (Paper, Plan, error) {
	p, pl, err := paperOf(ctx, tx, actor, paper)
	if err == nil && !p.Removed.IsZero() {
		err = fault.New(fault.Gone, "plan.paper_taken", "reason", p.Reason)
	}
	return p, pl, err
}

// PaperVersions returns every version of a document, the newest first, those
// that were taken out among them, without their content.
func PaperVersions(ctx context.Context, tx *db.Tx, root string) ([]Paper, error) {
	return db.List(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE root = $1 ORDER BY n DESC`, root)
}

// Papers returns what a plan's repository holds, former versions among it, the
// newest first: what whoever judges the plan may name as evidence.
func Papers(ctx context.Context, tx *db.Tx, plan string) ([]Paper, error) {
	return db.List(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE plan = $1 AND removed IS NULL ORDER BY published DESC, id DESC`, plan)
}

// PapersByID returns versions of documents by id, in one query.
func PapersByID(ctx context.Context, tx *db.Tx, ids []string) (map[string]Paper, error) {
	in, args := db.In(1, ids)
	all, err := db.List(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE id IN `+in, args...)
	out := map[string]Paper{}
	for _, p := range all {
		out[p.ID] = p
	}
	return out, err
}

// PaperFilter selects documents of a repository; the zero one selects all that
// it shows.
type PaperFilter struct {
	Phase      require.Phase
	Step       string
	Commitment string
	Milestone  string
	Kind       string // "file" or "link"
}

func (f PaperFilter) query(plan string) (string, []any) {
	where, args := `plan = $1 AND removed IS NULL AND replaced IS NULL`, []any{plan}
	for _, x := range []struct{ column, value string }{
		{"phase", string(f.Phase)}, {"step", f.Step}, {"commitment", f.Commitment}, {"milestone", f.Milestone},
	} {
		if x.value != "" {
			args = append(args, x.value)
			where += " AND " + x.column + " = $" + strconv.Itoa(len(args))
		}
	}
	switch f.Kind {
	case "file":
		where += " AND sha <> ''"
	case "link":
		where += " AND sha = ''"
	}
	return where, args
}

// FindPapers returns a page of the documents that a repository shows, the
// newest first, and the cursor of the next page.
func FindPapers(ctx context.Context, tx *db.Tx, plan string, f PaperFilter, cursor string, limit int) (list []Paper, next string, err error) {
	where, args := f.query(plan)
	keys := db.Keyset{Columns: []string{"published", "id"}, Desc: true}
	after, more, err := keys.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(append(args, more...), limit+1)
	list, err = db.List(ctx, tx, paperFields, `SELECT `+paperColumns+` FROM plan_paper WHERE `+where+` AND `+after+` `+keys.OrderBy()+` LIMIT $`+strconv.Itoa(len(args)), args...)
	if len(list) > limit {
		last := list[limit-1]
		list, next = list[:limit], db.Cursor(last.Published, last.ID)
	}
	return list, next, err
}

// CountPapers counts the documents that a filter selects.
func CountPapers(ctx context.Context, tx *db.Tx, plan string, f PaperFilter) (int, error) {
	where, args := f.query(plan)
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM plan_paper WHERE `+where, args...)
}
