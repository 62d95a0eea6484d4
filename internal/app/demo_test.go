package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"testing"
	"time"

	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/who"
)

// TestDemoBeginsAgain ends the loading of the demonstration in many places, as a
// kill does, and starts it anew: in the end everything is there once.
func TestDemoBeginsAgain(t *testing.T) {
	for engine, store := range map[string]func(*testing.T) config.Store{
		"sqlite":   func(t *testing.T) config.Store { return config.Store{Data: t.TempDir()} },
		"postgres": func(t *testing.T) config.Store { return config.Store{Data: t.TempDir(), Database: dbtest.Postgres(t)} },
	} {
		t.Run(engine, func(t *testing.T) {
			whole := openDemo(t, store(t))
			must(t, whole.loadDemo(t.Context()))
			want := (&house{App: whole, t: t}).rows()
			whole.Close()

			again := store(t)
			broken := errors.New("killed")
			for _, module := range []string{"plan", "consultation", "planreview"} {
				a := openDemo(t, again)
				for i := range a.Modules {
					if a.Modules[i].Name == module {
						demo := a.Modules[i].Demo
						a.Modules[i].Demo = func(ctx context.Context, actor who.Actor) error { return errors.Join(demo(ctx, actor), broken) }
					}
				}
				if err := a.loadDemo(t.Context()); !errors.Is(err, broken) {
					t.Fatalf("%s: %v", module, err)
				}
				a.Close()
			}
			a := openDemo(t, again) // ended by the clock, wherever it is
			soon, end := context.WithTimeout(t.Context(), 150*time.Millisecond)
			a.loadDemo(soon)
			end()
			a.Close()
			a = openDemo(t, again) // ended after its last step, before it said so
			must(t, a.loadDemo(t.Context()))
			must(t, a.DB.Update(t.Context(), func(tx *db.Tx) error { return setFact(t.Context(), tx, "demonstration", "loading") }))
			a.Close()
			a = openDemo(t, again)
			must(t, a.loadDemo(t.Context()))
			if got := (&house{App: a, t: t}).rows(); !maps.Equal(got, want) {
				t.Errorf("begun again there are other rows: %s", difference(want, got))
			}
			a.Close()
			a = openDemo(t, again) // and the next start finds it loaded
			defer a.Close()
			before := (&house{App: a, t: t}).rows()
			must(t, a.loadDemo(t.Context()))
			if after := (&house{App: a, t: t}).rows(); !maps.Equal(before, after) {
				t.Errorf("a start changed %s", difference(before, after))
			}
		})
	}
}

// openDemo opens an App for the demonstration, as `serve --demo` does.
func openDemo(t *testing.T, store config.Store) *App {
	t.Helper()
	a, err := Open(context.Background(), store, config.Serve{Demo: true, Listen: "127.0.0.1:8080"}, slog.New(slog.DiscardHandler))
	must(t, err)
	a.letters()().Out = io.Discard
	return a
}
