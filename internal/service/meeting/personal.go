package meeting

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// Personal is what this package keeps about people: where they were invited,
// registered and present, what they said and are to do.
var Personal who.Personal = personal{}

type personal struct{}

// Name names this module's part.
func (personal) Name() string { return "meeting" }

// kept is one thing that a meeting knows of a person.
type kept struct {
	What    string  `json:"what"`
	Meeting string  `json:"meeting"`
	Name    string  `json:"name,omitempty"`
	State   string  `json:"state,omitempty"`
	Text    string  `json:"text,omitempty"`
	At      db.Time `json:"at"`
}

// Export returns what meetings know of a person.
func (personal) Export(ctx context.Context, tx *db.Tx, person string) (any, error) {
	out, err := db.List(ctx, tx, func(k *kept) []any { return []any{&k.What, &k.Meeting, &k.Name, &k.State, &k.Text, &k.At} },
		`SELECT 'invited', i.meeting, i.name, i.seat, '', m.announced FROM meeting_invited i JOIN meeting m ON m.id = i.meeting WHERE i.person = $1
		UNION ALL SELECT 'registered', meeting, '', state, district, created FROM meeting_guest WHERE person = $1
		UNION ALL SELECT 'attendance', meeting, name, part, arrived, recorded FROM meeting_attendance WHERE person = $1
		UNION ALL SELECT type, meeting, name, sector, text, at FROM meeting_voice WHERE person = $1
		UNION ALL SELECT 'action', meeting, name, state, text, created FROM meeting_action WHERE person = $1 ORDER BY 6, 2, 1`, person)
	if len(out) == 0 {
		return nil, err
	}
	return out, err
}

// Erase takes a person out of the meetings. That a seat was there, for which
// sector, stays: quorum and reports rest on it.
func (personal) Erase(ctx context.Context, tx *db.Tx, person string) error {
	for _, q := range []string{
		`UPDATE meeting_invited SET person = '', name = '–' WHERE person = $1`,
		`DELETE FROM meeting_guest WHERE person = $1`,
		`UPDATE meeting_attendance SET person = '', name = '–' WHERE person = $1`,
		`UPDATE meeting_attendance SET by_person = '' WHERE by_person = $1`,
		`UPDATE meeting_voice SET person = '', name = '', text = CASE type WHEN 'remark' THEN '–' ELSE text END WHERE person = $1`,
		`UPDATE meeting_action SET person = '', name = '–' WHERE person = $1`,
		`UPDATE meeting_minutes SET by_person = '' WHERE by_person = $1`,
		`UPDATE meeting SET created_by = '' WHERE created_by = $1`,
	} {
		if _, err := tx.Exec(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}
