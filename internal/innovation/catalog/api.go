package catalog

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// DatasetBody is a dataset in the API.
type DatasetBody struct {
	ID           string         `json:"id" readOnly:"true"`
	Slug         string         `json:"slug" readOnly:"true"`
	Org          string         `json:"org" doc:"Id of the organisation that answers for it"`
	OrgName      string         `json:"org_name" readOnly:"true"`
	Title        string         `json:"title" maxLength:"200"`
	Summary      string         `json:"summary"`
	Notes        string         `json:"notes" doc:"Markdown"`
	Lang         string         `json:"lang" doc:"That it is written in. With ?lang= the three texts above are in that one instead, where somebody translated them"`
	Licence      string         `json:"licence" doc:"SPDX identifier"`
	LicenceURL   string         `json:"licence_url" readOnly:"true"`
	Themes       []string       `json:"themes"`
	Keywords     []string       `json:"keywords"`
	Districts    []string       `json:"districts" doc:"ISO 3166-2, such as BZ-CY"`
	PeriodStart  string         `json:"period_start" doc:"Civil date, or empty"`
	PeriodEnd    string         `json:"period_end"`
	Frequency    string         `json:"frequency"`
	ContactName  string         `json:"contact_name"`
	ContactEmail string         `json:"contact_email"`
	Source       string         `json:"source"`
	State        string         `json:"state" readOnly:"true"`
	Created      time.Time      `json:"created" readOnly:"true"`
	Changed      time.Time      `json:"changed" readOnly:"true"`
	Published    *time.Time     `json:"published" readOnly:"true"`
	Version      int            `json:"version" doc:"Send back the version you read when you change it"`
	URL          string         `json:"url" readOnly:"true"`
	Resources    []ResourceBody `json:"resources" readOnly:"true"`

	TitleTranslated   map[string]string   `json:"title_translated" readOnly:"true" doc:"By language, with the one it is written in"`
	SummaryTranslated map[string]string   `json:"summary_translated" readOnly:"true"`
	NotesTranslated   map[string]string   `json:"notes_translated" readOnly:"true"`
	MachineTranslated map[string][]string `json:"machine_translated,omitempty" readOnly:"true" doc:"Texts that a machine translated and nobody has read, by language"`
}

// translated puts in the texts in every language there is.
func (b *DatasetBody) translated(ts record.ByLang) {
	b.TitleTranslated, b.SummaryTranslated = ts.Map("title", b.Title, b.Lang), ts.Map("summary", b.Summary, b.Lang)
	b.NotesTranslated, b.MachineTranslated = ts.Map("notes", b.Notes, b.Lang), ts.ByMachine(b.Lang)
}

// say puts the texts into a language that a client asked for.
func (b *DatasetBody) say(lang string) {
	b.Title = cmp.Or(b.TitleTranslated[lang], b.Title)
	b.Summary = cmp.Or(b.SummaryTranslated[lang], b.Summary)
	b.Notes = cmp.Or(b.NotesTranslated[lang], b.Notes)
}

// Spoken is the language that a client may ask the texts in.
type Spoken struct {
	Lang string `query:"lang" enum:"en,es,bzj,cab,kek,mop,yua" doc:"Language of the texts, where somebody translated them"`
}

// ResourceBody is a resource in the API.
type ResourceBody struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind" doc:"file, table or link"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Format      string    `json:"format"`
	MediaType   string    `json:"media_type"`
	Bytes       int64     `json:"bytes"`
	SHA256      string    `json:"sha256"`
	URL         string    `json:"url" doc:"Where to read it"`
	Download    string    `json:"download"`
	Version     int       `json:"version" doc:"Of a table: the number of the current version; 0 before the first"`
	Rows        int64     `json:"rows"`
	Rejects     int64     `json:"rejects"`
	Derived     string    `json:"derived" doc:"Of a table: pending while its indexes are made, then ready"`
	Changed     time.Time `json:"changed"`
}

func (c *Catalog) datasetBody(d Dataset, slug, org string, rs []Resource, words record.ByLang) DatasetBody {
	licence, _ := LicenceOf(d.Licence)
	b := DatasetBody{
		ID: d.ID, Slug: slug, Org: d.Org, OrgName: org, Title: d.Title, Summary: d.Summary, Notes: d.Notes, Lang: d.Lang,
		Licence: d.Licence, LicenceURL: licence.URL, Themes: distinct(d.Themes.V), Keywords: distinct(d.Keywords.V), Districts: distinct(d.Districts.V),
		PeriodStart: d.PeriodStart, PeriodEnd: d.PeriodEnd, Frequency: d.Frequency, ContactName: d.ContactName, ContactEmail: d.ContactEmail,
		Source: d.Source, State: string(d.State), Created: d.Created.Time, Changed: d.Changed.Time, Version: d.Version,
		URL: c.Base() + d.Ref().Path(), Resources: []ResourceBody{},
	}
	if !d.Published.IsZero() {
		b.Published = &d.Published.Time
	}
	b.translated(words)
	for _, r := range rs {
		b.Resources = append(b.Resources, c.resourceBody(r))
	}
	return b
}

func (c *Catalog) resourceBody(r Resource) ResourceBody {
	b := ResourceBody{
		ID: r.ID, Kind: string(r.Kind), Title: r.Title, Description: r.Description, Format: r.Format(), MediaType: r.MediaType, Bytes: r.Bytes,
		SHA256: r.Blob, URL: c.Base() + "/resource/" + r.ID, Download: c.Base() + "/resource/" + r.ID + "/download", Changed: r.Changed.Time,
	}
	if r.Kind == Link {
		b.Download = r.URL
	}
	if v := r.Current; v != nil {
		b.Version, b.Rows, b.Rejects, b.Derived, b.SHA256, b.Bytes = v.N, v.Rows, v.Rejects, derived(v.Derived), v.Original, v.Bytes
	}
	return b
}

func derived(ready bool) string {
	if ready {
		return "ready"
	}
	return "pending"
}

type datasetInput struct {
	Spoken
	ID string `path:"id" doc:"Id, or any address it ever had"`
}

type datasetOutput struct{ Body DatasetBody }

type listInput struct {
	Spoken
	Q        string `query:"q" doc:"Words of the title"`
	Org      string `query:"org"`
	Theme    string `query:"theme"`
	District string `query:"district"`
	Keyword  string `query:"keyword"`
	State    string `query:"state" enum:"draft,review,published,withdrawn" doc:"Others than published only for their organisation"`
	Cursor   string `query:"cursor"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type listOutput struct {
	Body struct {
		Datasets []DatasetBody `json:"datasets"`
		Next     string        `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func (c *Catalog) datasetAPI(a *api.API) {
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/datasets", Access: web.Public, Tag: "datasets", Summary: "List datasets, the last changed first", Options: []web.Option{web.Shared}}, c.apiList)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/datasets/{id}", Access: web.Public, Tag: "datasets", Summary: "Read a dataset", Options: []web.Option{web.Shared}}, c.apiGet)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/datasets", Access: web.Needs("dataset.write"), Tag: "datasets", Summary: "Make a draft", Status: http.StatusCreated}, c.apiCreate)
	api.Add(a, api.Op{Method: http.MethodPut, Path: "/datasets/{id}", Access: web.Needs("dataset.write"), Tag: "datasets", Summary: "Change a dataset"}, c.apiEdit)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/datasets/{id}/move", Access: web.Needs("dataset.write"), Tag: "datasets", Summary: "Hand in, publish, send back or withdraw"}, c.apiMove)
}

func (c *Catalog) apiList(ctx context.Context, in *listInput) (*listOutput, error) {
	out := &listOutput{}
	out.Body.Datasets = []DatasetBody{}
	return out, c.DB.View(ctx, func(tx *db.Tx) error {
		p, err := list(ctx, tx, who.From(ctx), Filter{Query: in.Q, Org: in.Org, Theme: in.Theme, District: in.District, Keyword: in.Keyword, State: State(in.State)}, in.Cursor, in.Limit)
		if err != nil {
			return err
		}
		out.Body.Next = p.Next
		out.Body.Datasets, err = c.bodies(ctx, tx, p.Datasets)
		for i := range out.Body.Datasets {
			out.Body.Datasets[i].say(in.Lang)
		}
		return err
	})
}

// bodies describes many datasets with a fixed number of queries.
func (c *Catalog) bodies(ctx context.Context, tx *db.Tx, ds []Dataset) ([]DatasetBody, error) {
	var ids, orgs []string
	for _, d := range ds {
		ids, orgs = append(ids, d.ID), append(orgs, d.Org)
	}
	names, err := c.Orgs.Names(ctx, tx, orgs)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "dataset", ids)
	if err != nil {
		return nil, err
	}
	in, args := db.In(1, ids)
	rs, err := db.List(ctx, tx, resourceFields, `SELECT `+resourceColumns+` FROM resource WHERE NOT removed AND dataset IN `+in+` ORDER BY position, id`, args...)
	if err != nil {
		return nil, err
	}
	if err := withVersions(ctx, tx, rs); err != nil {
		return nil, err
	}
	of := map[string][]Resource{}
	for _, r := range rs {
		of[r.Dataset] = append(of[r.Dataset], r)
	}
	words, err := record.AllTranslations(ctx, tx, "dataset", ids)
	out := []DatasetBody{}
	for _, d := range ds {
		out = append(out, c.datasetBody(d, slugs[d.ID], names[d.Org], of[d.ID], words[d.ID]))
	}
	return out, err
}

// freshBody describes a dataset that this transaction made: nothing is in it
// yet, so most of what bodies asks is known.
func (c *Catalog) freshBody(ctx context.Context, tx *db.Tx, d Dataset) (DatasetBody, error) {
	names, err := c.Orgs.Names(ctx, tx, []string{d.Org})
	if err != nil {
		return DatasetBody{}, err
	}
	name, ok := names[d.Org]
	if !ok { // an administrator may write for any organisation, but not for none
		return DatasetBody{}, fault.Fields{{Name: "org", Key: "fault.choice"}}
	}
	return c.datasetBody(d, d.slug, name, nil, nil), nil
}

// body describes one dataset.
func (c *Catalog) body(ctx context.Context, tx *db.Tx, d Dataset) (DatasetBody, error) {
	bs, err := c.bodies(ctx, tx, []Dataset{d})
	if err != nil {
		return DatasetBody{}, err
	}
	return bs[0], nil
}

func (c *Catalog) apiGet(ctx context.Context, in *datasetInput) (*datasetOutput, error) {
	out := &datasetOutput{}
	return out, c.DB.View(ctx, func(tx *db.Tx) error {
		ref, _, err := record.Resolve(ctx, tx, "dataset", in.ID)
		if err != nil {
			return err
		}
		d, err := see(ctx, tx, who.From(ctx), ref.ID)
		if err != nil {
			return err
		}
		out.Body, err = c.body(ctx, tx, d)
		out.Body.say(in.Lang)
		return err
	})
}

// DatasetWrite is what a client sends to make or change a dataset.
type DatasetWrite struct {
	Org          string   `json:"org"`
	Title        string   `json:"title"`
	Summary      string   `json:"summary,omitempty"`
	Notes        string   `json:"notes,omitempty"`
	Lang         string   `json:"lang,omitempty"`
	Licence      string   `json:"licence,omitempty"`
	Themes       []string `json:"themes,omitempty"`
	Keywords     []string `json:"keywords,omitempty"`
	Districts    []string `json:"districts,omitempty"`
	PeriodStart  string   `json:"period_start,omitempty"`
	PeriodEnd    string   `json:"period_end,omitempty"`
	Frequency    string   `json:"frequency,omitempty"`
	ContactName  string   `json:"contact_name,omitempty"`
	ContactEmail string   `json:"contact_email,omitempty"`
	Source       string   `json:"source,omitempty"`
	Version      int      `json:"version,omitempty"`
}

func (w DatasetWrite) dataset() Dataset {
	d := Dataset{
		Org: w.Org, Title: w.Title, Summary: w.Summary, Notes: w.Notes, Lang: w.Lang, Licence: w.Licence, PeriodStart: w.PeriodStart,
		PeriodEnd: w.PeriodEnd, Frequency: w.Frequency, ContactName: w.ContactName, ContactEmail: w.ContactEmail, Source: w.Source, Version: w.Version,
	}
	d.Themes.V, d.Keywords.V, d.Districts.V = w.Themes, w.Keywords, w.Districts
	return d
}

type createInput struct {
	api.Once
	Body DatasetWrite
}

func (c *Catalog) apiCreate(ctx context.Context, in *createInput) (*datasetOutput, error) {
	b, err := api.Do(ctx, c.DB, in.Once, in.Body, func(tx *db.Tx) (DatasetBody, error) {
		d, err := create(ctx, tx, who.From(ctx), in.Body.dataset())
		if err != nil {
			return DatasetBody{}, err
		}
		return c.freshBody(ctx, tx, d)
	})
	return &datasetOutput{b}, err
}

type editInput struct {
	api.Once
	ID   string `path:"id"`
	Body DatasetWrite
}

func (c *Catalog) apiEdit(ctx context.Context, in *editInput) (*datasetOutput, error) {
	b, err := api.Do(ctx, c.DB, in.Once, in.Body, func(tx *db.Tx) (DatasetBody, error) {
		ref, _, err := record.Resolve(ctx, tx, "dataset", in.ID)
		if err != nil {
			return DatasetBody{}, err
		}
		d := in.Body.dataset()
		d.ID = ref.ID
		if d, err = edit(ctx, tx, who.From(ctx), d); err != nil {
			return DatasetBody{}, err
		}
		return c.body(ctx, tx, d)
	})
	return &datasetOutput{b}, err
}

type moveInput struct {
	api.Once
	ID   string `path:"id"`
	Body struct {
		To      string `json:"to" enum:"draft,review,published,withdrawn"`
		Reason  string `json:"reason,omitempty"`
		Version int    `json:"version"`
	}
}

func (c *Catalog) apiMove(ctx context.Context, in *moveInput) (*datasetOutput, error) {
	b, err := api.Do(ctx, c.DB, in.Once, in.Body, func(tx *db.Tx) (DatasetBody, error) {
		ref, _, err := record.Resolve(ctx, tx, "dataset", in.ID)
		if err != nil {
			return DatasetBody{}, err
		}
		d, err := move(ctx, tx, who.From(ctx), ref.ID, in.Body.Version, State(in.Body.To), in.Body.Reason)
		if err != nil {
			return DatasetBody{}, err
		}
		return c.body(ctx, tx, d)
	})
	return &datasetOutput{b}, err
}
