package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Hook is a webhook: an address that hears of public events.
type Hook struct {
	ID       string
	Owner    string // who made it; "" once they are erased
	Org      string // for which organisation; may be empty
	URL      string
	Kinds    []string // of records; empty is all
	Active   bool
	Failures int    // in a row
	Why      string // the last failure
	Created  db.Time
}

const hookColumns = `id, owner, org, url, kinds, state, failures, why, created_at`

// hookRow is a Hook with what the database keeps as text.
type hookRow struct {
	Hook
	kinds, state string
}

func hookFields(h *hookRow) []any {
	return []any{&h.ID, &h.Owner, &h.Org, &h.URL, &h.kinds, &h.state, &h.Failures, &h.Why, &h.Created}
}

func (h hookRow) hook() Hook {
	h.Kinds, h.Active = strings.Fields(h.kinds), h.state == "active"
	return h.Hook
}

func hooksWhere(ctx context.Context, tx *db.Tx, where string, args ...any) ([]Hook, error) {
	rows, err := db.List(ctx, tx, hookFields, `SELECT `+hookColumns+` FROM notify_hook WHERE `+where+` ORDER BY id`, args...)
	hooks := make([]Hook, len(rows))
	for i, r := range rows {
		hooks[i] = r.hook()
	}
	return hooks, err
}

func activeHooks(ctx context.Context, tx *db.Tx) ([]Hook, error) {
	return hooksWhere(ctx, tx, `state = 'active'`)
}

// wants reports whether a hook hears of an event: public ones only, and not of
// hooks, or its own failure would feed it.
func (h Hook) wants(e activity.Event) bool {
	return e.Public && e.Kind != "hook" && (len(h.Kinds) == 0 || slices.Contains(h.Kinds, e.Kind))
}

func (h Hook) scope() who.Scope {
	if h.Org != "" {
		return who.In(h.Org)
	}
	return who.Own(h.Owner)
}

// AddHook makes a webhook and returns it with its secret, which is never shown
// again. It hears of what happens from now on.
func (s *Store) AddHook(ctx context.Context, actor who.Actor, h Hook) (made Hook, secret string, err error) {
	h.Owner = actor.ID
	if err := actor.Must("hook.write", h.scope()); err != nil {
		return Hook{}, "", err
	}
	var wrong fault.Fields
	if err := s.Outbound.CheckURL(h.URL); err != nil {
		wrong.Add("url", "outbound.bad_url")
	} else if !strings.HasPrefix(h.URL, "https://") && len(s.Outbound.Allow) == 0 {
		wrong.Add("url", "notify.hook_https")
	}
	for _, k := range h.Kinds {
		if _, known := s.Records.Kind(k); !known {
			wrong.Add("kinds", "notify.hook_kind", "kind", k)
		}
	}
	if err := wrong.Err(); err != nil {
		return Hook{}, "", err
	}
	secret = newSecret()
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		h.ID, h.Active, h.Created = id.New(tx.Now), true, db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO notify_hook (id, owner, org, url, secret, kinds, state, failures, why, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, 'active', 0, '', $7)`,
			h.ID, h.Owner, h.Org, h.URL, s.sealed([]byte(secret)), strings.Join(h.Kinds, " "), h.Created); err != nil {
			return err
		}
		return hookEvent(ctx, tx, actor.ID, "hook.added", h)
	})
	return h, secret, err
}

// hookEvent appends what happened to a hook. It is never public.
func hookEvent(ctx context.Context, tx *db.Tx, actor, verb string, h Hook) error {
	_, err := activity.Append(ctx, tx, activity.Entry{Actor: actor, Verb: verb, Kind: "hook", Record: h.ID, Org: h.Org, Title: h.URL})
	return err
}

// Hooks returns the webhooks of an organisation, or the actor's own where org
// is empty.
func (s *Store) Hooks(ctx context.Context, actor who.Actor, org string) (list []Hook, err error) {
	h := Hook{Owner: actor.ID, Org: org}
	if err := actor.Must("hook.write", h.scope()); err != nil {
		return nil, err
	}
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		where, arg := `owner = $1 AND org = ''`, actor.ID
		if org != "" {
			where, arg = `org = $1`, org
		}
		list, err = hooksWhere(ctx, tx, where, arg)
		return err
	})
	return list, err
}

// mine returns a hook that the actor may change, or db.ErrNotFound for any other.
func (s *Store) mine(ctx context.Context, tx *db.Tx, actor who.Actor, hook string) (Hook, error) {
	list, err := hooksWhere(ctx, tx, `id = $1`, hook)
	if err == nil && (len(list) == 0 || !actor.May("hook.write", list[0].scope())) {
		err = db.ErrNotFound
	}
	if err != nil {
		return Hook{}, err
	}
	return list[0], nil
}

// RemoveHook deletes a webhook with what was still to be delivered.
func (s *Store) RemoveHook(ctx context.Context, actor who.Actor, hook string) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		h, err := s.mine(ctx, tx, actor, hook)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM notify_delivery WHERE hook = $1`, hook); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM notify_hook WHERE id = $1`, hook); err != nil {
			return err
		}
		return hookEvent(ctx, tx, actor.ID, "hook.removed", h)
	})
}

// EnableHook switches a webhook on again and delivers what waited.
func (s *Store) EnableHook(ctx context.Context, actor who.Actor, hook string) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		h, err := s.mine(ctx, tx, actor, hook)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE notify_hook SET state = 'active', failures = 0, why = '' WHERE id = $1`, hook); err != nil {
			return err
		}
		if err := hookEvent(ctx, tx, actor.ID, "hook.enabled", h); err != nil {
			return err
		}
		return s.wakeHook(ctx, tx, hook)
	})
}

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID     string
	Event  string
	State  string // waiting, done, failed
	Tries  int
	Status int // HTTP status of the last answer; 0 for none
	At     db.Time
	Done   db.Time
}

// Deliveries returns at most limit deliveries of a webhook, the newest first.
func (s *Store) Deliveries(ctx context.Context, actor who.Actor, hook string, limit int) (list []Delivery, err error) {
	err = s.DB.View(ctx, func(tx *db.Tx) error {
		if _, err := s.mine(ctx, tx, actor, hook); err != nil {
			return err
		}
		list, err = db.List(ctx, tx, func(d *Delivery) []any {
			return []any{&d.ID, &d.Event, &d.State, &d.Tries, &d.Status, &d.At, &d.Done}
		}, `SELECT id, event, state, tries, status, at, done_at FROM notify_delivery WHERE hook = $1 ORDER BY seq DESC LIMIT $2`, hook, limit)
		return err
	})
	return list, err
}

// Replay delivers an event again, in its place of the order.
func (s *Store) Replay(ctx context.Context, actor who.Actor, hook, delivery string) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := s.mine(ctx, tx, actor, hook); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE notify_delivery SET state = 'waiting', tries = 0, done_at = NULL WHERE id = $1 AND hook = $2`, delivery, hook)
		if err == nil && n == 0 {
			err = db.ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.wakeHook(ctx, tx, hook)
	})
}

// await writes down that a hook is to hear of an event.
func (s *Store) await(ctx context.Context, tx *db.Tx, hook string, e activity.Event) error {
	_, err := tx.Exec(ctx, `INSERT INTO notify_delivery (id, hook, event, seq, state, tries, status, at)
		VALUES ($1, $2, $3, $4, 'waiting', 0, 0, $5) ON CONFLICT DO NOTHING`, id.New(tx.Now), hook, e.ID, e.Seq, db.Time{Time: tx.Now})
	return err
}

func (s *Store) wakeHook(ctx context.Context, tx *db.Tx, hook string) error {
	_, err := job.Enqueue(ctx, tx, jobHook, job.Options{Unique: hook, Args: map[string]string{"hook": hook}, Actor: "system:notify"})
	return err
}

// hookRule tells the owner that their webhook was switched off.
var hookRule = Rule{
	Verb: "hook.disabled", Subject: Account.Name, Silent: true,
	To: func(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
		return db.List(ctx, tx, db.One[string], `SELECT owner FROM notify_hook WHERE id = $1`, e.Record)
	},
}

// HookKind is the kind of record that webhooks are: seen by their owners only,
// but named in inboxes.
func HookKind() record.Kind {
	return record.Kind{Name: "hook", Describe: func(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
		in, args := db.In(1, ids)
		list, err := hooksWhere(ctx, tx, `id IN `+in, args...)
		var cards []record.Card
		for _, h := range list {
			if h.Owner == actor.ID || actor.May("hook.write", h.scope()) {
				cards = append(cards, record.Card{Ref: record.Ref{Kind: "hook", ID: h.ID}, Title: h.URL, Org: h.Org, Changed: h.Created})
			}
		}
		return cards, err
	}}
}

// pauses are how long a webhook waits after each failure in a row; after the
// last it is switched off.
var pauses = []time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 8 * time.Hour,
}

// maxFailures in a row switch a webhook off.
var maxFailures = len(pauses) + 1

// keepDeliveries is how long a delivery can be replayed.
const keepDeliveries = 30 * 24 * time.Hour

func words(err error, status int) string {
	if err != nil {
		return oneLine(err.Error())
	}
	return fmt.Sprintf("HTTP %d", status)
}
