package plan

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

// minutes is a file as the form hands it in.
func minutes(p Plan, letter string) Paper {
	return Paper{
		Plan: p.ID, Phase: require.CoCreation, Step: "ideas", Title: "Minutes", Dated: "2026-01-04",
		SHA: strings.Repeat(letter, 64), Name: "minutes.pdf", MediaType: "application/pdf", Bytes: 12,
	}
}

// A file is known by its digest in the log; a newer version takes its place, and
// the former stays at its address.
func TestPaperVersions(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		p := w.plan()
		first, err := w.AddPaper(ctx, secretariat, minutes(p, "a"))
		w.must(err)
		next := minutes(p, "b")
		next.Title, next.Note = "Minutes, corrected", "A name was wrong"
		second, err := w.ReplacePaper(ctx, secretariat, first.ID, next)
		w.must(err)
		w.must(activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx))
		if second.N != 2 || second.Root != first.ID {
			t.Errorf("%+v", second)
		}
		_, err = w.ReplacePaper(ctx, secretariat, first.ID, minutes(p, "c"))
		if !errors.Is(err, db.ErrConflict) {
			t.Errorf("replaced twice: %v", err)
		}
		_, err = w.ReplacePaper(ctx, w.member, second.ID, minutes(p, "c"))
		if err == nil {
			t.Error("somebody replaced another office's document")
		}
		w.view(func(tx *db.Tx) error {
			shown, _, err := FindPapers(ctx, tx, p.ID, PaperFilter{}, "", 10)
			w.must(err)
			if len(shown) != 1 || shown[0].ID != second.ID {
				t.Errorf("the repository shows %+v", shown)
			}
			former, _, err := SeePaper(ctx, tx, secretariat, first.ID)
			if err != nil || former.SHA != first.SHA || former.Replaced.IsZero() {
				t.Errorf("the former version: %+v %v", former, err)
			}
			all, err := PaperVersions(ctx, tx, first.ID)
			if err != nil || len(all) != 2 || all[0].ID != second.ID {
				t.Errorf("%+v %v", all, err)
			}
			if digests := loggedDigests(t, tx, p); !slices.Equal(digests, []string{second.SHA, first.SHA}) {
				t.Errorf("the log names %v", digests)
			}
			return nil
		})
	}, schemas...)
}

func loggedDigests(t *testing.T, tx *db.Tx, p Plan) (out []string) {
	t.Helper()
	events, err := activity.List(t.Context(), tx, activity.Filter{Kind: "plan", Record: p.ID, Private: true}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		var after struct{ SHA256 string }
		if err := e.Change(nil, &after); err == nil && after.SHA256 != "" {
			out = append(out, after.SHA256)
		}
	}
	return out
}

// What is taken out is gone with a reason: a former version alone, or all of it.
func TestPaperTakenOut(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		p := w.plan()
		first, err := w.AddPaper(ctx, secretariat, minutes(p, "a"))
		w.must(err)
		second, err := w.ReplacePaper(ctx, secretariat, first.ID, minutes(p, "b"))
		w.must(err)
		third, err := w.ReplacePaper(ctx, secretariat, second.ID, minutes(p, "c"))
		w.must(err)
		_, err = w.RemovePaper(ctx, secretariat, first.ID, "")
		w.wrong(err, "reason", "fault.required")
		_, err = w.RemovePaper(ctx, secretariat, first.ID, "It names a child")
		w.must(err)
		there := func(want ...bool) {
			t.Helper()
			w.view(func(tx *db.Tx) error {
				for i, id := range []string{first.ID, second.ID, third.ID} {
					_, _, err := SeePaper(ctx, tx, secretariat, id)
					if (err == nil) != want[i] || err != nil && fault.KindOf(err) != fault.Gone {
						t.Errorf("version %d: %v", i+1, err)
					}
				}
				return nil
			})
		}
		there(false, true, true)
		_, err = w.RemovePaper(ctx, secretariat, third.ID, "Not ours")
		w.must(err)
		there(false, false, false)
		w.view(func(tx *db.Tx) error {
			all, err := PaperVersions(ctx, tx, first.ID)
			if err != nil || all[2].Reason != "It names a child" || all[1].Reason != "Not ours" {
				t.Errorf("%+v %v", all, err)
			}
			return nil
		})
	}, schemas...)
}

// What was put in before the plan was public is said again when it is: else nobody
// could prove it.
func TestPapersOfAPlanThatAppears(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		p := w.plan()
		kept, err := w.AddPaper(ctx, secretariat, minutes(p, "a"))
		w.must(err)
		gone := minutes(p, "b")
		gone.Title = "Names of children"
		wrong, err := w.AddPaper(ctx, secretariat, gone)
		w.must(err)
		_, err = w.RemovePaper(ctx, secretariat, wrong.ID, "It names children")
		w.must(err)
		_, err = w.PublishTimeline(ctx, secretariat, p.ID, phasesOf2026, "")
		w.must(err)
		w.must(activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx))
		w.view(func(tx *db.Tx) error {
			events, err := activity.List(ctx, tx, activity.Filter{Kind: "plan", Record: p.ID}, 100)
			w.must(err)
			digests := 0
			for _, e := range events {
				var after struct{ ID, SHA256 string }
				w.must(e.Change(nil, &after))
				if e.Title == gone.Title {
					t.Errorf("%s says what was taken out before anybody saw it", e.Verb)
				}
				if after.SHA256 == kept.SHA && after.ID == kept.ID {
					digests++
				}
			}
			if digests != 1 {
				t.Errorf("the public log names the document %d times", digests)
			}
			return nil
		})
	}, schemas...)
}

func TestPaperChecks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w, ctx := newWorld(t, d), t.Context()
		p, other := w.plan(), w.plan()
		c, m := w.agreed(p, "Open drains")
		for _, x := range []struct {
			change     func(*Paper)
			field, key string
		}{
			{func(x *Paper) { x.SHA = "" }, "file", "plan.paper_none"},
			{func(x *Paper) { x.URL = "https://example.org" }, "url", "plan.paper_both"},
			{func(x *Paper) { x.SHA, x.URL = "", "javascript:alert(1)" }, "url", "fault.url"},
			{func(x *Paper) { x.Phase = "some" }, "phase", "fault.choice"},
			{func(x *Paper) { x.Step = "some" }, "step", "fault.choice"},
			{func(x *Paper) { x.Dated = "2026-02-30" }, "dated", "fault.date"},
			{func(x *Paper) { x.Dated = "2026-01-06" }, "dated", "plan.paper_early"},
			{func(x *Paper) { x.Commitment = "some" }, "about", "fault.choice"},
			{func(x *Paper) { x.Milestone = "some" }, "about", "fault.choice"},
			{func(x *Paper) { x.Plan, x.Milestone = other.ID, m.ID }, "about", "fault.choice"},
		} {
			in := minutes(p, "a")
			x.change(&in)
			_, err := w.AddPaper(ctx, secretariat, in)
			w.wrong(err, x.field, x.key)
		}
		in := minutes(p, "a")
		in.Phase, in.Milestone = require.Implementation, m.ID
		got, err := w.AddPaper(ctx, secretariat, in)
		if err != nil || got.Commitment != c.ID || got.Step != "" {
			t.Errorf("a document of a milestone: %+v %v", got, err)
		}
		link := Paper{Plan: p.ID, Phase: require.CoCreation, Title: "Page", URL: "https://example.org/a"}
		_, err = w.AddPaper(ctx, secretariat, link)
		w.must(err)
		w.view(func(tx *db.Tx) error {
			for want, f := range map[int]PaperFilter{2: {}, 1: {Kind: "file", Milestone: m.ID}, 0: {Kind: "link", Commitment: c.ID}} {
				all, _, err := FindPapers(ctx, tx, p.ID, f, "", 10)
				n, err2 := CountPapers(ctx, tx, p.ID, f)
				if err != nil || err2 != nil || len(all) != want || n != want {
					t.Errorf("%+v: %d and %d, not %d (%v, %v)", f, len(all), n, want, err, err2)
				}
			}
			one, next, err := FindPapers(ctx, tx, p.ID, PaperFilter{}, "", 1)
			w.must(err)
			two, last, err := FindPapers(ctx, tx, p.ID, PaperFilter{}, next, 1)
			if err != nil || len(one)+len(two) != 2 || one[0].ID == two[0].ID || last != "" {
				t.Errorf("%v %v %q %v", one, two, last, err)
			}
			return nil
		})
	}, schemas...)
}
