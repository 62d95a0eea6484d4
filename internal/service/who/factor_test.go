package who

import (
	"encoding/base32"
	"encoding/base64"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who/secret"
)

// totp is the code that an app with this secret shows now.
func (w *world) totp(t testing.TB, shown string) string {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(shown, " ", ""))
	ok(t, err)
	return secret.At(raw, w.clock().Unix()/30)
}

func TestSecondFactor(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		app := must(w.StartTOTP(ctx, a))(t)
		if again := must(w.PendingTOTP(ctx, a))(t); again.Secret != app.Secret || !strings.HasPrefix(app.URI, "otpauth://totp/Ceiba:ana@example.org?") {
			t.Errorf("%+v, then %+v", app, again)
		}
		_, err := w.ConfirmTOTP(ctx, a, "000000")
		refused(t, err, "who.second_wrong")
		codes := must(w.ConfirmTOTP(ctx, a, w.totp(t, app.Secret)))(t)
		if len(codes) != 10 {
			t.Fatalf("codes %v", codes)
		}
		_, err = w.StartTOTP(ctx, Actor{ID: a.ID, Session: a.Session, Strong: true, policy: w.Policy})
		refused(t, err, "who.totp_there")

		w.pass(time.Minute)
		e := w.enterAs(t, "ana@example.org")
		if e.Token != "" {
			t.Fatal("the app was not asked for")
		}
		_, err = w.FinishSecond(ctx, e.Second, "000000", Visit{})
		refused(t, err, "who.second_wrong")
		in := must(w.FinishSecond(ctx, e.Second, w.totp(t, app.Secret), Visit{}))(t)
		if b := must(w.Session(ctx, in.Token))(t); !b.Strong || b.ID != a.ID {
			t.Errorf("%+v", b)
		}

		e = w.enterAs(t, "ana@example.org") // in the same half minute
		_, err = w.FinishSecond(ctx, e.Second, w.totp(t, app.Secret), Visit{})
		refused(t, err, "who.second_used")
		must(w.FinishSecond(ctx, e.Second, strings.ToUpper(codes[0]), Visit{}))(t)
		e = w.enterAs(t, "ana@example.org")
		_, err = w.FinishSecond(ctx, e.Second, codes[0], Visit{})
		refused(t, err, "who.second_wrong")
	})
}

// A demonstration may go by another day; the app in somebody's hand does not.
func TestAppsCountByTheWorld(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		world := time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC)
		w := build(t, d, func(c *Config) { c.Wall = func() time.Time { return world } })
		w.pass(200 * 24 * time.Hour)
		a := w.actor(t, "ana@example.org")
		app := must(w.StartTOTP(ctx, a))(t)
		_, err := w.ConfirmTOTP(ctx, a, w.totp(t, app.Secret))
		refused(t, err, "who.second_wrong")
		w.now = world
		must(w.ConfirmTOTP(ctx, a, w.totp(t, app.Secret)))(t)
	}, activity.Schema, Schema)
}

// One code of an app, used 32 times at once on as many tickets, serves once.
func TestTOTPServesOnce(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		app := must(w.StartTOTP(ctx, a))(t)
		must(w.ConfirmTOTP(ctx, a, w.totp(t, app.Secret)))(t)
		w.pass(time.Hour)
		var tickets []string
		ok(t, w.db.Update(ctx, func(tx *db.Tx) error {
			tickets = nil
			for range 16 {
				s, err := w.ticket(ctx, tx, "second", ticket{Person: a.ID, life: codeLife})
				if err != nil {
					return err
				}
				tickets = append(tickets, s)
			}
			return nil
		}))
		code := w.totp(t, app.Secret)
		var in atomic.Int32
		var wg sync.WaitGroup
		for _, x := range tickets {
			wg.Go(func() {
				if _, err := w.FinishSecond(ctx, x, code, Visit{}); err == nil {
					in.Add(1)
				} else if fault.KindOf(err) == fault.Internal {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d entered", in.Load())
		}
	})
}

// A session without the second factor cannot touch the factors.
func TestFactorsAreGuarded(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		weak := w.actor(t, "ana@example.org") // opened before there was a factor
		strong := w.strong(t, "ana@example.org")
		refused(t, w.RemoveTOTP(ctx, weak), "who.second_factor_first")
		refused(t, w.SetPassword(ctx, weak, "three brown herons"), "who.second_factor_first")
		_, err := w.RecoveryCodes(ctx, weak)
		refused(t, err, "who.second_factor_first")
		if n := len(must(w.RecoveryCodes(ctx, strong))(t)); n != 10 {
			t.Errorf("%d codes", n)
		}
		key := strong
		key.Key = "ceiba_x"
		refused(t, w.RemoveTOTP(ctx, key), "who.key_never")
		ok(t, w.RemoveTOTP(ctx, strong))
		if f := must(w.FactorsOf(ctx, strong))(t); f != (Factors{}) {
			t.Errorf("left: %+v", f)
		}
		if gone := must(w.Sessions(ctx, strong))(t); len(gone) != 1 || gone[0].Strong {
			t.Errorf("sessions: %+v", gone)
		}
	})
}

func TestPassword(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		long := strings.Repeat("ñandú ", 15) + "!"
		ok(t, w.SetPassword(ctx, a, long))
		v := Visit{Network: "192.0.2.1"}
		_, err := w.SignInPassword(ctx, "ana@example.org", long[:80], v)
		refused(t, err, "who.password_wrong")
		_, err = w.SignInPassword(ctx, "none@example.org", long, v)
		refused(t, err, "who.password_wrong")
		_, err = w.SignInPassword(ctx, "no address", long, v)
		refused(t, err, "who.password_wrong")
		decomposed := strings.NewReplacer("ñ", "n\u0303", "ú", "u\u0301").Replace(long)
		e := must(w.SignInPassword(ctx, "ANA@example.org", decomposed, v))(t)
		if b := must(w.Session(ctx, e.Token))(t); b.ID != a.ID || b.Strong {
			t.Errorf("%+v", b)
		}
		ok(t, w.SetPassword(ctx, a, ""))
		_, err = w.SignInPassword(ctx, "ana@example.org", long, v)
		refused(t, err, "who.password_wrong")
	})
}

func TestPasswordGuessingIsThrottled(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		ok(t, w.SetPassword(ctx, a, "three brown herons"))
		thief, owner := Visit{Network: "192.0.2.66"}, Visit{Network: "192.0.2.1"}
		for range 10 {
			_, err := w.SignInPassword(ctx, "ana@example.org", "guess guess", thief)
			refused(t, err, "who.password_wrong")
		}
		_, err := w.SignInPassword(ctx, "ana@example.org", "three brown herons", thief)
		refused(t, err, "who.too_many")
		must(w.SignInPassword(ctx, "ana@example.org", "three brown herons", owner))(t)
	})
}

func TestPasswordIsRehashed(t *testing.T) {
	run(t, func(t *testing.T, w *world) {
		a := w.actor(t, "ana@example.org")
		old := "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$" + base64.RawStdEncoding.EncodeToString(
			argon2.IDKey([]byte("three brown herons"), []byte("0123456789abcdef"), 1, 64, 1, 32))
		ok(t, w.db.Update(ctx, func(tx *db.Tx) error { return setHash(ctx, tx, a.ID, old) }))
		must(w.SignInPassword(ctx, "ana@example.org", "three brown herons", Visit{}))(t)
		ok(t, w.db.View(ctx, func(tx *db.Tx) error {
			_, now, err := withPassword(ctx, tx, "ana@example.org")
			if !strings.HasPrefix(now, "$argon2id$v=19$m=19456,t=2,p=1$") {
				t.Errorf("hash %s", now)
			}
			return err
		}))
		must(w.SignInPassword(ctx, "ana@example.org", "three brown herons", Visit{}))(t)
	})
}
