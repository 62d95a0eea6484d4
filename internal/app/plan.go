package app

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/review"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/outbound"
)

// visit opens the public page of a plan without signing in: this site's own, at
// the address that the operator gave it, or another that the plan names.
func (a *App) visit(ctx context.Context, p plan.Plan) error {
	address, client := a.Base()+p.Ref().Path(), &http.Client{Timeout: 20 * time.Second}
	if p.Website != "" {
		address, client = p.Website, outbound.Client(outbound.Options{})
	}
	ctx, end := context.WithTimeout(ctx, 30*time.Second)
	defer end()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// reviewed tells the plans what the last independent assessment says of a
// plan's process.
func reviewed(ctx context.Context, tx *db.Tx, planID string, asOf time.Time) (plan.Reviewed, error) {
	o, err := review.Process(ctx, tx, planID, asOf)
	return plan.Reviewed{Assessment: o.Assessment, Acted: o.Acted, At: o.At}, err
}
