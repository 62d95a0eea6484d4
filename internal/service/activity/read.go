package activity

import (
	"context"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
)

// Filter selects events; the zero Filter selects all that are sequenced.
type Filter struct {
	Kind, Record string   // of one record, or of one kind
	Records      []string // of one of these; nil for any
	Actor        string
	Org          string
	Verb         string
	Private      bool  // with those that are not public: the caller has checked that the reader may
	Before       int64 // only with a smaller seq, for paging back in time; 0 is from the newest
	After        int64 // only with a greater seq
}

// List returns at most limit events, the newest first.
func List(ctx context.Context, tx *db.Tx, f Filter, limit int) ([]Event, error) {
	where, args := f.where()
	args = append(args, limit)
	return list(ctx, tx, fmt.Sprintf(`WHERE %s ORDER BY seq DESC LIMIT $%d`, where, len(args)), args...)
}

// Since returns at most limit events with a greater seq than after, the oldest
// first, public or not: what listeners and the ledger read.
func Since(ctx context.Context, tx *db.Tx, after int64, limit int) ([]Event, error) {
	return list(ctx, tx, `WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
}

// Get returns one event by its id.
func Get(ctx context.Context, tx *db.Tx, id string) (Event, error) {
	es, err := list(ctx, tx, `WHERE id = $1`, id)
	if err == nil && len(es) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return Event{}, err
	}
	return es[0], nil
}

// Head returns the greatest seq, 0 for an empty log.
func Head(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.Get(ctx, tx, db.One[int64], `SELECT coalesce(max(seq), 0) FROM activity`)
}

// Mark is a text that is another one whenever other entries are visible: what was
// worked out from the log, or from what is always logged, holds while it stays. It
// means nothing in a transaction that appends.
func Mark(ctx context.Context, tx *db.Tx) (string, error) {
	type mark struct {
		seq, more int64
		last      string
	}
	m, err := db.Get(ctx, tx, func(m *mark) []any { return []any{&m.seq, &m.more, &m.last} },
		`SELECT (SELECT coalesce(max(seq), 0) FROM activity), count(*), coalesce(max(id), '') FROM activity WHERE seq IS NULL`)
	return fmt.Sprintf("%d %d %s", m.seq, m.more, m.last), err
}

func (f Filter) where() (string, []any) {
	conds := []string{"seq IS NOT NULL"}
	var args []any
	add := func(cond string, v any) {
		args = append(args, v)
		conds = append(conds, fmt.Sprintf("%s $%d", cond, len(args)))
	}
	if !f.Private {
		conds = append(conds, "public")
	}
	for _, x := range []struct{ column, value string }{
		{"kind", f.Kind}, {"record", f.Record}, {"actor", f.Actor}, {"org", f.Org}, {"verb", f.Verb},
	} {
		if x.value != "" {
			add(x.column+" =", x.value)
		}
	}
	if f.Records != nil {
		in, ids := db.In(len(args)+1, f.Records)
		conds, args = append(conds, "record IN "+in), append(args, ids...)
	}
	if f.Before > 0 {
		add("seq <", f.Before)
	}
	if f.After > 0 {
		add("seq >", f.After)
	}
	return strings.Join(conds, " AND "), args
}

// Asker says who asked for an erasure, by their part in it: the log must not
// name whom it forgets.
type Asker string

// Those who may ask.
const (
	ThePerson       Asker = "the person"       // whom the entries are about
	AnAdministrator Asker = "an administrator" // for somebody who asked at the desk or by letter
)

// Erased is the verb of the entry that an erasure leaves.
const Erased = "log.erased"

// erasure is what the log keeps of an erasure.
type erasure struct {
	AskedBy Asker `json:"asked_by"`
	Entries int64 `json:"entries"`
}

// Erase deletes the payloads of what a person did, or of what is told about a
// record, by each of the filters, and returns how many. Envelopes stay, and a
// public entry says that something was erased: how many entries, who asked by
// their part, and nothing of whom. Where nothing was left to erase there is
// none.
func Erase(ctx context.Context, tx *db.Tx, by Asker, filters ...Filter) (n int64, err error) {
	for _, f := range filters {
		if f.Actor == "" && f.Record == "" {
			return 0, fmt.Errorf("erase needs an actor or a record")
		}
		f.Private = true
		where, args := f.where()
		where = strings.TrimPrefix(where, "seq IS NOT NULL AND ") // also what is not yet numbered
		gone, err := tx.Exec(ctx, `UPDATE activity SET salt = NULL, payload = NULL WHERE salt IS NOT NULL AND `+where, args...)
		if err != nil {
			return 0, err
		}
		n += gone
	}
	if n == 0 {
		return 0, nil
	}
	_, err = Append(ctx, tx, Entry{Actor: "system:erasure", Verb: Erased, Kind: "site", Record: "log", Public: true, After: erasure{by, n}})
	return n, err
}
