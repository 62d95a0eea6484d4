package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/backup"
	"ceiba/internal/service/org"
)

// siteWith opens a site in which one organisation exists.
func siteWith(t *testing.T, store config.Store, name string) *App {
	t.Helper()
	a, err := Open(t.Context(), store, config.Serve{Listen: "127.0.0.1:8080"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if name != "" {
		if _, _, err := org.EnsureByName(t.Context(), a.DB, a.System(), name, org.National); err != nil {
			t.Fatal(err)
		}
		if err := a.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func orgsOf(t *testing.T, a *App) string {
	t.Helper()
	var names []string
	if err := a.DB.View(t.Context(), func(tx *db.Tx) error {
		list, _, err := org.List(t.Context(), tx, org.Filter{Limit: 9})
		for _, o := range list {
			names = append(names, o.Name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, ", ")
}

func backupOf(t *testing.T, a *App) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := (backups{a}).Make(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestRestoreOver puts one site in the place of another, on both databases: what
// was there is kept in a file that can itself be restored, and a backup that
// cannot be read changes nothing and says why.
func TestRestoreOver(t *testing.T) {
	first := backupOf(t, siteWith(t, config.Store{Data: t.TempDir()}, "Ministry of Works"))
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			ctx, store := t.Context(), config.Store{Data: t.TempDir()}
			if engine == "postgres" {
				store.Database = dbtest.Postgres(t)
			}
			apply := func() {
				t.Helper()
				if err := applyRestore(ctx, store, config.Serve{Listen: "127.0.0.1:8080"}, slog.New(slog.DiscardHandler)); err != nil {
					t.Fatal(err)
				}
			}
			a := siteWith(t, store, "Ministry of Health")
			older := backupOf(t, a)
			if _, err := a.Ledger.Publish(ctx); err != nil {
				t.Fatal(err)
			}
			if err := (backups{a}).Stage(ctx, strings.NewReader("no backup")); err == nil {
				t.Error("a file that is no backup is taken")
			}
			damaged := bytes.Replace(first, []byte("tables/activity.ndjson"), []byte("tables/activ1ty.ndjson"), -1)
			if err := (backups{a}).Stage(ctx, bytes.NewReader(damaged)); err != nil {
				t.Fatal(err)
			}
			a.Close()
			apply()
			a = siteWith(t, store, "")
			if why, err := (backups{a}).Failed(ctx); err != nil || why == nil || why.Key != "backup.damaged" || orgsOf(t, a) != "Ministry of Health" {
				t.Errorf("a damaged backup: %v %v, left %s", why, err, orgsOf(t, a))
			}
			if err := (backups{a}).Stage(ctx, bytes.NewReader(first)); err != nil {
				t.Fatal(err)
			}
			a.Close()
			apply()
			apply() // nothing waits any more
			a = siteWith(t, store, "")
			if why, err := (backups{a}).Failed(ctx); err != nil || why != nil || orgsOf(t, a) != "Ministry of Works" {
				t.Errorf("restored: %v %v, found %s", why, err, orgsOf(t, a))
			}
			a = restoredOlder(t, a, older)
			if orgsOf(t, a) != "Ministry of Health" {
				t.Errorf("back to an older state: %s", orgsOf(t, a))
			}
			kept, err := filepath.Glob(filepath.Join(restoreDir(store), "before-*.backup"))
			if err != nil || len(kept) == 0 {
				t.Fatal("nothing was kept of what was there", err)
			}
			text, err := os.ReadFile(kept[0])
			if err != nil {
				t.Fatal(err)
			}
			back := siteWith(t, config.Store{Data: t.TempDir()}, "")
			if _, err := backup.Replace(ctx, back.DB, back.Blob, bytes.NewReader(text), int64(len(text))); err != nil || orgsOf(t, back) != "Ministry of Health" {
				t.Errorf("what was kept: %v, %s", err, orgsOf(t, back))
			}
		})
	}
}

// restoredOlder goes back to a backup that the site made of itself before more
// was published: the ledger is shorter then, and its log says so.
func restoredOlder(t *testing.T, a *App, older []byte) *App {
	t.Helper()
	ctx := t.Context()
	for _, name := range []string{"One more", "And another"} {
		if _, _, err := org.EnsureByName(ctx, a.DB, a.System(), name, org.National); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Ledger.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	if err := (backups{a}).Stage(ctx, bytes.NewReader(older)); err != nil {
		t.Fatal(err)
	}
	a.Close()
	f, err := os.Open(pendingPath(a.Store))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	log := slog.New(slog.DiscardHandler)
	if _, done, err := swap(ctx, f, a.Store, a.Serve, log); err != nil || !done { // and here the process dies
		t.Fatal(done, err)
	}
	if err := applyRestore(ctx, a.Store, a.Serve, log); err != nil {
		t.Fatal(err)
	}
	return siteWith(t, a.Store, "")
}

// TestAnew: a round of the server ends when it is told to, and says so.
func TestAnew(t *testing.T) {
	a := siteWith(t, config.Store{Data: t.TempDir()}, "")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(context.Background(), l) }()
	backups{a}.Anew()
	backups{a}.Anew()
	if err := <-ended; !errors.Is(err, errAnew) {
		t.Errorf("ended with %v", err)
	}
}
