package story

import (
	"context"
	"net/http"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/org"
)

// OrgBody is an organisation in the API.
type OrgBody struct {
	org.Org
	Address string `json:"address" doc:"Its page"`
}

// OrgVersionBody is one state in an organisation's history.
type OrgVersionBody struct {
	Since string  `json:"since" doc:"Civil date from which it holds"`
	Note  string  `json:"note"`
	Org   org.Org `json:"organisation"`
}

type orgsInput struct {
	Q        string `query:"q" doc:"Part of the name"`
	Kind     string `query:"kind"`
	District string `query:"district" doc:"ISO 3166-2, such as BZ-CY"`
	Ended    bool   `query:"ended" doc:"With those that no longer exist"`
	Cursor   string `query:"cursor"`
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type orgsOutput struct {
	Body struct {
		Organisations []OrgBody `json:"organisations"`
		Next          string    `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

type orgInput struct {
	ID string `path:"id" doc:"Id, or any address it ever had"`
}

type orgOutput struct {
	Body struct {
		OrgBody
		History    []OrgVersionBody `json:"history"`
		Successors []string         `json:"successors" doc:"Ids of those that answer today for what it promised"`
	}
}

func (s *Story) orgAPI(a *api.API) {
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/organisations", Access: web.Public, Tag: "organisations", Summary: "List organisations by name", Options: []web.Option{web.Shared}}, s.apiOrgs)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/organisations/{id}", Access: web.Public, Tag: "organisations", Summary: "Read an organisation, its history and who follows it", Options: []web.Option{web.Shared}}, s.apiOrg)
}

func (s *Story) orgBody(o org.Org) OrgBody {
	return OrgBody{Org: o, Address: s.Base() + "/organisation/" + o.ID}
}

func (s *Story) apiOrgs(ctx context.Context, in *orgsInput) (*orgsOutput, error) {
	out := &orgsOutput{}
	out.Body.Organisations = []OrgBody{}
	return out, s.DB.View(ctx, func(tx *db.Tx) error {
		list, next, err := org.List(ctx, tx, org.Filter{Search: in.Q, Kind: org.Kind(in.Kind), District: in.District, Ended: in.Ended, Cursor: in.Cursor, Limit: in.Limit})
		out.Body.Next = next
		for _, o := range list {
			out.Body.Organisations = append(out.Body.Organisations, s.orgBody(o))
		}
		return err
	})
}

func (s *Story) apiOrg(ctx context.Context, in *orgInput) (*orgOutput, error) {
	out := &orgOutput{}
	out.Body.History, out.Body.Successors = []OrgVersionBody{}, []string{}
	return out, s.DB.View(ctx, func(tx *db.Tx) error {
		o, _, err := org.Find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		out.Body.OrgBody = s.orgBody(o)
		history, err := org.History(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		for _, v := range history {
			out.Body.History = append(out.Body.History, OrgVersionBody{v.Since, v.Note, v.Org})
		}
		heirs, err := org.Heirs(ctx, tx, o.ID)
		for _, h := range heirs {
			out.Body.Successors = append(out.Body.Successors, h.ID)
		}
		return err
	})
}
