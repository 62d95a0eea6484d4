package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

var postgres = engine{name: "postgres", rebind: func(q string) string { return q }, classify: classifyPostgres}

func classifyPostgres(err error) errClass {
	var e *pgconn.PgError
	var n net.Error
	switch {
	case errors.As(err, &e):
		switch e.Code {
		case "23505":
			return classUnique
		case "40001", "40P01": // serialization_failure, deadlock_detected
			return classRetry
		case "53100":
			return classFull
		case "57P01", "57P02", "57P03", "53300", "08006", "08001", "08003", "25006":
			return classAway // shutting down, starting up, too many connections, a replica
		}
		return classOther
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return classOther // it was us who stopped waiting
	case errors.As(err, new(*pgconn.ConnectError)), errors.As(err, &n):
		return classAway
	case errors.Is(err, pgconn.ErrConnClosed), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return classAway // the connection ended under a statement, or before it
	}
	return classOther
}

func (d *DB) openPostgres(ctx context.Context, dsn string) error {
	d.eng = postgres
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("CEIBA_DATABASE is not a PostgreSQL address: %w", err)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	d.pool = stdlib.OpenDB(*cfg)
	n := max(16, 4*processors)
	d.pool.SetMaxOpenConns(n)
	d.pool.SetMaxIdleConns(n)
	d.pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := d.pool.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrAway, err), d.pool.Close())
	}
	d.wakes.listen(d, cfg)
	return nil
}

// The three kinds of transaction on PostgreSQL. SERIALIZABLE is what SQLite's
// single writer gives for nothing.
var (
	viewing  = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	updating = &sql.TxOptions{Isolation: sql.LevelSerializable}
	claiming = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
)

// runPostgres runs fn in a transaction of its own.
func (d *DB) runPostgres(ctx context.Context, o *sql.TxOptions, fn func(*Tx) error) error {
	tx, err := d.pool.BeginTx(ctx, o)
	if err != nil {
		return d.wrap(fmt.Errorf("begin: %w", err))
	}
	defer tx.Rollback() // no-op after Commit
	if err := fn(d.newTx(tx, nil)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		if !o.ReadOnly && inDoubt(err) {
			return fmt.Errorf("commit: %w: %w", ErrDoubt, err)
		}
		return d.wrap(fmt.Errorf("commit: %w", err))
	}
	return nil
}

// inDoubt reports whether a COMMIT that failed with err may have reached the
// disk: it was sent, and nothing that the server said of it came back.
func inDoubt(err error) bool {
	return !pgconn.SafeToRetry(err) && (pgconn.Timeout(err) || classifyPostgres(err) == classAway)
}

// backoff grows from 2 ms by doubling, half of it at random, so that those who
// collided once do not collide again.
func backoff(try int) time.Duration {
	d := 2 * time.Millisecond << try
	return d/2 + time.Duration(rand.Int64N(int64(d/2)+1))
}
