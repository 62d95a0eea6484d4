package story

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

// placeOver says what kind of place it is.
func placeOver(ctx context.Context, v placeView) string {
	if v.Place != nil {
		return what(ctx, *v.Place) + " · " + i18n.T(ctx, v.District.NameKey())
	}
	return i18n.T(ctx, "story.district_of")
}

func orgTimeline(ctx context.Context, v orgView) *ui.Timeline {
	t := timeline(ctx, "", v.Events)
	if len(v.Events) > 0 {
		t.More = ui.Link{Text: i18n.T(ctx, "story.see_activity"), Href: "/activity?org=" + v.Org.ID}
	}
	return &t
}

// kept are the choices that the form of the activity page does not show.
func kept(v activityView) []ui.Hidden {
	var out []ui.Hidden
	if v.Filter.Org != "" {
		out = append(out, ui.Hidden{Name: "org", Value: v.Filter.Org})
	}
	return out
}

// placeFacts say where the place is, and who says so.
func placeFacts(ctx context.Context, v placeView) []ui.Pair {
	p := v.Place
	out := []ui.Pair{
		{Term: i18n.T(ctx, "story.coordinates"), Text: coordinates(p.Point)},
		{Term: i18n.T(ctx, "story.source"), Text: p.Source, Note: p.Licence},
	}
	if p.Population != nil {
		out = append(out, ui.Pair{Term: i18n.T(ctx, "story.population"), Text: i18n.Number(ctx, *p.Population), Note: p.Source})
	}
	return out
}
