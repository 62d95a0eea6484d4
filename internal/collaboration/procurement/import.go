package procurement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Source says where a file comes from.
type Source struct {
	Name    string // of the file
	Org     string // id of the organisation that published it; empty if it is not here
	Licence string
	Repeats bool // of a property that occurs twice the last value is taken, instead of leaving its release out
}

// Taken is a file that was taken in, or as much of it as there is so far.
type Taken struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Org       string   `json:"organisation"`
	Licence   string   `json:"licence"`
	Read      int64    `json:"releases"`  // that the file has
	Fresh     int64    `json:"new"`       // of which were not here
	Processes int64    `json:"processes"` // that changed
	Faults    int64    `json:"faults"`
	Digest    string   `json:"digest"` // SHA-256 over the digests of the releases, in their order
	Created   db.Time  `json:"-"`
	Ended     *db.Time `json:"-"` // nil while it runs, or was cut off
}

// Ref names the import.
func (t *Taken) Ref() record.Ref { return record.Ref{Kind: "contractingfile", ID: t.ID} }

// Fault is something in a file that could not be taken.
type Fault struct {
	Line    int64
	OCID    string // empty where it is not known
	Pointer string // within the document (RFC 6901)
	Word    string // key of the sentence
	Value   string
}

// KeptFaults is how many faults of one file are listed; the others are counted.
const KeptFaults = 10_000

// batch is how many releases one transaction takes, and batchBytes how long their
// texts may be together. The writer is held for some 10 ms.
const batch, batchBytes = 256, 4 << 20

// Import takes a file in. progress is told after each batch and may be nil. An error
// ends the import; what came before it stays, and the same file may be taken again.
func Import(ctx context.Context, d *db.DB, actor who.Actor, from Source, r io.Reader, progress func(Taken)) (Taken, error) {
	if err := actor.Must("procurement.write", who.In(from.Org)); err != nil {
		return Taken{}, err
	}
	in := &importing{d: d, actor: actor, sum: sha256.New(), progress: progress, Taken: Taken{Name: from.Name, Org: from.Org, Licence: from.Licence}}
	if err := in.begin(ctx); err != nil {
		return in.Taken, err
	}
	limits := read.Usual
	limits.Repeats = from.Repeats
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for p := range parts(ctx, r, limits, in.ID) {
		if err := in.take(ctx, p); err != nil {
			return in.Taken, err
		}
	}
	if err := ctx.Err(); err != nil {
		return in.Taken, err
	}
	return in.Taken, in.end(ctx)
}

// part is a piece of a file.
type part struct {
	releases []*Release
	faults   []Fault
	bytes    int
}

// parts reads a file beside the writing of what was read before.
func parts(ctx context.Context, r io.Reader, limits read.Limits, from string) <-chan *part {
	out := make(chan *part, 2)
	go func() {
		defer close(out)
		p := &part{}
		send := func() bool {
			select {
			case out <- p:
				p = &part{}
				return true
			case <-ctx.Done():
				return false
			}
		}
		for item, err := range read.Items(r, limits) {
			p.add(item, err, from)
			if (len(p.releases) >= batch || p.bytes >= batchBytes || len(p.faults) >= batch) && !send() {
				return
			}
		}
		send()
	}()
	return out
}

// add takes what an item holds: a release, or the releases of a record.
func (p *part) add(item *read.Item, err error, from string) {
	if err != nil {
		var f *read.Fault
		if errors.As(err, &f) {
			p.faults = append(p.faults, Fault{Line: int64(f.Line), Pointer: f.Pointer, Word: f.Key(), Value: f.Value})
		} else {
			p.faults = append(p.faults, Fault{Word: "procurement.fault.read", Value: err.Error()})
		}
		return
	}
	fault := func(o *ocds.Object, word string) {
		p.faults = append(p.faults, Fault{Line: int64(item.Line), OCID: o.Text("ocid"), Pointer: item.Pointer, Word: word})
	}
	old := item.Package != nil && schema.Of(item.Package.Version()) == schema.V10
	one := func(o *ocds.Object) {
		if o.Text("ocid") == "" {
			fault(o, "procurement.fault.ocid")
			return
		}
		r := arrival(o, old, from)
		p.releases = append(p.releases, r)
		p.bytes += len(r.Text)
	}
	switch item.Kind {
	case read.Release:
		one(item.Object)
	case read.Link:
		fault(item.Object, "procurement.fault.link")
	case read.Record:
		p.record(item, one, fault)
	}
}

// record takes the releases of a record; where it has none, its compiled release.
func (p *part) record(item *read.Item, one func(*ocds.Object), fault func(*ocds.Object, string)) {
	releases, compiled := field.Objects(field.List(item.Object, "releases")), field.Object(item.Object, "compiledRelease")
	embedded := false
	for _, o := range releases {
		if o.Text("ocid") == "" && o.Text("url") != "" {
			continue // a link: where it is to be found
		}
		embedded = true
		one(o)
	}
	switch {
	case embedded || item.Rest:
	case len(compiled.Fields) > 0:
		one(compiled)
	default:
		fault(item.Object, "procurement.fault.link")
	}
}

// importing is an import that runs.
type importing struct {
	Taken
	d        *db.DB
	actor    who.Actor
	sum      hash.Hash
	progress func(Taken)
}

func (in *importing) begin(ctx context.Context) error {
	return in.d.Update(ctx, func(tx *db.Tx) error {
		in.ID, in.Created = id.New(tx.Now), db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO procurement_import (id, name, org, licence, created, created_by, read, fresh, processes, faults, digest, ended)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, '', NULL)`, in.ID, in.Name, in.Org, in.Licence, in.Created, in.actor.ID); err != nil {
			return err
		}
		return in.say(ctx, tx, "contractingfile.begun", nil)
	})
}

func (in *importing) say(ctx context.Context, tx *db.Tx, verb string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: in.actor.ID, Verb: verb, Kind: "contractingfile", Record: in.ID, Org: in.Org, Public: true, Title: in.Name, After: after,
	})
	return err
}

// took is what the log keeps of a part of a file.
type took struct {
	Digest    string `json:"digest"` // SHA-256 over the digests of all releases of the file so far
	Fresh     int64  `json:"new"`
	Processes int    `json:"processes"`
	Releases  int    `json:"releases"`
}

// take writes a part. Another import may have changed the same processes between
// reading and writing; then it is worked out again.
func (in *importing) take(ctx context.Context, p *part) error {
	for _, r := range p.releases {
		io.WriteString(in.sum, r.Digest)
	}
	digest := hex.EncodeToString(in.sum.Sum(nil))
	const tries = 10
	for i := 1; ; i++ {
		var changes []*change
		err := in.d.View(ctx, func(tx *db.Tx) (err error) {
			changes, err = prepare(ctx, tx, in.Org, p.releases)
			return err
		})
		if err != nil {
			return err
		}
		next := in.Taken
		err = in.d.Update(ctx, func(tx *db.Tx) error {
			next = in.Taken
			return in.store(ctx, tx, &next, p, changes, digest)
		})
		if errors.Is(err, db.ErrConflict) && i < tries {
			continue
		}
		if err == nil {
			in.Taken = next
			if in.progress != nil {
				in.progress(next)
			}
		}
		return err
	}
}

func (in *importing) store(ctx context.Context, tx *db.Tx, t *Taken, p *part, changes []*change, digest string) error {
	// An earlier try that was undone has given ids to new processes.
	for _, c := range changes {
		if c.version == 0 {
			c.id = ""
		}
	}
	if err := write(ctx, tx, changes); err != nil {
		return err
	}
	fresh := int64(0)
	for _, c := range changes {
		fresh += int64(len(c.fresh))
	}
	if err := t.keep(ctx, tx, p.faults); err != nil {
		return err
	}
	t.Read, t.Fresh, t.Processes, t.Digest = t.Read+int64(len(p.releases)), t.Fresh+fresh, t.Processes+int64(len(changes)), digest
	if _, err := tx.Exec(ctx, `UPDATE procurement_import SET read = $2, fresh = $3, processes = $4, faults = $5, digest = $6 WHERE id = $1`,
		t.ID, t.Read, t.Fresh, t.Processes, t.Faults, t.Digest); err != nil {
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	return in.say(ctx, tx, "contractingfile.taken", took{digest, fresh, len(changes), len(p.releases)})
}

// keep lists faults.
func (t *Taken) keep(ctx context.Context, tx *db.Tx, faults []Fault) error {
	var rows [][]any
	for _, f := range faults {
		if t.Faults++; t.Faults <= KeptFaults {
			rows = append(rows, []any{t.ID, t.Faults, f.Line, f.OCID, f.Pointer, f.Word, f.Value})
		}
	}
	_, err := db.InsertAll(ctx, tx, `INSERT INTO procurement_fault (import, n, line, ocid, pointer, word, value)`, rows, "")
	return err
}

func (in *importing) end(ctx context.Context) error {
	return in.d.Update(ctx, func(tx *db.Tx) error {
		ended := db.Time{Time: tx.Now}
		in.Ended = &ended
		if _, err := tx.Exec(ctx, `UPDATE procurement_import SET ended = $2 WHERE id = $1`, in.ID, ended); err != nil {
			return err
		}
		return in.say(ctx, tx, "contractingfile.ended", took{in.Digest, in.Fresh, int(in.Processes), int(in.Read)})
	})
}

const importColumns = `id, name, org, licence, read, fresh, processes, faults, digest, created, ended`

func importFields(t *Taken) []any {
	return []any{&t.ID, &t.Name, &t.Org, &t.Licence, &t.Read, &t.Fresh, &t.Processes, &t.Faults, &t.Digest, &t.Created, &t.Ended}
}

// Imports returns the files that were taken in, the latest first.
func Imports(ctx context.Context, tx *db.Tx, cursor string, limit int) (all []Taken, next string, err error) {
	order := db.Keyset{Columns: []string{"id"}, Desc: true}
	after, args, err := order.After(cursor, 1)
	if err != nil {
		return nil, "", err
	}
	args = append(args, limit+1)
	all, err = db.List(ctx, tx, importFields, `SELECT `+importColumns+` FROM procurement_import WHERE `+after+` `+order.OrderBy()+` LIMIT `+mark(len(args)), args...)
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].ID)
	}
	return all, next, err
}

// FindImport returns a file that was taken in, or db.ErrNotFound.
func FindImport(ctx context.Context, tx *db.Tx, name string) (Taken, error) {
	return db.Get(ctx, tx, importFields, `SELECT `+importColumns+` FROM procurement_import WHERE id = $1`, name)
}

// Listed is a fault with its place in the list.
type Listed struct {
	Fault
	File string // id of the import
	N    int64  // from 1, in the order of the file
}

// AllFaults are the faults of a file, or of all, in their order, and the cursor of
// those that follow.
func AllFaults(ctx context.Context, tx *db.Tx, file, cursor string, limit int) (all []Listed, next string, err error) {
	order := db.Keyset{Columns: []string{"import", "n"}}
	after, args, err := order.After(cursor, 3)
	if err != nil {
		return nil, "", err
	}
	all, err = db.List(ctx, tx, func(f *Listed) []any { return []any{&f.File, &f.N, &f.Line, &f.OCID, &f.Pointer, &f.Word, &f.Value} },
		`SELECT import, n, line, ocid, pointer, word, value FROM procurement_fault WHERE (import = $1 OR $1 = '') AND `+after+` `+order.OrderBy()+` LIMIT $2`,
		append([]any{file, limit + 1}, args...)...)
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].File, all[limit-1].N)
	}
	return all, next, err
}

// Faults are those of a file in their order, from the one after a number on.
func Faults(ctx context.Context, tx *db.Tx, file string, after int64, limit int) ([]Fault, error) {
	return db.List(ctx, tx, func(f *Fault) []any { return []any{&f.Line, &f.OCID, &f.Pointer, &f.Word, &f.Value} },
		`SELECT line, ocid, pointer, word, value FROM procurement_fault WHERE import = $1 AND n > $2 ORDER BY n LIMIT $3`, file, after, limit)
}

// FileNames are the names of files that were taken in, by their ids.
func FileNames(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error) {
	in, args := db.In(1, ids)
	all, err := db.List(ctx, tx, importFields, `SELECT `+importColumns+` FROM procurement_import WHERE id IN `+in, args...)
	out := map[string]string{}
	for _, t := range all {
		out[t.ID] = t.Name
	}
	return out, err
}
