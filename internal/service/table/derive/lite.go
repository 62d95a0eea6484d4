package derive

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"

	"ceiba/internal/service/table/stored"
)

// lite is a SQLite file being written, by its bare driver: a bulk load through
// database/sql takes twice as long.
type lite struct {
	conn *sqlite3.SQLiteConn
	ctx  context.Context
}

// createLite opens a new file without journal: it is thrown away if the load
// does not come to its end.
func createLite(ctx context.Context, path string) (*lite, error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open("file:" + stored.URIPath(path) + "?_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE")
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

func (l *lite) exec(q string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	if _, err := l.conn.ExecContext(l.ctx, q, nil); err != nil {
		return fmt.Errorf("%s: %w", stored.Verb(q), err)
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
