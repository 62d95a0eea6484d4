package search

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "search", Files: files}

// Index keeps the documents of every kind that has texts.
type Index struct {
	db    *db.DB
	kinds func() *record.Registry // known only once all modules are
}

// New returns the index over a database.
func New(d *db.DB, kinds func() *record.Registry) *Index { return &Index{d, kinds} }

// Listener keeps the index up to date with what happens.
func (x *Index) Listener() activity.Listener {
	return activity.Listener{Name: "search", Handle: func(ctx context.Context, tx *db.Tx, batch []activity.Event) error {
		var refs []record.Ref
		for _, e := range batch {
			refs = append(refs, record.Ref{Kind: e.Kind, ID: e.Record})
		}
		return x.Refresh(ctx, tx, refs)
	}}
}

// Refresh indexes records anew, and takes out those that have no text any
// more: withdrawn, erased, or not public. Of a record named twice the last
// place in the order counts.
func (x *Index) Refresh(ctx context.Context, tx *db.Tx, refs []record.Ref) error {
	refs = lastOnly(refs)
	byKind := map[string][]string{}
	for _, r := range refs {
		if k, ok := x.kinds().Kind(r.Kind); ok && k.Text != nil {
			byKind[r.Kind] = append(byKind[r.Kind], r.ID)
		}
	}
	texts := map[record.Ref][]record.Text{}
	delta := map[string]int{}
	for kind, ids := range byKind {
		k, _ := x.kinds().Kind(kind)
		found, err := k.AllText(ctx, tx, ids)
		if err != nil {
			return fmt.Errorf("texts of %s: %w", kind, err)
		}
		for _, t := range found {
			ref := record.Ref{Kind: kind, ID: t.ID}
			texts[ref] = append(texts[ref], t)
		}
		if err := remove(ctx, tx, kind, ids, delta); err != nil {
			return err
		}
	}
	for _, ref := range refs {
		for _, t := range texts[ref] {
			if err := put(ctx, tx, ref.Kind, t, delta); err != nil {
				return fmt.Errorf("index %s %s: %w", ref.Kind, ref.ID, err)
			}
		}
	}
	return learn(ctx, tx, delta)
}

func lastOnly(refs []record.Ref) []record.Ref {
	seen := map[record.Ref]bool{}
	var out []record.Ref
	for _, r := range slices.Backward(refs) {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	slices.Reverse(out)
	return out
}

// remove takes the documents of records out of the index.
func remove(ctx context.Context, tx *db.Tx, kind string, ids []string, delta map[string]int) error {
	type doc struct {
		n     int64
		terms string
	}
	in, args := db.In(2, ids)
	docs, err := db.List(ctx, tx, func(d *doc) []any { return []any{&d.n, &d.terms} },
		`SELECT n, title_terms || ' ' || body_terms FROM search_doc WHERE kind = $1 AND record IN `+in, append([]any{kind}, args...)...)
	if err != nil || len(docs) == 0 {
		return err
	}
	var ns []int64
	for _, d := range docs {
		ns = append(ns, d.n)
		count(delta, d.terms, -1)
	}
	in, args = db.In(1, ns)
	for _, q := range []string{`DELETE FROM search_doc WHERE n IN `, `DELETE FROM search_facet WHERE doc IN `} {
		if _, err := tx.Exec(ctx, q+in, args...); err != nil {
			return err
		}
	}
	if q := tx.Pick(`DELETE FROM search_fts WHERE rowid IN `, ""); q != "" {
		_, err = tx.Exec(ctx, q+in, args...)
	}
	return err
}

// count adds to what delta says of the vocabulary's words of a document.
func count(delta map[string]int, text string, by int) {
	ts := strings.Fields(text)
	slices.Sort(ts)
	for _, t := range slices.Compact(ts) {
		if spelled(t) {
			delta[t] += by
		}
	}
}

// put adds one document.
func put(ctx context.Context, tx *db.Tx, kind string, t record.Text, delta map[string]int) error {
	facets := map[string][]string{"kind": {kind}, "lang": {t.Lang}}
	for f, values := range t.Facets {
		if f != "kind" {
			facets[f] = values
		}
	}
	var marks []string
	for f, values := range facets {
		for _, v := range values {
			marks = append(marks, facetTerm(f, v))
		}
	}
	slices.Sort(marks)
	title, body, facet := strings.Join(terms(t.Title), " "), strings.Join(terms(t.Body), " "), strings.Join(slices.Compact(marks), " ")
	n, err := db.Get(ctx, tx, db.One[int64], `INSERT INTO search_doc (kind, record, lang, title, body, title_terms, body_terms, facet_terms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING n`, kind, t.ID, t.Lang, t.Title, t.Body, title, body, facet)
	if err != nil {
		return err
	}
	count(delta, title+" "+body, 1)
	for f, values := range facets {
		for _, v := range values {
			if _, err := tx.Exec(ctx, `INSERT INTO search_facet (doc, facet, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, n, f, v); err != nil {
				return err
			}
		}
	}
	if q := tx.Pick(`INSERT INTO search_fts (rowid, title, body, facets) VALUES ($1, $2, $3, $4)`, ""); q != "" {
		_, err = tx.Exec(ctx, q, n, title, body, facet)
	}
	return err
}

// learn brings the vocabulary up to date: words that no document holds any
// more are forgotten.
func learn(ctx context.Context, tx *db.Tx, delta map[string]int) error {
	var changed []string
	for w, by := range delta {
		if by != 0 {
			changed = append(changed, w)
		}
	}
	slices.Sort(changed) // always in one order: two writers never wait for each other
	for part := range slices.Chunk(changed, 300) {
		if err := learnPart(ctx, tx, part, delta); err != nil {
			return err
		}
	}
	return nil
}

func learnPart(ctx context.Context, tx *db.Tx, part []string, delta map[string]int) error {
	var rows []string
	var args []any
	for i, w := range part {
		rows = append(rows, fmt.Sprintf("($%d, CAST($%d AS BIGINT))", 2*i+1, 2*i+2))
		args = append(args, w, delta[w])
	}
	type line struct {
		word string
		docs int64
	}
	after, err := db.List(ctx, tx, func(l *line) []any { return []any{&l.word, &l.docs} },
		`INSERT INTO search_word (word, docs) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (word) DO UPDATE SET docs = search_word.docs + excluded.docs RETURNING word, docs`, args...)
	if err != nil {
		return err
	}
	var fresh, gone []string
	for _, l := range after {
		switch {
		case l.docs <= 0:
			gone = append(gone, l.word)
		case l.docs == int64(delta[l.word]):
			fresh = append(fresh, l.word)
		}
	}
	if err := addGrams(ctx, tx, fresh); err != nil {
		return err
	}
	in, gargs := db.In(1, gone)
	if len(gone) == 0 {
		return nil
	}
	for _, q := range []string{`DELETE FROM search_word WHERE word IN `, `DELETE FROM search_gram WHERE word IN `} {
		if _, err := tx.Exec(ctx, q+in, gargs...); err != nil {
			return err
		}
	}
	return nil
}

func addGrams(ctx context.Context, tx *db.Tx, words []string) error {
	var rows []string
	var args []any
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		_, err := tx.Exec(ctx, `INSERT INTO search_gram (gram, word) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`, args...)
		rows, args = nil, nil
		return err
	}
	for _, w := range words {
		for _, g := range grams(w) {
			rows = append(rows, fmt.Sprintf("($%d, $%d)", len(args)+1, len(args)+2))
			args = append(args, g, w)
		}
		if len(rows) > 300 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// Rebuild makes the index anew from the records, in the order in which they
// last changed: after a restore, or when a kind has new texts. While it runs,
// searches find what is there already.
func (x *Index) Rebuild(ctx context.Context) error {
	if err := x.db.Update(ctx, func(tx *db.Tx) error { return clear(ctx, tx) }); err != nil {
		return err
	}
	var refs []record.Ref
	if err := x.db.View(ctx, func(tx *db.Tx) (err error) {
		refs, err = db.List(ctx, tx, func(r *record.Ref) []any { return []any{&r.Kind, &r.ID} },
			`SELECT kind, record FROM activity WHERE seq IS NOT NULL GROUP BY kind, record ORDER BY max(seq)`)
		return err
	}); err != nil {
		return err
	}
	for part := range slices.Chunk(refs, 500) {
		if err := x.db.Update(ctx, func(tx *db.Tx) error { return x.Refresh(ctx, tx, part) }); err != nil {
			return err
		}
	}
	return nil
}

func clear(ctx context.Context, tx *db.Tx) error {
	for _, q := range []string{
		`DELETE FROM search_doc`, `DELETE FROM search_facet`, `DELETE FROM search_word`, `DELETE FROM search_gram`,
		tx.Pick(`INSERT INTO search_fts (search_fts) VALUES ('delete-all')`, `SELECT 1`),
	} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
