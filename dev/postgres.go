package main

import (
	"context"
	"io"
	"runtime"

	"ceiba/dev/away"
	"ceiba/dev/cluster"
)

// startPostgres starts a throw-away cluster that listens on a Unix socket in a
// temporary folder and fears no power cut, and returns its address. stop ends
// it and removes everything.
func (c *checkout) startPostgres(ctx context.Context, w io.Writer) (url string, stop func(), err error) {
	if err := c.need(ctx, w, postgres); err != nil {
		return "", nil, err
	}
	bin, _ := cluster.Programs()
	p, err := cluster.New(ctx, c.command, bin, "5432")
	if err != nil {
		return "", nil, err
	}
	if err := p.Start(ctx, "listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"); err != nil {
		p.Remove()
		return "", nil, err
	}
	return "postgres://ceiba@/postgres?host=" + p.Socket(), p.Remove, nil
}

// postgresAway takes the database away from a running Ceiba: see dev/away.
func postgresAway(ctx context.Context, c *checkout, w io.Writer, small bool) (string, error) {
	if err := c.need(ctx, w, postgres); err != nil {
		return "", err
	}
	if runtime.GOOS != "linux" {
		return "", cannot{"PostgreSQL's processes are found in Linux's /proc"}
	}
	if err := c.build(ctx); err != nil {
		return "", err
	}
	bin, _ := cluster.Programs()
	rounds := map[bool]int{true: 1, false: 10}[small]
	return away.Run(ctx, away.Means{Command: c.command, Ceiba: c.path("bin", "ceiba"), Postgres: bin}, rounds)
}
