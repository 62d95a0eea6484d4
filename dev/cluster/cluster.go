// Package cluster runs throw-away PostgreSQL clusters in temporary folders: for
// the tests, and for the gate that takes the database away.
//
// A cluster ends with the process that made it, as far as the commands it is
// given see to that. It listens where its settings say, and always on a Unix
// socket of its own.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Programs finds the folder of the server's programs. Debian keeps them out
// of PATH.
func Programs() (string, bool) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), true
	}
	p, err := exec.LookPath("postgres")
	return filepath.Dir(p), err == nil
}

// A Cluster is a PostgreSQL of ours in a temporary folder. It can be ended and
// started again on what it wrote.
type Cluster struct {
	command Command
	bin     string
	dir     string // holds data and the Unix socket
	port    string // names the socket too
	as      *syscall.Credential
	server  *exec.Cmd
}

// Command prepares a program to run, as exec.CommandContext does.
type Command func(ctx context.Context, name string, args ...string) *exec.Cmd

// New makes a cluster that does not run yet, with the programs that Programs
// found. port names its socket. Remove takes it away.
func New(ctx context.Context, command Command, bin, port string) (*Cluster, error) {
	dir, err := os.MkdirTemp("/tmp", "ceiba-pg-") // a socket's path must be short
	if err != nil {
		return nil, err
	}
	p := &Cluster{command: command, bin: bin, dir: dir, port: port}
	if p.as, err = ownedByPostgres(dir); err != nil {
		p.Remove()
		return nil, err
	}
	out, err := p.program(ctx, "initdb", "-D", dir+"/data", "-A", "trust", "-U", "ceiba",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		p.Remove()
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return p, nil
}

// program prepares one of PostgreSQL's programs.
func (p *Cluster) program(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := p.command(ctx, filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Credential = p.as
	return cmd
}

// Socket is the folder of the cluster's Unix socket.
func (p *Cluster) Socket() string { return p.dir }

// Start starts the server with settings, such as fsync=off, and waits until it
// answers.
func (p *Cluster) Start(ctx context.Context, settings ...string) error {
	args := []string{"-D", p.dir + "/data", "-k", p.dir, "-p", p.port}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	server := p.program(ctx, "postgres", args...)
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGINT) }
	if err := server.Start(); err != nil {
		return err
	}
	p.server = server
	for range 400 {
		if p.program(ctx, "pg_isready", "-q", "-h", p.dir, "-p", p.port).Run() == nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.End(syscall.SIGINT)
	return errors.New("PostgreSQL started but does not answer")
}

// End ends a server that runs: SIGINT asks it to, SIGQUIT ends it at once, so
// that it must recover when it starts again.
func (p *Cluster) End(how os.Signal) {
	if p.server == nil {
		return
	}
	p.server.Process.Signal(how)
	p.server.Wait()
	p.server = nil
}

// Signal sends a signal to the server and every process it started, each of
// which is a group of its own.
func (p *Cluster) Signal(what syscall.Signal) error {
	pid := p.server.Process.Pid
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return err
	}
	for _, f := range append(strings.Fields(string(children)), strconv.Itoa(pid)) {
		child, err := strconv.Atoi(f)
		if err == nil {
			err = syscall.Kill(child, what)
		}
		if err != nil && !errors.Is(err, syscall.ESRCH) { // a process that has just ended
			return err
		}
	}
	return nil
}

// Ask runs one query in the cluster, over its socket.
func (p *Cluster) Ask(ctx context.Context, query string) (string, error) {
	out, err := p.program(ctx, "psql", "-h", p.dir, "-p", p.port, "-U", "ceiba", "-d", "postgres",
		"-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", query).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("psql: %w\n%s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// Remove ends the server and takes everything away.
func (p *Cluster) Remove() {
	p.End(syscall.SIGINT)
	os.RemoveAll(p.dir)
}

// ownedByPostgres gives dir to the user postgres and returns who the server
// must run as; nil where this process is not root. The server refuses to run as root.
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
