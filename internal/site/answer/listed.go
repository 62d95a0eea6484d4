package answer

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"ceiba/internal/service/record"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// InputQuery is what inputs are filtered by.
type InputQuery struct {
	Call     string `query:"call" doc:"Id of one call alone"`
	About    string `query:"about" doc:"The record whose calls they answer, as KIND:ID"`
	Asking   string `query:"asking" doc:"Id of a theme, or of the input that others are like"`
	State    string `query:"state" doc:"A state; open for all without an outcome, answered for all with one"`
	District string `query:"district" doc:"ISO 3166-2"`
	Sector   string `query:"sector"`
	Language string `query:"language"`
	listing.Paged
}

// InputRow is an input to a call.
type InputRow struct {
	ID         string `json:"id"`
	Call       string `json:"call" doc:"Id of the call"`
	Kind       string `json:"kind"`
	Title      string `json:"title" doc:"Or how it begins"`
	Language   string `json:"language"`
	District   string `json:"district"`
	Sector     string `json:"sector"`
	State      string `json:"state"`
	Supporters int    `json:"supporters"`
	Points     int    `json:"points"`
	Received   string `json:"received" doc:"The day in Belize"`
	URL        string `json:"url"`
	in         answer.Input
}

func (p *Pages) inputList() listing.List[InputQuery, InputRow] {
	return listing.List[InputQuery, InputRow]{
		Path: "/inputs", Tag: "calls", Summary: "Inputs to all published calls, the newest first", Words: "call.list.inputs.",
		DB: p.DB, Base: p.Base, Rows: p.inputRows, Name: p.nameOf, Shared: true,
		Columns: []listing.Column[InputRow]{
			{Name: "title", Head: true, Cell: func(ctx context.Context, r InputRow) ui.Cell {
				return ui.Cell{Text: r.Title, Href: "/input/" + r.ID, Note: strings.Join(metaOf(ctx, r.in), " · ")}
			}},
			{Name: "sector", Cell: func(ctx context.Context, r InputRow) ui.Cell {
				if r.Sector == "" {
					return ui.Text("")
				}
				return ui.Text(i18n.T(ctx, "answer.sector."+r.Sector))
			}},
			{Name: "state", Cell: func(ctx context.Context, r InputRow) ui.Cell { return ui.Text(i18n.T(ctx, r.in.State.Word())) }},
			{Name: "supporters", Kind: ui.Numeric, Cell: func(_ context.Context, r InputRow) ui.Cell {
				return ui.Cell{View: supporters(r.in, "level", "", r.Supporters)}
			}},
			{Name: "points", Kind: ui.Numeric, Cell: func(_ context.Context, r InputRow) ui.Cell {
				return ui.Cell{View: pointsGiven(r.in)}
			}},
		},
	}
}

func (p *Pages) inputRows(ctx context.Context, tx *db.Tx, q InputQuery, cursor string, limit int) ([]InputRow, string, error) {
	kind, id, _ := strings.Cut(q.About, ":")
	of := record.Ref{Kind: kind, ID: id}
	if q.About != "" {
		if _, err := p.Kinds().One(ctx, tx, who.From(ctx), of); err != nil {
			return nil, "", err
		}
	}
	w := answer.Wish{Box: q.Call, District: q.District, Sector: q.Sector, Lang: q.Language, State: q.State}
	list, next, err := answer.InputsAsking(ctx, tx, of, w, q.Asking, cursor, limit)
	var out []InputRow
	for _, in := range list {
		title := in.Title
		if title == "" {
			title = short(in.Text)
		}
		out = append(out, InputRow{
			in.ID, in.Box, in.Kind, title, in.Lang, in.District, in.Sector, string(in.State), in.Supports, in.Points,
			day(in.Received), p.Base() + "/input/" + in.ID, in,
		})
	}
	return out, next, err
}

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
	return listing.Cut(all, func(r InputSupportRow) string { return r.By + "." + r.Value }, cursor, limit)
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
	case "about":
		kind, id, _ := strings.Cut(value, ":")
		card, err := p.Kinds().One(ctx, tx, who.From(ctx), record.Ref{Kind: kind, ID: id})
		return ui.Link{Text: card.Title, Href: card.Path()}, err
	case "asking":
		return p.asking(ctx, tx, value)
	}
	return said(ctx, filter, value), nil
}

// asking is what a theme is called, or an input that others are like.
func (p *Pages) asking(ctx context.Context, tx *db.Tx, key string) (ui.Link, error) {
	theme, err := answer.ThemeByID(ctx, tx, key)
	if errors.Is(err, db.ErrNotFound) {
		in, _, err := p.Look(ctx, tx, who.From(ctx), key)
		return ui.Link{Text: cmp.Or(in.Title, short(in.Text)), Href: "/input/" + in.ID}, err
	}
	if err != nil {
		return ui.Link{}, err
	}
	_, slug, err := p.BoxByKey(ctx, tx, who.From(ctx), theme.Box)
	return ui.Link{Text: theme.Title, Href: "/call/" + slug + "?theme=" + key}, err
}

// said is a filter's value in words; nothing for one that somebody made up.
func said(ctx context.Context, filter, value string) (out ui.Link) {
	switch filter {
	case "district":
		out.Text = districtName(ctx, value)
	case "sector":
		if key := "answer.sector." + value; i18n.Has(ctx, key) {
			out.Text = i18n.T(ctx, key)
		}
	case "state":
		if key := answer.State(value).Word(); i18n.Has(ctx, key) {
			out.Text = i18n.T(ctx, key)
		}
	case "language":
		out.Text = i18n.NameOf(value)
	}
	return out
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
			if err != nil {
				return nil, "", err
			}
			return listing.Cut(all, func(r AnswerRatingRow) string { return strconv.Itoa(r.N) }, cursor, limit)
		},
		Columns: []listing.Column[AnswerRatingRow]{
			{Name: "value", Head: true, Cell: func(ctx context.Context, r AnswerRatingRow) ui.Cell {
				return ui.Text(i18n.T(ctx, "call.rating."+r.Value))
			}},
			{Name: "day", Kind: ui.Day, Cell: func(ctx context.Context, r AnswerRatingRow) ui.Cell { return ui.Text(i18n.CivilDate(ctx, r.Day)) }},
		},
	}
}
