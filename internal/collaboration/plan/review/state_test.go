package review

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/review/codebook"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
)

// TestNoShortWayToFinal takes random steps, each a few days after the last, and
// compares what is allowed with the rules: draft, at least fourteen days of
// comments, final; withdrawn from either; nothing after that.
func TestNoShortWayToFinal(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		rapid.Check(t, func(rt *rapid.T) {
			a := w.assessment(codebook.Brief)
			want, opened := Draft, int64(0)
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				w.at.Add(int64(rapid.IntRange(0, 20).Draw(rt, "days")) * 24 * 3600 * 1e6)
				var err error
				before, allowed := a, false
				switch step := rapid.IntRange(0, 2).Draw(rt, "step"); step {
				case 0:
					allowed = want == Draft
					a, err = w.Open(ctx, evaluator, a.ID, a.Version, CommentDays)
					if allowed {
						want, opened = Commenting, w.at.Load()
					}
				case 1:
					allowed = want == Commenting && w.at.Load()-opened >= CommentDays*24*3600*1e6
					a, err = w.Finish(ctx, evaluator, a.ID, a.Version)
					if allowed {
						want = Final
					}
				case 2:
					allowed = want == Draft || want == Commenting
					a, err = w.Withdraw(ctx, evaluator, a.ID, a.Version, "Because")
					if allowed {
						want = Withdrawn
					}
				}
				if allowed != (err == nil) {
					rt.Fatalf("%s: allowed %v, got %v", before.State, allowed, err)
				}
				if err != nil {
					a = before
				}
				if a.State != want {
					rt.Fatalf("%s, want %s", a.State, want)
				}
			}
		})
	}, schemas...)
}

// TestAnnexIsOGPsTable reads the annex back as OGP's table.
func TestAnnexIsOGPsTable(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.ready("yes")
		in := Cluster{Assessment: a.ID, Title: "Money", Area: "Fiscal Openness", Reason: "One reform."}
		in.Members.V = []string{w.promises[0], w.promises[2]}
		_, err := w.Cluster(t.Context(), evaluator, in)
		w.must(err)
		var out bytes.Buffer
		w.must(WriteAnnex(&out, a, w.report(a)))
		f, err := ogpfile.Read(bytes.NewReader(out.Bytes()))
		w.must(err)
		lines, err := csv.NewReader(&out).ReadAll()
		w.must(err)
		at := map[string]int{}
		for i, name := range lines[0] {
			at[name] = i
		}
		for _, x := range []struct {
			row        int
			name, want string
		}{
			{1, "Commitment Title", "Budget"},
			{1, "Potential for Results", "NR"}, // taken back when it was grouped
			{1, "Cluster (AP Review)", "1"},
			{1, "Cluster Commitment ID(s)", "BLZ1, BLZ3"},
			{2, "Potential for Results", "Modest"},
			{2, "_Potential for Results", "1"},
			{2, "Verifiable", "Yes"},
			{2, "_Relevant", "1"},
			{2, "Cluster Commitment ID(s)", "NA"},
			{4, "_Relevant", "0"},
			{4, "Potential for Results", "NA"},
			{4, "Completion (End Of Term)", "ND"},
			{4, "Early Results", "ND"},
			{4, "Specificity", "ND"},
			{4, "Year Of Submission", "2026"},
			{4, "Lead Institution", "Ministry"},
		} {
			if got := lines[x.row][at[x.name]]; got != x.want {
				t.Errorf("%d %s: %q, want %q", x.row, x.name, got, x.want)
			}
		}
		if f == nil || len(lines) != 5 {
			t.Errorf("%d lines", len(lines))
		}
	}, schemas...)
}

// TestWhoIsTold checks whom a draft, a comment and an answer concern.
func TestWhoIsTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ctx := t.Context()
		a := w.assessment(codebook.Brief)
		a, err := w.Open(ctx, evaluator, a.ID, a.Version, CommentDays)
		w.must(err)
		c, err := w.Say(ctx, resident, Comment{Assessment: a.ID, Text: "Yes"})
		w.must(err)
		w.must(w.Answer(ctx, evaluator, a.ID, c.ID, "Thank you"))
		w.view(func(tx *db.Tx) error {
			for verb, want := range map[string]string{
				"assessment.commenting": "resident", "assessment.commented": "evaluator", "assessment.answered": "resident",
			} {
				events, err := db.List(ctx, tx, db.One[string], `SELECT id FROM activity WHERE verb = $1`, verb)
				w.must(err)
				e, err := activity.Get(ctx, tx, events[0])
				w.must(err)
				got, err := ruleOf(w.Notifies(), verb).To(ctx, tx, e)
				if err != nil || strings.Join(got, " ") != want {
					t.Errorf("%s: %v %v, want %s", verb, got, err, want)
				}
			}
			return nil
		})
	}, schemas...)
}

func ruleOf(all []notify.Rule, verb string) notify.Rule {
	for _, r := range all {
		if r.Verb == verb {
			return r
		}
	}
	return notify.Rule{}
}

// TestT7_6NoReportByGovernmentAlone: a report is not published with only government
// members on the team. One who belongs elsewhere, or nowhere, makes it a mixed one.
func TestT7_6NoReportByGovernmentAlone(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		a := w.ready("yes")
		belongs := func(id, in string) {
			w.must(d.Update(t.Context(), func(tx *db.Tx) error {
				if _, err := tx.Exec(t.Context(), `INSERT INTO person (id, name, email, lang, level, district, state, demo, created_at, version)
					VALUES ($1, $1, '', 'en', 1, '', 'active', FALSE, 0, 1) ON CONFLICT DO NOTHING`, id); err != nil {
					return err
				}
				_, err := tx.Exec(t.Context(), `INSERT INTO person_grant (person, role, org, given_by, given_at) VALUES ($1, 'official', $2, '', 0)`, id, in)
				return err
			}))
		}
		belongs(evaluator.ID, w.ministry)
		_, err := w.Open(t.Context(), evaluator, a.ID, a.Version, CommentDays)
		w.wants(err, "planreview.government_alone")
		belongs("second", w.ministry)
		belongs("second", w.cso)
		w.must(d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO assessment_reviewer (assessment, person, added, added_by) VALUES ($1, 'second', 0, '')`, a.ID)
			return err
		}))
		_, err = w.Open(t.Context(), evaluator, a.ID, a.Version, CommentDays)
		w.must(err)
	}, schemas...)
}
