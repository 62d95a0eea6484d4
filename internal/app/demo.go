package app

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/innovation/catalog"
	"ceiba/internal/service/backup"
	"ceiba/internal/service/blob"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// errNotDemo says that a database with real records would be mixed with the
// demonstration's, or the other way round.
var (
	errNotDemo  = errors.New("this database holds a real site: --demo would mix the demonstration with it. Choose another folder with --data")
	errOnlyDemo = errors.New("this database holds the demonstration, in which anybody is anybody: serve it with --demo, or choose another folder with --data")
)

// demoPlaces is the real gazetteer, see demo/SOURCES.md.
//
//go:embed demo/places.csv
var demoPlaces []byte

// checkDemo refuses to mix the demonstration with a real site.
func (a *App) checkDemo(ctx context.Context) error {
	return a.DB.View(ctx, func(tx *db.Tx) error {
		mark, err := fact(ctx, tx, "demonstration")
		if err != nil {
			return err
		}
		if !a.Serve.Demo {
			if mark != "" {
				return errOnlyDemo
			}
			return nil
		}
		used, err := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM activity)`)
		if err == nil && used && mark == "" {
			return errNotDemo
		}
		return err
	})
}

// clearHalfDemo empties a database in which a demonstration was being loaded when
// the process ended: its steps are many, and none of them knows what the others
// did. Nobody was served yet, so all that is there is the demonstration's.
func (a *App) clearHalfDemo(ctx context.Context) error {
	mark := ""
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) { mark, err = fact(ctx, tx, "demonstration"); return err }); err != nil || mark != "loading" {
		return err
	}
	a.log.Warn("the demonstration was not loaded to its end; it is loaded again")
	if err := a.DB.Update(ctx, func(tx *db.Tx) error {
		if err := backup.Empty(ctx, tx); err != nil {
			return err
		}
		return setFact(ctx, tx, "demonstration", "loading") // until it is there
	}); err != nil {
		return err
	}
	for _, m := range a.Modules {
		if m.Rebuild != nil {
			if err := m.Rebuild(ctx); err != nil {
				return fmt.Errorf("empty what %s derives: %w", m.Name, err)
			}
		}
	}
	return ledger.Forget(a.Store.KeyPath())
}

// loadDemo fills an empty database with a small demonstration, marked as one.
func (a *App) loadDemo(ctx context.Context) error {
	done := ""
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) { done, err = fact(ctx, tx, "demonstration"); return err }); err != nil || done == "loaded" {
		return err
	}
	if err := a.DB.Update(ctx, func(tx *db.Tx) error { return setFact(ctx, tx, "demonstration", "loading") }); err != nil {
		return err
	}
	system := who.System(a.Policy, "demo")
	ministry, _, err := org.EnsureByName(ctx, a.DB, system, "Demonstration Ministry of Works", org.National)
	if err != nil {
		return err
	}
	var societies []string // each with somebody who speaks for it
	for _, name := range []string{"Demonstration Network of Villages", "Demonstration Union of Farmers"} {
		o, _, err := org.EnsureByName(ctx, a.DB, system, name, org.CivilSociety)
		if err != nil {
			return err
		}
		societies = append(societies, o.ID)
	}
	if err := a.Who.FillDemo(ctx, system, ministry.ID, societies...); err != nil {
		return err
	}
	if _, err := a.importPlaces(ctx, system, bytes.NewReader(demoPlaces), "places.csv"); err != nil {
		return err
	}
	if err := a.demoDatasets(ctx, system, ministry.ID); err != nil {
		return err
	}
	for _, m := range a.Modules {
		if m.Demo != nil {
			if err := m.Demo(ctx, system); err != nil {
				return fmt.Errorf("demonstration of %s: %w", m.Name, err)
			}
		}
	}
	if err := a.demoCall(ctx, system); err != nil {
		return fmt.Errorf("demonstration of calls: %w", err)
	}
	if err := a.Settle(ctx); err != nil {
		return err
	}
	return a.DB.Update(ctx, func(tx *db.Tx) error { return setFact(ctx, tx, "demonstration", "loaded") })
}

// demoSpanish are the texts of the demonstration's datasets in Spanish. The
// second has no description: its English one shows how that looks.
var demoSpanish = map[string]map[string]string{
	"requests": {
		"title":   "Demostración: solicitudes para reparar caminos y desagües",
		"summary": "Solicitudes inventadas en los seis distritos, para mostrar lo que puede hacer una tabla publicada: filtrarla, graficarla, verla en el mapa. Dos valores están mal a propósito.",
		"notes":   "Estos son **datos de demostración**: ninguna fila es real.",
	},
	"water": {
		"title":   "Demostración: mediciones de agua",
		"summary": "Mediciones mensuales inventadas de seis pozos, uno en cada distrito, para mostrar una tabla sin coordenadas en el mapa de distritos.",
	},
}

func (a *App) demoDatasets(ctx context.Context, system who.Actor, ministry string) error {
	for _, x := range []struct {
		title, summary, file string
		theme                string
		data                 []byte
		es                   map[string]string // the texts in Spanish
	}{
		{"Demonstration: requests to repair roads and drains", "Made-up requests in the six districts, to show what a published table can do: filter it, chart it, see it on the map. Two values in it are wrong on purpose.", "requests.csv", "transport", demoRequests(), demoSpanish["requests"]},
		{"Demonstration: water readings", "Made-up monthly readings from six wells, one in each district, to show a table without coordinates on the map of districts.", "water.csv", "environment", demoWater(), demoSpanish["water"]},
	} {
		file, err := a.Blob.Put(ctx, bytes.NewReader(x.data), blob.PutOptions{Name: x.file})
		if err != nil {
			return err
		}
		in := catalog.Import{File: file, Name: x.file, Dataset: catalog.Dataset{
			Org: ministry, Title: x.title, Summary: x.summary, Licence: "CC0-1.0",
			ContactEmail: "data@example.org", Frequency: "never", Notes: "This is **demonstration data**: no row of it is real.",
		}}
		in.Dataset.Themes.V, in.Dataset.Keywords.V = []string{x.theme}, []string{"demonstration"}
		for _, d := range geo.Districts() {
			in.Dataset.Districts.V = append(in.Dataset.Districts.V, d.Code)
		}
		made, err := a.catalog().ImportTable(ctx, system, in, a.Jobs.Drain)
		if err != nil {
			return fmt.Errorf("demonstration %s: %w", x.file, err)
		}
		es := record.Draft{Of: made.Dataset.Ref(), Lang: "es", Origin: record.Human, Texts: x.es}
		if err := a.Registry.Translate(ctx, a.DB, system, es); err != nil {
			return fmt.Errorf("demonstration %s in Spanish: %w", x.file, err)
		}
	}
	return nil
}

// demoRequests makes 1,200 requests around the middles of the districts. The
// same numbers come out every time.
func demoRequests() []byte {
	rnd := rand.New(rand.NewPCG(2026, 11))
	kinds := []string{"pothole", "blocked drain", "street light", "broken bridge rail", "flooding"}
	states := []string{"open", "planned", "in work", "done", "done"}
	rows := [][]string{{"request_id", "reported_on", "district", "kind", "state", "days_open", "cost_bzd", "lat", "lon", "description"}}
	districts := geo.Districts()
	for i := range 1200 {
		d := districts[rnd.IntN(len(districts))]
		p := geo.Point{Lat: d.Label.Lat + rnd.NormFloat64()*0.06, Lon: d.Label.Lon + rnd.NormFloat64()*0.06}
		kind := kinds[rnd.IntN(len(kinds))]
		cost := strconv.FormatFloat(math.Round(math.Exp(6+rnd.NormFloat64())*100)/100, 'f', 2, 64)
		switch i {
		case 400:
			cost = "to be confirmed"
		case 800:
			cost = "N/A"
		}
		rows = append(rows, []string{
			strconv.Itoa(i + 1), time.Date(2025, 1, 1+rnd.IntN(600), 0, 0, 0, 0, time.UTC).Format(time.DateOnly), d.Name, kind, states[rnd.IntN(len(states))],
			strconv.Itoa(rnd.IntN(200)), cost, strconv.FormatFloat(p.Lat, 'f', 5, 64), strconv.FormatFloat(p.Lon, 'f', 5, 64),
			fmt.Sprintf("Demonstration: %s near the road, request %d", kind, i+1),
		})
	}
	return csvOf(rows)
}

// demoWater makes three years of monthly readings for six wells.
func demoWater() []byte {
	rnd := rand.New(rand.NewPCG(2026, 12))
	rows := [][]string{{"month", "district", "well", "chlorine_mg_l", "turbidity_ntu", "fit_to_drink"}}
	for m := range 36 {
		for i, d := range geo.Districts() {
			turbidity := 1 + rnd.Float64()*3 + 2*math.Sin(float64(m)/6+float64(i))
			rows = append(rows, []string{
				time.Date(2023, time.Month(1+m), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), d.Name, fmt.Sprintf("Demonstration well %d", i+1),
				strconv.FormatFloat(0.3+rnd.Float64()*0.4, 'f', 2, 64), strconv.FormatFloat(max(0.1, turbidity), 'f', 2, 64), map[bool]string{true: "yes", false: "no"}[turbidity < 4.5],
			})
		}
	}
	return csvOf(rows)
}

func csvOf(rows [][]string) []byte {
	var b bytes.Buffer
	csv.NewWriter(&b).WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}
