package review

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func limited(n int) string { return strconv.Itoa(min(max(n, 1), 501)) }

// DueOn is until when a product is due: a brief three months before co-creation
// begins, a review four months after the plan was delivered, a midterm review at
// the middle of the plan, a results report four months after its end. begins is
// the announced beginning of co-creation. "" is not known yet.
func DueOn(p codebook.Product, pl plan.Plan, begins string) require.Day {
	switch p {
	case codebook.Brief:
		return require.Day(begins).AddMonths(-3)
	case codebook.Review:
		if pl.Delivered.IsZero() {
			return ""
		}
		return require.Day(plan.DayOf(pl.Delivered.Time)).AddMonths(4)
	case codebook.Midterm:
		return require.Day(pl.Start).AddMonths(6 * pl.Years)
	}
	return require.Day(pl.End).AddMonths(4)
}

// Due is DueOn for an assessment, by what is on record now.
func Due(ctx context.Context, tx *db.Tx, a Assessment, pl plan.Plan) (require.Day, error) {
	ts, err := plan.Timelines(ctx, tx, pl.ID)
	begins := ""
	if len(ts) > 0 {
		begins = ts[len(ts)-1].Start()
	}
	return DueOn(a.Product, pl, begins), err
}

// Create begins an assessment. An evaluator becomes its first reviewer; an
// administrator names others (AddReviewer).
func (r *Reviews) Create(ctx context.Context, actor who.Actor, in Assessment) (out Assessment, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error { out, err = create(ctx, tx, actor, in); return err })
	return out, err
}

func create(ctx context.Context, tx *db.Tx, actor who.Actor, in Assessment) (Assessment, error) {
	if err := actor.Must("assessment.write", who.Site); err != nil {
		return in, err
	}
	if err := in.check(); err != nil {
		return in, err
	}
	pl, err := plan.See(ctx, tx, actor, in.Plan)
	if err != nil {
		return in, err
	}
	if err := ready(in.Product, pl); err != nil {
		return in, err
	}
	in.ID, in.Org, in.State, in.Version, in.CreatedBy = id.New(tx.Now), pl.Org, Draft, 1, actor.ID
	in.Created, in.Changed = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	in.Opened, in.Until, in.Finished, in.Reason = db.Time{}, db.Time{}, db.Time{}, ""
	in.Edition, in.Year = max(1, in.Edition), submitted(pl)
	if _, err := tx.Exec(ctx, `INSERT INTO assessment (`+columns+`, report) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
		$15, $16, $17, $18, $19, $20, $21, $22)`, in.ID, in.Plan, in.Org, in.Product, in.Title, in.Lang, in.Since, in.Texts, in.Year, in.State,
		in.Reason, in.Edition, in.Corrects, in.Correction, in.Opened, in.Until, in.Finished, in.CreatedBy, in.Created, in.Changed, in.Version,
		db.JSON[struct{}]{}); err != nil {
		return in, err
	}
	if _, err := record.NewSlug(ctx, tx, in.Ref(), in.Title); err != nil {
		return in, err
	}
	if actor.Has(who.Evaluator, "") || ourOwn(actor) {
		if err := in.enlist(ctx, tx, actor, actor.ID); err != nil {
			return in, err
		}
	}
	if in.Corrects == "" {
		if err := in.inherit(ctx, tx, actor); err != nil {
			return in, err
		}
	}
	return in, in.tell(ctx, tx, actor, "assessment.created", in.Correction, map[string]any{"product": in.Product, "plan": in.Plan, "edition": in.Edition, "corrects": in.Corrects})
}

// ourOwn reports whether it is the program itself that acts: the demonstration.
func ourOwn(actor who.Actor) bool { return strings.HasPrefix(actor.ID, "system:") }

// submitted is the year in which a plan was handed in, or is meant to be.
func submitted(pl plan.Plan) int {
	day := pl.Start
	if !pl.Delivered.IsZero() {
		day = plan.DayOf(pl.Delivered.Time)
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return pl.Created.Year()
	}
	return t.Year()
}

// ready refuses a product for which the plan has not come far enough.
func ready(p codebook.Product, pl plan.Plan) error {
	switch {
	case !pl.Public():
		return fault.New(fault.Invalid, "planreview.plan_private")
	case p == codebook.Brief:
		return nil
	case pl.Delivered.IsZero():
		return fault.Fields{{Name: "product", Key: "planreview.not_delivered"}}
	case p == codebook.Midterm && pl.Years != 4:
		return fault.Fields{{Name: "product", Key: "planreview.four_years"}}
	}
	return nil
}

func (a *Assessment) enlist(ctx context.Context, tx *db.Tx, actor who.Actor, person string) error {
	_, err := tx.Exec(ctx, `INSERT INTO assessment_reviewer (assessment, person, added, added_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		a.ID, person, tx.Now.UnixMicro(), actor.ID)
	return err
}

// AddReviewer names another evaluator as a reviewer. Reviewers may, and
// administrators.
func (r *Reviews) AddReviewer(ctx context.Context, actor who.Actor, assessment, person string) error {
	return r.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := See(ctx, tx, actor, assessment)
		if err != nil {
			return err
		}
		if err := actor.Must("assessment.write", who.Site); err != nil {
			return err
		}
		ok, err := MayWrite(ctx, tx, actor, a)
		switch {
		case err != nil:
			return err
		case !ok && !actor.Has(who.Administrator, ""):
			return fault.New(fault.Denied, "planreview.not_reviewer")
		case !a.Writable():
			return fault.New(fault.Conflict, "planreview.closed")
		}
		evaluators, err := who.PeopleWith(ctx, tx, "", who.Evaluator)
		if err != nil {
			return err
		}
		if !slices.Contains(evaluators, person) {
			return fault.Fields{{Name: "person", Key: "fault.choice"}}
		}
		if err := a.enlist(ctx, tx, actor, person); err != nil {
			return err
		}
		return a.tell(ctx, tx, actor, "assessment.reviewer", "", map[string]any{"person": person})
	})
}

// Edit replaces title, texts and what the header says of an assessment that was
// seen at in.Version; db.ErrConflict if somebody changed it since.
func (r *Reviews) Edit(ctx context.Context, actor who.Actor, in Assessment) (out Assessment, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error {
		out, err = mine(ctx, tx, actor, in.ID)
		if err != nil {
			return err
		}
		before := out
		out.Title, out.Lang, out.Since, out.Texts, out.Version = in.Title, in.Lang, in.Since, in.Texts, in.Version
		if err := out.check(); err != nil {
			return err
		}
		if err := out.keep(ctx, tx); err != nil {
			return err
		}
		if before.Title != out.Title {
			if _, err := record.SetSlug(ctx, tx, out.Ref(), out.Title); err != nil {
				return err
			}
		}
		return out.tell(ctx, tx, actor, "assessment.changed", "", map[string]any{"title": out.Title, "texts": out.Texts.V})
	})
	return out, err
}

// keep stores what may change of an assessment that was seen at its version.
func (a *Assessment) keep(ctx context.Context, tx *db.Tx) error {
	a.Changed = db.Time{Time: tx.Now}
	err := tx.MustChange(ctx, `UPDATE assessment SET title = $3, lang = $4, since = $5, texts = $6, state = $7, reason = $8, opened = $9, until = $10,
		finished = $11, changed = $12, version = version + 1 WHERE id = $1 AND version = $2`, a.ID, a.Version, a.Title, a.Lang, a.Since, a.Texts,
		a.State, a.Reason, a.Opened, a.Until, a.Finished, a.Changed)
	a.Version++
	return err
}

// Open puts a draft out for public comment, for some days, at least
// CommentDays. What is coded may still change in the light of the comments, but
// nothing may be missing.
func (r *Reviews) Open(ctx context.Context, actor who.Actor, assessment string, version, days int) (Assessment, error) {
	return r.step(ctx, actor, assessment, version, func(tx *db.Tx, a *Assessment) (string, error) {
		switch {
		case a.State != Draft:
			return "", fault.New(fault.Conflict, "planreview.bad_move")
		case days < CommentDays || days > 90:
			return "", fault.Fields{{Name: "days", Key: "planreview.days", Args: []any{"min", CommentDays, "max", 90}}}
		}
		if err := r.complete(ctx, tx, *a); err != nil {
			return "", err
		}
		a.State, a.Opened, a.Until = Commenting, db.Time{Time: tx.Now}, db.Time{Time: tx.Now.Add(time.Duration(days) * 24 * time.Hour)}
		return "assessment.commenting", record.Link(ctx, tx, actor, a.Ref(), "about", record.Ref{Kind: "plan", ID: a.Plan})
	})
}

// Finish makes an assessment final, once the time for comments is over and all
// are answered, and keeps the report as it is then.
func (r *Reviews) Finish(ctx context.Context, actor who.Actor, assessment string, version int) (Assessment, error) {
	return r.step(ctx, actor, assessment, version, func(tx *db.Tx, a *Assessment) (string, error) {
		switch {
		case a.State != Commenting:
			return "", fault.New(fault.Conflict, "planreview.bad_move")
		case tx.Now.Before(a.Until.Time):
			return "", fault.New(fault.Invalid, "planreview.window_open", "date", plan.DayOf(a.Until.Time))
		}
		open, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM assessment_comment WHERE assessment = $1 AND answered IS NULL`, a.ID)
		if err != nil {
			return "", err
		}
		if open > 0 {
			return "", fault.New(fault.Invalid, "planreview.unanswered", "n", open)
		}
		if err := r.complete(ctx, tx, *a); err != nil {
			return "", err
		}
		a.State, a.Finished = Final, db.Time{Time: tx.Now}
		report, err := r.build(ctx, tx, *a)
		if err != nil {
			return "", err
		}
		if err := publish(ctx, tx, *a); err != nil {
			return "", err
		}
		_, err = tx.Exec(ctx, `UPDATE assessment SET report = $2 WHERE id = $1`, a.ID, db.JSON[Report]{V: report})
		return "assessment.final", err
	})
}

// Withdraw ends an assessment that is not final, with a public reason.
func (r *Reviews) Withdraw(ctx context.Context, actor who.Actor, assessment string, version int, reason string) (Assessment, error) {
	return r.step(ctx, actor, assessment, version, func(tx *db.Tx, a *Assessment) (string, error) {
		var f fault.Fields
		f.Require("reason", reason)
		f.MaxLen("reason", reason, maxReason)
		a.State, a.Reason = Withdrawn, reason
		return "assessment.withdrawn", f.Err()
	})
}

// step takes an assessment to its next state.
func (r *Reviews) step(ctx context.Context, actor who.Actor, assessment string, version int, do func(*db.Tx, *Assessment) (string, error)) (out Assessment, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error {
		if out, err = mine(ctx, tx, actor, assessment); err != nil {
			return err
		}
		verb, err := do(tx, &out)
		if err != nil {
			return err
		}
		out.Version = version
		if err := out.keep(ctx, tx); err != nil {
			return err
		}
		return out.tell(ctx, tx, actor, verb, out.Reason, map[string]any{"state": out.State, "until": out.Until})
	})
	return out, err
}

// Correct begins a new edition of a final assessment, with all its codes. The
// former edition stays as it was.
func (r *Reviews) Correct(ctx context.Context, actor who.Actor, assessment, reason string) (out Assessment, err error) {
	err = r.DB.Update(ctx, func(tx *db.Tx) error {
		old, err := See(ctx, tx, actor, assessment)
		if err != nil {
			return err
		}
		if ok, err := MayWrite(ctx, tx, actor, old); err != nil || !ok {
			return deniedOr(err)
		}
		if old.State != Final {
			return fault.New(fault.Conflict, "planreview.bad_move")
		}
		var f fault.Fields
		f.Require("reason", reason)
		f.MaxLen("reason", reason, maxReason)
		if err := f.Err(); err != nil {
			return err
		}
		if n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM assessment WHERE corrects = $1 AND state <> 'withdrawn'`, old.ID); err != nil || n > 0 {
			return correctedOr(err)
		}
		next := old
		next.Edition, next.Corrects, next.Correction = old.Edition+1, old.ID, reason
		if out, err = create(ctx, tx, actor, next); err != nil {
			return err
		}
		return out.copyAll(ctx, tx, actor, old.ID)
	})
	return out, err
}

func deniedOr(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Denied, "planreview.not_reviewer")
}

func correctedOr(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "planreview.corrected_already")
}

// tell appends what became of the assessment to the log.
func (a *Assessment) tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb, note string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "assessment", Record: a.ID, Org: a.Org, Title: a.Title, Note: note, Public: a.Public(), After: after,
	})
	return err
}

// tellApart appends what is not for everybody before the final report: that
// somebody commented.
func (a *Assessment) tellApart(ctx context.Context, tx *db.Tx, actor who.Actor, verb string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "assessment", Record: a.ID, Org: a.Org, Title: a.Title, After: after,
	})
	return err
}
