package asked

import (
	"context"
	"net/http"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
)

// AskedBody is something that people asked for over all calls of a plan.
type AskedBody struct {
	ID         string `json:"id" doc:"Of the theme, or of the input"`
	Kind       string `json:"kind" enum:"theme,input"`
	Title      string `json:"title" doc:"Of the theme or of the input, or how the input begins"`
	Lang       string `json:"lang"`
	Call       string `json:"call" doc:"Id of the call"`
	Inputs     int    `json:"inputs"`
	Answered   int    `json:"answered" doc:"With an outcome"`
	Supporters int    `json:"supporters" doc:"People, each counted once"`
	Points     int    `json:"points" doc:"Given call by call, at most five by a person in each"`
	URL        string `json:"url"`
}

type askedInput struct {
	ID       string `path:"id" doc:"Id of the plan, or any address it ever had"`
	Call     string `query:"call" doc:"Id of one call alone"`
	District string `query:"district" doc:"ISO 3166-2, of the inputs"`
	Sector   string `query:"sector"`
	Language string `query:"language"`
	Sort     string `query:"sort" doc:"points, or supports"`
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Cursor   string `query:"cursor" doc:"next of the page before"`
}

type askedOutput struct {
	Body struct {
		Asked []AskedBody `json:"asked"`
		Next  string      `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func (p *Pages) api(x *api.API) {
	api.Add(x, api.Op{
		Method: http.MethodGet, Path: "/plans/{id}/asked", Access: web.Public, Tag: "plans", Summary: "What people asked for over all calls of a plan",
		Options: []web.Option{web.Shared},
	}, p.apiAsked)
}

func (p *Pages) apiAsked(ctx context.Context, in *askedInput) (*askedOutput, error) {
	out := &askedOutput{}
	out.Body.Asked = []AskedBody{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		pl, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		w := answer.Wish{Box: in.Call, District: in.District, Sector: in.Sector, Lang: in.Language, Sort: in.Sort}
		list, next, err := answer.AskedOf(ctx, tx, pl.Ref(), w, in.Cursor, in.Limit)
		for _, a := range list {
			out.Body.Asked = append(out.Body.Asked, AskedBody{
				ID: a.Key, Kind: sortOf(a), Title: name(a.Title, a.Text), Lang: a.Lang, Call: a.Box, Inputs: a.Inputs, Answered: a.Answered,
				Supporters: a.Supports, Points: a.Points, URL: p.Base() + to(a),
			})
		}
		out.Body.Next = next
		return err
	})
}
