package plan

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Kinds are the records of this capability.
func Kinds() []record.Kind {
	return []record.Kind{
		{
			Name: "plan", Describe: describePlans, Text: searchPlans, Comments: true, Originals: originalPlans, Fields: []record.Field{
				{Name: "title", Label: "plan.field.title", Max: MaxTitle},
				{Name: "summary", Label: "plan.field.summary", Max: MaxSummary},
			},
		},
		{
			Name: "commitment", Chain: "commitment", Describe: describeCommitments, Text: searchCommitments, Comments: true,
			Originals: originalCommitments, Fields: translatable(),
		},
	}
}

func translatable() []record.Field {
	fields := []record.Field{{Name: "title", Label: "plan.field.title", Max: MaxTitle}}
	for _, p := range new(Texts).Parts() {
		fields = append(fields, record.Field{Name: p.Name, Label: "plan.field." + p.Name, Max: maxText, Lines: true, Markdown: true})
	}
	return fields
}

func plansByID(ctx context.Context, tx *db.Tx, ids []string) ([]Plan, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, planFields, `SELECT `+planColumns+` FROM plan WHERE id IN `+in, args...)
}

func describePlans(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	ps, err := plansByID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "plan", ids)
	var out []record.Card
	for _, p := range ps {
		if !p.Public() && !actor.May("plan.write", who.In(p.Org)) {
			continue
		}
		out = append(out, record.Card{
			Ref: p.Ref(), Slug: slugs[p.ID], Title: p.Title, Summary: p.Summary, State: "plan.state." + string(p.State), Tone: p.State.Tone(),
			Org: p.Org, Lang: p.Lang, Changed: p.Changed, Public: p.Public(),
		})
	}
	return out, err
}

func originalPlans(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	ps, err := plansByID(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, p := range ps {
		out[p.ID] = map[string]string{"title": p.Title, "summary": p.Summary}
	}
	return out, err
}

func searchPlans(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	ps, err := plansByID(ctx, tx, ids)
	var out []record.Text
	for _, p := range ps {
		if !p.Public() {
			continue
		}
		t := p.Texts.V
		out = append(out, record.Text{
			ID: p.ID, Lang: p.Lang, Title: p.Title, Facets: map[string][]string{"org": {p.Org}},
			Body: record.Unmarked(strings.Join([]string{p.Summary, t.Introduction, t.Efforts, t.Process, t.Vision}, "\n")),
		})
	}
	return out, err
}

// promised is a commitment with what its plan says of it.
type promised struct {
	Commitment
	planOrg   string
	planState State
}

func commitmentsByID(ctx context.Context, tx *db.Tx, ids []string) ([]promised, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, func(c *promised) []any { return append(commitmentFields(&c.Commitment), &c.planOrg, &c.planState) },
		`SELECT `+prefixed("c", commitmentColumns)+`, p.org, p.state FROM commitment c JOIN plan p ON p.id = c.plan WHERE c.id IN `+in, args...)
}

func describeCommitments(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	cs, err := commitmentsByID(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "commitment", ids)
	var out []record.Card
	for _, c := range cs {
		public := c.planState != Preparing
		if !public && !actor.May("plan.write", who.In(c.planOrg)) {
			continue
		}
		card := record.Card{
			Ref: c.Ref(), Slug: slugs[c.ID], Title: c.Title, Summary: FirstWords(c.Texts.V.Short()), State: "plan.stage." + string(c.State),
			Tone: c.State.Tone(), Org: c.Lead, Lang: c.Lang, Changed: c.Changed, Public: public,
		}
		if card.Org == "" {
			card.Org = c.planOrg
		}
		out = append(out, card)
	}
	return out, err
}

// Short is the shortest text that says what a commitment is about.
func (t Texts) Short() string {
	for _, s := range []string{t.Brief, t.Solution, t.Problem} {
		if s != "" {
			return s
		}
	}
	return ""
}

// FirstWords is the beginning of a text without its marks, for a card.
func FirstWords(text string) string {
	r := []rune(strings.Join(strings.Fields(record.Unmarked(text)), " "))
	if len(r) <= 240 {
		return string(r)
	}
	cut := string(r[:240])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}

func originalCommitments(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	cs, err := commitmentsByID(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, c := range cs {
		texts := map[string]string{"title": c.Title}
		for _, p := range c.Texts.V.Parts() {
			texts[p.Name] = *p.Text
		}
		out[c.ID] = texts
	}
	return out, err
}

func searchCommitments(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	cs, err := commitmentsByID(ctx, tx, ids)
	var out []record.Text
	for _, c := range cs {
		if c.planState == Preparing {
			continue
		}
		var body []string
		for _, p := range c.Texts.V.Parts() {
			body = append(body, record.Unmarked(*p.Text))
		}
		out = append(out, record.Text{
			ID: c.ID, Lang: c.Lang, Title: c.Title, Body: strings.Join(body, "\n"),
			Facets: map[string][]string{"org": {c.Lead}, "district": c.Districts.V},
		})
	}
	return out, err
}
