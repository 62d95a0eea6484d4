package app_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	ceiba "ceiba/internal/app"
	"ceiba/internal/ground/db"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ceiba": func() { os.Exit(ceiba.Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestCommands runs the scripts in testdata/script: each is a page of the
// manual of the command line, and what it shows is so.
func TestCommands(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("USER", "tester")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "lines": lines, "listening": listening, "tamper": tamper,
		},
	})
}

// exits runs a command that must end with a status: "exits 2 ceiba --nope".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARGUMENT…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	status := "0"
	if err != nil {
		status = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if status != args[0] {
		ts.Fatalf("%s ended with %s, not %s", strings.Join(args[1:], " "), status, args[0])
	}
}

// lines counts the lines of a text: "lines stderr 1".
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE NUMBER")
	}
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, "\n"); args[1] != strconv.Itoa(n) {
		ts.Fatalf("%s has %d lines, not %s:\n%s", args[0], n, args[1], text)
	}
}

// listening waits until a server takes commands for a data folder.
func listening(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listening FOLDER")
	}
	for range 600 {
		conn, err := net.Dial("unix", filepath.Join(ts.MkAbs(args[0]), "ceiba.sock"))
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("no server listens in %s", args[0])
}

// tamper does what somebody with the database's file and no respect could: it
// rewrites one line of the log.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tamper FOLDER")
	}
	ctx := context.Background()
	d, err := db.Open(ctx, filepath.Join(ts.MkAbs(args[0]), "ceiba.db"))
	ts.Check(err)
	defer d.Close()
	ts.Check(d.Update(ctx, func(tx *db.Tx) error {
		return tx.MustChange(ctx, `UPDATE activity SET actor = 'system:nobody' WHERE seq = 2`)
	}))
}
