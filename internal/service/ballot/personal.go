package ballot

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Personal is what this module keeps about people.
var Personal who.Personal = personal{}

type personal struct{}

// Name names this module's part of what is kept about a person.
func (personal) Name() string { return "ballot" }

// kept is that somebody may vote, or saw a bag of paper ballots counted, as they
// take it with them.
type kept struct {
	Poll      string   `json:"poll"`
	Title     string   `json:"title"`
	Bloc      string   `json:"bloc,omitempty"`
	State     Standing `json:"state,omitempty"`
	For       string   `json:"for,omitempty"`     // the organisation for which they may cast
	Choices   string   `json:"choices,omitempty"` // of an open poll
	Witnessed string   `json:"witnessed,omitempty"`
}

// Export returns the polls in which a person may vote, for themselves or for an
// organisation, and whether that was done; of an open poll what they chose, of a
// secret one never; and the bags of paper ballots whose counting they saw.
func (personal) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	return db.List(ctx, tx, func(k *kept) []any {
		return []any{&k.Poll, &k.Title, &k.Bloc, &k.State, &k.For, &k.Choices, &k.Witnessed}
	},
		`SELECT p.id, p.title, v.bloc, v.state, CASE v.voter WHEN $1 THEN '' ELSE v.voter END, '', ''
			FROM poll_voter v JOIN poll p ON p.id = v.poll WHERE v.voter = $1 OR v.named = $1
		UNION ALL SELECT p.id, p.title, '', '', '', b.choices, '' FROM poll_vote b JOIN poll p ON p.id = b.poll WHERE b.voter = $1
		UNION ALL SELECT p.id, p.title, '', '', '', '', s.bag FROM poll_paper s JOIN poll p ON p.id = s.poll WHERE s.witness1 = $1 OR s.witness2 = $1
		ORDER BY 1, 6, 7`, person)
}

// Erase makes a person's lines in electorates nobody's. Their votes stay, since
// others' results stand on them; the mark of the line stays, so that the digest
// of the electorate can still be recomputed.
func (personal) Erase(ctx context.Context, tx *db.Tx, person string) error {
	polls, err := db.List(ctx, tx, db.One[string], `SELECT poll FROM poll_voter WHERE voter = $1 UNION SELECT poll FROM poll_vote WHERE voter = $1`, person)
	if err != nil {
		return err
	}
	for _, poll := range polls {
		nobody := "nobody:" + id.Random()
		for _, q := range []string{
			`UPDATE poll_voter SET voter = $3, reason = '' WHERE poll = $1 AND voter = $2`,
			`UPDATE poll_vote SET voter = $3 WHERE poll = $1 AND voter = $2`,
		} {
			if _, err := tx.Exec(ctx, q, poll, person, nobody); err != nil {
				return err
			}
		}
	}
	for _, q := range []string{
		`UPDATE poll_voter SET named = '' WHERE named = $1`,
		`UPDATE poll_voter SET cast_by = 'nobody' WHERE cast_by = $1`,
		`UPDATE poll_objection SET made_by = '' WHERE made_by = $1`,
		`UPDATE poll SET made_by = '' WHERE made_by = $1`,
		`UPDATE poll_paper SET witness1 = 'nobody' WHERE witness1 = $1`,
		`UPDATE poll_paper SET witness2 = 'nobody' WHERE witness2 = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	// A bag has one entry of each who entered it, so nobody is somebody else each time.
	_, err = tx.Exec(ctx, `UPDATE poll_paper SET entered_by = $2 WHERE entered_by = $1`, person, "nobody:"+id.Random())
	return err
}
