package shelf

import (
	"context"
	"embed"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "shelf", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// State is where a version stands.
type State string

// The states of a version.
const (
	Received  State = "received"  // the file is there; its profile is being made
	Profiled  State = "profiled"  // waits for the publisher
	Building  State = "building"  // being made into a version
	Published State = "published" // for ever
	Failed    State = "failed"    // Fault says why
)

// Fault is why a version failed: the key of a sentence and its values.
type Fault struct {
	Key  string `json:"key"`
	Args []any  `json:"args,omitempty"`
}

// Version is one file handed in, and what was made of it.
type Version struct {
	ID        string
	Owner     record.Ref
	N         int // 0 before it is published
	State     State
	Name      string
	Original  string // SHA-256
	MediaType string
	Bytes     int64
	Options   db.JSON[profile.Options]
	Profile   db.JSON[*profile.Profile]
	Files     string // SHA-256 of the folder; empty before it is published
	Rows      int64
	Rejects   int64
	Derived   bool // indexes, full text and Parquet are there
	Note      string
	Job       string
	Fault     db.JSON[*Fault]
	By        string
	Created   db.Time
	Published db.Time
}

const columns = `id, owner_kind, owner, coalesce(n, 0), state, name, original, media_type, bytes, options, profile,
	coalesce(files, ''), row_count, rejects, derived, note, job, fault, by_person, created, published`

func fields(v *Version) []any {
	return []any{
		&v.ID, &v.Owner.Kind, &v.Owner.ID, &v.N, &v.State, &v.Name, &v.Original, &v.MediaType, &v.Bytes, &v.Options, &v.Profile,
		&v.Files, &v.Rows, &v.Rejects, &v.Derived, &v.Note, &v.Job, &v.Fault, &v.By, &v.Created, &v.Published,
	}
}

// slim is columns without the profile, which may be large, for lists.
const slim = `id, owner_kind, owner, coalesce(n, 0), state, name, original, media_type, bytes, '{}', NULL,
	coalesce(files, ''), row_count, rejects, derived, note, job, fault, by_person, created, published`

// Receive takes a file into the shelf and has its profile made.
func Receive(ctx context.Context, tx *db.Tx, actor who.Actor, owner record.Ref, file blob.Ref, name string, o profile.Options) (Version, error) {
	o.Source.Name = name
	v := Version{
		ID: id.New(tx.Now), Owner: owner, State: Received, Name: name, Original: file.SHA256, MediaType: file.Type,
		Bytes: file.Size, Options: db.JSON[profile.Options]{V: o}, By: actor.ID, Created: db.Time{Time: tx.Now},
	}
	var err error
	if v.Job, err = enqueue(ctx, tx, actor, profileJob, v); err != nil {
		return v, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO shelf_version (id, owner_kind, owner, state, name, original, media_type, bytes, options,
		row_count, rejects, derived, note, job, by_person, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, FALSE, '', $10, $11, $12)`,
		v.ID, owner.Kind, owner.ID, v.State, name, v.Original, v.MediaType, v.Bytes, v.Options, v.Job, v.By, v.Created)
	return v, err
}

// Correct takes what the publisher declares about a profiled or failed version
// and has its profile made again.
func Correct(ctx context.Context, tx *db.Tx, actor who.Actor, versionID string, o profile.Options) error {
	v, err := Get(ctx, tx, versionID)
	if err != nil {
		return err
	}
	if v.State != Profiled && v.State != Failed {
		return fault.New(fault.Conflict, "shelf.not_waiting")
	}
	o.Source.Name = v.Name
	job, err := enqueue(ctx, tx, actor, profileJob, v)
	if err != nil {
		return err
	}
	return tx.MustChange(ctx, `UPDATE shelf_version SET state = 'received', options = $2, job = $3, fault = NULL WHERE id = $1`,
		v.ID, db.JSON[profile.Options]{V: o}, job)
}

// Publish has a profiled version built. note says what changed, for readers.
func Publish(ctx context.Context, tx *db.Tx, actor who.Actor, versionID, note string) error {
	v, err := Get(ctx, tx, versionID)
	if err != nil {
		return err
	}
	if v.State != Profiled {
		return fault.New(fault.Conflict, "shelf.not_waiting")
	}
	job, err := enqueue(ctx, tx, actor, buildJob, v)
	if err != nil {
		return err
	}
	return tx.MustChange(ctx, `UPDATE shelf_version SET state = 'building', note = $2, job = $3, by_person = $4
		WHERE id = $1 AND state = 'profiled'`, v.ID, note, job, actor.ID)
}

func enqueue(ctx context.Context, tx *db.Tx, actor who.Actor, kind string, v Version) (string, error) {
	return job.Enqueue(ctx, tx, kind, job.Options{
		Args: task{v.ID}, Unique: v.ID, Actor: actor.ID,
		RecordKind: v.Owner.Kind, Record: v.Owner.ID,
	})
}

// Get returns a version with its profile.
func Get(ctx context.Context, tx *db.Tx, versionID string) (Version, error) {
	return db.Get(ctx, tx, fields, `SELECT `+columns+` FROM shelf_version WHERE id = $1`, versionID)
}

// Numbered returns the published version n of an owner.
func Numbered(ctx context.Context, tx *db.Tx, owner record.Ref, n int) (Version, error) {
	return db.Get(ctx, tx, fields, `SELECT `+slim+` FROM shelf_version WHERE owner_kind = $1 AND owner = $2 AND n = $3`, owner.Kind, owner.ID, n)
}

// Current returns the newest published version of an owner.
func Current(ctx context.Context, tx *db.Tx, owner record.Ref) (Version, error) {
	return db.Get(ctx, tx, fields, `SELECT `+slim+` FROM shelf_version WHERE owner_kind = $1 AND owner = $2 AND n IS NOT NULL
		ORDER BY n DESC LIMIT 1`, owner.Kind, owner.ID)
}

// Currents returns the newest published versions of owners of one kind, by
// owner, in one query.
func Currents(ctx context.Context, tx *db.Tx, kind string, owners []string) (map[string]Version, error) {
	in, args := db.In(2, owners)
	vs, err := db.List(ctx, tx, fields, `SELECT `+slim+` FROM shelf_version s WHERE owner_kind = $1 AND owner IN `+in+` AND n =
		(SELECT max(n) FROM shelf_version o WHERE o.owner_kind = s.owner_kind AND o.owner = s.owner)`, append([]any{kind}, args...)...)
	out := map[string]Version{}
	for _, v := range vs {
		out[v.Owner.ID] = v
	}
	return out, err
}

// Of returns every version of an owner, the newest first, without profiles.
func Of(ctx context.Context, tx *db.Tx, owner record.Ref) ([]Version, error) {
	return db.List(ctx, tx, fields, `SELECT `+slim+` FROM shelf_version WHERE owner_kind = $1 AND owner = $2
		ORDER BY created DESC, id DESC`, owner.Kind, owner.ID)
}

// Waiting returns the newest version of an owner that is not published, if it
// is newer than the current one: what the publisher works on.
func Waiting(ctx context.Context, tx *db.Tx, owner record.Ref) (Version, bool, error) {
	vs, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM shelf_version WHERE owner_kind = $1 AND owner = $2
		ORDER BY created DESC, id DESC LIMIT 1`, owner.Kind, owner.ID)
	if err != nil || len(vs) == 0 || vs[0].State == Published {
		return Version{}, false, err
	}
	return vs[0], true, nil
}
