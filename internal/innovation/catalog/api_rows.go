package catalog

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/query"
)

// resourceAPI registers what can be asked of a table.
func (c *Catalog) resourceAPI(a *api.API) {
	get := func(path, summary string) api.Op {
		return api.Op{Method: http.MethodGet, Path: "/resources/{id}" + path, Access: web.Public, Tag: "tables", Summary: summary, Options: []web.Option{web.Shared}}
	}
	api.Add(a, get("", "Read a resource"), c.apiResource)
	api.Add(a, get("/rows", "Rows of a table: filtered, sorted, searched, paged by cursor"), c.apiRows)
	api.Add(a, get("/near", "Rows nearest to a point"), c.apiNear)
	api.Add(a, get("/facets", "The most frequent values of columns, counted exactly"), c.apiFacets)
	api.Add(a, get("/aggregate", "Groups of rows and what they add up to"), c.apiAggregate)
	api.Add(a, get("/stats", "Statistics of every column"), c.apiStats)
	api.Add(a, get("/schema", "The columns as a Frictionless Table Schema"), c.apiSchema)
	api.Add(a, get("/rejects", "What could not be taken as it stood in the file"), c.apiRejects)
	api.Add(a, get("/versions", "All published versions"), c.apiVersions)
}

// ResourceInput names a table and a version of it.
type ResourceInput struct {
	ID      string `path:"id"`
	Version string `query:"version" doc:"Number of a version; the current one without it"`
}

type resourceOutput struct{ Body ResourceBody }

func (c *Catalog) apiResource(ctx context.Context, in *ResourceInput) (*resourceOutput, error) {
	v, err := c.tableOf(ctx, in.ID, "")
	if err != nil {
		return nil, err
	}
	return &resourceOutput{c.resourceBody(v.Resource)}, nil
}

// with opens the table that an operation asks about.
func (c *Catalog) with(ctx context.Context, in ResourceInput, fn func(exploreView, *query.Version) error) error {
	v, err := c.tableOf(ctx, in.ID, in.Version)
	if err != nil {
		return err
	}
	if v.Version.ID == "" {
		return fault.New(fault.NotFound, "catalog.no_table")
	}
	t, done, err := c.Shelf.Open(ctx, v.Version)
	if err != nil {
		return err
	}
	defer done()
	v.M = t.Manifest()
	return fn(v, t)
}

type rowsInput struct {
	ResourceInput
	Select string `query:"select" doc:"Columns, separated by commas"`
	Filter string `query:"filter" doc:"CQL2 text, such as district = 'Toledo' AND amount > 50000"`
	Sort   string `query:"sort" doc:"Columns, separated by commas; a minus sorts from the largest"`
	Q      string `query:"q" doc:"Full text: accents and case do not matter, the last word may be incomplete"`
	BBox   string `query:"bbox" doc:"west,south,east,north in degrees"`
	Cursor string `query:"cursor"`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"100"`
	Total  bool   `query:"total" doc:"Count all matching rows exactly"`
}

// RowsBody is a page of rows.
type RowsBody struct {
	Rows    []rowObject `json:"rows"`
	Next    string      `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	Total   *int64      `json:"total,omitempty" doc:"All matching rows: always there without a filter, otherwise on total=true"`
	Indexed bool        `json:"indexed" doc:"Whether the columns asked about have indexes"`
	Derived string      `json:"derived" doc:"pending while indexes are being made, then ready"`
	Version int         `json:"version"`
}

type rowsOutput struct{ Body RowsBody }

func (c *Catalog) apiRows(ctx context.Context, in *rowsInput) (*rowsOutput, error) {
	out := &rowsOutput{}
	return out, c.with(ctx, in.ResourceInput, func(v exploreView, t *query.Version) error {
		q, err := in.query(v.M)
		if err != nil {
			return err
		}
		return out.fill(ctx, v, t, q)
	})
}

func (in *rowsInput) query(m *table.Manifest) (q query.Query, err error) {
	q = query.Query{Text: in.Q, Cursor: in.Cursor, Limit: in.Limit, Total: in.Total, Select: commas(in.Select)}
	if q.Filter, err = filter.Parse(in.Filter, m); err != nil {
		return q, err
	}
	if q.Sort, err = readSort(in.Sort, m); err != nil {
		return q, err
	}
	if in.BBox != "" {
		q.Box, err = readBox(in.BBox)
	}
	return q, err
}

// readBox reads west,south,east,north.
func readBox(s string) (*filter.Box, error) {
	var n [4]float64
	parts := strings.Split(s, ",")
	for i := range n {
		var err error
		if len(parts) != 4 {
			return nil, fault.New(fault.Malformed, "catalog.bad_box")
		}
		if n[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64); err != nil {
			return nil, fault.New(fault.Malformed, "catalog.bad_box")
		}
	}
	if n[1] > n[3] || n[1] < -90 || n[3] > 90 || n[0] < -180 || n[2] > 180 {
		return nil, fault.New(fault.Malformed, "catalog.bad_box")
	}
	return &filter.Box{West: n[0], South: n[1], East: n[2], North: n[3]}, nil
}

func (out *rowsOutput) fill(ctx context.Context, v exploreView, t *query.Version, q query.Query) error {
	p, err := t.Rows(ctx, q)
	if err != nil {
		return err
	}
	out.Body = RowsBody{Rows: objects(p), Next: p.Next, Total: p.Total, Indexed: p.Indexed, Derived: derived(!p.Pending), Version: v.Version.N}
	return nil
}

func commas(s string) []string {
	var out []string
	for x := range strings.SplitSeq(s, ",") {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}

type nearInput struct {
	ResourceInput
	Lat    float64 `query:"lat" required:"true" minimum:"-90" maximum:"90"`
	Lon    float64 `query:"lon" required:"true" minimum:"-180" maximum:"180"`
	Radius float64 `query:"radius" minimum:"0" doc:"Metres; no bound without it"`
	Filter string  `query:"filter"`
	Limit  int     `query:"limit" minimum:"1" maximum:"1000" default:"10"`
}

func (c *Catalog) apiNear(ctx context.Context, in *nearInput) (*rowsOutput, error) {
	out := &rowsOutput{}
	return out, c.with(ctx, in.ResourceInput, func(v exploreView, t *query.Version) error {
		f, err := filter.Parse(in.Filter, v.M)
		if err != nil {
			return err
		}
		return out.fill(ctx, v, t, query.Query{Filter: f, Near: &query.Near{Lat: in.Lat, Lon: in.Lon, Radius: in.Radius}, Limit: in.Limit})
	})
}

type facetsInput struct {
	ResourceInput
	Fields string `query:"fields" doc:"Columns, separated by commas; those worth counting without it"`
	Filter string `query:"filter"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"20"`
}

// FacetBody is the most frequent values of a column.
type FacetBody struct {
	Column   string         `json:"column"`
	Label    string         `json:"label"`
	Values   []table.Bucket `json:"values"`
	Missing  int64          `json:"missing" doc:"Rows without a value"`
	Others   int64          `json:"others" doc:"Rows with a value that is not listed"`
	Distinct int64          `json:"distinct"`
}

type facetsOutput struct {
	Body struct {
		Facets []FacetBody `json:"facets"`
	}
}

func (c *Catalog) apiFacets(ctx context.Context, in *facetsInput) (*facetsOutput, error) {
	out := &facetsOutput{}
	out.Body.Facets = []FacetBody{}
	return out, c.with(ctx, in.ResourceInput, func(v exploreView, t *query.Version) error {
		f, err := filter.Parse(in.Filter, v.M)
		if err != nil {
			return err
		}
		fields := commas(in.Fields)
		if len(fields) == 0 {
			fields = facetColumns(v.M)
		}
		found, err := t.Facets(ctx, fields, f, in.Limit)
		for _, x := range found {
			out.Body.Facets = append(out.Body.Facets, FacetBody{x.Column.Name, labelOf(x.Column), x.Values, x.Missing, x.Others, x.Distinct})
		}
		return err
	})
}

type aggregateInput struct {
	ResourceInput
	Group  string `query:"group" doc:"Columns, or parts of dates such as month(opened), or bins such as bin(amount,1000)"`
	Agg    string `query:"agg" default:"count" doc:"count, count(x), distinct(x), sum(x), avg(x), min(x), max(x), median(x), separated by commas"`
	Filter string `query:"filter"`
	Sort   string `query:"sort" doc:"A column of the answer; a minus sorts from the largest"`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"100"`
}

type aggregateOutput struct {
	Body struct {
		Columns []string `json:"columns"`
		Rows    [][]any  `json:"rows"`
		More    bool     `json:"more" doc:"There are more groups than the limit"`
	}
}

func (c *Catalog) apiAggregate(ctx context.Context, in *aggregateInput) (*aggregateOutput, error) {
	out := &aggregateOutput{}
	return out, c.with(ctx, in.ResourceInput, func(v exploreView, t *query.Version) error {
		a, err := in.aggregation(v.M)
		if err != nil {
			return err
		}
		got, err := t.Aggregate(ctx, a)
		if err != nil {
			return err
		}
		out.Body.Columns, out.Body.Rows, out.Body.More = got.Columns, got.Rows, got.More
		if out.Body.Rows == nil {
			out.Body.Rows = [][]any{}
		}
		return nil
	})
}

func (in *aggregateInput) aggregation(m *table.Manifest) (a query.Aggregation, err error) {
	a.Limit = in.Limit
	if a.Filter, err = filter.Parse(in.Filter, m); err != nil {
		return a, err
	}
	for _, g := range calls(in.Group) {
		a.Groups = append(a.Groups, groupOf(g))
	}
	for _, x := range calls(in.Agg) {
		if x.args == nil {
			x.args = []string{""}
		}
		a.Measures = append(a.Measures, query.Measure{Func: x.name, Column: x.args[0]})
	}
	return a, in.sorted(&a)
}

// sorted reads the sort: the position or the text of a group or measure.
func (in *aggregateInput) sorted(a *query.Aggregation) error {
	name, desc := strings.CutPrefix(in.Sort, "-")
	if name == "" {
		return nil
	}
	all := append(calls(in.Group), calls(in.Agg)...)
	for i, x := range all {
		if x.text == name {
			a.Sort = []query.AggregateSort{{Index: i, Desc: desc}}
			return nil
		}
	}
	return fault.New(fault.Malformed, "catalog.no_column", "name", name)
}

func groupOf(g call) query.Group {
	switch {
	case g.args == nil:
		return query.Group{Column: g.name}
	case g.name == "bin" && len(g.args) == 2:
		width, _ := strconv.ParseFloat(g.args[1], 64) // 0 is refused by table
		return query.Group{Column: g.args[0], Bin: width}
	}
	return query.Group{Column: g.args[0], Part: g.name}
}

// call is one item of a list such as "district,month(opened),bin(x,10)".
type call struct {
	text, name string
	args       []string
}

func calls(s string) []call {
	var out []call
	depth, from := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',' && depth == 0:
			if c := callOf(strings.TrimSpace(s[from:i])); c.text != "" {
				out = append(out, c)
			}
			from = i + 1
		case s[i] == '(':
			depth++
		case s[i] == ')':
			depth--
		}
	}
	return out
}

func callOf(s string) call {
	name, rest, ok := strings.Cut(s, "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		return call{text: s, name: s}
	}
	c := call{text: s, name: name, args: []string{}}
	for a := range strings.SplitSeq(strings.TrimSuffix(rest, ")"), ",") {
		c.args = append(c.args, strings.TrimSpace(a))
	}
	return c
}

type statsOutput struct {
	Body struct {
		Rows    int64       `json:"rows"`
		Columns []statsBody `json:"columns"`
	}
}

type statsBody struct {
	Name  string     `json:"name"`
	Label string     `json:"label"`
	Type  table.Type `json:"type"`
	table.ColumnStats
}

func (c *Catalog) apiStats(ctx context.Context, in *ResourceInput) (*statsOutput, error) {
	out := &statsOutput{}
	return out, c.with(ctx, *in, func(v exploreView, _ *query.Version) error {
		out.Body.Rows = v.M.Rows
		for i, col := range v.M.Columns {
			out.Body.Columns = append(out.Body.Columns, statsBody{col.Name, labelOf(col), col.Type, v.M.Stats[i]})
		}
		return nil
	})
}

type schemaOutput struct{ Body map[string]any }

func (c *Catalog) apiSchema(ctx context.Context, in *ResourceInput) (*schemaOutput, error) {
	out := &schemaOutput{}
	return out, c.with(ctx, *in, func(v exploreView, _ *query.Version) error {
		out.Body = tableSchema(v.M)
		return nil
	})
}

// tableSchema writes the columns as a Table Schema (datapackage.org, v2).
func tableSchema(m *table.Manifest) map[string]any {
	kinds := map[table.Type]string{
		table.Text: "string", table.Integer: "integer", table.Number: "number", table.Boolean: "boolean", table.Date: "date", table.Timestamp: "datetime",
		table.Time: "time", table.Latitude: "number", table.Longitude: "number", table.Point: "geopoint", table.District: "string", table.Geometry: "geojson",
		table.JSON: "object", table.URL: "string",
	}
	fields := []map[string]any{}
	for _, c := range m.Columns {
		f := map[string]any{"name": c.Name, "title": labelOf(c), "type": kinds[c.Type]}
		if c.Type == table.URL {
			f["format"] = "uri"
		}
		if c.Unit != "" {
			f["unit"] = c.Unit
		}
		fields = append(fields, f)
	}
	s := map[string]any{"$schema": "https://datapackage.org/profiles/2.0/tableschema.json", "fields": fields}
	if m.Key != "" {
		s["primaryKey"] = []string{m.Key}
	}
	return s
}

type rejectsInput struct {
	ResourceInput
	Skip  int `query:"skip" minimum:"0"`
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// RejectBody is one thing that could not be taken as it stood.
type RejectBody struct {
	Line   int64  `json:"line" doc:"Of the file"`
	Row    int64  `json:"row" doc:"The row's _id"`
	Column string `json:"column"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Value  string `json:"value"`
}

type rejectsOutput struct {
	Body struct {
		Total   int64            `json:"total"`
		Codes   map[string]int64 `json:"codes"`
		Rejects []RejectBody     `json:"rejects"`
	}
}

func (c *Catalog) apiRejects(ctx context.Context, in *rejectsInput) (*rejectsOutput, error) {
	out := &rejectsOutput{}
	out.Body.Rejects = []RejectBody{}
	return out, c.with(ctx, in.ResourceInput, func(v exploreView, t *query.Version) error {
		out.Body.Total, out.Body.Codes = v.M.Rejects.Total, v.M.Rejects.Codes
		list, err := t.Rejects(in.Skip, in.Limit)
		for _, x := range list {
			out.Body.Rejects = append(out.Body.Rejects, RejectBody{x.Line, x.Row, x.Column, x.Code, i18n.T(ctx, "table.problem."+x.Code), x.Value})
		}
		return err
	})
}

type versionsOutput struct {
	Body struct {
		Versions []versionBody `json:"versions"`
	}
}

type versionBody struct {
	N         int       `json:"n"`
	Published time.Time `json:"published"`
	Rows      int64     `json:"rows"`
	Rejects   int64     `json:"rejects"`
	Note      string    `json:"note"`
	SHA256    string    `json:"sha256" doc:"Of the file as it was handed in"`
	Derived   string    `json:"derived"`
	URL       string    `json:"url"`
}

func (c *Catalog) apiVersions(ctx context.Context, in *ResourceInput) (*versionsOutput, error) {
	out := &versionsOutput{}
	out.Body.Versions = []versionBody{}
	v, err := c.tableWithVersions(ctx, in.ID, "")
	for _, x := range v.Versions {
		if x.N > 0 {
			out.Body.Versions = append(out.Body.Versions, versionBody{
				x.N, x.Published.Time, x.Rows, x.Rejects, x.Note, x.Original, derived(x.Derived),
				c.Base() + "/resource/" + v.Resource.ID + "?" + url.Values{"version": {strconv.Itoa(x.N)}}.Encode(),
			})
		}
	}
	return out, err
}
