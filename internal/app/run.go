package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
)

// Run serves on listener and works in the background until ctx ends. Then it
// lets running requests and jobs finish, at most ten seconds.
func (a *App) Run(ctx context.Context, listener net.Listener) error {
	stopMetrics, err := a.serveMetrics()
	if err != nil {
		return err
	}
	defer stopMetrics()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var bg sync.WaitGroup
	bg.Go(func() { a.Activity.Run(work) })
	bg.Go(func() { a.version.watch(work, a.DB) })
	bg.Go(func() { a.sweep(work) })
	bg.Go(func() { a.Ledger.Run(work) })
	if a.DB.Engine() == "sqlite" {
		bg.Go(func() {
			if err := a.control(work); err != nil {
				a.log.Error("commands cannot reach this server", "err", err)
			}
		})
	}
	jobs, stopJobs := context.WithCancel(work)
	bg.Go(func() { a.Jobs.Run(jobs) })
	srv := &http.Server{
		Handler: a.Server, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return work },
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	a.log.Info("listening", "address", listener.Addr().String())
	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-a.anew:
		err = errAnew
	case err = <-a.broken(work):
	}
	stopJobs()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	srv.SetKeepAlivesEnabled(false)
	a.Server.EndStreams()
	if e := srv.Shutdown(drain); err == nil && e != nil && !errors.Is(e, http.ErrServerClosed) {
		err = fmt.Errorf("shut down: %w", e)
	}
	stop()
	bg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// serveMetrics serves the figures on the address of --metrics, if there is one.
func (a *App) serveMetrics() (stop func() error, err error) {
	if a.Serve.Metrics == "" {
		return func() error { return nil }, nil
	}
	l, err := net.Listen("tcp", a.Serve.Metrics)
	if err != nil {
		return nil, fmt.Errorf("listen on --metrics %s: %w", a.Serve.Metrics, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.health.Handler())
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go srv.Serve(l)
	return srv.Close, nil
}

// broken says when the database cannot be trusted any more and the process
// must stop, so that its successor finds out what is on the disk.
func (a *App) broken(ctx context.Context) <-chan error {
	out := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if err := a.DB.Broken(); err != nil {
				out <- fmt.Errorf("writing ended in an unknown state, so this process stops: %w", err)
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}()
	return out
}

// Settle runs every job and listener that is due and signs a checkpoint of what
// they did, for commands that end.
func (a *App) Settle(ctx context.Context) error {
	for range 20 {
		if err := a.Jobs.Drain(ctx); err != nil {
			return err
		}
		if err := a.Activity.Drain(ctx); err != nil {
			return err
		}
		if !a.pending(ctx) {
			break
		}
	}
	_, err := a.Ledger.Publish(ctx)
	return err
}

// pending reports whether jobs are due or listeners are behind.
func (a *App) pending(ctx context.Context) bool {
	due := false
	a.DB.View(ctx, func(tx *db.Tx) error {
		counts, err := job.Counts(ctx, tx)
		for _, c := range counts {
			due = due || c.State == job.Running
		}
		if err != nil {
			return err
		}
		lags, err := activity.Lags(ctx, tx)
		for _, l := range lags {
			due = due || l.Behind > 0 && l.Tries == 0
		}
		return err
	})
	return due
}
