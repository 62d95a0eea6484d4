package app

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/who"
)

// PlacesCommand fills the gazetteer.
type PlacesCommand struct {
	File string `arg:"" help:"The file, such as BZ.txt of GeoNames."`
}

// placesResult is what the command prints: one JSON object.
type placesResult struct {
	Added     int             `json:"added"`
	Changed   int             `json:"changed"`
	Same      int             `json:"same"`
	Elsewhere int             `json:"elsewhere"` // lines about other countries
	Skipped   int             `json:"skipped"`
	Reasons   []skippedResult `json:"reasons"`
}

type skippedResult struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
}

// Run runs the command.
func (p *PlacesCommand) Run(c *console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	f, err := os.Open(c.Path(p.File))
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := a.importPlaces(c.ctx, a.System(), f, filepath.Base(p.File))
	if err != nil {
		return err
	}
	out := placesResult{got.Added, got.Changed, got.Same, got.Elsewhere, got.Skipped, []skippedResult{}}
	words := a.Words.For("en")
	for _, s := range got.Reasons {
		out.Reasons = append(out.Reasons, skippedResult{s.Line, words.Fault(web.Explain(s.Err))})
	}
	return c.Print(out)
}

// importPlaces reads a gazetteer in either format, told apart by the first line,
// and writes into the log what it did.
func (a *App) importPlaces(ctx context.Context, actor who.Actor, r io.Reader, name string) (got geo.Import, err error) {
	if err := actor.Must("site.settings", who.Site); err != nil {
		return got, err
	}
	in := bufio.NewReaderSize(r, 64<<10)
	read := geo.ImportCSV
	if first, _ := in.Peek(4096); isGeoNames(first) {
		read = geo.ImportGeoNames
	}
	if got, err = read(ctx, a.DB, in); err != nil || got.Added+got.Changed == 0 {
		return got, err
	}
	return got, a.logImport(ctx, actor, "site.places_imported", name, map[string]int{"added": got.Added, "changed": got.Changed, "same": got.Same, "skipped": got.Skipped})
}

// geoNamesTabs is how many tabs a line of the GeoNames text format has.
const geoNamesTabs = 18

func isGeoNames(text []byte) bool {
	tabs := 0
	for _, b := range text {
		switch b {
		case '\t':
			tabs++
		case '\n':
			return tabs == geoNamesTabs
		}
	}
	return tabs >= geoNamesTabs
}

// RoadsCommand takes in highways.
type RoadsCommand struct {
	File    string `arg:"" help:"The file."`
	Source  string `required:"" help:"Who says where they run, such as OpenStreetMap." placeholder:"TEXT"`
	Licence string `required:"" help:"Licence of the file, by its SPDX identifier." placeholder:"SPDX"`
}

// Run runs the command.
func (x *RoadsCommand) Run(c *console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	actor := a.System()
	if err := actor.Must("site.settings", who.Site); err != nil {
		return err
	}
	f, err := os.Open(c.Path(x.File))
	if err != nil {
		return err
	}
	defer f.Close()
	n := 0
	if err := a.DB.Update(c.ctx, func(tx *db.Tx) (err error) {
		if _, err := f.Seek(0, io.SeekStart); err != nil { // Update may run this more than once
			return err
		}
		n, err = geo.ImportRoads(c.ctx, tx, f, x.Source, x.Licence)
		return err
	}); err != nil {
		return err
	}
	if err := a.logImport(c.ctx, actor, "site.roads_imported", filepath.Base(x.File), map[string]int{"highways": n}); err != nil {
		return err
	}
	return c.Print(map[string]int{"highways": n})
}

// logImport says in the log what an import did to places that belong to nobody.
func (a *App) logImport(ctx context.Context, actor who.Actor, verb, name string, counts map[string]int) error {
	return a.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := activity.Append(ctx, tx, activity.Entry{Actor: actor.ID, Verb: verb, Kind: "site", Record: "places", Public: true, Title: name, After: counts})
		return err
	})
}
