package procurement

import (
	"context"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Kind is a contracting process as others show it: the contract of the evidence
// chain.
var Kind = record.Kind{Name: "contracting", Chain: "contract", Describe: describe, Text: words, Comments: true}

func pointAt(lat, lon float64) *geo.Point { return &geo.Point{Lat: lat, Lon: lon} }

func byID(ctx context.Context, tx *db.Tx, ids []string) ([]Process, error) {
	in, args := db.In(1, ids)
	return query(ctx, tx, `WHERE id IN `+in, args...)
}

func describe(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
	all, err := byID(ctx, tx, ids)
	for _, p := range all {
		c := record.Card{
			Ref: p.Ref(), Title: p.Name(), Summary: strings.Trim(p.Buyer+" – "+p.Suppliers, " –"), State: "procurement.stage." + string(p.Stage), Tone: p.Stage.Tone(),
			Org: p.Org, Changed: p.Changed, Public: true,
		}
		if p.Place != nil {
			c.Place = &record.Place{Lat: p.Place.Lat, Lon: p.Place.Lon}
		}
		out = append(out, c)
	}
	return out, err
}

// Name is the title, or what stands in its place: the ocid.
func (p *Process) Name() string { return field.First(p.Title, p.OCID) }

// Tone says how the stage looks.
func (s Stage) Tone() string {
	return map[Stage]string{Tendering: "going", Awarded: "going", Contracted: "going", Implementation: "going", Ended: "done", Cancelled: "attention"}[s]
}

// words are what search finds of a process.
func words(ctx context.Context, tx *db.Tx, ids []string) (out []record.Text, err error) {
	all, err := byID(ctx, tx, ids)
	for _, p := range all {
		facets := map[string][]string{}
		if p.Org != "" {
			facets["org"] = []string{p.Org}
		}
		if p.District != "" {
			facets["district"] = []string{p.District}
		}
		out = append(out, record.Text{
			ID: p.ID, Title: p.Name(), Body: strings.Join([]string{p.Description, p.Buyer, p.Suppliers, p.OCID}, "\n"), Facets: facets,
		})
	}
	return out, err
}

// FileKind is a file that was taken in.
var FileKind = record.Kind{Name: "contractingfile", Describe: describeFiles}

func describeFiles(ctx context.Context, tx *db.Tx, _ who.Actor, ids []string) (out []record.Card, err error) {
	in, args := db.In(1, ids)
	all, err := db.List(ctx, tx, importFields, `SELECT `+importColumns+` FROM procurement_import WHERE id IN `+in, args...)
	for _, t := range all {
		out = append(out, record.Card{Ref: t.Ref(), Title: t.Name, Org: t.Org, Changed: t.Created, Public: true})
	}
	return out, err
}
