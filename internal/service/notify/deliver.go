package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/outbound"
	"ceiba/internal/service/record"
)

// HookBody is what a webhook is sent, as JSON.
type HookBody struct {
	ID     string `json:"id"`  // of the event: the same when it is sent again
	Seq    int64  `json:"seq"` // its place in the public log
	At     string `json:"at"`  // RFC 3339, UTC
	Verb   string `json:"verb"`
	Kind   string `json:"kind"`
	Record string `json:"record"`
	URL    string `json:"url"`
	Org    string `json:"org,omitempty"`
	Title  string `json:"title,omitempty"`
}

// SignatureHeader carries "t=SECONDS,v1=HEX", where HEX is the HMAC-SHA256 of
// the seconds, a point and the body, keyed with the webhook's secret.
const SignatureHeader = "Ceiba-Signature"

// Signature makes the value of SignatureHeader.
func Signature(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(t + "."))
	m.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(m.Sum(nil))
}

// ErrSignature is what CheckSignature returns for what did not come from us.
var ErrSignature = errors.New("notify: the signature is wrong or old")

// CheckSignature is what a receiver does: it refuses a body that was changed,
// and one older than tolerance, which somebody may have kept.
func CheckSignature(secret, header string, body []byte, now time.Time, tolerance time.Duration) error {
	t, _, _ := strings.Cut(strings.TrimPrefix(header, "t="), ",")
	sec, err := strconv.ParseInt(t, 10, 64)
	if err != nil {
		return ErrSignature
	}
	at := time.Unix(sec, 0)
	if now.Sub(at).Abs() > tolerance || !hmac.Equal([]byte(Signature(secret, at, body)), []byte(header)) {
		return ErrSignature
	}
	return nil
}

// parcel is the next delivery of a hook, ready to go.
type parcel struct {
	hook     Hook
	delivery string
	secret   string
	e        activity.Event
}

// deliver sends a hook what waits for it, in order, until nothing does or it
// fails.
func (s *Store) deliver(ctx context.Context, r *job.Run) error {
	var a struct{ Hook string }
	if err := r.Args(&a); err != nil {
		return err
	}
	for {
		p, err := s.nextParcel(ctx, r, a.Hook)
		if err != nil || p == nil {
			return err
		}
		status, sendErr := s.post(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if sendErr == nil && status >= 200 && status < 300 {
			if err := s.delivered(ctx, r, p, status); err != nil {
				return err
			}
			continue
		}
		pause, err := s.failed(ctx, r, p, status, sendErr)
		if err != nil || pause == 0 {
			return err
		}
		return job.Again(pause)
	}
}

// nextParcel returns the oldest delivery that waits, or nil after ending the
// job in the transaction that saw that there is none.
func (s *Store) nextParcel(ctx context.Context, r *job.Run, hook string) (p *parcel, err error) {
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		p = nil
		type row struct{ secret, delivery, event string }
		got, err := db.Get(ctx, tx, func(r *row) []any { return []any{&r.secret, &r.delivery, &r.event} },
			`SELECT h.secret, d.id, d.event FROM notify_hook h JOIN notify_delivery d ON d.hook = h.id
			WHERE h.id = $1 AND h.state = 'active' AND d.state = 'waiting' ORDER BY d.seq LIMIT 1`, hook)
		if gone(err) {
			return r.Finish(ctx, tx)
		}
		if err != nil {
			return err
		}
		hooks, err := hooksWhere(ctx, tx, `id = $1`, hook)
		if err != nil {
			return err
		}
		secret, err := s.unsealed(got.secret)
		if err != nil {
			return fmt.Errorf("%w: %w", job.ErrGiveUp, err)
		}
		e, err := activity.Get(ctx, tx, got.event)
		if err != nil {
			return err
		}
		p = &parcel{hook: hooks[0], delivery: got.delivery, secret: string(secret), e: e}
		return nil
	})
	return p, err
}

// post sends one parcel. The answer's body is thrown away.
func (s *Store) post(ctx context.Context, p *parcel) (status int, err error) {
	e := p.e
	body, err := json.Marshal(HookBody{
		ID: e.ID, Seq: e.Seq, At: e.At.UTC().Format(time.RFC3339Nano), Verb: e.Verb, Kind: e.Kind, Record: e.Record,
		URL: s.Base + record.Ref{Kind: e.Kind, ID: e.Record}.Path(), Org: e.Org, Title: e.Title,
	})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.hook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Ceiba-Event", e.Verb)
	req.Header.Set("Ceiba-Delivery", p.delivery)
	req.Header.Set(SignatureHeader, Signature(p.secret, s.DB.Now(), body))
	res, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	return res.StatusCode, nil
}

func (s *Store) delivered(ctx context.Context, r *job.Run, p *parcel, status int) error {
	return s.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE notify_hook SET failures = 0, why = '' WHERE id = $1 AND failures > 0`, p.hook.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE notify_delivery SET state = 'done', tries = tries + 1, status = $2, done_at = $3 WHERE id = $1`,
			p.delivery, status, db.Time{Time: tx.Now}); err != nil {
			return err
		}
		return r.Hold(ctx, tx)
	})
}

// failed counts a failure and returns how long to wait, or 0 after switching
// the hook off: at the eighth in a row, at 410, and at an address that may not
// be called.
func (s *Store) failed(ctx context.Context, r *job.Run, p *parcel, status int, cause error) (pause time.Duration, err error) {
	over := status == http.StatusGone || cause != nil && outbound.Refused(cause)
	err = s.DB.Update(ctx, func(tx *db.Tx) error {
		n, err := db.Get(ctx, tx, db.One[int], `UPDATE notify_hook SET failures = failures + 1, why = $2 WHERE id = $1 RETURNING failures`,
			p.hook.ID, words(cause, status))
		if gone(err) { // removed meanwhile
			return r.Finish(ctx, tx)
		}
		if err != nil {
			return err
		}
		off := over || n >= maxFailures
		state := "waiting"
		if off {
			state = "failed"
		}
		if _, err := tx.Exec(ctx, `UPDATE notify_delivery SET tries = tries + 1, status = $2, state = $3 WHERE id = $1`, p.delivery, status, state); err != nil {
			return err
		}
		if !off {
			pause = pauses[n-1]
			return r.Hold(ctx, tx)
		}
		pause = 0
		if _, err := tx.Exec(ctx, `UPDATE notify_hook SET state = 'disabled' WHERE id = $1`, p.hook.ID); err != nil {
			return err
		}
		if err := hookEvent(ctx, tx, "system:notify", "hook.disabled", p.hook); err != nil {
			return err
		}
		return r.Finish(ctx, tx)
	})
	return pause, err
}

// Jobs are the kinds of work of this module.
func (s *Store) Jobs() []job.Kind {
	return []job.Kind{
		{Name: jobFanOut, Run: s.fanOut, MaxTries: 20},
		{Name: jobClose, Run: s.closeNow, MaxTries: 20, Concurrency: 4},
		{Name: jobDigest, Run: s.digest, MaxTries: 20},
		{Name: jobMail, Run: s.mail, MaxTries: 12, Concurrency: 4, Timeout: 2 * time.Minute},
		{Name: jobLetter, Run: s.letter, MaxTries: 6, Concurrency: 4, Timeout: 2 * time.Minute},
		{Name: jobPush, Run: s.push, MaxTries: 8, Concurrency: 4, Timeout: time.Minute},
		{Name: jobHook, Run: s.deliver, MaxTries: 20, Concurrency: 4},
		{Name: jobPurge, Run: s.purge},
	}
}
