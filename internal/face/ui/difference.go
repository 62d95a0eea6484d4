package ui

import (
	"context"
	"io"

	"ceiba/internal/face/ui/worddiff"
	"ceiba/internal/service/i18n"
)

// Difference shows two wordings of one text beside each other, one below the
// other on a phone, with the words that were taken out and put in marked by
// <del> and <ins>: by a line through them or under them, by colour, and aloud
// for screen readers. The texts are shown as they were typed.
type Difference struct {
	Old, New           string
	OldLabel, NewLabel string      // "Version 1", "Version 2"; words of its own when empty
	In                 i18n.Tongue // what both are written in
	HideLabels         bool        // where a heading above many differences says it once
}

// Render writes the difference.
func (c Difference) Render(ctx context.Context, w io.Writer) error {
	return difference(c).Render(ctx, w)
}

// side is what one of the two texts shows of the runs.
func (c Difference) side(kind worddiff.Kind) (runs []worddiff.Run) {
	for _, r := range worddiff.Diff(c.Old, c.New) {
		if r.Kind == worddiff.Equal || r.Kind == kind {
			runs = append(runs, r)
		}
	}
	return runs
}

func (c Difference) labels(ctx context.Context) (was, is string) {
	was, is = c.OldLabel, c.NewLabel
	if was == "" {
		was = t(ctx, "diff.was")
	}
	if is == "" {
		is = t(ctx, "diff.is")
	}
	return was, is
}
