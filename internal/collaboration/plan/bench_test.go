package plan

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/org"
)

// filled is a plan of 30 commitments with 10 milestones each, of which
// government and civil society said something in every half-year of five years:
// 6,000 reports. It goes to the rows directly: the verbs are not what is measured.
func filled(b *testing.B, d *db.DB) (*Plans, Plan) {
	b.Helper()
	ctx := b.Context()
	var at atomic.Int64
	at.Store(time.Date(2021, 1, 5, 18, 0, 0, 0, time.UTC).UnixMicro())
	d.SetClock(func() time.Time { return time.UnixMicro(at.Add(1)).UTC() })
	o, _, err := org.EnsureByName(ctx, d, system, "Ministry", org.National)
	if err != nil {
		b.Fatal(err)
	}
	p := &Plans{DB: d}
	pl, err := p.Create(ctx, secretariat, Plan{Org: o.ID, Title: "Plan", Lang: "en", Level: National, Years: 4, Start: "2021-02-01", End: "2026-01-31"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := p.PublishTimeline(ctx, secretariat, pl.ID, []Phase{{Kind: "ideas", Title: "Ideas", Starts: "2021-01-20", Ends: "2021-01-30", How: "Write"}}, ""); err != nil {
		b.Fatal(err)
	}
	var miles []Milestone
	for c := range 30 {
		made, err := p.Draft(ctx, secretariat, Commitment{Plan: pl.ID, Number: fmt.Sprint(c + 1), Title: fmt.Sprintf("Commitment %d", c+1), Lang: "en", Lead: o.ID, State: Drafting})
		if err != nil {
			b.Fatal(err)
		}
		for m := range 10 {
			one, err := p.SaveMilestone(ctx, secretariat, Mile{Seen: m + 1, Milestone: Milestone{Commitment: made.ID, Planned: Planned{Title: fmt.Sprintf("Milestone %d", m+1), Output: "Seen", Start: "2021-02-01", End: "2026-01-31"}}})
			if err != nil {
				b.Fatal(err)
			}
			miles = append(miles, one)
		}
	}
	for half := range 10 {
		at.Store(time.Date(2021, time.Month(6+6*half), 15, 18, 0, 0, 0, time.UTC).UnixMicro())
		err := d.Update(ctx, func(tx *db.Tx) error {
			for _, m := range miles {
				for _, v := range []Voice{Government, CivilSociety} {
					in := Progress{Plan: pl.ID, Commitment: m.Commitment, Milestone: m.ID, Voice: v, Org: o.ID, Status: Limited, Text: "What was done in this half-year, in a sentence or two that somebody wrote.", Challenges: "Rain."}
					if err := in.insert(ctx, tx); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE commitment SET state = 'active'`)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return p, pl
}

// BenchmarkPromises is what the page of a plan asks for most.
func BenchmarkPromises(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), schemas...)
	_, pl := filled(b, d)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.View(b.Context(), func(tx *db.Tx) error { _, err := Promises(b.Context(), tx, pl); return err }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMonitor judges the eleven rules as of a day in the past: under 50 ms.
func BenchmarkMonitor(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), schemas...)
	p, pl := filled(b, d)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.View(b.Context(), func(tx *db.Tx) error { _, err := p.Monitor(b.Context(), tx, pl, "2024-03-15"); return err }); err != nil {
			b.Fatal(err)
		}
	}
}
