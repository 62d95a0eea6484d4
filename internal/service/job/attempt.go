package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
)

// ErrGiveUp, wrapped in what Kind.Run returns, says that no further try can
// help: the job is dead at once. A fault of the kind Invalid says the same.
var ErrGiveUp = errors.New("no further try can help")

// Why the context of a running job ended: context.Cause tells.
var (
	errCancelled = errors.New("the job was cancelled")
	errStopped   = errors.New("the program is stopping")
	errLost      = errors.New("the job's lease is lost")
)

// again is what Again returns.
type again struct{ after time.Duration }

func (a again) Error() string { return fmt.Sprintf("not yet: again after %s", a.after) }

// Again returns an error that puts the job back for some time without counting
// a try: what it waits for is not there yet.
func Again(after time.Duration) error { return again{after} }

// Run is one attempt at a job, as Kind.Run sees it.
type Run struct {
	id, args, actor, recordKind, record string
	holder                              string
	tries, lost                         int
	r                                   *Runner
	stopping                            chan struct{}
	report                              report
}

// ID returns the job's id.
func (r *Run) ID() string { return r.id }

// Actor returns who wanted the job.
func (r *Run) Actor() string { return r.actor }

// Record returns the kind and id of the record that the job is about.
func (r *Run) Record() (kind, id string) { return r.recordKind, r.record }

// Tries returns the number of this attempt, from 1.
func (r *Run) Tries() int { return r.tries }

// Args reads the arguments into v.
func (r *Run) Args(v any) error {
	if err := json.Unmarshal([]byte(r.args), v); err != nil {
		return fmt.Errorf("%w: arguments: %w", ErrGiveUp, err)
	}
	return nil
}

// Stopping is closed when the program begins to stop: a long job may save its
// place and return Again(0) instead of using up the grace.
func (r *Run) Stopping() <-chan struct{} { return r.stopping }

// Hold makes tx fail with db.ErrConflict unless this attempt still has the job.
func (r *Run) Hold(ctx context.Context, tx *db.Tx) error {
	return tx.MustChange(ctx, `UPDATE job SET cancel = cancel WHERE id = $1 AND holder = $2 AND state = 'running'`, r.id, r.holder)
}

// Finish marks the job done in the transaction that writes its effect, so that
// both happen exactly once. It fails with db.ErrConflict in an attempt that has
// lost the job. Kind.Run should return nil soon afterwards.
func (r *Run) Finish(ctx context.Context, tx *db.Tx) error {
	tx.Wake(TopicOf(r.id))
	return tx.MustChange(ctx, `UPDATE job SET state = 'done', ended_at = $3, error = '', why = ''
		WHERE id = $1 AND holder = $2 AND state = 'running'`, r.id, r.holder, tx.Now.UnixMicro())
}

// attempt is a Run with what only the runner needs.
type attempt struct {
	Run
	kind   Kind
	cancel context.CancelCauseFunc
	until  atomic.Int64 // when the lease ends, by this process's clock, ns
	shift  *shift
}

// start runs an attempt in its own goroutine.
func (r *Runner) start(ctx context.Context, a *attempt) {
	ctx, a.cancel = context.WithCancelCause(ctx)
	a.report = report{run: &a.Run, pace: r.pace}
	r.mu.Lock()
	r.running[a.id] = a
	r.used[a.kind.Name]++
	r.mu.Unlock()
	go func() {
		defer r.leave(a)
		err := a.call(ctx)
		a.report.end()
		if cause := context.Cause(ctx); err != nil && cause != nil {
			err = fmt.Errorf("%w: %w", cause, err)
		}
		r.settle(a, err)
		if err != nil {
			a.shift.failed(fmt.Errorf("%s %s: %w", a.kind.Name, a.id, err))
		}
	}()
}

func (r *Runner) leave(a *attempt) {
	a.cancel(nil)
	r.mu.Lock()
	delete(r.running, a.id)
	r.used[a.kind.Name]--
	r.mu.Unlock()
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// call runs the kind's function; a panic becomes an error with its stack in the
// log.
func (a *attempt) call(ctx context.Context) (err error) {
	if a.kind.Timeout > 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, a.kind.Timeout)
		defer end()
	}
	returned := false
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		} else if !returned {
			err = errors.New("the goroutine ended itself")
		}
		if !returned {
			a.r.log.Error("job panicked", "job", a.id, "kind", a.kind.Name, "err", err, "stack", string(debug.Stack()))
		}
	}()
	err = a.kind.Run(ctx, &a.Run)
	returned = true
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		err = fault.New(fault.Timeout, "job.timeout", "seconds", int64(a.kind.Timeout.Seconds())).Wrap(err)
	}
	return err
}

// outcome is what becomes of a job after an attempt.
type outcome struct {
	state State
	after time.Duration // until the next try, when queued
	back  bool          // the attempt does not count
	why   Phrase
	text  string
}

func (a *attempt) outcome(err error) outcome {
	var later again
	switch {
	case err == nil:
		return outcome{state: Done}
	case errors.Is(err, errCancelled):
		return outcome{state: Cancelled, why: Phrase{Key: "job.cancelled"}}
	case errors.Is(err, errStopped):
		return outcome{state: Queued, back: true, why: Phrase{Key: "job.put_back"}}
	case errors.As(err, &later):
		return outcome{state: Queued, back: true, after: later.after}
	case errors.Is(err, ErrGiveUp), fault.KindOf(err) == fault.Invalid, a.tries-a.lost >= a.kind.MaxTries:
		return outcome{state: Dead, why: why(err), text: err.Error()}
	}
	return outcome{state: Queued, after: pause(a.tries - a.lost), why: why(err), text: err.Error()}
}

// pause grows from five seconds by doubling to an hour, half of it at random.
func pause(failed int) time.Duration {
	d := min(time.Hour, 5*time.Second<<min(max(failed-1, 0), 20))
	return d/2 + rand.N(d/2+1)
}

// settle writes what became of an attempt. If the database is away for longer,
// the lease runs out and somebody does it again.
func (r *Runner) settle(a *attempt, err error) {
	if errors.Is(err, errLost) {
		r.log.Warn("job was taken over", "job", a.id, "kind", a.kind.Name)
		return
	}
	o := a.outcome(err)
	switch {
	case o.state == Dead:
		r.log.Error("job gave up", "job", a.id, "kind", a.kind.Name, "tries", a.tries, "err", err)
	case err != nil:
		r.log.Warn("job did not finish", "job", a.id, "kind", a.kind.Name, "tries", a.tries, "now", o.state, "err", err)
	}
	for i := range 5 {
		ctx, end := context.WithTimeout(context.Background(), 10*time.Second)
		err = r.write(ctx, a, o)
		end()
		if err == nil {
			return
		}
		select {
		case <-time.After(100 * time.Millisecond << (2 * i)):
		case <-a.stopping:
		}
	}
	r.log.Error("what became of a job is not written", "job", a.id, "kind", a.kind.Name, "err", err)
}

func (r *Runner) write(ctx context.Context, a *attempt, o outcome) error {
	back := 0
	if o.back {
		back = 1
	}
	return r.db.Claim(ctx, func(tx *db.Tx) error {
		at := tx.Now.Add(o.after)
		tx.Wake(TopicOf(a.id))
		if o.state == Queued {
			tx.Wake(Topic)
		}
		_, err := tx.Exec(ctx, `UPDATE job SET state = CASE WHEN cancel AND $3 = 'queued' THEN 'cancelled' ELSE $3 END,
			tries = tries - $4, run_at = $5, rank = CAST($5 AS BIGINT) - CAST($6 AS BIGINT) * priority, why = $7, error = $8, runner = '',
			ended_at = CASE WHEN $3 <> 'queued' OR cancel THEN CAST($9 AS BIGINT) END
			WHERE id = $1 AND holder = $2 AND state = 'running'`,
			a.id, a.holder, string(o.state), back, at.UnixMicro(), step.Microseconds(), o.why.text(), o.text, tx.Now.UnixMicro())
		return err
	})
}

// Progress says how far the job is: done of total (0 while unknown), and what
// it is doing, as a key of locale/ with pairs of a name and its value. It never
// waits and may be called for every row: twice a second the latest is written.
func (r *Run) Progress(_ context.Context, done, total int64, key string, args ...any) {
	r.report.say(said{done, total, Phrase{key, args}})
}

type said struct {
	done, total int64
	words       Phrase
}

// report writes progress at its pace.
type report struct {
	run  *Run
	pace time.Duration

	mu     sync.Mutex
	latest *said // not yet written
	timer  *time.Timer
	last   time.Time
	writes sync.WaitGroup
	ended  bool
}

func (p *report) say(s said) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	waiting := p.latest != nil
	p.latest = &s
	if !waiting {
		p.writes.Add(1)
		p.timer = time.AfterFunc(time.Until(p.last.Add(p.pace)), func() {
			defer p.writes.Done()
			p.flush()
		})
	}
}

// flush writes the latest. A failure costs a moment of the display only.
func (p *report) flush() {
	p.mu.Lock()
	s := p.latest
	p.latest, p.last = nil, time.Now()
	p.mu.Unlock()
	if s == nil {
		return
	}
	ctx, end := context.WithTimeout(context.Background(), 10*time.Second)
	defer end()
	err := p.run.r.db.Claim(ctx, func(tx *db.Tx) error {
		tx.Wake(TopicOf(p.run.id))
		_, err := tx.Exec(ctx, `UPDATE job SET done = $3, total = $4, words = $5 WHERE id = $1 AND holder = $2`,
			p.run.id, p.run.holder, s.done, s.total, s.words.text())
		return err
	})
	if err != nil {
		p.run.r.log.Debug("progress is not written", "job", p.run.id, "err", err)
	}
}

// end writes what is still unwritten and waits for it.
func (p *report) end() {
	p.mu.Lock()
	p.ended = true
	stopped := p.timer != nil && p.timer.Stop()
	p.mu.Unlock()
	if stopped {
		p.writes.Done()
	}
	p.writes.Wait()
	p.flush()
}
