package answer

import (
	"context"
	"strconv"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// InputSupportQuery is what the support of inputs is filtered by.
type InputSupportQuery struct {
	Input string `query:"input" doc:"Id of an input; needed"`
	By    string `query:"by" enum:"level,district,points"`
	Value string `query:"value" doc:"A level from 0 to 3, a district or none, a number of points"`
	listing.Paged
}

// InputSupportRow is how many people support an input. Level and district are told
// apart, so that no row is about a few people of one village; nobody is named.
type InputSupportRow struct {
	Input  string `json:"input"`
	By     string `json:"by" doc:"level: how well the person was known; district: of the person; points: that they gave"`
	Value  string `json:"value"`
	People int    `json:"people"`
	Points int    `json:"points" doc:"That they gave together, where it is by points"`
}

func (p *Pages) supportList() listing.List[InputSupportQuery, InputSupportRow] {
	return listing.List[InputSupportQuery, InputSupportRow]{
		Path: "/input-support", Tag: "calls", Summary: "How many people support an input, by level, by district or by points", Words: "call.list.support.",
		DB: p.DB, Base: p.Base, Rows: p.supportRows, Name: p.nameOf,
		Columns: []listing.Column[InputSupportRow]{
			{Name: "value", Head: true, Cell: func(ctx context.Context, r InputSupportRow) ui.Cell {
				return ui.Cell{Text: supportWord(ctx, r.By, r.Value), Note: i18n.T(ctx, "call.list.support.is."+r.By)}
			}},
			{Name: "people", Kind: ui.Numeric, Cell: func(ctx context.Context, r InputSupportRow) ui.Cell { return ui.Text(i18n.Number(ctx, r.People)) }},
			{Name: "points", Kind: ui.Numeric, Cell: func(ctx context.Context, r InputSupportRow) ui.Cell {
				if r.Points == 0 {
					return ui.Text("")
				}
				return ui.Text(i18n.Number(ctx, r.Points))
			}},
		},
	}
}

func supportWord(ctx context.Context, by, value string) string {
	switch by {
	case "level":
		return i18n.T(ctx, "call.level."+value)
	case "district":
		if value == "none" {
			return i18n.T(ctx, "call.no_district")
		}
		return districtName(ctx, value)
	}
	return value
}

func (p *Pages) supportRows(ctx context.Context, tx *db.Tx, q InputSupportQuery, cursor string, limit int) ([]InputSupportRow, string, error) {
	in, _, err := p.Look(ctx, tx, who.From(ctx), q.Input)
	if err != nil {
		return nil, "", err
	}
	b, err := answer.BackingOf(ctx, tx, in.ID)
	if err != nil {
		return nil, "", err
	}
	points, err := answer.PointsOf(ctx, tx, in.ID)
	if err != nil {
		return nil, "", err
	}
	var all []InputSupportRow
	add := func(by string, counts []answer.Count) {
		for _, c := range counts {
			r := InputSupportRow{Input: in.ID, By: by, Value: c.Value, People: c.N}
			if r.Value == "" {
				r.Value = "none"
			}
			if by == "points" {
				each, _ := strconv.Atoi(c.Value)
				r.Points = each * c.N
			}
			if (q.By == "" || q.By == by) && (q.Value == "" || q.Value == r.Value) {
				all = append(all, r)
			}
		}
	}
	add("level", b.Levels)
	add("district", b.Districts)
	add("points", points)
	rows, next := listing.Cut(all, func(r InputSupportRow) string { return r.By + "." + r.Value }, cursor, limit)
	return rows, next, nil
}

// nameOf says what a list of a call or an input is filtered by.
func (p *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	switch filter {
	case "input":
		in, _, err := p.Look(ctx, tx, who.From(ctx), value)
		return ui.Link{Text: in.Title, Href: "/input/" + in.ID}, err
	case "call":
		b, slug, err := p.BoxByKey(ctx, tx, who.From(ctx), value)
		return ui.Link{Text: b.Title, Href: "/call/" + slug}, err
	}
	return ui.Link{}, nil
}

// AnswerRatingQuery is what the ratings of answers are filtered by.
type AnswerRatingQuery struct {
	Call  string `query:"call" doc:"Id or address of a call; needed"`
	Value string `query:"value" enum:"yes,partly,no"`
	listing.Paged
}

// AnswerRatingRow is what somebody said of the answer to their input. Which input it
// was stays with them.
type AnswerRatingRow struct {
	Call  string `json:"call"`
	N     int    `json:"n" doc:"Its place by day"`
	Value string `json:"value" doc:"Whether the answer answers their point: yes, partly or no"`
	Day   string `json:"day"`
}

func (p *Pages) ratingList() listing.List[AnswerRatingQuery, AnswerRatingRow] {
	return listing.List[AnswerRatingQuery, AnswerRatingRow]{
		Path: "/answer-ratings", Tag: "calls", Summary: "What authors of inputs say of the answers they got", Words: "call.list.ratings.", DB: p.DB, Base: p.Base, Name: p.nameOf,
		Rows: func(ctx context.Context, tx *db.Tx, q AnswerRatingQuery, cursor string, limit int) ([]AnswerRatingRow, string, error) {
			b, _, err := p.BoxByKey(ctx, tx, who.From(ctx), q.Call)
			if err != nil {
				return nil, "", err
			}
			list, err := answer.RatingsOf(ctx, tx, b.ID)
			var all []AnswerRatingRow
			for i, r := range list {
				if q.Value == "" || q.Value == r.Value {
					all = append(all, AnswerRatingRow{b.ID, i + 1, r.Value, r.Day})
				}
			}
			rows, next := listing.Cut(all, func(r AnswerRatingRow) string { return strconv.Itoa(r.N) }, cursor, limit)
			return rows, next, err
		},
		Columns: []listing.Column[AnswerRatingRow]{
			{Name: "value", Head: true, Cell: func(ctx context.Context, r AnswerRatingRow) ui.Cell {
				return ui.Text(i18n.T(ctx, "call.rating."+r.Value))
			}},
			{Name: "day", Cell: func(ctx context.Context, r AnswerRatingRow) ui.Cell { return ui.Text(i18n.From(ctx).CivilDate(r.Day)) }},
		},
	}
}
