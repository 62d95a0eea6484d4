package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// postgresBin finds the folder of the server's programs. Debian keeps them out
// of PATH.
func postgresBin() (string, bool) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), true
	}
	p, err := exec.LookPath("postgres")
	return filepath.Dir(p), err == nil
}

// startPostgres starts a throw-away cluster that listens on a Unix socket in a
// temporary folder and fears no power cut, and returns its address. stop ends
// it and removes everything.
func (c *checkout) startPostgres(ctx context.Context, w io.Writer) (url string, stop func(), err error) {
	if err := c.need(ctx, w, postgres); err != nil {
		return "", nil, err
	}
	bin, _ := postgresBin()
	dir, err := os.MkdirTemp("/tmp", "ceiba-pg-") // a socket's path must be short
	if err != nil {
		return "", nil, err
	}
	cleanup := func() { os.RemoveAll(dir) }
	as, err := ownedByPostgres(dir)
	if err != nil {
		cleanup()
		return "", nil, err
	}
	run := func(program string, args ...string) *exec.Cmd {
		cmd := c.command(ctx, filepath.Join(bin, program), args...)
		cmd.Dir, cmd.SysProcAttr = dir, orphanProof()
		cmd.SysProcAttr.Credential = as
		return cmd
	}
	out, err := run("initdb", "-D", dir+"/data", "-A", "trust", "-U", "ceiba",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		cleanup()
		return "", nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	server := run("postgres", "-D", dir+"/data", "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=300")
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGINT) }
	if err := server.Start(); err != nil {
		cleanup()
		return "", nil, err
	}
	stop = func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait()
		cleanup()
	}
	for range 400 {
		if run("pg_isready", "-q", "-h", dir).Run() == nil {
			return "postgres://ceiba@/postgres?host=" + dir, stop, nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	stop()
	return "", nil, errors.New("PostgreSQL started but does not answer")
}

// ownedByPostgres gives dir to the user postgres and returns who the server
// must run as; nil where dev is not root. The server refuses to run as root.
func ownedByPostgres(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}
