package ballot

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/notify"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Tones say how a state looks.
var Tones = map[State]string{
	Declared: "", Open: "going", Closed: "attention", Provisional: "attention", Final: "done", Aborted: "wrong", Annulled: "wrong",
}

// Kind is the kind of record that polls are.
func (o *Office) Kind() record.Kind {
	return record.Kind{
		Name: RecordKind, Describe: o.describe, Text: searchText, Comments: true, Originals: originals, Fields: []record.Field{
			{Name: "title", Label: "ballot.field.title", Max: maxTitle},
			{Name: "text", Label: "ballot.field.text", Max: maxText, Lines: true, Markdown: true},
		},
	}
}

func (o *Office) describe(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	ps, err := list(ctx, tx, `WHERE id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, RecordKind, ids)
	var out []record.Card
	for _, p := range ps {
		if !p.Public() && o.mayRun(ctx, tx, actor, p) != nil {
			continue
		}
		out = append(out, record.Card{
			Ref: p.Ref(), Slug: slugs[p.ID], Title: p.Title, Summary: record.Unmarked(short(p.Text)), State: "ballot.state." + string(p.State),
			Tone: Tones[p.State], Org: p.Org, Lang: p.Lang, Changed: p.Changed, Public: p.Public(),
		})
	}
	return out, err
}

// short is the beginning of a text, for cards.
func short(text string) string {
	if r := []rune(text); len(r) > 240 {
		return string(r[:239]) + "…"
	}
	return text
}

func originals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	in, args := db.In(1, ids)
	ps, err := list(ctx, tx, `WHERE id IN `+in, args...)
	out := map[string]map[string]string{}
	for _, p := range ps {
		out[p.ID] = map[string]string{"title": p.Title, "text": p.Text}
	}
	return out, err
}

func searchText(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	in, args := db.In(1, ids)
	ps, err := list(ctx, tx, `WHERE state <> 'draft' AND id IN `+in, args...)
	var out []record.Text
	for _, p := range ps {
		body := record.Unmarked(p.Text)
		for _, o := range p.Terms.Options {
			body += "\n" + o.Label
		}
		out = append(out, record.Text{ID: p.ID, Lang: p.Lang, Title: p.Title, Body: body, Facets: map[string][]string{"org": {p.Org}}})
	}
	return out, err
}

// Subjects are what people choose a frequency for.
var Subjects = []notify.Subject{{Name: "my_vote", Default: notify.Now, Direct: true}}

// Notifies say whom a poll's events concern: those who may vote hear when it
// opens, before it closes if they have not voted, and of the result. Releases of
// ballots are no news.
func Notifies() []notify.Rule {
	return []notify.Rule{
		{Verb: "poll.opened", Subject: "my_vote", To: electors(`v.state <> 'recused'`)},
		{Verb: "poll.extended", Subject: "my_vote", To: electors(`v.state <> 'recused'`)},
		{Verb: "poll.reminded", Subject: "my_vote", To: electors(`v.state = 'issued'`), Silent: true},
		{Verb: "poll.counted", Subject: "my_vote", To: electors(`v.state <> 'recused'`)},
		{Verb: "poll.aborted", Subject: "my_vote", To: electors(`v.state <> 'recused'`)},
		{Verb: "poll.annulled", Subject: "my_vote", To: electors(`v.state <> 'recused'`)},
		{Verb: "poll.ballots_released", Subject: "my_vote", To: nobody, Silent: true},
		{Verb: "poll.paper_issued", Subject: "my_vote", To: nobody, Silent: true},
		{Verb: "poll.paper_entered", Subject: "my_vote", To: nobody, Silent: true},
	}
}

func nobody(context.Context, *db.Tx, activity.Event) ([]string, error) { return nil, nil }

// electors returns the people of an electorate for whom a condition holds, and
// for an organisation those who may cast for it.
func electors(where string) func(context.Context, *db.Tx, activity.Event) ([]string, error) {
	return func(ctx context.Context, tx *db.Tx, e activity.Event) ([]string, error) {
		return db.List(ctx, tx, db.One[string], `SELECT v.voter FROM poll_voter v WHERE v.poll = $1 AND v.kind = 'person' AND `+where+`
			UNION SELECT g.person FROM poll_voter v JOIN person_grant g ON g.org = v.voter
			WHERE v.poll = $1 AND v.kind = 'org' AND g.role IN ('official', 'editor', 'member') AND (v.named = '' OR v.named = g.person) AND `+where, e.Record)
	}
}
