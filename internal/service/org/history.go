package org

import (
	"context"
	"errors"
	"slices"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func isMissing(err error) bool { return errors.Is(err, db.ErrNotFound) }

// At returns an organisation as it was on a civil date: its last version that
// held by then, or its first one for a date before all of them.
func At(ctx context.Context, tx *db.Tx, org, date string) (Org, error) {
	doc, err := db.Get(ctx, tx, db.One[db.JSON[Org]], `SELECT doc FROM organisation_version WHERE org = $1
		ORDER BY CASE WHEN since <= $2 THEN 0 ELSE 1 END, CASE WHEN since <= $2 THEN -version ELSE version END LIMIT 1`, org, date)
	return doc.V, err
}

// Version is one state in an organisation's history.
type Version struct {
	Org   Org
	Since string // civil date from which it holds
	By    string // id of who wrote it
	At    db.Time
	Note  string
}

// History returns every version of an organisation, the newest first.
func History(ctx context.Context, tx *db.Tx, org string) ([]Version, error) {
	type line struct {
		Version
		doc db.JSON[Org]
	}
	lines, err := db.List(ctx, tx, func(l *line) []any { return []any{&l.doc, &l.Since, &l.By, &l.Version.At, &l.Note} },
		`SELECT doc, since, changed_by, changed_at, note FROM organisation_version WHERE org = $1 ORDER BY version DESC`, org)
	out := make([]Version, len(lines))
	for i, l := range lines {
		out[i] = l.Version
		out[i].Org = l.doc.V
	}
	return out, err
}

// Reason is why an organisation ended.
type Reason string

// Word is the key of the reason's name in locale/.
func (r Reason) Word() string { return "org.reason." + string(r) }

// The reasons.
const (
	Merged    Reason = "merged"    // several become one
	Split     Reason = "split"     // one becomes several
	Renamed   Reason = "renamed"   // one becomes another with new tasks; a mere new name is an Edit
	Dissolved Reason = "dissolved" // nobody follows
)

// Reasons are all reasons, in the order in which pages show them.
var Reasons = []Reason{Merged, Split, Renamed, Dissolved}

// Succession says that organisations ended and who follows them.
type Succession struct {
	From   []string // ids of those that end
	To     []string // ids of those that follow; none when dissolved
	Reason Reason
	On     string // civil date of the change
	Note   string // such as the law or the gazette
}

func (s Succession) check() error {
	var p fault.Fields
	one, many := 1, 2
	want := map[Reason][4]int{Merged: {one, 50, one, one}, Split: {one, one, many, 50}, Renamed: {one, one, one, one}, Dissolved: {one, 50, 0, 0}}
	n, ok := want[s.Reason]
	if !ok {
		p.Add("reason", "fault.choice")
		return p.Err()
	}
	if len(s.From) < n[0] || len(s.From) > n[1] {
		p.Add("from", "org.succession_number")
	}
	if len(s.To) < n[2] || len(s.To) > n[3] {
		p.Add("to", "org.succession_number")
	}
	if slices.ContainsFunc(s.To, func(x string) bool { return slices.Contains(s.From, x) }) {
		p.Add("to", "org.succession_circle")
	}
	if _, err := time.Parse(time.DateOnly, s.On); err != nil {
		p.Add("on", "fault.date")
	}
	p.MaxLen("note", s.Note, 500)
	return p.Err()
}

// Succeed ends organisations on a date and names those that follow. What they
// promised stays theirs, and leads on to whoever follows.
func Succeed(ctx context.Context, d *db.DB, a who.Actor, s Succession) error {
	if err := a.Must("org.succeed", who.Site); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	return d.Update(ctx, func(tx *db.Tx) error {
		for _, to := range s.To {
			heirs, err := reach(ctx, tx, to)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(s.From, func(from string) bool { return slices.Contains(heirs, from) }) {
				return fault.Fields{{Name: "to", Key: "org.succession_circle"}}
			}
		}
		for _, from := range s.From {
			if err := end(ctx, tx, a, from, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func end(ctx context.Context, tx *db.Tx, a who.Actor, from string, s Succession) error {
	before, err := Get(ctx, tx, from)
	if err != nil {
		return err
	}
	if before.ValidTo != "" {
		return fault.New(fault.Conflict, "org.ended_already", "name", before.Name)
	}
	if before.ValidFrom > s.On {
		return fault.Fields{{Name: "on", Key: "org.ends_before_start"}}
	}
	after := before
	after.ValidTo = s.On
	if err := write(ctx, tx, a, string(s.Reason), Change{Since: s.On, Note: s.Note}, before, &after); err != nil {
		return err
	}
	for _, to := range s.To {
		if _, err := Get(ctx, tx, to); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO organisation_successor (predecessor, successor, reason, on_date) VALUES ($1, $2, $3, $4)`,
			from, to, s.Reason, s.On); err != nil {
			return err
		}
	}
	return nil
}

// Step is one link between an organisation and one that followed it.
type Step struct {
	Predecessor, Successor string
	Reason                 Reason
	On                     string
}

func stepFields(s *Step) []any { return []any{&s.Predecessor, &s.Successor, &s.Reason, &s.On} }

// Steps returns the links from and to an organisation, the oldest first.
func Steps(ctx context.Context, tx *db.Tx, org string) ([]Step, error) {
	return db.List(ctx, tx, stepFields, `SELECT predecessor, successor, reason, on_date FROM organisation_successor
		WHERE predecessor = $1 OR successor = $1 ORDER BY on_date, predecessor, successor`, org)
}

// reach returns an organisation and all that follow it, near ones first.
func reach(ctx context.Context, tx *db.Tx, org string) ([]string, error) {
	return db.List(ctx, tx, db.One[string], `WITH RECURSIVE line (id) AS (
		SELECT id FROM organisation WHERE id = $1 UNION SELECT s.successor FROM organisation_successor s JOIN line ON s.predecessor = line.id)
		SELECT id FROM line`, org)
}

// Heirs returns the organisations that answer today for what org once
// promised: itself if it exists, else those that follow it and exist. It is
// empty for one that was dissolved.
func Heirs(ctx context.Context, tx *db.Tx, org string) ([]Org, error) {
	ids, err := reach(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	marks, args := db.In(2, ids)
	rows, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM organisation WHERE (valid_to = '' OR valid_to > $1) AND id IN `+marks+` ORDER BY name_key, id`,
		append([]any{today(tx)}, args...)...)
	var out []Org
	for _, r := range rows {
		out = append(out, r.org())
	}
	return out, err
}

// HeirsOf returns the ids of Heirs for each of some organisations, in one query.
func HeirsOf(ctx context.Context, tx *db.Tx, orgs []string) (map[string][]string, error) {
	type pair struct{ of, heir string }
	marks, args := db.In(2, orgs)
	all, err := db.List(ctx, tx, func(p *pair) []any { return []any{&p.of, &p.heir} }, `WITH RECURSIVE line (of_org, id) AS (
		SELECT id, id FROM organisation WHERE id IN `+marks+` UNION SELECT line.of_org, s.successor FROM organisation_successor s JOIN line ON s.predecessor = line.id)
		SELECT line.of_org, o.id FROM line JOIN organisation o ON o.id = line.id WHERE o.valid_to = '' OR o.valid_to > $1 ORDER BY o.name_key, o.id`,
		append([]any{today(tx)}, args...)...)
	out := map[string][]string{}
	for _, p := range all {
		out[p.of] = append(out[p.of], p.heir)
	}
	return out, err
}

// Record is the kind of record that organisations are.
var Record = record.Kind{
	Name: RecordKind,
	Describe: func(ctx context.Context, tx *db.Tx, a who.Actor, ids []string) ([]record.Card, error) {
		marks, args := db.In(1, ids)
		rows, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM organisation WHERE id IN `+marks, args...)
		var cards []record.Card
		for _, r := range rows {
			cards = append(cards, card(r.org(), today(tx), a.Lang))
		}
		return cards, err
	},
	Text: func(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
		marks, args := db.In(1, ids)
		rows, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM organisation WHERE id IN `+marks, args...)
		var texts []record.Text
		for _, r := range rows {
			texts = append(texts, textOf(r.org())...)
		}
		return texts, err
	},
}

func card(o Org, on, lang string) record.Card {
	c := record.Card{
		Ref: record.Ref{Kind: RecordKind, ID: o.ID}, Slug: o.Slug, Title: o.NameIn(lang), Summary: o.Description,
		State: "org.state.present", Tone: "done", Org: o.ID, Changed: o.Changed, Public: true,
	}
	if o.Ended(on) {
		c.State, c.Tone = "org.state.ended", ""
	}
	return c
}

func textOf(o Org) []record.Text {
	facets := map[string][]string{"kind": {string(o.Kind)}}
	if o.District != "" {
		facets["district"] = []string{o.District}
	}
	texts := []record.Text{{ID: o.ID, Lang: "en", Title: o.Name, Body: o.Description, Facets: facets}}
	for lang, name := range o.Names {
		if lang != "en" {
			texts = append(texts, record.Text{ID: o.ID, Lang: lang, Title: name, Facets: facets})
		}
	}
	return texts
}
