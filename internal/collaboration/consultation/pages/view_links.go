package pages

import (
	"context"
	"net/url"
	"strings"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

// stageTones say how the stages of an amendment look.
var stageTones = map[consultation.Stage]ui.Tone{
	consultation.Sent: ui.Going, consultation.Evaluating: ui.Going, consultation.Accepted: ui.Done, consultation.Rejected: ui.Wrong, consultation.Superseded: ui.Attention,
}

// nextOf is the address of the page after a cursor; empty at the end.
func nextOf(path, cursor string) string {
	if cursor == "" {
		return ""
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "cursor=" + url.QueryEscape(cursor)
}

// firstOf is the address of the first page; empty on it.
func firstOf(path string, first bool) string {
	if first {
		return ""
	}
	return path
}

// filterName is a filter as it stands in an address.
func filterName(show string) string { return url.QueryEscape(show) }

func versionsLink(ctx context.Context, v showView) ui.Link {
	if v.C.Text < 2 {
		return ui.Link{}
	}
	return ui.Link{Text: i18n.T(ctx, "consultation.versions_of", "n", v.C.Text), Href: v.path("/versions")}
}

func draftLinks(drafts []consultation.Annotation) (out []ui.Link) {
	for _, a := range drafts {
		out = append(out, ui.Link{Text: "¶ " + a.Anchor.Paragraph, Href: a.Path()})
	}
	return out
}

func partBefore(v showView) string {
	if v.From == 0 {
		return ""
	}
	return v.part(0)
}

func partAfter(v showView) string {
	if next := v.From + paragraphsOnPage; next < v.Total {
		return v.part(next)
	}
	return ""
}

func neighbour(ctx context.Context, v paragraphView, id string) ui.Link {
	if id == "" {
		return ui.Link{}
	}
	return ui.Link{Text: i18n.T(ctx, "consultation.paragraph", "n", id), Href: v.path("/p/" + id)}
}

// noteHome is where an annotation stands among the others.
func noteHome(v oneView) string {
	if v.Note.In == "" {
		return v.path("/notes?show=orphans#n-" + v.Note.ID)
	}
	return v.path("/p/" + v.Note.In + "#n-" + v.Note.ID)
}

// moves lists the steps that may follow.
func (b base) moves() []string {
	switch {
	case b.C.State == consultation.Draft:
		return []string{"published", "withdrawn"}
	case b.C.State == consultation.Published && !b.C.Over(b.Now.Time):
		return []string{"extended", "withdrawn"}
	case b.C.State == consultation.Published || b.C.State == consultation.Closed:
		return []string{"answered", "withdrawn"}
	}
	return nil
}

func formAction(v formView) string {
	if v.C.ID == "" {
		return "/consultations"
	}
	return "/" + consultation.Kind + "/" + v.Slug + "/edit"
}

// queueLabel names a note beside its box.
func queueLabel(ctx context.Context, n noteView) string {
	where := i18n.T(ctx, "consultation.paragraph", "n", n.Anchor.Paragraph)
	return nameOr(ctx, n.Name) + " · " + i18n.T(ctx, "consultation.sort."+string(n.Sort)) + " · " + where
}

// acceptErrors and rejectErrors give the faults of a form to the one of the two
// that was sent.
func acceptErrors(v decideView) ui.FieldErrors {
	if v.Accept.Seen == 0 {
		return nil
	}
	return v.Errors
}

func rejectErrors(v decideView) ui.FieldErrors {
	if v.Accept.Seen != 0 {
		return nil
	}
	return v.Errors
}
