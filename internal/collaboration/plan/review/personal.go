package review

import (
	"context"

	"ceiba/internal/ground/db"
)

// Name names this module's part of what is kept about a person.
func (r *Reviews) Name() string { return "planreview" }

// kept is what a person takes with them.
type kept struct {
	Reviews   []string   `json:"reviews,omitempty"` // ids of the assessments they wrote
	Interests []keptOne  `json:"interests,omitempty"`
	Comments  []keptText `json:"comments,omitempty"`
}

type keptOne struct {
	Org      string  `json:"org"`
	Text     string  `json:"text"`
	Declared db.Time `json:"declared"`
	Ended    db.Time `json:"ended"`
}

type keptText struct {
	Assessment string  `json:"assessment"`
	Org        string  `json:"org,omitempty"`
	Text       string  `json:"text"`
	At         db.Time `json:"at"`
	Answer     string  `json:"answer,omitempty"`
}

// Export returns the assessments that a person wrote, the interests they
// declared, and what they said of drafts.
func (r *Reviews) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	var out kept
	var err error
	if out.Reviews, err = db.List(ctx, tx, db.One[string], `SELECT assessment FROM assessment_reviewer WHERE person = $1 ORDER BY added`, person); err != nil {
		return nil, err
	}
	is, err := db.List(ctx, tx, interestFields, `SELECT `+interestColumns+` FROM assessment_interest WHERE person = $1 ORDER BY declared`, person)
	if err != nil {
		return nil, err
	}
	for _, i := range is {
		out.Interests = append(out.Interests, keptOne{i.Org, i.Text, i.Declared, i.Ended})
	}
	cs, err := db.List(ctx, tx, commentFields, `SELECT `+commentColumns+` FROM assessment_comment WHERE person = $1 ORDER BY at`, person)
	for _, c := range cs {
		out.Comments = append(out.Comments, keptText{c.Assessment, c.Org, c.Text, c.At, c.Answer})
	}
	if len(out.Reviews)+len(out.Interests)+len(out.Comments) == 0 {
		return nil, err
	}
	return out, err
}

// Erase takes a person out of what they did. The codes, which a report stands on,
// stay and are nobody's. Of a comment its place and the reviewers' answer stay,
// without the words, as of any comment (package record). A declared interest goes.
func (r *Reviews) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`DELETE FROM assessment_reviewer WHERE person = $1`,
		`UPDATE assessment_reviewer SET added_by = '' WHERE added_by = $1`,
		`UPDATE assessment SET created_by = '' WHERE created_by = $1`,
		`UPDATE assessment_cluster SET by = '' WHERE by = $1`,
		`UPDATE assessment_code SET by = '' WHERE by = $1`,
		`UPDATE assessment_passage SET by = '' WHERE by = $1`,
		`UPDATE assessment_comment SET person = '', text = '' WHERE person = $1`,
		`UPDATE assessment_comment SET answered_by = '' WHERE answered_by = $1`,
		`UPDATE assessment_interest SET person = '', text = '' WHERE person = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
