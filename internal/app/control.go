package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A SQLite file belongs to one process. While the server runs, the other
// commands are therefore carried out by it: it listens on a socket in the data
// folder that only its own account may open, takes the arguments of a command,
// and sends back what the command prints and its exit status. To whoever types
// the command nothing differs.

// order is a command on its way to the server.
type order struct {
	Args []string `json:"args"`
	Dir  string   `json:"dir"`  // where the command was typed: file names are meant from there
	User string   `json:"user"` // the account that typed it; the socket lets in only those who may read the data
}

// reply is a piece of what a command says.
type reply struct {
	Out  string `json:"out,omitempty"`
	Err  string `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

func socketPath(data string) string { return filepath.Join(data, "ceiba.sock") }

// control answers commands until ctx ends.
func (a *App) control(ctx context.Context) error {
	path := socketPath(a.Store.Data)
	os.Remove(path) // of a process that was killed: the database's lock is ours
	l, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("listen for commands: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return err
	}
	var running sync.WaitGroup
	defer running.Wait()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		running.Go(func() { a.obey(ctx, conn) })
	}
}

// obey carries out one command.
func (a *App) obey(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var o order
	in := bufio.NewReader(conn)
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return
	}
	conn.SetReadDeadline(time.Time{})
	go func() { // whoever typed the command left
		in.ReadByte()
		cancel()
	}()
	var mu sync.Mutex
	enc := json.NewEncoder(conn)
	send := func(r reply) (err error) {
		mu.Lock()
		defer mu.Unlock()
		return enc.Encode(r)
	}
	server := *a
	server.operator = o.User
	exit := runCommand(ctx, o.Args, sayer(func(s string) error { return send(reply{Out: s}) }), sayer(func(s string) error { return send(reply{Err: s}) }), o.Dir, &server)
	send(reply{Exit: &exit})
}

// sayer is a writer that passes on what it is given.
type sayer func(string) error

func (s sayer) Write(p []byte) (int, error) { return len(p), s(string(p)) }

// errNoServer says that no server listens for commands here.
var errNoServer = errors.New("no server listens")

// delegate has the running server carry out a command. It returns errNoServer
// where there is none.
func delegate(ctx context.Context, data string, args []string, stdout, stderr io.Writer) (exit int, err error) {
	conn, err := net.DialTimeout("unix", socketPath(data), time.Second)
	if err != nil {
		return 0, errNoServer
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	if err := json.NewEncoder(conn).Encode(order{args, dir, operator()}); err != nil {
		return 0, fmt.Errorf("ask the running server: %w", err)
	}
	dec := json.NewDecoder(conn)
	for {
		var r reply
		if err := dec.Decode(&r); err != nil {
			return 0, fmt.Errorf("the running server broke off: %w", err)
		}
		io.WriteString(stdout, r.Out)
		io.WriteString(stderr, r.Err)
		if r.Exit != nil {
			return *r.Exit, nil
		}
	}
}
