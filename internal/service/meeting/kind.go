package meeting

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Tones say how a state looks.
var Tones = map[State]string{Announced: "going", Held: "attention", Drafted: "attention", Published: "done", Cancelled: "late"}

// Record is the kind of record that meetings are.
var Record = record.Kind{
	Name: "meeting", Describe: describe, Text: searchText, Comments: true, Originals: originals,
	Fields: []record.Field{
		{Name: "title", Label: "meeting.field.title", Max: 200},
		{Name: "notice", Label: "meeting.field.notice", Max: 20_000, Lines: true, Markdown: true},
	},
}

func some(ctx context.Context, tx *db.Tx, ids []string) ([]Meeting, error) {
	in, args := db.In(1, ids)
	return db.List(ctx, tx, fields, `SELECT `+columns+` FROM meeting WHERE id IN `+in, args...)
}

func describe(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) ([]record.Card, error) {
	ms, err := some(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slugs, err := record.Slugs(ctx, tx, "meeting", ids)
	var out []record.Card
	for _, m := range ms {
		out = append(out, record.Card{
			Ref: m.Ref(), Slug: slugs[m.ID], Title: m.Title, Summary: m.Starts.In(zone).Format("2006-01-02 15:04") + orDash(m.Venue), State: "meeting.state." + string(m.State),
			Tone: Tones[m.State], Org: m.Org, Lang: m.Lang, Changed: m.Changed, Public: true, Place: m.place(),
		})
	}
	return out, err
}

func orDash(venue string) string {
	if venue == "" {
		return ""
	}
	return ", " + venue
}

// place is the meeting's point, or the middle of its district.
func (m *Meeting) place() *record.Place {
	if m.Lat != nil && m.Lon != nil {
		return &record.Place{Lat: *m.Lat, Lon: *m.Lon, District: m.District}
	}
	d, ok := geo.DistrictByCode(m.District)
	if !ok {
		return nil
	}
	return &record.Place{Lat: d.Label.Lat, Lon: d.Label.Lon, District: m.District}
}

func originals(ctx context.Context, tx *db.Tx, ids []string) (map[string]map[string]string, error) {
	ms, err := some(ctx, tx, ids)
	out := map[string]map[string]string{}
	for _, m := range ms {
		out[m.ID] = map[string]string{"title": m.Title, "notice": m.Notice}
	}
	return out, err
}

func searchText(ctx context.Context, tx *db.Tx, ids []string) ([]record.Text, error) {
	ms, err := some(ctx, tx, ids)
	var out []record.Text
	for _, m := range ms {
		body := []string{record.Unmarked(m.Notice), m.Venue}
		for _, it := range m.Agenda.V {
			body = append(body, it.Title, it.Text)
		}
		facets := map[string][]string{"org": {m.Org}}
		if m.District != "" {
			facets["district"] = []string{m.District}
		}
		out = append(out, record.Text{ID: m.ID, Lang: m.Lang, Title: m.Title, Body: strings.Join(body, "\n"), Facets: facets})
	}
	return out, err
}
