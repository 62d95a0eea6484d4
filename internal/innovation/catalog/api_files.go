package catalog

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/who"
)

// filesAPI registers how a program publishes: its file goes up by tus 1.0 at
// /uploads with the same key, then it is a resource or the next version of one,
// then what was found in it is looked at, and published.
func (c *Catalog) filesAPI(a *api.API) {
	write := web.Needs("dataset.write")
	whole := []web.Option{web.Streams, web.Limit(web.Heavy)} // a large file is put together and looked at
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/datasets/{id}/resources", Access: write, Tag: "datasets", Summary: "Add a file that has arrived at /uploads (tus 1.0), or a link", Status: http.StatusCreated, Options: whole}, c.apiAdd)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/resources/{id}/versions", Access: write, Tag: "tables", Summary: "Hand in a new file for a table", Status: http.StatusCreated, Options: whole}, c.apiReplace)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/resources/{id}/making", Access: write, Tag: "tables", Summary: "What was found in the file that is being made into a version"}, c.apiMaking)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/resources/{id}/publish", Access: write, Tag: "tables", Summary: "Publish the version in the making"}, c.apiPublish)
}

type addInput struct {
	api.Once
	ID   string `path:"id" doc:"Id of the dataset, or any address it ever had"`
	Body struct {
		Upload      string `json:"upload,omitempty" doc:"Id of a complete upload: the last part of the address that POST /uploads answered"`
		URL         string `json:"url,omitempty" doc:"Instead of a file: where the data are"`
		Title       string `json:"title,omitempty" doc:"The file's name without it"`
		Description string `json:"description,omitempty"`
	}
}

func (c *Catalog) apiAdd(ctx context.Context, in *addInput) (*resourceOutput, error) {
	v := addView{Upload: in.Body.Upload}
	file, missing := c.handed(ctx, &v)
	ctx, cancel := web.LookUp(ctx)
	defer cancel()
	b, err := api.Do(ctx, c.DB, in.Once, in.Body, func(tx *db.Tx) (ResourceBody, error) {
		ref, _, err := record.Resolve(ctx, tx, "dataset", in.ID)
		if err != nil {
			return ResourceBody{}, err
		}
		if _, err := mayChange(ctx, tx, who.From(ctx), ref.ID); err != nil {
			return ResourceBody{}, err
		}
		if missing != nil && (in.Body.Upload != "" || in.Body.URL == "") {
			return ResourceBody{}, missing
		}
		r, err := storeIn(ctx, tx, who.From(ctx), Resource{Dataset: ref.ID, Name: v.Name, Title: in.Body.Title, Description: in.Body.Description, URL: in.Body.URL}, file)
		return c.resourceBody(r), err
	})
	return &resourceOutput{b}, err
}

// handed takes the file of an upload. What is wrong with it the transaction
// tells: a request that is sent again has its answer although its upload is gone.
func (c *Catalog) handed(ctx context.Context, v *addView) (blob.Ref, error) {
	if v.Upload == "" {
		return blob.Ref{}, fault.Fields{{Name: "upload", Key: "catalog.file_or_link"}}
	}
	file, err := c.arrived(ctx, v)
	var wrong fault.Fields
	if errors.As(err, &wrong) { // of the form's field
		for i := range wrong {
			wrong[i].Name = "upload"
		}
	}
	return file, err
}

type replaceInput struct {
	api.Once
	ID   string `path:"id"`
	Body struct {
		Upload string `json:"upload" doc:"Id of a complete upload"`
	}
}

type makingOutput struct{ Body MakingBody }

// MakingBody tells how a file becomes a version of a table.
type MakingBody struct {
	Resource string         `json:"resource"`
	State    string         `json:"state" enum:"none,received,profiled,building,failed" doc:"profiled: it waits to be published; none: nothing is in the making"`
	Words    string         `json:"words,omitempty" doc:"What is being done, or why it failed"`
	Done     int64          `json:"done"`
	Total    int64          `json:"total"`
	Rows     int64          `json:"rows"`
	Columns  []MakingColumn `json:"columns"`
	Personal []string       `json:"personal" doc:"Columns that seem to hold personal data: publishing needs personal_ok"`
}

// MakingColumn is a column as it was found.
type MakingColumn struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Type   string `json:"type"`
	Misfit int64  `json:"misfit" doc:"Cells that cannot be read as the type"`
}

func (c *Catalog) apiReplace(ctx context.Context, in *replaceInput) (*makingOutput, error) {
	v := addView{Upload: in.Body.Upload}
	file, missing := c.handed(ctx, &v)
	ctx, cancel := web.LookUp(ctx)
	defer cancel()
	b, err := api.Do(ctx, c.DB, in.Once, in.Body, func(tx *db.Tx) (MakingBody, error) {
		r, d, err := seeResource(ctx, tx, who.From(ctx), in.ID)
		if err != nil {
			return MakingBody{}, err
		}
		if _, err := mayChange(ctx, tx, who.From(ctx), d.ID); err != nil {
			return MakingBody{}, err
		}
		if missing != nil {
			return MakingBody{}, missing
		}
		made, err := Replace(ctx, tx, who.From(ctx), in.ID, file, v.Name)
		return makingBody(ctx, workView{Resource: r, Version: made}, true), err
	})
	return &makingOutput{b}, err
}

func (c *Catalog) apiMaking(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*makingOutput, error) {
	v, ok, err := c.loadWork(ctx, in.ID)
	return &makingOutput{makingBody(ctx, v, ok)}, err
}

func makingBody(ctx context.Context, v workView, ok bool) MakingBody {
	b := MakingBody{Resource: v.Resource.ID, State: "none", Columns: []MakingColumn{}, Personal: []string{}}
	if !ok {
		return b
	}
	b.State, b.Words, b.Done, b.Total, b.Rows = string(v.Version.State), v.Words(ctx), v.Job.Done, v.Job.Total, v.Version.Rows
	if f := v.Version.Fault.V; v.Version.State == shelf.Failed && f != nil {
		b.Words = i18n.T(ctx, f.Key, f.Args...)
	}
	if p := v.Version.Profile.V; p != nil {
		b.Rows, b.Personal = p.Rows, append(b.Personal, personalColumns(p)...)
		for _, col := range p.Columns {
			b.Columns = append(b.Columns, MakingColumn{col.Name, cmp.Or(col.Label, col.Name), string(col.Type), col.Misfit})
		}
	}
	return b
}

type publishInput struct {
	api.Once
	ID   string `path:"id"`
	Body struct {
		Note       string `json:"note,omitempty" maxLength:"2000" doc:"What changed, for readers"`
		PersonalOK bool   `json:"personal_ok,omitempty" doc:"The columns that seem to hold personal data may be public"`
	}
}

func (c *Catalog) apiPublish(ctx context.Context, in *publishInput) (*makingOutput, error) {
	b, err := api.Do(ctx, c.DB, in.Once, in.Body, func(tx *db.Tx) (MakingBody, error) {
		r, d, err := seeResource(ctx, tx, who.From(ctx), in.ID)
		if err != nil {
			return MakingBody{}, err
		}
		if _, err := mayChange(ctx, tx, who.From(ctx), d.ID); err != nil {
			return MakingBody{}, err
		}
		v, ok, err := shelf.Waiting(ctx, tx, r.Ref())
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "shelf.not_waiting")
		}
		if err != nil {
			return MakingBody{}, err
		}
		if err := publishTable(ctx, tx, who.From(ctx), d.ID, v.ID, in.Body.Note, in.Body.PersonalOK); err != nil {
			return MakingBody{}, err
		}
		if v, err = shelf.Get(ctx, tx, v.ID); err != nil {
			return MakingBody{}, err
		}
		return makingBody(ctx, workView{Resource: r, Version: v}, true), nil
	})
	return &makingOutput{b}, err
}
