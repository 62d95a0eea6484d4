package app

import (
	"context"
	"time"

	"ceiba/internal/face/api"
	"ceiba/internal/service/job"
)

// uploadIdle is how long an upload may rest before it is thrown away: a week
// without a connection is nothing unusual in the villages.
const uploadIdle = 10 * 24 * time.Hour

// housekeeping is the clearing out that no module does for itself. The account's
// pages, notifications and the queue have jobs of their own.
func (a *App) housekeeping() []job.Kind {
	return []job.Kind{
		{Name: "app.uploads", Timeout: time.Hour, Run: func(ctx context.Context, r *job.Run) error {
			_, err := a.Blob.Expire(ctx, uploadIdle)
			return err
		}},
		{Name: "app.answers", Run: func(ctx context.Context, r *job.Run) error { return api.Forget(ctx, a.DB) }},
	}
}

// housekeepingTimes are set apart, so that not everything begins at once.
var housekeepingTimes = []job.Schedule{
	{Name: "app.uploads", Kind: "app.uploads", Every: "daily 03:40"},
	{Name: "app.answers", Kind: "app.answers", Every: "daily 03:50"},
}

// sweep closes tables that nobody has read for a while, every five minutes. It
// is no job: jobs run on one node, and every node has tables open.
func (a *App) sweep(ctx context.Context) {
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.Shelf.Sweep()
		}
	}
}
