package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3" // SQLite files
	"golang.org/x/sync/semaphore"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/stored"
)

// Limits bound what a Library takes. Zero fields get the value in brackets.
type Limits struct {
	Budget   time.Duration // for one query [3 s]
	Parallel int           // DuckDB queries at once, over all versions [4]
	MemoryMB int           // for the DuckDB engine of one open version [192]
	Threads  int           // … and its threads [2]
	Open     int           // versions kept open [16]
	Idle     time.Duration // after which a version is closed [5 min]
	Temp     string        // folder to spill to and to prepare exports in [the system's]
}

// Library keeps versions open for queries and closes those nobody asks.
type Library struct {
	lim   Limits
	slots *semaphore.Weighted
	mu    sync.Mutex
	open  map[string]*Version
	now   func() time.Time
	spill string // private folder of the engines; made when the first opens
}

// NewLibrary returns a Library without open versions.
func NewLibrary(lim Limits) *Library {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&lim.Parallel, 4)
	def(&lim.MemoryMB, 192)
	def(&lim.Threads, 2)
	def(&lim.Open, 16)
	if lim.Budget <= 0 {
		lim.Budget = 3 * time.Second
	}
	if lim.Idle <= 0 {
		lim.Idle = 5 * time.Minute
	}
	if lim.Temp == "" {
		lim.Temp = os.TempDir()
	}
	return &Library{lim: lim, slots: semaphore.NewWeighted(int64(lim.Parallel)), open: map[string]*Version{}, now: time.Now}
}

// Version is a version that can be queried. It is safe for concurrent use and
// stays good while its files are there: engines are opened when a query needs
// them and closed by the Library when nobody does.
type Version struct {
	lib *Library
	dir string

	mu       sync.Mutex
	manifest *table.Manifest
	written  time.Time // when the manifest that was read last was written
	duck     *sql.DB
	lite     *sql.DB
	inUse    int
	used     time.Time
	prepared map[string]*sql.Stmt // over lite
	counts   map[string]int64     // exact totals of filters, which never change
}

// Open returns the version in dir. A folder without a manifest is
// fault.NotFound.
func (l *Library) Open(dir string) (*Version, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v := l.open[dir]; v != nil {
		v.touch(l.now())
		return v, nil
	}
	m, err := table.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	v := &Version{lib: l, dir: dir, manifest: m, used: l.now(), counts: map[string]int64{}, prepared: map[string]*sql.Stmt{}}
	l.open[dir] = v
	l.sweep()
	return v, nil
}

// Sweep closes the engines of versions that were idle for long; whoever runs
// the Library calls it now and then. Open does it too.
func (l *Library) Sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep()
}

// sweep closes what is idle, and the longest unused beyond the limit.
func (l *Library) sweep() {
	now := l.now()
	for dir, v := range l.open {
		if v.closeIdle(now, l.lim.Idle) {
			delete(l.open, dir)
		}
	}
	for len(l.open) > l.lim.Open {
		var oldest *Version
		for _, v := range l.open {
			if oldest == nil || v.lastUsed().Before(oldest.lastUsed()) {
				oldest = v
			}
		}
		if !oldest.closeIdle(now, 0) {
			return // all are busy; the next sweep comes
		}
		delete(l.open, oldest.dir)
	}
}

// Close closes every version that is not in the middle of a query.
func (l *Library) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for dir, v := range l.open {
		if v.closeIdle(l.now(), 0) {
			delete(l.open, dir)
		}
	}
	if l.spill != "" && len(l.open) == 0 {
		os.RemoveAll(l.spill)
		l.spill = ""
	}
}

// engine bounds an engine and gives it a folder of its own to spill to: DuckDB
// lets queries read and write there even when it is locked.
//
// A Version that was closed and forgotten meanwhile is taken up again; if
// another stands for its folder now, that one is returned to be used.
func (l *Library) engine(v *Version) (*Version, stored.Limits, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.open[v.dir]; known != nil {
		v = known
	}
	l.open[v.dir] = v
	if l.spill == "" {
		dir, err := os.MkdirTemp(l.lim.Temp, "table-")
		if err != nil {
			return v, stored.Limits{}, fmt.Errorf("make room to spill: %w", err)
		}
		l.spill = dir
	}
	return v, stored.Limits{MemoryMB: l.lim.MemoryMB, Threads: l.lim.Threads, Temp: l.spill}, nil
}

func (v *Version) touch(now time.Time) {
	v.mu.Lock()
	v.used = now
	v.mu.Unlock()
}

func (v *Version) lastUsed() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.used
}

// closeIdle closes the engines if nobody used them for the time, and reports
// whether it did.
func (v *Version) closeIdle(now time.Time, idle time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.inUse > 0 || now.Sub(v.used) < idle {
		return false
	}
	v.forget()
	for _, db := range []*sql.DB{v.duck, v.lite} {
		if db != nil {
			db.Close()
		}
	}
	v.duck, v.lite = nil, nil
	return true
}

// Manifest returns the version's manifest, read again after a derivation.
func (v *Version) Manifest() *table.Manifest {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.manifest.Ready(table.LookupFile) && v.manifest.Ready(table.ParquetFile) && v.manifest.Ready(table.CSVFile) {
		return v.manifest
	}
	st, err := os.Stat(v.path(table.ManifestFile))
	if err != nil || st.ModTime().Equal(v.written) {
		return v.manifest
	}
	if m, err := table.ReadManifest(v.dir); err == nil {
		v.manifest, v.written = m, st.ModTime()
	}
	return v.manifest
}

// session is the engines of a version held for the length of a query.
type session struct {
	v    *Version
	m    *table.Manifest
	duck *sql.DB
	lite *sql.DB // nil while look-ups are pending
}

// hold opens what is closed. The caller releases.
func (v *Version) hold() (*session, error) {
	v, lim, err := v.lib.engine(v)
	if err != nil {
		return nil, err
	}
	m := v.Manifest()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.duck == nil {
		db, err := stored.OpenDuck(v.path(table.RowsFile), lim, stored.Lockdown)
		if err != nil {
			return nil, err
		}
		db.SetMaxIdleConns(v.lib.lim.Parallel)
		v.duck = db
	}
	if v.lite == nil && m.Ready(table.LookupFile) {
		db, err := sql.Open("sqlite3", "file:"+stored.URIPath(filepath.Join(v.dir, table.LookupFile))+"?mode=ro&immutable=1&_query_only=1&_cache_size=-4096")
		if err != nil {
			return nil, fmt.Errorf("open look-ups: %w", err)
		}
		db.SetMaxOpenConns(8)
		db.SetMaxIdleConns(4)
		v.lite = db
	}
	v.inUse++
	v.used = v.lib.now()
	return &session{v: v, m: m, duck: v.duck, lite: v.lite}, nil
}

func (s *session) release() {
	s.v.mu.Lock()
	s.v.inUse--
	s.v.used = s.v.lib.now()
	if s.v.inUse == 0 && len(s.v.prepared) >= statementsKept {
		s.v.forget() // other questions come: begin anew
	}
	s.v.mu.Unlock()
}

// ask runs a query on the version within the budget. Errors that come of the
// budget or of a caller who left are told apart from ours.
func (v *Version) ask(ctx context.Context, do func(ctx context.Context, s *session) error) error {
	s, err := v.hold()
	if err != nil {
		return err
	}
	defer s.release()
	ctx, cancel := context.WithTimeout(ctx, v.lib.lim.Budget)
	defer cancel()
	err = do(ctx, s)
	switch {
	case err == nil || fault.KindOf(err) != fault.Internal:
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fault.New(fault.Timeout, "table.timeout", "seconds", v.lib.lim.Budget.Seconds()).Wrap(err)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("query: %w", err)
}

// statementsKept bounds how many statements over the look-up file a version
// keeps prepared: preparing one takes longer than reading a row by its key.
const statementsKept = 100

// lookUp asks the look-up file.
func (s *session) lookUp(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	st, err := s.v.statement(ctx, s.lite, q)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return s.lite.QueryContext(ctx, q, args...)
	}
	return st.QueryContext(ctx, args...)
}

// statement prepares q, or returns it as it was prepared before; nil when too
// many are kept already.
func (v *Version) statement(ctx context.Context, lite *sql.DB, q string) (*sql.Stmt, error) {
	v.mu.Lock()
	st, full := v.prepared[q], len(v.prepared) >= statementsKept
	v.mu.Unlock()
	if st != nil || full {
		return st, nil
	}
	st, err := lite.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if known := v.prepared[q]; known != nil {
		defer st.Close()
		return known, nil
	}
	v.prepared[q] = st
	return st, nil
}

// forget lets go of what is prepared. Nobody may be using it.
func (v *Version) forget() {
	for _, st := range v.prepared {
		st.Close()
	}
	clear(v.prepared)
}

// heavy runs a DuckDB query when one of the few slots is free.
func (s *session) heavy(ctx context.Context, do func() error) error {
	if err := s.v.lib.slots.Acquire(ctx, 1); err != nil {
		return fault.New(fault.Unavailable, "table.busy").After(time.Second).Wrap(err)
	}
	defer s.v.lib.slots.Release(1)
	return do()
}

func (v *Version) path(name string) string { return filepath.Join(v.dir, name) }
