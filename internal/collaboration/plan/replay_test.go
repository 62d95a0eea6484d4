package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/activity"
)

// replayed builds the facts of a plan from the log of what happened alone, as
// somebody would who has nothing but the ledger.
func replayed(ctx context.Context, tx *db.Tx, pl Plan, on string) (require.Facts, error) {
	f := require.Facts{Keeping: require.Span{Start: require.Day(pl.Start), End: require.Day(pl.End)}, Years: pl.Years, Previous: require.Day(pl.PreviousEnd), Listed: map[string]bool{}}
	events, err := activity.Since(ctx, tx, 0, 10_000)
	if err != nil {
		return f, err
	}
	for _, e := range events {
		if e.Kind != "plan" || e.Record != pl.ID || e.At.After(EndOf(on)) {
			continue
		}
		var after struct {
			ID       string   `json:"id"`
			Day      string   `json:"day"`
			District string   `json:"district"`
			Start    string   `json:"start"`
			End      string   `json:"end"`
			Phases   []Phase  `json:"phases"`
			Phase    string   `json:"phase"`
			OK       bool     `json:"ok"`
			Versions []string `json:"versions"`
		}
		if err := e.Change(nil, &after); err != nil {
			return f, err
		}
		switch e.Verb {
		case "plan.timeline_published":
			f.Listed["contact"], f.Listed["repository"] = pl.ContactEmail != "", true
		case "plan.timeline":
			n := 0
			for _, p := range after.Phases {
				if p.How != "" {
					n++
				}
			}
			f.Timelines = append(f.Timelines, require.Timeline{On: day(e.At), Start: require.Day(after.Start), Opportunities: n})
			f.Preparing = require.Span{Start: require.Day(after.Start), End: require.Day(after.End)}
		case "plan.outreach":
			f.Outreach = append(f.Outreach, require.Outreach{Ref: "outreach/" + after.ID, On: require.Day(after.Day), District: after.District})
		case "plan.paper", "plan.paper_replaced":
			f.Papers = append(f.Papers, require.Paper{Ref: "paper/" + after.ID, On: day(e.At), Phase: require.Phase(after.Phase)})
		case "plan.paper_removed":
			f.Papers = slices.DeleteFunc(f.Papers, func(p require.Paper) bool {
				return slices.Contains(after.Versions, strings.TrimPrefix(p.Ref, "paper/"))
			})
		case "plan.looked":
			f.Website = append(f.Website, require.Look{On: require.Day(after.Day), OK: after.OK})
		}
	}
	return f, nil
}

// verdictsSaid is what verdicts say, without the references of single rows.
func verdictsSaid(f require.Facts, on string) string {
	var out []string
	for _, v := range require.Judge(f, require.Day(on)) {
		v.Words.Rows = nil // ids differ
		out = append(out, fmt.Sprint(v.Rule.ID, v.Phase, v.Status, v.Words, v.Due, v.Left, len(v.Evidence)))
	}
	text, _ := json.Marshal(out)
	return string(text)
}

// TestJudgedFromTheLogAlone does things at random on random days, and compares
// what is judged from the tables as of every one of those days with what the
// log alone says.
func TestJudgedFromTheLogAlone(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	w := newWorld(t, d)
	ctx := t.Context()
	differ := map[string]bool{}
	rapid.Check(t, func(r *rapid.T) {
		w.on("2026-01-05")
		pl := w.plan()
		today := require.Day("2026-01-05")
		days := []string{string(today)}
		var papers []string
		for range rapid.IntRange(1, 12).Draw(r, "things") {
			today = today.AddDays(rapid.IntRange(0, 25).Draw(r, "days"))
			w.on(string(today))
			days = append(days, string(today))
			var err error
			switch rapid.IntRange(0, 5).Draw(r, "thing") {
			case 0:
				start := today.AddDays(rapid.IntRange(-5, 30).Draw(r, "start"))
				how := rapid.SampledFrom([]string{"", "Write to us"}).Draw(r, "how")
				_, err = w.PublishTimeline(ctx, secretariat, pl.ID, []Phase{{Kind: "ideas", Title: "Ideas", Starts: string(start), Ends: string(start.AddDays(40)), How: how}}, "because")
			case 1:
				_, err = w.AddOutreach(ctx, secretariat, Outreach{Plan: pl.ID, Day: string(today), District: rapid.SampledFrom(require.Districts).Draw(r, "district"), Lang: "en", Channel: "radio", Text: "A talk"})
			case 2:
				var p Paper
				phase := rapid.SampledFrom([]require.Phase{require.CoCreation, require.Implementation}).Draw(r, "phase")
				if p, err = w.AddPaper(ctx, secretariat, Paper{Plan: pl.ID, Phase: phase, Title: "Notes", URL: "https://example.org"}); err == nil {
					papers = append(papers, p.ID)
				}
			case 3:
				if len(papers) > 0 {
					_, err = w.RemovePaper(ctx, secretariat, papers[0], "wrong")
					papers = papers[1:]
				}
			case 4:
				if len(papers) > 0 { // a former version cannot be replaced again: that is refused
					var p Paper
					at := rapid.IntRange(0, len(papers)-1).Draw(r, "document")
					if p, err = w.ReplacePaper(ctx, secretariat, papers[at], Paper{Phase: require.Implementation, Title: "Notes", SHA: strings.Repeat("a", 64), Name: "n.pdf"}); err == nil {
						papers = append(papers, p.ID)
					}
				}
			case 5:
				away := rapid.Bool().Draw(r, "away")
				w.Visit = func(context.Context, Plan) error {
					if away {
						return errors.New("status 502")
					}
					return nil
				}
				err = w.lookAll(ctx)
			}
			_ = err // what is refused, such as shortening, leaves no trace
			w.view(func(tx *db.Tx) error {
				now, err := w.MonitorNow(ctx, tx, pl)
				if err != nil {
					return err
				}
				anew, err := w.Monitor(ctx, tx, pl, Today(tx))
				if a, b := fmt.Sprintf("%+v", now), fmt.Sprintf("%+v", anew); a != b {
					r.Fatalf("kept at hand:\n%s\nworked out anew:\n%s", a, b)
				}
				return err
			})
		}
		for _, on := range append(days, string(today.AddDays(40))) {
			if err := d.View(ctx, func(tx *db.Tx) error {
				mine, err := w.Facts(ctx, tx, pl, on)
				if err != nil {
					return err
				}
				log, err := replayed(ctx, tx, pl, on)
				if err != nil {
					return err
				}
				a, b := verdictsSaid(mine, on), verdictsSaid(log, on)
				if a != b {
					r.Fatalf("as of %s the tables say\n%s\nand the log\n%s", on, a, b)
				}
				differ[a] = true
				return nil
			}); err != nil {
				r.Fatal(err)
			}
		}
	})
	if len(differ) < 20 {
		t.Errorf("only %d different outcomes: the test shows little", len(differ))
	}
}
