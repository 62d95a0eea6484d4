// Command gatewriter is the victim of the reliability gates: many writers that
// use Ceiba's own db package at once, each of which says "ack KEY" on standard
// output only after Update has returned.
//
//	gatewriter write -db FILE [-run NAME] [-writers 16] [-filler 100] [-synchronous NORMAL]
//	gatewriter check -db FILE < acknowledged-keys
//
// write never ends by itself. When a write is refused because the disk is full
// it says "full" (once a second at most), tries again, and goes on saying
// "read N" to show that reading works meanwhile. check compares what was
// acknowledged with what is there, and prints one JSON object.
//
// -synchronous NORMAL makes the setting that is known to lose writes in a power
// cut; the gate uses it to show that it can tell.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

//go:embed sql/*.sql
var files embed.FS

var schema = db.Schema{Module: "gatewriter", Files: files}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gatewriter:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("write or check?")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	path := flags.String("db", "", "the SQLite file")
	name := flags.String("run", "0", "start of every key")
	writers := flags.Int("writers", 16, "how many write at once")
	filler := flags.Int("filler", 100, "bytes beside the key in every row")
	flags.StringVar(&db.Synchronous, "synchronous", db.Synchronous, "SQLite's synchronous pragma")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.Open(ctx, *path)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx, schema); err != nil {
		return err
	}
	switch args[0] {
	case "write":
		return write(ctx, d, *name, *writers, *filler)
	case "check":
		return check(ctx, d, os.Stdin, os.Stdout)
	}
	return fmt.Errorf("no command %q", args[0])
}

// said writes whole lines to standard output, from many goroutines.
type said struct {
	mu   sync.Mutex
	last time.Time
}

func (s *said) line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Printf(format+"\n", args...)
}

// rarely says a line at most once a second.
func (s *said) rarely(format string, args ...any) {
	s.mu.Lock()
	ok := time.Since(s.last) > time.Second
	if ok {
		s.last = time.Now()
	}
	s.mu.Unlock()
	if ok {
		s.line(format, args...)
	}
}

func write(ctx context.Context, d *db.DB, name string, writers, filler int) error {
	s := &said{}
	s.line("ready")
	failed := make(chan error, writers+1)
	go func() { failed <- readOn(ctx, d, s) }()
	for n := range writers {
		go func() { failed <- writeOn(ctx, d, s, fmt.Sprintf("%s-%d", name, n), filler) }()
	}
	return <-failed
}

// writeOn inserts one key after the other, each in its own Update.
func writeOn(ctx context.Context, d *db.DB, s *said, name string, filler int) error {
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s-%d", name, i)
		err := d.Update(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO gatewriter (id, key, filler, created) VALUES ($1, $2, $3, $4)`,
				id.New(tx.Now), key, noise(filler), db.Time{Time: tx.Now})
			return err
		})
		switch {
		case err == nil:
			s.line("ack %s", key)
		case errors.Is(err, db.ErrFull):
			s.rarely("full")
			time.Sleep(20 * time.Millisecond)
		default:
			return err
		}
	}
}

// noise is text that no file system can compress away.
func noise(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(rand.Text())
	}
	return b.String()[:n]
}

// readOn reads four times a second for ever.
func readOn(ctx context.Context, d *db.DB, s *said) error {
	for {
		var n int
		err := d.View(ctx, func(tx *db.Tx) (err error) {
			n, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM gatewriter`)
			return err
		})
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		s.line("read %d", n)
		time.Sleep(250 * time.Millisecond)
	}
}

// Result is what check found.
type Result struct {
	Acked     int      // keys on standard input
	Rows      int      // rows in the table
	Lost      int      // acknowledged and not there
	Dup       int      // rows whose key another row has too
	Extra     int      // there and not acknowledged, which is allowed
	Integrity string   // of SQLite's own check: "ok"
	Examples  []string // of lost keys
}

func check(ctx context.Context, d *db.DB, acked io.Reader, out io.Writer) error {
	res := Result{}
	there := map[string]bool{}
	err := d.View(ctx, func(tx *db.Tx) error {
		keys, err := db.List(ctx, tx, db.One[string], `SELECT key FROM gatewriter`)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if there[k] {
				res.Dup++
			}
			there[k] = true
		}
		res.Rows = len(keys)
		res.Integrity, err = db.Get(ctx, tx, db.One[string], `PRAGMA integrity_check`)
		return err
	})
	if err != nil {
		return err
	}
	res.Extra = len(there)
	for lines := bufio.NewScanner(acked); lines.Scan(); {
		res.Acked++
		if there[lines.Text()] {
			res.Extra--
			continue
		}
		res.Lost++
		if len(res.Examples) < 5 {
			res.Examples = append(res.Examples, lines.Text())
		}
	}
	return json.NewEncoder(out).Encode(res)
}
