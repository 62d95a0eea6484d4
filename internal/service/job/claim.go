package job

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// claim takes what is due for the free places. It looks before it locks, so
// that an idle runner writes nothing.
func (r *Runner) claim(ctx context.Context) ([]*attempt, error) {
	free := r.free()
	if len(free) == 0 {
		return nil, nil
	}
	due, err := r.due(ctx, free)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	var taken []*attempt
	begun := time.Now() // leases are counted from before they are written
	err = r.db.Claim(ctx, func(tx *db.Tx) error {
		taken = nil
		for _, kind := range due {
			as, err := r.take(ctx, tx, r.kinds[kind], free[kind])
			if err != nil {
				return err
			}
			taken = append(taken, as...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, a := range taken {
		a.until.Store(begun.Add(a.kind.Lease).UnixNano())
	}
	return taken, nil
}

// free returns how many more jobs of each kind may run here.
func (r *Runner) free() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	free := map[string]int{}
	for name, k := range r.kinds {
		if n := k.Concurrency - r.used[name]; n > 0 {
			free[name] = n
		}
	}
	return free
}

// due returns the kinds among free that have a job which may run, in the order
// in which they were given.
func (r *Runner) due(ctx context.Context, free map[string]int) ([]string, error) {
	var names []string
	for _, n := range r.order {
		if free[n] > 0 {
			names = append(names, n)
		}
	}
	values, args := "", []any(nil)
	for i, n := range names {
		values += fmt.Sprintf(", ($%d)", i+3)
		args = append(args, n)
	}
	var found []string
	err := r.db.View(ctx, func(tx *db.Tx) (err error) {
		found, err = db.List(ctx, tx, db.One[string], `SELECT v.column1 FROM (VALUES `+values[2:]+`) v
			WHERE EXISTS (SELECT 1 FROM job WHERE `+waiting("v.column1", 1, 2)+`)`,
			append([]any{latest(tx.Now), tx.Now.UnixMicro()}, args...)...)
		return err
	})
	slices.SortFunc(found, func(a, b string) int { return slices.Index(names, a) - slices.Index(names, b) })
	return found, err
}

// waiting is the condition for a job of a kind that may run. The bound on rank
// lets the index pass over what is due later: no rank is further from its time
// than nine steps.
func waiting(kind string, latest, now int) string {
	return fmt.Sprintf(`state = 'queued' AND kind = %s AND rank <= $%d AND run_at <= $%d`, kind, latest, now)
}

func latest(now time.Time) int64 { return rank(now, -9) }

// take claims up to n jobs of a kind.
func (r *Runner) take(ctx context.Context, tx *db.Tx, k Kind, n int) ([]*attempt, error) {
	holder := id.Random()
	type taken struct {
		id, args, actor, recordKind, record string
		tries, lost                         int
	}
	got, err := db.List(ctx, tx, func(v *taken) []any {
		return []any{&v.id, &v.args, &v.actor, &v.recordKind, &v.record, &v.tries, &v.lost}
	}, `WITH picked AS (SELECT id FROM job WHERE `+waiting("$1", 2, 3)+` ORDER BY rank, id LIMIT $4 `+tx.SkipLocked()+`)
		UPDATE job SET state = 'running', tries = tries + 1, runner = $5, node = $6, holder = $7, lease_until = $8, started_at = $3
		WHERE id IN (SELECT id FROM picked) RETURNING id, args, actor, record_kind, record, tries, lost`,
		k.Name, latest(tx.Now), tx.Now.UnixMicro(), n, r.token, r.node, holder, tx.Now.Add(k.Lease).UnixMicro())
	if err != nil {
		return nil, err
	}
	var as []*attempt
	for _, v := range got {
		tx.Wake(TopicOf(v.id))
		as = append(as, &attempt{Run: Run{
			id: v.id, args: v.args, actor: v.actor, recordKind: v.recordKind, record: v.record, holder: holder,
			tries: v.tries, lost: v.lost, r: r,
		}, kind: k})
	}
	return as, nil
}

// reap takes back jobs whose process is gone: those whose lease has run out, or
// with all, every one that this process does not hold.
func (r *Runner) reap(ctx context.Context, all bool) error {
	var mine []string
	for _, a := range r.alive(nil) {
		mine = append(mine, a.id)
	}
	type stale struct {
		id, kind                     string
		tries, lost, priority, asked int
	}
	fields := func(v *stale) []any { return []any{&v.id, &v.kind, &v.tries, &v.lost, &v.priority, &v.asked} }
	find := func(tx *db.Tx, lock string) ([]stale, error) {
		until := tx.Now.UnixMicro()
		if all {
			until = 1<<63 - 1
		}
		in, args := db.In(2, append(mine, ""))
		return db.List(ctx, tx, fields, `SELECT id, kind, tries, lost, priority, CASE WHEN cancel THEN 1 ELSE 0 END FROM job
			WHERE state = 'running' AND lease_until < $1 AND id NOT IN `+in+` ORDER BY lease_until LIMIT 100 `+lock,
			append([]any{until}, args...)...)
	}
	for {
		var found []stale
		if err := r.db.View(ctx, func(tx *db.Tx) (err error) { found, err = find(tx, ""); return err }); err != nil || len(found) == 0 {
			return err
		}
		if err := r.db.Claim(ctx, func(tx *db.Tx) (err error) {
			if found, err = find(tx, tx.SkipLocked()); err != nil {
				return err
			}
			for _, v := range found {
				if err := r.lose(ctx, tx, v.id, v.kind, v.lost+1, v.priority, v.asked != 0); err != nil {
					return err
				}
			}
			return nil
		}); err != nil || len(found) == 0 {
			return err
		}
	}
}

// maxLost is how many processes may die under a job before it is suspected.
const maxLost = 10

// lose puts back a job whose process died, at once the first time and with
// growing pauses after, or ends it if it was cancelled or is suspect.
func (r *Runner) lose(ctx context.Context, tx *db.Tx, id, kind string, lost, priority int, asked bool) error {
	state, at, phrase, text := Queued, tx.Now, Phrase{}, ""
	switch {
	case asked:
		state, phrase = Cancelled, Phrase{Key: "job.cancelled"}
	case lost >= max(maxLost, r.kinds[kind].MaxTries):
		state, phrase, text = Dead, Phrase{"job.lost", []any{"n", lost}}, "its process died too often"
	case lost > 1:
		at = at.Add(pause(lost - 1))
	}
	r.log.Warn("job lost its process", "job", id, "kind", kind, "times", lost, "now", state)
	tx.Wake(Topic)
	tx.Wake(TopicOf(id))
	_, err := tx.Exec(ctx, `UPDATE job SET state = $2, lost = $3, run_at = $4, rank = $5, why = $6, error = $7, holder = '', runner = '',
		ended_at = CASE WHEN $2 <> 'queued' THEN CAST($8 AS BIGINT) END WHERE id = $1 AND state = 'running'`,
		id, string(state), lost, at.UnixMicro(), rank(at, priority), phrase.text(), text, tx.Now.UnixMicro())
	return err
}

// keepLeases extends the leases of what runs here, and hears who asked a job to
// stop.
func (r *Runner) keepLeases(ctx context.Context) {
	asked, quiet := r.db.Waiting(stopTopic)
	defer quiet()
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		case <-time.After(r.beat):
		}
		// An update begun is brought to its end: one cut off keeps its row locked
		// until PostgreSQL notices, and the next claim would pass over that job.
		whole, end := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		r.extend(whole)
		end()
	}
}

// extend extends every lease once. A job whose row is no longer ours is told to
// stop, and so is one whose lease ran out while the database could not be
// reached, as another node may have begun with it. One that has just called
// Run.Finish still holds its row: to cancel it would leave it in doubt whether
// its transaction was committed.
func (r *Runner) extend(ctx context.Context) {
	for _, a := range r.alive(nil) {
		begun := time.Now()
		var kept []bool
		err := r.db.Claim(ctx, func(tx *db.Tx) (err error) {
			kept, err = db.List(ctx, tx, db.One[bool], `UPDATE job SET lease_until = $3
				WHERE id = $1 AND holder = $2 RETURNING cancel AND state = 'running'`,
				a.id, a.holder, tx.Now.Add(a.kind.Lease).UnixMicro())
			return err
		})
		switch {
		case err != nil && begun.UnixNano() > a.until.Load() && r.db.Engine() != "sqlite":
			a.cancel(errLost)
		case err != nil:
			r.log.Warn("lease is not extended", "job", a.id, "err", err)
		case len(kept) == 0:
			a.cancel(errLost)
		case kept[0]:
			a.cancel(errCancelled)
		default:
			a.until.Store(begun.Add(a.kind.Lease).UnixNano())
		}
	}
}
