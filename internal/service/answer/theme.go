package answer

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/who"
)

// Theme gathers inputs that are answered together.
type Theme struct {
	ID        string
	Box       string
	Title     string
	State     string // open, answered
	CreatedBy string
	Created   db.Time
	Inputs    int // how many it gathers
	Waiting   int // how many of them have no outcome
}

func themeFields(t *Theme) []any {
	return []any{&t.ID, &t.Box, &t.Title, &t.State, &t.CreatedBy, &t.Created, &t.Inputs, &t.Waiting}
}

const themeQuery = `SELECT t.id, t.box, t.title, t.state, t.created_by, t.created,
	(SELECT count(*) FROM answer_input i WHERE i.theme = t.id AND i.theme <> ''),
	(SELECT count(*) FROM answer_input i WHERE i.theme = t.id AND i.theme <> '' AND i.state IN ('received', 'acknowledged', 'considered'))
	FROM answer_theme t WHERE `

// Themes returns the themes of a call, the oldest first.
func Themes(ctx context.Context, tx *db.Tx, box string) ([]Theme, error) {
	return db.List(ctx, tx, themeFields, themeQuery+`t.box = $1 ORDER BY t.id`, box)
}

// ThemeByID returns a theme.
func ThemeByID(ctx context.Context, tx *db.Tx, theme string) (Theme, error) {
	return db.Get(ctx, tx, themeFields, themeQuery+`t.id = $1`, theme)
}

// MakeTheme makes a theme for a call.
func (o *Office) MakeTheme(ctx context.Context, tx *db.Tx, actor who.Actor, box, title string) (Theme, error) {
	b, err := o.desk(ctx, tx, actor, box)
	if err != nil {
		return Theme{}, err
	}
	var p fault.Fields
	title = strings.Join(strings.Fields(title), " ")
	p.Require("theme_title", title)
	p.MaxLen("theme_title", title, maxTitle)
	if err := p.Err(); err != nil {
		return Theme{}, err
	}
	t := Theme{ID: id.New(tx.Now), Box: b.ID, Title: title, State: "open", CreatedBy: actor.ID, Created: db.Time{Time: tx.Now}}
	if _, err := tx.Exec(ctx, `INSERT INTO answer_theme (id, box, title, state, created_by, created) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.ID, t.Box, t.Title, t.State, t.CreatedBy, t.Created); err != nil {
		return Theme{}, err
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "call.theme_made", Kind: CallKind, Record: b.ID, Org: b.Org, Public: true, Title: b.Title, Note: t.Title,
	})
	return t, err
}

// Gather puts inputs of a call under a theme of it, or under none where theme is
// empty.
func (o *Office) Gather(ctx context.Context, tx *db.Tx, actor who.Actor, box string, ids []string, theme string) (n int, err error) {
	b, err := o.desk(ctx, tx, actor, box)
	if err != nil {
		return 0, err
	}
	t := Theme{}
	if theme != "" {
		if t, err = ThemeByID(ctx, tx, theme); err != nil || t.Box != b.ID {
			return 0, fault.Fields{{Name: "theme", Key: "fault.choice"}}
		}
	}
	list, err := chosen(ctx, tx, b, ids)
	if err != nil {
		return 0, err
	}
	for _, in := range list {
		if in.Theme == t.ID {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE answer_input SET theme = $2 WHERE id = $1`, in.ID, t.ID); err != nil {
			return 0, err
		}
		if err := in.tell(ctx, tx, actor.ID, "input.gathered", t.Title, nil); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// AnswerTheme publishes a reply to every input of a theme that others can see and
// that has no outcome yet.
func (o *Office) AnswerTheme(ctx context.Context, tx *db.Tx, actor who.Actor, theme string, r Reply) (Reply, int, error) {
	t, err := ThemeByID(ctx, tx, theme)
	if err != nil {
		return Reply{}, 0, err
	}
	b, err := o.desk(ctx, tx, actor, t.Box)
	if err != nil {
		return Reply{}, 0, err
	}
	list, err := db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE theme = $1 AND theme <> '' AND view = 'visible'
		AND state IN ('received', 'acknowledged', 'considered') ORDER BY id LIMIT $2`, t.ID, MostAtOnce)
	if err != nil {
		return Reply{}, 0, err
	}
	if len(list) == 0 {
		return Reply{}, 0, fault.New(fault.Conflict, "answer.theme_empty")
	}
	if r, err = o.answer(ctx, tx, actor, b, list, r); err != nil {
		return Reply{}, 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE answer_theme SET state = 'answered' WHERE id = $1`, t.ID)
	return r, len(list), err
}
