package job

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "job", Files: files}

// Words are this module's sentences, keys "job.…".
//
//go:embed locale/*.json
var Words embed.FS

// Topic is what transactions wake that make work (see db.Tx.Wake).
const Topic = "job"

// TopicOf is woken whenever the job with this id moves: for pages that show it.
func TopicOf(id string) string { return "job:" + id }

const stopTopic = "job.stop"

// State is where a job stands.
type State string

// The states. A job that waits for its next try is Queued.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Dead      State = "dead" // it failed and is not tried again by itself
	Cancelled State = "cancelled"
)

// Over reports whether nothing more happens by itself.
func (s State) Over() bool { return s == Done || s == Dead || s == Cancelled }

// Options say what a job is given and how it waits. The zero Options mean now,
// without arguments.
type Options struct {
	Args       any       // anything that survives JSON; Run.Args reads it
	At         time.Time // not before; the zero time is now
	Unique     string    // at most one waiting or running job of the kind has this key
	Actor      string    // who wants it: the id of a person or "system:NAME"
	RecordKind string    // the record it is about, whose page shows it; may be empty
	Record     string
	Priority   int // from -9 to 9; each step is worth ten minutes of waiting
}

// Enqueue writes a job in the caller's transaction and returns its id, or that
// of the waiting or running job which has the unique key already. A kind that
// no runner knows waits for one that does.
func Enqueue(ctx context.Context, tx *db.Tx, kind string, o Options) (string, error) {
	if kind == "" {
		return "", errors.New("a job needs a kind")
	}
	args, err := json.Marshal(o.Args)
	if err != nil {
		return "", fmt.Errorf("arguments of job %s: %w", kind, err)
	}
	at := tx.Now
	if o.At.After(at) {
		at = o.At
	}
	priority := max(-9, min(9, o.Priority))
	key := id.New(tx.Now)
	unique := any(nil)
	if o.Unique != "" {
		unique = o.Unique
	}
	for range 2 { // at READ COMMITTED another's job may appear between the two statements
		if o.Unique != "" {
			old, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM job
				WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running')`, kind, o.Unique)
			if !errors.Is(err, db.ErrNotFound) {
				return old, err
			}
		}
		n, err := tx.Exec(ctx, `INSERT INTO job (id, kind, state, run_at, rank, priority, unique_key, args, actor, record_kind, record,
			tries, lost, runner, node, holder, lease_until, cancel, done, total, words, error, why, created_at)
			VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, '', '', '', 0, FALSE, 0, 0, '', '', '', $11)
			ON CONFLICT DO NOTHING`,
			key, kind, at.UnixMicro(), rank(at, priority), priority, unique, string(args), o.Actor, o.RecordKind, o.Record, db.Time{Time: tx.Now})
		if err != nil {
			return "", fmt.Errorf("enqueue %s: %w", kind, err)
		}
		if n == 1 {
			tx.Wake(Topic)
			tx.Wake(TopicOf(key))
			return key, nil
		}
	}
	return "", fmt.Errorf("enqueue %s: %w", kind, db.ErrConflict)
}

// step is what one step of priority is worth in waiting.
const step = 10 * time.Minute

func rank(at time.Time, priority int) int64 {
	return at.Add(-time.Duration(priority) * step).UnixMicro()
}

// Phrase is a sentence to be said in the reader's language: a key of locale/
// and pairs of a name and its value, which is a string or a number.
type Phrase struct {
	Key  string `json:"key"`
	Args []any  `json:"args,omitempty"`
}

// Job is a piece of work as it stands.
type Job struct {
	ID         string
	Kind       string // also the key of its name in locale/
	State      State
	Priority   int
	Actor      string
	RecordKind string
	Record     string
	Tries      int // attempts begun; those put back at a stop do not count
	Done       int64
	Total      int64  // 0 while unknown
	Words      Phrase // what it is doing, or did last; the zero Phrase if it never said
	Error      string // the last failure, for an administrator
	Why        Phrase // the same for everybody; the zero Phrase if nothing failed
	Stopping   bool   // somebody cancelled it and it has not stopped yet
	Node       string // where it runs or ran last
	Created    db.Time
	Due        db.Time // when it may run, or might have
	Started    db.Time // the last attempt; zero before the first
	Ended      db.Time // zero until it is over
}

const columns = `id, kind, state, priority, actor, record_kind, record, tries, done, total, words, error, why, cancel, node,
	created_at, run_at, started_at, ended_at`

// row is a Job with what the database keeps as text.
type row struct {
	Job
	words, why string
}

func fields(v *row) []any {
	return []any{
		&v.ID, &v.Kind, &v.State, &v.Priority, &v.Actor, &v.RecordKind, &v.Record, &v.Tries, &v.Done, &v.Total, &v.words,
		&v.Error, &v.why, &v.Stopping, &v.Node, &v.Created, &v.Due, &v.Started, &v.Ended,
	}
}

func (v row) job() Job {
	v.Words, v.Why = parsePhrase(v.words), parsePhrase(v.why)
	v.Stopping = v.Stopping && v.State == Running
	return v.Job
}

// Get returns a job, or db.ErrNotFound.
func Get(ctx context.Context, tx *db.Tx, id string) (Job, error) {
	v, err := db.Get(ctx, tx, fields, `SELECT `+columns+` FROM job WHERE id = $1`, id)
	return v.job(), err
}

// Filter selects jobs; the zero Filter selects all.
type Filter struct {
	State              State
	Kind               string
	Actor              string
	RecordKind, Record string
	Before             string // only older ones than this id, for paging
}

// List returns at most limit jobs, the newest first.
func List(ctx context.Context, tx *db.Tx, f Filter, limit int) ([]Job, error) {
	q, args := `SELECT `+columns+` FROM job WHERE TRUE`, []any{}
	for _, x := range []struct{ cond, value string }{
		{"state =", string(f.State)},
		{"kind =", f.Kind},
		{"actor =", f.Actor},
		{"record_kind =", f.RecordKind},
		{"record =", f.Record},
		{"id <", f.Before},
	} {
		if x.value != "" {
			args = append(args, x.value)
			q += fmt.Sprintf(" AND %s $%d", x.cond, len(args))
		}
	}
	args = append(args, limit)
	rows, err := db.List(ctx, tx, fields, q+fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(args)), args...)
	jobs := make([]Job, len(rows))
	for i, v := range rows {
		jobs[i] = v.job()
	}
	return jobs, err
}

// Cancel ends a waiting job at once, and asks a running one to stop, which it
// does when it next looks at its context. The caller has checked who may. A
// job that is over gives a fault.Conflict.
func Cancel(ctx context.Context, tx *db.Tx, id string) error {
	j, err := Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if j.State.Over() {
		return fault.New(fault.Conflict, "job.over")
	}
	tx.Wake(stopTopic)
	tx.Wake(TopicOf(id))
	return tx.MustChange(ctx, `UPDATE job SET cancel = TRUE, why = $2,
		ended_at = CASE WHEN state = 'queued' THEN CAST($3 AS BIGINT) END,
		state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
		WHERE id = $1 AND state IN ('queued', 'running')`, id, Phrase{Key: "job.cancelled"}.text(), tx.Now.UnixMicro())
}

// Retry starts a dead or cancelled job again, as if it were new. The caller
// has checked who may. Any other job, or one whose unique key has another job
// by now, gives a fault.Conflict.
func Retry(ctx context.Context, tx *db.Tx, id string) error {
	j, err := Get(ctx, tx, id)
	if err != nil {
		return err
	}
	if j.State != Dead && j.State != Cancelled {
		return fault.New(fault.Conflict, "job.not_over")
	}
	tx.Wake(Topic)
	tx.Wake(TopicOf(id))
	err = tx.MustChange(ctx, `UPDATE job SET state = 'queued', tries = 0, lost = 0, cancel = FALSE, run_at = $2, rank = $3,
		error = '', why = '', words = '', done = 0, total = 0, ended_at = NULL WHERE id = $1 AND state IN ('dead', 'cancelled')`,
		id, tx.Now.UnixMicro(), rank(tx.Now, j.Priority))
	if errors.Is(err, db.ErrExists) {
		return fault.New(fault.Conflict, "job.already").Wrap(err)
	}
	return err
}

// Count is how many jobs of a kind are in a state.
type Count struct {
	Kind   string
	State  State
	Jobs   int64
	Oldest db.Time // when the one that is due longest became due
}

// Counts returns how the queue stands, for the metrics and the administrator.
func Counts(ctx context.Context, tx *db.Tx) ([]Count, error) {
	return db.List(ctx, tx, func(c *Count) []any { return []any{&c.Kind, &c.State, &c.Jobs, &c.Oldest} },
		`SELECT kind, state, count(*), min(run_at) FROM job GROUP BY kind, state ORDER BY kind, state`)
}
