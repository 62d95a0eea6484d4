package plan

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
	"ceiba/internal/service/who/deed"
)

// Personal is what this module keeps about people: who wrote, moved, recorded
// and reported what. The contact of a plan or commitment is an office's public
// address, which its organisation changes; it is nobody's account.
var Personal who.Personal = personal{}

type personal struct{}

// Name names this module's part.
func (personal) Name() string { return "plan" }

// keptReport is a report on a milestone as whoever wrote it takes it along.
type keptReport struct {
	Milestone string  `json:"milestone"`
	Voice     string  `json:"voice"`
	Org       string  `json:"org"`
	Status    string  `json:"status"`
	Text      string  `json:"text"`
	At        db.Time `json:"at"`
}

// Export returns what a person reported of milestones. What else they did is in
// the log.
func (personal) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	out, err := db.List(ctx, tx, func(k *keptReport) []any {
		return []any{&k.Milestone, &k.Voice, &k.Org, &k.Status, &k.Text, &k.At}
	}, `SELECT milestone, voice, org, status, text, at FROM progress WHERE person = $1 ORDER BY at, id`, person)
	if len(out) == 0 {
		return nil, err
	}
	return map[string]any{"reports": out}, err
}

// Erase takes a person out of what they did. Plans, reports and documents are
// their organisations', and stay.
func (personal) Erase(ctx context.Context, tx *db.Tx, person string) error {
	return deed.LetGo(ctx, tx, person, "plan.created_by", "plan_step.by", "plan_timeline.by", "plan_outreach.by", "plan_paper.by",
		"commitment.created_by", "commitment_version.by", "commitment_party.added_by", "commitment_party.confirmed_by", "progress.person")
}
