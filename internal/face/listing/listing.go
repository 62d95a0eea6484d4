package listing

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/face/api"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Paged is embedded in a query: which page of the list.
type Paged struct {
	Cursor string `query:"cursor" doc:"Of the next page, as the page before gave it"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// onPage is how many rows a page shows, inFile how many a file reads at a time.
const onPage, inFile = 50, 500

// List is a public list. Q is what it is filtered by: a struct of texts with the
// tags "query", "doc" and, for a choice, "enum", which embeds Paged. R is a row: a
// flat struct with the tag "json", whose fields are the columns of the CSV.
type List[Q, R any] struct {
	Path    string // "/milestones"
	Tag     string // in the API's description
	Summary string // the same, in English
	// Words begin the keys of its sentences, up to a dot: title, lead, none, perhaps
	// none_hint, for each column col.NAME, and is.VALUE for values of filters.
	Words string
	// Columns are what the page shows of a row, by the names of their heads.
	Columns []Column[R]
	// Rows reads up to limit rows after a cursor, and the cursor of the next page;
	// "" is the end. It shows only what the actor of ctx may see.
	Rows func(ctx context.Context, tx *db.Tx, q Q, cursor string, limit int) ([]R, string, error)
	// Name says what a filter's value means where it is no word: the title of the
	// record with that id, and its address. Empty leaves the value as it is.
	Name func(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error)
	// Above is what the page shows between its heading and the rows, such as a form
	// that chooses; nil for nothing.
	Above func(ctx context.Context, tx *db.Tx, q Q) (templ.Component, error)
	// Shared is for lists that change only with the site's records, not with the day.
	Shared bool
	DB     *db.DB
	Base   func() string // the public address
}

// Column is one column of the page.
type Column[R any] struct {
	Name string
	Kind ui.ColumnKind
	Head bool // its cells name the row
	Cell func(ctx context.Context, r R) ui.Cell
}

// Routes adds the page and the CSV.
func (l List[Q, R]) Routes(r *web.Routes) {
	var o []web.Option
	if l.Shared {
		o = append(o, web.Shared)
	}
	r.Get(l.Path, web.Public, l.page, o...)
	r.Get(l.Path+".csv", web.Public, l.file, web.Streams, web.Limit(web.Heavy))
}

// Out is a page of a list in the API.
type Out[R any] struct {
	Body struct {
		Rows []R    `json:"rows"`
		Next string `json:"next,omitempty" doc:"Cursor of the next page; none at the end"`
	}
}

// API adds the list to the API.
func (l List[Q, R]) API(a *api.API) {
	api.Add(a, api.Op{Method: http.MethodGet, Path: l.Path, Access: web.Public, Tag: l.Tag, Summary: l.Summary}, func(ctx context.Context, q *Q) (*Out[R], error) {
		out := &Out[R]{}
		p := paged(q)
		if err := l.DB.View(ctx, func(tx *db.Tx) (err error) {
			out.Body.Rows, out.Body.Next, err = l.Rows(ctx, tx, *q, p.Cursor, p.Limit)
			return err
		}); err != nil {
			return nil, err
		}
		if out.Body.Rows == nil {
			out.Body.Rows = []R{}
		}
		return out, nil
	})
}

// paged is the part of a query that pages.
func paged(q any) Paged {
	p, _ := reflect.ValueOf(q).Elem().FieldByName("Paged").Interface().(Paged)
	return p
}

// filter is one thing that a list is filtered by.
type filter struct{ name, value string }

// read takes a query out of an address, and lists what it is filtered by.
func read[Q any](values url.Values) (q Q, by []filter, err error) {
	v := reflect.ValueOf(&q).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := f.Tag.Get("query")
		value := values.Get(name)
		if name == "" || value == "" {
			continue
		}
		if enum := f.Tag.Get("enum"); enum != "" && !slices.Contains(strings.Split(enum, ","), value) {
			return q, nil, fault.New(fault.Invalid, "listing.choice", "filter", name, "value", value)
		}
		v.Field(i).SetString(value)
		by = append(by, filter{name, value})
	}
	return q, by, nil
}

// query is the filter as part of an address, without the page.
func query(by []filter) string {
	q := url.Values{}
	for _, f := range by {
		q.Set(f.name, f.value)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// Of is the address of a list filtered by pairs of name and value; an empty value
// filters nothing.
func Of(path string, pairs ...string) string {
	var by []filter
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			by = append(by, filter{pairs[i], pairs[i+1]})
		}
	}
	return path + query(by)
}

// Cut is a page of a list that is small enough to be read whole: up to limit rows
// after the one that id calls cursor. It refuses a cursor that no row has, as of a
// list that changed meanwhile: beginning again would count rows twice.
func Cut[R any](all []R, id func(R) string, cursor string, limit int) (rows []R, next string, err error) {
	if cursor != "" {
		i := slices.IndexFunc(all, func(r R) bool { return id(r) == cursor })
		if i < 0 {
			return nil, "", db.ErrCursor
		}
		all = all[i+1:]
	}
	if len(all) <= limit {
		return all, "", nil
	}
	return all[:limit], id(all[limit-1]), nil
}

// page shows the rows to people.
func (l List[Q, R]) page(w http.ResponseWriter, r *http.Request) error {
	ctx, cursor := r.Context(), r.URL.Query().Get("cursor")
	q, by, err := read[Q](r.URL.Query())
	if err != nil {
		return err
	}
	v := view{title: i18n.T(ctx, l.Words+"title"), lead: i18n.T(ctx, l.Words+"lead"), none: i18n.T(ctx, l.Words+"none")}
	if hint := l.Words + "none_hint"; i18n.Has(ctx, hint) {
		v.hint = i18n.T(ctx, hint)
	}
	if err := l.DB.View(ctx, func(tx *db.Tx) error {
		rows, next, err := l.Rows(ctx, tx, q, cursor, onPage)
		if err != nil {
			return err
		}
		for _, row := range rows {
			v.rows = append(v.rows, l.cells(ctx, row))
		}
		if next != "" {
			v.next = ui.WithQuery(l.Path, r.URL.Query(), "cursor", next)
		}
		if v.chips, err = l.chips(ctx, tx, by); err != nil || l.Above == nil {
			return err
		}
		v.above, err = l.Above(ctx, tx, q)
		return err
	}); err != nil {
		return err
	}
	for _, c := range l.Columns {
		v.columns = append(v.columns, ui.Column{Label: i18n.T(ctx, l.Words+"col."+c.Name), Kind: c.Kind, RowHead: c.Head})
	}
	if cursor != "" {
		v.first = l.Path + query(by)
	}
	v.data = Data(l.Base(), l.Path, query(by))
	return web.Page(w, r, http.StatusOK, ui.Page{Title: v.title, Description: v.lead, Wide: true, Canonical: l.Base() + l.Path + query(by)}, listPage(v))
}

func (l List[Q, R]) cells(ctx context.Context, row R) (out []ui.Cell) {
	for _, c := range l.Columns {
		out = append(out, c.Cell(ctx, row))
	}
	return out
}

// view is what the page of a list shows.
type view struct {
	title, lead, none string
	hint              string // what to do where there is nothing
	above             templ.Component
	chips             []chip
	columns           []ui.Column
	rows              [][]ui.Cell
	first, next       string
	data              *ui.Data
}

// chip is one thing that a list is filtered by, in words.
type chip struct {
	name, text, href, remove string
}

// chips says what a list is filtered by. A value that Name knows leads to its
// record.
func (l List[Q, R]) chips(ctx context.Context, tx *db.Tx, by []filter) (out []chip, err error) {
	for i, f := range by {
		rest := slices.Delete(slices.Clone(by), i, i+1)
		c := chip{name: i18n.T(ctx, "listing.by."+f.name), text: f.value, remove: l.Path + query(rest)}
		if key := l.Words + "is." + f.value; i18n.Has(ctx, key) {
			c.text = i18n.T(ctx, key)
		}
		if l.Name != nil {
			named, err := l.Name(ctx, tx, f.name, f.value)
			if err != nil && !errors.Is(err, db.ErrNotFound) {
				return nil, err
			}
			if named.Text != "" {
				c.text, c.href = named.Text, named.Href
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// Data is the part of a page that says where the rows it lists can be had: the CSV
// at path and the API below /api/v1, both with the page's own filter.
func Data(base, path, query string) *ui.Data {
	return &ui.Data{
		JSON: api.Base + path + query, CSV: path + ".csv" + query, Rows: true,
		API: &ui.APICall{ID: "api", URL: base + api.Base + path + query},
	}
}

// file sends the rows as CSV.
func (l List[Q, R]) file(w http.ResponseWriter, r *http.Request) error {
	q, _, err := read[Q](r.URL.Query())
	if err != nil {
		return err
	}
	return CSV(w, r, strings.ReplaceAll(strings.TrimPrefix(l.Path, "/"), "/", "-"), func(ctx context.Context, cursor string) (rows []R, next string, err error) {
		err = l.DB.View(ctx, func(tx *db.Tx) (err error) {
			rows, next, err = l.Rows(ctx, tx, q, cursor, inFile)
			return err
		})
		return rows, next, err
	})
}
