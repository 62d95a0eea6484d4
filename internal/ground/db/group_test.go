package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

var errOops = errors.New("oops")

func openGroup(t *testing.T, script string) *DB {
	t.Helper()
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "test?%41.db")) // a path that is not a URI
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	d.group.maxHold = time.Minute // so that a slow machine does not split a group
	must(t, d.Update(t.Context(), func(tx *Tx) error { return tx.Script(t.Context(), script) }))
	return d
}

const items = `CREATE TABLE item (name TEXT PRIMARY KEY)`

func add(ctx context.Context, name string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO item VALUES ($1)`, name)
		return err
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func stored(t *testing.T, d *DB) string {
	t.Helper()
	var names []string
	must(t, d.View(t.Context(), func(tx *Tx) (err error) {
		names, err = List(t.Context(), tx, One[string], `SELECT name FROM item ORDER BY name`)
		return err
	}))
	return strings.Join(names, " ")
}

// together runs calls as one group, in their order: an Update that changes
// nothing holds the transaction open until all of them are waiting.
func together(t *testing.T, d *DB, calls ...func()) {
	t.Helper()
	held, free := make(chan bool), make(chan bool)
	hold := sync.OnceFunc(func() { close(held); <-free }) // once: a lost group runs again
	var wg sync.WaitGroup
	wg.Go(func() {
		d.Update(context.Background(), func(*Tx) error { hold(); return errOops })
	})
	<-held
	for i, call := range calls {
		wg.Go(call)
		waitFor(t, d, i+1)
	}
	close(free)
	wg.Wait()
}

func waitFor(t *testing.T, d *DB, n int) {
	t.Helper()
	for range 5000 {
		d.group.mu.Lock()
		have := len(d.group.waiting)
		d.group.mu.Unlock()
		if have >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("fewer than %d waiting", n)
}

// careful makes a group set savepoints from the start.
func careful(d *DB) *DB {
	d.group.conn.Lock()
	defer d.group.conn.Unlock()
	d.group.careful = 1000
	return d
}

func TestGroupIsolatesCallers(t *testing.T) {
	d, ctx := careful(openGroup(t, items)), t.Context()
	var errs [6]error
	var seen int
	call := func(i int, fn func(*Tx) error) func() { return func() { errs[i] = d.Update(ctx, fn) } }
	together(t, d,
		call(0, add(ctx, "a")),
		call(1, func(tx *Tx) error { // fails after writing
			must(t, add(ctx, "b")(tx))
			return errOops
		}),
		call(2, add(ctx, "a")), // a duplicate of an uncommitted row
		call(3, func(tx *Tx) (err error) { // sees what came before, and only what was kept
			seen, err = Get(ctx, tx, One[int], `SELECT count(*) FROM item`)
			return err
		}),
		call(4, func(tx *Tx) error { // hides the error of a statement
			add(ctx, "c")(tx)
			add(ctx, "a")(tx)
			add(ctx, "d")(tx)
			return nil
		}),
		call(5, add(ctx, "e")),
	)
	for i, want := range [6]error{1: errOops, 2: ErrExists} {
		if i != 4 && !errors.Is(errs[i], want) {
			t.Errorf("caller %d: %v, want %v", i, errs[i], want)
		}
	}
	if errs[4] == nil || !strings.Contains(errs[4].Error(), "an earlier statement failed") {
		t.Errorf("hidden error: %v", errs[4])
	}
	if got := stored(t, d); got != "a e" || seen != 1 {
		t.Errorf("stored %q, saw %d", got, seen)
	}
}

func TestGroupPanicAndGoexit(t *testing.T) {
	d, ctx := openGroup(t, items), t.Context()
	var before, after error
	var recovered any
	var stack string
	exited := false
	together(t, d,
		func() { before = d.Update(ctx, add(ctx, "a")) },
		func() {
			defer func() {
				buf := make([]byte, 1<<14)
				recovered, stack = recover(), string(buf[:runtime.Stack(buf, false)])
			}()
			d.Update(ctx, func(tx *Tx) error {
				must(t, add(ctx, "b")(tx))
				explode()
				return nil
			})
		},
		func() {
			done := make(chan bool)
			go func() {
				defer close(done)
				defer func() { exited = recover() == nil }()
				d.Update(ctx, func(tx *Tx) error {
					add(ctx, "c")(tx)
					runtime.Goexit() // as t.FailNow does
					return nil
				})
			}()
			<-done
		},
		func() { after = d.Update(ctx, add(ctx, "d")) },
	)
	if recovered != "boom" || !strings.Contains(stack, "explode") || !exited {
		t.Errorf("recovered %v, exited %t, at\n%s", recovered, exited, stack)
	}
	if before != nil || after != nil || stored(t, d) != "a d" {
		t.Errorf("%v, %v, stored %q", before, after, stored(t, d))
	}
}

func explode() { panic("boom") }

// Without savepoints a caller that fails before it wrote, or because a row
// exists, costs nobody anything. One that wrote first has its group run again,
// with savepoints.
func TestGroupWithoutSavepoints(t *testing.T) {
	d, ctx := openGroup(t, items), t.Context()
	var errs [4]error
	runs := 0
	others := []func(){
		func() {
			errs[0] = d.Update(ctx, func(tx *Tx) error { runs++; return add(ctx, fmt.Sprint("a", runs))(tx) })
		},
		func() { errs[1] = d.Update(ctx, func(tx *Tx) error { return errOops }) },
		func() { errs[2] = d.Update(ctx, add(ctx, "a1")) },
	}
	together(t, d, others...)
	if runs != 1 || errs[0] != nil || errs[1] != errOops || !errors.Is(errs[2], ErrExists) || stored(t, d) != "a1" {
		t.Errorf("ran %d times, %v, stored %q", runs, errs, stored(t, d))
	}
	together(t, d, append(others, func() {
		errs[3] = d.Update(ctx, func(tx *Tx) error { must(t, add(ctx, "x")(tx)); return errOops })
	})...)
	if runs != 3 || errs[0] != nil || errs[1] != errOops || errs[3] != errOops || stored(t, d) != "a1 a3" {
		t.Errorf("after a loss: ran %d times, %v, stored %q", runs, errs, stored(t, d))
	}
	if d.group.careful == 0 {
		t.Error("no savepoints after a loss")
	}
}

func TestGroupContext(t *testing.T) {
	d := openGroup(t, items)
	gone, leave := context.WithCancel(t.Context())
	begun, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	var other, ran error
	together(t, d,
		func() { other = d.Update(t.Context(), add(t.Context(), "a")) },
		func() { left <- d.Update(gone, add(gone, "b")) },
		func() {
			leave()
			if err := <-left; !errors.Is(err, context.Canceled) { // while the holder still runs
				t.Errorf("left while waiting: %v", err)
			}
			ran = d.Update(begun, func(tx *Tx) error {
				cancel()
				return add(begun, "c")(tx) // must not be interrupted: others share the transaction
			})
		},
	)
	if err := d.Update(gone, add(gone, "d")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if other != nil || ran != nil || stored(t, d) != "a c" {
		t.Errorf("%v, %v, stored %q", other, ran, stored(t, d))
	}
}

func TestGroupCommitFails(t *testing.T) {
	d, ctx := openGroup(t, items+`; CREATE TABLE child (name TEXT REFERENCES item DEFERRABLE INITIALLY DEFERRED)`), t.Context()
	var errs [3]error
	together(t, d,
		func() { errs[0] = d.Update(ctx, add(ctx, "a")) },
		func() { errs[1] = d.Update(ctx, add(ctx, "a")) }, // told "exists" would be untrue
		func() {
			errs[2] = d.Update(ctx, func(tx *Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO child VALUES ('none')`)
				return err
			})
		},
	)
	for i, err := range errs {
		if err == nil || !strings.HasPrefix(err.Error(), "commit: ") || errors.Is(err, ErrExists) {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	must(t, d.Update(ctx, add(ctx, "z"))) // the connection is usable
	if got := stored(t, d); got != "z" {
		t.Errorf("stored %q", got)
	}
}

// A trigger may roll back the whole transaction, as a full disk does. The
// offender gets its error; the others are run again.
func TestGroupLost(t *testing.T) {
	d, ctx := openGroup(t, items+`; CREATE TRIGGER bad BEFORE INSERT ON item WHEN new.name = 'bad'
		BEGIN SELECT RAISE(ROLLBACK, 'all gone'); END`), t.Context()
	var errs [3]error
	runs := 0
	together(t, d,
		func() {
			errs[0] = d.Update(ctx, func(tx *Tx) error { runs++; return add(ctx, "a")(tx) })
		},
		func() {
			errs[1] = d.Update(ctx, func(tx *Tx) error {
				err := add(ctx, "bad")(tx)
				add(ctx, "alone")(tx) // would be committed on its own
				return err
			})
		},
		func() { errs[2] = d.Update(ctx, add(ctx, "c")) },
	)
	if errs[0] != nil || errs[2] != nil || runs < 2 { // once more with savepoints, if it then meets the offender again
		t.Errorf("others: %v, %v; first ran %d times", errs[0], errs[2], runs)
	}
	if errs[1] == nil || !strings.Contains(errs[1].Error(), "all gone") {
		t.Errorf("offender: %v", errs[1])
	}
	if got := stored(t, d); got != "a c" {
		t.Errorf("stored %q", got)
	}
}

func TestGroupMisuse(t *testing.T) {
	d, ctx := openGroup(t, items), t.Context()
	var kept *Tx
	err := d.Update(ctx, func(tx *Tx) error {
		kept = tx
		func() { // from some way down the stack
			if err := d.Update(ctx, add(ctx, "nested")); !errors.Is(err, ErrNested) {
				t.Errorf("nested: %v", err)
			}
		}()
		return add(ctx, "a")(tx)
	})
	must(t, err)
	must(t, d.Update(ctx, func(*Tx) error { // another caller's turn
		if err := add(ctx, "late")(kept); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("Tx used after its Update: %v", err)
		}
		return nil
	}))
	if got := stored(t, d); got != "a" {
		t.Errorf("stored %q", got)
	}
}

func TestGroupBounds(t *testing.T) {
	for _, limit := range []string{"calls", "hold"} {
		d, ctx := openGroup(t, items), t.Context()
		tick := time.Unix(0, 0)
		d.SetClock(func() time.Time { tick = tick.Add(time.Second); return tick }) // one caller at a time: no lock
		if limit == "calls" {
			d.group.maxCalls = 2
		} else {
			d.group.maxHold = time.Nanosecond
		}
		visible := make([]int, 4)
		times := make(map[time.Time]bool)
		var calls []func()
		for i := range visible {
			calls = append(calls, func() {
				d.Update(ctx, func(tx *Tx) error {
					times[tx.Now] = true
					must(t, d.View(ctx, func(r *Tx) (err error) { // what has been committed so far
						visible[i], err = Get(ctx, r, One[int], `SELECT count(*) FROM item`)
						return err
					}))
					return add(ctx, fmt.Sprint(i))(tx)
				})
			})
		}
		together(t, d, calls...)
		want := map[string]string{"calls": "[0 1 1 3]", "hold": "[0 1 2 3]"}[limit] // the holder is in the first group
		if got := fmt.Sprint(visible); got != want || len(times) != 4 {
			t.Errorf("%s: commits seen %s, want %s; %d times", limit, got, want, len(times))
		}
	}
}

// Whatever callers do at once, the outcome is that of some serial order of
// those that were told nil: the order in which they ran, which the journal
// holds. Each reads everything, and writes what depends on all it read.
func TestGroupIsSerial(t *testing.T) {
	const cells, writers, updates = 4, 16, 25
	for round := range 4 {
		d := openGroup(t, `CREATE TABLE cell (i INTEGER PRIMARY KEY, v BIGINT NOT NULL);
			INSERT INTO cell VALUES (0, 1), (1, 1), (2, 1), (3, 1);
			CREATE TABLE journal (seq INTEGER PRIMARY KEY, id BIGINT NOT NULL)`)
		d.group.maxCalls = []int{1, 3, 8, 256}[round]
		d.group.carefulFor = []int{200, 8, 20, 50}[round] // 1 loses an unlucky caller eight times in a row
		next := func(v []int64, id int64) (int, int64) {
			sum := id
			for _, x := range v {
				sum = (sum*31 + x) % 1_000_003
			}
			return int(sum % cells), sum
		}
		var mu sync.Mutex
		told := map[int64][]int64{} // what each caller that was told nil had read
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(round), uint64(w)))
				for u := range updates {
					id := int64(w*updates + u)
					ctx, cancel := context.WithCancel(t.Context())
					fate := rnd.IntN(6)
					if fate == 0 {
						go cancel() // before, while or after it waits
					}
					var read []int64
					err := func() (err error) {
						defer func() {
							if recover() != nil {
								err = errOops
							}
						}()
						return d.Update(ctx, func(tx *Tx) (err error) {
							if read, err = List(ctx, tx, One[int64], `SELECT v FROM cell ORDER BY i`); err != nil {
								return err
							}
							i, v := next(read, id)
							if _, err = tx.Exec(ctx, `UPDATE cell SET v = $2 WHERE i = $1`, i, v); err != nil {
								return err
							}
							switch fate {
							case 1:
								return errOops
							case 2:
								panic(errOops)
							case 3:
								if u%2 == 0 {
									_, err = tx.Exec(ctx, `INSERT INTO cell VALUES (0, 0)`)
									return err
								}
							}
							_, err = tx.Exec(ctx, `INSERT INTO journal (id) VALUES ($1)`, id)
							return err
						})
					}()
					cancel()
					switch {
					case err == nil:
						mu.Lock()
						told[id] = read
						mu.Unlock()
					case !errors.Is(err, errOops) && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrExists):
						t.Errorf("caller %d: %v", id, err)
					}
				}
			})
		}
		wg.Wait()
		must(t, d.View(t.Context(), func(tx *Tx) error {
			ids, err := List(t.Context(), tx, One[int64], `SELECT id FROM journal ORDER BY seq`)
			must(t, err)
			final, err := List(t.Context(), tx, One[int64], `SELECT v FROM cell ORDER BY i`)
			must(t, err)
			v := []int64{1, 1, 1, 1}
			for _, id := range ids {
				if fmt.Sprint(told[id]) != fmt.Sprint(v) {
					t.Fatalf("round %d: caller %d read %v, serially %v", round, id, told[id], v)
				}
				i, x := next(v, id)
				v[i] = x
			}
			if fmt.Sprint(v) != fmt.Sprint(final) || len(ids) != len(told) || len(ids) < writers*updates/4 {
				t.Errorf("round %d: %v, serially %v; %d kept, %d told", round, final, v, len(ids), len(told))
			}
			return nil
		}))
	}
}

// A statement with a conflict clause of its own may leave rows behind, or end
// the transaction of all, although a row exists.
func TestGroupConflictClauses(t *testing.T) {
	for _, clause := range []string{"OR FAIL", "OR ROLLBACK"} {
		d, ctx := openGroup(t, items), t.Context()
		must(t, d.Update(ctx, add(ctx, "c")))
		var errs [3]error
		together(t, d,
			func() { errs[0] = d.Update(ctx, add(ctx, "a")) },
			func() {
				errs[1] = d.Update(ctx, func(tx *Tx) error {
					_, err := tx.Exec(ctx, `INSERT `+clause+` INTO item VALUES ('b'), ('c')`)
					return err
				})
			},
			func() { errs[2] = d.Update(ctx, add(ctx, "d")) },
		)
		if errs[0] != nil || errs[2] != nil || !errors.Is(errs[1], ErrExists) {
			t.Errorf("%s: %v", clause, errs)
		}
		if got := stored(t, d); got != "a c d" {
			t.Errorf("%s: stored %q", clause, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for q, want := range map[string]bool{
		"INSERT INTO a": true, "\n\tUPDATE orders SET": true, "DELETE FROM a": true, "UPDATE a SET": true,
		"UPDATE OR FAIL a": false, "UPDATE\n or\tFAIL a": false, "INSERT OR IGNORE INTO a": false, "insert into a": false, "/**/ DELETE FROM a": false,
		"REPLACE INTO a": false, "WITH a": false, "PRAGMA a": false, "": false,
	} {
		if plain(q) != want {
			t.Errorf("%q: %t", q, !want)
		}
	}
}

// A trigger may write although its statement changed no row.
func TestTriggersRefused(t *testing.T) {
	d := openGroup(t, items)
	err := d.Migrate(t.Context(), Schema{Module: "x", Files: fstest.MapFS{"sql/0001_x.sql": &fstest.MapFile{
		Data: []byte("-- +goose Up\n-- +goose StatementBegin\ncreate\n temp trigger x BEFORE INSERT ON item BEGIN SELECT 1; END;\n-- +goose StatementEnd\n"),
	}}})
	if err == nil || !strings.Contains(err.Error(), "trigger") {
		t.Errorf("got %v", err)
	}
}

// A context that ends under a migration ends only that.
func TestLendCancelled(t *testing.T) {
	d := openGroup(t, items)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.group.lend(ctx, func(*sql.DB) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("migrate: %v", err)
	}
	must(t, d.Update(t.Context(), add(t.Context(), "a")))
}

func TestLendAfterClose(t *testing.T) {
	d := openGroup(t, items)
	must(t, d.Close())
	err := d.group.lend(t.Context(), func(*sql.DB) error { t.Error("lent"); return nil })
	if !errors.Is(err, sql.ErrConnDone) || d.Broken() != nil {
		t.Errorf("%v, broken %v", err, d.Broken())
	}
}

func TestNestedDeep(t *testing.T) {
	d, ctx := openGroup(t, items), t.Context()
	var deep func(n int) error
	deep = func(n int) error {
		if n > 0 {
			return deep(n - 1)
		}
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return d.Update(ctx, add(ctx, "nested"))
	}
	must(t, d.Update(ctx, func(*Tx) error {
		if err := deep(500); !errors.Is(err, ErrNested) {
			t.Errorf("nested: %v", err)
		}
		return nil
	}))
}

// BenchmarkInsideUpdate is what a writer pays for the check against nesting
// when another one is writing.
func BenchmarkInsideUpdate(b *testing.B) {
	var deep func(n int) bool
	deep = func(n int) bool {
		if n == 0 {
			return insideUpdate()
		}
		return deep(n - 1)
	}
	for b.Loop() {
		if deep(25) { // about the depth of a request
			b.Fatal("nobody is inside")
		}
	}
}
