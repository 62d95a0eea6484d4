package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// Base is the path below which the API lives.
const Base = "/api/v1"

// API collects operations.
type API struct {
	huma   huma.API
	routes *web.Routes
	db     *db.DB
	paths  map[string]bool // with an answer to OPTIONS
}

// New returns an API that registers its operations in routes.
func New(d *db.DB, routes *web.Routes, version string) *API {
	c := huma.DefaultConfig("Ceiba", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // served as routes of our own
	c.CreateHooks = nil                                   // no $schema links made from the Host header
	c.Formats = map[string]huma.Format{"application/json": format, "json": format}
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Info.Description = "Open government data and records. Reading needs no key. Errors are RFC 9457 problems; lists page by cursor."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {
		Type: "http", Scheme: "bearer",
		Description: "An API key of your account. It is only needed for writing and for what is not public.",
	}}
	a := &API{routes: routes, db: d, paths: map[string]bool{}}
	a.huma = huma.NewAPI(c, (*adapter)(a))
	routes.Get(Base+"/openapi.json", web.Public, a.describe, web.Shared)
	return a
}

// Appender is a body that writes its own JSON, for answers with many rows:
// encoding/json would walk through what a json.Marshaler gives a second time.
// It must be what encoding/json makes of the same value.
type Appender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// format is JSON, as huma has it, with Appender and without NUL.
var format = huma.Format{Unmarshal: func(data []byte, v any) error {
	return huma.DefaultJSONFormat.Unmarshal(withoutNUL(data), v)
}, Marshal: func(w io.Writer, v any) error {
	a, ok := v.(Appender)
	if !ok {
		return huma.DefaultJSONFormat.Marshal(w, v)
	}
	b, err := a.AppendJSON(nil)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}}

// withoutNUL takes \u0000 out of JSON text, as forms do with NUL: PostgreSQL keeps
// it neither as text nor as JSON. A backslash stands only within strings.
func withoutNUL(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		n := 1
		if data[i] == '\\' {
			n = min(2, len(data)-i)
			if bytes.HasPrefix(data[i:], []byte(`\u0000`)) {
				i += len(`\u0000`)
				continue
			}
		}
		out = append(out, data[i:i+n]...)
		i += n
	}
	return out
}

// schemaName names a type in the description by its package too, so that two
// capabilities may each have a ListOutput.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if t.PkgPath() == "" {
		pkg, _, _ = strings.Cut(strings.TrimLeft(hint, "*[]"), ".") // an unnamed body: the hint names its operation
		pkg = path.Base(pkg)
	}
	if pkg == "" || pkg == "." || pkg == "huma" {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

func (a *API) describe(w http.ResponseWriter, _ *http.Request) error {
	b, err := a.huma.OpenAPI().MarshalJSON()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(b)
	return err
}

// OpenAPI returns the description of all operations.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Op describes an operation.
type Op struct {
	Method  string
	Path    string // below Base, such as "/datasets/{id}"
	Access  web.Access
	Summary string // what it does, in English: it is read in the API's documentation
	Tag     string
	Status  int // of success; 200 when zero
	Options []web.Option
}

const accessKey = "ceiba.op"

// Add registers an operation whose input and output huma reads from the types.
func Add[I, O any](a *API, op Op, h func(ctx context.Context, in *I) (*O, error)) {
	o := huma.Operation{
		Method: op.Method, Path: Base + op.Path, Summary: op.Summary, OperationID: operationID(op),
		Tags: []string{op.Tag}, DefaultStatus: op.Status, MaxBodyBytes: 1 << 20, Metadata: map[string]any{accessKey: op},
		Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity},
	}
	if !op.Access.Open() {
		o.Security = []map[string][]string{{"key": {}}}
		o.Errors = append(o.Errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, explain(ctx, err)
		}
		return out, nil
	})
}

func operationID(op Op) string {
	r := strings.NewReplacer("/", "-", "{", "", "}", "")
	return strings.ToLower(op.Method) + r.Replace(op.Path)
}

// adapter puts huma's operations into our list of routes.
type adapter API

// Handle registers one operation.
func (a *adapter) Handle(o *huma.Operation, handle func(huma.Context)) {
	op, ok := o.Metadata[accessKey].(Op)
	if !ok {
		return
	}
	options := op.Options
	a.routes.Method(o.Method, o.Path, op.Access, func(w http.ResponseWriter, r *http.Request) error {
		if op.Access.Open() && o.Method == http.MethodGet {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Expose-Headers", "ETag, Link, X-Request-Id")
		}
		ctx := context.WithValue(r.Context(), requestKey{}, r)
		handle(humago.NewContext(o, r.WithContext(ctx), w))
		return nil
	}, options...)
	if !a.paths[o.Path] {
		a.paths[o.Path] = true
		a.routes.Method(http.MethodOptions, o.Path, web.Public, preflight)
	}
}

// ServeHTTP is part of huma.Adapter; requests come through web.Server instead.
func (a *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

// preflight lets a page of any site read and write with a key. Cookies are
// never allowed across sites.
func preflight(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Ceiba-Key")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// explain turns an error into a problem that huma sends.
func explain(ctx context.Context, err error) error {
	f := web.Explain(err)
	p := i18n.From(ctx)
	e := &huma.ErrorModel{Type: "about:blank", Status: web.Status(f.Kind), Title: http.StatusText(web.Status(f.Kind)), Detail: p.Fault(f)}
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		web.LogFailure(ctx, err)
	}
	if fields, ok := web.FieldErrors(err); ok {
		for _, x := range fields {
			e.Errors = append(e.Errors, &huma.ErrorDetail{Location: "body." + x.Name, Message: p.T(x.Key, x.Args...)})
		}
	}
	if f.RetryAfter > 0 {
		return huma.ErrorWithHeaders(e, http.Header{"Retry-After": {strconv.Itoa(int(f.RetryAfter.Seconds()) + 1)}})
	}
	return e
}

type requestKey struct{}

func request(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}
