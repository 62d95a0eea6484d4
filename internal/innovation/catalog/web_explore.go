package catalog

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/export"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/who"
)

// exploreView is what the page of a table shows.
type exploreView struct {
	Dataset  Dataset
	Slug     string
	Resource Resource
	Version  shelf.Version
	Versions []shelf.Version
	M        *table.Manifest
	E        exploring
	Base     string
	MayWrite bool
	Wrong    string // what is wrong with the filter, in words

	Page   *query.Page
	Facets []query.Facet
	Groups *query.Table
	Bins   []table.Bin
	Chart  chartChoice
	Points []ui.Point
	Areas  []ui.Area
	More   bool // the map holds not all rows
}

// tableOf finds a resource's table in the version asked for.
func (c *Catalog) tableOf(ctx context.Context, id, version string) (v exploreView, err error) {
	shared := c.SiteVersion != nil && !who.From(ctx).SignedIn()
	site, key := "", lastAsked{id, version}
	if shared {
		site = c.SiteVersion() // before the question: what changes meanwhile makes the answer old
		if v, ok := c.lately.get(site, key); ok {
			return v, nil
		}
	}
	err = c.DB.View(ctx, func(tx *db.Tx) error { v, err = findTable(ctx, tx, id, version); return err })
	if err == nil && shared {
		c.lately.put(site, key, v)
	}
	return v, err
}

// tableWithVersions is tableOf with all versions, for those who show them. To
// read them for every row asked of the API was an eighth of its work.
func (c *Catalog) tableWithVersions(ctx context.Context, id, version string) (v exploreView, err error) {
	err = c.DB.View(ctx, func(tx *db.Tx) error {
		if v, err = findTable(ctx, tx, id, version); err != nil || v.Resource.Kind != Table {
			return err
		}
		v.Versions, err = shelf.Of(ctx, tx, v.Resource.Ref())
		return err
	})
	return v, err
}

func findTable(ctx context.Context, tx *db.Tx, id, version string) (v exploreView, err error) {
	actor := who.From(ctx)
	if v.Resource, v.Dataset, err = seeResource(ctx, tx, actor, id); err != nil {
		return v, err
	}
	v.MayWrite = actor.May("dataset.write", who.In(v.Dataset.Org))
	if v.Resource.Kind != Table {
		return v, nil
	}
	if v.Resource.Current != nil {
		v.Version = *v.Resource.Current
	}
	if version == "" || version == "current" {
		return v, nil
	}
	n, bad := strconv.Atoi(version)
	if bad != nil {
		return v, db.ErrNotFound
	}
	v.Version, err = shelf.Numbered(ctx, tx, v.Resource.Ref(), n)
	return v, err
}

// explore is the page of a resource: its rows if it is a table, what it is and
// where to get it otherwise.
func (c *Catalog) explore(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v, err := c.tableWithVersions(ctx, r.PathValue("id"), q.Get("version"))
	if err != nil {
		return err
	}
	v.Base = c.Base()
	p := ui.Page{
		Title: v.Resource.Title, Description: v.Resource.Description, Canonical: v.Base + "/resource/" + v.Resource.ID, Private: v.Dataset.State != Published,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "catalog.nav"), Href: "/datasets"}, {Text: v.Dataset.Title, Href: v.Dataset.Ref().Path()}},
	}
	if v.Version.ID == "" {
		return web.Page(w, r, http.StatusOK, p, plainPage(v))
	}
	t, done, err := c.Shelf.Open(ctx, v.Version)
	if err != nil {
		return err
	}
	defer done()
	v.M = t.Manifest()
	p.Wide = true
	if v.E, err = readExploring(q, v.M); err == nil {
		err = v.ask(ctx, t)
	}
	status := http.StatusOK
	if f := web.Explain(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Malformed || f.Kind == fault.Timeout || f.Kind == fault.TooLarge) {
		v.Wrong, status = i18n.From(ctx).Fault(f), web.Status(f.Kind)
	} else if err != nil {
		return err
	}
	return web.Page(w, r, status, p, explorePage(v))
}

const rowsPerPage = 50

// ask gets what the chosen view shows.
func (v *exploreView) ask(ctx context.Context, t *query.Version) (err error) {
	switch v.E.View {
	case "facets":
		v.Facets, err = t.Facets(ctx, facetColumns(v.M), v.E.Filter, 12)
	case "chart":
		return v.askChart(ctx, t)
	case "map":
		return v.askMap(ctx, t)
	case "columns":
	default:
		v.Page, err = t.Rows(ctx, query.Query{Filter: v.E.Filter, Sort: v.E.Sort, Text: v.E.Text, Cursor: v.E.Cursor, Limit: rowsPerPage, Total: true})
	}
	return err
}

// facetColumns are the columns worth counting: few values among many rows.
func facetColumns(m *table.Manifest) []string {
	var out []string
	for i, c := range m.Columns {
		d := m.Stats[i].Distinct
		if c.Type == table.Geometry || c.Type == table.JSON || c.Unique || d < 1 || d > 200 && d > m.Rows/4 || d > 5000 {
			continue
		}
		if out = append(out, c.Name); len(out) == 8 {
			break
		}
	}
	return out
}

// chartChoice is what is drawn.
type chartChoice struct {
	Kind, Group, Part, Agg, Column string
}

func (v *exploreView) askChart(ctx context.Context, t *query.Version) (err error) {
	v.Chart = v.E.choice(v.M)
	ch := v.Chart
	if ch.Group == "" {
		return nil
	}
	if ch.Kind == "histogram" {
		v.Bins, err = t.Histogram(ctx, ch.Group, 20, v.E.Filter)
		return err
	}
	if ch.Kind == "scatter" {
		v.Page, err = t.Rows(ctx, query.Query{Select: []string{ch.Group, ch.Column}, Filter: v.E.Filter, Limit: 500})
		return err
	}
	a := query.Aggregation{
		Groups: []query.Group{{Column: ch.Group, Part: ch.Part}}, Measures: []query.Measure{{Func: ch.Agg, Column: ch.Column}}, Filter: v.E.Filter,
		Sort: []query.AggregateSort{{Index: 1, Desc: true}}, Limit: 20,
	}
	if ch.Kind == "line" {
		a.Sort, a.Limit = []query.AggregateSort{{Index: 0}}, 200
	}
	v.Groups, err = t.Aggregate(ctx, a)
	return err
}

// choice completes what the reader chose with what suits the table.
func (e exploring) choice(m *table.Manifest) chartChoice {
	ch := chartChoice{Kind: e.Kind, Group: e.Group, Part: e.Part, Agg: "count"}
	if fn, col, ok := strings.Cut(strings.TrimSuffix(e.Agg, ")"), "("); ok {
		ch.Agg, ch.Column = fn, col
	}
	if ch.Group == "" {
		if names := facetColumns(m); len(names) > 0 {
			ch.Group = names[0]
		} else if len(m.Columns) > 0 {
			ch.Group = m.Columns[0].Name
		}
	}
	c, _ := m.Column(ch.Group)
	if ch.Kind == "" {
		ch.Kind = "bar"
		if c != nil && c.Type.Temporal() {
			ch.Kind = "line"
		}
	}
	if c != nil && c.Type.Temporal() && ch.Part == "" {
		ch.Part = "month"
	}
	return ch
}

// mapPoints is how many places a page lists and draws; a reader with a script
// gets the others when the map is asked for.
const mapPoints = 300

// askMap gets the places of rows, or counts by district where they have none.
func (v *exploreView) askMap(ctx context.Context, t *query.Version) error {
	if g := v.M.Geo; g != nil {
		page, err := t.Rows(ctx, query.Query{Filter: v.E.Filter, Text: v.E.Text, Limit: mapPoints})
		if err != nil {
			return err
		}
		v.Points, v.More = points(ctx, page, g), page.Next != ""
		return nil
	}
	name := districtColumn(v.M)
	if name == "" {
		return nil
	}
	counts, err := t.Facets(ctx, []string{name}, v.E.Filter, 50)
	if err == nil {
		v.Areas = districtAreas(ctx, counts[0], v.E)
	}
	return err
}

func districtColumn(m *table.Manifest) string {
	for _, c := range m.Columns {
		if c.Type == table.District {
			return c.Name
		}
	}
	return ""
}

// mappable reports whether the rows can be shown on a map.
func mappable(m *table.Manifest) bool { return m.Geo != nil || districtColumn(m) != "" }

// formatsOf lists what a table can be downloaded as.
var downloadFormats = []struct{ ID, Type string }{
	{"csv", "text/csv; charset=utf-8"},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"json", "application/json"},
	{"ndjson", "application/x-ndjson"},
	{"geojson", "application/geo+json"},
	{"parquet", "application/vnd.apache.parquet"},
}

// download serves a file as it is, or a table in a format, with the filter that
// the page has.
func (c *Catalog) download(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	v, err := c.tableOf(ctx, r.PathValue("id"), q.Get("version"))
	if err != nil {
		return err
	}
	public := v.Dataset.State == Published
	format := q.Get("format")
	if v.Resource.Kind == Link {
		return db.ErrNotFound
	}
	if format == "" || format == "original" {
		ref, name := blob.Ref{SHA256: v.Resource.Blob, Size: v.Resource.Bytes, Type: v.Resource.MediaType}, v.Resource.Name
		if v.Version.ID != "" {
			ref, name = blob.Ref{SHA256: v.Version.Original, Size: v.Version.Bytes, Type: v.Version.MediaType}, v.Version.Name
		}
		return c.original(w, r, ref, name, public)
	}
	if v.Version.ID == "" {
		return db.ErrNotFound
	}
	return c.export(w, r, v, format, public)
}

func (c *Catalog) export(w http.ResponseWriter, r *http.Request, v exploreView, format string, public bool) error {
	ctx, q := r.Context(), r.URL.Query()
	mediaType := ""
	for _, f := range downloadFormats {
		if f.ID == format {
			mediaType = f.Type
		}
	}
	if mediaType == "" {
		return fault.New(fault.Malformed, "catalog.no_format", "format", format)
	}
	t, done, err := c.Shelf.Open(ctx, v.Version)
	if err != nil {
		return err
	}
	defer done()
	e, err := readExploring(q, t.Manifest())
	if err != nil {
		return err
	}
	h := w.Header()
	etag := `"` + v.Version.ID + "-" + format + `"`
	if q.Encode() == (url.Values{"format": {format}}).Encode() || q.Get("version") != "" && len(q) == 2 {
		h.Set("ETag", etag)
		if public {
			h.Set("Cache-Control", "public, no-cache")
		}
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", blob.Disposition(false, strings.TrimSuffix(v.Version.Name, "."+strings.ToLower(v.Resource.Format()))+"-v"+strconv.Itoa(v.Version.N)+"."+format))
	if r.Method == http.MethodHead {
		return nil
	}
	as := export.Format(format)
	if as == export.CSV && q.Get("raw") == "" {
		as = export.SheetCSV // for people: no text becomes a formula in a spreadsheet
	}
	return export.Rows(ctx, w, t, as, query.Query{Filter: e.Filter, Sort: e.Sort, Text: e.Text})
}

// rejectsFile lists what could not be taken as it stood, as CSV.
func (c *Catalog) rejectsFile(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := web.LookUp(r.Context())
	defer cancel()
	v, err := c.tableOf(ctx, r.PathValue("id"), r.URL.Query().Get("version"))
	if err != nil {
		return err
	}
	if v.Version.ID == "" {
		return db.ErrNotFound
	}
	t, done, err := c.Shelf.Open(r.Context(), v.Version)
	if err != nil {
		return err
	}
	defer done()
	list, err := t.Rejects(0, table.MaxRejects)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", blob.Disposition(false, "rejects.csv"))
	return writeRejects(r.Context(), w, list)
}
