package catalog

import (
	"context"
	"path"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/record"
	"ceiba/internal/service/shelf"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/who"
)

// ResourceKind is what a resource is.
type ResourceKind string

// The kinds of resource.
const (
	File  ResourceKind = "file"  // to download as it is
	Table ResourceKind = "table" // a file whose rows can be explored
	Link  ResourceKind = "link"  // somewhere else on the web
)

// Resource is one file, table or link of a dataset.
type Resource struct {
	ID          string
	Dataset     string
	Position    int
	Kind        ResourceKind
	Title       string
	Description string
	URL         string // of a link
	Name        string // of the file, as it was handed in
	Blob        string // SHA-256 of the file
	MediaType   string
	Bytes       int64
	Removed     bool
	Created     db.Time
	Changed     db.Time
	Version     int

	Current *shelf.Version // of a table: the newest published version; nil before the first
}

const resourceColumns = `id, dataset, position, kind, title, description, url, name, blob, media_type, bytes, removed, created, changed, version`

func resourceFields(r *Resource) []any {
	return []any{
		&r.ID, &r.Dataset, &r.Position, &r.Kind, &r.Title, &r.Description, &r.URL, &r.Name, &r.Blob, &r.MediaType,
		&r.Bytes, &r.Removed, &r.Created, &r.Changed, &r.Version,
	}
}

// Ref names the resource; its tables' versions are kept under it.
func (r *Resource) Ref() record.Ref { return record.Ref{Kind: "resource", ID: r.ID} }

// Format is the short name that people know a file by: CSV, XLSX, PDF, link.
func (r *Resource) Format() string {
	if r.Kind == Link {
		return "link"
	}
	ext := strings.ToUpper(strings.TrimPrefix(path.Ext(strings.TrimSuffix(r.Name, ".gz")), "."))
	if ext == "" || len(ext) > 8 {
		return "file"
	}
	return ext
}

func (r *Resource) check() error {
	var p fault.Fields
	p.Require("title", r.Title)
	p.MaxLen("title", r.Title, 200)
	p.MaxLen("description", r.Description, 5000)
	if r.Kind == Link && !webAddress(r.URL) {
		p.Add("url", "fault.url")
	}
	return p.Err()
}

// resourcesOf returns the resources of a dataset that were not removed, with
// the current versions of its tables.
func resourcesOf(ctx context.Context, tx *db.Tx, datasetID string) ([]Resource, error) {
	rs, err := db.List(ctx, tx, resourceFields, `SELECT `+resourceColumns+` FROM resource WHERE dataset = $1 AND NOT removed ORDER BY position, id`, datasetID)
	if err != nil {
		return nil, err
	}
	return rs, withVersions(ctx, tx, rs)
}

func withVersions(ctx context.Context, tx *db.Tx, rs []Resource) error {
	var ids []string
	for _, r := range rs {
		if r.Kind == Table {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	current, err := shelf.Currents(ctx, tx, "resource", ids)
	for i := range rs {
		if v, ok := current[rs[i].ID]; ok {
			rs[i].Current = &v
		}
	}
	return err
}

// seeResource returns a resource and its dataset, if actor may read them.
func seeResource(ctx context.Context, tx *db.Tx, actor who.Actor, resourceID string) (Resource, Dataset, error) {
	r, err := db.Get(ctx, tx, resourceFields, `SELECT `+resourceColumns+` FROM resource WHERE id = $1`, resourceID)
	if err != nil {
		return r, Dataset{}, err
	}
	d, err := see(ctx, tx, actor, r.Dataset)
	if err != nil {
		return Resource{}, Dataset{}, err
	}
	if r.Removed {
		return Resource{}, Dataset{}, fault.New(fault.Gone, "catalog.resource_removed", "dataset", d.Title)
	}
	rs := []Resource{r}
	err = withVersions(ctx, tx, rs)
	return rs[0], d, err
}

// mayChange returns the dataset if actor may change what it holds: writers
// while it is being drafted, those who publish once everybody reads it.
func mayChange(ctx context.Context, tx *db.Tx, actor who.Actor, datasetID string) (Dataset, error) {
	d, err := see(ctx, tx, actor, datasetID)
	if err != nil {
		return d, err
	}
	action := "dataset.write"
	if d.State == Published || d.State == Withdrawn {
		action = "dataset.publish"
	}
	return d, actor.Must(action, who.In(d.Org))
}

// Tabular reports whether a stored file may be a table, by its content.
func Tabular(file blob.Ref, name string) bool {
	switch file.Type {
	case "text/csv", "text/tab-separated-values", "application/json", "application/geo+json", "application/x-ndjson", "text/plain", "application/gzip",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return true
	}
	return false
}

// addFile adds a stored file to a dataset. A file that may be a table, or is
// said to be one, is profiled; its rows appear once the publisher has looked and
// said so.
func addFile(ctx context.Context, tx *db.Tx, actor who.Actor, r Resource, file blob.Ref, o profile.Options) (Resource, shelf.Version, error) {
	r.Blob, r.MediaType, r.Bytes = file.SHA256, file.Type, file.Size
	switch {
	case Tabular(file, r.Name):
		r.Kind = Table
	case r.Kind != Table:
		r.Kind = File
	}
	if r.Title == "" {
		r.Title = strings.TrimSuffix(path.Base(r.Name), path.Ext(r.Name))
	}
	r, err := addResource(ctx, tx, actor, r)
	if err != nil || r.Kind != Table {
		return r, shelf.Version{}, err
	}
	v, err := shelf.Receive(ctx, tx, actor, r.Ref(), file, r.Name, o)
	return r, v, err
}

// addResource stores a resource at the end of its dataset.
func addResource(ctx context.Context, tx *db.Tx, actor who.Actor, r Resource) (Resource, error) {
	d, err := mayChange(ctx, tx, actor, r.Dataset)
	if err != nil {
		return r, err
	}
	if err := r.check(); err != nil {
		return r, err
	}
	r.ID, r.Version, r.Created, r.Changed = id.New(tx.Now), 1, db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	if r.Position, err = db.Get(ctx, tx, db.One[int], `SELECT coalesce(max(position), 0) + 1 FROM resource WHERE dataset = $1`, r.Dataset); err != nil {
		return r, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO resource (`+resourceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		r.ID, r.Dataset, r.Position, r.Kind, r.Title, r.Description, r.URL, r.Name, r.Blob, r.MediaType, r.Bytes, false, r.Created, r.Changed, r.Version); err != nil {
		return r, err
	}
	return r, resourceChanged(ctx, tx, actor, d, "resource.added", nil, &r)
}

// editResource changes the title, description and address of the resource that
// was seen at in.Version.
func editResource(ctx context.Context, tx *db.Tx, actor who.Actor, in Resource) (Resource, error) {
	old, d, err := seeResource(ctx, tx, actor, in.ID)
	if err != nil {
		return in, err
	}
	if _, err := mayChange(ctx, tx, actor, d.ID); err != nil {
		return in, err
	}
	r := old
	r.Title, r.Description = in.Title, in.Description
	if r.Kind == Link {
		r.URL = in.URL
	}
	if err := r.check(); err != nil {
		return in, err
	}
	if err := tx.MustChange(ctx, `UPDATE resource SET title = $3, description = $4, url = $5, changed = $6, version = version + 1
		WHERE id = $1 AND version = $2`, r.ID, in.Version, r.Title, r.Description, r.URL, db.Time{Time: tx.Now}); err != nil {
		return in, err
	}
	r.Version = in.Version + 1
	return r, resourceChanged(ctx, tx, actor, d, "resource.changed", &old, &r)
}

// removeResource takes a resource out of its dataset; its address answers 410
// from then on. A published dataset keeps at least one.
func removeResource(ctx context.Context, tx *db.Tx, actor who.Actor, resourceID string) (Dataset, error) {
	r, d, err := seeResource(ctx, tx, actor, resourceID)
	if err != nil {
		return d, err
	}
	if _, err := mayChange(ctx, tx, actor, d.ID); err != nil {
		return d, err
	}
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM resource WHERE dataset = $1 AND NOT removed`, d.ID)
	if err != nil {
		return d, err
	}
	if d.State == Published && n == 1 {
		return d, fault.New(fault.Conflict, "catalog.last_resource")
	}
	if err := tx.MustChange(ctx, `UPDATE resource SET removed = TRUE, changed = $2, version = version + 1 WHERE id = $1 AND NOT removed`,
		r.ID, db.Time{Time: tx.Now}); err != nil {
		return d, err
	}
	return d, resourceChanged(ctx, tx, actor, d, "resource.removed", &r, nil)
}

// resourceChanged raises the dataset's time of change and writes the log.
func resourceChanged(ctx context.Context, tx *db.Tx, actor who.Actor, d Dataset, verb string, before, after *Resource) error {
	if _, err := tx.Exec(ctx, `UPDATE dataset SET changed = $2 WHERE id = $1`, d.ID, db.Time{Time: tx.Now}); err != nil {
		return err
	}
	e := activity.Entry{Actor: actor.ID, Verb: verb, Kind: "dataset", Record: d.ID, Org: d.Org, Title: d.Title, Public: d.State == Published}
	if before != nil {
		e.Before = before.said()
	}
	if after != nil {
		e.After = after.said()
	}
	_, err := activity.Append(ctx, tx, e)
	return err
}

func (r *Resource) said() map[string]any {
	return map[string]any{"id": r.ID, "kind": r.Kind, "title": r.Title, "description": r.Description, "url": r.URL, "name": r.Name, "sha256": r.Blob, "bytes": r.Bytes}
}
