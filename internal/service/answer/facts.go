package answer

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
)

// Facts are what somebody who looked at a record's calls at a certain time would
// have seen: for whoever checks that a process was as it should be.
type Facts struct {
	Boxes []BoxFact
}

// BoxFact is a call with the versions that were announced by then.
type BoxFact struct {
	Box       string
	Title     string
	Org       string
	Announced []Announcement // the oldest first
	Inputs    []InputFact
}

// InputFact is an input as it stood.
type InputFact struct {
	ID       string
	Received db.Time
	ByDay    bool // Received is the day, as Belize counts it: an anonymous input
	Sector   string
	District string
	Lang     string
	Channel  string
	Outcome  State   // empty while it had none; Merged where that with which it was merged had none
	Answered db.Time // when its outcome was published with a reason; zero while it was not
	Hidden   bool    // a moderator had taken it out
}

// FactsOf reads what was to be seen at asOf of the calls that belong to a record.
// Inputs that others could not read by then are left out, save hidden ones.
func FactsOf(ctx context.Context, tx *db.Tx, of record.Ref, asOf db.Time) (f Facts, err error) {
	boxes, err := BoxesOf(ctx, tx, of)
	if err != nil {
		return f, err
	}
	for _, b := range boxes {
		if b.Published.After(asOf.Time) {
			continue
		}
		x := BoxFact{Box: b.ID, Org: b.Org}
		all, err := Announcements(ctx, tx, b.ID)
		if err != nil {
			return f, err
		}
		for _, a := range all {
			if !a.Announced.After(asOf.Time) {
				x.Announced, x.Title = append(x.Announced, a), a.Title
			}
		}
		if x.Inputs, err = inputFacts(ctx, tx, b.ID, asOf); err != nil {
			return f, err
		}
		f.Boxes = append(f.Boxes, x)
	}
	return f, nil
}

// factRow is an input with its last step and its last view at a time.
type factRow struct {
	InputFact
	naming Naming
	state  State
	at     db.Time // of that step
	first  db.Time // of its first outcome since it was last without one
	root   string
	view   View
}

func inputFacts(ctx context.Context, tx *db.Tx, box string, asOf db.Time) ([]InputFact, error) {
	rows, err := db.List(ctx, tx, func(r *factRow) []any {
		return []any{&r.ID, &r.Received, &r.naming, &r.Sector, &r.District, &r.Lang, &r.Channel, &r.state, &r.at, &r.root, &r.first, &r.view}
	}, `SELECT i.id, i.received, i.naming, i.sector, i.district, i.lang, i.channel, s.state, s.at, s.root,
		(SELECT min(x.at) FROM answer_step x WHERE x.input = i.id AND x.at <= $2 AND x.reply <> '' AND x.n >
			coalesce((SELECT max(y.n) FROM answer_step y WHERE y.input = i.id AND y.at <= $2 AND y.state = 'considered'), 0)),
		coalesce((SELECT v.view FROM answer_seen v WHERE v.input = i.id AND v.at <= $2 ORDER BY v.at DESC LIMIT 1), 'visible')
		FROM answer_input i JOIN answer_step s ON s.input = i.id
			AND s.n = (SELECT max(z.n) FROM answer_step z WHERE z.input = i.id AND z.at <= $2)
		WHERE i.box = $1 AND i.shown <= $2 ORDER BY i.received, i.id`, box, asOf)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i := range rows {
		rows[i].settle()
		at[rows[i].ID] = i
	}
	out := make([]InputFact, 0, len(rows))
	for _, r := range rows {
		if r.state == Merged {
			r.follow(rows, at)
		}
		out = append(out, r.InputFact)
	}
	return out, nil
}

// settle says what a row means for an input that was not merged.
func (r *factRow) settle() {
	r.ByDay, r.Hidden = r.naming == Anonymous, r.view != Visible
	if r.state.Done() {
		r.Outcome = r.state
		if r.state != Merged {
			r.Answered = r.first
		}
	}
}

// follow gives a merged input the outcome of what it was merged into by then.
func (r *factRow) follow(rows []factRow, at map[string]int) {
	for n, next := 0, r.root; n < 10; n++ {
		i, ok := at[next]
		if !ok {
			return
		}
		root := rows[i]
		if root.state != Merged {
			if root.state.Done() {
				r.Outcome, r.Answered = root.state, root.first
				if r.at.After(r.Answered.Time) {
					r.Answered = r.at
				}
			}
			return
		}
		next = root.root
	}
}

// Unanswered returns the inputs to a record's published calls that have no outcome
// with a reason: of their own, or of what they were merged into. Those that a
// moderator hid are left out; those that nobody can read yet are not.
func Unanswered(ctx context.Context, tx *db.Tx, of record.Ref) ([]Input, error) {
	return db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input i WHERE view <> 'hidden'
		AND box IN (SELECT id FROM answer_box WHERE of_kind = $1 AND of_id = $2 AND published IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM answer_input a JOIN answer_reply r ON r.id = a.reply AND r.reason <> ''
			WHERE a.id = CASE WHEN i.root = '' THEN i.id ELSE i.root END AND a.state NOT IN ('received', 'acknowledged', 'considered', 'merged'))
		ORDER BY received, id`, of.Kind, of.ID)
}
