package exchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"

	sheet "ceiba/internal/service/table/csv"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
)

// Problem is something in a file that whoever imports it should look at. What
// the file says is kept as it stands.
type Problem struct {
	Row    int    `json:"row"`  // among the commitments of the file, or of the sheet; 0 for the whole file
	Line   int    `json:"line"` // in the file, where it is known
	ID     string `json:"id"`   // the file's own
	Column string `json:"column"`
	Value  string `json:"value"`
	Key    string `json:"key"`    // of the sentence that says what is wrong
	Likely string `json:"likely"` // what is likely meant; empty where a person must decide
	Other  string `json:"other"`  // what it disagrees with
}

// fromIssue is a problem of OGP's table.
func fromIssue(i ogpfile.Issue) Problem {
	return Problem{i.Row, i.Line, i.ID, string(i.Column), i.Value, i.Key(), i.Repair, i.Other}
}

// fromCell is a problem of a spreadsheet.
func fromCell(p template.CellProblem) Problem {
	return Problem{Row: p.Row, Column: p.Heading, Value: p.Value, Key: p.Key()}
}

// faults turns what a verb refuses into problems, one for each field.
func faults(err error, row int, id string) []Problem {
	var fields fault.Fields
	var one *fault.Error
	switch {
	case errors.As(err, &fields):
		var out []Problem
		for _, f := range fields {
			out = append(out, Problem{Row: row, ID: id, Column: f.Name, Key: f.Key})
		}
		return out
	case errors.As(err, &one):
		return []Problem{{Row: row, ID: id, Key: one.Key}}
	}
	return nil
}

// WriteProblems writes problems as a table: row, line, id, column, value, what
// is wrong in a language, what is likely meant, and what it disagrees with.
func WriteProblems(w io.Writer, say *i18n.Printer, all []Problem) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"row", "line", "id", "column", "value", "problem", "likely", "against"}); err != nil {
		return err
	}
	for _, p := range all {
		if err := out.Write([]string{count(p.Row), count(p.Line), sheet.Guard(p.ID), sheet.Guard(p.Column), sheet.Guard(p.Value), say.T(p.Key), sheet.Guard(p.Likely), sheet.Guard(p.Other)}); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write problems: %w", err)
	}
	return nil
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
