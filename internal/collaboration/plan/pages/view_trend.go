package pages

import (
	"context"
	"math"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

// trendName is what is counted.
func trendName(ctx context.Context, t require.Trend) string {
	if t.Sector == "" {
		return i18n.T(ctx, "plan.trend."+t.What)
	}
	return i18n.T(ctx, "plan.trend."+t.What, "sector", i18n.T(ctx, "meeting.sector."+string(t.Sector)))
}

// amount is a count, or an average with one decimal.
func amount(ctx context.Context, n float64) string {
	return i18n.From(ctx).Number(math.Round(n*10) / 10)
}

func spanWords(ctx context.Context, s require.Span) string {
	return i18n.T(ctx, "plan.trend_span", "from", i18n.CivilDate(ctx, string(s.Start)), "to", i18n.CivilDate(ctx, string(s.End)))
}

// warningWords is one sentence for each thing that fell, with its numbers.
func warningWords(ctx context.Context, m plan.Monitor) (out []string) {
	for _, t := range m.Warnings() {
		out = append(out, i18n.T(ctx, "plan.trend_line", "what", trendName(ctx, t), "before", amount(ctx, t.Before), "now", amount(ctx, t.Now),
			"earlier", spanWords(ctx, t.Earlier), "lately", spanWords(ctx, t.Lately)))
	}
	return out
}

// trendRows are all trends with the days that are compared.
func trendRows(ctx context.Context, m plan.Monitor) (rows [][]ui.Cell) {
	for _, t := range m.Trends {
		word, tone := "plan.trend_steady", ui.Done
		if t.Falls() {
			word, tone = "plan.trend_falls", ui.Attention
		}
		rows = append(rows, []ui.Cell{
			ui.Text(trendName(ctx, t)),
			{Text: amount(ctx, t.Before), Note: spanWords(ctx, t.Earlier)},
			{Text: amount(ctx, t.Now), Note: spanWords(ctx, t.Lately)},
			ui.StateCell(tone, i18n.T(ctx, word)),
		})
	}
	return rows
}
