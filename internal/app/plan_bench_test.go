package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/service/i18n"
)

// BenchmarkPlanPage renders, each time anew, the page of a plan of 30 commitments
// with 10 milestones each, of which government and civil society said something in
// every half-year of five years: 6,000 reports. 4.7 ms of processor.
//
// target: cpu-µs/op <= 5000
func BenchmarkPlanPage(b *testing.B) {
	h, ask := benchHouse(b)
	pl := h.largePlan()
	measure(b, func(n int64) {
		ask(httptest.NewRequest("GET", fmt.Sprintf("/plan/%s?again=%d", pl, n), nil), http.StatusOK)
	})
}

// largePlan stores the plan of BenchmarkPlanPage, the reports directly as rows, and
// returns its address.
func (h *house) largePlan() string {
	ctx, p, now := h.t.Context(), h.planned(), time.Now().In(i18n.Belize)
	day := func(months int) string { return now.AddDate(0, months, 0).Format(time.DateOnly) }
	pl, err := p.Create(ctx, h.system(), plan.Plan{Org: h.org, Title: "A large plan", Lang: "en", Level: plan.National, Years: 4, Number: 9, Start: day(-58), End: day(2)})
	must(h.t, err)
	_, err = p.PublishTimeline(ctx, h.system(), pl.ID, []plan.Phase{{Kind: "ideas", Title: "Ideas", Starts: day(-60), Ends: day(-59), How: "Write"}}, "")
	must(h.t, err)
	for c := range 30 {
		made, err := p.Draft(ctx, h.system(), plan.Commitment{Plan: pl.ID, Number: fmt.Sprint(c + 1), Title: fmt.Sprintf("What is promised as number %d", c+1), Lang: "en", Lead: h.org, State: plan.Drafting})
		must(h.t, err)
		for m := range 10 {
			_, err := p.SaveMilestone(ctx, h.system(), plan.Mile{Seen: m + 1, Milestone: plan.Milestone{Commitment: made.ID, Planned: plan.Planned{Title: fmt.Sprintf("Milestone %d", m+1), Output: "Seen", Start: day(-58), End: day(m - 7)}}})
			must(h.t, err)
		}
	}
	h.exec(`INSERT INTO progress (id, plan, commitment, milestone, period, voice, org, person, status, text, challenges, reason, evidence, at)
		WITH RECURSIVE half (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM half WHERE n < 9)
		SELECT m.id || v.voice || half.n, c.plan, c.id, m.id, '2024-H1', v.voice, c.lead, '', 'limited', 'What was done in this half-year, in a sentence or two.', 'Rain.', '', '[]', $2 - half.n * 15768000000000
		FROM milestone m JOIN commitment c ON c.id = m.commitment JOIN (SELECT 'government' AS voice UNION SELECT 'civil_society') v ON TRUE JOIN half ON TRUE WHERE c.plan = $1`, pl.ID, now.UnixMicro())
	h.exec(`INSERT INTO progress_last (milestone, voice, plan, progress, status, shows, at) SELECT milestone, voice, plan, id, status, FALSE, at FROM progress WHERE plan = $1 AND at = $2`, pl.ID, now.UnixMicro())
	h.exec(`UPDATE commitment SET state = 'active' WHERE plan = $1`, pl.ID)
	h.exec(`UPDATE plan SET state = 'implementing', delivered = $2 WHERE id = $1`, pl.ID, now.AddDate(0, -58, 0).UnixMicro())
	return "a-large-plan"
}
