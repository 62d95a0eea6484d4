package answer

import (
	"context"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// tones say how states look.
var tones = map[State]string{
	Received: "", Acknowledged: "going", Considered: "going", Adopted: "done", Partly: "done", Merged: "", Deferred: "attention",
	NotAdopted: "", OutOfScope: "", AlreadyDone: "done",
}

// Tone is how a state looks, as in ui.Tone.
func (s State) Tone() string { return tones[s] }

// Word is the key of a state's name in locale/.
func (s State) Word() string { return "answer.state." + string(s) }

// phaseTones say how phases look.
var phaseTones = map[Phase]string{Draft: "attention", Announced: "", Open: "going", Closed: ""}

// Tone is how a phase looks, and Word the key of its name in locale/.
func (p Phase) Tone() string { return phaseTones[p] }

// Word is the key of the phase's name in locale/.
func (p Phase) Word() string { return "answer.phase." + string(p) }

// RecordKinds are the kinds of record that this package keeps.
func (o *Office) RecordKinds() []record.Kind {
	return []record.Kind{
		{
			Name: CallKind, Describe: o.describeCalls, Text: callText, Comments: true,
			Fields: []record.Field{
				{Name: "title", Label: "answer.field.title", Max: maxTitle},
				{Name: "question", Label: "answer.field.question", Max: maxQuestion, Lines: true, Markdown: true},
			},
			Originals: callOriginals,
		},
		{
			Name: InputKind, Chain: "input", Describe: describeInputs, Text: inputText, Comments: true,
			Fields: []record.Field{
				{Name: "title", Label: "answer.field.input_title", Max: maxTitle},
				{Name: "text", Label: "answer.field.text", Max: maxText, Lines: true},
			},
			Originals: inputOriginals,
		},
	}
}

func (o *Office) describeCalls(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	in, args := db.In(1, ids)
	list, err := db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, CallKind, ids)
	var out []record.Card
	for _, b := range list {
		if b.Published.IsZero() && !o.May(ctx, tx, actor, "answer.box", b) {
			continue
		}
		p := b.Phase(tx.Now)
		out = append(out, record.Card{
			Ref: b.Ref(), Slug: slugs[b.ID], Title: b.Title, Summary: begin(record.Unmarked(b.Question), 200), State: p.Word(), Tone: p.Tone(),
			Org: b.Org, Changed: b.Changed, Public: !b.Published.IsZero(), Lang: b.Lang,
		})
	}
	return out, err
}

func callOriginals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	in, args := db.In(1, ids)
	list, err := db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE id IN `+in, args...)
	out := map[string]map[string]string{}
	for _, b := range list {
		out[b.ID] = map[string]string{"title": b.Title, "question": b.Question}
	}
	return out, err
}

func callText(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	in, args := db.In(1, ids)
	list, err := db.List(ctx, tx, boxFields, `SELECT `+boxColumns+` FROM answer_box WHERE published IS NOT NULL AND id IN `+in, args...)
	var out []record.Text
	for _, b := range list {
		out = append(out, record.Text{ID: b.ID, Lang: b.Lang, Title: b.Title, Body: record.Unmarked(b.Question), Facets: map[string][]string{"org": {b.Org}}})
	}
	return out, err
}

func describeInputs(ctx context.Context, tx *db.Tx, actor who.Actor, ids []string) ([]record.Card, error) {
	list, err := inputsByID(ctx, tx, ids)
	var out []record.Card
	for _, x := range list {
		if !x.seenBy(actor) {
			continue
		}
		c := record.Card{
			Ref: x.Ref(), Title: x.Title, Summary: begin(x.Text, 200), State: x.State.Word(), Tone: x.State.Tone(), Org: x.Org,
			Changed: x.Changed, Public: x.View == Visible, Gone: x.View == Hidden, Lang: x.Lang,
		}
		if d, ok := geo.DistrictByCode(x.District); ok {
			c.Place = &record.Place{Lat: d.Label.Lat, Lon: d.Label.Lon, District: d.Code}
		}
		out = append(out, c)
	}
	return out, err
}

func inputOriginals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	list, err := inputsByID(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, x := range list {
		out[x.ID] = map[string]string{"title": x.Title, "text": x.Text}
	}
	return out, err
}

func inputText(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	list, err := inputsByID(ctx, tx, ids)
	var out []record.Text
	for _, x := range list {
		if x.View != Visible {
			continue
		}
		t := record.Text{ID: x.ID, Lang: x.Lang, Title: x.Title, Body: x.Text, Facets: map[string][]string{"org": {x.Org}}}
		if x.District != "" {
			t.Facets["district"] = []string{x.District}
		}
		out = append(out, t)
	}
	return out, err
}
