package review

import (
	"context"

	"ceiba/internal/service/who"
)

// Demo makes an assessment of the demonstration's plan that is being kept.
func (r *Reviews) Demo(ctx context.Context, actor who.Actor) error {
	return nil
}
