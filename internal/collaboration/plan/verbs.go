package plan

import (
	"context"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// DayOf is the civil day of a moment in Belize.
func DayOf(t time.Time) string { return t.In(i18n.Belize).Format(time.DateOnly) }

func get(ctx context.Context, tx *db.Tx, plan string) (Plan, error) {
	return db.Get(ctx, tx, planFields, `SELECT `+planColumns+` FROM plan WHERE id = $1`, plan)
}

// See returns a plan that actor may read; one that is being prepared is its
// office's alone.
func See(ctx context.Context, tx *db.Tx, actor who.Actor, plan string) (Plan, error) {
	p, err := get(ctx, tx, plan)
	if err == nil && !p.Public() && !actor.May("plan.write", who.In(p.Org)) {
		return Plan{}, db.ErrNotFound
	}
	return p, err
}

// List returns the plans that actor may read, the latest first.
func List(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Plan, error) {
	all, err := db.List(ctx, tx, planFields, `SELECT `+planColumns+` FROM plan ORDER BY start_date DESC, id DESC LIMIT 500`)
	var out []Plan
	for _, p := range all {
		if p.Public() || actor.May("plan.write", who.In(p.Org)) {
			out = append(out, p)
		}
	}
	return out, err
}

func (p *Plan) tidy() {
	p.Title, p.Summary = strings.TrimSpace(p.Title), strings.TrimSpace(p.Summary)
	p.Code = strings.ToUpper(strings.TrimSpace(p.Code))
	p.ContactEmail, p.Website = strings.TrimSpace(p.ContactEmail), strings.TrimSpace(p.Website)
	if p.Level != Local {
		p.District = ""
	}
}

// Create stores a new plan, which only its office sees.
func (p *Plans) Create(ctx context.Context, actor who.Actor, in Plan) (out Plan, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = CreateIn(ctx, tx, actor, in); return err })
	return out, err
}

// CreateIn is Create in a transaction that the caller has.
func CreateIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Plan) (Plan, error) {
	in.tidy()
	if err := in.Check(); err != nil {
		return Plan{}, err
	}
	if err := notFar(tx.Now, "start_date", in.Start, "end_date", in.End); err != nil {
		return Plan{}, err
	}
	if err := actor.Must("plan.write", who.In(in.Org)); err != nil {
		return Plan{}, err
	}
	if err := exists(ctx, tx, "org", in.Org); err != nil {
		return Plan{}, err
	}
	in.ID, in.State, in.Version, in.CreatedBy = id.New(tx.Now), Preparing, 1, actor.ID
	in.Created, in.Changed, in.Delivered = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}, db.Time{}
	if _, err := tx.Exec(ctx, `INSERT INTO plan (`+planColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
		$16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`, in.ID, in.Org, in.Forum, in.Code, in.Number, in.Title, in.Summary, in.Texts, in.Lang,
		in.Level, in.District, in.Start, in.End, in.Years, in.PreviousEnd, in.RefreshOf, in.ContactName, in.ContactEmail, in.Website,
		in.State, in.CreatedBy, in.Created, in.Changed, in.Delivered, in.Version); err != nil {
		return Plan{}, err
	}
	if _, err := record.NewSlug(ctx, tx, in.Ref(), in.Title); err != nil {
		return Plan{}, err
	}
	if err := in.step(ctx, tx, actor, ""); err != nil {
		return Plan{}, err
	}
	return in, in.tell(ctx, tx, actor, "plan.created", nil, "")
}

// Edit replaces what a person may change of the plan that they last saw at
// in.Version; db.ErrConflict if somebody changed it since. The dates of a plan
// that was delivered stay as they are.
func (p *Plans) Edit(ctx context.Context, actor who.Actor, in Plan) (out Plan, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = edit(ctx, tx, actor, in); return err })
	return out, err
}

func edit(ctx context.Context, tx *db.Tx, actor who.Actor, in Plan) (Plan, error) {
	old, err := See(ctx, tx, actor, in.ID)
	if err != nil {
		return Plan{}, err
	}
	for _, org := range []string{old.Org, in.Org} {
		if err := actor.Must("plan.write", who.In(org)); err != nil {
			return Plan{}, err
		}
	}
	in.tidy()
	in.State, in.CreatedBy, in.Created, in.Delivered = old.State, old.CreatedBy, old.Created, old.Delivered
	if !old.Open() {
		in.Start, in.End, in.Years, in.Number, in.Code, in.Texts, in.Level, in.District = old.Start, old.End, old.Years, old.Number, old.Code, old.Texts, old.Level, old.District
		if old.Forum != "" {
			in.Forum = old.Forum // whose decision an amendment needs
		}
	}
	if err := in.Check(); err != nil {
		return Plan{}, err
	}
	if err := notFar(tx.Now, "start_date", in.Start, "end_date", in.End); err != nil {
		return Plan{}, err
	}
	if in.Org != old.Org {
		if err := exists(ctx, tx, "org", in.Org); err != nil {
			return Plan{}, err
		}
	}
	in.Changed = db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE plan SET org = $3, forum = $4, code = $5, number = $6, title = $7, summary = $8, texts = $9, lang = $10,
		level = $11, district = $12, start_date = $13, end_date = $14, years = $15, previous_end = $16, refresh_of = $17, contact_name = $18,
		contact_email = $19, website = $20, changed = $21, version = version + 1 WHERE id = $1 AND version = $2`,
		in.ID, in.Version, in.Org, in.Forum, in.Code, in.Number, in.Title, in.Summary, in.Texts, in.Lang, in.Level, in.District, in.Start,
		in.End, in.Years, in.PreviousEnd, in.RefreshOf, in.ContactName, in.ContactEmail, in.Website, in.Changed); err != nil {
		return Plan{}, err
	}
	in.Version++
	if old.Title != in.Title {
		if _, err := record.SetSlug(ctx, tx, in.Ref(), in.Title); err != nil {
			return Plan{}, err
		}
	}
	return in, in.tell(ctx, tx, actor, "plan.changed", &old, "")
}

// saying is what the log keeps of a plan.
type saying struct {
	End          string   `json:"end"`
	Forum        string   `json:"forum"`
	Org          string   `json:"org"`
	PreviousEnd  string   `json:"previous_end"`
	Start        string   `json:"start"`
	State        State    `json:"state"`
	Summary      string   `json:"summary"`
	Texts        Sections `json:"texts"`
	Title        string   `json:"title"`
	Website      string   `json:"website"`
	Years        int      `json:"years"`
	ContactEmail string   `json:"contact_email"`
}

func (p *Plan) said() *saying {
	return &saying{
		End: p.End, Forum: p.Forum, Org: p.Org, PreviousEnd: p.PreviousEnd, Start: p.Start, State: p.State, Summary: p.Summary,
		Texts: p.Texts.V, Title: p.Title, Website: p.Website, Years: p.Years, ContactEmail: p.ContactEmail,
	}
}

// tell appends what became of the plan to the log.
func (p *Plan) tell(ctx context.Context, tx *db.Tx, actor who.Actor, verb string, before *Plan, note string) error {
	e := activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "plan", Record: p.ID, Org: p.Org, Title: p.Title, Note: note, Public: p.Public(), After: p.said(),
	}
	if before != nil {
		e.Before = before.said()
	}
	_, err := activity.Append(ctx, tx, e)
	return err
}

// of appends something that happened within a plan: its timeline, a document.
func (p *Plan) of(ctx context.Context, tx *db.Tx, actor who.Actor, verb, title, note string, after any) error {
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "plan", Record: p.ID, Org: p.Org, Title: title, Note: note, Public: p.Public(), After: after,
	})
	return err
}

// mayWrite returns a plan that actor may work on.
func mayWrite(ctx context.Context, tx *db.Tx, actor who.Actor, plan string) (Plan, error) {
	p, err := See(ctx, tx, actor, plan)
	if err != nil {
		return Plan{}, err
	}
	return p, actor.Must("plan.write", who.In(p.Org))
}

// May reports whether actor may do an action of another capability (collecting
// inputs, answering them) for a plan: whoever may write it may.
func (p *Plans) May(ctx context.Context, tx *db.Tx, actor who.Actor, action, plan string) error {
	pl, err := See(ctx, tx, actor, plan)
	if err != nil {
		return err
	}
	if actor.May(action, who.In(pl.Org)) {
		return nil
	}
	return actor.Must("plan.write", who.In(pl.Org))
}
