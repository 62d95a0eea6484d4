package procurement

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// ReleaseFilter selects releases; the zero ReleaseFilter selects all.
type ReleaseFilter struct {
	Process string // id
	File    string // id of the import that brought them
}

// Arrived is a release with its process, without its text.
type Arrived struct {
	Release
	Process, OCID, Title string
}

// Releases returns releases, the latest that came first, and the cursor of those that
// follow.
func Releases(ctx context.Context, tx *db.Tx, f ReleaseFilter, cursor string, limit int) (all []Arrived, next string, err error) {
	order := db.Keyset{Columns: []string{"r.id"}, Desc: true}
	after, args, err := order.After(cursor, 1)
	if err != nil {
		return nil, "", err
	}
	conds := []string{after}
	for _, x := range []struct{ column, value string }{{"r.process", f.Process}, {"r.import", f.File}} {
		if x.value != "" {
			args = append(args, x.value)
			conds = append(conds, x.column+" = "+mark(len(args)))
		}
	}
	args = append(args, limit+1)
	all, err = db.List(ctx, tx, func(a *Arrived) []any {
		return []any{&a.ID, &a.Name, &a.Date, &a.Tags, &a.Import, &a.Old, &a.Digest, &a.At, &a.Process, &a.OCID, &a.Title}
	}, `SELECT r.id, r.name, r.date, r.tags, r.import, r.old, r.digest, r.at, p.id, p.ocid, p.title
		FROM procurement_release r JOIN procurement_process p ON p.id = r.process WHERE `+strings.Join(conds, " AND ")+` `+order.OrderBy()+` LIMIT `+mark(len(args)), args...)
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].ID)
	}
	return all, next, err
}

// ReleaseText is the text of one release of a process, by its digest, or
// db.ErrNotFound.
func ReleaseText(ctx context.Context, tx *db.Tx, process, digest string) (string, error) {
	return db.Get(ctx, tx, db.One[string], `SELECT text FROM procurement_release WHERE process = $1 AND digest = $2`, process, digest)
}

// TakenAt are the ids of the processes to which one transaction of an import, at a
// moment, added releases.
func TakenAt(ctx context.Context, tx *db.Tx, file string, at db.Time) ([]string, error) {
	from, to := id.Nth(at.Add(-time.Millisecond), 0), id.Nth(at.Add(2*time.Millisecond), 0) // ids begin with their time
	return db.List(ctx, tx, db.One[string], `SELECT DISTINCT process FROM procurement_release WHERE id > $1 AND id < $2 AND import = $3 AND at = $4 ORDER BY process`, from, to, file, at)
}

// Published is a process as it is published: its releases and what they come to.
type Published struct {
	ID, OCID string
	Old      bool // all of its releases are of OCDS 1.0
	Changed  db.Time
	Compiled string
	Releases []Release // with their texts: the oldest first, as they are merged
}

// Record is one process by its ocid or id, or db.ErrNotFound.
func Record(ctx context.Context, tx *db.Tx, name string) (Published, error) {
	all, err := records(ctx, tx, `ocid = $1 OR id = $1`, name)
	if err != nil {
		return Published{}, err
	}
	if len(all) == 0 {
		return Published{}, db.ErrNotFound
	}
	return all[0], nil
}

// Records are processes in the order in which they came, and the cursor of those that
// follow.
func Records(ctx context.Context, tx *db.Tx, cursor string, limit int) (all []Published, next string, err error) {
	order := db.Keyset{Columns: []string{"id"}}
	after, args, err := order.After(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	all, err = records(ctx, tx, after+" "+order.OrderBy()+" LIMIT $1", append([]any{limit + 1}, args...)...)
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].ID)
	}
	return all, next, err
}

// Licences are those of the files that brought the releases of processes, each once.
func Licences(ctx context.Context, tx *db.Tx, processes []string) ([]string, error) {
	in, args := db.In(1, processes)
	return db.List(ctx, tx, db.One[string], `SELECT DISTINCT i.licence FROM procurement_import i JOIN procurement_release r ON r.import = i.id WHERE r.process IN `+in+` ORDER BY i.licence`, args...)
}

func records(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Published, error) {
	all, err := db.List(ctx, tx, func(p *Published) []any { return []any{&p.ID, &p.OCID, &p.Changed, &p.Compiled} },
		`SELECT id, ocid, changed, compiled FROM procurement_process WHERE `+where, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	at, ids := map[string]*Published{}, []string{}
	for i := range all {
		all[i].Old = true
		at[all[i].ID], ids = &all[i], append(ids, all[i].ID)
	}
	type row struct {
		Release
		process string
	}
	in, values := db.In(1, ids)
	rows, err := db.List(ctx, tx, func(r *row) []any {
		return []any{&r.process, &r.ID, &r.Name, &r.Date, &r.Tags, &r.Import, &r.Old, &r.Digest, &r.At, &r.Text}
	}, `SELECT process, id, name, date, tags, import, old, digest, at, text FROM procurement_release WHERE process IN `+in+` ORDER BY date, id`, values...)
	for _, r := range rows {
		p := at[r.process]
		p.Old = p.Old && r.Old
		p.Releases = append(p.Releases, r.Release)
	}
	return all, err
}

// Texts are the compiled releases, or all releases, of processes in the order in
// which these came, from the one after an id on. The id is that of the last.
func Texts(ctx context.Context, tx *db.Tx, compiled bool, after string, limit int) (texts []string, last string, err error) {
	q := `SELECT id, text FROM procurement_release WHERE id > $1 ORDER BY id LIMIT $2`
	if compiled {
		q = `SELECT id, compiled FROM procurement_process WHERE id > $1 ORDER BY id LIMIT $2`
	}
	type row struct{ id, text string }
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.id, &r.text} }, q, after, limit)
	for _, r := range rows {
		texts, last = append(texts, r.text), r.id
	}
	return texts, last, err
}

// Currencies are those in which amounts are said.
func Currencies(ctx context.Context, tx *db.Tx) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `SELECT DISTINCT currency FROM procurement_process WHERE currency <> '' ORDER BY currency`)
}

// NamesOf are the names of organisations by their keys, as one of the processes has
// them.
func NamesOf(ctx context.Context, tx *db.Tx, keys []string) (map[string]string, error) {
	in, args := db.In(1, keys)
	out := map[string]string{}
	rows, err := db.List(ctx, tx, func(p *Party) []any { return []any{&p.Key, &p.Name} },
		`SELECT key, max(name) FROM procurement_party WHERE key IN `+in+` GROUP BY key`, args...)
	for _, p := range rows {
		out[p.Key] = p.Name
	}
	return out, err
}
