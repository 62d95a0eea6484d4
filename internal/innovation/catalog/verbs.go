package catalog

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Rules say who may do what in the catalogue.
var Rules = []who.Rule{
	{Action: "dataset.read", Public: true},
	{Action: "dataset.write", Org: []who.Role{who.Official, who.Editor, who.Member}},
	{Action: "dataset.publish", Org: []who.Role{who.Official, who.Editor}},
}

// Ref names the dataset.
func (d *Dataset) Ref() record.Ref { return record.Ref{Kind: "dataset", ID: d.ID} }

// see returns a dataset that actor may read: db.ErrNotFound for a draft that
// is not theirs, a fault with the reason for a withdrawn one.
func see(ctx context.Context, tx *db.Tx, actor who.Actor, datasetID string) (Dataset, error) {
	d, err := get(ctx, tx, datasetID)
	if err != nil {
		return d, err
	}
	if d.State == Published || actor.May("dataset.write", who.In(d.Org)) {
		return d, nil
	}
	if d.State == Withdrawn {
		return Dataset{}, fault.New(fault.Gone, "catalog.withdrawn", "reason", d.Reason)
	}
	return Dataset{}, db.ErrNotFound
}

// Get returns a dataset that actor may read.
func Get(ctx context.Context, d *db.DB, actor who.Actor, datasetID string) (out Dataset, err error) {
	err = d.View(ctx, func(tx *db.Tx) error { out, err = see(ctx, tx, actor, datasetID); return err })
	return out, err
}

// Create stores a new draft and returns it with its id, version and times.
func Create(ctx context.Context, d *db.DB, actor who.Actor, in Dataset) (out Dataset, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error { out, err = create(ctx, tx, actor, in); return err })
	return out, err
}

func create(ctx context.Context, tx *db.Tx, actor who.Actor, in Dataset) (Dataset, error) {
	in.tidy()
	if err := in.Check(); err != nil {
		return Dataset{}, err
	}
	if err := actor.Must("dataset.write", who.In(in.Org)); err != nil {
		return Dataset{}, err
	}
	in.ID, in.State, in.Reason, in.Version, in.CreatedBy = id.New(tx.Now), Draft, "", 1, actor.ID
	in.Created, in.Changed, in.Published = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}, db.Time{}
	if _, err := tx.Exec(ctx, `INSERT INTO dataset (`+columns+`, folded) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		in.ID, in.Org, in.Title, in.Summary, in.Notes, in.Lang, in.Licence, in.Themes, in.Keywords, in.Districts, in.PeriodStart,
		in.PeriodEnd, in.Frequency, in.ContactName, in.ContactEmail, in.Source, in.State, in.Reason, in.CreatedBy,
		in.Created, in.Changed, in.Published, in.Version, id.Fold(in.Title)); err != nil {
		return Dataset{}, err
	}
	err := in.settle(ctx, tx, actor, "dataset.created", nil, "")
	return in, err
}

// settle does what every change of a dataset ends with: its address, its tags,
// its entry in the log.
func (d *Dataset) settle(ctx context.Context, tx *db.Tx, actor who.Actor, verb string, before *Dataset, note string) error {
	var err error
	switch {
	case before == nil:
		d.slug, err = record.NewSlug(ctx, tx, d.Ref(), d.Title)
	case before.Title != d.Title:
		d.slug, err = record.SetSlug(ctx, tx, d.Ref(), d.Title)
	}
	if err != nil {
		return err
	}
	if err := d.retag(ctx, tx); err != nil {
		return err
	}
	e := activity.Entry{
		Actor: actor.ID, Verb: verb, Kind: "dataset", Record: d.ID, Org: d.Org, Title: d.Title, Note: note,
		Public: d.State == Published || d.State == Withdrawn, After: d.said(),
	}
	if before != nil {
		e.Before = before.said()
	}
	_, err = activity.Append(ctx, tx, e)
	return err
}

func (d *Dataset) retag(ctx context.Context, tx *db.Tx) error {
	if d.Version > 1 { // a new one has none
		if _, err := tx.Exec(ctx, `DELETE FROM dataset_tag WHERE dataset = $1`, d.ID); err != nil {
			return err
		}
	}
	for facet, values := range map[string][]string{"theme": d.Themes.V, "district": d.Districts.V, "keyword": d.Keywords.V} {
		for _, v := range values {
			if _, err := tx.Exec(ctx, `INSERT INTO dataset_tag (dataset, facet, value) VALUES ($1, $2, $3)`, d.ID, facet, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// saying is what the log keeps of a dataset. Its keys are in the order of the
// alphabet, as those of a map would be.
type saying struct {
	Districts []string  `json:"districts"`
	Frequency string    `json:"frequency"`
	Keywords  []string  `json:"keywords"`
	Licence   string    `json:"licence"`
	Notes     string    `json:"notes"`
	Org       string    `json:"org"`
	Period    [2]string `json:"period"`
	Source    string    `json:"source"`
	State     State     `json:"state"`
	Summary   string    `json:"summary"`
	Themes    []string  `json:"themes"`
	Title     string    `json:"title"`
}

func (d *Dataset) said() *saying {
	return &saying{
		Districts: d.Districts.V, Frequency: d.Frequency, Keywords: d.Keywords.V, Licence: d.Licence, Notes: d.Notes, Org: d.Org,
		Period: [2]string{d.PeriodStart, d.PeriodEnd}, Source: d.Source, State: d.State, Summary: d.Summary, Themes: d.Themes.V, Title: d.Title,
	}
}

// Edit replaces what a person may change of the dataset that they last saw at
// in.Version. It returns db.ErrConflict if somebody changed it since.
func Edit(ctx context.Context, d *db.DB, actor who.Actor, in Dataset) (out Dataset, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error { out, err = edit(ctx, tx, actor, in); return err })
	return out, err
}

func edit(ctx context.Context, tx *db.Tx, actor who.Actor, in Dataset) (Dataset, error) {
	old, err := see(ctx, tx, actor, in.ID)
	if err != nil {
		return Dataset{}, err
	}
	for _, org := range []string{old.Org, in.Org} { // moving it needs the right at both ends
		if err := actor.Must("dataset.write", who.In(org)); err != nil {
			return Dataset{}, err
		}
	}
	if old.State == Published { // what everybody reads, only those who publish may change
		if err := actor.Must("dataset.publish", who.In(old.Org)); err != nil {
			return Dataset{}, err
		}
	}
	in.tidy()
	if err := in.Check(); err != nil {
		return Dataset{}, err
	}
	in.State, in.Reason, in.CreatedBy, in.Created, in.Published = old.State, old.Reason, old.CreatedBy, old.Created, old.Published
	if in.State == Published {
		if err := in.Ready(1); err != nil {
			return Dataset{}, err
		}
	}
	in.Changed = db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE dataset SET org = $3, title = $4, summary = $5, notes = $6, lang = $7, licence = $8, themes = $9,
		keywords = $10, districts = $11, period_start = $12, period_end = $13, frequency = $14, contact_name = $15, contact_email = $16,
		source = $17, folded = $18, changed = $19, version = version + 1 WHERE id = $1 AND version = $2`,
		in.ID, in.Version, in.Org, in.Title, in.Summary, in.Notes, in.Lang, in.Licence, in.Themes, in.Keywords, in.Districts,
		in.PeriodStart, in.PeriodEnd, in.Frequency, in.ContactName, in.ContactEmail, in.Source, id.Fold(in.Title), in.Changed); err != nil {
		return Dataset{}, err
	}
	in.Version++
	return in, in.settle(ctx, tx, actor, "dataset.changed", &old, "")
}

// moves lists the states that follow each one, and the action that the step
// needs.
var moves = map[State]map[State]string{
	Draft:     {Review: "dataset.write", Published: "dataset.publish"},
	Review:    {Draft: "dataset.write", Published: "dataset.publish"},
	Published: {Withdrawn: "dataset.publish"},
	Withdrawn: {Published: "dataset.publish"},
}

// Move takes a dataset from the state it was seen in, at version, to another.
// Withdrawing and sending back need a reason, which is public for the former.
func Move(ctx context.Context, d *db.DB, actor who.Actor, datasetID string, version int, to State, reason string) (out Dataset, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error { out, err = move(ctx, tx, actor, datasetID, version, to, reason); return err })
	return out, err
}

func move(ctx context.Context, tx *db.Tx, actor who.Actor, datasetID string, version int, to State, reason string) (Dataset, error) {
	old, err := see(ctx, tx, actor, datasetID)
	if err != nil {
		return Dataset{}, err
	}
	action, ok := moves[old.State][to]
	if !ok {
		// Only those who work on it hear where it stands.
		if err := actor.Must("dataset.write", who.In(old.Org)); err != nil {
			return Dataset{}, err
		}
		return Dataset{}, fault.New(fault.Conflict, "catalog.bad_move")
	}
	if err := actor.Must(action, who.In(old.Org)); err != nil {
		return Dataset{}, err
	}
	if err := old.mayMove(ctx, tx, to, reason); err != nil {
		return Dataset{}, err
	}
	d := old
	d.State, d.Reason, d.Changed = to, "", db.Time{Time: tx.Now}
	if to == Withdrawn || to == Draft {
		d.Reason = reason
	}
	if to == Published && d.Published.IsZero() {
		d.Published = d.Changed
	}
	if err := tx.MustChange(ctx, `UPDATE dataset SET state = $3, reason = $4, changed = $5, published = $6, version = version + 1
		WHERE id = $1 AND version = $2`, d.ID, version, d.State, d.Reason, d.Changed, d.Published); err != nil {
		return Dataset{}, err
	}
	d.Version++
	return d, d.settle(ctx, tx, actor, "dataset."+map[State]string{
		Draft: "sent_back", Review: "handed_in", Published: "published",
		Withdrawn: "withdrawn",
	}[to], &old, reason)
}

// mayMove checks what the step itself asks for, whoever takes it.
func (d *Dataset) mayMove(ctx context.Context, tx *db.Tx, to State, reason string) error {
	var p fault.Fields
	if to == Withdrawn || to == Draft {
		p.Require("reason", reason)
		p.MaxLen("reason", reason, 2000)
		return p.Err()
	}
	n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM resource WHERE dataset = $1 AND NOT removed`, d.ID)
	if err != nil {
		return err
	}
	return d.Ready(n)
}
