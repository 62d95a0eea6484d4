package derive

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"ceiba/internal/service/table"
	"ceiba/internal/service/table/stored"
)

// lookup writes the SQLite file: rows, key, indexes, words, places.
func (d *deriver) lookup(ctx context.Context, path string) error {
	l, err := createLite(ctx, path)
	if err != nil {
		return err
	}
	defer l.conn.Close()
	m := d.m
	if err := l.exec(stored.CreateTable(m, stored.Lite)); err != nil {
		return err
	}
	if err := l.exec("BEGIN"); err != nil {
		return err
	}
	if err := d.copyRows(ctx, l); err != nil {
		return err
	}
	for _, q := range indexSQL(m) {
		d.tell("table.stage.index", m.Rows)
		if err := l.exec(q); err != nil {
			return err
		}
	}
	if err := d.places(ctx, l); err != nil {
		return err
	}
	for _, q := range wordsSQL(m) {
		d.tell("table.stage.words", m.Rows)
		if err := l.exec(q); err != nil {
			return err
		}
	}
	for _, q := range []string{"COMMIT", "ANALYZE"} {
		if err := l.exec(q); err != nil {
			return err
		}
	}
	return nil
}

// copyRows moves the rows over and gathers the places on the way.
func (d *deriver) copyRows(ctx context.Context, l *lite) error {
	db, err := d.open()
	if err != nil {
		return err
	}
	defer db.Close()
	ins, err := l.inserter("rows", 1+len(d.m.Columns)+len(d.m.Geo.Hidden()))
	if err != nil {
		return err
	}
	row := make([]driver.Value, ins.width)
	err = stored.Each(ctx, db, d.m, func(id int64, cells []any) error {
		if id%65536 == 0 {
			d.tell("table.stage.rows", id)
		}
		row[0] = id
		for i, c := range cells {
			row[i+1] = c
		}
		return ins.add(row)
	})
	if err != nil {
		return err
	}
	return ins.close()
}

// indexSQL makes the key unique and the chosen columns searchable.
func indexSQL(m *table.Manifest) []string {
	var out []string
	if _, i := m.Column(m.Key); i >= 0 {
		out = append(out, fmt.Sprintf("CREATE UNIQUE INDEX key ON rows (%s)", stored.Column(i)))
	}
	for _, name := range m.Index {
		if _, i := m.Column(name); i >= 0 {
			out = append(out, fmt.Sprintf("CREATE INDEX by_%s ON rows (%s)", stored.Column(i), stored.Column(i)))
		}
	}
	for _, p := range m.Pairs {
		out = append(out, fmt.Sprintf("CREATE INDEX %s ON rows (%s, %s)", stored.PairIndex(m, p), stored.Name(m, p.Equal), stored.Name(m, p.Along)))
	}
	return out
}

// wordsSQL indexes words without accents and case, with prefixes, and keeps
// the vocabulary by trigrams, so that a misspelt word finds its neighbours.
func wordsSQL(m *table.Manifest) []string {
	cols := stored.WordColumns(m)
	if len(cols) == 0 {
		return nil
	}
	var names []string
	for _, i := range cols {
		names = append(names, stored.Column(i))
	}
	return []string{
		"CREATE VIRTUAL TABLE words USING fts5(" + strings.Join(names, ", ") +
			`, content='rows', content_rowid='_id', tokenize="unicode61 remove_diacritics 2", prefix='3')`,
		"INSERT INTO words(words) VALUES ('rebuild')",
		"CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words, row)",
		"CREATE VIRTUAL TABLE spelling USING fts5(term, n UNINDEXED, tokenize='trigram', detail=none)",
		"INSERT INTO spelling(term, n) SELECT term, doc FROM temp.terms WHERE length(term) BETWEEN 4 AND 24 AND term NOT GLOB '*[0-9]*' ORDER BY doc DESC, term LIMIT 200000",
		"DROP TABLE temp.terms",
	}
}
