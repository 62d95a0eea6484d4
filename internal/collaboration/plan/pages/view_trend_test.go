package pages

import (
	"strings"
	"testing"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/meeting"
)

// TestWarningSaysItsNumbers: the public page says what fell, from how much to how
// much and over which days, in both languages, and nothing of what did not fall.
func TestWarningSaysItsNumbers(t *testing.T) {
	words := i18n.NewCatalog()
	for name, err := range map[string]error{"plan": words.Add("plan", plan.Words), "meeting": words.Add("meeting", meeting.Words), "geo": words.Add("geo", geo.Words)} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	m := plan.Monitor{Trends: []require.Trend{
		{What: require.CountAttendance, Sector: require.CivilSociety, Before: 16.0 / 3, Now: 2, Earlier: require.Span{Start: "2025-09-01", End: "2025-11-30"}, Lately: require.Span{Start: "2025-12-01", End: "2026-05-31"}},
		{What: require.CountInputs, Before: 8, Now: 8},
	}}
	for lang, want := range map[string][]string{
		"en": {"Members at meetings, on average (Civil society): 5.3 (1 September 2025 to 30 November 2025), then 2 (1 December 2025 to 31 May 2026)."},
		"es": {"Miembros en las reuniones, en promedio (Sociedad civil): 5.3", "después 2"},
	} {
		got := warningWords(i18n.With(t.Context(), words.For(lang)), m)
		if len(got) != 1 {
			t.Fatalf("%s: %q", lang, got)
		}
		for _, w := range want {
			if !strings.Contains(got[0], w) {
				t.Errorf("%s: %q lacks %q", lang, got[0], w)
			}
		}
	}
	if rows := trendRows(i18n.With(t.Context(), words.For("en")), m); len(rows) != 2 {
		t.Errorf("%d rows", len(rows))
	}
}
