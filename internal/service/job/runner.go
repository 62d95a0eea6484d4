package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// Kind is a kind of work and how it is done.
type Kind struct {
	Name        string // unique, never changed, and the key of its name in locale/: "table.load"
	Run         func(ctx context.Context, r *Run) error
	MaxTries    int           // failures until it is dead; 0 is 5
	Lease       time.Duration // how long after its process died another may take it; 0 is one minute
	Concurrency int           // how many at once on a node; 0 is 1
	Timeout     time.Duration // of one attempt; 0 is none
}

// Runner does the work of one process.
type Runner struct {
	// Grace is how long running jobs may go on once the context of Run has
	// ended, 8 seconds unless set before Run.
	Grace time.Duration

	db        *db.DB
	log       *slog.Logger
	node      string
	token     string // of this process
	kinds     map[string]Kind
	order     []string // names of kinds, as given
	schedules []Schedule
	poll      time.Duration // how often to look without being woken
	beat      time.Duration // how often to extend leases
	pace      time.Duration // least time between two writes of progress

	begin sync.Mutex
	begun bool
	freed chan struct{} // a place is free

	mu      sync.Mutex
	running map[string]*attempt // by id of the job
	used    map[string]int      // places by kind
}

// NewRunner returns a runner that works once Run or Drain is called. node is
// the machine's name, for people.
func NewRunner(d *db.DB, log *slog.Logger, node string, kinds []Kind, schedules []Schedule) (*Runner, error) {
	r := &Runner{
		Grace: 8 * time.Second, db: d, log: log, node: node, token: id.Random(), kinds: map[string]Kind{},
		poll: time.Second, beat: time.Minute / 3, pace: time.Second / 2,
		freed: make(chan struct{}, 1), running: map[string]*attempt{}, used: map[string]int{},
	}
	for _, k := range append([]Kind{r.purging()}, kinds...) {
		if _, twice := r.kinds[k.Name]; twice || k.Name == "" || k.Run == nil {
			return nil, fmt.Errorf("job kind %q is incomplete or there twice", k.Name)
		}
		k = k.filled()
		r.beat = min(r.beat, k.Lease/3)
		r.kinds[k.Name] = k
		r.order = append(r.order, k.Name)
	}
	for _, s := range append([]Schedule{{Name: "job.purge", Kind: "job.purge", Every: "daily 03:30"}}, schedules...) {
		if _, known := r.kinds[s.Kind]; !known {
			return nil, fmt.Errorf("schedule %s: there is no kind %q", s.Name, s.Kind)
		}
		if _, err := s.next(d.Now()); err != nil {
			return nil, err
		}
		r.schedules = append(r.schedules, s)
	}
	return r, nil
}

// filled returns k with the defaults in place of zeros.
func (k Kind) filled() Kind {
	if k.MaxTries <= 0 {
		k.MaxTries = 5
	}
	if k.Lease <= 0 {
		k.Lease = time.Minute
	}
	if k.Concurrency <= 0 {
		k.Concurrency = 1
	}
	return k
}

// Run works until ctx ends; then running jobs get Grace, and what is left goes
// back to the queue. It returns once that is written.
func (r *Runner) Run(ctx context.Context) {
	r.work(ctx, &shift{stopping: make(chan struct{}), held: func(err error) bool {
		r.log.Warn("jobs are held up", "err", err)
		return true
	}})
}

// Drain fires the schedules and runs the jobs that are due, and those they
// make, until none is left: for commands that end and for tests. It returns
// the errors of jobs that failed, joined, or the first error of the database.
func (r *Runner) Drain(ctx context.Context) error {
	var held error
	s := &shift{stopping: make(chan struct{}), ends: true, held: func(err error) bool {
		held = err
		return false
	}}
	r.work(ctx, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(append(s.failures, held, ctx.Err())...)
}

// shift is one call of Run or Drain.
type shift struct {
	stopping chan struct{}    // closed when the shift is told to end
	ends     bool             // when nothing is left
	held     func(error) bool // hears an error of the database and says whether to go on

	mu       sync.Mutex
	failures []error // of its jobs; a shift that does not end keeps none
}

func (s *shift) failed(err error) {
	if s.ends {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failures = append(s.failures, err)
	}
}

// work is what Run and Drain do.
func (r *Runner) work(ctx context.Context, s *shift) {
	beats, end := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { r.keepLeases(beats) })
	defer wg.Wait()
	defer end()
	woken, quiet := r.db.Waiting(Topic)
	defer quiet()
	for ctx.Err() == nil {
		idle := len(r.alive(nil)) == 0 // before the turn: a job that ends during it kept its place
		n, err := r.turn(ctx, s)
		if err != nil && ctx.Err() == nil && !s.held(err) {
			break
		}
		if s.ends && err == nil && n == 0 && idle {
			return
		}
		select {
		case <-ctx.Done():
		case <-woken:
		case <-r.freed:
		case <-time.After(r.poll):
		}
	}
	r.windDown(s)
}

// turn does everything that is due once, and returns how many jobs it started.
func (r *Runner) turn(ctx context.Context, s *shift) (int, error) {
	if err := r.first(ctx); err != nil {
		return 0, fmt.Errorf("start: %w", err)
	}
	if err := r.fire(ctx); err != nil {
		return 0, fmt.Errorf("schedules: %w", err)
	}
	if err := r.reap(ctx, false); err != nil {
		return 0, fmt.Errorf("leases: %w", err)
	}
	taken, err := r.claim(ctx)
	if err != nil {
		return 0, fmt.Errorf("claim: %w", err)
	}
	for _, a := range taken {
		a.shift, a.stopping = s, s.stopping
		r.start(context.WithoutCancel(ctx), a)
	}
	return len(taken), nil
}

// first writes down the schedules and, where the database belongs to this
// process, frees what earlier processes held. It does so once.
func (r *Runner) first(ctx context.Context) error {
	r.begin.Lock()
	defer r.begin.Unlock()
	if r.begun {
		return nil
	}
	if err := r.plan(ctx); err != nil {
		return err
	}
	if r.db.Engine() == "sqlite" {
		if err := r.reap(ctx, true); err != nil {
			return err
		}
	}
	r.begun = true
	return nil
}

// alive lists the jobs of a shift that are running, or of all with nil.
func (r *Runner) alive(s *shift) []*attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []*attempt
	for _, a := range r.running {
		if s == nil || a.shift == s {
			all = append(all, a)
		}
	}
	return all
}

// windDown waits for what runs, asks it to stop when the grace is over, and
// gives back what does not.
func (r *Runner) windDown(s *shift) {
	close(s.stopping)
	if r.await(s, r.Grace) {
		return
	}
	for _, a := range r.alive(s) {
		a.cancel(errStopped)
	}
	if r.await(s, time.Second) {
		return
	}
	for _, a := range r.alive(s) { // it does not listen: let it be, it can write nothing any more
		r.log.Warn("job does not stop", "job", a.id, "kind", a.kind.Name)
		r.settle(a, errStopped)
	}
}

// await waits until nothing of a shift runs, but not longer than d.
func (r *Runner) await(s *shift, d time.Duration) bool {
	end := time.After(d)
	for len(r.alive(s)) > 0 {
		select {
		case <-r.freed:
		case <-end:
			return false
		case <-time.After(100 * time.Millisecond): // another shift may have taken the hint
		}
	}
	return true
}
