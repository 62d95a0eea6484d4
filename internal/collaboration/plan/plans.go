package plan

import (
	"context"
	"time"

	"ceiba/internal/ground/db"
)

// Plans joins the plans with what they stand on.
type Plans struct {
	DB *db.DB
	// Unanswered counts inputs without an answer; nil counts none.
	Unanswered Unanswered
	// Decided reports whether a decision is one that a forum took, and not about
	// something else than a promise; nil takes every word for it.
	Decided func(ctx context.Context, tx *db.Tx, decision, forum string, c Commitment) (bool, error)
	// Visit opens the public page of a plan as a stranger would, and says what
	// was wrong with it; nil visits none.
	Visit func(context.Context, Plan) error
	// Process adds what others have on record; nil adds nothing.
	Process Process
	// Reviewed returns what the last independent assessment that was final at a
	// moment says of a plan's process; nil knows of none.
	Reviewed func(ctx context.Context, tx *db.Tx, plan string, asOf time.Time) (Reviewed, error)

	judged judged
}

// Reviewed is what an independent assessment says of a plan's process.
type Reviewed struct {
	Assessment string // its id; empty if there is none
	Acted      bool   // according to OGP's process
	At         db.Time
}
