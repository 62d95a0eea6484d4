package repository

import (
	"context"
	"net/http"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/who"
)

// PaperBody is a document of a plan's repository in the API.
type PaperBody struct {
	ID         string    `json:"id" readOnly:"true"`
	Document   string    `json:"document" readOnly:"true" doc:"Id of its first version"`
	Version    int       `json:"version" readOnly:"true"`
	Plan       string    `json:"plan" readOnly:"true"`
	Title      string    `json:"title" maxLength:"200"`
	Phase      string    `json:"phase" enum:"co_creation,implementation" doc:"What it is evidence of: how the plan was made, or how it is kept"`
	Step       string    `json:"step" required:"false" doc:"Of making the plan: preparation, problems, ideas, drafting, comments, answers or adoption"`
	Commitment string    `json:"commitment" required:"false" doc:"Id; empty for the plan as a whole"`
	Milestone  string    `json:"milestone" required:"false" doc:"Id; empty for the whole commitment"`
	Dated      string    `json:"dated" required:"false" doc:"Civil date that stands on it"`
	Address    string    `json:"address" required:"false" doc:"Where it is, when it is no file of this site"`
	Upload     string    `json:"upload,omitempty" writeOnly:"true" doc:"Id of a complete upload, begun at POST /plans/uploads by tus"`
	File       string    `json:"file" readOnly:"true" doc:"Address of the file"`
	Name       string    `json:"name" readOnly:"true"`
	MediaType  string    `json:"media_type" readOnly:"true"`
	Bytes      int64     `json:"bytes" readOnly:"true"`
	SHA256     string    `json:"sha256" readOnly:"true" doc:"As the ledger has it"`
	Published  time.Time `json:"published" readOnly:"true"`
	URL        string    `json:"url" readOnly:"true"`
}

type papersInput struct {
	ID         string `path:"id" doc:"Id of the plan, or any address it ever had"`
	Phase      string `query:"phase" doc:"co_creation or implementation"`
	Step       string `query:"step"`
	Commitment string `query:"commitment"`
	Milestone  string `query:"milestone"`
	Kind       string `query:"kind" doc:"file or link"`
	Limit      int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Cursor     string `query:"cursor" doc:"next of the page before"`
}

type papersOutput struct {
	Body struct {
		Documents []PaperBody `json:"documents"`
		Next      string      `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

type newPaperInput struct {
	api.Once
	ID   string `path:"id" doc:"Id of the plan, or any address it ever had"`
	Body PaperBody
}

type paperOutput struct{ Body PaperBody }

func (p *Repository) api(x *api.API) {
	api.Add(x, api.Op{
		Method: http.MethodGet, Path: "/plans/{id}/documents", Access: web.Public, Tag: "plans", Summary: "Documents of a plan's repository",
		Options: []web.Option{web.Shared},
	}, p.apiList)
	api.Add(x, api.Op{
		Method: http.MethodPost, Path: "/plans/{id}/documents", Access: web.Needs("plan.write"), Tag: "plans", Summary: "Add a document to a plan's repository",
	}, p.apiAdd)
}

func (p *Repository) apiList(ctx context.Context, in *papersInput) (*papersOutput, error) {
	out := &papersOutput{}
	out.Body.Documents = []PaperBody{}
	return out, p.DB.View(ctx, func(tx *db.Tx) error {
		pl, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		f := plan.PaperFilter{Phase: require.Phase(in.Phase), Step: in.Step, Commitment: in.Commitment, Milestone: in.Milestone, Kind: in.Kind}
		all, next, err := plan.FindPapers(ctx, tx, pl.ID, f, in.Cursor, in.Limit)
		for _, x := range all {
			out.Body.Documents = append(out.Body.Documents, p.body(x))
		}
		out.Body.Next = next
		return err
	})
}

func (p *Repository) body(x plan.Paper) PaperBody {
	b := PaperBody{
		ID: x.ID, Document: x.Root, Version: x.N, Plan: x.Plan, Title: x.Title, Phase: string(x.Phase), Step: x.Step, Commitment: x.Commitment,
		Milestone: x.Milestone, Dated: x.Dated, Address: x.URL, Name: x.Name, MediaType: x.MediaType, Bytes: x.Bytes, SHA256: x.SHA,
		Published: x.Published.Time, URL: p.Base() + x.Path(),
	}
	if x.SHA != "" {
		b.File = p.Base() + x.Path() + "/file"
	}
	return b
}

func (p *Repository) apiAdd(ctx context.Context, in *newPaperInput) (*paperOutput, error) {
	b, actor := in.Body, who.From(ctx)
	paper := plan.Paper{
		Title: b.Title, Phase: require.Phase(b.Phase), Step: b.Step, Commitment: b.Commitment, Milestone: b.Milestone, Dated: b.Dated, URL: b.Address,
	}
	var missing error // told in the transaction: a request that is sent again has its answer although its upload is gone
	if b.Upload != "" {
		var ref blob.Ref
		ref, paper.Name, _, missing = p.Blob.Arrived(ctx, b.Upload, actor.ID, blob.PutOptions{Max: maxFile, Kinds: fileKinds})
		paper.SHA, paper.MediaType, paper.Bytes = ref.SHA256, ref.Type, ref.Size
	}
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (PaperBody, error) {
		pl, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return PaperBody{}, err
		}
		if err := actor.Must("plan.write", who.In(pl.Org)); err != nil {
			return PaperBody{}, err
		}
		if missing != nil {
			return PaperBody{}, missing
		}
		paper.Plan = pl.ID
		made, err := plan.AddPaperIn(ctx, tx, actor, paper)
		return p.body(made), err
	})
	return &paperOutput{Body: body}, err
}
