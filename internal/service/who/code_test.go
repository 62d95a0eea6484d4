package who

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
)

func TestCodeSignsIn(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		first := w.enterAs(t, "Ana@Example.org")
		a := must(w.Session(ctx, first.Token))(t)
		if !first.New || a.ID != first.Person || a.Level != L1 || a.Strong || len(first.Token) != 32 {
			t.Errorf("first: %+v %+v", first, a)
		}
		again := w.enterAs(t, "ana@example.org")
		if again.New || again.Person != first.Person || again.Token == first.Token {
			t.Errorf("again: %+v", again)
		}
		if got := w.post.last(t).To; got != "Ana@example.org" {
			t.Errorf("mail goes to %q, not to the address as its owner wrote it", got)
		}
	})
}

// One code, used 64 times at once, opens one session.
func TestCodeServesOnce(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ticket := must(w.StartCode(ctx, "ana@example.org", Visit{}))(t)
		code := w.post.last(t).arg("code")
		var in, out atomic.Int32
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				_, err := w.FinishCode(ctx, ticket, code, Visit{})
				var f *fault.Error
				switch {
				case err == nil:
					in.Add(1)
				case errors.As(err, &f) && f.Key == "who.code_over":
					out.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sessions := 0
		ok(t, w.db.View(ctx, func(tx *db.Tx) (err error) {
			sessions, err = db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM person_session`)
			return err
		}))
		if in.Load() != 1 || out.Load() != 63 || sessions != 1 {
			t.Errorf("%d entered, %d were refused, %d sessions", in.Load(), out.Load(), sessions)
		}
	})
}

func TestCodeRunsOut(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ticket := must(w.StartCode(ctx, "ana@example.org", Visit{}))(t)
		code := w.post.last(t).arg("code")
		w.pass(10*time.Minute + time.Second)
		_, err := w.FinishCode(ctx, ticket, code, Visit{})
		refused(t, err, "who.code_over")
	})
}

func TestCodeCannotBeGuessed(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		ticket := must(w.StartCode(ctx, "ana@example.org", Visit{}))(t)
		code := w.post.last(t).arg("code")
		for range 5 {
			_, err := w.FinishCode(ctx, ticket, "zzz zzz", Visit{})
			refused(t, err, "who.code_wrong")
		}
		_, err := w.FinishCode(ctx, ticket, code, Visit{})
		refused(t, err, "who.code_over")
		other := must(w.StartCode(ctx, "ben@example.org", Visit{}))(t)
		_, err = w.FinishCode(ctx, other, code, Visit{})
		refused(t, err, "who.code_wrong")
	})
}

func TestCodesAreLimited(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		limited := func(email, network string, n int) {
			t.Helper()
			for i := range n {
				_, err := w.StartCode(ctx, email, Visit{Network: network})
				if err != nil {
					t.Fatalf("try %d: %v", i, err)
				}
			}
			_, err := w.StartCode(ctx, email, Visit{Network: network})
			refused(t, err, "who.too_many")
			if fault.KindOf(err) != fault.TooMany {
				t.Errorf("kind of %v", err)
			}
		}
		w.enterAs(t, "ana@example.org")
		w.pass(time.Hour)
		limited("ana@example.org", "192.0.2.1", 6)
		limited("none@example.org", "192.0.2.1", 6) // exactly as for an account
		if _, err := w.StartCode(ctx, "ana@example.org", Visit{Network: "192.0.2.2"}); err != nil {
			t.Errorf("a stranger's tries shut the owner out: %v", err)
		}
		w.pass(time.Hour)
		must(w.StartCode(ctx, "ana@example.org", Visit{Network: "192.0.2.1"}))(t)
		counts := ""
		ok(t, w.db.View(ctx, func(tx *db.Tx) error {
			keys, err := db.List(ctx, tx, db.One[string], `SELECT key FROM sign_in_count`)
			counts = strings.Join(keys, " ")
			return err
		}))
		if strings.Contains(counts, "192.0") || strings.Contains(counts, "ana") {
			t.Errorf("an address is kept: %s", counts)
		}
	})
}

// Asking for a code does the same work for an account, for none and for one
// that is suspended: the same rows are written and the same letter goes out.
func TestCodeTellsNothing(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		bad := w.actor(t, "bad@example.org")
		ok(t, w.Suspend(ctx, System(w.Policy, "test"), bad.ID, "test"))
		rows := func() (n int) {
			ok(t, w.db.View(ctx, func(tx *db.Tx) (err error) {
				n, err = db.Get(ctx, tx, db.One[int], `SELECT (SELECT count(*) FROM sign_in_ticket) + (SELECT count(*) FROM sign_in_count)
					+ (SELECT count(*) FROM person) + (SELECT count(*) FROM activity)`)
				return err
			}))
			return n
		}
		var want int
		for i, email := range []string{"ana@example.org", "none@example.org", "bad@example.org"} {
			w.pass(2 * time.Hour)
			before, sent := rows(), len(w.post.mail)
			token, err := w.StartCode(ctx, email, Visit{Network: "192.0.2.1", Lang: "en"})
			ok(t, err)
			wrote := rows() - before
			if i == 0 {
				want = wrote
			}
			m := w.post.last(t)
			if wrote != want || len(token) != 32 || len(w.post.mail) != sent+1 || m.Subject != "who.mail.code.subject" || m.To != email {
				t.Errorf("%s: %d rows, not %d; %d letters, %+v", email, wrote, want, len(w.post.mail)-sent, m)
			}
		}
		_ = a
	})
}

func TestClosedSite(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := build(t, d, func(c *Config) { c.Closed = true })
		ticket := must(w.StartCode(ctx, "new@example.org", Visit{}))(t)
		m := w.post.last(t)
		if m.Subject != "who.mail.closed.subject" {
			t.Errorf("letter %q", m.Subject)
		}
		_, err := w.FinishCode(ctx, ticket, m.arg("code"), Visit{})
		refused(t, err, "who.closed")
	}, activity.Schema, Schema)
}

func TestEmailChange(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		here, there := w.enterAs(t, "ana@example.org"), w.enterAs(t, "ana@example.org")
		a := must(w.Session(ctx, here.Token))(t)
		w.enterAs(t, "ben@example.org")

		ticket := must(w.StartEmailChange(ctx, a, "ben@example.org", Visit{}))(t)
		m := w.post.last(t)
		if m.Subject != "who.mail.taken.subject" || m.To != "ben@example.org" {
			t.Errorf("the owner of a taken address gets %+v", m)
		}
		refused(t, w.FinishEmailChange(ctx, a, ticket, m.arg("code")), "who.code_over")

		ticket = must(w.StartEmailChange(ctx, a, "new@example.org", Visit{}))(t)
		refused(t, w.FinishEmailChange(ctx, a, ticket, "000 000"), "who.code_wrong")
		ok(t, w.FinishEmailChange(ctx, a, ticket, w.post.last(t).arg("code")))
		if m := w.post.last(t); m.To != "ana@example.org" || m.Subject != "who.mail.moved.subject" {
			t.Errorf("the old address hears %+v", m)
		}
		if me := must(w.Me(ctx, a))(t); me.Email != "new@example.org" || !me.Proved {
			t.Errorf("%+v", me)
		}
		if still := must(w.Session(ctx, here.Token))(t); !still.SignedIn() {
			t.Error("the session that changed the address ended")
		}
		if gone := must(w.Session(ctx, there.Token))(t); gone.SignedIn() {
			t.Error("another session goes on")
		}
	})
}

func TestOldSignInMustBeRenewed(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		w.pass(16 * time.Minute)
		_, err := w.StartEmailChange(ctx, a, "new@example.org", Visit{})
		refused(t, err, "who.prove_again")
		_, err = w.StartTOTP(ctx, a)
		refused(t, err, "who.prove_again")
		_, _, err = w.StartNewPasskey(ctx, a)
		refused(t, err, "who.prove_again")
		refused(t, w.SetPassword(ctx, a, "three brown herons"), "who.prove_again")
		refused(t, w.Erase(ctx, a), "who.prove_again")
		_, err = w.Export(ctx, a)
		refused(t, err, "who.prove_again")
		_, _, err = w.MakeKey(ctx, a, "k", nil, time.Hour)
		refused(t, err, "who.prove_again")
		refused(t, w.Fresh(ctx, a), "who.prove_again")
	})
}
