package web_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

// configOf is what a server needs at least; a test adds to it.
func configOf(t testing.TB) web.Config {
	t.Helper()
	words := i18n.NewCatalog()
	for name, files := range map[string]fs.FS{"web": web.Words, "ui": ui.Words, "who": who.Words} {
		if err := words.Add(name, files); err != nil {
			t.Fatal(err)
		}
	}
	policy := who.MustPolicy()
	return web.Config{Words: words, Policy: policy, Sessions: sessions{policy}, Log: slog.New(slog.DiscardHandler)}
}

// askOf asks a server from one address.
func askOf(s http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "http://open.example"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// One address asks more than any burst allows: refused with a pause to keep,
// unless limits are off.
func TestLimitsOnAndOff(t *testing.T) {
	for _, off := range []bool{false, true} {
		routes := &web.Routes{}
		routes.Get("/page", web.Public, tell)
		c := configOf(t)
		c.NoLimits = off
		s, err := web.NewServer(c, routes)
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for range 2000 {
			if w := askOf(s, "/page"); w.Code == http.StatusTooManyRequests {
				if w.Header().Get("Retry-After") == "" {
					t.Fatal("refused without a time to come back")
				}
				refused++
			}
		}
		if off != (refused == 0) {
			t.Errorf("limits off %t: %d of 2000 refused", off, refused)
		}
	}
}

// A shared answer is made once for a version of the records, for everybody who
// is not signed in; a new version makes a new one, and whoever is signed in gets
// their own.
func TestSharedAnswers(t *testing.T) {
	var made, version atomic.Int64
	routes := &web.Routes{}
	routes.Get("/shared", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		made.Add(1)
		_, err := w.Write([]byte(strings.Repeat("open ", 1000) + who.From(r.Context()).Name))
		return err
	}, web.Shared)
	c := configOf(t)
	c.Version = func() string { return string(rune('a' + version.Load())) }
	s, err := web.NewServer(c, routes)
	if err != nil {
		t.Fatal(err)
	}
	first := askOf(s, "/shared")
	for range 10 {
		if w := askOf(s, "/shared"); w.Body.String() != first.Body.String() {
			t.Fatal("another answer")
		}
	}
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
	if w := askOf(s, "/shared", "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("the same again: %d, %d bytes", w.Code, w.Body.Len())
	}
	version.Add(1)
	if askOf(s, "/shared"); made.Load() != 2 {
		t.Errorf("after a change made %d times", made.Load())
	}
	mine := askOf(s, "/shared", "Authorization", "Bearer key")
	if made.Load() != 3 || !strings.HasSuffix(mine.Body.String(), "by key") || !strings.Contains(mine.Header().Get("Cache-Control"), "no-store") {
		t.Errorf("signed in: made %d times, %q", made.Load(), mine.Header().Get("Cache-Control"))
	}
	if w := askOf(s, "/shared"); strings.Contains(w.Body.String(), "by key") {
		t.Error("a signed-in person's answer is shown to others")
	}
}

// What changes with the day is made anew on each, as Belize counts them.
func TestDailyAnswers(t *testing.T) {
	var made, minutes atomic.Int64
	routes := &web.Routes{}
	routes.Get("/late", web.Public, func(w http.ResponseWriter, _ *http.Request) error {
		made.Add(1)
		_, err := w.Write([]byte("late"))
		return err
	}, web.Daily)
	c := configOf(t)
	c.Version = func() string { return "1" }
	c.Now = func() time.Time {
		return time.Date(2026, 3, 1, 5, 58, 0, 0, time.UTC).Add(time.Duration(minutes.Load()) * time.Minute)
	}
	s, err := web.NewServer(c, routes)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ minute, made int64 }{{0, 1}, {1, 1}, {2, 2}, {3, 2}} { // midnight in Belize is 06:00 UTC
		minutes.Store(x.minute)
		if askOf(s, "/late"); made.Load() != x.made {
			t.Errorf("minute %d: made %d times", x.minute, made.Load())
		}
	}
}

// BenchmarkShared is what an answer from the shared cache costs, the recorder
// and the request of the test included.
//
// target: ns/op <= 80e3
func BenchmarkShared(b *testing.B) {
	routes := &web.Routes{}
	routes.Get("/shared", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write([]byte(strings.Repeat("open ", 2000)))
		return err
	}, web.Shared)
	c := configOf(b)
	c.NoLimits, c.Version = true, func() string { return "1" }
	s, err := web.NewServer(c, routes)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		askOf(s, "/shared")
	}
}

// A shared answer is made for everybody who waits: it goes on when whoever asked
// first has left, and has a time by which it ends.
func TestSharedAnswerOutlivesItsFirstReader(t *testing.T) {
	begun, leave := make(chan struct{}), make(chan struct{})
	routes := &web.Routes{}
	routes.Get("/shared", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		close(begun)
		<-leave
		if _, bounded := r.Context().Deadline(); !bounded {
			t.Error("the answer may take for ever")
		}
		if err := r.Context().Err(); err != nil {
			return err
		}
		_, err := w.Write([]byte("open"))
		return err
	}, web.Shared)
	c := configOf(t)
	c.Version = func() string { return "1" }
	s, err := web.NewServer(c, routes)
	if err != nil {
		t.Fatal(err)
	}
	ctx, left := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "http://open.example/shared", nil).WithContext(ctx)
	var first sync.WaitGroup
	first.Go(func() { s.ServeHTTP(httptest.NewRecorder(), r) })
	<-begun
	left()
	close(leave)
	first.Wait()
	if w := askOf(s, "/shared"); w.Code != http.StatusOK || w.Body.String() != "open" {
		t.Errorf("the next reader: %d %q", w.Code, w.Body)
	}
}

// A database that hangs, and one that fell silent in the middle of a commit,
// are told as what they are.
func TestExplainsAway(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("begin: %w", db.ErrAway), "web.away"},
		{fmt.Errorf("commit: %w", db.ErrDoubt), "web.doubt"},
	} {
		if f := web.Explain(c.err); f.Key != c.want || web.Status(f.Kind) != http.StatusServiceUnavailable {
			t.Errorf("%v: %s %d, want 503 with %s", c.err, f.Key, web.Status(f.Kind), c.want)
		}
	}
}

// hanging are sessions in a database that does not answer.
type hanging struct{ sessions }

func (hanging) Session(ctx context.Context, _ string) (who.Actor, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		return who.Actor{}, errors.New("whoever comes may wait for ever")
	}
	return who.Actor{}, fmt.Errorf("begin: %w", context.DeadlineExceeded)
}

func TestWhoComesWhileTheDatabaseHangs(t *testing.T) {
	routes := &web.Routes{}
	routes.Get("/page", web.Public, tell)
	c := configOf(t)
	c.Sessions = hanging{sessions{c.Policy}}
	s, err := web.NewServer(c, routes)
	if err != nil {
		t.Fatal(err)
	}
	w := askOf(s, "/page", "Cookie", "ceiba_dev=token")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), c.Words.For("en").T("web.away")) {
		t.Errorf("%d, want 503 with its sentence\n%s", w.Code, w.Body)
	}
}
