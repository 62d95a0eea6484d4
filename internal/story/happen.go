package story

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// happening is an event with what is needed to tell it.
type happening struct {
	activity.Event
	Card record.Card
	Org  string // name of the organisation that answers for the record
}

// What tells in plain words what happened.
func (h happening) What(ctx context.Context) string {
	if key := "did." + h.Verb; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return i18n.T(ctx, "story.changed")
}

// kindWord is the word for the record's kind.
func kindWord(ctx context.Context, kind string) string {
	if key := "kind." + kind; i18n.Has(ctx, key) {
		return i18n.T(ctx, key)
	}
	return kind
}

// rounds is how many pages of events are read to fill one with those that can
// be shown.
const rounds = 6

// happenings returns the newest events of a filter whose records everybody may
// see, and the number before which to go on, 0 at the end.
func (s *Story) happenings(ctx context.Context, tx *db.Tx, f activity.Filter, limit int) (out []happening, next int64, err error) {
	f.Private = false
	for range rounds {
		events, err := activity.List(ctx, tx, f, limit)
		if err != nil || len(events) == 0 {
			return out, 0, err
		}
		shown, err := s.told(ctx, tx, events)
		if err != nil {
			return nil, 0, err
		}
		if n := len(out) + len(shown); n >= limit {
			out = append(out, shown[:limit-len(out)]...)
			if n > limit || len(events) == limit {
				next = out[len(out)-1].Seq
			}
			return out, next, nil
		}
		out = append(out, shown...)
		f.Before = events[len(events)-1].Seq
		if len(events) < limit {
			return out, 0, nil
		}
	}
	return out, f.Before, nil
}

// told adds cards and names to events and leaves out what is not for everybody.
func (s *Story) told(ctx context.Context, tx *db.Tx, events []activity.Event) ([]happening, error) {
	var refs []record.Ref
	for _, e := range events {
		refs = append(refs, record.Ref{Kind: e.Kind, ID: e.Record})
	}
	cards, err := s.describe(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	var orgs []string
	for _, c := range cards {
		orgs = append(orgs, c.Org)
	}
	names, err := org.Names(ctx, tx, i18n.LangOf(ctx), orgs)
	var out []happening
	for _, e := range events {
		if c, ok := cards[record.Ref{Kind: e.Kind, ID: e.Record}]; ok {
			out = append(out, happening{e, c, names[c.Org]})
		}
	}
	return out, err
}

// timeline shows events, the newest first.
func timeline(ctx context.Context, title string, hs []happening) ui.Timeline {
	t := ui.Timeline{Title: title}
	for _, h := range hs {
		t.Items = append(t.Items, ui.Event{At: h.At.Time, Title: h.What(ctx), Of: h.Card.Title, OfIn: h.Card.TitleIn, Href: h.Card.Path(), Who: h.by(ctx), Text: h.Note, Proof: "/ledger/entry/" + h.ID})
	}
	return t
}

// by says what kind of thing it is about and who answers for it.
func (h happening) by(ctx context.Context) string {
	if h.Org == "" || h.Kind == org.RecordKind {
		return kindWord(ctx, h.Kind)
	}
	return kindWord(ctx, h.Kind) + " · " + h.Org
}
