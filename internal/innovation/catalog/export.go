package catalog

import (
	"context"
	"encoding/json"
	"io"
	"path"
	"strconv"
	"strings"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table/export"
	"ceiba/internal/service/table/query"
	"ceiba/internal/service/who"
)

// exportAll writes every published dataset: its description as JSON, its files
// as they were handed in, its tables as CSV with their schema.
func (c *Catalog) exportAll(ctx context.Context, put func(string) (module.Writer, error)) error {
	for cursor, more := "", true; more; {
		var page Page
		var bodies []DatasetBody
		if err := c.DB.View(ctx, func(tx *db.Tx) (err error) {
			if page, err = list(ctx, tx, who.Actor{}, Filter{}, cursor, 100); err != nil {
				return err
			}
			bodies, err = c.bodies(ctx, tx, page.Datasets)
			return err
		}); err != nil {
			return err
		}
		for _, b := range bodies {
			if err := c.exportDataset(ctx, put, b); err != nil {
				return err
			}
		}
		cursor, more = page.Next, page.Next != ""
	}
	return nil
}

func (c *Catalog) exportDataset(ctx context.Context, put func(string) (module.Writer, error), b DatasetBody) error {
	dir := path.Join("datasets", b.Slug)
	if err := putJSON(put, path.Join(dir, "dataset.json"), b); err != nil {
		return err
	}
	var rs []Resource
	if err := c.DB.View(ctx, func(tx *db.Tx) (err error) { rs, err = resourcesOf(ctx, tx, b.ID); return err }); err != nil {
		return err
	}
	for i, r := range rs {
		name := strconv.Itoa(i+1) + "-" + id.Slug(r.Title)
		if r.Kind != Link {
			sha, file := r.Blob, r.Name
			if r.Current != nil {
				sha, file = r.Current.Original, r.Current.Name
			}
			if err := c.exportBlob(ctx, put, path.Join(dir, name+strings.ToLower(path.Ext(file))), sha); err != nil {
				return err
			}
		}
		if r.Current != nil {
			if err := c.exportTable(ctx, put, path.Join(dir, name), *r.Current); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Catalog) exportBlob(ctx context.Context, put func(string) (module.Writer, error), name, sha string) error {
	r, err := c.Blob.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := put(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}

func (c *Catalog) exportTable(ctx context.Context, put func(string) (module.Writer, error), name string, v shelf.Version) error {
	t, done, err := c.Shelf.Open(ctx, v)
	if err != nil {
		return err
	}
	defer done()
	if err := putJSON(put, name+".schema.json", tableSchema(t.Manifest())); err != nil {
		return err
	}
	w, err := put(name + ".rows.csv")
	if err != nil {
		return err
	}
	if err := export.Rows(ctx, w, t, export.CSV, query.Query{}); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}

func putJSON(put func(string) (module.Writer, error), name string, v any) error {
	w, err := put(name)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		w.Close()
		return err
	}
	return w.Close()
}
