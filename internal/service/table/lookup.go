package table

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// lookup writes the SQLite file: rows, key, indexes, words, places.
func (d *deriver) lookup(ctx context.Context, path string) error {
	l, err := createLite(ctx, path)
	if err != nil {
		return err
	}
	defer l.conn.Close()
	m := d.m
	if err := l.exec(m.createSQL(form.lite, "_id INTEGER PRIMARY KEY", nil)); err != nil {
		return err
	}
	if err := l.exec("BEGIN"); err != nil {
		return err
	}
	if err := d.copyRows(ctx, l); err != nil {
		return err
	}
	for _, q := range m.indexSQL() {
		d.tell("table.stage.index", m.Rows)
		if err := l.exec(q); err != nil {
			return err
		}
	}
	if err := d.places(ctx, l); err != nil {
		return err
	}
	for _, q := range m.wordsSQL() {
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
	ins, err := l.inserter("rows", 1+len(d.m.Columns)+len(d.m.Geo.hidden()))
	if err != nil {
		return err
	}
	row := make([]driver.Value, ins.width)
	err = eachRow(ctx, db, d.m, func(id int64, cells []any) error {
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
func (m *Manifest) indexSQL() []string {
	var out []string
	if _, i := m.Column(m.Key); i >= 0 {
		out = append(out, fmt.Sprintf("CREATE UNIQUE INDEX key ON rows (%s)", physical(i)))
	}
	for _, name := range m.Index {
		if _, i := m.Column(name); i >= 0 {
			out = append(out, fmt.Sprintf("CREATE INDEX by_%s ON rows (%s)", physical(i), physical(i)))
		}
	}
	for _, p := range m.Pairs {
		out = append(out, fmt.Sprintf("CREATE INDEX %s ON rows (%s, %s)", p.name(m), m.stored(p.Equal), m.stored(p.Along)))
	}
	return out
}

// maxWordColumns is how many text columns are searched by word.
const maxWordColumns = 64

// wordColumns lists the positions of the columns that full text covers.
func (m *Manifest) wordColumns() []int {
	var out []int
	for i := range m.Columns {
		if m.Columns[i].Type.Textual() && m.Stats[i].Count > 0 && len(out) < maxWordColumns {
			out = append(out, i)
		}
	}
	return out
}

// wordsSQL indexes words without accents and case, with prefixes, and keeps
// the vocabulary by trigrams, so that a misspelt word finds its neighbours.
func (m *Manifest) wordsSQL() []string {
	cols := m.wordColumns()
	if len(cols) == 0 {
		return nil
	}
	var names []string
	for _, i := range cols {
		names = append(names, physical(i))
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

// lite is a SQLite file being written, by its bare driver: a bulk load through
// database/sql takes twice as long.
type lite struct {
	conn *sqlite3.SQLiteConn
	ctx  context.Context
}

// createLite opens a new file without journal: it is thrown away if the load
// does not come to its end.
func createLite(ctx context.Context, path string) (*lite, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open("file:" + uriPath(path) + "?_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE")
	if err != nil {
		return nil, fmt.Errorf("create look-up file: %w", err)
	}
	l := &lite{conn: c.(*sqlite3.SQLiteConn), ctx: ctx}
	for _, q := range []string{"PRAGMA page_size=8192", "PRAGMA cache_size=-49152", "PRAGMA threads=1", "PRAGMA analysis_limit=400"} {
		if err := l.exec(q); err != nil {
			c.Close()
			return nil, err
		}
	}
	return l, nil
}

// uriPath escapes a path for SQLite's file: addresses.
func uriPath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

func (l *lite) exec(q string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if _, err := l.conn.ExecContext(l.ctx, q, nil); err != nil {
		return fmt.Errorf("%s: %w", firstWord(q), err)
	}
	return nil
}

// inserter fills a table many rows at a statement.
type inserter struct {
	l     *lite
	table string
	width int
	batch int
	stmt  driver.Stmt
	args  []driver.NamedValue
	n     int
}

func (l *lite) inserter(table string, width int) (*inserter, error) {
	ins := &inserter{l: l, table: table, width: width, batch: max(1, min(64, 16_000/width))}
	ins.args = make([]driver.NamedValue, ins.batch*width)
	for i := range ins.args {
		ins.args[i].Ordinal = i + 1
	}
	var err error
	ins.stmt, err = l.conn.Prepare(ins.sql(ins.batch))
	return ins, err
}

func (ins *inserter) sql(rows int) string {
	one := "(?" + strings.Repeat(",?", ins.width-1) + ")"
	return "INSERT INTO " + ins.table + " VALUES " + one + strings.Repeat(","+one, rows-1)
}

// add takes a row; the values are kept until the statement is full.
func (ins *inserter) add(row []driver.Value) error {
	at := ins.n * ins.width
	for i, v := range row {
		ins.args[at+i].Value = v
	}
	if ins.n++; ins.n < ins.batch {
		return nil
	}
	ins.n = 0
	_, err := ins.stmt.(driver.StmtExecContext).ExecContext(ins.l.ctx, ins.args)
	return err
}

// close writes what is left.
func (ins *inserter) close() error {
	err := ins.stmt.Close()
	if err != nil || ins.n == 0 {
		return err
	}
	_, err = ins.l.conn.ExecContext(ins.l.ctx, ins.sql(ins.n), ins.args[:ins.n*ins.width])
	return err
}

// each runs a query over the file being written and hands out its rows.
func (l *lite) each(q string, do func([]driver.Value) error) error {
	rows, err := l.conn.QueryContext(l.ctx, q, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	vals := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(vals); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := do(vals); err != nil {
			return err
		}
	}
}
