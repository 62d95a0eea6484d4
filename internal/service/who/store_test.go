package who

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who/brief"
)

// post is a mailer that keeps what it is given, in the transaction that gives it.
type post struct {
	mu   sync.Mutex
	mail []Mail
}

func (p *post) Send(_ context.Context, tx *db.Tx, m Mail) error {
	tx.OnCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.mail = append(p.mail, m)
	})
	return nil
}

func (p *post) last(t testing.TB) Mail {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.mail) == 0 {
		t.Fatal("no mail was sent")
	}
	return p.mail[len(p.mail)-1]
}

// arg returns a value that a letter carries.
func (m Mail) arg(name string) string {
	for i := 0; i+1 < len(m.Args); i += 2 {
		if m.Args[i] == name {
			s, _ := m.Args[i+1].(string)
			return s
		}
	}
	return ""
}

// world is a store with a clock that tests turn.
type world struct {
	*Store
	post *post
	mu   sync.Mutex
	now  time.Time
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

var testSecret = []byte("a secret of the tests, 32 bytes..")

func build(t testing.TB, d *db.DB, change ...func(*Config)) *world {
	t.Helper()
	w := &world{post: &post{}, now: time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC)}
	p := MustPolicy(append([]Rule{{Action: "doc.write", Org: []Role{Editor}, Site: []Role{Secretariat}}}, Rules...)...)
	c := Config{DB: d, Policy: p, Secret: testSecret, Base: "http://localhost:8080", Mailer: w.post}
	for _, f := range change {
		f(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	d.SetClock(w.clock)
	s.cache = brief.New[Actor](w.clock, nil)
	w.Store = s
	return w
}

func run(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Run(t, func(t *testing.T, d *db.DB) { f(t, build(t, d)) }, activity.Schema, Schema)
}

var ctx = context.Background()

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that err is the fault key, of the form or of one field.
func refused(t testing.TB, err error, key string) {
	t.Helper()
	var e *fault.Error
	var f fault.Fields
	switch {
	case errors.As(err, &e) && e.Key == key, errors.As(err, &f) && f[0].Key == key:
	default:
		t.Fatalf("got %v, want %s", err, key)
	}
}

// enterAs signs in by code.
func (w *world) enterAs(t testing.TB, email string) Entry {
	t.Helper()
	ticket := must(w.StartCode(ctx, email, Visit{Network: email, Lang: "en"}))(t)
	return must(w.FinishCode(ctx, ticket, w.post.last(t).arg("code"), Visit{Network: email}))(t)
}

// actor signs in by code and returns the session's actor.
func (w *world) actor(t testing.TB, email string) Actor {
	t.Helper()
	return must(w.Session(ctx, w.enterAs(t, email).Token))(t)
}

// strong gives somebody a role and an app, and returns their actor.
func (w *world) strong(t testing.TB, email string, g ...Grant) Actor {
	t.Helper()
	p, _, err := w.AddPerson(ctx, System(w.Policy, "test"), email, "", Grant{})
	ok(t, err)
	for _, x := range g {
		ok(t, w.GiveRole(ctx, System(w.Policy, "test"), p.ID, x))
	}
	e := w.enterAs(t, email)
	a := must(w.Session(ctx, e.Token))(t)
	secret := must(w.StartTOTP(ctx, a))(t).Secret
	must(w.ConfirmTOTP(ctx, a, w.totp(t, secret)))(t)
	return must(w.Session(ctx, e.Token))(t)
}

func TestWordsAreComplete(t *testing.T) {
	c := i18n.NewCatalog()
	if err := c.Add("who", Words); err != nil {
		t.Fatal(err)
	}
	if en, es := c.Keys("en"), c.Keys("es"); strings.Join(en, " ") != strings.Join(es, " ") {
		t.Errorf("English has %d sentences and Spanish %d", len(en), len(es))
	}
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"a short secret": {Secret: []byte("short"), Mailer: &post{}, DB: &db.DB{}, Policy: MustPolicy(), Base: "http://localhost"},
		"no mailer":      {Secret: testSecret, DB: &db.DB{}, Policy: MustPolicy(), Base: "http://localhost"},
		"no address":     {Secret: testSecret, Mailer: &post{}, DB: &db.DB{}, Policy: MustPolicy(), Base: "localhost"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
