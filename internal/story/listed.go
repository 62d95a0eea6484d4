package story

import (
	"context"
	"strconv"
	"time"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/search"
)

// RecordQuery is what records are filtered by.
type RecordQuery struct {
	Kind     string `query:"kind" doc:"Such as dataset or commitment"`
	Org      string `query:"org" doc:"Id of an organisation"`
	District string `query:"district" doc:"ISO 3166-2, such as BZ-CY"`
	listing.Paged
}

// RecordRow is a public record of any kind.
type RecordRow struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	Title   string    `json:"title"`
	Summary string    `json:"summary"`
	Org     string    `json:"org" doc:"Id of the organisation that answers for it"`
	Changed time.Time `json:"changed"`
	URL     string    `json:"url"`
	path    string
}

func (s *Story) recordList() listing.List[RecordQuery, RecordRow] {
	return listing.List[RecordQuery, RecordRow]{
		Path: "/records", Tag: "search", Summary: "All public records, by kind, organisation or district", Words: "story.list.records.", DB: s.DB, Base: s.Base, Shared: true,
		Rows: s.recordRows, Name: func(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
			switch filter {
			case "kind":
				return ui.Link{Text: kindWord(ctx, value)}, nil
			case "org":
				names, err := org.Names(ctx, tx, i18n.LangOf(ctx), []string{value})
				return ui.Link{Text: names[value], Href: "/organisation/" + value}, err
			}
			d, _ := geo.DistrictByCode(value)
			return ui.Link{Text: i18n.T(ctx, d.NameKey()), Href: "/place/" + value}, nil
		},
		Columns: []listing.Column[RecordRow]{
			{Name: "title", Head: true, Cell: func(_ context.Context, r RecordRow) ui.Cell { return ui.LinkCell(r.Title, r.path) }},
			{Name: "kind", Cell: func(ctx context.Context, r RecordRow) ui.Cell { return ui.Text(kindWord(ctx, r.Kind)) }},
			{Name: "changed", Kind: ui.Day, Cell: func(ctx context.Context, r RecordRow) ui.Cell { return ui.Text(i18n.Date(ctx, r.Changed)) }},
		},
	}
}

func (s *Story) recordRows(ctx context.Context, tx *db.Tx, q RecordQuery, cursor string, limit int) (out []RecordRow, next string, err error) {
	refs, next, err := search.All(ctx, tx, map[string]string{"kind": q.Kind, "org": q.Org, "district": q.District}, cursor, limit)
	if err != nil {
		return nil, "", err
	}
	cards, err := s.cards(ctx, tx, refs)
	for _, c := range cards {
		out = append(out, RecordRow{c.Kind, c.ID, c.Title, c.Summary, c.Org, c.Changed.Time, s.Base() + c.Path(), c.Path()})
	}
	return out, next, err
}

// recordCount is how many records were found: a figure, unless there are so many that
// nobody counted them.
func recordCount(n int, more bool, pairs ...string) ui.Figure {
	at := listing.Of("/records", pairs...)
	if more {
		return ui.Derived(n, at)
	}
	return ui.Count(n, at)
}

// LogEntryQuery is nothing but a page: the log is one.
type LogEntryQuery struct{ listing.Paged }

// LogEntryRow is an entry of the log. Of those that are not public there is the
// number alone.
type LogEntryRow struct {
	Seq    int    `json:"seq"`
	Public bool   `json:"public"`
	ID     string `json:"id" doc:"Empty where the entry is not public"`
	Verb   string `json:"verb"`
	Kind   string `json:"kind"`
	Record string `json:"record"`
	Proof  string `json:"proof"`
}

func (s *Story) entryList() listing.List[LogEntryQuery, LogEntryRow] {
	return listing.List[LogEntryQuery, LogEntryRow]{
		Path: "/log-entries", Tag: "activity", Summary: "Every entry of the log by its number; of what is not public the number alone", Words: "story.list.entries.", DB: s.DB, Base: s.Base, Shared: true,
		Rows: func(ctx context.Context, tx *db.Tx, _ LogEntryQuery, cursor string, limit int) (out []LogEntryRow, next string, err error) {
			after := 0
			if cursor != "" {
				if after, err = strconv.Atoi(cursor); err != nil {
					return nil, "", db.ErrCursor
				}
			}
			events, err := activity.Since(ctx, tx, int64(after), limit)
			for _, e := range events {
				r := LogEntryRow{Seq: int(e.Seq), Public: e.Public}
				if e.Public {
					r.ID, r.Verb, r.Kind, r.Record, r.Proof = e.ID, e.Verb, e.Kind, e.Record, s.Base()+"/ledger/entry/"+e.ID
				}
				out = append(out, r)
			}
			if len(out) == limit {
				next = strconv.Itoa(out[limit-1].Seq)
			}
			return out, next, err
		},
		Columns: []listing.Column[LogEntryRow]{
			{Name: "number", Kind: ui.Numeric, Head: true, Cell: func(ctx context.Context, r LogEntryRow) ui.Cell { return ui.Text(i18n.Number(ctx, r.Seq)) }},
			{Name: "what", Cell: func(ctx context.Context, r LogEntryRow) ui.Cell {
				if !r.Public {
					return ui.Text(i18n.T(ctx, "story.list.entries.private"))
				}
				return ui.LinkCell(happening{Event: activity.Event{Verb: r.Verb}}.What(ctx), "/ledger/entry/"+r.ID)
			}},
		},
	}
}
