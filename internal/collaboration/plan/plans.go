package plan

import (
	"context"

	"ceiba/internal/ground/db"
)

// Plans joins the plans with what they stand on.
type Plans struct {
	DB *db.DB
	// Unanswered counts inputs without an answer; nil counts none.
	Unanswered Unanswered
	// Decided reports whether a decision is one that a forum took; nil takes
	// every word for it.
	Decided func(ctx context.Context, tx *db.Tx, decision, forum string) (bool, error)
	// Visit opens the public page of a plan as a stranger would, and says what
	// was wrong with it; nil visits none.
	Visit func(context.Context, Plan) error
	// Process adds what others have on record; nil adds nothing.
	Process Process
}
