package app

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/ground/db"
)

// OCDSImportCommand takes a file of contracting data in.
type OCDSImportCommand struct {
	File    string `arg:"" help:"OCDS releases, records or packages of them, as JSON or JSON lines, gzipped or not. It may be taken again at any time: what is here already changes nothing."`
	Org     string `help:"The organisation that published it; made if it does not exist." placeholder:"ORGANISATION"`
	Licence string `help:"Licence that it was published under." placeholder:"LICENCE"`
	Repeats bool   `help:"Where a property occurs twice in one object, take the last value instead of leaving the release out."`
}

// ocdsTaken is what the command prints: one JSON object.
type ocdsTaken struct {
	procurement.Taken
	Seconds float64 `json:"seconds"`
}

// Run runs the command.
func (o *OCDSImportCommand) Run(c *console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	from := procurement.Source{Name: filepath.Base(o.File), Licence: o.Licence, Repeats: o.Repeats}
	if o.Org != "" {
		if from.Org, err = a.ensureOrg(c, o.Org); err != nil {
			return err
		}
	}
	f, err := os.Open(c.Path(o.File))
	if err != nil {
		return err
	}
	defer f.Close()
	begun, said := time.Now(), time.Now()
	got, err := procurement.Import(c.ctx, a.DB, a.System(), from, f, func(t procurement.Taken) {
		if time.Since(said) > 5*time.Second {
			said = time.Now()
			fmt.Fprintf(c.Err, "%d releases, %d of them new, %d faults\n", t.Read, t.Fresh, t.Faults)
		}
	})
	if err != nil {
		return err
	}
	if err := a.sayFaults(c, got); err != nil {
		return err
	}
	return c.Print(ocdsTaken{got, time.Since(begun).Seconds()})
}

// saidFaults is how many faults the command prints; the file's page has all.
const saidFaults = 20

// sayFaults prints what could not be taken, a line each.
func (a *App) sayFaults(c *console, file procurement.Taken) error {
	return a.DB.View(c.ctx, func(tx *db.Tx) error {
		all, err := procurement.Faults(c.ctx, tx, file.ID, 0, saidFaults)
		for _, f := range all {
			where := fmt.Sprintf("line %d", f.Line)
			if f.Pointer != "" {
				where += ", " + f.Pointer
			}
			fmt.Fprintf(c.Err, "%s: %s\n", where, f.Say(a.Words.For("en")))
		}
		if more := file.Faults - int64(len(all)); err == nil && more > 0 {
			fmt.Fprintf(c.Err, "and %d more\n", more)
		}
		return err
	})
}
