package redflag

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/needtest"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, who.Schema, org.Schema, record.Schema, procurement.Schema, Schema}

func policy() *who.Policy {
	return who.MustPolicy(append(append(org.Rules, procurement.Rules...), Rules...)...)
}

func take(t *testing.T, d *db.DB, text string) {
	t.Helper()
	if _, err := procurement.Import(t.Context(), d, who.System(policy(), "test"), procurement.Source{Name: "f"}, strings.NewReader(text), nil); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, d *db.DB) Run {
	t.Helper()
	r, err := Ask(t.Context(), d, who.Actor{ID: "system:test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func flags(t *testing.T, d *db.DB, f Filter) (all []Flag) {
	t.Helper()
	if err := d.View(t.Context(), func(tx *db.Tx) (err error) {
		n, err := Count(t.Context(), tx, f)
		if err != nil {
			return err
		}
		cursor := ""
		for {
			part, next, err := List(t.Context(), tx, f, cursor, 3)
			if err != nil {
				return err
			}
			all = append(all, part...)
			if cursor = next; next == "" {
				break
			}
		}
		if n != len(all) {
			t.Errorf("%d counted, %d listed", n, len(all))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

const single = `{"ocid":"ocds-x-1","id":"1","date":"2026-01-05T00:00:00Z","tag":["tender"],"initiationType":"tender","buyer":{"id":"b","name":"Works"},"tender":{"id":"t","title":"Road","status":"complete","procurementMethod":"open","numberOfTenderers":%d,"tenderPeriod":{"startDate":"2026-01-01T00:00:00Z","endDate":"2026-03-01T00:00:00Z"}}}`

// One bidder is a question; two are none, and the question goes away. The reply stays.
func TestAskAndAnswer(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		take(t, d, fmt.Sprintf(single, 1))
		first := ask(t, d)
		got := flags(t, d, Filter{Rule: "R018"})
		if first.Processes != 1 || len(got) != 1 || got[0].Process == "" || got[0].Rule() == nil || got[0].Finding.Fault() != "" {
			t.Fatalf("%+v %+v", first, got)
		}
		if n := len(flags(t, d, Filter{Process: got[0].Process, Subject: "ocds-x-1"})); n == 0 || int64(n) != first.Asked {
			t.Errorf("%d of %d are of the process", n, first.Asked)
		}
		again := ask(t, d)
		if same := flags(t, d, Filter{Rule: "R018"}); again.Digest != first.Digest || again.Asked != first.Asked || len(same) != 1 || same[0].Since != got[0].Since {
			t.Errorf("asked again: %+v after %+v", again, first)
		}
		body, _, err := org.EnsureByName(ctx, d, who.System(policy(), "test"), "Works", org.National)
		if err != nil {
			t.Fatal(err)
		}
		officer := who.As(policy(), who.Actor{ID: "p1", Level: who.L3, Strong: true, Grants: []who.Grant{{Role: who.Official, Org: body.ID}}})
		say := func(actor who.Actor, org, text string) error {
			return d.Update(ctx, func(tx *db.Tx) error { return Answer(ctx, tx, actor, got[0].ID, org, text) })
		}
		if err := say(officer, body.ID, " "); !errors.As(err, new(fault.Fields)) {
			t.Errorf("an empty reply: %v", err)
		}
		if err := say(officer, "another", "No."); fault.KindOf(err) != fault.Denied {
			t.Errorf("in another's name: %v", err)
		}
		if err := say(officer, body.ID, "Only one firm has a grader."); err != nil {
			t.Fatal(err)
		}
		take(t, d, strings.NewReplacer(`"id":"1"`, `"id":"2"`, "01-05", "02-05", `"tender"]`, `"tenderUpdate"]`).Replace(fmt.Sprintf(single, 2)))
		if ask(t, d); len(flags(t, d, Filter{Rule: "R018"})) != 0 {
			t.Error("the question stands although there were two bidders")
		}
		if err := d.View(ctx, func(tx *db.Tx) error {
			replies, err := Replies(ctx, tx, got[0].ID)
			if len(replies) != 1 || replies[0].Text != "Only one firm has a grader." || replies[0].Org != body.ID {
				t.Errorf("%+v", replies)
			}
			last, err2 := LastRun(ctx, tx)
			if last.Counts.V["R018"][outcome.Clear] != 1 || last.Asked != int64(len(flags(t, d, Filter{}))) {
				t.Errorf("%+v", last)
			}
			return errors.Join(err, err2)
		}); err != nil {
			t.Error(err)
		}
	}, schemas...)
}

// All questions are asked of every real file, and the log calls for it.
func TestAskRealFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(needtest.Data(t), "ocds", "real-releases", "*"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			take(t, d, string(text))
		}
		r := ask(t, d)
		if r.Processes < 200 || r.Asked < 100 || len(r.Counts.V) < 50 {
			t.Errorf("%d processes, %d questions, %d rules", r.Processes, r.Asked, len(r.Counts.V))
		}
		seen := map[string]bool{}
		for _, f := range flags(t, d, Filter{Rule: "R003"}) {
			if seen[f.ID] || f.Process == "" || f.Finding.Outcome != outcome.Flag {
				t.Errorf("%+v", f)
			}
			seen[f.ID] = true
		}
		if len(seen) < 20 {
			t.Errorf("%d short periods in Armenia alone are 22", len(seen))
		}
		ctx := t.Context()
		if err := activity.NewLog(d, slog.New(slog.DiscardHandler)).Drain(ctx); err != nil { // numbers them
			t.Fatal(err)
		}
		if err := d.Update(ctx, func(tx *db.Tx) error {
			all, err := activity.Since(ctx, tx, 0, 1000)
			if err != nil {
				return err
			}
			if err := Listener().Handle(ctx, tx, all); err != nil {
				return err
			}
			n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM job WHERE kind = 'redflag.ask'`)
			if n != 1 {
				t.Errorf("%d jobs", n)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}, schemas...)
}
