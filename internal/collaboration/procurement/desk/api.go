package desk

import (
	"context"
	"net/http"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// ContractingWrite is a contracting process as an officer writes it.
type ContractingWrite struct {
	Org     string            `json:"organisation,omitempty" doc:"Id of the body that buys; of a process that is here already it stays"`
	Version int               `json:"version,omitempty" doc:"Of the process that you read, when you change one"`
	Fields  map[string]string `json:"fields" doc:"By name, as the columns of the empty table: title, method, value, opened, supplier, amount, signed, district and others. Amounts such as 12500.00, civil dates. What is left out is empty"`
}

// ContractingWritten is what stands after writing.
type ContractingWritten struct {
	ID      string            `json:"id"`
	OCID    string            `json:"ocid"`
	Version int               `json:"version"`
	Stage   string            `json:"stage"`
	URL     string            `json:"url"`
	Fields  map[string]string `json:"fields"`
}

type contractingInput struct {
	api.Once
	Body ContractingWrite
}

type contractingEdit struct {
	api.Once
	ID   string `path:"id" doc:"Id or ocid"`
	Body ContractingWrite
}

type contractingOutput struct{ Body ContractingWritten }

func (d *Desk) api(a *api.API) {
	write := web.Needs("procurement.write")
	api.Add(a, api.Op{Method: "POST", Path: "/contracting", Access: write, Status: http.StatusCreated, Tag: "contracting", Summary: "Write a contracting process"}, func(ctx context.Context, in *contractingInput) (*contractingOutput, error) {
		return d.write(ctx, in.Once, "", in.Body)
	})
	api.Add(a, api.Op{Method: "PUT", Path: "/contracting/{id}", Access: write, Tag: "contracting", Summary: "Change a contracting process that your body wrote"}, func(ctx context.Context, in *contractingEdit) (*contractingOutput, error) {
		return d.write(ctx, in.Once, in.ID, in.Body)
	})
}

func (d *Desk) write(ctx context.Context, once api.Once, process string, b ContractingWrite) (*contractingOutput, error) {
	var e procurement.Entry
	for _, in := range procurement.Inputs {
		in.Set(&e, b.Fields[in.Name])
	}
	out, err := api.Do(ctx, d.DB, once, b, func(tx *db.Tx) (ContractingWritten, error) {
		body := b.Org
		if process != "" {
			p, err := procurement.Find(ctx, tx, process)
			if err != nil {
				return ContractingWritten{}, err
			}
			body = p.Org
		}
		p, err := procurement.Enter(ctx, tx, who.From(ctx), body, process, b.Version, e)
		if err != nil {
			return ContractingWritten{}, err
		}
		now, err := procurement.Stands(ctx, tx, p.ID)
		return ContractingWritten{ID: p.ID, OCID: p.OCID, Version: p.Version, Stage: string(p.Stage), URL: d.Base() + p.Ref().Path(), Fields: now.Said()}, err
	})
	return &contractingOutput{out}, err
}
