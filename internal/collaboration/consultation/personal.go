package consultation

import (
	"context"

	"ceiba/internal/ground/db"
)

// Name names this module's part of what is kept about a person.
func (d *Desk) Name() string { return Kind }

// wrote is an annotation as its author takes it with them.
type wrote struct {
	ID          string  `json:"id"`
	Sort        Sort    `json:"kind"`
	State       Stage   `json:"state"`
	Paragraph   string  `json:"paragraph"`
	Quote       string  `json:"quote,omitempty"`
	Text        string  `json:"text"`
	Replacement string  `json:"replacement,omitempty"`
	Org         string  `json:"org,omitempty"`
	Lang        string  `json:"lang"`
	Created     db.Time `json:"created"`
}

// Export returns what a person wrote about texts and agreed with.
func (d *Desk) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	as, err := db.List(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.author = $1 ORDER BY a.id`, person)
	if err != nil {
		return nil, err
	}
	var mine []wrote
	for _, a := range as {
		mine = append(mine, wrote{
			ID: a.ID, Sort: a.Sort, State: a.State, Paragraph: a.Anchor.Paragraph, Quote: a.Anchor.Quote, Text: a.Body,
			Replacement: a.Replacement, Org: a.Org, Lang: a.Lang, Created: a.Created,
		})
	}
	agreed, err := db.List(ctx, tx, db.One[string], `SELECT annotation FROM consultation_agreement WHERE person = $1 ORDER BY at, annotation`, person)
	if err != nil || len(mine)+len(agreed) == 0 {
		return nil, err
	}
	return map[string]any{"annotations": mine, "agreed_with": agreed}, nil
}

// Erase leaves the places of what a person wrote and the answers to it, without
// the words; package record empties the comment that holds them. Words that
// became part of a text stay in it, as nobody's.
func (d *Desk) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`DELETE FROM consultation_annotation WHERE author = $1 AND state = 'draft'`,
		`UPDATE consultation_annotation SET author = '', org = '', quote = '', prefix = '', suffix = '', replacement = '', unsent = '' WHERE author = $1`,
		`UPDATE consultation_annotation SET agreed = agreed - 1 WHERE id IN (SELECT annotation FROM consultation_agreement WHERE person = $1)`,
		`DELETE FROM consultation_agreement WHERE person = $1`,
		`UPDATE consultation_version SET by_person = '' WHERE by_person = $1`,
		`UPDATE consultation_term SET by_person = '' WHERE by_person = $1`,
		`UPDATE consultation_response SET by_person = '' WHERE by_person = $1`,
		`UPDATE consultation SET created_by = '' WHERE created_by = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
