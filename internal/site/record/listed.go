package recordsite

import (
	"context"
	"strings"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// CommentQuery is what contributions are filtered by.
type CommentQuery struct {
	Of      string `query:"of" doc:"A record, as KIND:ID; needed"`
	Without string `query:"without" doc:"Id of a contribution to leave out, such as the one that the others answer"`
	listing.Paged
}

// CommentRow is a contribution to the discussion of a record.
type CommentRow struct {
	CommentBody
	Of string `json:"of" doc:"The record, as KIND:ID"`
}

func (p *Pages) commentList() listing.List[CommentQuery, CommentRow] {
	return listing.List[CommentQuery, CommentRow]{
		Path: "/comments", Tag: "records", Summary: "The discussion of a record, the oldest first, page by page", Words: "recordsite.comments.", DB: p.DB, Base: p.Base,
		Rows: p.commentRows, Name: func(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
			if filter != "of" {
				return ui.Link{}, nil
			}
			kind, id, _ := strings.Cut(value, ":")
			c, err := p.Kinds().One(ctx, tx, who.From(ctx), record.Ref{Kind: kind, ID: id})
			return ui.Link{Text: c.Title, Href: c.Path() + "#discussion"}, err
		},
		Columns: []listing.Column[CommentRow]{
			{Name: "text", Head: true, Cell: func(ctx context.Context, r CommentRow) ui.Cell {
				if r.Text == "" {
					return ui.Text(i18n.T(ctx, "recordsite.comments.gone"))
				}
				return ui.LinkCell(r.Text, "/comment/"+r.ID)
			}},
			{Name: "author", Cell: func(_ context.Context, r CommentRow) ui.Cell { return ui.Text(r.Author) }},
			{Name: "day", Kind: ui.Day, Cell: func(ctx context.Context, r CommentRow) ui.Cell { return ui.Text(i18n.Date(ctx, r.Created)) }},
		},
	}
}

func (p *Pages) commentRows(ctx context.Context, tx *db.Tx, q CommentQuery, cursor string, limit int) ([]CommentRow, string, error) {
	kind, id, _ := strings.Cut(q.Of, ":")
	of := record.Ref{Kind: kind, ID: id}
	if err := p.stands(ctx, tx, of); err != nil {
		return nil, "", err
	}
	all, err := record.Comments(ctx, tx, who.From(ctx), of)
	if err != nil {
		return nil, "", err
	}
	var rows []CommentRow
	var people []string
	for _, c := range all {
		people = append(people, c.Author)
	}
	names, err := who.NamesOf(ctx, tx, people)
	for _, c := range all {
		if c.ID != q.Without {
			rows = append(rows, CommentRow{commentBody(c, names), q.Of})
		}
	}
	if err != nil {
		return nil, "", err
	}
	return listing.Cut(rows, func(r CommentRow) string { return r.ID }, cursor, limit)
}
