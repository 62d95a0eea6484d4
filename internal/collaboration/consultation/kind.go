package consultation

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/consultation/paragraph"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Tones say how a state looks.
var Tones = map[State]string{Draft: "", Published: "going", Closed: "attention", Answered: "done", Withdrawn: "late"}

// Records are the kinds of records of this module. A consultation has no discussion of its
// own: what people say of it belongs to its paragraphs.
func (d *Desk) Records() []record.Kind {
	return []record.Kind{
		{Name: Kind, Describe: d.describe, Text: searchText},
		{Name: AnnotationKind, Describe: d.describeAnnotations, Comments: true},
	}
}

func (d *Desk) describe(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	cs, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, Kind, ids)
	var out []record.Card
	for _, c := range cs {
		if c.Published.IsZero() && d.May(ctx, tx, actor, c) != nil {
			continue
		}
		out = append(out, record.Card{
			Ref: c.Ref(), Slug: slugs[c.ID], Title: c.Title, Summary: Summary(c.Introduction), State: "consultation.state." + string(c.State),
			Tone: Tones[c.State], Org: c.Org, Lang: c.Lang, Changed: c.Changed, Public: c.Public(), Gone: c.State == Withdrawn,
		})
	}
	return out, err
}

// Summary is the first paragraph of an introduction, without marks.
func Summary(introduction string) string {
	for _, p := range paragraph.Split(introduction) {
		if text := []rune(paragraph.Normalised(record.Unmarked(p.Text))); p.Level == 0 {
			if len(text) > 300 {
				return string(text[:299]) + "…"
			}
			return string(text)
		}
	}
	return ""
}

func (d *Desk) describeAnnotations(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	as, err := db.List(ctx, tx, annotationFields, `SELECT `+annotationColumns+fromAnnotations+`WHERE a.id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, a := range as {
		texts = append(texts, a.Consultation)
	}
	in, args = db.In(1, texts)
	cs, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM consultation WHERE id IN `+in, args...)
	of := map[string]Consultation{}
	for _, c := range cs {
		of[c.ID] = c
	}
	var out []record.Card
	for _, a := range as {
		c := of[a.Consultation]
		if !a.seenBy(actor) || c.Published.IsZero() && d.May(ctx, tx, actor, c) != nil {
			continue
		}
		a = a.veiled(actor)
		out = append(out, record.Card{
			Ref: a.Ref(), Title: a.title(c.Title), Summary: Summary(a.Body), State: "consultation.stage." + string(a.State), Org: c.Org, Lang: a.Lang,
			Changed: a.Created, Public: c.Public() && a.State != Unsent && a.Said == record.Visible, Gone: c.State == Withdrawn,
		})
	}
	return out, err
}

// searchText is what the site's search knows: the present version of the texts
// that anybody may read.
func searchText(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	type row struct {
		Consultation
		text db.JSON[[]paragraph.Paragraph]
	}
	in, args := db.In(1, ids)
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.ID, &r.Lang, &r.Title, &r.Introduction, &r.Org, &r.text} },
		`SELECT c.id, c.lang, c.title, c.introduction, c.org, v.paragraphs FROM consultation c JOIN consultation_version v ON v.consultation = c.id AND v.n = c.text
		WHERE c.state IN ('published', 'closed', 'answered') AND c.id IN `+in, args...)
	var out []record.Text
	for _, r := range rows {
		body := []string{record.Unmarked(r.Introduction)}
		for _, p := range r.text.V {
			body = append(body, record.Unmarked(p.Text))
		}
		out = append(out, record.Text{ID: r.ID, Lang: r.Lang, Title: r.Title, Body: strings.Join(body, "\n"), Facets: map[string][]string{"org": {r.Org}}})
	}
	return out, err
}
