package listing

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"ceiba/internal/face/web"
	"ceiba/internal/service/table/csv"
)

// CSV sends all rows of a list, page by page. R is a struct with the tag "json";
// its texts, numbers, moments and lists of texts are the columns, and what is
// nested deeper is left to the API. The route must be marked with web.Streams.
func CSV[R any](w http.ResponseWriter, r *http.Request, name string, more func(ctx context.Context, cursor string) ([]R, string, error)) error {
	page := func(cursor string) ([]R, string, error) {
		ctx, done := web.LookUp(r.Context())
		defer done()
		return more(ctx, cursor)
	}
	rows, next, err := page("") // before a byte is sent: a fault is still a page
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	return write(w, rows, next, page)
}

// WriteCSV writes the same file to any writer, for exports.
func WriteCSV[R any](ctx context.Context, w io.Writer, more func(ctx context.Context, cursor string) ([]R, string, error)) error {
	page := func(cursor string) ([]R, string, error) { return more(ctx, cursor) }
	rows, next, err := page("")
	if err != nil {
		return err
	}
	return write(w, rows, next, page)
}

// write writes rows and those of all pages behind them.
func write[R any](w io.Writer, rows []R, next string, page func(cursor string) ([]R, string, error)) (err error) {
	head, fields := columns(reflect.TypeFor[R]())
	out := csv.NewWriter(w, head, true)
	for {
		for _, row := range rows {
			if err := out.Row(values(reflect.ValueOf(row), fields)); err != nil {
				return err
			}
		}
		if next == "" {
			return out.Close()
		}
		if rows, next, err = page(next); err != nil {
			return err
		}
	}
}

// columns are the names of a row's columns, and where each is.
func columns(t reflect.Type) (names []string, fields [][]int) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" || !flat(f.Type) {
			continue
		}
		names, fields = append(names, name), append(fields, f.Index)
	}
	return names, fields
}

// flat reports whether a value fits a cell.
func flat(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String
	}
	return t == reflect.TypeFor[time.Time]()
}

func values(row reflect.Value, fields [][]int) []any {
	out := make([]any, len(fields))
	for i, f := range fields {
		out[i] = plain(row.FieldByIndex(f))
	}
	return out
}

// plain is a value as the writer of rows takes it.
func plain(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return nil
		}
		return x.UTC().Format(time.RFC3339)
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return v.Int()
	case reflect.String:
		return v.String()
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, v.Index(i).String())
		}
		return strings.Join(parts, "; ")
	}
	return v.Interface()
}
