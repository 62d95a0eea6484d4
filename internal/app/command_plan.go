package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"ceiba/internal/collaboration/plan/exchange"
	"ceiba/internal/ground/fault"
)

// OGPImportCommand takes in a file with commitments.
type OGPImportCommand struct {
	File       string `arg:"" help:"OGP's table of commitments, a spreadsheet (CSV or XLSX) with the headings of an OGP template, Canada's nap5.yaml or nap6.yaml, or an export.json of a plan."`
	Plan       string `help:"The plan that commitments go to: its code (AP_BLZ02), address or id. A code that is not here yet makes a plan. Of OGP's table, the plan of this country to take." placeholder:"PLAN"`
	Title      string `help:"Title of a plan that is made." placeholder:"TITLE"`
	Org        string `help:"The office that leads a plan that is made." placeholder:"ORGANISATION"`
	Lang       string `default:"en" help:"Language of texts that do not say theirs." placeholder:"CODE"`
	CreateOrgs bool   `help:"Make organisations that the file names and that are not here; otherwise they stay text."`
	DryRun     bool   `help:"Say what would happen, and write nothing into the site."`
	Problems   string `help:"Where the table of problems goes; FILE.problems.csv in this folder if not given." placeholder:"FILE"`
}

// importResult is what the command prints: one JSON object.
type importResult struct {
	exchange.Result
	Problems importProblems `json:"problems"`
}

type importProblems struct {
	Count int    `json:"count"`
	Path  string `json:"path"` // empty if there are none
}

// Run runs the command.
func (o *OGPImportCommand) Run(c *console) error {
	a, err := c.open()
	if err != nil {
		return err
	}
	defer a.Close()
	base := filepath.Base(o.File)
	got, err := a.exchange().File(c.ctx, a.System(), c.Path(o.File), base, exchange.Options{
		Plan: o.Plan, Title: o.Title, Org: o.Org, Lang: o.Lang, CreateOrgs: o.CreateOrgs, DryRun: o.DryRun,
	})
	if err != nil {
		return inWords(a, err)
	}
	out := importResult{Result: got, Problems: importProblems{Count: len(got.Problems)}}
	if len(got.Problems) == 0 {
		return c.Print(out)
	}
	out.Problems.Path = o.Problems
	if out.Problems.Path == "" {
		out.Problems.Path = strings.TrimSuffix(base, filepath.Ext(base)) + ".problems.csv"
	}
	f, err := os.Create(c.Path(out.Problems.Path))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := exchange.WriteProblems(f, a.Words.For("en"), got.Problems); err != nil {
		return err
	}
	return c.Print(out)
}

// inWords says what is wrong with the fields of what was asked for.
func inWords(a *App, err error) error {
	var fields fault.Fields
	if !errors.As(err, &fields) {
		return err
	}
	var out []string
	for _, f := range fields {
		out = append(out, a.Words.For("en").T(f.Key, f.Args...))
	}
	return errors.New(strings.Join(out, " "))
}
