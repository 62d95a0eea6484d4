package story

import (
	"context"
	"net/http"
	"strings"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/search"
)

type searchInput struct {
	Q        string `query:"q" maxLength:"300" doc:"Words; the last may be the beginning of one"`
	Kind     string `query:"kind" doc:"Of record, such as dataset"`
	Org      string `query:"org" doc:"Id of an organisation"`
	District string `query:"district" doc:"ISO 3166-2, such as BZ-CY"`
	Theme    string `query:"theme"`
	From     int    `query:"from" minimum:"0" maximum:"500" doc:"Results to pass over: next of the page before"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

// SnippetPartBody is a piece of a text.
type SnippetPartBody struct {
	Text string `json:"text"`
	Hit  bool   `json:"hit" doc:"One of the words that were looked for"`
}

// SearchHitBody is a record that was found.
type SearchHitBody struct {
	Kind    string            `json:"kind"`
	ID      string            `json:"id"`
	URL     string            `json:"url"`
	Title   string            `json:"title"`
	Summary string            `json:"summary"`
	Field   string            `json:"field" doc:"Where the words are: title or body"`
	Why     []SnippetPartBody `json:"why" doc:"The passage that matches"`
	Changed time.Time         `json:"changed"`
}

// FacetCountBody is how many results have a value.
type FacetCountBody struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

type searchOutput struct {
	Body struct {
		Results []SearchHitBody             `json:"results"`
		Total   int                         `json:"total"`
		More    bool                        `json:"more" doc:"There are more than total"`
		Some    bool                        `json:"some" doc:"No record holds all words; these hold some"`
		Meant   map[string]string           `json:"meant" doc:"Words that nothing holds, and what was looked for instead"`
		Facets  map[string][]FacetCountBody `json:"facets"`
		Next    int                         `json:"next,omitempty" doc:"Value of from for the next page; absent at the end"`
	}
}

type activityInput struct {
	Kind   string `query:"kind"`
	Record string `query:"record" doc:"Id of a record of that kind"`
	Org    string `query:"org" doc:"Id of an organisation"`
	Before int64  `query:"before" minimum:"0" doc:"Only entries with a smaller number: next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

// ActivityEventBody is something that happened.
type ActivityEventBody struct {
	ID     string    `json:"id"`
	Seq    int64     `json:"seq" doc:"Its number in the log"`
	At     time.Time `json:"at"`
	Verb   string    `json:"verb"`
	What   string    `json:"what" doc:"In words"`
	Kind   string    `json:"kind"`
	Record string    `json:"record"`
	Title  string    `json:"title"`
	Org    string    `json:"org"`
	Note   string    `json:"note"`
	URL    string    `json:"url"`
	Proof  string    `json:"proof"`
}

type activityOutput struct {
	Body struct {
		Events []ActivityEventBody `json:"events"`
		Next   int64               `json:"next,omitempty"`
	}
}

func (s *Story) storyAPI(a *api.API) {
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/search", Access: web.Public, Tag: "search", Summary: "Search all public records", Options: []web.Option{web.Shared}}, s.apiSearch)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/activity", Access: web.Public, Tag: "activity", Summary: "List what happened, the newest first", Options: []web.Option{web.Shared}}, s.apiActivity)
}

func (s *Story) apiSearch(ctx context.Context, in *searchInput) (*searchOutput, error) {
	v := searchView{Query: search.Query{
		Words: in.Q, Offset: in.From, Limit: in.Limit, Lang: i18n.LangOf(ctx),
		Facets: map[string]string{"kind": in.Kind, "org": in.Org, "district": in.District, "theme": in.Theme},
	}}
	if err := s.DB.View(ctx, func(tx *db.Tx) error { return s.fillSearch(ctx, tx, &v) }); err != nil {
		return nil, err
	}
	out := &searchOutput{}
	b := &out.Body
	b.Results, b.Total, b.More, b.Some, b.Next = []SearchHitBody{}, v.Result.Total, v.Result.More, v.Result.Some, v.Result.Next
	b.Meant, b.Facets = map[string]string{}, map[string][]FacetCountBody{}
	for from, to := range v.Result.Meant {
		b.Meant[from] = to
	}
	for _, f := range v.Found {
		h := SearchHitBody{Kind: f.Card.Kind, ID: f.Card.ID, URL: s.Base() + f.Card.Ref.Path(), Title: f.Card.Title, Summary: f.Card.Summary, Field: f.Field, Changed: f.Card.Changed.Time, Why: []SnippetPartBody{}}
		why := f.Text
		if f.Field == "title" {
			why = f.Title
		}
		for _, p := range why {
			h.Why = append(h.Why, SnippetPartBody(p))
		}
		b.Results = append(b.Results, h)
	}
	for _, name := range facets {
		b.Facets[name] = []FacetCountBody{}
		for _, c := range v.Result.Facets[name] {
			b.Facets[name] = append(b.Facets[name], FacetCountBody{c.Value, c.N})
		}
	}
	return out, nil
}

func (s *Story) apiActivity(ctx context.Context, in *activityInput) (*activityOutput, error) {
	out := &activityOutput{}
	out.Body.Events = []ActivityEventBody{}
	return out, s.DB.View(ctx, func(tx *db.Tx) error {
		events, next, err := s.happenings(ctx, tx, activity.Filter{Kind: in.Kind, Record: in.Record, Org: in.Org, Before: in.Before}, in.Limit)
		out.Body.Next = next
		for _, e := range events {
			out.Body.Events = append(out.Body.Events, s.eventBody(ctx, e))
		}
		return err
	})
}

func (s *Story) eventBody(ctx context.Context, e happening) ActivityEventBody {
	return ActivityEventBody{
		ID: e.ID, Seq: e.Seq, At: e.At.Time, Verb: e.Verb, What: e.What(ctx), Kind: e.Kind, Record: e.Record,
		Title: e.Card.Title, Org: e.Event.Org, Note: strings.TrimSpace(e.Note), URL: s.Base() + e.Card.Ref.Path(), Proof: s.Base() + "/ledger/entry/" + e.ID,
	}
}
