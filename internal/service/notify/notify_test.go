package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/job"
	"ceiba/internal/service/outbound"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

var schemas = []db.Schema{activity.Schema, job.Schema, who.Schema, record.Schema, Schema}

// town is a site with things that people follow and talk about.
type town struct {
	*Store
	t      testing.TB
	d      *db.DB
	log    *activity.Log
	jobs   *job.Runner
	clock  *clock
	follow map[string][]string // thing -> people
	hidden map[string]bool     // things that only their owner may see
	broken bool                // the rule for mentions fails
}

// clock moves by a millisecond whenever it is read, and by leaps when told.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMicro(c.micros.Add(1000)) }
func (c *clock) set(at time.Time)     { c.micros.Store(at.UnixMicro()) }
func (c *clock) leap(d time.Duration) { c.micros.Add(d.Microseconds()) }

// noon is a Tuesday, 12:00 in Belize.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, i18n.Belize)

var policy = who.MustPolicy(Rules...)

func newTown(t testing.TB, d *db.DB, change func(*Config)) *town {
	t.Helper()
	w := &town{t: t, d: d, clock: &clock{}, follow: map[string][]string{}, hidden: map[string]bool{}}
	w.clock.set(noon)
	d.SetClock(w.clock.now)
	things := record.Kind{Name: "thing", Describe: w.describe}
	kinds, err := record.NewRegistry(things, HookKind())
	if err != nil {
		t.Fatal(err)
	}
	words := i18n.NewCatalog()
	if err := errors.Join(words.Add("notify", Words), words.Add("who", who.Words)); err != nil {
		t.Fatal(err)
	}
	c := Config{
		DB: d, Words: words, Records: kinds, Follow: w.followers, Secret: make([]byte, 32), Base: "https://open.example/", Site: "Ceiba",
		Rules: []Rule{
			{Verb: "thing.answered", Subject: Answer.Name, To: w.owner},
			{Verb: "thing.named", Subject: Mention.Name, To: w.owner, Silent: true},
		},
		Outbound: outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		Log:      slog.New(slog.DiscardHandler),
		Actor: func(_ context.Context, _ *db.Tx, person string) (who.Actor, error) {
			return who.As(policy, who.Actor{ID: person, Level: who.L1}), nil
		},
	}
	if change != nil {
		change(&c)
	}
	if w.Store, err = New(c); err != nil {
		t.Fatal(err)
	}
	w.log = activity.NewLog(d, slog.New(slog.DiscardHandler), w.Listener())
	if w.jobs, err = job.NewRunner(d, slog.New(slog.DiscardHandler), "test", w.Jobs(), Schedules()); err != nil {
		t.Fatal(err)
	}
	w.drain() // the listener starts at the present
	return w
}

// owner of a thing called "t/NAME" is the person NAME.
func (w *town) owner(_ context.Context, _ *db.Tx, e activity.Event) ([]string, error) {
	if w.broken && e.Verb == "thing.named" {
		return nil, db.ErrNotFound
	}
	_, owner, _ := strings.Cut(e.Record, "/")
	return []string{owner}, nil
}

func (w *town) followers(_ context.Context, _ *db.Tx, of record.Ref, after string, limit int) ([]string, error) {
	var out []string
	for _, p := range w.follow[of.ID] {
		if p > after && len(out) < limit {
			out = append(out, p)
		}
	}
	return out, nil
}

func (w *town) describe(_ context.Context, _ *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	var cards []record.Card
	for _, x := range ids {
		if _, owner, _ := strings.Cut(x, "/"); !w.hidden[x] || owner == actor.ID {
			cards = append(cards, record.Card{Ref: record.Ref{Kind: "thing", ID: x}, Slug: "s-" + x[:2], Title: "Thing <b>" + x[:2] + "</b>"})
		}
	}
	return cards, nil
}

// person makes somebody with an address that is proved.
func (w *town) person(name string) string {
	w.t.Helper()
	key := id.New(w.clock.now())
	w.update(func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), `INSERT INTO person (id, name, email, email_key, proved_at, lang, level, district, state, demo, created_at, version)
			VALUES ($1, $2, $3, $3, 1, 'en', 1, '', 'active', FALSE, 1, 1)`, key, name, name+"@example.org")
		return err
	})
	return key
}

func (w *town) update(fn func(*db.Tx) error) {
	w.t.Helper()
	if err := w.d.Update(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) happens(verb, thing, by string, public bool) {
	w.t.Helper()
	w.update(func(tx *db.Tx) error {
		_, err := activity.Append(context.Background(), tx, activity.Entry{Actor: by, Verb: verb, Kind: "thing", Record: thing, Public: public, Title: "At that time"})
		return err
	})
}

// drain lets everything happen that is due.
func (w *town) drain() {
	w.t.Helper()
	if err := w.drainErr(); err != nil {
		w.t.Fatal(err)
	}
}

// try is drain where a receiver is expected to fail.
func (w *town) try() { w.t.Helper(); _ = w.drainErr() }

func (w *town) drainErr() error {
	err := w.log.Drain(context.Background())
	err = errors.Join(err, w.jobs.Drain(context.Background()))
	return errors.Join(err, w.log.Drain(context.Background()), w.jobs.Drain(context.Background()))
}

func actorOf(person string) who.Actor {
	return who.As(policy, who.Actor{ID: person, Level: who.L1})
}

func (w *town) inbox(person string) []Item {
	w.t.Helper()
	items, _, err := w.Inbox(context.Background(), actorOf(person), "", 50)
	if err != nil {
		w.t.Fatal(err)
	}
	return items
}

func (w *town) choose(person string, by map[string]Frequency) {
	w.t.Helper()
	if err := w.Choose(context.Background(), actorOf(person), Choices{By: by, Mail: true, Quiet: true}); err != nil {
		w.t.Fatal(err)
	}
}

func verbs(items []Item) string {
	var out []string
	for _, i := range items {
		out = append(out, i.Subject+":"+i.Verb)
	}
	return strings.Join(out, " ")
}

func TestWhoIsTold(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		ana, ben, cleo := w.person("ana"), w.person("ben"), w.person("cleo")
		w.follow["t1/"+ana] = []string{ana, ben}
		w.happens("thing.changed", "t1/"+ana, cleo, true)   // followers: ana, ben
		w.happens("thing.changed", "t1/"+ana, ben, true)    // not ben himself
		w.happens("thing.answered", "t1/"+ana, ben, true)   // ana as hers, though she follows too
		w.happens("thing.named", "t1/"+ana, cleo, true)     // silent: only ana
		w.happens("thing.changed", "t1/"+ana, cleo, false)  // private: nobody
		w.happens("thing.answered", "t1/"+ana, cleo, false) // private, but ana is named
		w.drain()
		if got := verbs(w.inbox(ana)); got != "answer:thing.answered mention:thing.named answer:thing.answered followed:thing.changed followed:thing.changed" {
			t.Errorf("ana: %s", got)
		}
		if got := verbs(w.inbox(ben)); got != "followed:thing.changed" {
			t.Errorf("ben: %s", got)
		}
		if got := verbs(w.inbox(cleo)); got != "" {
			t.Errorf("cleo: %s", got)
		}
		w.hidden["t1/"+ana] = true
		if len(w.inbox(ana)) != 5 || len(w.inbox(ben)) != 0 {
			t.Error("who may not see the record any more still sees its news, or its owner does not")
		}
	}, schemas...)
}

// A job that dies after its writes, and runs again, tells nobody twice; more
// followers than a page are all told.
func TestManyFollowersOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		var crowd []string
		for i := range 2*page + 50 {
			crowd = append(crowd, fmt.Sprintf("p%05d", i))
		}
		w.follow["t1/x"] = crowd
		w.happens("thing.changed", "t1/x", "system:test", true)
		w.drain()
		events, err := viewList(w, func(tx *db.Tx) ([]string, error) {
			return db.List(t.Context(), tx, db.One[string], `SELECT event FROM notify_item`)
		})
		if err != nil || len(events) != len(crowd) {
			t.Fatal(len(events), err)
		}
		w.update(func(tx *db.Tx) error { // the same event again, as after a crash of the listener
			_, err := tx.Exec(t.Context(), `INSERT INTO notify_todo (seq, event, after) VALUES (1, $1, '')`, events[0])
			if err == nil {
				_, err = job.Enqueue(t.Context(), tx, jobFanOut, job.Options{Unique: "all"})
			}
			return err
		})
		w.drain()
		events, err = viewList(w, func(tx *db.Tx) ([]string, error) {
			return db.List(t.Context(), tx, db.One[string], `SELECT event FROM notify_item`)
		})
		if err != nil || len(events) != len(crowd) {
			t.Fatal(len(events), err)
		}
	}, schemas...)
}

func viewList[T any](w *town, fn func(*db.Tx) ([]T, error)) (out []T, err error) {
	err = w.d.View(context.Background(), func(tx *db.Tx) (err error) { out, err = fn(tx); return err })
	return out, err
}

// A rule that always fails holds its event up for a while, then is passed over.
func TestBadRuleDoesNotSilenceTheRest(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, nil)
		ana := w.person("ana")
		w.broken = true
		w.happens("thing.named", "t1/"+ana, "system:x", true)
		w.happens("thing.answered", "t2/"+ana, "system:x", true)
		for range patience - 1 {
			w.try()
			w.clock.leap(2 * time.Hour)
		}
		if got := verbs(w.inbox(ana)); got != "" {
			t.Fatalf("passed over too early: %s", got)
		}
		w.try()
		if got := verbs(w.inbox(ana)); got != "answer:thing.answered" {
			t.Fatal(got)
		}
	}, schemas...)
}

func TestInboxPagesAndReading(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newTown(t, d, nil)
		ana := w.person("ana")
		for i := range 7 {
			w.happens("thing.answered", fmt.Sprintf("t%d/%s", i, ana), "system:x", true)
		}
		w.drain()
		var seen []string
		for cursor, more := "", true; more; more = cursor != "" {
			items, next, err := w.Inbox(ctx, actorOf(ana), cursor, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range items {
				seen = append(seen, i.Ref.ID[:2])
			}
			cursor = next
		}
		if got := strings.Join(seen, " "); got != "t6 t5 t4 t3 t2 t1 t0" {
			t.Fatal(got)
		}
		unread := func() int {
			n, err := viewList(w, func(tx *db.Tx) ([]int, error) { n, err := Unread(ctx, tx, ana); return []int{n}, err })
			if err != nil {
				t.Fatal(err)
			}
			return n[0]
		}
		if n := unread(); n != 7 {
			t.Fatal(n)
		}
		if err := w.MarkRead(ctx, actorOf(ana), record.Ref{Kind: "thing", ID: "t3/" + ana}, ""); err != nil || unread() != 6 {
			t.Fatal(unread(), err)
		}
		if err := w.MarkRead(ctx, actorOf(ana), record.Ref{}, w.inbox(ana)[1].ID); err != nil || unread() != 1 {
			t.Fatal(unread(), err)
		}
		if _, _, err := w.Inbox(ctx, who.Nobody(policy), "", 3); fault.KindOf(err) != fault.SignIn {
			t.Fatal(err)
		}
		if _, _, err := w.Inbox(ctx, actorOf(ana), "nonsense", 3); !errors.Is(err, db.ErrCursor) {
			t.Fatal(err)
		}
	}, schemas...)
}

func TestQuietHours(t *testing.T) {
	at := func(day, h, m int) time.Time { return time.Date(2026, 3, day, h, m, 0, 0, i18n.Belize) }
	for _, x := range []struct{ now, want time.Time }{
		{at(3, 12, 0), at(3, 12, 0)},
		{at(3, 19, 59), at(3, 19, 59)},
		{at(3, 20, 0), at(4, 7, 0)},
		{at(3, 23, 59), at(4, 7, 0)},
		{at(4, 0, 0), at(4, 7, 0)},
		{at(4, 6, 59), at(4, 7, 0)},
		{at(4, 7, 0), at(4, 7, 0)},
		{at(31, 22, 0), at(32, 7, 0)},
	} {
		if got := loud(x.now.UTC()); !got.Equal(x.want) {
			t.Errorf("%v: %v, want %v", x.now, got, x.want)
		}
	}
}

func TestChoices(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newTown(t, d, nil)
		ana := w.person("ana")
		for name, f := range map[string]Frequency{"nothing": Daily, "followed": "hourly", "mention": Weekly} {
			err := w.Choose(ctx, actorOf(ana), Choices{By: map[string]Frequency{name: f}})
			var wrong fault.Fields
			if !errors.As(err, &wrong) || wrong[0].Name != name {
				t.Errorf("%s %s: %v", name, f, err)
			}
		}
		w.choose(ana, map[string]Frequency{"followed": Off, "mention": Off})
		w.follow["t1/"+ana] = []string{ana}
		w.happens("thing.changed", "t1/"+ana, "system:x", true)
		w.happens("thing.named", "t1/"+ana, "system:x", true)
		w.drain()
		if got := verbs(w.inbox(ana)); got != "" {
			t.Errorf("off, and yet: %s", got)
		}
		w.choose(ana, map[string]Frequency{"followed": Weekly})
		got, err := viewList(w, func(tx *db.Tx) ([]Choices, error) { c, err := w.ChoicesOf(ctx, tx, ana); return []Choices{c}, err })
		if err != nil || got[0].By["followed"] != Weekly || got[0].By["answer"] != Now || got[0].By["mention"] != Off {
			t.Error(got, err)
		}
	}, schemas...)
}

func TestStopLinks(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newTown(t, d, nil)
		ana, ben := w.person("ana"), w.person("ben")
		token := func(p, subject string) string {
			return strings.TrimPrefix(w.StopURL(p, subject), "https://open.example/notifications/stop/")
		}
		good := token(ana, "followed")
		what, sig, _ := strings.Cut(good, ".")
		other, _, _ := strings.Cut(token(ben, "followed"), ".")
		all, _, _ := strings.Cut(token(ana, "*"), ".")
		for _, bad := range []string{"", ".", good[:len(good)-2], what + ".", other + "." + sig, all + "." + sig, "x" + good, good + "A", what + "." + strings.Repeat("A", 22)} {
			if err := w.Stop(ctx, bad); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%q: %v", bad, err)
			}
		}
		choices := func(p string) Choices {
			got, err := viewList(w, func(tx *db.Tx) ([]Choices, error) { c, err := w.ChoicesOf(ctx, tx, p); return []Choices{c}, err })
			if err != nil {
				t.Fatal(err)
			}
			return got[0]
		}
		for range 2 {
			if err := w.Stop(ctx, good); err != nil {
				t.Fatal(err)
			}
		}
		if c := choices(ana); c.By["followed"] != Off || !c.Mail || c.By["answer"] != Now {
			t.Errorf("%+v", c)
		}
		if err := w.Stop(ctx, token(ana, "*")); err != nil || choices(ana).Mail {
			t.Error(err, choices(ana))
		}
		if c := choices(ben); c.By["followed"] != Daily || !c.Mail {
			t.Errorf("ben: %+v", c)
		}
	}, schemas...)
}

func TestEraseAndExport(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		w := newTown(t, d, nil)
		var _ who.Personal = w.Store
		ana := w.person("ana")
		w.happens("thing.answered", "t1/"+ana, "system:x", true)
		w.drain()
		if _, _, err := w.AddHook(ctx, actorOf(ana), Hook{URL: "http://127.0.0.1:9/x"}); err != nil {
			t.Fatal(err)
		}
		held := func() (h Held) {
			if err := d.View(ctx, func(tx *db.Tx) (err error) { h, err = w.held(ctx, tx, ana); return err }); err != nil {
				t.Fatal(err)
			}
			return h
		}
		if h := held(); h.Items != 1 || len(h.Hooks) != 1 {
			t.Fatalf("%+v", h)
		}
		w.update(func(tx *db.Tx) error { return w.Erase(ctx, tx, ana) })
		if h := held(); h.Items != 0 || len(h.Hooks) != 0 {
			t.Fatalf("%+v", h)
		}
		w.drain()
	}, schemas...)
}

func TestNewRefuses(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), schemas...)
	for name, spoil := range map[string]func(*Config){
		"secret": func(c *Config) { c.Secret = make([]byte, 31) }, "base": func(c *Config) { c.Base = "open.example" },
		"subject": func(c *Config) { c.Rules = []Rule{{Verb: "x.y", Subject: "nothing", To: c.Rules[0].To}} },
		"twice":   func(c *Config) { c.Subjects = []Subject{{Name: "mention", Default: Now}} },
		"follow":  func(c *Config) { c.Follow = nil },
	} {
		var c Config
		newTown(t, d, func(x *Config) { c = *x })
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// Every sentence that the code names is written in both languages.
func TestWords(t *testing.T) {
	catalog := i18n.NewCatalog()
	if err := catalog.Add("notify", Words); err != nil {
		t.Fatal(err)
	}
	text, err := Words.ReadFile("locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var en map[string]json.RawMessage
	if err := json.Unmarshal(text, &en); err != nil {
		t.Fatal(err)
	}
	es := catalog.Keys("es")
	for k := range en {
		if !slices.Contains(es, k) {
			t.Errorf("%s is not in Spanish", k)
		}
	}
	used := map[string]bool{}
	for _, x := range builtIn {
		used["notify.topic."+x.Name] = true
	}
	for _, f := range Frequencies {
		used["notify.frequency."+string(f)] = true
	}
	for _, c := range []Frequency{Now, Daily, Weekly} {
		used["notify.mail_heading_"+string(c)] = true
	}
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		source, _ := os.ReadFile(f)
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`"(notify\.[a-z_]+[a-z])"`).FindAllStringSubmatch(string(source), -1) {
			used[m[1]] = true
		}
	}
	for k := range used {
		if _, ok := en[k]; !ok && k != "notify.daily" && k != "notify.weekly" {
			t.Errorf("%s is not written", k)
		}
	}
}
