package consultation

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/who"
)

// Changes says how many paragraphs have which fate in a version.
type Changes struct {
	Same    int `json:"same"`
	Moved   int `json:"moved"`
	Changed int `json:"changed"`
	New     int `json:"new"`
	Gone    int `json:"gone"`
}

// ChangesOf counts the fates of a new version.
func ChangesOf(m paragraph.Matched) Changes {
	return Changes{
		Same: m.Count(paragraph.Same), Moved: m.Count(paragraph.Moved), Changed: m.Count(paragraph.Changed), New: m.Count(paragraph.New),
		Gone: m.Count(paragraph.Gone),
	}
}

// Any reports whether anything changed.
func (c Changes) Any() bool { return c.Moved+c.Changed+c.New+c.Gone > 0 }

// Version is one version of a text.
type Version struct {
	N          int
	Paragraphs []paragraph.Paragraph // nil in lists
	Changes    Changes               // from the one before
	Reason     string                // why it was made; empty for the first, and where an amendment says it
	Amendment  string                // id of the amendment that it took up; may be empty
	By         string                // id of a person; empty once erased
	At         db.Time
}

// The longest text, in characters and paragraphs.
const maxText, MaxParagraphs = 500_000, 5000

const versionColumns = `n, changes, reason, amendment, by_person, at`

type versionRow struct {
	Version
	changes    db.JSON[Changes]
	paragraphs db.JSON[[]paragraph.Paragraph]
}

func versionFields(v *versionRow) []any {
	return []any{&v.N, &v.changes, &v.Reason, &v.Amendment, &v.By, &v.At}
}

func (v versionRow) version() Version {
	v.Changes, v.Version.Paragraphs = v.changes.V, v.paragraphs.V
	return v.Version
}

// VersionsOf lists the versions of a text without their paragraphs, the newest
// first.
func VersionsOf(ctx context.Context, tx *db.Tx, consultation string) (out []Version, err error) {
	rows, err := db.List(ctx, tx, versionFields, `SELECT `+versionColumns+` FROM consultation_version WHERE consultation = $1 ORDER BY n DESC`, consultation)
	for _, r := range rows {
		out = append(out, r.version())
	}
	return out, err
}

// VersionOf returns a version with its paragraphs.
func VersionOf(ctx context.Context, tx *db.Tx, consultation string, n int) (Version, error) {
	row, err := db.Get(ctx, tx, func(v *versionRow) []any { return append(versionFields(v), &v.paragraphs) },
		`SELECT `+versionColumns+`, paragraphs FROM consultation_version WHERE consultation = $1 AND n = $2`, consultation, n)
	return row.version(), err
}

// Present returns the paragraphs of the present version, none before the first.
func (c Consultation) Present(ctx context.Context, tx *db.Tx) ([]paragraph.Paragraph, error) {
	if c.Text == 0 {
		return nil, nil
	}
	v, err := VersionOf(ctx, tx, c.ID, c.Text)
	return v.Paragraphs, err
}

// Text is what somebody hands in as the next version.
type Text struct {
	From   int    // number of the version that they saw; 0 for the first
	Source string // the whole text, Markdown
	Reason string // why; needed from the second version on
}

func (in Text) check() error {
	var p fault.Fields
	p.Require("text", in.Source)
	p.MaxLen("text", in.Source, maxText)
	if in.From > 0 {
		p.Require("reason", in.Reason)
	}
	p.MaxLen("reason", in.Reason, MaxReason)
	return p.Err()
}

// match compares a text with the present version.
func (c Consultation) match(ctx context.Context, tx *db.Tx, in Text) (m paragraph.Matched, err error) {
	before, err := c.Present(ctx, tx)
	if err != nil {
		return m, err
	}
	now := paragraph.Split(in.Source)
	if len(now) > MaxParagraphs {
		return m, fault.Fields{{Name: "text", Key: "consultation.too_many_paragraphs", Args: []any{"max", MaxParagraphs}}}
	}
	m = paragraph.Match(before, now, c.next)
	if !ChangesOf(m).Any() {
		return m, fault.Fields{{Name: "text", Key: "consultation.same_text"}}
	}
	return m, nil
}

// Preview says what a new version would change, and changes nothing.
func (d *Desk) Preview(ctx context.Context, actor who.Actor, key string, in Text) (m paragraph.Matched, before []paragraph.Paragraph, err error) {
	if err := in.check(); err != nil {
		return m, nil, err
	}
	err = d.DB.View(ctx, func(tx *db.Tx) error {
		c, err := d.work(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if before, err = c.Present(ctx, tx); err != nil {
			return err
		}
		m, err = c.match(ctx, tx, in)
		return err
	})
	return m, before, err
}

// Write makes the next version of a text. It returns db.ErrConflict if another
// one has come since in.From.
func (d *Desk) Write(ctx context.Context, actor who.Actor, key string, in Text) (v Version, err error) {
	in.Reason = strings.TrimSpace(in.Reason)
	err = d.DB.Update(ctx, func(tx *db.Tx) error {
		c, err := d.work(ctx, tx, actor, key)
		if err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		if c.Text != in.From {
			return db.ErrConflict
		}
		m, err := c.match(ctx, tx, in)
		if err != nil {
			return err
		}
		v, err = d.write(ctx, tx, actor, &c, m, Version{Reason: in.Reason})
		return err
	})
	return v, err
}

// write makes a version, puts what people wrote in its place in it, and tells of
// it.
func (d *Desk) write(ctx context.Context, tx *db.Tx, actor who.Actor, c *Consultation, m paragraph.Matched, v Version) (Version, error) {
	if c.State == Withdrawn || c.State == Answered {
		return Version{}, fault.New(fault.Conflict, "consultation.ended")
	}
	v.N, v.Paragraphs, v.Changes, v.By, v.At = c.Text+1, m.Paragraphs, ChangesOf(m), actor.ID, db.Time{Time: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO consultation_version (consultation, n, changes, reason, amendment, by_person, at, paragraphs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, c.ID, v.N, db.JSON[Changes]{V: v.Changes}, v.Reason, v.Amendment, v.By, v.At,
		db.JSON[[]paragraph.Paragraph]{V: v.Paragraphs}); err != nil {
		return v, err
	}
	before := c.said()
	if err := tx.MustChange(ctx, `UPDATE consultation SET text = $3, next_paragraph = $4, changed = $5, version = version + 1 WHERE id = $1 AND text = $2`,
		c.ID, c.Text, v.N, m.Next, v.At); err != nil {
		return v, err
	}
	c.Text, c.next, c.Changed, c.Version = v.N, m.Next, v.At, c.Version+1
	if err := reanchor(ctx, tx, c.ID, v.Paragraphs); err != nil {
		return v, err
	}
	return v, c.tell(ctx, tx, actor, "consultation.version_published", v.Reason, before, c.said())
}

// reanchor looks for the passage of each annotation in a new version.
func reanchor(ctx context.Context, tx *db.Tx, consultation string, ps []paragraph.Paragraph) error {
	type held struct {
		id string
		paragraph.Anchor
		in   string
		hold paragraph.Hold
	}
	all, err := db.List(ctx, tx, func(h *held) []any {
		return []any{&h.id, &h.Paragraph, &h.Quote, &h.Prefix, &h.Suffix, &h.Text, &h.in, &h.hold}
	}, `SELECT id, paragraph, quote, prefix, suffix, was, now_in, hold FROM consultation_annotation WHERE consultation = $1`, consultation)
	if err != nil {
		return err
	}
	text := paragraph.NewText(ps)
	for _, h := range all {
		in, hold := text.Locate(h.Anchor)
		if in == h.in && hold == h.hold {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE consultation_annotation SET now_in = $2, hold = $3 WHERE id = $1`, h.id, in, hold); err != nil {
			return err
		}
	}
	return nil
}

// Credits returns the names of those who wrote versions, and of those whose
// amendments became one, by the amendments' ids.
func Credits(ctx context.Context, tx *db.Tx, actor who.Actor, vs []Version) (map[string]string, error) {
	var people, amendments []string
	for _, v := range vs {
		people = append(people, v.By)
		if v.Amendment != "" {
			amendments = append(amendments, v.Amendment)
		}
	}
	in, args := db.In(1, amendments)
	as, err := db.List(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	for _, a := range as {
		people = append(people, a.Author)
	}
	names, err := who.NamesOf(ctx, tx, people)
	for _, a := range as {
		if a = a.veiled(actor); a.Author != "" {
			names[a.ID] = names[a.Author]
		}
	}
	return names, err
}
