package ballot

import (
	"context"
	"errors"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/who"
)

// Remind is how long before the closing those are reminded who have not voted.
const Remind = 24 * time.Hour

// Jobs are this module's work by the clock.
func (o *Office) Jobs() []job.Kind {
	return []job.Kind{{Name: "ballot.clock", Timeout: 10 * time.Minute, Run: func(ctx context.Context, _ *job.Run) error { return o.Tick(ctx) }}}
}

// Schedules say when: every minute. A late tick harms nothing, see
// Poll.TakesVotes.
func Schedules() []job.Schedule {
	return []job.Schedule{{Name: "ballot.clock", Kind: "ballot.clock", Every: "1m"}}
}

// Tick opens and closes what is due, releases batches, counts, and ends windows
// for objections: for every poll that waits for the clock. One that fails holds
// up no other.
func (o *Office) Tick(ctx context.Context) error {
	var due []string
	if err := o.DB.View(ctx, func(tx *db.Tx) (err error) {
		due, err = db.List(ctx, tx, db.One[string], `SELECT id FROM poll WHERE state IN ('declared', 'open', 'closed', 'provisional') ORDER BY closes, id`)
		return err
	}); err != nil {
		return err
	}
	var failed error
	for _, poll := range due {
		failed = errors.Join(failed, o.Advance(ctx, poll))
	}
	return failed
}

// Advance moves one poll as far as the clock allows, a transaction for each
// step.
func (o *Office) Advance(ctx context.Context, poll string) error {
	for {
		again := false
		if err := o.DB.Update(ctx, func(tx *db.Tx) error {
			p, err := Get(ctx, tx, poll)
			if err == nil {
				again, err = step(ctx, tx, &p)
			}
			return err
		}); err != nil || !again {
			return err
		}
	}
}

// step takes one step, and reports whether there may be another.
func step(ctx context.Context, tx *db.Tx, p *Poll) (again bool, err error) {
	switch p.State {
	case Declared:
		if tx.Now.Before(p.Opens.Time) {
			return false, nil
		}
		_, err = move(ctx, tx, clock, p, Open, "", nil)
		return true, err
	case Open:
		if tx.Now.Before(p.Closes.Time) {
			if err := remind(ctx, tx, p); err != nil {
				return false, err
			}
			return false, releaseDue(ctx, tx, p)
		}
		left, err := release(ctx, tx, *p)
		if err != nil || left > 0 {
			return true, err
		}
		return true, closePoll(ctx, tx, p)
	case Closed:
		return count(ctx, tx, p)
	case Provisional:
		if tx.Now.Before(p.ObjectUntil()) {
			return false, nil
		}
		open, err := openObjections(ctx, tx, p.ID)
		if err != nil || open > 0 {
			return false, err // somebody decides: see Finalise
		}
		_, err = move(ctx, tx, clock, p, Final, "", nil)
		return false, err
	}
	return false, nil
}

// remind has those told who have not voted, once, a day before the closing of a
// poll that was open for longer than that.
func remind(ctx context.Context, tx *db.Tx, p *Poll) error {
	if p.reminded || p.Closes.Sub(tx.Now) > Remind || p.Closes.Sub(p.Opens.Time) <= Remind {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE poll SET reminded = TRUE WHERE id = $1`, p.ID); err != nil {
		return err
	}
	_, err := tell(ctx, tx, clock, "poll.reminded", *p, "", nil)
	return err
}

// closePoll ends the voting: tokens go, so that nobody can show which ballot is
// theirs, and the log gets the digest of the list that is public from now on.
func closePoll(ctx context.Context, tx *db.Tx, p *Poll) error {
	if _, err := tx.Exec(ctx, `UPDATE poll_ballot SET token = NULL WHERE poll = $1 AND token IS NOT NULL`, p.ID); err != nil {
		return err
	}
	l, err := published(ctx, tx, *p)
	if err != nil {
		return err
	}
	raw, err := l.JSON()
	if err != nil {
		return err
	}
	entry, err := move(ctx, tx, clock, p, Closed, "", map[string]any{"ballots": len(l.Ballots), "list_sha256": hash(string(raw))})
	if err != nil {
		return err
	}
	p.Closing = entry
	_, err = tx.Exec(ctx, `UPDATE poll SET closing = $2 WHERE id = $1`, p.ID, entry)
	return err
}

// count makes the result, once the paper is in and a lot that is needed is
// known.
func count(ctx context.Context, tx *db.Tx, p *Poll) (again bool, err error) {
	t, waits, err := tally(ctx, tx, *p)
	if err != nil || len(waits) > 0 {
		return false, err
	}
	r := Count(t)
	if r.Undrawn {
		if p.Terms.Tie != ByCheckpoint {
			return false, nil // see Draw
		}
		text, err := covering(ctx, tx, *p)
		if err != nil || text == "" {
			return false, err
		}
		t.Seed = SeedOf(text)
		r = Count(t)
		if err := setSeed(ctx, tx, p, text, nil); err != nil {
			return false, err
		}
	}
	r.PerBloc = r.Blocs(p.Terms) // before it is kept, and said in the log
	p.Result, p.Counted = &r, db.Time{Time: tx.Now}
	raw, err := marshal(r)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `UPDATE poll SET result = $2, counted = $3 WHERE id = $1`, p.ID, raw, p.Counted); err != nil {
		return false, err
	}
	_, err = move(ctx, tx, clock, p, Provisional, "", r)
	return true, err
}

// covering returns the text of the first checkpoint that covers the closing:
// origin, size and root, each on a line, without the signatures; "" while there
// is none.
func covering(ctx context.Context, tx *db.Tx, p Poll) (string, error) {
	e, err := activity.Get(ctx, tx, p.Closing)
	if err != nil || e.Seq == 0 {
		return "", err
	}
	text := ""
	for before := int64(0); ; {
		cs, err := ledger.History(ctx, tx, before, 100)
		if err != nil {
			return "", err
		}
		for _, c := range cs {
			if c.Size < e.Seq {
				return text, nil
			}
			text, before = noteText(c.Note), c.Size
		}
		if len(cs) == 0 {
			return text, nil
		}
	}
}

// noteText is what a signed note says, without its signatures.
func noteText(note []byte) string {
	text, _, _ := strings.Cut(string(note), "\n\n")
	return text + "\n"
}

// setSeed keeps the seed of a lot, and the text that it comes from in the log.
func setSeed(ctx context.Context, tx *db.Tx, p *Poll, text string, witnesses []string) error {
	p.Seed = SeedOf(text)
	if err := tx.MustChange(ctx, `UPDATE poll SET seed = $2 WHERE id = $1 AND seed = ''`, p.ID, p.Seed); err != nil {
		return err
	}
	_, err := tell(ctx, tx, clock, "poll.lot_drawn", *p, "", map[string]any{"text": text, "seed_sha256": p.Seed, "witnesses": witnesses})
	return err
}

// Draw gives the text that decides by lot, such as what dice or a lottery
// showed, before two witnesses; for polls whose declaration says ByText and in
// which equals wait for it.
func (o *Office) Draw(ctx context.Context, tx *db.Tx, actor who.Actor, poll, text string, witnesses [2]string) error {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return err
	}
	t, waits, err := tally(ctx, tx, p)
	if err != nil {
		return err
	}
	if p.State != Closed || p.Terms.Tie != ByText || p.Seed != "" || len(waits) > 0 || !Count(t).Undrawn {
		return fault.New(fault.Conflict, "ballot.no_lot")
	}
	var f fault.Fields
	f.Require("text", text)
	f.MaxLen("text", text, 500)
	Bag{}.checkWitnesses(&f, actor, witnesses)
	if err := f.Err(); err != nil {
		return err
	}
	if err := known(ctx, tx, witnesses); err != nil {
		return err
	}
	return setSeed(ctx, tx, &p, text, witnesses[:])
}

// Extend moves the closing to a later time, for everybody, with a reason, while
// the poll still takes votes. An earlier time is refused always, by however
// little and for whatever district: whoever plans to vote in the last minute, or
// has no connection now, may rely on what was declared (ogp T7.4).
func (o *Office) Extend(ctx context.Context, tx *db.Tx, actor who.Actor, poll string, to db.Time, reason string) error {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return err
	}
	if p.State == Draft || p.Over(tx.Now) {
		return fault.New(fault.Conflict, "ballot.over")
	}
	var f fault.Fields
	if !to.After(p.Closes.Time) {
		f.Add("closes", "ballot.no_earlier")
	} else if to.After(p.Opens.AddDate(1, 0, 0)) {
		f.Add("closes", "ballot.too_long")
	}
	f.Require("reason", reason)
	f.MaxLen("reason", reason, 500)
	if err := f.Err(); err != nil {
		return err
	}
	before := p.Closes
	if err := tx.MustChange(ctx, `UPDATE poll SET closes = $2, changed = $3, reminded = FALSE, version = version + 1 WHERE id = $1 AND closes = $4`,
		poll, to, db.Time{Time: tx.Now}, before); err != nil {
		return err
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "poll.extended", Kind: RecordKind, Record: p.ID, Org: p.Org, Public: true, Title: p.Title, Note: reason,
		Before: map[string]int64{"closes": before.UnixMicro()}, After: map[string]int64{"closes": to.UnixMicro()},
	})
	return err
}

// Abort ends a declared poll without a result, before it is final, with a
// reason. A new poll gets a new id.
func (o *Office) Abort(ctx context.Context, tx *db.Tx, actor who.Actor, poll, reason string) error {
	return o.finish(ctx, tx, actor, poll, Aborted, reason, true)
}

// Annul says that a provisional result does not hold, and why.
func (o *Office) Annul(ctx context.Context, tx *db.Tx, actor who.Actor, poll, reason string) error {
	return o.finish(ctx, tx, actor, poll, Annulled, reason, true)
}

// Finalise makes a provisional result final once the window for objections has
// passed. The clock does it by itself where nobody objected; where somebody did,
// reason answers them.
func (o *Office) Finalise(ctx context.Context, tx *db.Tx, actor who.Actor, poll, reason string) error {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return err
	}
	if p.State == Provisional && tx.Now.Before(p.ObjectUntil()) {
		return fault.New(fault.Conflict, "ballot.window_open")
	}
	open, err := openObjections(ctx, tx, poll)
	if err != nil {
		return err
	}
	return o.finish(ctx, tx, actor, poll, Final, reason, open > 0)
}

func (o *Office) finish(ctx context.Context, tx *db.Tx, actor who.Actor, poll string, to State, reason string, must bool) error {
	p, err := o.run(ctx, tx, actor, poll)
	if err != nil {
		return err
	}
	var f fault.Fields
	if must {
		f.Require("reason", reason)
	}
	f.MaxLen("reason", reason, 2000)
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := move(ctx, tx, actor.ID, &p, to, reason, nil); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE poll_objection SET answer = $2 WHERE poll = $1 AND answer = ''`, poll, reason); err != nil {
		return err
	}
	if to == Final {
		return nil
	}
	_, err = tx.Exec(ctx, `UPDATE poll SET reason = $2 WHERE id = $1`, poll, reason)
	return err
}
