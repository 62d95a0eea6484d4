package meeting

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Fact is what was known of a meeting that was held.
type Fact struct {
	Meeting   string
	Purpose   string
	Starts    db.Time
	Announced db.Time // by the server's clock; after Starts for one written down afterwards
	Agenda    db.Time // when there first was an agenda; zero if there was none
	Held      db.Time // when it was noted that it was held
	Quorate   bool
	Members   map[string]int // members who came, by sector
	Others    map[string]int // observers and staff who came, by sector
	Presented bool           // something was presented
	Comments  int            // collected at the meeting
	Minutes   db.Time        // when they were published; zero while they are not
}

// Facts returns the meetings of a body that were held, as known at a moment, the
// oldest first. All that it says rests on when it was recorded: a note that came
// later, or a correction, does not reach back. A meeting that was held keeps its
// hour and purpose.
func Facts(ctx context.Context, tx *db.Tx, of record.Ref, asOf db.Time) ([]Fact, error) {
	ms, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM meeting WHERE of_kind = $1 AND of_id = $2 AND held <= $3 ORDER BY starts, id`, of.Kind, of.ID, asOf)
	if err != nil {
		return nil, err
	}
	out := make([]Fact, len(ms))
	at := map[string]int{}
	for i, m := range ms {
		at[m.ID] = i
		out[i] = Fact{
			Meeting: m.ID, Purpose: m.Purpose, Starts: m.Starts, Announced: m.Announced, Agenda: m.AgendaAt, Held: m.HeldAt,
			Quorate: m.Quorate == "quorate", Members: map[string]int{}, Others: map[string]int{},
		}
		if !m.PublishedAt.IsZero() && !m.PublishedAt.After(asOf.Time) {
			out[i].Minutes = m.PublishedAt
		}
	}
	return out, fillFacts(ctx, tx, of, asOf, out, at)
}

// fillFacts adds attendance, what was presented and comments, a query each.
func fillFacts(ctx context.Context, tx *db.Tx, of record.Ref, asOf db.Time, out []Fact, at map[string]int) error {
	type came struct {
		meeting, part, sector string
		n                     int
	}
	rows, err := db.List(ctx, tx, func(c *came) []any { return []any{&c.meeting, &c.part, &c.sector, &c.n} },
		`SELECT a.meeting, a.part, a.sector, count(*) FROM meeting_attendance a JOIN meeting m ON m.id = a.meeting
		WHERE m.of_kind = $1 AND m.of_id = $2 AND a.present AND a.n = (SELECT max(b.n) FROM meeting_attendance b
			WHERE b.meeting = a.meeting AND b.subject = a.subject AND b.recorded <= $3)
		GROUP BY a.meeting, a.part, a.sector`, of.Kind, of.ID, asOf)
	if err != nil {
		return err
	}
	for _, c := range rows {
		i, ok := at[c.meeting]
		switch {
		case !ok:
		case c.part == "member":
			out[i].Members[c.sector] += c.n
		default:
			out[i].Others[c.sector] += c.n
		}
	}
	type count struct {
		meeting string
		n       int
	}
	scan := func(c *count) []any { return []any{&c.meeting, &c.n} }
	shown, err := db.List(ctx, tx, scan, `SELECT s.meeting, count(*) FROM meeting_shown s JOIN meeting m ON m.id = s.meeting
		WHERE m.of_kind = $1 AND m.of_id = $2 AND s.at <= $3 GROUP BY s.meeting`, of.Kind, of.ID, asOf)
	if err != nil {
		return err
	}
	for _, c := range shown {
		if i, ok := at[c.meeting]; ok {
			out[i].Presented = c.n > 0
		}
	}
	said, err := db.List(ctx, tx, scan, `SELECT v.meeting, count(*) FROM meeting_voice v JOIN meeting m ON m.id = v.meeting
		WHERE m.of_kind = $1 AND m.of_id = $2 AND v.type = 'comment' AND v.at <= $3 GROUP BY v.meeting`, of.Kind, of.ID, asOf)
	for _, c := range said {
		if i, ok := at[c.meeting]; ok {
			out[i].Comments = c.n
		}
	}
	return err
}
