package catalog

import (
	"context"
	"encoding/csv"
	"io"
	"net/url"
	"strconv"
	"strings"

	sheet "ceiba/internal/service/table/csv"

	"ceiba/internal/face/ui"
	"ceiba/internal/innovation/catalog/rowmap"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/query"
)

// path is the page's address with one parameter changed.
func (v exploreView) path(name, value string) string {
	return ui.WithQuery("/resource/"+v.Resource.ID, v.E.Query, name, value, "cursor", "col", "op", "val")
}

func (v exploreView) tabs(ctx context.Context) ui.Tabs {
	t := ui.Tabs{Label: i18n.T(ctx, "catalog.views")}
	for _, name := range views {
		if name == "map" && !mappable(v.M) {
			continue
		}
		value := name
		if name == "table" {
			value = ""
		}
		t.Items = append(t.Items, ui.Tab{Text: i18n.T(ctx, "catalog.view."+name), Href: v.path("view", value), Current: v.E.View == name})
	}
	return t
}

// sentence says which rows are shown: "1,240 of 12,000 rows".
func (v exploreView) sentence(ctx context.Context) string {
	if v.Page != nil && v.Page.Total != nil && (v.E.CQL != "" || v.E.Text != "") {
		return i18n.T(ctx, "catalog.rows_of", "n", *v.Page.Total, "all", v.M.Rows)
	}
	if v.E.CQL != "" || v.E.Text != "" {
		return i18n.T(ctx, "catalog.rows_filtered", "all", v.M.Rows)
	}
	return i18n.N(ctx, "catalog.all_rows", int(v.M.Rows))
}

func (v exploreView) chips() []ui.Chip {
	var out []ui.Chip
	if v.E.Text != "" {
		out = append(out, ui.Chip{Text: "“" + v.E.Text + "”", Remove: v.path("q", "")})
	}
	parts := splitAnd(v.E.CQL)
	for i, p := range parts {
		rest := append(append([]string{}, parts[:i]...), parts[i+1:]...)
		out = append(out, ui.Chip{Text: strings.ReplaceAll(p, `"`, ""), Remove: v.path("filter", strings.Join(rest, " AND "))})
	}
	return out
}

// splitAnd cuts a filter at its outermost ANDs that stand outside quotes and
// brackets; a filter with an outer OR stays whole.
func splitAnd(cql string) []string {
	var parts []string
	depth, from, inText, inName := 0, 0, false, false
	for i := 0; i < len(cql); i++ {
		switch c := cql[i]; {
		case c == '\'' && !inName:
			inText = !inText
		case c == '"' && !inText:
			inName = !inName
		case inText || inName:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(strings.ToUpper(cql[i:]), " OR "), depth == 0 && strings.HasPrefix(strings.ToUpper(cql[i:]), " BETWEEN "):
			return []string{cql}
		case depth == 0 && strings.HasPrefix(strings.ToUpper(cql[i:]), " AND "):
			parts = append(parts, cql[from:i])
			from = i + 5
			i += 4
		}
	}
	if cql[from:] == "" {
		return parts
	}
	return append(parts, cql[from:])
}

func (v exploreView) hidden() []ui.Hidden {
	var out []ui.Hidden
	for name, values := range v.E.Query {
		switch name {
		case "col", "op", "val", "q", "cursor", "group", "part", "agg", "chart":
			continue
		}
		for _, x := range values {
			out = append(out, ui.Hidden{Name: name, Value: x})
		}
	}
	return out
}

func columnOptions(m *table.Manifest, chosen string, ok func(table.Column) bool) []ui.Option {
	var out []ui.Option
	for _, c := range m.Columns {
		if ok == nil || ok(c) {
			out = append(out, ui.Option{Value: c.Name, Label: labelOf(c), Selected: c.Name == chosen})
		}
	}
	return out
}

func operatorOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range operators {
		out = append(out, ui.Option{Value: o, Label: i18n.T(ctx, "catalog.op."+o)})
	}
	return out
}

func (v exploreView) rowTable(ctx context.Context) ui.Table {
	t := ui.Table{
		ID: "rows", Caption: v.Resource.Title, HideCaption: true, Plain: len(v.Page.Columns) > 8,
		Empty: &ui.Empty{Title: i18n.T(ctx, "catalog.no_rows"), Text: i18n.T(ctx, "catalog.no_rows_hint")},
	}
	for i, c := range v.Page.Columns {
		h := ui.Column{Label: labelOf(c), Unit: c.Unit, RowHead: i == 0}
		if c.Type.Numeric() {
			h.Kind = ui.Numeric
		} else if c.Type.Temporal() {
			h.Kind = ui.Day
		}
		h.SortHref, h.Sort = v.sortLink(c)
		t.Columns = append(t.Columns, h)
	}
	for _, row := range v.Page.Rows {
		t.Rows = append(t.Rows, v.cells(ctx, row))
	}
	return t
}

// sortLink turns ascending into descending and back.
func (v exploreView) sortLink(c table.Column) (string, ui.Sort) {
	if c.Type == table.Geometry || c.Type == table.JSON {
		return "", ui.Unsorted
	}
	for _, s := range v.E.Sort {
		if s.Column != c.Name {
			continue
		}
		if s.Desc {
			return v.path("sort", c.Name), ui.Descending
		}
		return v.path("sort", "-"+c.Name), ui.Ascending
	}
	return v.path("sort", c.Name), ui.Unsorted
}

func (v exploreView) cells(ctx context.Context, row query.Row) []ui.Cell {
	out := make([]ui.Cell, len(row.Cells))
	for i, x := range row.Cells {
		out[i] = cell(ctx, v.Page.Columns[i], x)
	}
	for _, s := range row.Why {
		for i, c := range v.Page.Columns {
			if c.Name == s.Column {
				out[i].Note = s.Before + s.Match + s.After
			}
		}
	}
	return out
}

// cell shows one value in the reader's way.
func cell(ctx context.Context, c table.Column, x any) ui.Cell {
	switch x := x.(type) {
	case int64:
		if c.Unique { // a number that names the row is no amount
			return ui.Text(strconv.FormatInt(x, 10))
		}
		return ui.Text(i18n.Number(ctx, x))
	case float64:
		if c.Type == table.Latitude || c.Type == table.Longitude {
			return ui.Text(strconv.FormatFloat(x, 'f', -1, 64))
		}
		return ui.Text(i18n.Number(ctx, x))
	case bool:
		return ui.Text(i18n.T(ctx, "catalog.bool."+strconv.FormatBool(x)))
	case string:
		if c.Type == table.URL && webAddress(x) {
			return ui.LinkCell(shorten(x, 60), x)
		}
		return ui.Text(shorten(x, 300))
	}
	return ui.Cell{}
}

func (v exploreView) pager(ctx context.Context) ui.Pager {
	p := ui.Pager{Words: i18n.N(ctx, "catalog.rows_here", len(v.Page.Rows))}
	if v.E.Cursor != "" {
		p.First = v.path("cursor", "")
	}
	if v.Page.Next != "" {
		p.Next = v.path("cursor", v.Page.Next)
	}
	return p
}

// facetBars shows a facet as bars, each a link that filters by it.
func (v exploreView) facetBars(ctx context.Context, f query.Facet) ui.BarChart {
	b := ui.BarChart{Label: labelOf(f.Column), Chart: ui.Chart{ID: "facet-" + f.Column.Name, Title: labelOf(f.Column), Unit: i18n.T(ctx, "catalog.number_of_rows")}}
	if f.Others > 0 {
		b.Note = i18n.N(ctx, "catalog.other_rows", int(f.Others))
	}
	for _, x := range f.Values {
		b.Bars = append(b.Bars, ui.Bar{Label: v.valueWords(ctx, f.Column, x.Value), Value: float64(x.Count), Href: v.path("filter", join(v.E.CQL, is(f.Column, x.Value)))})
	}
	return b
}

func (v exploreView) valueWords(ctx context.Context, c table.Column, x any) string {
	if x == nil {
		return i18n.T(ctx, "catalog.no_value")
	}
	return cell(ctx, c, x).Text
}

func number(x any) float64 {
	switch x := x.(type) {
	case int64:
		return float64(x)
	case float64:
		return x
	}
	return 0
}

// measure names what a chart shows: "Number of rows", "Sum of Amount".
func (v exploreView) measure(ctx context.Context) string {
	if v.Chart.Agg == "count" {
		return i18n.T(ctx, "catalog.number_of_rows")
	}
	label := v.Chart.Column
	if c, _ := v.M.Column(v.Chart.Column); c != nil {
		label = labelOf(*c)
	}
	return i18n.T(ctx, "catalog.agg_of."+v.Chart.Agg, "column", label)
}

func (v exploreView) groupLabel() string {
	if c, _ := v.M.Column(v.Chart.Group); c != nil {
		return labelOf(*c)
	}
	return v.Chart.Group
}

func (v exploreView) chartHead(ctx context.Context) ui.Chart {
	return ui.Chart{
		ID: "chart", Title: i18n.T(ctx, "catalog.chart_title", "measure", v.measure(ctx), "group", v.groupLabel()), Unit: v.measure(ctx),
		Source: ui.Link{Text: v.Dataset.Title, Href: v.Dataset.Ref().Path()},
	}
}

func (v exploreView) bars(ctx context.Context) ui.BarChart {
	b := ui.BarChart{Chart: v.chartHead(ctx), Label: v.groupLabel()}
	c, _ := v.M.Column(v.Chart.Group)
	for _, row := range v.Groups.Rows {
		label := i18n.T(ctx, "catalog.no_value")
		if row[0] != nil {
			label = show(row[0])
			if c != nil && v.Chart.Part == "" {
				label = cell(ctx, *c, row[0]).Text
			}
		}
		b.Bars = append(b.Bars, ui.Bar{Label: label, Value: number(row[1])})
	}
	if v.Groups.More {
		b.Note = i18n.T(ctx, "catalog.first_groups", "n", len(v.Groups.Rows))
	}
	return b
}

func (v exploreView) lines(ctx context.Context) ui.LineChart {
	l := ui.LineChart{Chart: v.chartHead(ctx), Label: v.groupLabel(), Zero: true, Lines: []ui.Line{{Name: v.measure(ctx)}}}
	for _, row := range v.Groups.Rows {
		if row[0] == nil {
			continue
		}
		l.X = append(l.X, show(row[0]))
		l.Lines[0].Values = append(l.Lines[0].Values, number(row[1]))
	}
	return l
}

func (v exploreView) dots(ctx context.Context) ui.Scatter {
	s := ui.Scatter{Chart: v.chartHead(ctx), XLabel: v.groupLabel(), YLabel: v.measure(ctx)}
	for _, row := range v.Page.Rows {
		if row.Cells[0] != nil && row.Cells[1] != nil {
			s.Dots = append(s.Dots, ui.Dot{X: number(row.Cells[0]), Y: number(row.Cells[1]), Label: i18n.T(ctx, "catalog.row_n", "n", row.ID)})
		}
	}
	return s
}

func (v exploreView) histogram(ctx context.Context) ui.Histogram {
	h := ui.Histogram{Chart: v.chartHead(ctx), XLabel: v.groupLabel()}
	for _, b := range v.Bins {
		h.Bins = append(h.Bins, ui.Bin{From: number(b.From), To: number(b.To), Count: b.Count})
	}
	return h
}

// points are the places of rows, named by their first words.
func points(ctx context.Context, p *query.Page, g *table.Geo) []ui.Point {
	var out []ui.Point
	for _, row := range p.Rows {
		if shape, ok := rowmap.Where(p.Columns, row, g); ok {
			at := shape.Bound().Center() // of a line or an area its middle
			out = append(out, ui.Point{Lat: at.Lat(), Lon: at.Lon(), Title: nameOf(ctx, p.Columns, row, g)})
		}
	}
	return out
}

// nameOf is the first text of a row that is no coordinate, or its number.
func nameOf(ctx context.Context, columns []table.Column, row query.Row, g *table.Geo) string {
	for i, c := range columns {
		if s, ok := row.Cells[i].(string); ok && s != "" && c.Type == table.Text && c.Name != g.Point && c.Name != g.Shape {
			return shorten(s, 80)
		}
	}
	return i18n.T(ctx, "catalog.row_n", "n", row.ID)
}

// districtAreas colours the districts by how many rows each has.
func districtAreas(ctx context.Context, f query.Facet, e exploring) []ui.Area {
	counts := map[string]int64{}
	for _, b := range f.Values {
		if s, ok := b.Value.(string); ok {
			if d, ok := geo.ParseDistrict(s); ok {
				counts[d.Code] += b.Count
			}
		}
	}
	var out []ui.Area
	for _, d := range geo.Districts() {
		a := ui.Area{Name: i18n.T(ctx, d.NameKey()), Value: i18n.N(ctx, "catalog.rows", int(counts[d.Code]))}
		for _, poly := range d.Shape() {
			for _, ring := range poly {
				var r [][2]float64
				for _, p := range ring {
					r = append(r, [2]float64{p[0], p[1]})
				}
				a.Rings = append(a.Rings, r)
			}
		}
		out = append(out, a)
	}
	return out
}

func (v exploreView) files(ctx context.Context) ui.Files {
	var f ui.Files
	base := "/resource/" + v.Resource.ID + "/download?"
	f.Items = append(f.Items, ui.File{
		Name: v.Version.Name, Href: base + v.exportQuery("original"), Format: v.Resource.Format(), Bytes: v.Version.Bytes,
		Note: i18n.T(ctx, "catalog.original"), SHA256: v.Version.Original,
	})
	for _, x := range downloadFormats {
		if x.ID == "geojson" && v.M.Geo == nil {
			continue
		}
		f.Items = append(f.Items, ui.File{Name: i18n.T(ctx, "catalog.as."+x.ID), Href: base + v.exportQuery(x.ID), Format: strings.ToUpper(x.ID), Bytes: v.sizeOf(x.ID)})
	}
	if v.M.Geo != nil {
		f.Items = append(f.Items, ui.File{Name: i18n.T(ctx, "catalog.as.tiles"), Href: "/resource/" + v.Resource.ID + "/tiles.json", Format: "TileJSON"})
	}
	return f
}

// sizeOf is the size of a prepared file, 0 where it is made on the way.
func (v exploreView) sizeOf(format string) int64 {
	if v.E.CQL != "" || v.E.Text != "" {
		return 0
	}
	switch format {
	case "parquet":
		return v.M.Derived[table.ParquetFile]
	case "csv":
		return v.M.Derived[table.CSVFile]
	}
	return 0
}

func (v exploreView) exportQuery(format string) string {
	q := url.Values{"format": {format}}
	for _, name := range []string{"filter", "q", "sort", "version"} {
		if x := v.E.Query.Get(name); x != "" && format != "original" {
			q.Set(name, x)
		}
	}
	return q.Encode()
}

// apiCall is the request that gives the same view.
func (v exploreView) apiCall() ui.APICall {
	q := url.Values{}
	for _, name := range []string{"filter", "q", "sort", "cursor"} {
		if x := v.E.Query.Get(name); x != "" {
			q.Set(name, x)
		}
	}
	what := "rows"
	switch v.E.View {
	case "facets":
		what = "facets"
		q.Set("fields", strings.Join(facetColumns(v.M), ","))
	case "chart":
		what = "aggregate"
		agg := v.Chart.Agg
		if v.Chart.Column != "" {
			agg += "(" + v.Chart.Column + ")"
		}
		group := v.Chart.Group
		if v.Chart.Part != "" {
			group = v.Chart.Part + "(" + group + ")"
		}
		q.Set("group", group)
		q.Set("agg", agg)
	case "columns":
		what = "stats"
	}
	u := v.Base + "/api/v1/resources/" + v.Resource.ID + "/" + what
	if len(q) > 0 {
		u += "?" + q.Encode()
	}
	return ui.APICall{ID: "api", URL: u}
}

func writeRejects(ctx context.Context, w io.Writer, list []table.Reject) error {
	out := csv.NewWriter(w)
	out.Write([]string{"line", "row", "column", "code", "reason", "value"})
	for _, x := range list {
		row := ""
		if x.Row > 0 {
			row = strconv.FormatInt(x.Row, 10)
		}
		out.Write([]string{strconv.FormatInt(x.Line, 10), row, sheet.Guard(x.Column), x.Code, i18n.T(ctx, "table.problem."+x.Code), sheet.Guard(x.Value)})
	}
	out.Flush()
	return out.Error()
}
